"""Every SELECT of where rights hold, and the picture that pages draw of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlmodel import Session

from market.catalog.models import IpRight, IpRightCountry, Technology
from market.catalog.rows import RightRow
from market.catalog.rules.legal import COUNTRY_STATUS

_C: Any = IpRightCountry.__table__  # type: ignore[attr-defined]
_R: Any = IpRight.__table__  # type: ignore[attr-defined]
_T: Any = Technology.__table__  # type: ignore[attr-defined]

MANUAL = "manual"
ASKABLE = ("patent", "application")


@dataclass(frozen=True)
class CountryRow:
    """What holds for a right in one country, by whose word of which day."""

    id: str
    right_id: str
    country: str
    status: str
    since: date | None
    source: str
    stated_on: date

    @property
    def status_label(self) -> str:
        """The msgid of the status."""
        return COUNTRY_STATUS[self.status]

    @property
    def is_manual(self) -> bool:
        """Whether the institution says so itself."""
        return self.source == MANUAL


_COLUMNS = [_C.c[name] for name in CountryRow.__dataclass_fields__]
_OF_TECHNOLOGY = (
    select(*_COLUMNS)
    .join(_R, _R.c.id == _C.c.right_id)
    .where(_R.c.technology_id == bindparam("id"))
    .order_by(_C.c.country)
)


def countries(db: Session, technology_id: str) -> list[CountryRow]:
    """Where the rights of a technology hold, by country."""
    return [CountryRow(**row._mapping) for row in db.execute(_OF_TECHNOLOGY, {"id": technology_id})]


_DUE = (
    select(_R.c.id)
    .join(_T, _T.c.id == _R.c.technology_id)
    .where(
        _R.c.kind.in_(ASKABLE),
        _R.c.number != "",
        _R.c.number.not_like("PCT%"),
        or_(_R.c.fetched_at.is_(None), _R.c.fetched_at < bindparam("before")),
        _T.c.state != "withdrawn",
    )
    .order_by(_R.c.fetched_at.is_not(None), _R.c.fetched_at, _R.c.id)
    .limit(bindparam("limit"))
)


def due(db: Session, *, before: datetime, limit: int) -> list[str]:
    """The rights that were not asked about since `before`: those never asked about first, then the oldest."""
    return [str(each) for each in db.execute(_DUE, {"before": before, "limit": limit}).scalars()]


# --- the picture


@dataclass(frozen=True)
class Where:
    """One status and the countries it holds in."""

    status: str
    countries: tuple[str, ...]

    @property
    def label(self) -> str:
        """The msgid of the status."""
        return COUNTRY_STATUS[self.status]


@dataclass(frozen=True)
class RightsPicture:
    """All registered rights of a listing together: where something holds, and what that means for everywhere else.

    `others` is `free` (never filed, too late now), `may_follow` (until `others_from`) or empty (nobody knows);
    `told` lists each source with the day of its word.
    """

    where: tuple[Where, ...] = ()
    others: str = ""
    others_from: date | None = None
    told: tuple[tuple[str, date], ...] = ()


_STRENGTH = ("never_filed", "lapsed", "unclear", "pending", "in_force")
_ORDER = ("in_force", "pending", "unclear", "lapsed", "never_filed")


def picture(rights: Iterable[RightRow], rows: Iterable[CountryRow], today: date) -> RightsPicture:
    """Put the words on all rights together: a country is as closed as the strongest right there."""
    registered = [right for right in rights if right.kind in ASKABLE]
    listed = list(rows)
    strongest: dict[str, str] = {}
    for row in listed:
        strongest[row.country] = max(strongest.get(row.country, row.status), row.status, key=_STRENGTH.index)
    named = {row.right_id for row in listed}
    days = [right.others_closed_on for right in registered]
    known = bool(registered) and all(right.id in named for right in registered)
    latest = max((day for day in days if day), default=None)
    others = ""
    if known and latest is not None and all(days):
        others = "free" if latest <= today else "may_follow"
    sources: dict[str, date] = {}
    for row in listed:
        sources[row.source] = min(sources.get(row.source, row.stated_on), row.stated_on)
    grouped = ((status, sorted(code for code, held in strongest.items() if held == status)) for status in _ORDER)
    return RightsPicture(
        where=tuple(Where(status, tuple(codes)) for status, codes in grouped if codes),
        others=others,
        others_from=latest if others == "may_follow" else None,
        told=tuple(sorted(sources.items())),
    )
