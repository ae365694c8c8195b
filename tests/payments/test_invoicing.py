"""From an obligation to a numbered invoice, told to those who pay."""

from datetime import timedelta
from decimal import Decimal
from threading import Barrier, Thread

from sqlalchemy import select

from market.kit import audit, mail
from market.kit.db import Database
from market.kit.money import Money
from market.payments import queries
from market.payments.events import InvoiceIssued
from market.payments.models import Obligation
from market.payments.queries import INVOICE
from market.payments.rules.invoices import Line
from market.payments.rules.ledger import licensor_book
from market.payments.service import proof
from market.payments.service.invoicing import issue_invoice
from tests.payments.factories import a_world, an_invoice, an_obligation


def test_what_is_owed_becomes_an_invoice(db, now):
    """An obligation is numbered, posted, written into the trail and told to the payer by mail."""
    world = a_world(db, now)
    invoice = an_invoice(db, world, now)

    seen = queries.invoice(db, world.payer, invoice.id)
    assert ("INV-00001", "issued", Money(10_000_00, "EUR")) == (seen.label, seen.state, seen.due)
    assert ("University of Jena", "Lens & Sons") == (seen.seller["name"], seen.buyer["name"])
    balances = {row.account: row.balance.minor for row in queries.trial_balance(db, licensor_book(world.licensor_id))}
    assert {"receivable": 10_000_00, "income_milestone": -10_000_00} == balances
    assert ["payments:invoice:issued"] == [event.tag for event in audit.trail(db, ("invoice", invoice.id))]
    assert [world.payer.email] == [row.recipient for row in mail.recent(db)]


def test_the_same_debt_is_invoiced_once(db, now):
    """A deal that tells the same fee twice gets one obligation, one invoice, one mail."""
    world = a_world(db, now)
    first = an_obligation(db, world, now, deal_id="deal")
    second = an_obligation(db, world, now, deal_id="deal")

    assert first.id == second.id
    assert issue_invoice(db, first, now=now).id == issue_invoice(db, first, now=now).id
    assert 1 == len(mail.recent(db))


def test_numbers_have_no_gaps(database: Database, now):
    """A step that is undone gives its number back."""
    with database.write() as db:
        world = a_world(db, now)
        an_invoice(db, world, now)
    try:
        with database.write() as db:
            an_invoice(db, world, now)
            raise RuntimeError("something else went wrong")
    except RuntimeError:
        pass
    with database.write() as db:
        third = an_invoice(db, world, now)

    assert 2 == third.number


def test_parallel_invoices_are_numbered_without_gaps(database: Database, now):
    """Eight invoices at the same moment get the numbers one to eight."""
    with database.write() as db:
        world = a_world(db, now)
    together = Barrier(8)

    def issue() -> None:
        together.wait()
        with database.write() as db:
            an_obligation(db, world, now)

    threads = [Thread(target=issue) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    with database.read() as db:
        assert list(range(1, 9)) == sorted(db.execute(select(INVOICE.c.number)).scalars())
        assert proof.check_ledger(db).holds


def test_the_same_debt_told_in_parallel_is_owed_once(database: Database, now):
    """Eight workers that tell the same fee at once make one invoice."""
    with database.write() as db:
        world = a_world(db, now)
    together = Barrier(8)

    def tell() -> None:
        together.wait()
        with database.write() as db:
            an_obligation(db, world, now, deal_id="deal")

    threads = [Thread(target=tell) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    with database.read() as db:
        assert [1] == list(db.execute(select(INVOICE.c.number)).scalars())


def test_tax_lines_are_owed_and_kept_apart(db, now):
    """Lines with tax: the licensee owes both, the licensor passes the tax on."""
    world = a_world(db, now)
    obligation = Obligation(
        deal_id="d",
        kind="royalty",
        key="2027-Q1",
        licensor_id=world.licensor_id,
        licensee_id=world.licensee_id,
        amount_minor=100_00,
        currency="EUR",
        due_on=now.date(),
        created_at=now,
        description="Royalty",
    )
    db.add(obligation)
    db.flush()
    invoice = issue_invoice(
        db, obligation, now=now, lines=[Line("royalty", "Royalty", Money(100_00, "EUR"), Decimal("0.19"))]
    )

    assert (119_00, 19_00) == (invoice.total_minor, invoice.tax_minor)
    balances = {row.account: row.balance.minor for row in queries.trial_balance(db, licensor_book(world.licensor_id))}
    assert {"receivable": 119_00, "income_royalty": -100_00, "tax_payable": -19_00} == balances
    assert proof.check_ledger(db).holds


def test_an_invoice_is_not_due_before_it_is_sent(db, now):
    """A fee whose day has passed is due on the day of its invoice."""
    world = a_world(db, now)
    invoice = an_invoice(db, world, now, due_on=(now - timedelta(days=5)).date())

    assert now.date() == invoice.due_on


def test_others_are_told_of_the_invoice(database: Database, now):
    """The fact reaches its subscribers, in the same transaction."""
    heard: list[InvoiceIssued] = []
    database.bus.subscribe(InvoiceIssued, lambda _db, event: heard.append(event))
    with database.write() as db:
        invoice = an_invoice(db, a_world(db, now), now)

    assert [InvoiceIssued(invoice.id, invoice.deal_id)] == heard
