"""Play the sample world into an application, through its services, on days that lie in the past.

Called by `market seed`, and by `market run` on an empty database, before the worker starts: the clock is set back
while it plays.
"""

from sqlmodel import col, select

from market.accounts.models import Person
from market.discovery import jobs as discovery
from market.kit import audit, clock
from market.kit.actor import SYSTEM
from market.kit.audit import AuditEvent
from market.wiring import Wired
from seed import catalogue, deals, enrol, insights, keeping, needs, world
from seed.stage import Stage, Tell, silent

PLAYED = "world:sample:played"


def play(wired: Wired, tell: Tell = silent) -> int:
    """Bring the sample world in; give the number of steps. What is there already is left as it is.

    Needs a current schema and a clock that nobody else uses meanwhile. `tell(done, total)` is called after each step.
    """
    stage = Stage(wired, clock.now(), tell)
    parts = (
        world.operators(),
        world.organisations(),
        world.listings(),
        world.stories(),
        world.questions(),
        world.needs(),
    )
    stage.total = sum(len(part) for part in parts) + len(keeping.SEARCHES) + 1
    try:
        enrol.operators(stage)
        enrol.found(stage)
        catalogue.publish(stage)
        deals.tell_all(stage)
        keeping.keep(stage)
        needs.post_all(stage)
        insights.look_at(stage)
    finally:
        stage.close()
    with wired.db.write() as db:
        audit.record(db, SYSTEM, PLAYED, ("world", "sample"), now=stage.start, steps=stage.done)
    discovery.reindex(wired.db, wired.gateways)
    return stage.done


def is_wanted(wired: Wired) -> bool:
    """Whether the database is empty, or the sample world was being played into it and did not come to its end."""
    with wired.db.read() as db:
        if db.exec(select(AuditEvent.id).where(AuditEvent.tag == PLAYED)).first():
            return False
        return db.exec(select(Person.id).where(col(Person.is_sample).is_(False))).first() is None
