"""Background work: a table of jobs written in the transaction that wants them, run at least once by a worker.

A job is claimed with a lease; a worker that dies leaves a lease that lapses and another takes over. A job that fails
backs off and after `TRIES` attempts becomes a dead letter for the operator. Handlers must therefore be idempotent.
"""

import logging
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Index, bindparam, delete, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session

from market.kit import clock
from market.kit.db import Database, Table, check_in, json_column
from market.kit.gateways import Gateways
from market.kit.ids import new_id

log = logging.getLogger("market.jobs")

TRIES = 12
DEATHS = 60  # so often a worker may be killed over one job before the job is suspected
LEASE = timedelta(minutes=5)
KEEP_DONE = timedelta(days=7)
KILLED_ITS_WORKER = "every worker that took this job died at it, or held it longer than its lease"
STATES = ("queued", "running", "done", "dead")

T = TypeVar("T")


class Job(Table, table=True):
    """One piece of work to do. A `key` keeps the same work from being queued twice at a time."""

    __tablename__ = "job"
    __table_args__ = (
        check_in("state", STATES),
        Index("ix_job_due", "state", "run_at"),
        Index(
            "uq_job_key_queued",
            "key",
            unique=True,
            sqlite_where=text("state = 'queued' AND key IS NOT NULL"),
            postgresql_where=text("state = 'queued' AND key IS NOT NULL"),
        ),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    kind: str
    key: str | None = None
    state: str = "queued"
    run_at: datetime
    leased_until: datetime | None = None
    worker: str = ""
    attempts: int = 0
    created_at: datetime
    finished_at: datetime | None = None
    error: str = ""
    payload: dict[str, Any] = json_column()


class JobSchedule(Table, table=True):
    """When a periodic kind of job is next due; one row a kind, moved on by whichever worker is first."""

    __tablename__ = "job_schedule"

    kind: str = Field(primary_key=True)
    next_at: datetime


class WorkerBeat(Table, table=True):
    """The last sign of life of a worker; /readyz looks at it."""

    __tablename__ = "worker_beat"

    worker: str = Field(primary_key=True)
    at: datetime


class Retry(Exception):
    """Raised by a handler that wants to be called again, after some seconds, without it counting as a failure."""

    def __init__(self, after: float) -> None:
        self.after = after
        super().__init__(f"again in {after} s")


_JOB: Any = Job.__table__  # type: ignore[attr-defined]
_SCHEDULE: Any = JobSchedule.__table__  # type: ignore[attr-defined]
_BEAT: Any = WorkerBeat.__table__  # type: ignore[attr-defined]
_QUEUED_KEY = select(_JOB.c.id).where(_JOB.c.key == bindparam("key"), _JOB.c.state == "queued")
_INSERT = insert(_JOB)


def enqueue(
    db: Session, kind: str, payload: dict[str, Any], *, key: str | None = None, run_at: datetime | None = None
) -> str | None:
    """Queue work in the running transaction; give its id, or None where the same key waits already."""
    now = clock.now()
    values = {
        "id": new_id(),
        "kind": kind,
        "key": key,
        "state": "queued",
        "run_at": run_at or now,
        "worker": "",
        "attempts": 0,
        "created_at": now,
        "error": "",
        "payload": payload,
    }
    if key is not None and db.execute(_QUEUED_KEY, {"key": key}).first():
        return None
    try:
        with db.begin_nested():
            db.execute(_INSERT, values)
    except IntegrityError:  # another transaction queued the same key at this moment
        return None
    return str(values["id"])


@dataclass(frozen=True)
class JobRun:
    """What a handler is given: the database to open its own units of work, the outside things, and where we live.

    `worker` is the name of the process that does the job; nobody else has it at the same time."""

    db: Database
    gateways: Gateways
    base_url: str
    job_id: str = ""
    attempt: int = 1
    worker: str = ""

    def gateway(self, kind: type[T]) -> T:
        """The implementation of a gateway Protocol that the settings chose."""
        return self.gateways[kind]

    def now(self) -> datetime:
        """The present moment, UTC."""
        return clock.now()


JobHandler = Callable[[JobRun, dict[str, Any]], None]


@dataclass
class Registry:
    """Which handler does which kind of job, and which kinds come round by themselves."""

    handlers: dict[str, JobHandler] = field(default_factory=dict)
    periodic: dict[str, float] = field(default_factory=dict)

    def handle(self, kind: str, handler: JobHandler) -> None:
        """Let `handler` do the jobs of `kind`."""
        if kind in self.handlers:
            raise ValueError(f"job {kind!r} has a handler already")
        self.handlers[kind] = handler

    def every(self, seconds: float, kind: str) -> None:
        """Queue `kind` again and again, once for all workers together."""
        self.periodic[kind] = seconds


def backoff(attempt: int) -> timedelta:
    """2, 4, 8 ... seconds, at most an hour."""
    return timedelta(seconds=min(2**attempt, 3600))


class Worker:
    """Takes due jobs one after the other. Run `forever` in a thread or a process, or `drain` in tests."""

    def __init__(self, run: JobRun, registry: Registry, name: str = "worker") -> None:
        self.run = run
        self.registry = registry
        self.name = name
        self.stopping = threading.Event()
        self._wake = threading.Event()
        self._beat_at = datetime.min.replace(tzinfo=UTC)

    def wake(self) -> None:
        """Look for work now; called after each commit of the same process."""
        self._wake.set()

    def stop(self) -> None:
        """Finish the job in hand, then end."""
        self.stopping.set()
        self._wake.set()

    def forever(self, poll: float = 0.5) -> None:
        """Work until `stop`; an error of the database itself is logged and waited out."""
        resumed = False
        while not self.stopping.is_set():
            self._wake.clear()
            try:
                resumed = resumed or self.resume()
                self._schedule()
                busy = self.once()
            except Exception:
                log.exception("the worker could not look for work")
                busy = False
                self.stopping.wait(2)
            if not busy:
                self._wake.wait(poll)

    def resume(self) -> bool:
        """Put back what a worker of this name had in hand when it died, rather than wait for its lease to lapse."""
        mine = (_JOB.c.state == "running") & (_JOB.c.worker == self.name)
        with self.run.db.read() as db:
            left = db.execute(select(_JOB.c.id).where(mine)).scalars().all()
        if left:
            with self.run.db.write() as db:
                db.execute(update(_JOB).where(mine).values(leased_until=clock.now() - timedelta(seconds=1)))
        return True

    def drain(self, limit: int = 10_000) -> int:
        """Do everything that is due now; give the number of jobs done."""
        done = 0
        while done < limit and self.once():
            done += 1
        return done

    def once(self) -> bool:
        """Claim and do one due job; False when there is none."""
        claimed = self._claim()
        if claimed is None:
            return False
        if claimed.attempts > DEATHS:
            self._set(claimed, state="dead", finished_at=clock.now(), leased_until=None, error=KILLED_ITS_WORKER)
            return True
        try:
            self.registry.handlers[claimed.kind](
                replace(self.run, job_id=claimed.id, attempt=claimed.attempts, worker=self.name), claimed.payload
            )
        except Retry as again:
            self._again(claimed, timedelta(seconds=again.after), "", counts=False)
        except Exception:
            log.warning("job %s %s failed at attempt %s", claimed.kind, claimed.id, claimed.attempts, exc_info=True)
            self._again(claimed, backoff(claimed.attempts), traceback.format_exc(limit=-8)[-4000:], counts=True)
        else:
            self._set(claimed, state="done", finished_at=clock.now(), leased_until=None, error="")
        return True

    def _claim(self) -> Any:
        now = clock.now()
        due = ((_JOB.c.state == "queued") & (_JOB.c.run_at <= now)) | (
            (_JOB.c.state == "running") & (_JOB.c.leased_until < now)
        )
        find = select(_JOB.c.id).where(due).order_by(_JOB.c.run_at, _JOB.c.id).limit(1)
        with self.run.db.read() as db:
            if db.execute(find).first() is None:
                return None
        with self.run.db.write() as db:
            if not self.run.db.is_sqlite:
                find = find.with_for_update(skip_locked=True)
            row = db.execute(find).first()
            if row is None:
                return None
            return db.execute(
                update(_JOB)
                .where(_JOB.c.id == row.id)
                .values(state="running", leased_until=now + LEASE, worker=self.name, attempts=_JOB.c.attempts + 1)
                .returning(_JOB.c.id, _JOB.c.kind, _JOB.c.key, _JOB.c.attempts, _JOB.c.payload)
            ).one()

    def _again(self, job: Any, wait: timedelta, error: str, *, counts: bool) -> None:
        if counts and job.attempts >= TRIES:
            self._set(job, state="dead", finished_at=clock.now(), leased_until=None, error=error)
            return
        attempts = job.attempts if counts else job.attempts - 1
        try:
            self._set(job, state="queued", run_at=clock.now() + wait, leased_until=None, error=error, attempts=attempts)
        except IntegrityError:  # the same key was queued anew meanwhile: that one will do the work
            self._set(job, state="done", finished_at=clock.now(), leased_until=None, error=error)

    def _set(self, job: Any, **values: Any) -> None:
        """Write down how a claimed job went, unless its lease lapsed and it is in other hands now."""
        mine = (_JOB.c.id == job.id) & (_JOB.c.worker == self.name) & (_JOB.c.attempts == job.attempts)
        with self.run.db.write() as db:
            db.execute(update(_JOB).where(mine, _JOB.c.state == "running").values(**values))

    def _schedule(self) -> None:
        """Give a sign of life, and queue the periodic kinds that are due; every ten seconds is enough."""
        now = clock.now()
        if now - self._beat_at < timedelta(seconds=10):
            return
        self._beat_at = now
        with self.run.db.write() as db:
            if not db.execute(update(_BEAT).where(_BEAT.c.worker == self.name).values(at=now)).rowcount:  # type: ignore[attr-defined]
                db.execute(insert(_BEAT).values(worker=self.name, at=now))
            for kind, seconds in self.registry.periodic.items():
                if _take_turn(db, kind, seconds, now):
                    enqueue(db, kind, {}, key=f"every:{kind}")
            db.execute(delete(_JOB).where(_JOB.c.state == "done", _JOB.c.finished_at < now - KEEP_DONE))


def _take_turn(db: Session, kind: str, seconds: float, now: datetime) -> bool:
    next_at = now + timedelta(seconds=seconds)
    moved = db.execute(
        update(_SCHEDULE).where(_SCHEDULE.c.kind == kind, _SCHEDULE.c.next_at <= now).values(next_at=next_at)
    )
    if moved.rowcount:  # type: ignore[attr-defined]
        return True
    if db.execute(select(_SCHEDULE.c.kind).where(_SCHEDULE.c.kind == kind)).first():
        return False
    try:
        with db.begin_nested():
            db.execute(insert(_SCHEDULE).values(kind=kind, next_at=next_at))
    except IntegrityError:
        return False
    return True


def last_beat(db: Session) -> datetime | None:
    """When any worker last gave a sign of life."""
    return db.execute(select(func.max(_BEAT.c.at))).scalar()


def counts(db: Session) -> dict[str, int]:
    """How many jobs are in each state."""
    return {
        row.state: row.n for row in db.execute(select(_JOB.c.state, func.count().label("n")).group_by(_JOB.c.state))
    }
