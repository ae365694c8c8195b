"""The whole map of addresses. Every route is named package:verb_noun after its view, and declares its permission there."""

from typing import Any

from starlette.routing import BaseRoute, Route

from market.accounts.views import account, entry, members, organisation, password
from market.catalog.views import editor, importing, listing, parts
from market.deals.views import deal as deal_views
from market.deals.views import offers as deal_offers
from market.deals.views import signing as deal_signing
from market.desk import views as desk
from market.discovery.views import compare, feeds, saved, shortlist
from market.discovery.views import search as discovery_search
from market.home import views as home
from market.kit import health
from market.payments import views as payments

PAGE_BODY = 1024 * 1024
UPLOAD_BODY = 30 * 1024 * 1024


def name_of(view: Any) -> str:
    """`package:view` of a view in `market.<package>.views`."""
    return f"{view.__module__.split('.')[1]}:{view.__name__}"


def get(path: str, view: Any) -> Route:
    """A page."""
    return Route(path, view, methods=["GET"], name=name_of(view))


def post(path: str, view: Any, max_body: int = PAGE_BODY) -> Route:
    """An action; bodies over `max_body` bytes are refused with 413 before they are read."""
    return Route(path, view, methods=["POST"], name=name_of(view), max_body_size=max_body)


HOME: list[BaseRoute] = [get("/", home.show_home)]

ACCOUNTS: list[BaseRoute] = [
    get("/register", entry.register),
    post("/register", entry.open_account),
    get("/mail-sent", entry.show_mail_sent),
    get("/confirm/{token}", entry.confirm_email),
    post("/confirm/{token}", entry.prove_email),
    get("/sign-in", entry.sign_in),
    post("/sign-in", entry.begin_session),
    post("/play", entry.play_person),
    post("/sign-out", entry.sign_out),
    get("/password/forgotten", password.forgot_password),
    post("/password/forgotten", password.ask_reset),
    get("/password/new/{token}", password.reset_password),
    post("/password/new/{token}", password.set_password),
    get("/account/password", password.edit_password),
    post("/account/password", password.change_password),
    get("/account", account.show_account),
    post("/account", account.change_details),
    post("/account/sessions/end", account.end_other_sessions),
    post("/account/sessions/{session}/end", account.end_session),
    get("/organisations", organisation.choose_organisation),
    post("/organisations", organisation.act_for),
    get("/organisations/new", organisation.create_organisation),
    post("/organisations/new", organisation.found_organisation),
    post("/organisations/{organisation}/leave", organisation.leave_organisation),
    get("/organisation", organisation.show_organisation),
    post("/organisation", organisation.change_organisation),
    get("/organisation/members", members.list_members),
    post("/organisation/members", members.invite_member),
    post("/organisation/invitations/{invitation}/withdraw", members.withdraw_invitation),
    get("/organisation/members/{person}", members.show_member),
    post("/organisation/members/{person}", members.change_roles),
    post("/organisation/members/{person}/remove", members.remove_member),
    get("/invitations/{token}", members.show_invitation),
    post("/invitations/{token}", members.accept_invitation),
    post("/invitations/{token}/join", members.join_organisation),
]

DESK: list[BaseRoute] = [
    get("/desk", desk.show_desk),
    post("/desk/jobs/{job}/retry", desk.retry_job),
    get("/desk/organisations", desk.list_organisations),
    get("/desk/organisations/{organisation}", desk.show_organisation),
    post("/desk/organisations/{organisation}/verify", desk.verify_organisation),
    post("/desk/organisations/{organisation}/unverify", desk.unverify_organisation),
    post("/desk/organisations/{organisation}/people/{person}/disable", desk.disable_person),
    post("/desk/organisations/{organisation}/people/{person}/enable", desk.enable_person),
    get("/desk/outbox", desk.show_outbox),
    get("/desk/outbox/{mail}", desk.show_mail),
    get("/desk/outbox/{mail}/html", desk.show_mail_html),
    get("/desk/events", desk.list_events),
]

HEALTH: list[BaseRoute] = [get("/healthz", health.alive), get("/readyz", health.ready)]

CATALOG: list[BaseRoute] = [
    get("/technologies/{technology}", listing.show_listing),
    get("/technologies/{technology}/files/{file}", listing.show_file),
    get("/institutions/{slug}", listing.show_institution),
    get("/listings", editor.list_own_listings),
    get("/listings/new", editor.begin_listing),
    post("/listings/new", editor.create_listing),
    get("/listings/{technology}/edit", editor.edit_listing),
    post("/listings/{technology}/edit", editor.save_listing),
    post("/listings/{technology}/publish", editor.publish_listing),
    post("/listings/{technology}/withdraw", editor.withdraw_listing),
    post("/listings/{technology}/confirm", editor.confirm_listing),
    get("/listings/{technology}/rights", parts.edit_rights),
    post("/listings/{technology}/rights", parts.add_right),
    post("/listings/{technology}/rights/remove", parts.remove_right),
    get("/listings/{technology}/files", parts.edit_files),
    post("/listings/{technology}/files", parts.add_file, UPLOAD_BODY),
    post("/listings/{technology}/files/remove", parts.remove_file),
    get("/listings/{technology}/terms", parts.edit_terms),
    post("/listings/{technology}/terms", parts.set_terms),
    post("/listings/{technology}/terms/drop", parts.drop_terms),
    get("/imports/new", importing.start_import),
    post("/imports/new", importing.upload_import, UPLOAD_BODY),
    get("/imports/{run}", importing.show_import),
    post("/imports/{run}", importing.carry_out_import),
    get("/imports/{run}/columns", importing.choose_columns),
    post("/imports/{run}/columns", importing.save_columns),
]

