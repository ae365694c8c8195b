"""Stripe behind our Protocol: the official SDK, with timeouts, retries under one key, and nothing but integers sent.

The sandbox and the real thing are the same code with another base address. `stripe` is imported at the first call, because
that takes over a second.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from market.payments.gateway import (
    BalanceTxn,
    CheckoutPage,
    CheckoutRequest,
    ForgedWebhook,
    GatewayError,
    GatewayFaulted,
    GatewayRefused,
    GatewayUnavailable,
    GatewayUnknown,
    RailEvent,
    Sighting,
)
from market.payments.rules.amounts import from_wire, to_wire
from market.payments.rules.attempts import Observation

if TYPE_CHECKING:
    import stripe

T = TypeVar("T")

STRIPE = "https://api.stripe.com"
TOLERANCE = timedelta(seconds=300)
RETRIES = 2
_EXPAND = ["payment_intent.latest_charge.balance_transaction"]


class StripeGateway:
    """A PaymentGateway that speaks to Stripe, or to whoever speaks Stripe's protocol at `base`.

    `mode` is sandbox, test or live; a live key with any base but Stripe's, or the sandbox with a real key, is refused.
    `timeout` is (to connect, to answer) in seconds; `http_client` replaces the SDK's own.
    """

    def __init__(
        self,
        api_key: str,
        *,
        mode: str,
        base: str = STRIPE,
        account: str = "",
        webhook_secrets: Sequence[str] = (),
        timeout: tuple[float, float] = (5, 20),
        http_client: "stripe.HTTPClient | None" = None,
    ) -> None:
        refuse_mixture(api_key, mode=mode, base=base)
        self.mode = mode
        self.account = account
        self.webhook_secrets = tuple(webhook_secrets)
        self._key = api_key
        self._base = base
        self._timeout = timeout
        self._http_client = http_client

    @cached_property
    def _client(self) -> "stripe.StripeClient":
        import stripe  # noqa: PLC0415 - takes a second

        return stripe.StripeClient(
            self._key,
            stripe_account=self.account or None,
            base_addresses={"api": self._base},
            max_network_retries=RETRIES,
            http_client=self._http_client or stripe.RequestsClient(timeout=self._timeout),
        )

    # --- hosted pages

    def create_checkout(self, request: CheckoutRequest) -> CheckoutPage:
        """Make the hosted page; the same request gives the same page."""
        params: dict[str, Any] = {
            "mode": "payment",
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": request.amount.currency.lower(),
                        "unit_amount": to_wire(request.amount),
                        "product_data": {"name": request.description},
                    },
                }
            ],
            "client_reference_id": request.reference,
            "customer_email": request.email,
            "success_url": request.success_url,
            "cancel_url": request.cancel_url,
            "expires_at": int(request.expires_at.timestamp()),
            "metadata": request.metadata,
            "payment_intent_data": {"description": request.description, "metadata": request.metadata},
            "locale": request.locale,
        }
        made = self._ask(
            lambda: self._client.v1.checkout.sessions.create(params, {"idempotency_key": request.key})  # type: ignore[arg-type]
        ).to_dict()
        return CheckoutPage(made["id"], made["url"] or "", _moment(made["expires_at"]))

    def retrieve_session(self, session_id: str) -> Sighting:
        """Look at a page with its payment, charge and balance transaction."""
        found = self._ask(lambda: self._client.v1.checkout.sessions.retrieve(session_id, {"expand": _EXPAND}))
        return self._sighting(found.to_dict())

    def expire_session(self, session_id: str) -> Sighting:
        """Close the page so that nobody can pay on it any more, and look at it; a closed page stays as it is."""
        with suppress(GatewayRefused):  # complete or expired already: looking at it says which
            self._ask(lambda: self._client.v1.checkout.sessions.expire(session_id))
        return self.retrieve_session(session_id)

    def find_session(self, object_type: str, object_id: str) -> Sighting | None:
        """Find the page that an event's object belongs to; None when it belongs to none of ours."""
        if object_type == "checkout.session":
            return self.retrieve_session(object_id)
        intent_id = self._intent_of(object_type, object_id)
        if intent_id is None:
            return None
        sessions = self._ask(
            lambda: self._client.v1.checkout.sessions.list(
                {"payment_intent": intent_id, "limit": 1, "expand": [f"data.{_EXPAND[0]}"]}
            )
        ).data
        return self._sighting(sessions[0].to_dict()) if sessions else None

    def look_up(self, attempt_id: str, *, since: datetime, until: datetime) -> Sighting | None:
        """Find a page by the attempt in its metadata among those made in a span of time; None when there is none."""
        created: Any = {"gte": int(since.timestamp()), "lte": int(until.timestamp()) + 1}
        pages = self._ask(
            lambda: list(self._client.v1.checkout.sessions.list({"created": created, "limit": 100}).auto_paging_iter())
        )
        for page in pages:
            if (page.to_dict().get("metadata") or {}).get("attempt") == attempt_id:
                return self.retrieve_session(page.id)
        return None

    def _intent_of(self, object_type: str, object_id: str) -> str | None:
        if object_type == "payment_intent":
            return object_id
        if object_type == "charge":
            charge = self._ask(lambda: self._client.v1.charges.retrieve(object_id)).to_dict()
            return charge.get("payment_intent")
        return None

    # --- events

    def verify_webhook(self, body: bytes, signature: str, *, now: datetime) -> RailEvent:
        """Read a signed message; raises ForgedWebhook. The secrets are tried in order (current, then previous)."""
        import stripe  # noqa: PLC0415 - takes a second

        _check_age(signature, now)
        for secret in self.webhook_secrets:
            try:
                stripe.WebhookSignature.verify_header(body, signature, secret, tolerance=None)
            except (stripe.SignatureVerificationError, ValueError):
                continue
            try:
                return self.read_event(body)
            except ValueError as error:
                raise ForgedWebhook("this is no event") from error
        raise ForgedWebhook("no signature fits")

    def read_event(self, body: bytes) -> RailEvent:
        """Read a message that was verified before it was stored; raises ValueError."""
        try:
            return _event(json.loads(body))
        except RecursionError as error:
            raise ValueError("this is no event") from error

    def list_events(self, *, since: datetime) -> Sequence[bytes]:
        """Every event since then, oldest first, as `read_event` takes it."""
        created: Any = {"gte": int(since.timestamp())}
        listed = self._ask(
            lambda: list(self._client.v1.events.list({"created": created, "limit": 100}).auto_paging_iter())
        )
        return [json.dumps(event.to_dict()).encode() for event in reversed(listed)]

    # --- how we read and how we ask

    def _sighting(self, session: dict[str, Any]) -> Sighting:
        currency = session["currency"]
        intent: dict[str, Any] = session.get("payment_intent") or {}
        charge: dict[str, Any] = intent.get("latest_charge") or {}
        seen = Observation(
            mode=_mode(self.mode, session["livemode"]),
            account=self.account,
            session_id=session["id"],
            session_status=session["status"],
            payment_status=session["payment_status"],
            amount=from_wire(session["amount_total"], currency),
            metadata=session.get("metadata") or {},
            intent_id=intent.get("id"),
            intent_status=intent.get("status"),
            received=from_wire(intent["amount_received"], intent["currency"]) if intent else None,
            charge_id=charge.get("id"),
            failure=(intent.get("last_payment_error") or {}).get("message"),
        )
        return Sighting(seen, session.get("url"), _balance(charge.get("balance_transaction")))

    def _ask(self, call: Callable[[], T]) -> T:
        """Make a call; what the SDK raises becomes a GatewayError."""
        import stripe  # noqa: PLC0415 - takes a second

        try:
            return call()
        except stripe.IdempotencyError as error:
            raise GatewayRefused(str(error), "idempotency_error") from error
        except stripe.InvalidRequestError as error:
            if error.http_status == 404:
                raise GatewayUnknown(str(error), error.code or "") from error
            raise GatewayRefused(str(error), error.code or "") from error
        except (stripe.AuthenticationError, stripe.PermissionError, stripe.CardError) as error:
            raise GatewayRefused(str(error), error.code or "") from error
        except stripe.APIError as error:
            raise _failed(error) from error
        except stripe.StripeError as error:  # rate limits, lines that break, slowness
            raise GatewayUnavailable(str(error), error.code or "") from error


