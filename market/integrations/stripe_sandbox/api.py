"""The sandbox's API: what each address does. Called by `app`, inside a transaction of the store."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from market.integrations.stripe_sandbox import happenings, objects
from market.integrations.stripe_sandbox.store import Json, Store
from market.integrations.stripe_sandbox.wire import SandboxError, integer, known, metadata, missing, required
from market.payments.rules.amounts import LARGEST_ON_WIRE, THREE_DECIMAL, wire_digits

ACCOUNT = "acct_sandbox"
COUNTED_IN_HUNDREDS = ("isk", "ugx")
_SESSION_PARAMS = (
    "cancel_url",
    "client_reference_id",
    "currency",
    "customer",
    "customer_creation",
    "customer_email",
    "expand",
    "expires_at",
    "line_items",
    "locale",
    "metadata",
    "mode",
    "payment_intent_data",
    "submit_type",
    "success_url",
    "ui_mode",
    "allowed_payment_method_types",
)
_LIST_PARAMS = ("limit", "starting_after", "ending_before", "created", "expand")

Params = dict[str, Any]
Call = Callable[["Api", Params], Json]


class Api:
    """The calls that the sandbox answers. `page` is the address of the hosted page, without the session's id."""

    def __init__(self, store: Store, page: str) -> None:
        self.store = store
        self.page = page

    def call(self, method: str, path: str, params: Params) -> Json:
        """Carry out one call; raises SandboxError."""
        for verb, pattern, kind, handler in _ROUTES:
            match = pattern.fullmatch(path)
            if verb == method and match:
                return handler(self, kind, params, *match.groups())
        raise SandboxError(
            f"Unrecognized request URL ({method}: {path}). The sandbox does not imitate this part of Stripe.",
            status=404,
        )

    # --- what all kinds have

    def retrieve(self, kind: str, params: Params, object_id: str) -> Json:
        """One object, with what was asked to be expanded."""
        known(params, ("expand",))
        return self._expanded(self._find(kind, object_id), params.get("expand") or [])

    def search(self, kind: str, params: Params) -> Json:
        """A page of objects, newest first."""
        filters = {key: value for key, value in params.items() if key not in _LIST_PARAMS}
        known(filters, _FILTERS.get(kind, ()))
        limit = integer(params["limit"], "limit") if "limit" in params else 10
        if not 1 <= limit <= 100:
            raise SandboxError("Limit must be between 1 and 100", param="limit")
        found = [one for one in self.store.newest(kind) if _fits(one, filters, params.get("created"))]
        found, more = _window(found, params, limit)
        expand = [path.removeprefix("data.") for path in params.get("expand") or []]
        return {
            "object": "list",
            "url": f"/v1/{kind}",
            "has_more": more,
            "data": [self._expanded(one, expand) for one in found],
        }

    def _find(self, kind: str, object_id: str) -> Json:
        found = self.store.get(kind, object_id)
        if found is None:
            raise missing(kind, object_id)
        if kind == "checkout.session":
            return happenings.open_session(self.store, object_id)
        return found

    def _expanded(self, body: Json, paths: Iterable[str]) -> Json:
        body = objects.shown(body)
        deeper: dict[str, list[str]] = {}
        for path in paths:
            name, _dot, rest = path.partition(".")
            deeper.setdefault(name, []).extend([rest] if rest else [])
        for name, rests in deeper.items():
            kind = _LINKS.get(name)
            if kind is None or name not in body:
                raise SandboxError(f"This property cannot be expanded ({name}).", param="expand")
            linked = self.store.get(kind, body[name]) if body[name] else None
            body[name] = self._expanded(linked, rests) if linked else None
        return body

    # --- customers

    def create_customer(self, _kind: str, params: Params) -> Json:
        """A customer by e-mail and name."""
        known(params, ("email", "name", "metadata"))
        return objects.shown(
            objects.customer(self.store, email=params.get("email"), name=params.get("name"), metadata=metadata(params))
        )

    # --- checkout

    def create_session(self, _kind: str, params: Params) -> Json:
        """A hosted page for one payment of one inline line."""
        known(params, _SESSION_PARAMS)
        if required(params, "mode") != "payment":
            raise SandboxError("The sandbox imitates mode payment only.", param="mode")
        customer = params.get("customer")
        if customer and self.store.get("customer", customer) is None:
            raise missing("customer", customer)
        made = objects.checkout_session(
            self.store,
            page=self.page,
            line=_line(params),
            success_url=_address(params, "success_url", needed=True),
            cancel_url=_address(params, "cancel_url"),
            client_reference_id=params.get("client_reference_id"),
            customer=customer,
            customer_email=params.get("customer_email"),
            locale=params.get("locale"),
            expires_at=self._expiry(params),
            metadata=metadata(params),
            _intent=_intent_data(params),
        )
        return self._expanded(made, params.get("expand") or [])

    def expire_session(self, _kind: str, params: Params, session_id: str) -> Json:
        """Close the page."""
        known(params, ("expand",))
        session = self._find("checkout.session", session_id)
        return self._expanded(happenings.expire(self.store, session), params.get("expand") or [])

    def _expiry(self, params: Params) -> int:
        now = self.store.time()
        if "expires_at" not in params:
            return int(now) + 24 * 3600
        expires_at = integer(params["expires_at"], "expires_at")
        if not now + 29 * 60 <= expires_at <= now + 24 * 3600 + 60:
            raise SandboxError(
                "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.",
                param="expires_at",
            )
        return expires_at

    # --- refunds

    def create_refund(self, _kind: str, params: Params) -> Json:
        """Give back a charge, in whole or in part."""
        known(params, ("amount", "charge", "payment_intent", "reason", "metadata", "expand"))
        charge_id = params.get("charge")
        if not charge_id:
            charge_id = self._find("payment_intent", required(params, "payment_intent"))["latest_charge"]
        amount = integer(params["amount"], "amount") if "amount" in params else None
        made = happenings.refund(
            self.store,
            self._find("charge", charge_id or ""),
            amount=amount,
            reason=params.get("reason"),
            metadata=metadata(params),
        )
        return self._expanded(made, params.get("expand") or [])

    # --- the account

    def account(self, _kind: str, _params: Params, _account_id: str = ACCOUNT) -> Json:
        """The one account of the sandbox."""
        return {
            "id": ACCOUNT,
            "object": "account",
            "charges_enabled": True,
            "payouts_enabled": False,
            "details_submitted": True,
            "country": "DE",
            "default_currency": "eur",
            "email": None,
            "type": "standard",
        }

    def balance(self, _kind: str, _params: Params) -> Json:
        """What all balance transactions come to, by currency; nothing is ever paid out."""
        sums: dict[str, int] = {}
        for txn in self.store.newest("balance_transaction"):
            sums[txn["currency"]] = sums.get(txn["currency"], 0) + txn["net"]
        pending = [{"amount": amount, "currency": currency} for currency, amount in sorted(sums.items())]
        return {"object": "balance", "livemode": False, "available": [], "pending": pending}


