"""Every SELECT of payments. An invoice is seen by the two organisations it stands between, and by the system."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select, true
from sqlmodel import Session

from market.kit.actor import Actor
from market.kit.errors import NotFound
from market.kit.money import Money
from market.payments.models import (
    Allocation,
    BalanceTxn,
    Installation,
    Invoice,
    InvoiceLine,
    JournalEntry,
    JournalLine,
    Obligation,
    Payment,
    PaymentAttempt,
    WebhookEvent,
)
from market.payments.rules import attempts, invoices

INVOICE: Any = Invoice.__table__  # type: ignore[attr-defined]
LINE: Any = InvoiceLine.__table__  # type: ignore[attr-defined]
ATTEMPT: Any = PaymentAttempt.__table__  # type: ignore[attr-defined]
PAYMENT: Any = Payment.__table__  # type: ignore[attr-defined]
ALLOCATION: Any = Allocation.__table__  # type: ignore[attr-defined]
OBLIGATION: Any = Obligation.__table__  # type: ignore[attr-defined]
ENTRY: Any = JournalEntry.__table__  # type: ignore[attr-defined]
POSTING: Any = JournalLine.__table__  # type: ignore[attr-defined]
EVENT: Any = WebhookEvent.__table__  # type: ignore[attr-defined]
TXN: Any = BalanceTxn.__table__  # type: ignore[attr-defined]
INSTALLATION: Any = Installation.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class InvoiceRow:
    """An invoice with what is paid on it."""

    id: str
    obligation_id: str
    deal_id: str
    licensor_id: str
    licensee_id: str
    kind: str
    number: int
    state: str
    total: Money
    tax: Money
    paid: Money
    issued_on: date
    due_on: date
    paid_at: datetime | None
    disputed: bool
    seller: dict[str, Any]
    buyer: dict[str, Any]
    title: str

    @property
    def label(self) -> str:
        """The number as people write it."""
        return label(self.number)

    @property
    def due(self) -> Money:
        """What is still to be paid; nothing on a void or written-off invoice."""
        left = self.total - self.paid
        return left if self.state in invoices.OWED else Money(0, left.currency)

    def overdue(self, today: date) -> bool:
        """Whether it should have been paid before `today`."""
        return self.state in invoices.OWED and self.due_on < today


def label(number: int) -> str:
    """The number of an invoice as people write it: `INV-00001`."""
    return f"INV-{number:05d}"


PAID = (
    select(func.coalesce(func.sum(ALLOCATION.c.amount_minor), 0))
    .where(ALLOCATION.c.invoice_id == INVOICE.c.id)
    .scalar_subquery()
)
_INVOICES = select(*INVOICE.c, PAID.label("paid_minor"))
MINE = or_(INVOICE.c.licensor_id == bindparam("organisation"), INVOICE.c.licensee_id == bindparam("organisation"))
_BY_ID = _INVOICES.where(INVOICE.c.id == bindparam("id"))
_BY_DEAL = _INVOICES.where(INVOICE.c.deal_id == bindparam("deal")).order_by(INVOICE.c.created_at, INVOICE.c.id)
_LIST = _INVOICES.where(MINE).order_by(INVOICE.c.created_at.desc(), INVOICE.c.id.desc())
_COUNT = select(func.count()).select_from(INVOICE).where(MINE)
_LINES = select(*LINE.c).where(LINE.c.invoice_id == bindparam("invoice")).order_by(LINE.c.position)
_OPEN_SUMS = (
    select(INVOICE.c.currency, func.sum(INVOICE.c.total_minor - PAID).label("minor"), func.count().label("n"))
    .where(MINE, INVOICE.c.state.in_(invoices.OWED))
    .group_by(INVOICE.c.currency)
    .order_by(INVOICE.c.currency)
)


def _row(row: Any) -> InvoiceRow:
    given = row._mapping
    fields: dict[str, Any] = {name: given[name] for name in InvoiceRow.__dataclass_fields__ if name in given}
    for name in ("total", "tax", "paid"):
        fields[name] = Money(int(given[f"{name}_minor"]), given["currency"])
    return InvoiceRow(**fields)


def invoice(db: Session, actor: Actor, invoice_id: str) -> InvoiceRow:
    """One invoice between the actor's organisation and another; NotFound."""
    row = db.execute(_BY_ID, {"id": invoice_id}).first()
    if row is None or not _sees(actor, row):
        raise NotFound
    return _row(row)


def _sees(actor: Actor, row: Any) -> bool:
    return actor.is_system or (
        actor.organisation_id is not None and actor.organisation_id in (row.licensor_id, row.licensee_id)
    )


def invoices_of(db: Session, actor: Actor, *, page: int = 1, size: int = 25) -> tuple[list[InvoiceRow], int]:
    """The invoices that the actor's organisation sent or received, newest first, and how many there are."""
    mine = {"organisation": actor.organisation_id}
    rows = db.execute(_LIST.limit(size).offset((page - 1) * size), mine)
    return [_row(row) for row in rows], int(db.execute(_COUNT, mine).scalar_one())


