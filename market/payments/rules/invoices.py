"""Invoices: lines with tax, and the state that follows from what is allocated."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from market.kit.money import Money

DRAFT = "draft"
ISSUED = "issued"
PARTIALLY_PAID = "partially_paid"
PAID = "paid"
VOID = "void"
WRITTEN_OFF = "written_off"

STATES = (DRAFT, ISSUED, PARTIALLY_PAID, PAID, VOID, WRITTEN_OFF)
# What the licensee still owes.
OWED = (ISSUED, PARTIALLY_PAID)

KINDS = (
    "upfront",
    "instalment",
    "milestone",
    "annual_minimum",
    "royalty",
    "patent_costs",
    "option",
    "sublicence",
    "late_interest",
)


@dataclass(frozen=True)
class Line:
    """One line of an invoice: its kind decides the income account; `tax_rate` is a fraction such as 0.19."""

    kind: str
    description: str
    net: Money
    tax_rate: Decimal = Decimal(0)
    reverse_charge: bool = False

    @property
    def tax(self) -> Money:
        """Tax on this line, rounded half up once; nothing where the buyer accounts for it."""
        return self.net * (Decimal(0) if self.reverse_charge else self.tax_rate)


@dataclass(frozen=True)
class Totals:
    """What the lines add up to."""

    net: Money
    tax: Money

    @property
    def due(self) -> Money:
        """Net plus tax."""
        return self.net + self.tax


def totals(lines: Sequence[Line]) -> Totals:
    """Add up `lines`; ValueError for none, CurrencyMismatch when currencies meet."""
    if not lines:
        raise ValueError("an invoice has at least one line")
    nothing = Money(0, lines[0].net.currency)
    return Totals(
        net=sum((line.net for line in lines), nothing),
        tax=sum((line.tax for line in lines), nothing),
    )


def state_of(state: str, *, total: Money, allocated: Money) -> str:
    """The state that `allocated` gives an invoice over `total`; draft, void and written-off stay."""
    if state not in (ISSUED, PARTIALLY_PAID, PAID):
        return state
    if allocated.minor <= 0:
        return ISSUED
    return PARTIALLY_PAID if allocated < total else PAID


def applied(*, received: Money, due: Money) -> Money:
    """How much of `received` goes to an invoice that still has `due`; the rest is unapplied cash."""
    return max(Money(0, due.currency), min(received, due))
