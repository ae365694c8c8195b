"""The outside thing that moves money: a card rail with a hosted page (integrations: Stripe, its sandbox)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from market.kit.money import Money
from market.payments.rules.attempts import Observation


class GatewayError(Exception):
    """The root of what a gateway raises; `code` is the rail's own word for it."""

    def __init__(self, message: str, code: str = "") -> None:
        self.code = code
        super().__init__(message)


class GatewayUnavailable(GatewayError):
    """No answer, or one that says nothing about what happened: send the same call again, under the same key."""


class GatewayFaulted(GatewayUnavailable):
    """A server error that is replayed under its key: look the object up before a new key is taken."""


class GatewayRefused(GatewayError):
    """The rail understood and said no; the same call will never succeed."""


class GatewayUnknown(GatewayError):
    """The rail does not know the object (yet)."""


class ForgedWebhook(GatewayError):
    """The message was not signed by the rail, or is too old, or is not what it says it is."""


@dataclass(frozen=True)
class CheckoutRequest:
    """A hosted page to be made. Sent again with the same `key` it must be equal in every field.

    `metadata` carries the attempt's and the installation's id; `expires_at` lies 30 minutes to 24 hours ahead.
    """

    key: str
    amount: Money
    description: str
    reference: str
    email: str
    success_url: str
    cancel_url: str
    expires_at: datetime
    metadata: dict[str, str]
    locale: str = "auto"


@dataclass(frozen=True)
class CheckoutPage:
    """A hosted page that was made: where the payer goes, and the session's id."""

    session_id: str
    url: str
    expires_at: datetime


@dataclass(frozen=True)
class BalanceTxn:
    """What a charge did to the rail's balance; `fee` is the rail's own."""

    id: str
    amount: Money
    fee: Money
    net: Money
    available_on: datetime


@dataclass(frozen=True)
class Sighting:
    """The whole truth about one hosted page at one moment; `balance` may come later than the charge."""

    seen: Observation
    url: str | None
    balance: BalanceTxn | None = None


@dataclass(frozen=True)
class RailEvent:
    """An event's envelope: enough to find the object again; what it says about the object is not believed."""

    id: str
    type: str
    created: datetime
    livemode: bool
    account: str
    object_type: str
    object_id: str


class PaymentGateway(Protocol):
    """What payments needs of a card rail. Calls raise GatewayError; none is made inside a transaction."""

    mode: str
    """`sandbox`, `test` or `live`."""
    account: str
    """The account on whose behalf it speaks; empty for the key's own."""
    webhook_secrets: tuple[str, ...]
    """What webhooks are signed with: the current secret, then the previous one; without any none is taken."""

    def create_checkout(self, request: CheckoutRequest) -> CheckoutPage:
        """Make the hosted page; the same request gives the same page."""
        ...

    def retrieve_session(self, session_id: str) -> Sighting:
        """Look at a page with its payment, charge and balance transaction."""
        ...

    def find_session(self, object_type: str, object_id: str) -> Sighting | None:
        """Find the page that an event's object belongs to; None when it belongs to none of ours."""
        ...

    def look_up(self, attempt_id: str, *, since: datetime, until: datetime) -> Sighting | None:
        """Find a page by the attempt in its metadata among those made in a span of time; None when there is none."""
        ...

    def expire_session(self, session_id: str) -> Sighting:
        """Close the page so that nobody can pay on it any more, and look at it; a closed page stays as it is."""
        ...

    def verify_webhook(self, body: bytes, signature: str, *, now: datetime) -> RailEvent:
        """Read a signed message; raises ForgedWebhook. The secrets are tried in order (current, then previous)."""
        ...

    def read_event(self, body: bytes) -> RailEvent:
        """Read a message that was verified before it was stored; raises ValueError."""
        ...

    def list_events(self, *, since: datetime) -> Sequence[bytes]:
        """Every event since then, oldest first, as `read_event` takes it."""
        ...
