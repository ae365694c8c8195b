"""A payment begins: the intent is committed, the rail is called outside any transaction, its answer is recorded.

Killed at any point, the next click or the job goes on with the same key and finds the same page.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from market.kit import audit
from market.kit.actor import Actor
from market.kit.errors import NotFound, Refusal, Refused, Unavailable, refuse
from market.kit.i18n import _
from market.kit.ids import new_id
from market.kit.money import Money
from market.payments import policy, queries
from market.payments.gateway import (
    CheckoutPage,
    CheckoutRequest,
    GatewayError,
    GatewayFaulted,
    GatewayUnavailable,
    PaymentGateway,
    Sighting,
)
from market.payments.models import Invoice
from market.payments.queries import ATTEMPT, INSTALLATION
from market.payments.rules import amounts, attempts
from market.payments.service.settling import settle

# A page that ends within this time is not worth sending a payer to.
TOO_LATE = timedelta(minutes=2)
# A call that has had no answer for this long was cut off.
CUT_OFF = timedelta(minutes=1)

NO_ANSWER = _("The payment service does not answer right now. Nothing was charged. Please try again in a minute.")
SAID_NO = Refusal(
    "rail_refused", _("The payment service did not accept this payment. Please ask the seller for a bank transfer.")
)


class Units(Protocol):
    """Whoever opens units of work: the database itself, or what a view is given."""

    def read(self) -> AbstractContextManager[Session]: ...

    def write(self) -> AbstractContextManager[Session]: ...


class WrongMode(Exception):
    """The database was made for another mode of money; the message is for the one who starts the program."""


def installation_id(db: Session, mode: str, *, now: datetime) -> str:
    """The identity of this database; it is pinned to `mode` at the first call. Raises WrongMode ever after for others."""
    known = queries.installation(db)
    if known is None:
        try:
            with db.begin_nested():
                db.execute(insert(INSTALLATION).values(single=1, id=new_id(), mode=mode, created_at=now))
        except IntegrityError:  # another process was first
            pass
        known = queries.installation(db)
    assert known is not None  # noqa: S101 - just written
    if known.mode != mode:
        raise WrongMode(
            f"This database keeps {known.mode} payments and cannot be used for {mode} ones. Use another database."
        )
    return str(known.id)


def wrong_mode(units: Units, mode: str) -> str | None:
    """Say why payments in `mode` may not be taken into this database, or None; for the start and /readyz."""
    with units.read() as db:
        known = queries.installation(db)
    if known is None or known.mode == mode:
        return None
    return f"This database keeps {known.mode} payments, and the settings are for {mode} ones. Use another database."


@dataclass(frozen=True)
class Addresses:
    """Where the hosted page sends the payer back to, for an invoice's id."""

    success: Callable[[str], str]
    cancel: Callable[[str], str]


@dataclass(frozen=True)
class Plan:
    """What to do for a payer: go to a living page, or close an old one first, or make one."""

    attempt_id: str
    url: str = ""
    close: str = ""
    request: CheckoutRequest | None = None


def start_payment(
    units: Units, gateway: PaymentGateway, actor: Actor, invoice_id: str, addresses: Addresses, *, now: datetime
) -> str | None:
    """Give the address of the hosted page where `actor` pays the invoice; None when it was paid meanwhile.

    A second tab gets the page of the first. Raises NotFound, Forbidden, Refused, Unavailable.
    """
    plan = _planned(units, gateway, actor, invoice_id, addresses=addresses, now=now)
    if plan.close:
        _close(units, gateway, plan, now)
        plan = _planned(units, gateway, actor, invoice_id, addresses=addresses, now=now)
    if plan.url:
        return plan.url
    if plan.request is None:
        raise Unavailable(NO_ANSWER)
    return create_page(units, gateway, plan.attempt_id, plan.request, now=now)


