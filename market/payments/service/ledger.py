"""Writing into the ledger: once for each key, lines first, then the seal."""

from datetime import datetime

from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from market.kit.ids import new_id
from market.payments.queries import ENTRY, POSTING
from market.payments.rules.ledger import Entry

_POSTED = select(ENTRY.c.id).where(ENTRY.c.book == bindparam("book"), ENTRY.c.key == bindparam("key"))

_WRITE_LINES = insert(POSTING)
_WRITE_SEAL = insert(ENTRY)


def post(db: Session, entry: Entry | None, *, now: datetime) -> bool:
    """Write `entry`; False when there is none, or when its key was posted before. The database checks the balance."""
    if entry is None or db.execute(_POSTED, {"book": entry.book, "key": entry.key}).first():
        return False
    entry_id = new_id()
    try:
        with db.begin_nested():
            db.execute(_WRITE_LINES, _lines(entry, entry_id))
            db.execute(_WRITE_SEAL, _seal(entry, entry_id, now))
    except IntegrityError:
        if db.execute(_POSTED, {"book": entry.book, "key": entry.key}).first():
            return False  # another transaction posted it at this moment
        raise
    return True


def _lines(entry: Entry, entry_id: str) -> list[dict[str, object]]:
    return [
        {
            "id": new_id(),
            "entry_id": entry_id,
            "position": position,
            "account": line.account,
            "debit": line.debit,
            "credit": line.credit,
            "invoice_id": line.invoice_id,
        }
        for position, line in enumerate(entry.lines, start=1)
    ]


def _seal(entry: Entry, entry_id: str, now: datetime) -> dict[str, object]:
    return {
        "id": entry_id,
        "book": entry.book,
        "key": entry.key,
        "event": entry.event,
        "currency": entry.currency,
        "posted_at": now,
    }
