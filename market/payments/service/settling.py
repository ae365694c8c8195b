"""From what the rail says to what is booked. One transaction, every fact once, in any order of news.

Money that does not fit what was asked for goes to suspense and to a human, never to an invoice.
"""

import logging
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select
from sqlmodel import Session

from market.accounts import queries as accounts
from market.accounts.rules import Permission
from market.kit import audit, jobs, mail
from market.kit.actor import SYSTEM
from market.kit.events import emit
from market.kit.ids import new_id
from market.kit.money import Money
from market.payments import queries
from market.payments.events import InvoicePaid
from market.payments.gateway import BalanceTxn, Sighting
from market.payments.models import Invoice, PaymentAttempt
from market.payments.queries import ALLOCATION, PAYMENT, TXN
from market.payments.rules import attempts, invoices, ledger
from market.payments.rules.attempts import Frozen, Observation
from market.payments.service.invoicing import mail_context
from market.payments.service.ledger import post

CLOSE = "payments.close_attempt"

log = logging.getLogger("market.payments")

_PAYMENT = select(PAYMENT.c.id).where(
    PAYMENT.c.mode == bindparam("mode"),
    PAYMENT.c.rail == "stripe",
    PAYMENT.c.account == bindparam("account"),
    PAYMENT.c.external_ref == bindparam("ref"),
)
_TXN = select(TXN.c.id).where(
    TXN.c.mode == bindparam("mode"), TXN.c.account == bindparam("account"), TXN.c.txn_id == bindparam("txn")
)
_SEQ = select(func.count()).where(ALLOCATION.c.payment_id == bindparam("payment"))


def settle(db: Session, attempt_id: str, sighting: Sighting, *, now: datetime) -> str:
    """Bring an attempt, its invoice and the ledger in line with what the rail says; give the attempt's state.

    Raises NotFound for an attempt that is not ours.
    """
    seen = sighting.seen
    invoice, attempt = _locked(db, attempt_id)
    if attempt.session_id not in (None, seen.session_id):
        log.warning("attempt %s has another page than %s", attempt.id, seen.session_id)
        return attempt.state
    unfit = attempts.mismatch(frozen(db, attempt), seen)
    _note(attempt, sighting, unfit, now)
    db.add(attempt)
    db.flush()
    if seen.intent_status == "succeeded" and seen.intent_id and seen.received:
        _book(db, invoice, attempt, seen, unfit, now=now)
        _book_fees(db, invoice, seen, sighting.balance, now=now)
    db.add(invoice)
    db.flush()
    return attempt.state


def frozen(db: Session, attempt: Any) -> Frozen:
    """What an attempt promised."""
    installation = queries.installation(db)
    return Frozen(
        attempt_id=attempt.id,
        installation=installation.id if installation else "",
        mode=attempt.mode,
        account=attempt.account,
        amount=Money(attempt.amount_minor, attempt.currency),
    )


def _locked(db: Session, attempt_id: str) -> tuple[Invoice, PaymentAttempt]:
    """The invoice, then the attempt: always in this order, so that nobody waits in a circle."""
    found = queries.attempt(db, attempt_id)
    invoice = queries.invoice_to_change(db, found.invoice_id if found else "")
    return invoice, db.get_one(PaymentAttempt, attempt_id, with_for_update=True, populate_existing=True)


def _note(attempt: PaymentAttempt, sighting: Sighting, unfit: str | None, now: datetime) -> None:
    seen = sighting.seen
    attempt.state = attempts.state_from(seen, attempt.state)
    attempt.session_id = seen.session_id
    attempt.intent_id = seen.intent_id or attempt.intent_id
    attempt.url = sighting.url or attempt.url
    attempt.looked_at = now
    attempt.trouble = f"mismatch:{unfit}" if unfit else (seen.failure or "")


def _book(
    db: Session, invoice: Invoice, attempt: PaymentAttempt, seen: Observation, unfit: str | None, *, now: datetime
) -> None:
    """Book money that came in, once; the invoice is locked, so nobody books the same at this moment."""
    assert seen.intent_id is not None and seen.received is not None  # noqa: S101 - the caller has looked
    ref = {"mode": seen.mode, "account": seen.account, "ref": seen.intent_id}
    if db.execute(_PAYMENT, ref).first():
        return
    payment_id = new_id()
    db.execute(
        insert(PAYMENT).values(
            id=payment_id,
            mode=seen.mode,
            rail="stripe",
            account=seen.account,
            external_ref=seen.intent_id,
            charge_ref=seen.charge_id,
            attempt_id=attempt.id,
            licensor_id=invoice.licensor_id,
            amount_minor=seen.received.minor,
            currency=seen.received.currency,
            suspense=unfit or "",
            received_at=now,
        )
    )
    book, key = ledger.licensor_book(invoice.licensor_id), payment_key(seen)
    if unfit:
        _alarm(db, invoice, seen, unfit, now)
        post(db, ledger.charge_in_suspense(book, key, seen.received), now=now)
        return
    applied = _allocate(db, invoice, payment_id, seen.received, now)
    post(db, ledger.charge_succeeded(book, key, invoice.id, received=seen.received, applied=applied), now=now)
    _raise_state(db, invoice, payment_id, seen.received, now)


