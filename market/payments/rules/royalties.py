"""Royalties: what sales earn under tiers, and what a yearly minimum adds. Rounded half up, once for each result."""

from collections.abc import Mapping, Sequence
from datetime import date
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


def beyond_prepaid(minimum: Money, royalties: Money, before: Money) -> Money:
    """What `royalties`, after those of `before` in the year, add to a minimum that was paid in advance; none comes back."""
    nothing = Money(0, minimum.currency)
    return max(before + royalties - minimum, nothing) - max(before - minimum, nothing)


def minimum_of(minimum: Minimum | None, year: int, begins_on: date, first_sale: date | None = None) -> Money | None:
    """The minimum of a calendar year; None where none is agreed for it.

    The first year counts by months where the terms say so, from the month of `first_sale` (of `begins_on` without one).
    """
    if minimum is None or year - begins_on.year + 1 < minimum.from_year:
        return None
    first = first_sale or begins_on
    if not minimum.prorate_first or year != first.year:
        return minimum.amount
    months = 12 - first.month + (1 if minimum.count_first_month else 0)
    return Money(round_half_up(Decimal(minimum.amount.minor * months) / 12), minimum.amount.currency)


def owed_for_year(royalties: Money, minimum: Money | None, *, minimum_charged: bool) -> Money:
    """What a year comes to: its royalties, or its minimum where that has been charged and is more.

    It is the same for both modes: a minimum paid in advance never comes back, and one filled up at the end is credited
    with royalties that are approved later.
    """
    return max(royalties, minimum) if minimum is not None and minimum_charged else royalties


def minimum_due_on(minimum: Minimum, year: int, last_report_due: date) -> date:
    """When the minimum of a year is charged: the last day of its January where it is prepaid, else after its last report."""
    return date(year, 1, 31) if minimum.mode == PREPAID else last_report_due
