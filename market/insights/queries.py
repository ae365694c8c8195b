"""What an institution may know of its own listings. Four statements, however many listings there are."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select
from sqlmodel import Session

from market.accounts import queries as accounts
from market.catalog.models import Technology
from market.deals.models import Deal
from market.deals.rules.working_days import working_days_between
from market.discovery.models import ShortlistEntry
from market.insights.models import ListingView
from market.insights.rules import Period, middle

_T: Any = Technology.__table__  # type: ignore[attr-defined]
_W: Any = ListingView.__table__  # type: ignore[attr-defined]
_S: Any = ShortlistEntry.__table__  # type: ignore[attr-defined]
_D: Any = Deal.__table__  # type: ignore[attr-defined]

_OWN = _T.c.organisation_id == bindparam("organisation")
_LISTINGS = select(_T.c.id, _T.c.slug, _T.c.title, _T.c.reference, _T.c.state).where(_OWN).order_by(_T.c.title, _T.c.id)
_VIEWS = (
    select(_W.c.technology_id, _W.c.day, _W.c.views)
    .select_from(_W.join(_T, _T.c.id == _W.c.technology_id))
    .where(_OWN, _W.c.day.between(bindparam("first"), bindparam("last")))
)
_SAVES = (
    select(_S.c.technology_id, _S.c.created_at)
    .select_from(_S.join(_T, _T.c.id == _S.c.technology_id))
    .where(_OWN, _S.c.created_at >= bindparam("begin"), _S.c.created_at < bindparam("end"))
)
_ENQUIRIES = select(_D.c.technology_id, _D.c.created_at, _D.c.answered_at).where(
    _D.c.licensor_id == bindparam("organisation"),
    _D.c.created_at >= bindparam("begin"),
    _D.c.created_at < bindparam("end"),
)


@dataclass
class ListingFigures:
    """One listing in a period. `days` are the working days until each answer."""

    id: str
    address: str
    title: str
    reference: str
    state: str
    views: int = 0
    saves: int = 0
    enquiries: int = 0
    days: list[int] = field(default_factory=list)

    @property
    def answered_in(self) -> int | None:
        """The median of its answers, in working days."""
        return middle(self.days)

    @property
    def any(self) -> bool:
        """Whether anything happened."""
        return bool(self.views or self.saves or self.enquiries)


@dataclass(frozen=True)
class Figures:
    """An institution's listings in a period: each of them, and everything by day."""

    listings: list[ListingFigures]
    views: Counter[date]
    saves: Counter[date]
    enquiries: Counter[date]
    answers: dict[date, list[int]]

    @property
    def all_days(self) -> list[int]:
        """The working days of all answers."""
        return [each for days in self.answers.values() for each in days]


def figures(db: Session, organisation_id: str, period: Period) -> Figures:
    """Views, saves, enquiries and answers of an institution's listings; an enquiry counts on the day it came in."""
    begin = datetime.combine(period.first, time(), UTC)
    given = {"organisation": organisation_id, "first": period.first, "last": period.last, "begin": begin}
    given["end"] = datetime.combine(period.last + timedelta(days=1), time(), UTC)
    listings = {row.id: _listing(row) for row in db.execute(_LISTINGS, {"organisation": organisation_id})}
    found = Figures(list(listings.values()), Counter(), Counter(), Counter(), defaultdict(list))
    for row in db.execute(_VIEWS, given):
        listings[row.technology_id].views += row.views
        found.views[row.day] += row.views
    for row in db.execute(_SAVES, given):
        listings[row.technology_id].saves += 1
        found.saves[_day(row.created_at)] += 1
    _add_enquiries(found, listings, db.execute(_ENQUIRIES, given), accounts.organisation(db, organisation_id).timezone)
    found.listings.sort(key=lambda each: (-each.views, -each.enquiries, -each.saves, each.title))
    return found


def _add_enquiries(found: Figures, listings: dict[str, ListingFigures], rows: Iterable[Any], timezone: str) -> None:
    zone = ZoneInfo(timezone)
    for row in rows:
        listing = listings.get(row.technology_id)
        asked_on = _day(row.created_at)
        found.enquiries[asked_on] += 1
        if listing is not None:
            listing.enquiries += 1
        if row.answered_at is not None:
            days = working_days_between(row.created_at.astimezone(zone).date(), row.answered_at.astimezone(zone).date())
            found.answers[asked_on].append(days)
            if listing is not None:
                listing.days.append(days)


def _listing(row: Any) -> ListingFigures:
    return ListingFigures(row.id, f"{row.slug}-{row.id}", row.title, row.reference, row.state)


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
