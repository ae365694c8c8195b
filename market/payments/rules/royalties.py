"""Royalties: what sales earn under tiers, and what a yearly minimum adds. Rounded half up, once for each result."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from market.kit.money import Money, round_half_up
from market.payments.rules.royalty_terms import PREPAID, Minimum, Stacking

Scale = Sequence[tuple[int, Decimal]]
"""Marginal tiers: from net sales of so many minor units on, this rate (a fraction). The first begins at 0."""


def earned(scale: Scale, sales: Money, before: Money | None = None) -> Money:
    """The royalty on `sales` that follow sales of `before` in the same year (or life, as the terms say).

    Each rate counts for the sales inside its own tier, so that splitting a period never changes the exact sum; the
    rounding, half up, is that of the invoice line.
    """
    start = before or Money(0, sales.currency)
    end = start + sales
    return Money(round_half_up(_upto(scale, end.minor) - _upto(scale, start.minor)), sales.currency)


def by_tier(scale: Scale, sales: Money, before: Money) -> list[tuple[Money, Decimal]]:
    """How much of `sales` falls into each tier that it reaches, with the tier's rate; for showing the working."""
    end = (before + sales).minor
    bounds = [over for over, _rate in scale[1:]] + [max(end, scale[-1][0])]
    parts = []
    for (over, rate), bound in zip(scale, bounds, strict=True):
        inside = max(0, min(end, bound) - over) - max(0, min(before.minor, bound) - over)
        if inside:
            parts.append((Money(inside, sales.currency), rate))
    return parts


def _upto(scale: Scale, sales: int) -> Decimal:
    bounds = [over for over, _rate in scale[1:]] + [max(sales, scale[-1][0])]
    total = Decimal(0)
    for (over, rate), bound in zip(scale, bounds, strict=True):
        total += max(0, min(sales, bound) - over) * rate
    return total


# --- before the rate: what counts as net sales


def net_of(gross: Money, deductions: Mapping[str, Money], caps: Mapping[str, Decimal | None]) -> Money:
    """Gross sales less what may be deducted: each kind up to its cap (a fraction of gross), and never below nothing.

    A kind that `caps` does not name was not agreed and takes nothing off.
    """
    net = gross
    for kind, amount in deductions.items():
        if kind in caps:
            cap = caps[kind]
            net -= amount if cap is None else min(amount, gross * cap)
    return max(net, Money(0, gross.currency))


def combined(net: Money, own: Decimal, other: Decimal) -> Money:
    """The part A / (A + B) of net sales that the licensed part `own` has in a product sold with `other` parts."""
    if own <= 0 or other < 0:
        raise ValueError("the licensed part has a price above zero, the others none below")
    return Money(round_half_up(net.minor * own / (own + other)), net.currency)


# --- after the rate: what others are paid


def stacked(royalty: Money, net: Money, third_party: Money, stacking: Stacking | None) -> Money:
    """The royalty less the agreed share of what others were paid, but not below the floor; never more than before."""
    if stacking is None:
        return royalty
    floor = min(royalty, net * stacking.floor)
    return max(royalty - third_party * stacking.offset, floor)


# --- yearly minimums


def true_up(minimum: Money, royalties: Money) -> Money:
    """What is still due at the end of a year so that `minimum` is reached; nothing where royalties reach it."""
    return max(minimum - royalties, Money(0, minimum.currency))


def minimum_of(
    minimum: Minimum | None, year: int, begins_on: date, first_sale: date | None = None, ends_on: date | None = None
) -> Money | None:
    """The minimum of a calendar year; None where none is agreed for it.

    A broken first or last year counts by months where the terms say so: from the month of `first_sale` (of `begins_on`
    without one), and until `ends_on`.
    """
    number = year - begins_on.year + 1
    if minimum is None or number < max(1, minimum.from_year) or (ends_on is not None and year > ends_on.year):
        return None
    amount = minimum.of_year(number)
    months = _months(minimum, year, first_sale or begins_on, ends_on) if minimum.prorate else 12
    return Money(round_half_up(Decimal(amount.minor * months) / 12), amount.currency)


def _months(minimum: Minimum, year: int, first: date, ends_on: date | None) -> int:
    """How many months of `year` count."""
    months = 12
    if year == first.year:
        months -= first.month - (1 if minimum.count_first_month or first.day == 1 else 0)
    if ends_on is not None and year == ends_on.year:
        whole = (ends_on + timedelta(days=1)).day == 1
        months -= 12 - ends_on.month + (0 if whole else 1)
    return max(0, months)


def minimum_day(minimum: Minimum, year: int, begins_on: date, grace_days: int) -> date:
    """When the minimum of a year is invoiced: prepaid on the first of February, or on the licence's first day; else the
    day after the year's last report was due."""
    if minimum.mode == PREPAID:
        return max(date(year, 2, 1), begins_on)
    return date(year, 12, 31) + timedelta(days=grace_days + 1)


def minimum_due(minimum: Minimum, year: int, today: date) -> date | None:
    """The day by which the terms want a minimum invoiced `today`: prepaid, the end of February; None where they name none
    that is still to come."""
    february = date(year, 3, 1) - timedelta(days=1)
    return february if minimum.mode == PREPAID and today < february else None


def owed_for_year(royalties: Money, minimum: Money | None, *, minimum_charged: bool) -> Money:
    """What a year comes to: its royalties, or its minimum where that has been charged and is more.

    It is the same for both modes: a minimum paid in advance never comes back, and one filled up at the end is credited
    with royalties that are approved later.
    """
    return max(royalties, minimum) if minimum is not None and minimum_charged else royalties