def _planned(
    units: Units, gateway: PaymentGateway, actor: Actor, invoice_id: str, *, addresses: Addresses, now: datetime
) -> Plan:
    with units.write() as db:
        return plan_payment(db, gateway, actor, invoice_id, addresses, now=now)


def plan_payment(
    db: Session, gateway: PaymentGateway, actor: Actor, invoice_id: str, addresses: Addresses, *, now: datetime
) -> Plan:
    """Find the living attempt of an invoice, or write the intent of a new one."""
    invoice = queries.invoice_to_change(db, invoice_id)
    policy.require_payer(actor, invoice)
    living = queries.living_attempt(db, invoice.id)
    refuse(attempts.may_start(invoice_state=invoice.state, living=living.state if living else None))
    due = Money(invoice.total_minor, invoice.currency) - queries.allocated(db, invoice)
    refuse(amounts.payable_by_card(due))
    if living is None:
        return _new_attempt(db, gateway, actor, invoice, due=due, addresses=addresses, now=now)
    if living.state == attempts.CREATING:
        return Plan(living.id, request=request_of(living))
    if living.expires_at - TOO_LATE <= now or living.amount_minor != due.minor or not living.url:
        return Plan(living.id, close=living.session_id)
    return Plan(living.id, url=living.url)


def _new_attempt(
    db: Session,
    gateway: PaymentGateway,
    actor: Actor,
    invoice: Invoice,
    *,
    due: Money,
    addresses: Addresses,
    now: datetime,
) -> Plan:
    attempt_id = new_id()
    values: dict[str, Any] = {
        "id": attempt_id,
        "invoice_id": invoice.id,
        "rail": "stripe",
        "mode": gateway.mode,
        "account": gateway.account,
        "state": attempts.CREATING,
        "idempotency_key": f"attempt:{attempt_id}",
        "amount_minor": due.minor,
        "currency": due.currency,
        "person_id": actor.person_id,
        "created_at": now,
        "expires_at": now + attempts.SESSION_LIFE,
        "trouble": "",
        "url": "",
        "params": {
            "description": f"{queries.label(invoice.number)}: {invoice.title}"[:250],
            "reference": queries.label(invoice.number),
            "email": actor.email,
            "success_url": addresses.success(invoice.id),
            "cancel_url": addresses.cancel(invoice.id),
            "metadata": {
                "attempt": attempt_id,
                "invoice": invoice.id,
                "installation": installation_id(db, gateway.mode, now=now),
            },
        },
    }
    db.execute(insert(ATTEMPT).values(**values))
    audit.record(db, actor, "payments:payment:started", invoice, now=now, attempt=attempt_id, amount=due)
    return Plan(attempt_id, request=request_of(queries.attempt(db, attempt_id)))


def request_of(attempt: Any) -> CheckoutRequest:
    """The call of an attempt, word for word as it was first meant."""
    return CheckoutRequest(
        key=attempt.idempotency_key,
        amount=Money(attempt.amount_minor, attempt.currency),
        expires_at=attempt.expires_at,
        **attempt.params,
    )


def create_page(
    units: Units, gateway: PaymentGateway, attempt_id: str, request: CheckoutRequest, *, now: datetime
) -> str | None:
    """Call the rail and record its answer; give the page's address, or None when the attempt has moved on meanwhile."""
    try:
        page = gateway.create_checkout(request)
    except GatewayFaulted as error:
        return _look_up(units, gateway, attempt_id, error, now)
    except GatewayUnavailable as error:
        _end(units, attempt_id, attempts.CREATING, str(error), now)
        raise Unavailable(NO_ANSWER) from error
    except GatewayError as error:
        _end(units, attempt_id, attempts.FAILED, str(error), now)
        raise Refused(SAID_NO) from error
    return _record(units, attempt_id, page, now)