def payment_key(seen: Observation) -> str:
    """The part of ledger keys that names a payment."""
    return f"stripe:{seen.mode}:{seen.account or 'own'}:{seen.intent_id}"


def _allocate(db: Session, invoice: Invoice, payment_id: str, received: Money, now: datetime) -> Money:
    total = Money(invoice.total_minor, invoice.currency)
    due = total - queries.allocated(db, invoice) if invoice.state in invoices.OWED else Money(0, invoice.currency)
    applied = invoices.applied(received=received, due=due)
    if applied:
        db.execute(
            insert(ALLOCATION).values(
                id=new_id(),
                payment_id=payment_id,
                invoice_id=invoice.id,
                seq=1 + int(db.execute(_SEQ, {"payment": payment_id}).scalar_one()),
                amount_minor=applied.minor,
                currency=applied.currency,
                created_at=now,
            )
        )
    return applied


def _raise_state(db: Session, invoice: Invoice, payment_id: str, received: Money, now: datetime) -> None:
    before = invoice.state
    total = Money(invoice.total_minor, invoice.currency)
    invoice.state = invoices.state_of(before, total=total, allocated=queries.allocated(db, invoice))
    audit.record(db, SYSTEM, "payments:payment:received", invoice, now=now, payment=payment_id, amount=received)
    _tell(db, invoice, payment_id, received)
    if invoice.state == invoices.PAID and before != invoices.PAID:
        invoice.paid_at = now
        audit.record(db, SYSTEM, "payments:invoice:paid", invoice, now=now)
        db.flush()
        _close_others(db, invoice)
        emit(db, InvoicePaid(invoice.id, invoice.deal_id, invoice.kind))


def _close_others(db: Session, invoice: Invoice) -> None:
    """A page that is still open must not take the same money again."""
    living = queries.living_attempt(db, invoice.id)
    if living is not None:
        jobs.enqueue(db, CLOSE, {"attempt": living.id}, key=f"{CLOSE}:{living.id}")


def _alarm(db: Session, invoice: Invoice, seen: Observation, unfit: str, now: datetime) -> None:
    log.error("payment %s does not fit its attempt (%s): booked to suspense", seen.intent_id, unfit)
    audit.record(
        db,
        SYSTEM,
        "payments:payment:suspended",
        invoice,
        now=now,
        intent=seen.intent_id,
        why=unfit,
        amount=seen.received,
    )


def _book_fees(db: Session, invoice: Invoice, seen: Observation, txn: BalanceTxn | None, *, now: datetime) -> None:
    """Book what the rail keeps, once it says so."""
    payment = db.execute(_PAYMENT, {"mode": seen.mode, "account": seen.account, "ref": seen.intent_id}).first()
    if txn is None or payment is None:
        return
    if db.execute(_TXN, {"mode": seen.mode, "account": seen.account, "txn": txn.id}).first():
        return
    db.execute(
        insert(TXN).values(
            id=new_id(),
            mode=seen.mode,
            account=seen.account,
            txn_id=txn.id,
            payment_id=payment.id,
            kind="charge",
            amount_minor=txn.amount.minor,
            fee_minor=txn.fee.minor,
            net_minor=txn.net.minor,
            currency=txn.amount.currency,
            available_on=txn.available_on,
            created_at=now,
        )
    )
    book = ledger.licensor_book(invoice.licensor_id)
    key = f"stripe:{seen.mode}:{seen.account or 'own'}:{txn.id}"
    post(db, ledger.fees_known(book, key, stripe_fee=txn.fee), now=now)


def _tell(db: Session, invoice: Invoice, payment_id: str, received: Money) -> None:
    """A receipt to those who pay, the news to those who look after the licensor's money."""
    sides = (
        (invoice.licensee_id, Permission.PAY, "payments/mail/receipt"),
        (invoice.licensor_id, Permission.SEE_MONEY, "payments/mail/payment_received"),
    )
    for organisation_id, permission, template in sides:
        for person in accounts.people_who_may(db, organisation_id, permission):
            mail.queue(
                db,
                to=person.email,
                template=template,
                locale=person.locale,
                key=f"payment:{payment_id}:{person.id}",
                context=mail_context(invoice, person.name)
                | {"received": audit.plain(received), "paid": invoice.state == invoices.PAID},
            )
