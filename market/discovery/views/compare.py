"""Technologies side by side."""

from collections.abc import Callable

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts.rules import Permission
from market.catalog import queries as catalog
from market.catalog.rows import ListingRow
from market.catalog.rules import vocabulary as words
from market.catalog.views.listing import labels, price_text
from market.discovery.pages import Compared, ComparePage, Line
from market.discovery.rules.alerts import MOST_COMPARED
from market.discovery.rules.comparing import chosen, differ
from market.kit.actor import Actor
from market.kit.i18n import _, country_name, format_date, format_percent, format_price, translate
from market.kit.runtime import runtime
from market.kit.web import page, render

REGIONS = {"": _("Country not named"), "EP": _("Europe (EPO)"), "WO": _("Worldwide application (PCT)")}

Rights = dict[str, list[tuple[str, str]]]
Fact = Callable[[ListingRow], list[str]]


@page(permission=Permission.PUBLIC, kept=True)
def compare(request: Request, db: Session, actor: Actor) -> Response:
    """Up to four visible technologies in columns, each fact in a row that says whether it differs."""
    del actor  # everybody sees the same: what is open to everybody
    asked, left_out = chosen(request.query_params.getlist("t")[:50], MOST_COMPARED)
    listings = catalog.visible_listings(db, asked)
    rights = catalog.rights_by_office(db, [each.id for each in listings])
    address = runtime(request).templates.addresses.path
    return render(
        request,
        ComparePage(
            title=translate(_("Side by side")),
            columns=[
                Compared(
                    address=each.address,
                    id=each.id,
                    title=each.title,
                    organisation=each.organisation,
                    summary=each.summary,
                    without=address("discovery:compare", t=[other.id for other in listings if other is not each]),
                )
                for each in listings
            ],
            lines=[
                line for name, fact in _facts(rights) if (line := _line(translate(name), fact, listings)) is not None
            ],
            gone=len(asked) - len(listings),
            left_out=left_out,
            most=MOST_COMPARED,
        ),
    )


def _line(name: str, fact: Fact, listings: list[ListingRow]) -> Line | None:
    """One row; None where no technology says anything."""
    values = [[text for text in fact(each) if text] for each in listings]
    return Line(name, values, differ(values)) if any(values) else None


def _facts(rights: Rights) -> list[tuple[str, Fact]]:
    """What is compared, in this order; names are msgids."""
    return [
        (_("Offered"), lambda it: labels(it.offers, words.OFFERS)),
        (_("Kinds of licence"), lambda it: labels(it.licences, words.LICENCES)),
        (_("Price"), lambda it: [price_text(it)]),
        (_("Terms"), _terms),
        (_("Readiness"), lambda it: [f"{it.trl}: {translate(it.trl_label)}"] if it.trl else []),
        (_("Stage"), lambda it: [it.stage]),
        (_("Protection by country"), lambda it: _protection(rights.get(it.id, []))),
        (_("How fast they answer"), lambda it: [it.answers]),
        (_("What is better"), lambda it: [it.advantages]),
        (_("Compared with what there is"), lambda it: [it.comparison]),
        (_("What it can be used for"), lambda it: [it.applications]),
        (_("Sector"), lambda it: [translate(it.sector_label)] if it.sector else []),
        (_("Offered from"), lambda it: [country_name(it.organisation_country)]),
        (_("Confirmed on"), lambda it: [format_date(it.confirmed_on)] if it.confirmed_on else []),
    ]


def _terms(listing: ListingRow) -> list[str]:
    terms = listing.terms
    if terms is None:
        return []
    texts = [translate(terms.grant_label), terms.field_of_use, ", ".join(map(country_name, terms.territory))]
    if terms.upfront:
        texts.append(translate(_("{amount} upfront"), amount=format_price(terms.upfront)))
    if terms.royalty_rate is not None:
        texts.append(translate(_("{rate} of net sales"), rate=format_percent(terms.royalty_rate)))
    return texts


def _protection(rights: list[tuple[str, str]]) -> list[str]:
    """Each office with the status of what it holds, once."""
    texts = []
    for office, status in rights:
        where = translate(REGIONS[office]) if office in REGIONS else country_name(office)
        texts.append(f"{where}: {translate(words.IP_STATUS[status])}")
    return list(dict.fromkeys(texts))
