"""Whatever is lost, doubled or out of order on the way: the same end, and never a cent too much."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from market.config import SANDBOX_KEY
from market.integrations.stripe_gateway import StripeGateway
from market.integrations.stripe_sandbox import happenings
from market.integrations.stripe_sandbox.app import Sandbox
from market.integrations.stripe_sandbox.behaviour import Behaviour
from market.integrations.stripe_sandbox.direct import direct_gateway
from market.kit import clock
from market.kit.errors import Refused
from market.kit.templating import Addresses, Templates
from market.payments import jobs, queries
from market.payments.gateway import PaymentGateway
from market.payments.service import inbox, paying, proof
from market.wiring import Wired
from tests.payments.factories import ADDRESSES, World, a_world, an_invoice

SECRET = "whsec_sandbox_ponte"


@dataclass
class Bench:
    """An application before a sandbox in the same process, with the events that have not come in yet."""

    wired: Wired
    sandbox: Sandbox
    gateway: StripeGateway
    world: World
    invoice: str = ""
    session: str = ""
    seen: list[bytes] = field(default_factory=list)

    def new_invoice(self) -> None:
        with self.wired.db.write() as db:
            self.invoice = an_invoice(db, self.world, clock.now()).id

    # --- what may happen

    def click(self) -> None:
        """The payer presses Pay."""
        try:
            url = paying.start_payment(
                self.wired.db, self.gateway, self.world.payer, self.invoice, ADDRESSES, now=clock.now()
            )
        except Refused:
            return
        self.session = (url or self.session).rpartition("/")[2]

    def card(self) -> None:
        self._choose("card")

    def decline(self) -> None:
        self._choose("decline")

    def debit(self) -> None:
        self._choose("debit")

    def _choose(self, choice: str) -> None:
        if self.session:
            self.sandbox.act(self.session, choice)

    def bank_pays(self) -> None:
        self._later(happenings.settle_debit)

    def bank_returns(self) -> None:
        self._later(happenings.bounce_debit)

    def _later(self, happen) -> None:
        session = self.sandbox.store.get("checkout.session", self.session)
        if session and session["payment_intent"]:
            with self.sandbox.store.transaction():
                happen(self.sandbox.store, self.session)

    def some_news(self) -> None:
        """A random half of all events comes in, shuffled, some of it twice."""
        listed = list(self.gateway.list_events(since=datetime(2020, 1, 1, tzinfo=UTC)))
        for body in random.choices(listed, k=len(listed) // 2) if listed else ():
            with self.wired.db.write() as db:
                inbox.take_in(db, self.gateway, self.gateway.read_event(body), body, now=clock.now())

    def work(self) -> None:
        self.wired.worker().drain()

    def look(self) -> None:
        """The hourly look."""
        jobs.sync_open(self.wired.worker().run, {})

    def catch_up(self) -> None:
        jobs.catch_up(self.wired.worker().run, {})


@pytest.fixture
def bench(wired: Wired, tmp_path) -> Iterator[Bench]:
    templates = Templates(Addresses(), "http://testserver", sandbox=True, sample_world=False)
    sandbox = Sandbox(
        tmp_path / "stripe.sqlite3",
        "http://sandbox.invalid",
        "",
        templates,
        api_key=SANDBOX_KEY,
        webhook_secret=SECRET,
        behaviour=Behaviour(debit_after=10**6),
    )
    gateway = direct_gateway(sandbox, SANDBOX_KEY)
    wired.gateways.put(PaymentGateway, gateway)
    with wired.db.write() as db:
        world = a_world(db, clock.now())
    yield Bench(wired, sandbox, gateway, world)
    sandbox.store.close()


STEPS = st.lists(
    st.sampled_from(
        ["click", "card", "decline", "debit", "bank_pays", "bank_returns", "some_news", "work", "look", "catch_up"]
    ),
    max_size=12,
)


@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS, seed=st.integers(0, 10**6))
def test_any_story_ends_as_the_rail_tells_it(bench: Bench, steps, seed):
    """Clicks, payments, returns and news in any order and number: in the end the books say what the rail says, once."""
    random.seed(seed)
    bench.new_invoice()
    bench.session = ""
    for step in ["click", *steps]:
        getattr(bench, step)()
    for step in ("catch_up", "work", "look", "work"):
        getattr(bench, step)()

    taken = [
        charge
        for charge in bench.sandbox.store.newest("charge")
        if charge["status"] == "succeeded" and charge["metadata"]["invoice"] == bench.invoice
    ]
    with bench.wired.db.read() as db:
        invoice = queries.invoice(db, bench.world.payer, bench.invoice)
        assert len(taken) == len(queries.payments_of(db, bench.invoice)) <= 1
        assert ("paid" if taken else "issued") == invoice.state
        assert [] == proof.check_ledger(db).faults
