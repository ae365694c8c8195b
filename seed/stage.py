"""Where the sample world is played: the application, the people on it, and a clock that can be set back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import cached_property

from sqlmodel import Session, select

from market.accounts import queries as accounts
from market.accounts.models import Organisation
from market.config import SANDBOX_KEY
from market.integrations.stripe_gateway import StripeGateway
from market.integrations.stripe_sandbox.app import Sandbox
from market.integrations.stripe_sandbox.direct import direct_gateway
from market.kit import clock
from market.kit.actor import Actor
from market.wiring import Wired, payment_sandbox
from seed import world
from seed.world import SamplePerson

Tell = Callable[[int, int], None]
"""Told how many steps are done, and of how many."""

ADDRESS = "192.0.2.7"  # from the block that is kept for documentation


def silent(_done: int, _total: int) -> None:
    """Nobody watches."""


@dataclass
class Stage:
    """The application `wired` at the moment `start`; what is played lies before it."""

    wired: Wired
    start: datetime
    tell: Tell = silent
    done: int = 0
    total: int = 0
    _sandbox: list[Sandbox] = field(default_factory=list)

    @contextmanager
    def write(self, at: datetime) -> Iterator[Session]:
        """A unit of work at the moment `at`."""
        with clock.frozen(at), self.wired.db.write() as db:
            yield db

    def actor(self, db: Session, person: SamplePerson) -> Actor:
        """The person as a signed-in actor for their organisation."""
        known = accounts.credentials(db, person.email)
        if known is None:
            raise LookupError(person.email)
        return accounts.acting(db, known.id, self.organisation_id(db, person.organisation)).at(ADDRESS, "Sample world")

    def organisation_id(self, db: Session, key: str) -> str | None:
        """The id of the sample organisation `key`; None for no key, or when it is not there yet."""
        if not key:
            return None
        website = world.organisation(key).website
        return db.exec(select(Organisation.id).where(Organisation.website == website)).first()

    def moment(self, days_ago: float, order: int = 0) -> datetime:
        """A working hour of a working day so long ago; `order` spreads what happens on one day. Never in the future."""
        day = (self.start - timedelta(days=days_ago)).date()
        day += timedelta(days={5: 2, 6: 1}.get(day.weekday(), 0))
        hour = datetime.combine(day, time(8, 5), UTC) + timedelta(minutes=(order * 47) % 480)
        return min(hour, self.start - timedelta(minutes=1))

    def step(self) -> None:
        """One more step is done."""
        self.done += 1
        self.tell(self.done, self.total)

    # --- money

    @cached_property
    def sandbox(self) -> Sandbox:
        """The payment sandbox of these settings, in this process, on the same clock."""
        made = payment_sandbox(self.wired.settings, self.wired.templates, lambda: clock.now().timestamp())
        self._sandbox.append(made)
        return made

    @cached_property
    def gateway(self) -> StripeGateway:
        """A way to the sandbox that needs no server."""
        return direct_gateway(self.sandbox, SANDBOX_KEY)

    def close(self) -> None:
        """Close the sandbox's file, if it was opened."""
        for sandbox in self._sandbox:
            sandbox.stop()