_LINKS = {
    "payment_intent": "payment_intent",
    "latest_charge": "charge",
    "charge": "charge",
    "balance_transaction": "balance_transaction",
    "customer": "customer",
}
_FILTERS = {
    "checkout.session": ("customer", "payment_intent", "status"),
    "payment_intent": ("customer",),
    "charge": ("customer", "payment_intent"),
    "refund": ("charge", "payment_intent"),
    "balance_transaction": ("type", "source", "currency"),
    "event": ("type",),
    "customer": ("email",),
}


def _routes() -> Iterator[tuple[str, re.Pattern[str], str, Callable[..., Json]]]:
    addresses = {
        "customers": "customer",
        "checkout/sessions": "checkout.session",
        "payment_intents": "payment_intent",
        "charges": "charge",
        "balance_transactions": "balance_transaction",
        "events": "event",
        "refunds": "refund",
    }
    for address, kind in addresses.items():
        yield "GET", re.compile(f"/v1/{address}"), kind, Api.search
        yield "GET", re.compile(f"/v1/{address}/([^/]+)"), kind, Api.retrieve
    yield "POST", re.compile("/v1/customers"), "customer", Api.create_customer
    yield "POST", re.compile("/v1/checkout/sessions"), "checkout.session", Api.create_session
    yield "POST", re.compile("/v1/checkout/sessions/([^/]+)/expire"), "checkout.session", Api.expire_session
    yield "POST", re.compile("/v1/refunds"), "refund", Api.create_refund
    yield "GET", re.compile("/v1/account"), "account", Api.account
    yield "GET", re.compile("/v1/accounts/([^/]+)"), "account", Api.account
    yield "GET", re.compile("/v1/balance"), "balance", Api.balance


