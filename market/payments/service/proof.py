"""The proof that the books are right: every entry balances, every fact is posted, every debt is explained."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import case, func, select
from sqlmodel import Session

from market.kit.i18n import format_money
from market.kit.money import Money
from market.payments.queries import ALLOCATION, ENTRY, INVOICE, LINE, PAYMENT, POSTING, TXN, label
from market.payments.rules import invoices, ledger


@dataclass
class Proof:
    """What was counted, and each fault by name; it holds when there is no fault."""

    facts: list[tuple[str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether the books are right."""
        return not self.faults


def check_ledger(db: Session) -> Proof:
    """Look at everything; the faults name the entry, invoice or payment that is wrong and by how much."""
    proof = Proof()
    for check in CHECKS:
        proof.faults += list(check(db, proof))
    return proof


def _minor(amount: int, currency: str) -> str:
    return format_money(Money(int(amount), currency))


def _entries_balance(db: Session, proof: Proof) -> Iterator[str]:
    """Debits equal credits in each entry."""
    difference = func.coalesce(func.sum(POSTING.c.debit - POSTING.c.credit), 0)
    rows = db.execute(
        select(
            ENTRY.c.id,
            ENTRY.c.book,
            ENTRY.c.key,
            ENTRY.c.currency,
            difference.label("off"),
            func.count(POSTING.c.id).label("n"),
        )
        .outerjoin(POSTING, POSTING.c.entry_id == ENTRY.c.id)
        .group_by(ENTRY.c.id, ENTRY.c.book, ENTRY.c.key, ENTRY.c.currency)
    ).all()
    proof.facts.append(("entries", str(len(rows))))
    for row in rows:
        if row.off or row.n < 2:
            yield f"entry {row.id} ({row.key}) in {row.book} does not balance: {_minor(row.off, row.currency)} off"


def _no_loose_lines(db: Session, proof: Proof) -> Iterator[str]:
    """No line without its entry."""
    loose = select(POSTING.c.id).outerjoin(ENTRY, ENTRY.c.id == POSTING.c.entry_id).where(ENTRY.c.id.is_(None))
    proof.facts.append(("lines", str(db.execute(select(func.count()).select_from(POSTING)).scalar_one())))
    for row in db.execute(loose):
        yield f"line {row.id} belongs to no entry"


def _trial_balance(db: Session, proof: Proof) -> Iterator[str]:
    """Each book comes to nothing in each currency."""
    sums = (
        select(
            ENTRY.c.book,
            ENTRY.c.currency,
            func.sum(POSTING.c.debit).label("debit"),
            func.sum(POSTING.c.credit).label("credit"),
        )
        .join(POSTING, POSTING.c.entry_id == ENTRY.c.id)
        .group_by(ENTRY.c.book, ENTRY.c.currency)
        .order_by(ENTRY.c.book, ENTRY.c.currency)
    )
    for row in db.execute(sums):
        proof.facts.append((f"{row.book} {row.currency}", f"{_minor(row.debit, row.currency)} on each side"))
        if row.debit != row.credit:
            yield f"{row.book} is off by {_minor(row.debit - row.credit, row.currency)}"


def _allocated() -> Any:
    return (
        select(func.coalesce(func.sum(ALLOCATION.c.amount_minor), 0))
        .where(ALLOCATION.c.invoice_id == INVOICE.c.id)
        .scalar_subquery()
    )


def _receivables(db: Session, proof: Proof) -> Iterator[str]:
    """What the ledger says is owed on an invoice is what the invoice says; its state is what its allocations make of it."""
    owed = (
        select(POSTING.c.invoice_id, func.sum(POSTING.c.debit - POSTING.c.credit).label("owed"))
        .where(POSTING.c.account == ledger.RECEIVABLE)
        .group_by(POSTING.c.invoice_id)
        .subquery()
    )
    rows = db.execute(
        select(*INVOICE.c, _allocated().label("allocated"), func.coalesce(owed.c.owed, 0).label("owed"))
        .outerjoin(owed, owed.c.invoice_id == INVOICE.c.id)
        .order_by(INVOICE.c.id)
    ).all()
    proof.facts.append(("invoices", str(len(rows))))
    for row in rows:
        name = f"invoice {label(row.number)} ({row.id})"
        expected = row.total_minor - row.allocated if row.state in (*invoices.OWED, invoices.PAID) else 0
        if row.owed != expected:
            off = _minor(row.owed - expected, row.currency)
            yield f"{name}: the ledger is {off} away from what the invoice has open"
        total, allocated = (Money(int(minor), row.currency) for minor in (row.total_minor, row.allocated))
        if row.state != invoices.state_of(row.state, total=total, allocated=allocated):
            yield f"{name} says {row.state}, but {_minor(row.allocated, row.currency)} is allocated"