def open_sums(db: Session, actor: Actor) -> list[Money]:
    """What is open on all invoices of the actor's organisation, by currency."""
    return [
        Money(int(row.minor), row.currency) for row in db.execute(_OPEN_SUMS, {"organisation": actor.organisation_id})
    ]


def invoices_of_deal(db: Session, actor: Actor, deal_id: str) -> list[InvoiceRow]:
    """The invoices of a deal that the actor sees, oldest first; for the deal's page."""
    return [_row(row) for row in db.execute(_BY_DEAL, {"deal": deal_id}) if _sees(actor, row)]


@dataclass(frozen=True)
class LineRow:
    """One line of an invoice."""

    kind: str
    description: str
    net: Money
    tax: Money
    tax_rate: str
    reverse_charge: bool


def lines(db: Session, of: InvoiceRow) -> list[LineRow]:
    """The lines of an invoice, in order."""
    return [
        LineRow(
            row.kind,
            row.description,
            Money(row.net_minor, of.total.currency),
            Money(row.tax_minor, of.total.currency),
            row.tax_rate,
            row.reverse_charge,
        )
        for row in db.execute(_LINES, {"invoice": of.id})
    ]


# --- attempts and payments of an invoice


@dataclass(frozen=True)
class AttemptRow:
    """One try to pay, as its payer may see it."""

    id: str
    state: str
    amount: Money
    created_at: datetime
    trouble: str


_ATTEMPTS = (
    select(*(c for c in ATTEMPT.c if c.name not in ("params", "url")))
    .where(ATTEMPT.c.invoice_id == bindparam("invoice"))
    .order_by(ATTEMPT.c.created_at.desc(), ATTEMPT.c.id.desc())
    .limit(20)
)
_LIVING = select(*ATTEMPT.c).where(ATTEMPT.c.invoice_id == bindparam("invoice"), ATTEMPT.c.state.in_(attempts.LIVING))
_ATTEMPT = select(*ATTEMPT.c).where(ATTEMPT.c.id == bindparam("id"))
_IN_STATES = (
    select(ATTEMPT.c.id)
    .where(ATTEMPT.c.state.in_(bindparam("states", expanding=True)), ATTEMPT.c.created_at <= bindparam("before"))
    .order_by(ATTEMPT.c.created_at)
    .limit(500)
)
_PAYMENTS = (
    select(
        PAYMENT.c.id,
        PAYMENT.c.rail,
        PAYMENT.c.external_ref,
        PAYMENT.c.received_at,
        ALLOCATION.c.amount_minor,
        ALLOCATION.c.currency,
    )
    .join(ALLOCATION, ALLOCATION.c.payment_id == PAYMENT.c.id)
    .where(ALLOCATION.c.invoice_id == bindparam("invoice"))
    .order_by(PAYMENT.c.received_at, PAYMENT.c.id, ALLOCATION.c.seq)
)


def attempts_of(db: Session, invoice_id: str) -> list[AttemptRow]:
    """The newest tries to pay an invoice, newest first."""
    return [
        AttemptRow(row.id, row.state, Money(row.amount_minor, row.currency), row.created_at, row.trouble)
        for row in db.execute(_ATTEMPTS, {"invoice": invoice_id})
    ]


def living_attempt(db: Session, invoice_id: str) -> Any | None:
    """The one attempt of an invoice that has not ended, or None."""
    return db.execute(_LIVING, {"invoice": invoice_id}).first()


def attempt(db: Session, attempt_id: str) -> Any | None:
    """An attempt with everything, or None."""
    return db.execute(_ATTEMPT, {"id": attempt_id}).first()


def attempts_in(db: Session, states: Sequence[str], *, before: datetime) -> list[str]:
    """The ids of attempts in `states` made before a moment, oldest first, 500 at most."""
    return [row.id for row in db.execute(_IN_STATES, {"states": list(states), "before": before})]


@dataclass(frozen=True)
class PaymentRow:
    """Money that went to an invoice."""

    rail: str
    reference: str
    amount: Money
    received_at: datetime


def payments_of(db: Session, invoice_id: str) -> list[PaymentRow]:
    """The payments on an invoice, oldest first."""
    return [
        PaymentRow(row.rail, row.external_ref, Money(row.amount_minor, row.currency), row.received_at)
        for row in db.execute(_PAYMENTS, {"invoice": invoice_id})
    ]


# --- rows to change


