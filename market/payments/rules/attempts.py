"""Attempts to pay: the states, and what an observation of the outside truth makes of them.

Money wins: whatever an attempt was, once the money is there it has succeeded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from market.kit.errors import Refusal
from market.kit.i18n import _
from market.kit.money import Money

CREATING = "creating"
OPEN = "open"
PROCESSING = "processing"
SUCCEEDED = "succeeded"
FAILED = "failed"
EXPIRED = "expired"
CANCELED = "canceled"

STATES = (CREATING, OPEN, PROCESSING, SUCCEEDED, FAILED, EXPIRED, CANCELED)
# At most one of these for an invoice at any moment.
LIVING = (CREATING, OPEN, PROCESSING)

# A hosted page lives shorter than Stripe's limit of 24 hours; a key is replayed only while Stripe surely remembers it.
SESSION_LIFE = timedelta(hours=23, minutes=30)
REPLAY_WITHIN = timedelta(hours=23)


@dataclass(frozen=True)
class Frozen:
    """What an attempt promised when it was made; it never changes."""

    attempt_id: str
    installation: str
    mode: str
    account: str
    amount: Money


@dataclass(frozen=True)
class Observation:
    """What the outside says now about one hosted page and its payment."""

    mode: str
    account: str
    session_id: str
    session_status: str
    payment_status: str
    amount: Money
    metadata: Mapping[str, str]
    intent_id: str | None = None
    intent_status: str | None = None
    received: Money | None = None
    charge_id: str | None = None
    failure: str | None = None


def state_from(seen: Observation, state: str) -> str:
    """The attempt's state after `seen`, whatever order news arrives in; what has ended does not come to life again."""
    if state == SUCCEEDED or seen.intent_status == "succeeded":
        return SUCCEEDED
    now = _living_state(seen)
    return state if now in LIVING and state not in LIVING else now


def _living_state(seen: Observation) -> str:
    if seen.intent_status == "processing":
        return PROCESSING
    if seen.intent_status == "canceled":
        return CANCELED
    if seen.session_status == "complete":
        return FAILED if seen.intent_status == "requires_payment_method" else PROCESSING
    if seen.session_status == "expired":
        return EXPIRED
    return OPEN


def mismatch(frozen: Frozen, seen: Observation) -> str | None:
    """Name what does not fit the promise, or None; money that does not fit goes to suspense, never to an invoice."""
    promised = {
        "attempt": (frozen.attempt_id, seen.metadata.get("attempt")),
        "installation": (frozen.installation, seen.metadata.get("installation")),
        "mode": (frozen.mode, seen.mode),
        "account": (frozen.account, seen.account),
        "currency": (frozen.amount.currency, seen.amount.currency),
        "amount": (frozen.amount.minor, seen.amount.minor),
    }
    for what, (expected, actual) in promised.items():
        if expected != actual:
            return what
    if seen.received is not None and seen.received.currency != frozen.amount.currency:
        return "currency"
    if seen.intent_status == "succeeded" and seen.received != frozen.amount:
        return "amount"
    return None


def may_start(*, invoice_state: str, living: str | None) -> Refusal | None:
    """Say why no new payment can begin, or None; an open page is used again, so it is no obstacle."""
    if invoice_state == "paid":
        return Refusal("already_paid", _("This invoice is paid. There is nothing left to do."))
    if invoice_state not in ("issued", "partially_paid"):
        return Refusal("not_payable", _("This invoice cannot be paid."))
    if living == PROCESSING:
        return Refusal("on_its_way", _("A payment is on its way. Your bank still has to confirm it."))
    return None


def replay_key(*, created_at: datetime, now: datetime) -> bool:
    """Whether the call may be sent again under its own key; older ones must be looked up instead."""
    return now - created_at < REPLAY_WITHIN
