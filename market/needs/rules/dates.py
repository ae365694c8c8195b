"""Days as other catalogues write them, American order first where digits alone leave it open."""

import re
from datetime import date

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january"),
            ("feb", "february"),
            ("mar", "march"),
            ("apr", "april"),
            ("may",),
            ("jun", "june"),
            ("jul", "july"),
            ("aug", "august"),
            ("sep", "sept", "september"),
            ("oct", "october"),
            ("nov", "november"),
            ("dec", "december"),
        ),
        start=1,
    )
    for name in names
}
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)")
_MONTH_DAY = re.compile(r"([A-Za-z]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?!\d)")
_DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\.?\s+([A-Za-z]+)\.?,?\s+(\d{4})(?!\d)")
_WEEKDAY = re.compile(r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+", re.IGNORECASE)
_NOTHING = frozenset(("", "none", "null", "n/a", "na", "nan", "-", "tbd", "tba", "ongoing", "open", "rolling"))


def is_nothing(text: str) -> bool:
    """Whether a cell says that there is no day, in one of the ways of saying so."""
    return text.strip().casefold() in _NOTHING


def read_day(text: str) -> date | None:
    """The day at the beginning of `text`, whatever hour follows; None where there is none that exists.

    Known layouts: 2020-08-31, 2020-08-31T17:00Z, 2020/08/31 12 p.m., 08/31/2020 05:00 PM, 31.08.2020, 8/31/2020,
    August 31, 2020, Aug. 31 2020, 31 August 2020; a weekday before and more spaces than one are passed over.
    """
    tidy = _WEEKDAY.sub("", " ".join(text.split()))
    found = _YEAR_FIRST.match(tidy)
    if found:
        return _day(found[1], found[2], found[3])
    found = _YEAR_LAST.match(tidy)
    if found:
        first, mark, second, year = found.groups()
        in_order = _day(year, second, first) if mark == "." else _day(year, first, second)
        return in_order or (_day(year, first, second) if mark == "." else _day(year, second, first))
    found = _MONTH_DAY.match(tidy)
    if found:
        return _day(found[3], _month(found[1]), found[2])
    found = _DAY_MONTH.match(tidy)
    return _day(found[3], _month(found[2]), found[1]) if found else None


def _month(name: str) -> int:
    return _MONTHS.get(name.casefold(), 0)


def _day(year: str, month: str | int, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
