"""When a licence ends."""

import calendar
from datetime import date, timedelta

from market.deals.rules.terms import Term, TermKind


def years_after(day: date, years: int) -> date:
    """The same day `years` later; 29 February becomes 1 March where the year has none."""
    if day.month == 2 and day.day == 29 and not calendar.isleap(day.year + years):
        return date(day.year + years, 3, 1)
    return day.replace(year=day.year + years)


def last_day(term: Term, *, begins_on: date, last_patent_ends: date | None) -> date | None:
    """The last day of a licence that begins on `begins_on`; None while it is not known when the last patent ends."""
    if term.kind == TermKind.YEARS and term.years:
        return years_after(begins_on, term.years) - timedelta(days=1)
    if term.kind == TermKind.UNTIL:
        return term.until
    return last_patent_ends
