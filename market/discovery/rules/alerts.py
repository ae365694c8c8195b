"""When somebody is told of new technologies: at once, or on working mornings where they live."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from market.kit.i18n import _

Frequency = Literal["at_once", "daily", "weekly", "off"]
FREQUENCIES: tuple[Frequency, ...] = ("at_once", "daily", "weekly", "off")

FREQUENCY_LABELS: dict[str, str] = {
    "at_once": _("At once"),
    "daily": _("Every working morning"),
    "weekly": _("Every Monday morning"),
    "off": _("No mail"),
}

MORNING = time(8)
MOST_SEARCHES = 50
MOST_KEPT = 100
MOST_COMPARED = 4
LONGEST_NAME = 100
LONGEST_NOTE = 1000
MOST_TOLD = 20
"""Technologies named in one mail; of more, it tells the number."""


def due_at(frequency: Frequency, found_at: datetime, timezone: str) -> datetime | None:
    """When the mail about something found at `found_at` goes out (UTC); None when none is wanted.

    Daily is the next eight o'clock of a Monday to Friday in `timezone` (IANA name), weekly that of a Monday. A morning
    that the local clock leaps over, as where the date line moved, is not waited for: the next one counts.
    """
    if frequency == "off":
        return None
    if frequency == "at_once":
        return found_at
    zone = ZoneInfo(timezone)
    days = range(5) if frequency == "daily" else (0,)
    day = found_at.astimezone(zone).date()
    while True:
        if day.weekday() in days:
            moment = _morning(day, zone)
            if moment is not None and moment > found_at:
                return moment
        day += timedelta(days=1)


def _morning(day: date, zone: ZoneInfo) -> datetime | None:
    """Eight o'clock of `day` in UTC; None where that moment was left out."""
    wanted = datetime.combine(day, MORNING)
    moment = wanted.replace(tzinfo=zone).astimezone(UTC)
    return moment if moment.astimezone(zone).replace(tzinfo=None) == wanted else None
