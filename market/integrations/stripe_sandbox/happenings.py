"""What can happen on the hosted page and after it: paid, declined, debit pending, settled, bounced, canceled, refunded."""

from market.integrations.stripe_sandbox import objects
from market.integrations.stripe_sandbox.store import Json, Store
from market.integrations.stripe_sandbox.wire import SandboxError, missing

DECLINED = "Your card was declined."
BOUNCED = "The bank returned the debit: not enough funds."


def fee_of(amount: int) -> int:
    """The sandbox's fee: 1.5 % and 25 smallest units, rounded half up, never above the amount."""
    return min(amount, (amount * 15 + 500) // 1000 + 25)


def open_session(store: Store, session_id: str) -> Json:
    """The session, if it can still be paid; its time running out is noticed here."""
    session = store.get("checkout.session", session_id)
    if session is None:
        raise missing("checkout.session", session_id)
    if session["status"] == "open" and session["expires_at"] <= store.time():
        return expire(store, session)
    return session


def expire(store: Store, session: Json) -> Json:
    """Close an open session for good."""
    if session["status"] != "open":
        raise SandboxError('Only Checkout Sessions with a status in ["open"] can be expired.', param="session")
    session |= {"status": "expired", "url": None}
    store.save(session)
    objects.event(store, "checkout.session.expired", session)
    return session


def pay_by_card(store: Store, session: Json, *, late_balance: bool = False) -> None:
    """The card is accepted: session complete and paid."""
    intent = _intent(store, session)
    charged = objects.charge(store, intent, "card", "succeeded")
    _receive(store, session, intent, charged, late_balance=late_balance)
    _complete(store, session, "paid")


def decline_card(store: Store, session: Json) -> None:
    """The card is declined: the session stays open for another try."""
    intent = _intent(store, session)
    charged = objects.charge(store, intent, "card", "failed")
    _bounce(store, intent, charged, "card_declined", DECLINED)


def start_debit(store: Store, session: Json, *, settles: bool, after: float) -> None:
    """A bank debit is on its way: session complete but unpaid; it settles or bounces `after` some seconds."""
    intent = _intent(store, session)
    charged = objects.charge(store, intent, "sepa_debit", "pending")
    intent |= {"status": "processing", "latest_charge": charged["id"]}
    store.save(intent)
    objects.event(store, "payment_intent.processing", intent)
    objects.event(store, "charge.pending", charged)
    _complete(store, session, "unpaid")
    store.send("settle" if settles else "bounce", session["id"], after=after)


def settle_debit(store: Store, session_id: str) -> None:
    """The bank has paid."""
    session, intent, charged = _pending(store, session_id)
    if charged["status"] != "pending":
        return
    charged |= {"status": "succeeded", "paid": True, "captured": True, "amount_captured": charged["amount"]}
    store.save(charged)
    session["payment_status"] = "paid"
    store.save(session)
    _receive(store, session, intent, charged, late_balance=False)
    objects.event(store, "checkout.session.async_payment_succeeded", session)


def bounce_debit(store: Store, session_id: str) -> None:
    """The bank has not paid."""
    session, intent, charged = _pending(store, session_id)
    if charged["status"] != "pending":
        return
    _bounce(store, intent, charged, "debit_not_authorized", BOUNCED)
    objects.event(store, "checkout.session.async_payment_failed", session)


def add_balance(store: Store, charge_id: str) -> None:
    """The balance transaction of a charge appears."""
    charged = store.get("charge", charge_id)
    if charged is None or charged["balance_transaction"]:
        return
    amount = charged["amount"]
    txn = objects.balance_transaction(store, charged, kind="charge", amount=amount, fee=fee_of(amount))
    charged["balance_transaction"] = txn["id"]
    store.save(charged)
    objects.event(store, "charge.updated", charged)


def refund(store: Store, charged: Json, *, amount: int | None, reason: str | None, metadata: dict[str, str]) -> Json:
    """Give money back; never more than was taken."""
    left = charged["amount_captured"] - charged["amount_refunded"]
    amount = left if amount is None else amount
    if not left:
        raise SandboxError(f"Charge {charged['id']} has already been refunded.", code="charge_already_refunded")
    if not 0 < amount <= left:
        raise SandboxError(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", param="amount"
        )
    made = objects.refund(store, charged, amount=amount, reason=reason, metadata=metadata)
    txn = objects.balance_transaction(store, made, kind="refund", amount=-amount, fee=0)
    made["balance_transaction"] = txn["id"]
    store.save(made)
    charged["amount_refunded"] += amount
    charged["refunded"] = charged["amount_refunded"] == charged["amount_captured"]
    store.save(charged)
    objects.event(store, "refund.created", made)
    objects.event(store, "charge.refunded", charged)
    return made


def _intent(store: Store, session: Json) -> Json:
    if session["payment_intent"]:
        intent = store.get("payment_intent", session["payment_intent"])
        assert intent is not None  # noqa: S101 - the two are written together
        return intent
    intent = objects.payment_intent(store, session)
    session["payment_intent"] = intent["id"]
    store.save(session)
    objects.event(store, "payment_intent.created", intent)
    return intent


def _pending(store: Store, session_id: str) -> tuple[Json, Json, Json]:
    session = store.get("checkout.session", session_id)
    intent = session and store.get("payment_intent", session["payment_intent"])
    charged = intent and store.get("charge", intent["latest_charge"])
    if session is None or intent is None or charged is None:
        raise missing("checkout.session", session_id)
    return session, intent, charged


def _receive(store: Store, session: Json, intent: Json, charged: Json, *, late_balance: bool) -> None:
    intent |= {
        "status": "succeeded",
        "amount_received": intent["amount"],
        "latest_charge": charged["id"],
        "last_payment_error": None,
    }
    store.save(intent)
    if late_balance:
        store.send("balance", charged["id"], after=1)
    else:
        amount = charged["amount"]
        txn = objects.balance_transaction(store, charged, kind="charge", amount=amount, fee=fee_of(amount))
        charged["balance_transaction"] = txn["id"]
        store.save(charged)
    objects.event(store, "charge.succeeded", charged)
    objects.event(store, "payment_intent.succeeded", intent)
    session["customer_details"] = {"email": session["customer_email"], "name": None}
    store.save(session)


def _bounce(store: Store, intent: Json, charged: Json, code: str, message: str) -> None:
    charged |= {"status": "failed", "paid": False, "failure_code": code, "failure_message": message}
    store.save(charged)
    error = {"type": "card_error", "code": code, "message": message, "charge": charged["id"]}
    intent |= {"status": "requires_payment_method", "latest_charge": charged["id"], "last_payment_error": error}
    store.save(intent)
    objects.event(store, "charge.failed", charged)
    objects.event(store, "payment_intent.payment_failed", intent)


def _complete(store: Store, session: Json, payment_status: str) -> None:
    session |= {"status": "complete", "payment_status": payment_status, "url": None}
    store.save(session)
    objects.event(store, "checkout.session.completed", session)
