"""check-ledger: silent when the books are right, and exact about where they are not."""

import pytest
from sqlalchemy import text
from sqlmodel import Session

from market.kit.db import Database
from market.payments import jobs
from market.payments.service import proof
from tests.payments.conftest import Till

TRIGGERS = {
    "journal_line": ("journal_line_no_update", "journal_line_append_only"),
    "allocation": ("allocation_no_update", "allocation_append_only"),
    "invoice": ("invoice_frozen", "invoice_frozen"),
    "payment": ("payment_no_update", "payment_append_only"),
    "balance_txn": ("balance_txn_no_update", "balance_txn_append_only"),
    "invoice_line": ("invoice_line_no_update", "invoice_line_append_only"),
}


def plant(database: Database, table: str, statement: str) -> None:
    """Do what a trigger forbids, as somebody with the database's own password could."""
    sqlite, postgresql = TRIGGERS[table]
    with database.write() as db:
        db.execute(text(f"DROP TRIGGER {sqlite}" if database.is_sqlite else f"DROP TRIGGER {postgresql} ON {table}"))
        db.execute(text(statement))


def faults(db: Session) -> str:
    return "\n".join(proof.check_ledger(db).faults)


@pytest.fixture
def paid(till: Till) -> Till:
    """A till whose invoice is paid."""
    till.rail.choose(till.pay() or "", "card")
    jobs.sync_open(till.wired.worker().run, {})
    return till


def test_right_books_have_a_proof(paid: Till):
    """The proof counts what it looked at and finds nothing."""
    with paid.database.read() as db:
        found = proof.check_ledger(db)

    assert found.holds
    assert {"entries": "3", "invoices": "1", "payments": "1", "fees": "1"}.items() <= dict(found.facts).items()


@pytest.mark.parametrize(
    ("table", "statement", "named"),
    [
        (
            "journal_line",
            "UPDATE journal_line SET debit = debit + 1 WHERE account = 'psp_clearing' AND debit > 0",
            "€0.01 off",
        ),
        (
            "journal_line",
            "UPDATE journal_line SET account = 'bank' WHERE account = 'receivable' AND credit > 0",
            "INV-00001",
        ),
        ("allocation", "UPDATE allocation SET amount_minor = amount_minor - 1", "€0.01 away"),
        ("allocation", "UPDATE allocation SET amount_minor = amount_minor + 1", "more is allocated than came in"),
        ("invoice", "UPDATE invoice SET state = 'issued', total_minor = total_minor + 1", "do not add up to its total"),
        ("invoice", "UPDATE invoice SET number = 3", "1 invoices, but the last number is 3"),
        ("payment", "UPDATE payment SET amount_minor = amount_minor + 1", "is posted as 1000000"),
        ("balance_txn", "UPDATE balance_txn SET fee_minor = fee_minor + 1", "the rail said"),
        ("invoice_line", "UPDATE invoice_line SET net_minor = net_minor - 1", "do not add up"),
    ],
)
def test_one_cent_is_found_and_named(paid: Till, table, statement, named):
    """A single cent planted anywhere is found, and the place is named."""
    plant(paid.database, table, statement)

    with paid.database.read() as db:
        assert named in faults(db)


def test_a_state_that_says_more_than_the_money_is_found(till: Till):
    """An invoice that says it is paid without money is found."""
    with till.database.write() as db:
        db.execute(text("UPDATE invoice SET state = 'paid'"))

    with till.database.read() as db:
        assert "says paid, but €0.00 is allocated" in faults(db)


def test_a_payment_without_its_posting_is_found(paid: Till):
    """Money that is not in the ledger is found, and so is an entry without its money."""
    plant(paid.database, "payment", "UPDATE payment SET external_ref = 'pi_other'")

    with paid.database.read() as db:
        assert "is posted as None" in faults(db)
        assert "that is not there" in faults(db)
