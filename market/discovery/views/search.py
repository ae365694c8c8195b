"""The search page, and the suggestions while somebody types."""

from collections.abc import Mapping
from math import ceil

from markupsafe import escape
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts.rules import Permission
from market.catalog import queries as catalog
from market.catalog.rows import Card
from market.catalog.rules import vocabulary
from market.catalog.views.listing import price_text
from market.discovery import forms, queries
from market.discovery.forms import LAST_PAGE, PER_PAGE, Asked
from market.discovery.gateway import Facets, SearchIndex
from market.discovery.pages import Group, Option, Result, SearchPage
from market.discovery.rules import highlight
from market.discovery.rules.facets import FACETS, Facet
from market.discovery.rules.highlight import Matches
from market.discovery.rules.question import understand
from market.discovery.service import finding
from market.discovery.service.finding import Found
from market.kit.actor import Actor
from market.kit.forms import FormState
from market.kit.i18n import _, country_name, translate
from market.kit.runtime import gateway, runtime
from market.kit.web import json_answer, page, query, render

SUGGESTED = 5
MANY = 10  # values; of more, some may be looked for


@page(permission=Permission.PUBLIC, kept=True)
def search(request: Request, db: Session, actor: Actor) -> Response:
    """Technologies that fit what was typed and ticked."""
    del actor  # everybody finds the same: what is open to everybody
    asked = forms.asked(request.query_params.multi_items())
    found = finding.find(db, gateway(request, SearchIndex), asked)
    request.state.passing = found.degraded
    return render(request, _page(request, db, asked, found))


def _page(request: Request, db: Session, asked: Asked, found: Found) -> SearchPage:
    here = runtime(request).templates.addresses.path("discovery:search")
    title = translate(_("Search: {text}"), text=asked.text[:80]) if asked.text else translate(_("Technologies"))
    return SearchPage(
        title=title,
        text=asked.text,
        mode=found.question.mode,
        form=FormState({"q": asked.text}),
        kept=[(name, value) for name, values in asked.chosen.items() for value in values],
        total=found.result.total,
        about=found.result.about,
        results=_results(db, found),
        groups=_groups(asked, found.result.facets, counted=bool(found.result.engine)),
        active=sum(map(len, asked.chosen.values())),
        chips=_chips(here, asked),
        clear=f"{here}?{Asked(asked.text, sort=asked.sort, every_word=asked.every_word).query()}",
        sort=asked.sort if asked.question.words or asked.sort != "relevance" else "newest",
        by_relevance=f"{here}?{asked.query(sort='')}",
        by_date=f"{here}?{asked.query(sort='newest')}",
        by_answers=f"{here}?{asked.query(sort='responsive')}",
        exact=asked.every_word,
        every_word=f"{here}?{asked.query(words='every')}",
        dropped=found.dropped,
        degraded=found.degraded,
        counted=bool(found.result.engine),
        number=asked.page,
        last=min(max(1, ceil(found.result.total / PER_PAGE)), LAST_PAGE),
        pager=f"{here}?{asked.query(page=0)}&".replace("?&", "?"),
        saving=asked.query(page=0),
    )


# --- results


def _results(db: Session, found: Found) -> list[Result]:
    matches = highlight.matcher(found.question)
    cards = catalog.cards(db, [hit.id for hit in found.result.hits])
    texts = queries.texts(db, [card.id for card in cards])
    nothing = queries.Texts("", ())
    return [result_of(card, texts.get(card.id, nothing), matches, asked=bool(found.question.words)) for card in cards]


def result_of(card: Card, more: queries.Texts, matches: Matches, *, asked: bool) -> Result:
    """A listing in the results, marked where it matches."""
    trl = (translate(_("TRL {level}"), level=card.trl),) if card.trl else ()
    return Result(
        address=card.address,
        title=highlight.marked(card.title, matches),
        summary=highlight.telling(card.title, (card.summary, *more.texts), matches) if asked else escape(card.summary),
        organisation=card.organisation,
        place=country_name(more.country) if more.country else "",
        price=price_text(card),
        facts=trl,
        labels=(translate(card.sector_label),) if card.sector else (),
        answers=card.answers,
    )


# --- filters


def _groups(asked: Asked, counts: Facets, *, counted: bool) -> list[Group]:
    groups = []
    for facet in FACETS:
        ticked = asked.chosen.get(facet.name, ())
        options = _options(facet, ticked, counts.get(facet.field, {}), counted=counted)
        within = asked.narrowed.get(facet.name, "")
        if options:
            shown = [option for option in options if option[3] or within.casefold() in option[1].casefold()]
            opened = facet.open or bool(ticked) or bool(within)
            many = len(options) > MANY
            groups.append(Group(facet.name, translate(facet.label), shown, opened, many, within))
    return groups


def _options(facet: Facet, ticked: tuple[str, ...], counts: Mapping[str, int], *, counted: bool) -> list[Option]:
    """The values to offer: those that listings have and those ticked, in the facet's order."""
    if not counted:
        return [(value, facet.words(value), None, True) for value in ticked]
    known = facet.values or ()
    values = {value for value in counts if facet.values is None or value in known} | set(ticked)
    if facet.order == "given":
        ordered = sorted(values, key=known.index)
    else:
        ordered = sorted(values, key=lambda value: (-counts.get(value, 0), facet.words(value)))
    return [(value, facet.words(value), counts.get(value, 0), value in ticked) for value in ordered]


def _chips(here: str, asked: Asked) -> list[tuple[str, str]]:
    return [
        (f"{here}?{asked.query(without=(facet.name, value))}", facet.words(value))
        for facet in FACETS
        for value in asked.chosen.get(facet.name, ())
    ]


# --- suggestions


@page(permission=Permission.PUBLIC)
def suggest(request: Request, db: Session, actor: Actor) -> Response:
    """Technologies, institutions and sectors whose names begin like what is being typed, as JSON."""
    del actor
    text = query(request, "q")[:200]
    if len(text) < 2:
        return json_answer([])
    address = runtime(request).templates.addresses.path
    ids = finding.titles(db, gateway(request, SearchIndex), understand(text, "keyword"), SUGGESTED)
    kinds = [translate(each) for each in (_("Technology"), _("Institution"), _("Sector"))]
    answer = [
        {"text": card.title, "kind": kinds[0], "href": address("catalog:show_listing", technology=card.address)}
        for card in catalog.cards(db, ids)
    ]
    answer += [
        {"text": name, "kind": kinds[1], "href": address("catalog:show_institution", slug=slug)}
        for name, slug in queries.institutions(db, text, 2)
    ]
    answer += [
        {"text": label, "kind": kinds[2], "href": address("discovery:search", sector=key)}
        for key, label in _sectors(text)[:2]
    ]
    return json_answer(answer)


def _sectors(text: str) -> list[tuple[str, str]]:
    labels = [(key, translate(sector.label)) for key, sector in vocabulary.SECTORS.items()]
    return [
        (key, label)
        for key, label in labels
        if any(word.startswith(text.casefold()) for word in (label.casefold(), *label.casefold().split()))
    ]
