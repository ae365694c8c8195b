"""What a licence costs over the years, if sales go badly, as expected, or well.

An outlook, not an invoice: every licence year counts as a whole calendar year, and tax is left out. The royalty itself is
computed by the rules that will invoice it (payments/rules/royalties.py).
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from market.deals.rules.terms import Basis, TermKind, TermSheet
from market.kit.i18n import _
from market.kit.money import MAX_MINOR, Money
from market.payments.rules.royalties import earned, true_up

LONGEST = 20  # years; patents live no longer
WITHOUT_END = 10  # years shown where the terms name no number

SCENARIOS = (
    ("low", _("Low: half of it"), Decimal("0.5")),
    ("expected", _("As expected"), Decimal(1)),
    ("high", _("High: twice as much"), Decimal(2)),
)


@dataclass(frozen=True)
class Year:
    """One licence year: the sales, and what they cost. `fees` are the upfront fee, the option fee and past patent costs."""

    number: int
    sales: Money
    fees: Money
    royalty: Money
    top_up: Money

    @property
    def cost(self) -> Money:
        """All that is due for the year."""
        return self.fees + self.royalty + self.top_up


def years_of(sheet: TermSheet, today: date) -> int:
    """How many years to look ahead, at least one."""
    if sheet.term.kind is TermKind.YEARS and sheet.term.years:
        return min(sheet.term.years, LONGEST)
    if sheet.term.kind is TermKind.UNTIL and sheet.term.until:
        return min(max(sheet.term.until.year - today.year, 1), LONGEST)
    return WITHOUT_END


def outlook(sheet: TermSheet, sales: Money, growth: Decimal, years: int) -> tuple[Year, ...]:
    """Year by year, from `sales` in the first one, growing by the fraction `growth` a year.

    The sales of a year stop at the largest sum that we take anywhere.
    """
    found: list[Year] = []
    before = Money(0, sheet.currency)
    factor = Decimal(1)
    for number in range(1, years + 1):
        sold = min(sales * factor, Money(MAX_MINOR, sheet.currency))
        royalty = _royalty(sheet, sold, before)
        found.append(Year(number, sold, _fees(sheet, number), royalty, _top_up(sheet, number, royalty)))
        before += sold
        factor = min(factor * (1 + growth), Decimal(MAX_MINOR))
    return tuple(found)


def running_total(years: tuple[Year, ...]) -> tuple[Money, ...]:
    """What was paid in all by the end of each year."""
    totals: list[Money] = []
    for year in years:
        totals.append(totals[-1] + year.cost if totals else year.cost)
    return tuple(totals)


def _royalty(sheet: TermSheet, sales: Money, before: Money) -> Money:
    if sheet.royalty is None:
        return Money(0, sheet.currency)
    scale = [(tier.over, tier.rate) for tier in sheet.royalty.tiers]
    return earned(scale, sales, before if sheet.royalty.basis is Basis.LIFETIME else None)


def _fees(sheet: TermSheet, number: int) -> Money:
    fees = Money(0, sheet.currency)
    if number == 1 and sheet.option:
        fees += sheet.option.fee
    parts = sheet.patent_costs.parts if sheet.patent_costs else ()
    if number <= len(parts):
        fees += parts[number - 1]
    return fees + _upfront(sheet, number)


def _upfront(sheet: TermSheet, number: int) -> Money:
    if sheet.upfront is None or not sheet.upfront.instalments:
        return sheet.upfront_amount if number == 1 else Money(0, sheet.currency)
    due = [part.amount for part in sheet.upfront.instalments if part.days_due // 365 + 1 == number]
    return sum(due, Money(0, sheet.currency))


def _top_up(sheet: TermSheet, number: int, royalty: Money) -> Money:
    if sheet.minimum is None:
        return Money(0, sheet.currency)
    return true_up(sheet.minimum.of_year(number), royalty)
