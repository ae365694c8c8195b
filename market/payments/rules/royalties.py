"""Royalties: what sales earn under tiers, and what a yearly minimum adds. Rounded half up, once for each result."""

from collections.abc import Sequence
from decimal import Decimal

from market.kit.money import Money, round_half_up

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


def _upto(scale: Scale, sales: int) -> Decimal:
    bounds = [over for over, _rate in scale[1:]] + [max(sales, scale[-1][0])]
    total = Decimal(0)
    for (over, rate), bound in zip(scale, bounds, strict=True):
        total += max(0, min(sales, bound) - over) * rate
    return total


def true_up(minimum: Money, royalties: Money) -> Money:
    """What is still due at the end of a year so that `minimum` is reached; nothing where royalties reach it."""
    return max(minimum - royalties, Money(0, minimum.currency))
