"""The objects of Stripe that the sandbox knows, in the shape of API 2026-10-28. Fields that begin with _ stay inside."""

from typing import Any

from market.integrations.stripe_sandbox.store import Json, Store, new_id

API_VERSION = "2026-10-28.endive"


def shown(body: Json) -> Json:
    """An object as it goes over the wire."""
    return {key: value for key, value in body.items() if not key.startswith("_")}


def _new(store: Store, kind: str, object_id: str, **fields: Any) -> Json:
    return store.add({"id": object_id, "object": kind, "created": int(store.time()), "livemode": False, **fields})


def customer(store: Store, *, email: str | None, name: str | None, metadata: dict[str, str]) -> Json:
    """A customer."""
    return _new(store, "customer", new_id("cus", 14), email=email, name=name, metadata=metadata, delinquent=False)


def checkout_session(store: Store, *, page: str, line: Json, **fields: Any) -> Json:
    """An open Checkout Session; `line` is its one inline line item, `page` the address that its id is put after."""
    session_id = new_id("cs_test", 58)
    return _new(
        store,
        "checkout.session",
        session_id,
        **{
            "amount_subtotal": line["amount_total"],
            "amount_total": line["amount_total"],
            "automatic_tax": {"enabled": False},
            "client_reference_id": None,
            "currency": line["currency"],
            "customer": None,
            "customer_details": None,
            "customer_email": None,
            "locale": None,
            "mode": "payment",
            "payment_intent": None,
            "payment_method_types": ["card", "sepa_debit"],
            "payment_status": "unpaid",
            "status": "open",
            "ui_mode": "hosted_page",
            "url": f"{page}/{session_id}",
            "_line": line,
            **fields,
        },
    )


def payment_intent(store: Store, session: Json) -> Json:
    """The payment intent of a session, made when the payer first tries."""
    return _new(
        store,
        "payment_intent",
        new_id("pi"),
        amount=session["amount_total"],
        amount_received=0,
        canceled_at=None,
        capture_method="automatic_async",
        currency=session["currency"],
        customer=session["customer"],
        description=session["_intent"].get("description"),
        last_payment_error=None,
        latest_charge=None,
        metadata=session["_intent"].get("metadata", {}),
        payment_method_types=session["payment_method_types"],
        status="requires_payment_method",
        _session=session["id"],
    )


def charge(store: Store, intent: Json, method: str, status: str) -> Json:
    """A charge by `card` or `sepa_debit` that succeeded, is pending or failed."""
    return _new(
        store,
        "charge",
        new_id("ch"),
        amount=intent["amount"],
        amount_captured=intent["amount"] if status == "succeeded" else 0,
        amount_refunded=0,
        balance_transaction=None,
        captured=status == "succeeded",
        currency=intent["currency"],
        description=intent["description"],
        disputed=False,
        failure_code=None,
        failure_message=None,
        metadata=intent["metadata"],
        paid=status == "succeeded",
        payment_intent=intent["id"],
        payment_method_details={"type": method},
        refunded=False,
        status=status,
    )


def balance_transaction(store: Store, source: Json, *, kind: str, amount: int, fee: int) -> Json:
    """What `source` does to the balance; the money is available two days later."""
    return _new(
        store,
        "balance_transaction",
        new_id("txn"),
        amount=amount,
        available_on=int(store.time()) + 2 * 86400,
        currency=source["currency"],
        description=source.get("description"),
        exchange_rate=None,
        fee=fee,
        fee_details=[{"amount": fee, "currency": source["currency"], "type": "stripe_fee"}] if fee else [],
        net=amount - fee,
        reporting_category=kind,
        source=source["id"],
        status="pending",
        type=kind,
    )


def refund(store: Store, charged: Json, *, amount: int, reason: str | None, metadata: dict[str, str]) -> Json:
    """A refund of a charge that has succeeded."""
    return _new(
        store,
        "refund",
        new_id("re"),
        amount=amount,
        balance_transaction=None,
        charge=charged["id"],
        currency=charged["currency"],
        metadata=metadata,
        payment_intent=charged["payment_intent"],
        reason=reason,
        status="succeeded",
    )


def event(store: Store, kind: str, about: Json) -> Json:
    """An event with a copy of the object as it is now; it waits to be delivered."""
    made = _new(
        store,
        "event",
        new_id("evt"),
        api_version=API_VERSION,
        data={"object": shown(about)},
        pending_webhooks=1,
        request={"id": None, "idempotency_key": None},
        type=kind,
    )
    store.send("deliver", made["id"])
    return made