def _record(units: Units, attempt_id: str, page: CheckoutPage, now: datetime) -> str | None:
    with units.write() as db:
        db.execute(
            update(ATTEMPT)
            .where(ATTEMPT.c.id == attempt_id, ATTEMPT.c.state == attempts.CREATING)
            .values(state=attempts.OPEN, session_id=page.session_id, url=page.url, tried_at=now, trouble="")
        )
        attempt = queries.attempt(db, attempt_id)
    return page.url if attempt and attempt.state == attempts.OPEN else None


def _end(units: Units, attempt_id: str, state: str, trouble: str, now: datetime) -> None:
    """Note how a call went, unless news of the page came in first."""
    with units.write() as db:
        db.execute(
            update(ATTEMPT)
            .where(ATTEMPT.c.id == attempt_id, ATTEMPT.c.state == attempts.CREATING)
            .values(state=state, trouble=trouble[:500], tried_at=now)
        )


def _look_up(
    units: Units, gateway: PaymentGateway, attempt_id: str, error: GatewayFaulted, now: datetime
) -> str | None:
    """A server error is replayed under its key: find out whether the page was made before a new key may be taken."""
    try:
        found = _found(units, gateway, attempt_id, now)
    except GatewayError as second:
        _end(units, attempt_id, attempts.CREATING, str(second), now)
        raise Unavailable(NO_ANSWER) from second
    if found is None:  # never made, and nobody knows its address: nothing can be paid on it
        _end(units, attempt_id, attempts.FAILED, str(error), now)
        raise Unavailable(NO_ANSWER) from error
    with units.write() as db:
        state = settle(db, attempt_id, found, now=now)
    return found.url if state == attempts.OPEN else None


def _found(units: Units, gateway: PaymentGateway, attempt_id: str, now: datetime) -> Sighting | None:
    with units.read() as db:
        attempt = queries.attempt(db, attempt_id)
    since = attempt.created_at if attempt else now
    return gateway.look_up(attempt_id, since=since - timedelta(minutes=5), until=now + timedelta(minutes=5))


def _close(units: Units, gateway: PaymentGateway, plan: Plan, now: datetime) -> None:
    try:
        closed = gateway.expire_session(plan.close)
    except GatewayError as error:
        raise Unavailable(NO_ANSWER) from error
    with units.write() as db:
        settle(db, plan.attempt_id, closed, now=now)


def sync_attempt(units: Units, gateway: PaymentGateway, attempt_id: str, *, now: datetime) -> str:
    """Ask the rail how an attempt stands and book what it says; give the state. Raises GatewayError, NotFound."""
    with units.read() as db:
        attempt = queries.attempt(db, attempt_id)
    if attempt is None:
        raise NotFound
    if attempt.session_id is None:
        return str(attempt.state)
    sighting = gateway.retrieve_session(attempt.session_id)
    with units.write() as db:
        return settle(db, attempt_id, sighting, now=now)


def close_attempt(units: Units, gateway: PaymentGateway, attempt_id: str, *, now: datetime) -> None:
    """Close the page of an attempt that is no longer wanted, and book whatever came in on it."""
    with units.read() as db:
        attempt = queries.attempt(db, attempt_id)
    if attempt is None or attempt.state not in attempts.LIVING or attempt.session_id is None:
        return
    closed = gateway.expire_session(attempt.session_id)
    with units.write() as db:
        settle(db, attempt_id, closed, now=now)


def replay_attempt(units: Units, gateway: PaymentGateway, attempt_id: str, *, now: datetime) -> None:
    """Go on with an attempt whose call was never answered: again under its key, or looked up when that is too old."""
    with units.read() as db:
        attempt = queries.attempt(db, attempt_id)
    if attempt is None or attempt.state != attempts.CREATING:
        return
    if attempts.replay_key(created_at=attempt.created_at, now=now):
        create_page(units, gateway, attempt_id, request_of(attempt), now=now)
        return
    found = _found(units, gateway, attempt_id, now)
    if found is None:
        _end(units, attempt_id, attempts.EXPIRED, "", now)
        return
    with units.write() as db:
        settle(db, attempt_id, found, now=now)
