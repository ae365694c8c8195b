"""What payments must know of a signed licence to count royalties. Plain, frozen; a term left out was not agreed.

The licence hands its terms over in these types: payments knows nothing of deals.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from market.kit.money import Money

PREPAID = "prepaid"
TRUE_UP = "true_up"
MINIMUM_MODES = (PREPAID, TRUE_UP)
MONTHS_OF = {"quarterly": 3, "half_yearly": 6, "annual": 12}
SIMPLE_YEARLY = "simple_yearly"
COMPOUND_30_DAYS = "compound_30_days"


@dataclass(frozen=True)
class Minimum:
    """The least royalty of a calendar year, from the licence's year `from_year` on (1 is the first).

    `prorate`: a first or last year that is not whole counts by its full months; `count_first_month` says whether the month
    of the beginning counts though it is not whole. `later`: from which licence year on it is how much (minor units).
    """

    amount: Money
    from_year: int = 1
    mode: str = TRUE_UP
    prorate: bool = False
    count_first_month: bool = True
    later: tuple[tuple[int, int], ...] = ()

    def of_year(self, number: int) -> Money:
        """The minimum of the licence's year `number`, if it is whole."""
        changed = [minor for year, minor in self.later if year <= number]
        return Money(changed[-1], self.amount.currency) if changed else self.amount


@dataclass(frozen=True)
class Stacking:
    """Of royalties paid to others the share `offset` is taken off, but not below `floor` of net sales (fractions)."""

    offset: Decimal
    floor: Decimal


@dataclass(frozen=True)
class Deduction:
    """A kind of deduction from gross sales, at most `cap` of them (a fraction); None for no cap."""

    kind: str
    cap: Decimal | None = None


@dataclass(frozen=True)
class LateInterest:
    """`simple_yearly`: `rate` a year, by days of 365. `compound_30_days`: `rate` for each 30 days, added up."""

    rate: Decimal
    method: str = SIMPLE_YEARLY


@dataclass(frozen=True)
class RoyaltyTerms:
    """All that decides what sales earn, how often they are told, and what else follows from them."""

    currency: str
    tiers: tuple[tuple[int, Decimal], ...] = ()
    lifetime: bool = False
    months: int = 12
    grace_days: int = 30
    minimum: Minimum | None = None
    stacking: Stacking | None = None
    combination: bool = False
    deductions: tuple[Deduction, ...] = ()
    humanitarian_rate: Decimal | None = None
    sublicence_share: Decimal | None = None
    late_interest: LateInterest | None = None
    audit_threshold: Decimal | None = None

    @property
    def reported(self) -> bool:
        """Whether the licensee reports sales at all."""
        return bool(self.tiers)


@dataclass(frozen=True)
class SignedLicence:
    """A licence that runs, as it is handed over."""

    deal_id: str
    licensor_id: str
    licensee_id: str
    number: str
    title: str
    begins_on: date
    ends_on: date | None
    terms: RoyaltyTerms = field(default_factory=lambda: RoyaltyTerms("EUR"))


# --- as plain data, for the database


def to_plain(terms: RoyaltyTerms) -> dict[str, Any]:
    """The terms as JSON takes them; rates are written as text."""
    minimum, stacking, late = terms.minimum, terms.stacking, terms.late_interest
    return {
        "currency": terms.currency,
        "tiers": [[over, str(rate)] for over, rate in terms.tiers],
        "lifetime": terms.lifetime,
        "months": terms.months,
        "grace_days": terms.grace_days,
        "minimum": None
        if minimum is None
        else [
            minimum.amount.minor,
            minimum.from_year,
            minimum.mode,
            minimum.prorate,
            minimum.count_first_month,
            [list(step) for step in minimum.later],
        ],
        "stacking": None if stacking is None else [str(stacking.offset), str(stacking.floor)],
        "combination": terms.combination,
        "deductions": [[each.kind, _text(each.cap)] for each in terms.deductions],
        "humanitarian_rate": _text(terms.humanitarian_rate),
        "sublicence_share": _text(terms.sublicence_share),
        "late_interest": None if late is None else [str(late.rate), late.method],
        "audit_threshold": _text(terms.audit_threshold),
    }


def from_plain(kept: dict[str, Any]) -> RoyaltyTerms:
    """The same, read back."""
    minimum, stacking, late = kept.get("minimum"), kept.get("stacking"), kept.get("late_interest")
    return RoyaltyTerms(
        currency=kept["currency"],
        tiers=tuple((over, Decimal(rate)) for over, rate in kept["tiers"]),
        lifetime=kept["lifetime"],
        months=kept["months"],
        grace_days=kept["grace_days"],
        minimum=_read_minimum(kept["currency"], minimum) if minimum else None,
        stacking=Stacking(*map(Decimal, stacking)) if stacking else None,
        combination=kept.get("combination", False),
        deductions=tuple(Deduction(kind, _decimal(cap)) for kind, cap in kept.get("deductions", ())),
        humanitarian_rate=_decimal(kept.get("humanitarian_rate")),
        sublicence_share=_decimal(kept.get("sublicence_share")),
        late_interest=LateInterest(Decimal(late[0]), late[1]) if late else None,
        audit_threshold=_decimal(kept.get("audit_threshold")),
    )


def _read_minimum(currency: str, kept: list[Any]) -> Minimum:
    minor, from_year, mode, prorate, first_month, *later = kept
    steps = tuple((year, amount) for year, amount in (later[0] if later else ()))
    return Minimum(Money(minor, currency), from_year, mode, prorate, first_month, steps)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)