def invoice_to_change(db: Session, invoice_id: str) -> Invoice:
    """An invoice, locked until the transaction ends; NotFound. The actor's right is asked before or after."""
    found = db.get(Invoice, invoice_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    return found


_ALLOCATED = select(func.coalesce(func.sum(ALLOCATION.c.amount_minor), 0)).where(
    ALLOCATION.c.invoice_id == bindparam("invoice")
)


def allocated(db: Session, of: Invoice) -> Money:
    """What is allocated to an invoice."""
    return Money(int(db.execute(_ALLOCATED, {"invoice": of.id}).scalar_one()), of.currency)


# --- the ledger


@dataclass(frozen=True)
class AccountRow:
    """One account's sums in one currency of a book."""

    account: str
    currency: str
    debit: Money
    credit: Money

    @property
    def balance(self) -> Money:
        """Debits less credits."""
        return self.debit - self.credit


_TRIAL = (
    select(
        ENTRY.c.currency,
        POSTING.c.account,
        func.sum(POSTING.c.debit).label("debit"),
        func.sum(POSTING.c.credit).label("credit"),
    )
    .join(ENTRY, ENTRY.c.id == POSTING.c.entry_id)
    .where(ENTRY.c.book == bindparam("book"))
    .group_by(ENTRY.c.currency, POSTING.c.account)
    .order_by(ENTRY.c.currency, POSTING.c.account)
)


def trial_balance(db: Session, book: str) -> list[AccountRow]:
    """Every account of a book, by currency and name."""
    return [
        AccountRow(row.account, row.currency, Money(int(row.debit), row.currency), Money(int(row.credit), row.currency))
        for row in db.execute(_TRIAL, {"book": book})
    ]


@dataclass(frozen=True)
class PostingRow:
    """One line of an entry."""

    account: str
    debit: Money
    credit: Money
    invoice_label: str
    invoice_id: str | None


@dataclass(frozen=True)
class EntryRow:
    """An entry with its lines."""

    id: str
    event: str
    posted_at: datetime
    lines: tuple[PostingRow, ...]


_ENTRIES = (
    select(ENTRY.c.id, ENTRY.c.event, ENTRY.c.posted_at, ENTRY.c.currency)
    .where(ENTRY.c.book == bindparam("book"))
    .order_by(ENTRY.c.posted_at.desc(), ENTRY.c.id.desc())
)
_ENTRY_COUNT = select(func.count()).select_from(ENTRY).where(ENTRY.c.book == bindparam("book"))
_POSTINGS = (
    select(*POSTING.c, INVOICE.c.number)
    .outerjoin(INVOICE, INVOICE.c.id == POSTING.c.invoice_id)
    .where(POSTING.c.entry_id.in_(bindparam("entries", expanding=True)))
    .order_by(POSTING.c.entry_id, POSTING.c.position)
)


def entries(db: Session, book: str, *, page: int = 1, size: int = 25) -> tuple[list[EntryRow], int]:
    """The entries of a book, newest first, and how many there are."""
    heads = db.execute(_ENTRIES.limit(size).offset((page - 1) * size), {"book": book}).all()
    found: dict[str, list[PostingRow]] = {head.id: [] for head in heads}
    currency = {head.id: head.currency for head in heads}
    for row in db.execute(_POSTINGS, {"entries": list(found)}) if found else ():
        money = currency[row.entry_id]
        found[row.entry_id].append(
            PostingRow(
                row.account, Money(row.debit, money), Money(row.credit, money), label(row.number or 0), row.invoice_id
            )
        )
    rows = [EntryRow(head.id, head.event, head.posted_at, tuple(found[head.id])) for head in heads]
    return rows, int(db.execute(_ENTRY_COUNT, {"book": book}).scalar_one())


# --- the inbox and the installation

_EVENT = select(*EVENT.c).where(EVENT.c.id == bindparam("id"))
_EVENT_KNOWN = select(EVENT.c.id).where(
    and_(
        EVENT.c.mode == bindparam("mode"),
        EVENT.c.account == bindparam("account"),
        EVENT.c.event_id == bindparam("event_id"),
    )
)
_LAST_EVENT = select(func.max(EVENT.c.received_at))
_WAITING = (
    select(*(c for c in EVENT.c if c.name != "body"))
    .where(EVENT.c.state == "quarantined")
    .order_by(EVENT.c.received_at.desc())
    .limit(200)
)
_INSTALLATION = select(INSTALLATION.c.id, INSTALLATION.c.mode, INSTALLATION.c.created_at).where(true())


def webhook_event(db: Session, event_row_id: str) -> Any | None:
    """A row of the inbox, or None."""
    return db.execute(_EVENT, {"id": event_row_id}).first()


def event_known(db: Session, *, mode: str, account: str, event_id: str) -> bool:
    """Whether an event is in the inbox."""
    return db.execute(_EVENT_KNOWN, {"mode": mode, "account": account, "event_id": event_id}).first() is not None


def last_event_at(db: Session) -> datetime | None:
    """When the inbox last got something."""
    return db.execute(_LAST_EVENT).scalar()


def quarantined_events(db: Session) -> list[Any]:
    """Events that a human should look at, newest first; for the operator's desk."""
    return list(db.execute(_WAITING))


def installation(db: Session) -> Any | None:
    """The identity and mode of this database, or None before the first start."""
    return db.execute(_INSTALLATION).first()
