"""Working days: without the weekends and public holidays of the country where somebody has to act."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

DayOff = Callable[[date], bool]
"""Whether nobody has to work on a day."""

RESPONSE_DAYS = 5


def weekend(day: date) -> bool:
    """Saturday and Sunday: the calendar of a country that we know nothing of."""
    return day.weekday() >= 5


def days_off(country: str) -> DayOff:
    """The weekends and public holidays that count in the whole of `country` (ISO 3166); else weekends alone.

    Source: the package `holidays`, which keeps the calendars of some 200 countries.
    """
    if country not in holidays.list_supported_countries(include_aliases=False):
        return weekend
    return lambda day: day.weekday() in _weekend(country) or day in _holidays(country, day.year)


@cache
def _weekend(country: str) -> frozenset[int]:
    return frozenset(holidays.country_holidays(country).weekend)


@cache
def _holidays(country: str, year: int) -> frozenset[date]:
    """Made whole before anybody looks: the package's own tables grow while they are asked, which two threads must not do."""
    return frozenset(holidays.country_holidays(country, years=year))


def is_working_day(day: date, day_off: DayOff = weekend) -> bool:
    """Whether somebody works on that day."""
    return not day_off(day)


def add_working_days(start: date, days: int, day_off: DayOff = weekend) -> date:
    """The day that many working days after `start`; with 0, `start` or the next working day."""
    day = start
    while not is_working_day(day, day_off) and days == 0:
        day += timedelta(days=1)
    for _step in range(days):
        day += timedelta(days=1)
        while not is_working_day(day, day_off):
            day += timedelta(days=1)
    return day


def working_days_between(start: date, end: date, day_off: DayOff = weekend) -> int:
    """How many working days lie after `start` up to and including `end`; 0 when `end` is not later."""
    days = (end - start).days
    return sum(1 for n in range(1, days + 1) if is_working_day(start + timedelta(days=n), day_off))


def due_on(moment: datetime, days: int, timezone: str = "UTC", day_off: DayOff = weekend) -> date:
    """The day that lies `days` working days after `moment`, as seen in `timezone` (IANA name)."""
    return add_working_days(moment.astimezone(ZoneInfo(timezone)).date(), days, day_off)


def end_of(day: date, timezone: str = "UTC") -> datetime:
    """The moment (UTC) from which `day` is over: the midnight that follows it in `timezone`, whatever clocks do that night."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(timezone)).astimezone(UTC)
