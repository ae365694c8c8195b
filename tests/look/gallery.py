"""The gallery of components: every macro once, in its normal and in its failed state, in the application's own environment."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar

from markupsafe import Markup

from market.kit import i18n
from market.kit.actor import ANONYMOUS, Actor
from market.kit.forms import FormState
from market.kit.templating import STATIC, Addresses, Keeps, Templates, reader_of
from market.support.rules.glossary import explained

ROUTES = {
    "home:show_home": "/",
    "discovery:search": "/search",
    "discovery:suggest": "/suggest",
    "discovery:show_shortlist": "/shortlist",
    "discovery:keep_technology": "/shortlist",
    "discovery:remove_technology": "/shortlist/remove",
    "discovery:list_saved": "/saved-searches",
    "discovery:describe": "/describe",
    "needs:list_needs": "/needs",
    "needs:list_own_needs": "/needs/own",
    "needs:list_needs_for_us": "/needs/for-us",
    "accounts:sign_in": "/sign-in",
    "accounts:register": "/register",
    "accounts:sign_out": "/sign-out",
    "accounts:show_account": "/account",
    "accounts:choose_organisation": "/organisations/choose",
    "deals:list_deals": "/deals",
    "catalog:list_own_listings": "/listings",
    "catalog:start_import": "/import",
    "payments:list_invoices": "/invoices",
    "desk:show_desk": "/desk",
    "support:list_guides": "/learn",
    "deals:verify": "/verify",
    "support:show_glossary": "/learn/glossary",
    "support:show_guide": "/learn/guide",
}
LONGWORD = "Hydrophobicpolyetheretherketonecoatingapplicationprocess"
PICTURE = "data:image/svg+xml,%3Csvg%20xmlns='http://www.w3.org/2000/svg'%20viewBox='0%200%2016%209'%3E%3Crect%20width='16'%20height='9'%20fill='%23297'/%3E%3C/svg%3E"
OFFICER = Actor(
    person_id="p1",
    person_name="Maria Fernanda de Albuquerque-Richardson",
    organisation_id="o1",
    organisation_name="University of Exampleton, Technology Transfer Office",
    permissions=frozenset({"public", "signed_in", "see_deals", "edit_listings", "see_money"}),
    is_operator=True,
)
MARKED = Markup("A thin plant-based film halves the waste of <mark>fresh fish</mark> trays.")
FOOT = Markup(
    '<tr><th scope="row">Total</th><td data-label=""></td>'
    '<td data-label="Amount" class="is-num">€91,250.50</td><td data-label=""></td><td data-label=""></td></tr>'
)
NAMES = (
    "title",
    "email",
    "password",
    "message",
    "fee",
    "royalty",
    "until",
    "country",
    "grant",
    "fields",
    "brief",
    "agree",
)


def icons() -> list[str]:
    """The names in the sprite."""
    return re.findall(r'<symbol id="(\w+)"', (STATIC / "img" / "icons.svg").read_text())


def failed_form() -> FormState:
    """A form where everything is wrong."""
    return FormState(
        {"title": "<b>Fish</b> & chips", "fee": "many", "fields": ["b"], "grant": "sole", "message": "Hello"},
        dict.fromkeys(NAMES, "Fill in this field."),
        "The other side has sent a newer offer. Read it before you decide.",
    )


@dataclass(frozen=True)
class GalleryPage:
    """What the gallery shows."""

    template: ClassVar[str] = "_components/gallery.html"
    listing: str = "Coating that keeps fresh fish from sticking to its packaging"
    summary: str = "A thin plant-based film halves the waste of fresh fish trays and needs no new machine in your line."
    marked: Markup = MARKED
    message: str = "We pack 40 tonnes a week.\nCould we test it on one line before we decide?"
    longword: str = LONGWORD
    picture: str = PICTURE
    at: datetime = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
    countries: tuple[tuple[str, str], ...] = (("DE", "Germany"), ("PT", "Portugal"))
    grants: tuple[tuple[str, ...], ...] = (
        ("exclusive", "Exclusive", "Nobody else may use it, not even the university."),
        ("sole", "Sole", "Nobody else but the university."),
        ("non_exclusive", "Not exclusive"),
    )
    fields: tuple[tuple[str, str], ...] = (("a", "Food"), ("b", "Packaging"), ("c", "Health"))
    facets: tuple[tuple[str, str, int, bool], ...] = tuple(
        (f"s{n}", ("Food", "Energy", LONGWORD, "Health and care")[n % 4], 12345 // (n + 1), n == 1) for n in range(11)
    )
    invoices: tuple[tuple[str, str, str, str], ...] = (
        ("EX-2026-0001", "Example Foods Ltd", "€90,000.00", "good"),
        ("EX-2026-0002", "Example Robotics GmbH & Co. KG", "€1,250.50", "danger"),
    )
    foot: Markup = FOOT
    blank: FormState = field(default_factory=FormState)
    failed: FormState = field(default_factory=failed_form)
    icons: list[str] = field(default_factory=icons)


def templates(*, sample_world: bool = True) -> Templates:
    """The application's environment with the addresses that the frame links to."""
    addresses = Addresses()
    addresses._known = {name: (path, frozenset()) for name, path in ROUTES.items()}
    made = Templates(addresses, "http://ponte.test", sandbox=sample_world, sample_world=sample_world)
    made.environment.globals["explained"] = explained
    return made


def render(page: Any, actor: Actor = ANONYMOUS, *, locale: str = "en", direction: str = "", **more: Any) -> str:
    """A page as the application renders it."""
    with i18n.speaking(locale):
        flashes = [("success", "Your enquiry is on its way.")]
        context = {"page": page, "locale": locale, "direction": direction or i18n.direction()}
        reader = reader_of(actor, flashes, "/deals")
        keeps = Keeps(token_wanted=True)
        return templates().render(page.template, context | more, reader, lambda: "token", keeps)
