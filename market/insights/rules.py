"""Periods of statistics, and how their days are put together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from market.kit.i18n import _

PERIODS = {
    "30": _("The last 30 days"),
    "90": _("The last 90 days"),
    "365": _("The last year"),
}
"""The periods one may look at, in days."""

_STEPS = {"30": 1, "90": 7, "365": 30}


@dataclass(frozen=True)
class Period:
    """Some days up to and including `last`, in steps of `step` days; the first step may be shorter."""

    key: str
    last: date

    @property
    def first(self) -> date:
        """The first day."""
        return self.last - timedelta(days=int(self.key) - 1)

    @property
    def step(self) -> int:
        """Days in a step."""
        return _STEPS[self.key]

    @property
    def starts(self) -> list[date]:
        """The first day of each step, the steps counted back from the last day."""
        count = -(-int(self.key) // self.step)
        ends = (self.last - timedelta(days=self.step * n) for n in range(count))
        return [max(self.first, end - timedelta(days=self.step - 1)) for end in ends][::-1]

    def at(self, day: date) -> int:
        """In which step a day lies."""
        return len(self.starts) - 1 - (self.last - day).days // self.step

    def sums(self, by_day: Mapping[date, int]) -> list[int]:
        """One sum for each step."""
        sums = [0] * len(self.starts)
        for day, count in by_day.items():
            if self.first <= day <= self.last:
                sums[self.at(day)] += count
        return sums


def period(asked: str, today: date) -> Period:
    """The period of an address; the last 90 days where it says nothing that we know."""
    return Period(asked if asked in PERIODS else "90", today)


def middle(days: Iterable[int]) -> int | None:
    """The median of answering times, halves rounded up; None of none."""
    known = list(days)
    return int(median(known) + 0.5) if known else None
