"""When a listing goes out: a day and a time of the institution's own clock."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def moment(day: date, at: time, timezone: str) -> datetime:
    """The moment, in UTC, when the clocks of `timezone` show `at` on `day`.

    A time that the clocks skip in spring is as much later as they were moved; one that comes twice in autumn is the first.
    """
    return datetime.combine(day, at.replace(tzinfo=None, fold=0), ZoneInfo(timezone)).astimezone(UTC)


def local(at: datetime, timezone: str) -> datetime:
    """A moment as the clocks of `timezone` show it."""
    return at.astimezone(ZoneInfo(timezone))
