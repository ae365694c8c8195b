"""The periods of royalty reports: parts of calendar years, from the day the licence begins to its last day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Period:
    """A span of days that one report tells of; `key` names it within its licence, such as `2027-Q1`."""

    key: str
    starts_on: date
    ends_on: date
    due_on: date

    @property
    def year(self) -> int:
        """The calendar year it lies in."""
        return self.ends_on.year


def periods(begins_on: date, ends_on: date | None, *, months: int, grace_days: int, until: date) -> Iterator[Period]:
    """Every period that begins by `until`, oldest first. The first and the last may be shorter than the others."""
    start = date(begins_on.year, begins_on.month - (begins_on.month - 1) % months, 1)
    last = min(until, ends_on or until)
    while start <= last:
        after = _months_on(start, months)
        end = min(after - timedelta(days=1), ends_on or date.max)
        yield Period(_key(start, months), max(start, begins_on), end, end + timedelta(days=grace_days))
        start = after


def _months_on(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)


def _key(start: date, months: int) -> str:
    if months == 12:
        return str(start.year)
    letter = "Q" if months == 3 else "H"
    return f"{start.year}-{letter}{(start.month - 1) // months + 1}"
