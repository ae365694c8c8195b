"""A till: an application with an unpaid invoice before a running sandbox, on each kind of database."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from market.kit.db import Database
from market.payments import queries
from market.payments.gateway import PaymentGateway
from market.payments.queries import ATTEMPT, EVENT, PAYMENT
from market.payments.rules.ledger import licensor_book
from market.payments.service import inbox, paying, proof
from market.wiring import Wired
from tests.payments.factories import ADDRESSES, Story, a_story
from tests.payments.rail import Rail, running_rail


@dataclass
class Till:
    """What a test of money works with."""

    wired: Wired
    rail: Rail
    story: Story

    @property
    def database(self) -> Database:
        return self.wired.db

    def pay(self) -> str | None:
        """The payer presses Pay; gives the address of the hosted page."""
        return paying.start_payment(
            self.database,
            self.rail.gateway,
            self.story.world.payer,
            self.story.invoice_id,
            ADDRESSES,
            now=datetime.now(UTC),
        )

    def bodies(self, *types: str) -> list[bytes]:
        """All events of the rail (or those of `types`), oldest first, as they would come in."""
        listed = self.rail.gateway.list_events(since=datetime(2020, 1, 1, tzinfo=UTC))
        return [body for body in listed if not types or self.rail.gateway.read_event(body).type in types]

    def take_in(self, body: bytes) -> str | None:
        """An event arrives, and is kept."""
        event = self.rail.gateway.read_event(body)
        with self.database.write() as db:
            return inbox.take_in(db, self.rail.gateway, event, body, now=datetime.now(UTC))

    def work(self) -> int:
        """Do all jobs that are due."""
        return self.wired.worker().drain()

    def attempts(self) -> list[str]:
        """The states of all attempts, oldest first."""
        with self.database.read() as db:
            return list(db.execute(select(ATTEMPT.c.state).order_by(ATTEMPT.c.created_at)).scalars())

    def events(self) -> dict[str, int]:
        """How many events are in each state."""
        with self.database.read() as db:
            rows = db.execute(select(EVENT.c.state, func.count()).group_by(EVENT.c.state)).all()
        return dict(rows)

    def payments(self) -> int:
        """How many payments are booked."""
        with self.database.read() as db:
            return int(db.execute(select(func.count()).select_from(PAYMENT)).scalar_one())

    def invoice(self) -> queries.InvoiceRow:
        """The invoice now."""
        with self.database.read() as db:
            return queries.invoice(db, self.story.world.payer, self.story.invoice_id)

    def balances(self) -> dict[str, int]:
        """The licensor's accounts that do not come to nothing."""
        with self.database.read() as db:
            rows = queries.trial_balance(db, licensor_book(self.story.world.licensor_id))
        return {row.account: row.balance.minor for row in rows if row.balance}

    def mails(self, template: str = "") -> list[Any]:
        """The mails queued, newest first."""
        from market.kit import mail

        with self.database.read() as db:
            return [row for row in mail.recent(db) if template in row.template]

    def proof(self) -> list[str]:
        """The faults that check-ledger finds."""
        with self.database.read() as db:
            return proof.check_ledger(db).faults


@pytest.fixture
def rail(tmp_path) -> Iterator[Rail]:
    """A running sandbox."""
    with running_rail(tmp_path) as running:
        yield running


@pytest.fixture
def till(wired: Wired, rail: Rail) -> Till:
    """An unpaid invoice of 10,000 euros before a running sandbox."""
    wired.gateways.put(PaymentGateway, rail.gateway)
    return Till(wired, rail, a_story(wired.db, datetime.now(UTC)))
