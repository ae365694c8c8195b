"""The first page."""

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts.rules import Permission
from market.catalog import queries as catalog
from market.catalog.rows import Card
from market.catalog.rules import vocabulary as words
from market.catalog.views.listing import price_text
from market.home import queries
from market.home.pages import HomeCard, HomePage
from market.kit.actor import Actor
from market.kit.i18n import _, format_number, ntranslate, translate
from market.kit.runtime import runtime
from market.kit.web import page, render

NEWEST = 6


@page(permission=Permission.PUBLIC, kept=True)
def show_home(request: Request, db: Session, _actor: Actor) -> Response:
    """What Ponte is, what there is, and where to begin."""
    counts = sorted(catalog.sector_counts(db).items(), key=lambda item: (-item[1], item[0]))
    return render(
        request,
        HomePage(
            sectors=[(translate(words.sector_label(sector)), sector, count) for sector, count in counts],
            newest=[_card(request, card) for card in catalog.newest(db, NEWEST)],
            figures=_figures(db),
        ),
    )


def _card(request: Request, card: Card) -> HomeCard:
    href = runtime(request).templates.addresses.path("catalog:show_listing", technology=card.address)
    price = price_text(card)
    labels = (translate(card.sector_label),) if card.sector else ()
    return HomeCard(href, card.title, card.summary, card.organisation, price, labels, card.answers, card.id)


def _figures(db: Session) -> list[tuple[str, str]]:
    technologies, institutions, countries = queries.figures(db)
    if not technologies:
        return []
    return [
        (format_number(technologies), ntranslate(_("technology"), _("technologies"), technologies)),
        (format_number(institutions), ntranslate(_("institution"), _("institutions"), institutions)),
        (format_number(countries), ntranslate(_("country"), _("countries"), countries)),
    ]