DISCOVERY: list[BaseRoute] = [
    get("/search", discovery_search.search),
    get("/search/suggest", discovery_search.suggest),
    get("/saved-searches", saved.list_saved),
    get("/saved-searches/new", saved.name_search),
    post("/saved-searches/new", saved.save_search),
    get("/saved-searches/{search}", saved.edit_saved),
    post("/saved-searches/{search}", saved.change_saved),
    post("/saved-searches/{search}/delete", saved.delete_saved),
    get("/alerts/stop/{token}", saved.ask_stop),
    post("/alerts/stop/{token}", saved.stop_alerts),
    get("/shortlist", shortlist.show_shortlist),
    post("/shortlist", shortlist.keep_technology),
    post("/shortlist/remove", shortlist.remove_technology),
    post("/shortlist/{technology}/note", shortlist.write_note),
    get("/compare", compare.compare),
    get("/feed.xml", feeds.feed),
    get("/sitemap.xml", feeds.list_sitemaps),
    get("/sitemap-{number}.xml", feeds.sitemap),
    get("/robots.txt", feeds.robots),
]

PAYMENTS: list[BaseRoute] = [
    get("/invoices", payments.list_invoices),
    get("/invoices/{invoice}", payments.show_invoice),
    post("/invoices/{invoice}/pay", payments.pay),
    get("/invoices/{invoice}/return", payments.return_from_checkout),
    get("/ledger", payments.show_ledger),
    post("/webhooks/stripe", payments.receive_webhook),
]


DEALS: list[BaseRoute] = [
    get("/technologies/{technology}/enquire", deal_views.ask),
    post("/technologies/{technology}/enquire", deal_views.send_enquiry),
    get("/deals", deal_views.list_deals),
    get("/deals/{deal}", deal_views.show_deal),
    post("/deals/{deal}/answer", deal_views.acknowledge),
    post("/deals/{deal}/messages", deal_views.send_message),
    get("/deals/{deal}/close", deal_views.ask_reason),
    post("/deals/{deal}/close", deal_views.close_deal),
    get("/deals/{deal}/offer", deal_offers.write_offer),
    post("/deals/{deal}/offer", deal_offers.send_offer),
    post("/deals/{deal}/offer/withdraw", deal_offers.withdraw_offer),
    get("/deals/{deal}/versions", deal_offers.compare_offers),
    get("/deals/{deal}/versions/{version}", deal_offers.show_offer),
    get("/deals/{deal}/accept", deal_offers.confirm_accept),
    post("/deals/{deal}/accept", deal_offers.accept_offer),
    get("/deals/{deal}/approve", deal_offers.confirm_approval),
    post("/deals/{deal}/approve", deal_offers.approve_terms),
    get("/deals/{deal}/reopen", deal_offers.ask_reopen),
    post("/deals/{deal}/reopen", deal_offers.reopen_terms),
    get("/deals/{deal}/agreement", deal_signing.show_agreement),
    post("/deals/{deal}/agreement", deal_signing.send_for_signature),
    get("/deals/{deal}/agreement/{document}/pdf", deal_signing.download_agreement),
    post("/deals/{deal}/sign", deal_signing.sign_agreement),
    get("/deals/{deal}/refuse", deal_signing.ask_refusal),
    post("/deals/{deal}/refuse", deal_signing.refuse_signature),
]


def all_routes() -> list[BaseRoute]:
    """Every route of the application, in the order in which they are tried."""
    return [*HEALTH, *HOME, *ACCOUNTS, *DESK, *CATALOG, *DISCOVERY, *PAYMENTS, *DEALS]


def described(routes: list[BaseRoute], prefix: str = "") -> list[dict[str, Any]]:
    """Name, path, methods and permission of every route; for `market routes` and for the tests of access."""
    rows: list[dict[str, Any]] = []
    for route in routes:
        if isinstance(route, Route):
            rows.append(
                {
                    "name": route.name,
                    "path": prefix + route.path,
                    "methods": sorted((route.methods or set()) - {"HEAD"}),
                    "permission": str(getattr(route.endpoint, "permission", "")),
                }
            )
    return rows
