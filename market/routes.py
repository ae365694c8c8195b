"""The whole map of addresses. Every route is named package:verb_noun after its view, and declares its permission there."""

from typing import Any

from starlette.routing import BaseRoute, Route

from market.accounts.views import account, entry, members, organisation, password
from market.catalog.views import (
    bulk,
    confirming,
    editor,
    exporting,
    importing,
    listing,
    parts,
    publishing,
    source,
    versions,
)
from market.deals.views import costs as deal_costs
from market.deals.views import deal as deal_views
from market.deals.views import nda as deal_nda
from market.deals.views import offers as deal_offers
from market.deals.views import room as deal_room
from market.deals.views import signing as deal_signing
from market.deals.views import verify as deal_verify
from market.desk import views as desk
from market.discovery.views import compare, feeds, saved, shortlist
from market.discovery.views import describe as discovery_describe
from market.discovery.views import search as discovery_search
from market.home import views as home
from market.insights import views as insights
from market.kit import health
from market.needs.views import institution as needs_institution
from market.needs.views import moderation as needs_moderation
from market.needs.views import own as needs_own
from market.needs.views import public as needs_public
from market.payments.views import money as payments
from market.payments.views import reports as royalties
from market.support.views import costs as support_costs
from market.support.views import learn

PAGE_BODY = 1024 * 1024
UPLOAD_BODY = 30 * 1024 * 1024
BRIEF_BODY = 6 * 1024 * 1024


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
    get("/insights", insights.show_insights),
    get("/insights.csv", insights.download_insights),
    get("/listings/new", editor.begin_listing),
    post("/listings/new", editor.create_listing),
    get("/listings/{technology}/edit", editor.edit_listing),
    post("/listings/{technology}/edit", editor.save_listing),
    post("/listings/several", bulk.act_on_several),
    get("/listings/conditions", publishing.edit_policy),
    post("/listings/conditions", publishing.save_policy),
    post("/listings/{technology}/draft", versions.keep_draft),
    post("/listings/{technology}/draft/drop", versions.drop_draft),
    get("/listings/{technology}/preview", versions.preview_listing),
    get("/listings/{technology}/versions", versions.list_versions),
    get("/listings/{technology}/versions/{number}", versions.show_version),
    post("/listings/{technology}/versions/{number}", versions.restore_version),
    get("/listings/{technology}/clarity", publishing.show_clarity),
    post("/listings/{technology}/publish", publishing.publish_listing),
    post("/listings/{technology}/submit", publishing.submit_listing),
    post("/listings/{technology}/review", publishing.review_listing),
    post("/listings/{technology}/plan", publishing.plan_listing),
    post("/listings/{technology}/plan/cancel", publishing.cancel_plan),
    get("/confirm-listings/{token}", confirming.ask_confirmation),
    post("/confirm-listings/{token}", confirming.confirm_listings),
    post("/listings/{technology}/withdraw", editor.withdraw_listing),
    post("/listings/{technology}/confirm", editor.confirm_listing),
    get("/listings/{technology}/rights", parts.edit_rights),
    post("/listings/{technology}/rights", parts.add_right),
    post("/listings/{technology}/rights/remove", parts.remove_right),
    get("/listings/{technology}/rights/{right}", parts.show_right),
    post("/listings/{technology}/rights/{right}", parts.state_country),
    post("/listings/{technology}/rights/{right}/forget", parts.forget_country),
    post("/listings/{technology}/rights/{right}/ask", parts.ask_office),
    get("/listings/{technology}/files", parts.edit_files),
    post("/listings/{technology}/files", parts.add_file, UPLOAD_BODY),
    post("/listings/{technology}/files/remove", parts.remove_file),
    get("/listings/{technology}/terms", parts.edit_terms),
    post("/listings/{technology}/terms", parts.set_terms),
    post("/listings/{technology}/terms/drop", parts.drop_terms),
    get("/exports", exporting.show_exports),
    get("/exports/{kind}", exporting.download_export),
    get("/imports/new", importing.start_import),
    post("/imports/new", importing.upload_import, UPLOAD_BODY),
    get("/imports/source", source.show_source),
    post("/imports/source", source.set_source),
    post("/imports/source/drop", source.drop_source),
    get("/imports/{run}", importing.show_import),
    post("/imports/{run}", importing.carry_out_import),
    get("/imports/{run}/report", importing.download_report),
    get("/imports/{run}/undo", importing.confirm_undo),
    post("/imports/{run}/undo", importing.undo_import),
    get("/imports/{run}/columns", importing.choose_columns),
    post("/imports/{run}/columns", importing.save_columns),
]

DISCOVERY: list[BaseRoute] = [
    get("/search", discovery_search.search),
    get("/search/suggest", discovery_search.suggest),
    get("/describe", discovery_describe.describe),
    post("/describe", discovery_describe.find_closest, BRIEF_BODY),
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
    get("/money", royalties.show_money),
    get("/royalties", royalties.list_reports),
    get("/royalties/{report}", royalties.show_report),
    get("/royalties/{report}/write", royalties.write_report),
    post("/royalties/{report}/write", royalties.send_report),
    post("/royalties/{report}/nothing", royalties.send_nothing),
    post("/royalties/{report}/approve", royalties.approve_report),
    post("/royalties/{report}/question", royalties.query_report),
    post("/royalties/calendar", royalties.make_feed),
    get("/calendar/{token}", royalties.read_feed),
    post("/webhooks/stripe", payments.receive_webhook),
]


