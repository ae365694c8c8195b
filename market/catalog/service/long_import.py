"""Long imports: ordered on a page, carried out by a job batch by batch, gone on with after a kill.

Each batch is one transaction that also moves `done_rows`; whoever takes the job up again begins where the last whole
batch ended, so that nothing is imported twice and nothing is left out.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlmodel import Session

from market.accounts import queries as accounts
from market.catalog import runs
from market.catalog.events import TechnologiesChanged
from market.catalog.models import ImportRow, ImportRun
from market.catalog.rules.imported import ParsedRow
from market.catalog.service import gate, importing
from market.catalog.service.listing import TOPIC
from market.catalog.service.writing import Writer, silent
from market.kit import audit, cache, jobs
from market.kit.actor import SYSTEM, Actor
from market.kit.errors import Refusal, Refused, refuse
from market.kit.events import emit
from market.kit.i18n import _

CARRY_OUT = "catalog.import.carry_out"
AT_ONCE = 200
"""Up to so many rows an import is carried out while its owner waits."""
BATCH = 200

_ROW: Any = ImportRow.__table__  # type: ignore[attr-defined]
_OUTCOMES = (
    select(_ROW.c.outcome, func.count().label("n")).where(_ROW.c.run_id == bindparam("run")).group_by(_ROW.c.outcome)
)


def order(db: Session, actor: Actor, run_id: str, *, publish: bool, reason: str = "", now: datetime) -> ImportRun:
    """Let a job import a run that is ready."""
    run = importing.run_for_update(db, actor, run_id)
    refuse(importing.not_open(run))
    if run.state != "ready":
        raise Refused(Refusal("not_ready", _("Choose first which column means what.")))
    run.started_at, run.done_rows, run.publish, run.reason = now, 0, publish, gate.stated(reason)
    run.counts = {**run.counts, "published": 0, "unclear": 0, "excused": 0}
    db.flush()
    jobs.enqueue(db, CARRY_OUT, {"run": run.id}, key=f"import:{run.id}")
    return run


def step(db: Session, run_id: str, rows: Sequence[ParsedRow], *, now: datetime) -> bool:
    """Import the next batch of an ordered run; False when it is done. `rows` are all its rows, as `understood` gave them."""
    run = importing.run_for_update(db, SYSTEM, run_id)
    if run.state != "ready" or run.started_at is None:
        return False
    start, organisation = run.done_rows, accounts.organisation(db, run.organisation_id)
    batch = list(rows[start : start + BATCH])
    if batch:
        outcomes = importing.forecast(db, organisation.id, run.source, batch)
        letting = gate.letting(db, run, publish=run.publish, verified=organisation.verified)
        writer = Writer(db, run, organisation.id, letting, now=now, progress=silent)
        outcomes = writer.write(outcomes)
        importing.mark_rows(db, runs.row_ids(db, run_id)[start : start + len(batch)], outcomes)
        run.done_rows = start + len(batch)
        written = {"published": writer.published, "unclear": writer.unclear, "excused": writer.excused}
        run.counts = {**run.counts, **{name: run.counts.get(name, 0) + n for name, n in written.items()}}
        if writer.visible:
            emit(db, TechnologiesChanged(tuple(writer.visible)))
            cache.touch(db, TOPIC)
    if run.done_rows < len(rows):
        db.flush()
        return True
    _finish(db, run, now)
    return False


def _finish(db: Session, run: ImportRun, now: datetime) -> None:
    db.flush()
    found = {row.outcome: row.n for row in db.execute(_OUTCOMES, {"run": run.id})}
    counts = {name: found.get(name, 0) for name in ("created", "updated", "unchanged", "refused")}
    counts |= {"duplicates": found.get("duplicate", 0), "read": sum(found.values())}
    counts |= {name: run.counts.get(name, 0) for name in ("published", "unclear", "excused", "problems")}
    run.state, run.finished_at, run.counts = "done", now, counts
    db.flush()
    audit.record(
        db,
        SYSTEM,
        "catalog:import:done",
        run,
        now=now,
        file=run.file_name,
        sha256=run.sha256,
        by=run.person_id,
        reason=run.reason,
        **counts,
    )
