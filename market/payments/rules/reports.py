"""The life of a royalty report: due, sent, asked about, approved; approved ones may be corrected by a new version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from market.kit.errors import Refusal
from market.kit.i18n import _
from market.payments.rules.royalty_terms import RoyaltyTerms
from market.payments.rules.working import Sales

DUE = "due"
SENT = "sent"
QUERIED = "queried"
APPROVED = "approved"
STATES = (DUE, SENT, QUERIED, APPROVED)
WITH_LICENSEE = (DUE, QUERIED)

PAY_WITHIN = timedelta(days=30)
"""A royalty is paid within so many days after its report was approved."""

REMIND = (-14, -3, 1, 14, 30)
"""Reminders: so many days after the day a report is due (before it, where negative)."""

MOST_LINES = 500


@dataclass(frozen=True)
class Place:
    """Where a report stands among those of its licence."""

    period: str
    state: str
    ends_on: date


def may_send(others: Sequence[Place], ends_on: date) -> Refusal | None:
    """Reports come in the order of their periods, since the tiers run on from one to the next."""
    for other in others:
        if other.ends_on < ends_on and other.state == DUE:
            return Refusal("earlier_first", _("Send the report of {period} first."), params={"period": other.period})
    return None


def may_approve(others: Sequence[Place], ends_on: date, state: str) -> Refusal | None:
    """A report that waits, after all earlier ones."""
    if state != SENT:
        return Refusal("not_waiting", _("This report does not wait for your approval."))
    for other in others:
        if other.ends_on < ends_on and other.state != APPROVED:
            return Refusal("earlier_open", _("Approve the report of {period} first."), params={"period": other.period})
    return None


def fault(terms: RoyaltyTerms, sales: Sales) -> Refusal | None:
    """Say what a report tells that the licence does not allow, or None."""
    if len(sales.lines) > MOST_LINES:
        return Refusal("too_many_lines", _("A report has at most {limit} lines."), params={"limit": MOST_LINES})
    allowed = {each.kind for each in terms.deductions}
    for sale in sales.lines:
        if sale.gross.currency != terms.currency and (sale.rate <= 0 or sale.rate_on is None or not sale.rate_source):
            return Refusal(
                "no_rate",
                _("Say at which rate you changed {currency} into {into}, of which day, and whose rate it is."),
                params={"currency": sale.gross.currency, "into": terms.currency},
            )
        if set(sale.deductions) - allowed:
            return Refusal("deduction_not_agreed", _("Your licence does not agree to this deduction."))
        if (sale.own is None) != (sale.other is None) or (sale.own is not None and sale.own <= 0):
            return Refusal("combination_half", _("Give the prices of both parts of a combined product."))
    return None


def reminder(due_on: date, today: date) -> int | None:
    """The last of the reminders that is due by `today`, as its day; None before the first."""
    return max((day for day in REMIND if due_on + timedelta(days=day) <= today), default=None)