def refuse_mixture(api_key: str, *, mode: str, base: str) -> None:
    """Raise ValueError for a key that does not belong where it would be sent."""
    live = api_key.startswith(("sk_live_", "rk_live_"))
    if live and (mode != "live" or base != STRIPE):
        raise ValueError("a live Stripe key is sent to Stripe itself and nowhere else")
    if mode == "live" and not live:
        raise ValueError("live mode needs a live Stripe key")
    if mode == "sandbox" and (base == STRIPE or not api_key.startswith("sk_test_sandbox")):
        raise ValueError("the sandbox takes the sandbox's own key and address only")


def mode_of(api_key: str) -> str:
    """`live` or `test`, by the key."""
    return "live" if api_key.startswith(("sk_live_", "rk_live_")) else "test"


def _mode(expected: str, livemode: bool) -> str:
    """The mode an object really belongs to; one of the wrong kind names the other, so that it never fits."""
    if livemode:
        return "live"
    return "test" if expected == "live" else expected


def _failed(error: "stripe.APIError") -> GatewayError:
    status = error.http_status or 500
    if status >= 500:
        return GatewayFaulted(str(error), error.code or "")
    kind = GatewayUnavailable if status == 409 else GatewayRefused  # 409: the same key is being served right now
    return kind(str(error), error.code or "")


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _balance(txn: Any) -> BalanceTxn | None:
    if not isinstance(txn, dict):
        return None
    currency = txn["currency"]
    return BalanceTxn(
        txn["id"],
        amount=from_wire(txn["amount"], currency),
        fee=from_wire(txn["fee"], currency),
        net=from_wire(txn["net"], currency),
        available_on=_moment(txn["available_on"]),
    )


def _check_age(signature: str, now: datetime) -> None:
    """Both ways: the SDK takes timestamps of the future."""
    if not signature.isascii():
        raise ForgedWebhook("the signature is no signature")
    times = [part[2:] for part in signature.split(",") if part.startswith("t=")]
    if len(times) != 1 or not times[0].isascii() or not times[0].isdecimal() or len(times[0]) > 12:
        raise ForgedWebhook("the signature has no time")
    if abs(_moment(int(times[0])) - now) > TOLERANCE:
        raise ForgedWebhook("the message is too old, or from the future")


def _event(raw: Any) -> RailEvent:
    try:
        about = raw["data"]["object"]
        return RailEvent(
            id=_text(raw["id"]),
            type=_text(raw["type"]),
            created=_moment(int(raw["created"])),
            livemode=bool(raw["livemode"]),
            account=_text(raw.get("account") or ""),
            object_type=_text(about["object"]),
            object_id=_text(about.get("id") or ""),
        )
    except (KeyError, TypeError, AttributeError, OverflowError, OSError) as error:
        raise ValueError("this is no event") from error


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 255:
        raise TypeError
    return value
