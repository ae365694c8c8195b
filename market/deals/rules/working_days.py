"""Working days: weekends off, and the holidays of whoever is asked for."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Holidays = Callable[[date], bool]

RESPONSE_DAYS = 5


def no_holidays(_day: date) -> bool:
    """The calendar that knows only weekends."""
    return False


def is_working_day(day: date, holidays: Holidays = no_holidays) -> bool:
    """Monday to Friday, when it is no holiday."""
    return day.weekday() < 5 and not holidays(day)


def add_working_days(start: date, days: int, holidays: Holidays = no_holidays) -> date:
    """The day that many working days after `start`; with 0, `start` or the next working day."""
    day = start
    while not is_working_day(day, holidays) and days == 0:
        day += timedelta(days=1)
    for _step in range(days):
        day += timedelta(days=1)
        while not is_working_day(day, holidays):
            day += timedelta(days=1)
    return day


def working_days_between(start: date, end: date, holidays: Holidays = no_holidays) -> int:
    """How many working days lie after `start` up to and including `end`; 0 when `end` is not later."""
    days = (end - start).days
    return sum(1 for n in range(1, days + 1) if is_working_day(start + timedelta(days=n), holidays))


def due_on(moment: datetime, days: int, timezone: str = "UTC", holidays: Holidays = no_holidays) -> date:
    """The day that lies `days` working days after `moment`, as seen in `timezone` (IANA name)."""
    return add_working_days(moment.astimezone(ZoneInfo(timezone)).date(), days, holidays)


def end_of(day: date, timezone: str = "UTC") -> datetime:
    """The moment (UTC) from which `day` is over: the midnight that follows it in `timezone`, whatever clocks do that night."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(timezone)).astimezone(UTC)
