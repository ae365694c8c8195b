"""How an institution's listings do: views, saves, enquiries and answers, as pictures with tables, and as files."""

import csv
import io
from collections.abc import Iterable
from datetime import timedelta

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts.rules import Permission
from market.catalog.rules.cells import disarmed
from market.insights import queries
from market.insights.pages import InsightsPage
from market.insights.queries import Figures
from market.insights.rules import PERIODS, Period, middle, period
from market.kit import clock
from market.kit.actor import Actor
from market.kit.errors import NotFound
from market.kit.i18n import _, format_date, format_number, ntranslate, translate
from market.kit.runtime import runtime
from market.kit.web import page, query, render

MOST_LISTED = 100
MOST_DRAWN = 10


def _asked(request: Request) -> Period:
    return period(query(request, "period"), clock.now().date())


def _figures(db: Session, actor: Actor, asked: Period) -> Figures:
    if actor.organisation_id is None:
        raise NotFound
    return queries.figures(db, actor.organisation_id, asked)


@page(permission=Permission.EDIT_LISTINGS)
def show_insights(request: Request, db: Session, actor: Actor) -> Response:
    """What happened to the institution's listings in a period."""
    asked = _asked(request)
    found = _figures(db, actor, asked)
    here = runtime(request).templates.addresses.path("insights:show_insights")
    active = [each for each in found.listings if each.any]
    return render(
        request,
        InsightsPage(
            title=translate(_("How our listings do")),
            period=asked.key,
            tabs=[(f"{here}?period={key}", translate(label), key == asked.key) for key, label in PERIODS.items()],
            any=bool(active),
            figures=_in_short(found),
            labels=[format_date(day) for day in asked.starts],
            views=asked.sums(found.views),
            saves=asked.sums(found.saves),
            enquiries=asked.sums(found.enquiries),
            most_seen=[
                (each.title, each.views, format_number(each.views)) for each in active[:MOST_DRAWN] if each.views
            ],
            answers=_answers(found, asked),
            listings=active[:MOST_LISTED],
            more=max(0, len(active) - MOST_LISTED),
        ),
    )


def _in_short(found: Figures) -> list[tuple[str, str]]:
    days = middle(found.all_days)
    return [
        (format_number(found.views.total()), translate(_("Views"))),
        (format_number(found.saves.total()), translate(_("Put on a shortlist"))),
        (format_number(found.enquiries.total()), translate(_("Enquiries"))),
        ("–" if days is None else format_number(days), translate(_("Working days until an answer, the middle one"))),
    ]


def _answers(found: Figures, asked: Period) -> list[tuple[str, int, str]]:
    """The median of the enquiries of each step, where any was answered."""
    by_step: dict[int, list[int]] = {}
    for day, days in found.answers.items():
        by_step.setdefault(asked.at(day), []).extend(days)
    starts = asked.starts
    told = []
    for at in sorted(by_step):
        usual = middle(by_step[at]) or 0
        words = ntranslate(_("{n} working day"), _("{n} working days"), usual)
        told.append((format_date(starts[at]), usual, words))
    return told


@page(permission=Permission.EDIT_LISTINGS)
def download_insights(request: Request, db: Session, actor: Actor) -> Response:
    """The same as a table: a row for each listing, or with `by=time` for each step of the period."""
    asked = _asked(request)
    found = _figures(db, actor, asked)
    by_time = query(request, "by") == "time"
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerows(_over_time(found, asked) if by_time else _by_listing(found))
    name = f"{'over-time' if by_time else 'listings'}-{asked.first}-{asked.last}.csv"
    return Response(
        out.getvalue().encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


def _by_listing(found: Figures) -> Iterable[list[object]]:
    heads = (_("Listing"), _("Reference"), _("State"), _("Views"), _("Shortlists"), _("Enquiries"), _("Answered"))
    yield [translate(each) for each in (*heads, _("Working days until an answer (median)"))]
    for each in found.listings:
        days = "" if each.answered_in is None else each.answered_in
        names = (disarmed(each.title), disarmed(each.reference), each.state)
        yield [*names, each.views, each.saves, each.enquiries, len(each.days), days]


def _over_time(found: Figures, asked: Period) -> Iterable[list[object]]:
    heads = (_("From"), _("Until"), _("Views"), _("Shortlists"), _("Enquiries"), _("Answered"))
    yield [translate(each) for each in (*heads, _("Working days until an answer (median)"))]
    sums = zip(asked.starts, asked.sums(found.views), asked.sums(found.saves), asked.sums(found.enquiries), strict=True)
    for at, (start, views, saves, enquiries) in enumerate(sums):
        end = asked.last - timedelta(days=asked.step * (len(asked.starts) - 1 - at))
        days = [each for day, known in found.answers.items() if asked.at(day) == at for each in known]
        yield [start, end, views, saves, enquiries, len(days), "" if middle(days) is None else middle(days)]
