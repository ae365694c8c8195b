"""What the database itself refuses, on both kinds."""

from typing import Any

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from market.kit.db import Database
from market.kit.ids import new_id
from market.payments.models import PaymentAttempt
from market.payments.queries import ATTEMPT, ENTRY, POSTING
from market.payments.rules import ledger
from market.payments.service.ledger import post
from tests.payments.factories import a_story


def lines(db: Session, entry_id: str, *amounts: tuple[int, int]) -> None:
    for position, (debit, credit) in enumerate(amounts, start=1):
        db.execute(
            insert(POSTING).values(
                id=new_id(), entry_id=entry_id, position=position, account="bank", debit=debit, credit=credit
            )
        )


def seal(db: Session, entry_id: str, now: Any, key: str = "k") -> None:
    db.execute(insert(ENTRY).values(id=entry_id, book="b", key=key, event="e", currency="EUR", posted_at=now))


@pytest.mark.parametrize(
    "amounts",
    [[(100, 0), (0, 99)], [(100, 0)], [], [(100, 0), (100, 0)]],
    ids=["one cent off", "one-sided", "empty", "debits only"],
)
def test_an_entry_that_does_not_balance_is_refused(database: Database, now, amounts):
    """Not our code, the database refuses it: a cent off, one side, nothing at all."""
    with pytest.raises(DBAPIError, match="balance"), database.write() as db:
        entry_id = new_id()
        lines(db, entry_id, *amounts)
        seal(db, entry_id, now)


def test_lines_without_a_seal_are_refused(database: Database, now):
    """Lines whose entry never came are not committed."""
    with pytest.raises(DBAPIError), database.write() as db:
        lines(db, new_id(), (100, 0), (0, 100))


def test_nothing_is_added_under_a_seal(database: Database, now):
    """Not even a balanced pair can be slipped into an entry that was posted."""
    entry_id = new_id()
    with database.write() as db:
        lines(db, entry_id, (100, 0), (0, 100))
        seal(db, entry_id, now)
    with pytest.raises(DBAPIError, match="sealed"), database.write() as db:
        db.execute(insert(POSTING).values(id=new_id(), entry_id=entry_id, position=3, account="a", debit=1, credit=0))


@pytest.mark.parametrize("amounts", [(1, 1), (0, 0), (-1, 0)])
def test_a_line_has_one_side(database: Database, now, amounts):
    """Both sides, none, or a negative amount: refused."""
    with pytest.raises(DBAPIError), database.write() as db:
        lines(db, new_id(), amounts)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal_line SET debit = debit + 1 WHERE debit > 0",
        "DELETE FROM journal_line",
        "UPDATE journal_entry SET key = 'x'",
        "DELETE FROM journal_entry",
        "UPDATE invoice_line SET net_minor = 1",
        "UPDATE obligation SET amount_minor = 1",
        "UPDATE invoice SET total_minor = 1",
        "UPDATE invoice SET number = 7",
        "DELETE FROM invoice",
    ],
)
def test_what_was_posted_never_changes(database: Database, now, statement):
    """Ledger, invoice lines and what was promised cannot be changed or deleted, whoever tries."""
    a_story(database, now)

    with pytest.raises(DBAPIError), database.write() as db:
        db.execute(text(statement))


def test_the_same_key_is_posted_once(database: Database, now):
    """The same fact told again posts nothing."""
    entry = ledger.entry(
        "book",
        "key",
        "paid_out",
        "EUR",
        ledger.Line("bank", debit=5),
        ledger.Line("psp_clearing", credit=5),
    )
    with database.write() as db:
        assert post(db, entry, now=now)
        assert not post(db, entry, now=now)
    with database.write() as db:
        assert not post(db, entry, now=now)
        assert not post(db, None, now=now)


def an_attempt(invoice_id: str, now: Any, **changed: Any) -> PaymentAttempt:
    fields = {
        "invoice_id": invoice_id,
        "mode": "sandbox",
        "state": "open",
        "idempotency_key": new_id(),
        "amount_minor": 1,
        "currency": "EUR",
        "created_at": now,
        "expires_at": now,
    }
    return PaymentAttempt(**(fields | changed))


def test_an_invoice_has_one_living_attempt(database: Database, now):
    """Two open pages for one invoice cannot exist; ended ones may be many."""
    story = a_story(database, now)
    with database.write() as db:
        db.add(an_attempt(story.invoice_id, now, state="expired"))
        db.add(an_attempt(story.invoice_id, now, state="failed"))
        db.add(an_attempt(story.invoice_id, now, state="creating"))

    for state in ("creating", "open", "processing"):
        with pytest.raises(DBAPIError), database.write() as db:
            db.add(an_attempt(story.invoice_id, now, state=state))


@pytest.mark.parametrize(
    "change", [{"amount_minor": 2}, {"currency": "USD"}, {"params": {"x": 1}}, {"idempotency_key": "k"}]
)
def test_what_an_attempt_promised_never_changes(database: Database, now, change):
    """Amount, currency, key and the call itself are frozen; its state is not."""
    story = a_story(database, now)
    with database.write() as db:
        db.add(an_attempt(story.invoice_id, now))
    with database.write() as db:
        db.execute(update(ATTEMPT).values(state="expired"))

    with pytest.raises(DBAPIError), database.write() as db:
        db.execute(update(ATTEMPT).values(**change))
