"""From what is owed to an invoice: numbered without gaps, posted, told to those who pay."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from market.accounts import queries as accounts
from market.accounts.rules import Permission
from market.kit import audit, mail
from market.kit.actor import SYSTEM, Actor
from market.kit.events import emit
from market.kit.money import Money
from market.payments.events import InvoiceIssued
from market.payments.models import Invoice, InvoiceLine, InvoiceSeries, Obligation
from market.payments.queries import INVOICE, OBLIGATION, label
from market.payments.rules import invoices, ledger
from market.payments.service.ledger import post

_SERIES: Any = InvoiceSeries.__table__  # type: ignore[attr-defined]
_SAME_OBLIGATION = select(OBLIGATION.c.id).where(
    OBLIGATION.c.deal_id == bindparam("deal_id"),
    OBLIGATION.c.kind == bindparam("kind"),
    OBLIGATION.c.key == bindparam("key"),
)
_LIVING_INVOICE = select(INVOICE.c.id).where(
    INVOICE.c.obligation_id == bindparam("obligation_id"), INVOICE.c.state != invoices.VOID
)


def open_obligation(
    db: Session,
    *,
    deal_id: str,
    licensor_id: str,
    licensee_id: str,
    kind: str,
    key: str,
    amount: Money,
    due_on: date,
    description: str,
    now: datetime,
    actor: Actor = SYSTEM,
) -> Obligation:
    """Note what a deal owes and send the invoice for it; the same (deal, kind, key) is owed once, however often told.

    `description` becomes the invoice's title and line. `amount` is net and above zero.
    """
    same = {"deal_id": deal_id, "kind": kind, "key": key}
    known = db.execute(_SAME_OBLIGATION, same).first()
    if known is not None:
        return db.get_one(Obligation, known.id)
    obligation = Obligation(
        **same,
        licensor_id=licensor_id,
        licensee_id=licensee_id,
        amount_minor=amount.minor,
        currency=amount.currency,
        due_on=due_on,
        created_at=now,
        description=description,
    )
    try:
        with db.begin_nested():
            db.add(obligation)
    except IntegrityError:  # another transaction was told the same at this moment
        known = db.execute(_SAME_OBLIGATION, same).first()
        if known is None:
            raise
        return db.get_one(Obligation, known.id)
    issue_invoice(db, obligation, now=now, actor=actor)
    return obligation


def issue_invoice(
    db: Session,
    obligation: Obligation,
    *,
    now: datetime,
    actor: Actor = SYSTEM,
    lines: Sequence[invoices.Line] = (),
) -> Invoice:
    """Number and send the invoice of an obligation; one that has a living invoice gets that one.

    Without `lines` the invoice has one, for the whole amount and without tax.
    """
    living = db.execute(_LIVING_INVOICE, {"obligation_id": obligation.id}).first()
    if living is not None:
        return db.get_one(Invoice, living.id)
    amount = Money(obligation.amount_minor, obligation.currency)
    lines = list(lines) or [invoices.Line(obligation.kind, obligation.description, amount)]
    totals = invoices.totals(lines)
    invoice = Invoice(
        obligation_id=obligation.id,
        deal_id=obligation.deal_id,
        licensor_id=obligation.licensor_id,
        licensee_id=obligation.licensee_id,
        kind=obligation.kind,
        number=_next_number(db, obligation.licensor_id),
        state=invoices.ISSUED,
        total_minor=totals.due.minor,
        tax_minor=totals.tax.minor,
        currency=totals.due.currency,
        issued_on=now.date(),
        due_on=max(obligation.due_on, now.date()),
        created_at=now,
        seller=_party(db, obligation.licensor_id),
        buyer=_party(db, obligation.licensee_id),
        title=obligation.description,
    )
    db.add(invoice)
    db.flush()
    db.add_all(_rows(invoice, lines))
    db.flush()
    post(db, ledger.invoice_issued(ledger.licensor_book(invoice.licensor_id), invoice.id, lines), now=now)
    audit.record(
        db,
        actor,
        "payments:invoice:issued",
        invoice,
        now=now,
        number=invoice.number,
        total=totals.due,
        due=invoice.due_on,
    )
    _tell(db, invoice, totals.due)
    emit(db, InvoiceIssued(invoice.id, invoice.deal_id))
    return invoice


def _next_number(db: Session, licensor_id: str) -> int:
    """The number after the last; the series stays locked until the transaction ends, so that none is left out."""
    raise_by_one = (
        update(_SERIES)
        .where(_SERIES.c.licensor_id == licensor_id)
        .values(last_number=_SERIES.c.last_number + 1)
        .returning(_SERIES.c.last_number)
    )
    number = db.execute(raise_by_one).scalar()
    if number is None:
        try:
            with db.begin_nested():
                db.execute(insert(_SERIES).values(licensor_id=licensor_id, last_number=1))
            return 1
        except IntegrityError:  # another transaction began the series at this moment
            number = db.execute(raise_by_one).scalar_one()
    return int(number)


def _party(db: Session, organisation_id: str) -> dict[str, Any]:
    organisation = accounts.organisation(db, organisation_id)
    return {
        "name": organisation.name,
        "city": organisation.city,
        "country": organisation.country,
        "registration_number": organisation.registration_number,
    }


def _rows(invoice: Invoice, lines: Sequence[invoices.Line]) -> list[InvoiceLine]:
    return [
        InvoiceLine(
            invoice_id=invoice.id,
            position=position,
            kind=line.kind,
            net_minor=line.net.minor,
            tax_minor=line.tax.minor,
            tax_rate=str(line.tax_rate),
            reverse_charge=line.reverse_charge,
            description=line.description,
        )
        for position, line in enumerate(lines, start=1)
    ]


def _tell(db: Session, invoice: Invoice, due: Money) -> None:
    for person in accounts.people_who_may(db, invoice.licensee_id, Permission.PAY):
        mail.queue(
            db,
            to=person.email,
            template="payments/mail/invoice_issued",
            locale=person.locale,
            key=f"invoice_issued:{invoice.id}:{person.id}",
            context=mail_context(invoice, person.name) | {"due": audit.plain(due)},
        )


def mail_context(invoice: Invoice, name: str) -> dict[str, Any]:
    """What every mail about an invoice says."""
    return {
        "name": name,
        "invoice": invoice.id,
        "number": label(invoice.number),
        "title": invoice.title,
        "seller": invoice.seller["name"],
        "buyer": invoice.buyer["name"],
        "total": {"minor": invoice.total_minor, "currency": invoice.currency},
        "due_on": invoice.due_on.isoformat(),
    }