_ROUTES = tuple(_routes())


def _fits(one: Json, filters: Params, created: Any) -> bool:
    if any(one.get(name) != value for name, value in filters.items()):
        return False
    if created is None:
        return True
    if not isinstance(created, dict):
        return bool(one["created"] == integer(created, "created"))
    known(created, ("gt", "gte", "lt", "lte"))
    at = one["created"]
    tests = {"gt": at.__gt__, "gte": at.__ge__, "lt": at.__lt__, "lte": at.__le__}
    return all(tests[name](integer(value, "created")) for name, value in created.items())


def _window(found: list[Json], params: Params, limit: int) -> tuple[list[Json], bool]:
    ids = [one["id"] for one in found]
    if params.get("starting_after") in ids:
        found = found[ids.index(params["starting_after"]) + 1 :]
    elif params.get("ending_before") in ids:
        before = found[: ids.index(params["ending_before"])]
        return before[-limit:], len(before) > limit
    return found[:limit], len(found) > limit


def _line(params: Params) -> Json:
    items = required(params, "line_items")
    if not isinstance(items, list) or len(items) != 1 or not isinstance(items[0], dict):
        raise SandboxError("The sandbox takes exactly one line item.", param="line_items")
    price = required(items[0], "price_data")
    currency = str(required(price, "currency"))
    name = required(required(price, "product_data"), "name")
    quantity = integer(items[0].get("quantity", "1"), "line_items[0][quantity]")
    amount = integer(required(price, "unit_amount"), "line_items[0][price_data][unit_amount]") * quantity
    if currency != currency.lower() or not re.fullmatch("[a-z]{3}", currency):
        raise SandboxError(f"Invalid currency: {currency}", param="currency")
    _check_amount(amount, currency)
    return {"name": name, "quantity": quantity, "currency": currency, "amount_total": amount}


def _check_amount(amount: int, currency: str) -> None:
    if amount > LARGEST_ON_WIRE:
        raise SandboxError("Amount must be no more than 99999999", code="amount_too_large", param="amount")
    if amount < (1 if wire_digits(currency.upper()) == 0 else 50):
        raise SandboxError("The total amount is below the minimum charge.", code="amount_too_small", param="amount")
    if currency.upper() in THREE_DECIMAL and amount % 10:
        raise SandboxError("Amounts of this currency must end in 0.", param="amount")
    if currency in COUNTED_IN_HUNDREDS and amount % 100:
        raise SandboxError("Amounts of this currency must be divisible by 100.", param="amount")


def _address(params: Params, name: str, *, needed: bool = False) -> str | None:
    value = required(params, name) if needed else params.get(name)
    if value is None:
        return None
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise SandboxError("Not a valid URL", code="url_invalid", param=name)
    return str(value)


def _intent_data(params: Params) -> Json:
    given = params.get("payment_intent_data") or {}
    known(given, ("description", "metadata"))
    return {"description": given.get("description"), "metadata": metadata(given)}
