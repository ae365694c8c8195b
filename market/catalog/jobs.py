"""What the clock does to listings: they are scored, they go out at their time, they grow old. Each in a unit of its own."""

from typing import Any

from market.catalog import editorial
from market.catalog.service import freshness, gate, schedule
from market.kit.errors import PonteError
from market.kit.jobs import JobRun, Registry

PUBLISH, SCORE, FRESHNESS = "catalog.publish", "catalog.score", "catalog.freshness"
MOST_BATCHES = 50


def publish_due(run: JobRun, _payload: dict[str, Any]) -> None:
    """Publish the listings whose time has come; what is refused is kept with its reason and hinders no other."""
    now = run.now()
    with run.db.read() as db:
        waiting = editorial.due_schedules(db, now)
    for technology_id in waiting:
        try:
            with run.db.write() as db:
                schedule.carry_out(db, technology_id, now=now)
        except PonteError as error:
            with run.db.write() as db:
                schedule.note_problem(db, technology_id, error, now=now)


def score(run: JobRun, _payload: dict[str, Any]) -> None:
    """Score what has changed, in short units of work."""
    for _again in range(MOST_BATCHES):
        with run.db.read() as db:
            if not editorial.unscored(db, 1):
                return
        with run.db.write() as db:
            gate.score_some(db, now=run.now())


def freshen(run: JobRun, _payload: dict[str, Any]) -> None:
    """Mark and hide what nobody confirmed, then ask the contacts, one mail each."""
    now = run.now()
    with run.db.read() as db:
        old = freshness.old(db, now=now)
    for technology_id in old:
        with run.db.write() as db:
            freshness.age(db, technology_id, now=now)
    with run.db.read() as db:
        waiting = list(freshness.due(db, now=now))
    for who in waiting:
        with run.db.write() as db:
            rows = freshness.due(db, now=now).get(who)
            if rows:
                freshness.ask(db, *who, rows, now=now)


def register(registry: Registry) -> None:
    """Let the worker do what the catalogue needs done."""
    registry.handle(PUBLISH, publish_due)
    registry.every(60, PUBLISH)
    registry.handle(SCORE, score)
    registry.every(60, SCORE)
    registry.handle(FRESHNESS, freshen)
    registry.every(3600, FRESHNESS)