DEALS: list[BaseRoute] = [
    get("/technologies/{technology}/enquire", deal_views.ask),
    post("/technologies/{technology}/enquire", deal_views.send_enquiry),
    get("/verify", deal_verify.verify),
    post("/verify", deal_verify.verify_document),
    get("/deals", deal_views.list_deals),
    get("/deals/{deal}", deal_views.show_deal),
    post("/deals/{deal}/answer", deal_views.acknowledge),
    post("/deals/{deal}/messages", deal_views.send_message),
    post("/deals/{deal}/notes", deal_views.add_note),
    get("/deals/{deal}/close", deal_views.ask_reason),
    post("/deals/{deal}/close", deal_views.close_deal),
    get("/deals/{deal}/nda", deal_nda.show_nda),
    get("/deals/{deal}/nda/new", deal_nda.write_nda),
    post("/deals/{deal}/nda/new", deal_nda.propose_nda),
    post("/deals/{deal}/nda/standing", deal_nda.use_standing_nda),
    post("/deals/{deal}/nda/sign", deal_nda.sign_nda),
    post("/deals/{deal}/nda/withdraw", deal_nda.withdraw_nda),
    get("/deals/{deal}/room", deal_room.show_room),
    post("/deals/{deal}/room", deal_room.add_paper, UPLOAD_BODY),
    get("/deals/{deal}/room/{paper}", deal_room.show_paper),
    get("/deals/{deal}/room/{paper}/pages/{number}", deal_room.show_page),
    get("/deals/{deal}/room/{paper}/file", deal_room.download_paper),
    post("/deals/{deal}/room/{paper}/revoke", deal_room.revoke_paper),
    get("/deals/{deal}/offer", deal_offers.write_offer),
    post("/deals/{deal}/offer", deal_offers.send_offer),
    post("/deals/{deal}/offer/withdraw", deal_offers.withdraw_offer),
    get("/deals/{deal}/versions", deal_offers.compare_offers),
    get("/deals/{deal}/versions/{version}", deal_offers.show_offer),
    get("/deals/{deal}/versions/{version}/cost", deal_costs.show_costs),
    get("/deals/{deal}/accept", deal_offers.confirm_accept),
    post("/deals/{deal}/accept", deal_offers.accept_offer),
    get("/deals/{deal}/approve", deal_offers.confirm_approval),
    post("/deals/{deal}/approve", deal_offers.approve_terms),
    get("/deals/{deal}/reopen", deal_offers.ask_reopen),
    post("/deals/{deal}/reopen", deal_offers.reopen_terms),
    get("/deals/{deal}/agreement", deal_signing.show_agreement),
    post("/deals/{deal}/agreement", deal_signing.send_for_signature),
    get("/deals/{deal}/agreement/{document}/pdf", deal_signing.download_agreement),
    get("/deals/{deal}/agreement/{document}/sealed", deal_signing.download_sealed),
    post("/deals/{deal}/sign", deal_signing.sign_agreement),
    get("/deals/{deal}/refuse", deal_signing.ask_refusal),
    post("/deals/{deal}/refuse", deal_signing.refuse_signature),
]


NEEDS: list[BaseRoute] = [
    get("/needs", needs_public.list_needs),
    get("/needs.json", needs_public.show_needs_json),
    get("/needs/feed", needs_public.show_needs_feed),
    post("/needs/carry", needs_own.carry_text),
    get("/needs/new", needs_own.new_need),
    post("/needs/new", needs_own.create_need),
    get("/our-needs", needs_own.list_own_needs),
    get("/needs-for-us", needs_institution.list_needs_for_us),
    get("/needs/{need}", needs_public.show_need),
    get("/needs/{need}/edit", needs_own.edit_need),
    post("/needs/{need}/edit", needs_own.save_need),
    post("/needs/{need}/send", needs_own.submit_need),
    post("/needs/{need}/withdraw", needs_own.withdraw_need),
    get("/needs/{need}/close", needs_own.ask_outcome),
    post("/needs/{need}/close", needs_own.close_need),
    post("/needs/{need}/choose", needs_own.choose_technology),
    get("/needs/{need}/enquire/{technology}", needs_own.enquire),
    get("/needs/{need}/answer", needs_institution.write_answer),
    post("/needs/{need}/answer", needs_institution.send_answer),
    get("/desk/needs/{need}", needs_moderation.review_need),
    post("/desk/needs/{need}/approve", needs_moderation.approve_need),
    post("/desk/needs/{need}/refuse", needs_moderation.refuse_need),
]


SUPPORT: list[BaseRoute] = [
    get("/learn", learn.list_guides),
    get("/learn/glossary", learn.show_glossary),
    get("/learn/patent-costs", support_costs.show_patent_costs),
    get("/desk/figures", support_costs.list_figures),
    post("/desk/figures", support_costs.add_figure),
    get("/learn/{guide}", learn.show_guide),
    post("/learn/{guide}", learn.answer_quiz),
]


def all_routes() -> list[BaseRoute]:
    """Every route of the application, in the order in which they are tried."""
    return [*HEALTH, *HOME, *ACCOUNTS, *DESK, *CATALOG, *DISCOVERY, *PAYMENTS, *DEALS, *NEEDS, *SUPPORT]


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
