"""The working of a royalty report: from the lines of sales to the royalty, each step kept so that both can follow it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from market.kit.money import Money, minor_digits, round_half_up
from market.payments.rules import royalties
from market.payments.rules.royalty_terms import RoyaltyTerms


@dataclass(frozen=True)
class Sale:
    """One line of a report: what was sold where, in the currency of the sale.

    `rate` is how much one unit of that currency is in the licence's, as of `rate_on` by `rate_source`. `own` and `other`
    are the prices of the licensed and the other parts of a product sold in combination.
    """

    product: str
    country: str
    gross: Money
    deductions: Mapping[str, Money] = field(default_factory=dict)
    humanitarian: bool = False
    own: Decimal | None = None
    other: Decimal | None = None
    rate: Decimal = Decimal(1)
    rate_on: date | None = None
    rate_source: str = ""


@dataclass(frozen=True)
class Sales:
    """All that one report tells; `third_party` is what others were paid in royalties for the same products."""

    lines: tuple[Sale, ...] = ()
    third_party: Money | None = None


@dataclass(frozen=True)
class LineStep:
    """What became of one line: net in its own currency, its licensed part, and that in the licence's currency."""

    sale: Sale
    net: Money
    licensed: Money
    counted: Money


@dataclass(frozen=True)
class Working:
    """The whole computation. `bearing` sales bear the tiers, `humanitarian` ones their own rate."""

    lines: tuple[LineStep, ...]
    bearing: Money
    before: Money
    parts: tuple[tuple[Money, Decimal], ...]
    earned: Money
    humanitarian: Money
    humanitarian_earned: Money
    third_party: Money
    royalty: Money

    @property
    def net(self) -> Money:
        """All net sales."""
        return self.bearing + self.humanitarian

    @property
    def taken_off(self) -> Money:
        """What royalties to others took off."""
        return self.earned + self.humanitarian_earned - self.royalty


def work_out(terms: RoyaltyTerms, sales: Sales, before: Money | None = None) -> Working:
    """What a report earns, after sales of `before` in the span of its tiers. CurrencyMismatch where currencies meet."""
    nothing = Money(0, terms.currency)
    before, third_party = before or nothing, sales.third_party or nothing
    steps = tuple(_step(terms, sale) for sale in sales.lines)
    special = [step.counted for step in steps if _at_humanitarian_rate(terms, step.sale)]
    bearing = sum((step.counted for step in steps if not _at_humanitarian_rate(terms, step.sale)), nothing)
    humanitarian = sum(special, nothing)
    earned = royalties.earned(terms.tiers, bearing, before)
    by_rate = humanitarian * (terms.humanitarian_rate or Decimal(0))
    return Working(
        lines=steps,
        bearing=bearing,
        before=before,
        parts=tuple(royalties.by_tier(terms.tiers, bearing, before)),
        earned=earned,
        humanitarian=humanitarian,
        humanitarian_earned=by_rate,
        third_party=third_party,
        royalty=royalties.stacked(earned, bearing, third_party, terms.stacking) + by_rate,
    )


def _at_humanitarian_rate(terms: RoyaltyTerms, sale: Sale) -> bool:
    return sale.humanitarian and terms.humanitarian_rate is not None


def _step(terms: RoyaltyTerms, sale: Sale) -> LineStep:
    net = royalties.net_of(sale.gross, sale.deductions, {each.kind: each.cap for each in terms.deductions})
    licensed = net
    if terms.combination and sale.own is not None and sale.other is not None:
        licensed = royalties.combined(net, sale.own, sale.other)
    return LineStep(sale, net, licensed, exchanged(licensed, sale.rate, terms.currency))


def exchanged(amount: Money, rate: Decimal, currency: str) -> Money:
    """`amount` in another currency, of which one unit of its own is `rate`."""
    if amount.currency == currency:
        return amount
    scale = Decimal(10) ** (minor_digits(currency) - minor_digits(amount.currency))
    return Money(round_half_up(amount.minor * rate * scale), currency)


@dataclass(frozen=True)
class Told:
    """A report as it counts: its calendar year and what it tells. In the order of their periods."""

    year: int
    sales: Sales


def work_out_all(terms: RoyaltyTerms, told: Sequence[Told]) -> list[Working]:
    """The working of each report of a licence in order: tiers run on within the year, or within the life."""
    found, before, year = [], Money(0, terms.currency), 0
    for report in told:
        if report.year != year and not terms.lifetime:
            before = Money(0, terms.currency)
        year = report.year
        found.append(work_out(terms, report.sales, before))
        before += found[-1].bearing
    return found


def owed_in_all(terms: RoyaltyTerms, told: Sequence[Told], minimums: Mapping[int, Money] | None = None) -> Money:
    """What reports come to, with the minimums that were charged (by year): a year owes the larger of the two.

    What a new or corrected report adds is this less what was charged before; so it never matters in which order the
    reports and their corrections came.
    """
    nothing = Money(0, terms.currency)
    by_year = dict.fromkeys(minimums or (), nothing)
    for report, working in zip(told, work_out_all(terms, told), strict=True):
        by_year[report.year] = by_year.get(report.year, nothing) + working.royalty
    return sum(
        (
            royalties.owed_for_year(sum_, (minimums or {}).get(year), minimum_charged=True)
            for year, sum_ in by_year.items()
        ),
        nothing,
    )


@dataclass(frozen=True)
class Charge:
    """What is invoiced now, and what is left of the licensee's credit."""

    invoiced: Money
    credit: Money


def charge(owed: Money, invoiced_before: Money) -> Charge:
    """Invoice what is `owed` in all beyond what was invoiced; what was invoiced too much stays as credit."""
    nothing = Money(0, owed.currency)
    left = owed - invoiced_before
    return Charge(max(left, nothing), max(-left, nothing))