def _invoice_lines(db: Session, _proof: Proof) -> Iterator[str]:
    """The lines of an invoice add up to its total."""
    sums = select(LINE.c.invoice_id, func.sum(LINE.c.net_minor + LINE.c.tax_minor).label("sum")).group_by(
        LINE.c.invoice_id
    )
    lines = sums.subquery()
    wrong = (
        select(INVOICE.c.id, INVOICE.c.number, INVOICE.c.currency, INVOICE.c.total_minor, lines.c.sum)
        .outerjoin(lines, lines.c.invoice_id == INVOICE.c.id)
        .where(func.coalesce(lines.c.sum, 0) != INVOICE.c.total_minor)
    )
    for row in db.execute(wrong):
        yield f"invoice {label(row.number)} ({row.id}): its lines do not add up to its total"


def _numbers(db: Session, _proof: Proof) -> Iterator[str]:
    """The invoices of a licensor are numbered without a gap."""
    counted = select(INVOICE.c.licensor_id, func.count().label("n"), func.max(INVOICE.c.number).label("last")).group_by(
        INVOICE.c.licensor_id
    )
    for row in db.execute(counted):
        if row.n != row.last:
            yield f"licensor {row.licensor_id}: {row.n} invoices, but the last number is {row.last}"


def _payments(db: Session, proof: Proof) -> Iterator[str]:
    """Every payment is posted once, with its amount, and no more of it is allocated than came in."""
    allocated = (
        select(func.coalesce(func.sum(ALLOCATION.c.amount_minor), 0))
        .where(ALLOCATION.c.payment_id == PAYMENT.c.id)
        .scalar_subquery()
    )
    rows = db.execute(select(*PAYMENT.c, allocated.label("allocated"))).all()
    proof.facts.append(("payments", str(len(rows))))
    posted = _clearing(db)
    for row in rows:
        if row.allocated > row.amount_minor:
            yield f"payment {row.id}: more is allocated than came in"
        if row.suspense:
            proof.facts.append(
                (f"payment {row.id}", f"{_minor(row.amount_minor, row.currency)} in suspense ({row.suspense})")
            )
        if row.rail == "stripe":
            key = f"stripe:{row.mode}:{row.account or 'own'}:{row.external_ref}:{'suspense' if row.suspense else 'charge'}"
            found = posted.pop((ledger.licensor_book(row.licensor_id), key), None)
            if found != row.amount_minor:
                yield f"payment {row.id} of {_minor(row.amount_minor, row.currency)} is posted as {found}"
    for (_book, key), amount in posted.items():
        yield f"entry {key} posts {amount} of a payment that is not there"


def _clearing(db: Session) -> dict[tuple[str, str], int]:
    """What each entry about a charge put into PSP clearing, by book and key."""
    rows = db.execute(
        select(
            ENTRY.c.book,
            ENTRY.c.key,
            func.sum(case((POSTING.c.account == ledger.PSP_CLEARING, POSTING.c.debit), else_=0)).label("minor"),
        )
        .join(POSTING, POSTING.c.entry_id == ENTRY.c.id)
        .where(ENTRY.c.event.in_(("charge_succeeded", "charge_in_suspense")))
        .group_by(ENTRY.c.book, ENTRY.c.key)
    )
    return {(row.book, row.key): int(row.minor) for row in rows}


def _fees(db: Session, proof: Proof) -> Iterator[str]:
    """Every fee that the rail told is posted once."""
    told = {
        f"stripe:{row.mode}:{row.account or 'own'}:{row.txn_id}:fee": int(row.fee_minor)
        for row in db.execute(
            select(TXN.c.mode, TXN.c.account, TXN.c.txn_id, TXN.c.fee_minor).where(TXN.c.fee_minor != 0)
        )
    }
    posted = {
        row.key: int(row.minor)
        for row in db.execute(
            select(ENTRY.c.key, func.sum(POSTING.c.debit).label("minor"))
            .join(POSTING, POSTING.c.entry_id == ENTRY.c.id)
            .where(ENTRY.c.event == "fees_known", POSTING.c.account == ledger.STRIPE_FEE)
            .group_by(ENTRY.c.key)
        )
    }
    proof.facts.append(("fees", str(len(told))))
    for key in sorted(told.keys() | posted.keys()):
        if told.get(key) != posted.get(key):
            yield f"fee {key}: the rail said {told.get(key)}, posted is {posted.get(key)}"


CHECKS: tuple[Callable[[Session, Proof], Iterator[str]], ...] = (
    _entries_balance,
    _no_loose_lines,
    _trial_balance,
    _receivables,
    _invoice_lines,
    _numbers,
    _payments,
    _fees,
)
