"""Days as catalogues write them; where day and month could be swapped, the column as a whole decides."""

import re
from collections.abc import Iterable
from datetime import date

_ISO = re.compile(r"(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})(?:[T ].*)?")
_PARTS = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4}|\d{2})(?:\s.*)?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = re.compile(r"(?:(\d{1,2})\.?\s+)?([A-Za-z]{3})[A-Za-z]*\.?\s+(?:(\d{1,2})(?:st|nd|rd|th)?,?\s+)?(\d{4})")


def month_first(texts: Iterable[str]) -> bool | None:
    """Whether a column writes the month before the day: told by the days after the 12th; None when nothing tells it."""
    seen = [(int(match.group(1)), int(match.group(2))) for text in texts if (match := _PARTS.fullmatch(text.strip()))]
    if any(one > 12 for one, _other in seen):
        return False
    return True if any(other > 12 for _one, other in seen) else None


def parse_day(text: str, *, month_comes_first: bool | None) -> tuple[date | None, bool]:
    """The day, and whether day and month may be swapped in it. None for no day that we can read."""
    text = text.strip()
    if match := _ISO.fullmatch(text):
        return _day(*map(int, match.groups())), False
    if match := _NAMED.fullmatch(text):
        before, name, after, year = match.groups()
        if name.lower() in _MONTHS and (before or after):
            return _day(int(year), _MONTHS.index(name.lower()) + 1, int(before or after)), False
    match = _PARTS.fullmatch(text)
    if match is None:
        return None, False
    one, two, year = (int(part) for part in match.groups())
    year += 0 if year > 99 else 2000 if year < 70 else 1900
    month, day = (one, two) if (month_comes_first and one <= 12) or two > 12 else (two, one)
    return _day(year, month, day), month_comes_first is None and one <= 12 and two <= 12 and one != two


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
