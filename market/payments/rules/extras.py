"""What a licence may bring besides royalties: sublicence income, patent costs, late interest, the cost of an audit."""

from datetime import date
from decimal import Decimal

from market.kit.money import Money, round_half_up, split, split_by
from market.payments.rules.royalty_terms import COMPOUND_30_DAYS, LateInterest

DAYS_A_YEAR = 365
COMPOUND_DAYS = 30


def sublicence_income(receipt: Money, reimbursed: Money, share: Decimal) -> Money:
    """The licensor's share of what a sublicence brought, less development that was only reimbursed."""
    return max(receipt - reimbursed, Money(0, receipt.currency)) * share


def patent_cost_shares(cost: Money, licensees: int) -> list[Money]:
    """A cost shared equally among licensees; the parts add up exactly, the first bear what is left over."""
    return split(cost, licensees)


def patent_cost_parts(cost: Money, shares: list[int]) -> list[Money]:
    """A cost shared by weights, such as shares in per cent; the parts add up exactly."""
    return split_by(cost, shares)


def late_interest(owed: Money, terms: LateInterest | None, *, due_on: date, paid_on: date) -> Money:
    """Interest from the day after `due_on` to `paid_on`; nothing where none was agreed or it was in time.

    Compound: each whole 30 days add the rate to the debt, the days begun after them count in proportion.
    """
    days = (paid_on - due_on).days
    if terms is None or days <= 0:
        return Money(0, owed.currency)
    if terms.method == COMPOUND_30_DAYS:
        whole, rest = divmod(days, COMPOUND_DAYS)
        grown = (1 + terms.rate) ** whole * (1 + terms.rate * rest / COMPOUND_DAYS)
        return Money(round_half_up(owed.minor * (grown - 1)), owed.currency)
    return Money(round_half_up(owed.minor * terms.rate * days / DAYS_A_YEAR), owed.currency)


def underpaid_share(due: Money, reported: Money) -> Decimal:
    """How far what was reported falls short of what was due, as a fraction of what was due."""
    return Decimal((due - reported).minor) / due.minor if due.minor > 0 else Decimal(0)


def audit_cost_shifts(due: Money, reported: Money, threshold: Decimal | None) -> bool:
    """Whether the licensee bears the audit: it told more than `threshold` too little. Exactly at it, it does not."""
    return threshold is not None and underpaid_share(due, reported) > threshold
