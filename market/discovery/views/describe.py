"""Describing a need in one's own words: pasted or as a one-page brief; the closest technologies answer it.

What is described is not kept: it is no part of an address and of no record, until somebody posts it as a need.
"""

from dataclasses import replace
from datetime import timedelta

from markupsafe import Markup
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts.rules import Permission
from market.catalog import queries as catalog
from market.discovery import queries
from market.discovery.forms import DESCRIBE_FACETS, PER_PAGE, Asked, DescribeForm
from market.discovery.gateway import SearchIndex
from market.discovery.pages import Answer, DescribePage
from market.discovery.reader import SHORTEST, read_brief, tidied
from market.discovery.rules import highlight
from market.discovery.rules.facets import FACETS
from market.discovery.rules.highlight import Matches
from market.discovery.rules.passages import passages, quoted
from market.discovery.rules.question import MOST_TEXT, understand
from market.discovery.service import finding
from market.discovery.service.finding import Found
from market.discovery.views.search import result_of
from market.kit import clock, ratelimit
from market.kit.actor import Actor
from market.kit.errors import Refusal, Refused
from market.kit.forms import FormState
from market.kit.i18n import _, translate
from market.kit.runtime import Work, runtime
from market.kit.web import page, query, render, steps

FITS_ADDRESS = 1_500
BRIEFS, BRIEFS_PER = 30, timedelta(minutes=10)


@page(permission=Permission.PUBLIC)
def describe(request: Request, _db: Session, _actor: Actor, form: FormState | None = None) -> Response:
    """The form; an address may bring the text along."""
    return render(request, _empty(form or FormState({"text": query(request, "text")})))


@steps(DescribeForm, permission=Permission.PUBLIC, again=describe)
def find_closest(request: Request, work: Work, actor: Actor, form: DescribeForm) -> Response:
    """The technologies closest to what was described, with the sentences that match. Nothing is kept."""
    text = _text(work, actor, form)
    with work.read() as db:
        found = finding.closest(
            db, work.gateway(SearchIndex), understand(text[:MOST_TEXT], "need"), form.chosen, PER_PAGE
        )
        answers = _answers(db, found)
    here = runtime(request).templates.addresses.path("discovery:search")
    shared = Asked(text, form.chosen)
    values = {"text": text, **{name: getattr(form, name) for name in DESCRIBE_FACETS}}
    return render(
        request,
        _empty(
            FormState(values),
            text=text,
            brief_name=form.brief.filename[:120] if form.brief else "",
            answers=tuple(answers),
            total=found.result.total,
            search=f"{here}?{shared.query()}" if len(text) <= FITS_ADDRESS else "",
            degraded=found.degraded,
        ),
    )


def _empty(form: FormState, **more: object) -> DescribePage:
    options = {
        facet.name: [(value, facet.words(value)) for value in facet.values or ()]
        for facet in FACETS
        if facet.name in DESCRIBE_FACETS
    }
    return DescribePage(translate(_("Describe your need")), form, options, **more)  # type: ignore[arg-type]


def _text(work: Work, actor: Actor, form: DescribeForm) -> str:
    """What was typed, else what the file says; raises Refused, and TooMany for who brings files without end."""
    if form.brief is not None:
        with work.write() as db:
            key = f"brief:{actor.person_id or actor.address}"
            ratelimit.count(db, key, limit=BRIEFS, per=BRIEFS_PER, now=clock.now())
        return read_brief(form.brief)
    text = tidied(form.text)
    if len(text) < SHORTEST:
        raise Refused(Refusal("too_short", _("Describe what you need in a sentence or two, or choose a file."), "text"))
    return text


def _answers(db: Session, found: Found) -> list[Answer]:
    matches = highlight.matcher(found.question)
    cards = catalog.cards(db, [hit.id for hit in found.result.hits])
    texts = queries.texts(db, [card.id for card in cards])
    nothing = queries.Texts("", ())
    return [
        Answer(
            replace(
                result_of(card, texts.get(card.id, nothing), matches, asked=False),
                summary=highlight.marked(card.summary, matches),
            ),
            _sentences((card.summary, *texts.get(card.id, nothing).texts[:4]), matches),
        )
        for card in cards
    ]


def _sentences(texts: tuple[str, ...], matches: Matches) -> tuple[Markup, ...]:
    """The best sentences of the longer texts; the summary stands above them already."""
    first, *more = texts
    return tuple(quoted(each, matches) for each in passages(more, matches, 2) if each.text != first)
