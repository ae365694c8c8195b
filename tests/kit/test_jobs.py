"""Background work: at least once, never lost, never by two at a time."""

import threading
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from market.kit import clock, jobs
from market.kit.db import Database
from market.kit.gateways import Gateways
from market.kit.jobs import KEEP_DONE, LEASE, TRIES, Job, JobRun, JobSchedule, Registry, Retry, Worker


def _worker(database: Database, registry: Registry, name: str = "worker") -> Worker:
    return Worker(JobRun(database, Gateways(), "http://testserver"), registry, name)


def _doing(handler: jobs.JobHandler, kind: str = "greet") -> Registry:
    registry = Registry()
    registry.handle(kind, handler)
    return registry


def _enqueue(database: Database, *names: str, **how: Any) -> list[str | None]:
    with database.write() as db:
        return [jobs.enqueue(db, "greet", {"name": name}, **how) for name in names]


def _job(database: Database) -> Any:
    with database.read() as db:
        return db.execute(select(*Job.__table__.columns)).one()


def _states(database: Database) -> dict[str, int]:
    with database.read() as db:
        return jobs.counts(db)


class Greeter:
    """Greets, and remembers whom; the first `fails` times it falls ill."""

    def __init__(self, fails: int = 0, error: Exception | None = None) -> None:
        self.greeted: list[str] = []
        self.attempts: list[int] = []
        self.fails = fails
        self.error = error or RuntimeError("the line is dead")

    def __call__(self, run: JobRun, payload: dict[str, Any]) -> None:
        self.attempts.append(run.attempt)
        if len(self.attempts) <= self.fails:
            raise self.error
        self.greeted.append(payload["name"])


class Died(BaseException):
    """The process ends here, as by kill -9: nothing is caught, nothing written down."""


def test_work_is_done_in_the_order_in_which_it_came_due(database, now):
    """The oldest job goes first, and each is done once."""
    greeter = Greeter()
    _enqueue(database, "Ada", "Bea", "Cleo")
    assert 3 == _worker(database, _doing(greeter)).drain()
    assert ["Ada", "Bea", "Cleo"] == greeter.greeted
    assert {"done": 3} == _states(database)


def test_work_of_a_unit_that_fails_is_never_done(database, now):
    """A job is queued with the change that wants it, or not at all."""
    with pytest.raises(RuntimeError), database.write() as db:
        jobs.enqueue(db, "greet", {"name": "Ada"})
        raise RuntimeError
    greeter = Greeter()
    assert 0 == _worker(database, _doing(greeter)).drain()


def test_the_same_work_waits_only_once(database, now):
    """A key is queued once; when it is done, it may come again."""
    greeter = Greeter()
    worker = _worker(database, _doing(greeter))
    first = _enqueue(database, "Ada", "Ada", key="greet:ada")
    assert [True, False] == [job is not None for job in first]
    worker.drain()
    _enqueue(database, "Ada", key="greet:ada")
    worker.drain()
    assert ["Ada", "Ada"] == greeter.greeted


def test_the_same_key_from_two_hands_at_once_waits_once(postgres_url, now):
    """Who queues a key that another transaction is just queueing is told no, and loses nothing else."""
    database = Database(postgres_url)
    begun, told = threading.Event(), []

    def second() -> None:
        with clock.frozen(now), database.write() as db:
            begun.wait(5)
            told.append(jobs.enqueue(db, "greet", {"name": "Bea"}, key="one"))
            jobs.enqueue(db, "greet", {"name": "Cleo"})

    thread = threading.Thread(target=second)
    thread.start()
    with database.write() as db:
        jobs.enqueue(db, "greet", {"name": "Ada"}, key="one")
        begun.set()
    thread.join(10)
    assert [None] == told
    assert {"queued": 2} == _states(database)
    database.close()


def test_work_for_later_waits(database, now):
    """A job with a time is not done before it."""
    greeter = Greeter()
    worker = _worker(database, _doing(greeter))
    _enqueue(database, "Ada", run_at=now + timedelta(hours=1))
    assert 0 == worker.drain()
    with clock.frozen(now + timedelta(hours=1)):
        assert 1 == worker.drain()


def test_what_fails_is_tried_again_later_and_later(database, now):
    """After a failure a job waits 2, 4, 8 ... seconds, and the reason is kept for the operator."""
    greeter = Greeter(fails=2)
    worker = _worker(database, _doing(greeter))
    _enqueue(database, "Ada")
    assert 1 == worker.drain()
    assert ("queued", now + timedelta(seconds=2)) == (_job(database).state, _job(database).run_at)
    assert "the line is dead" in _job(database).error
    with clock.frozen(now + timedelta(seconds=2)):
        assert 1 == worker.drain()
    assert now + timedelta(seconds=6) == _job(database).run_at
    with clock.frozen(now + timedelta(seconds=6)):
        worker.drain()
    assert (["Ada"], [1, 2, 3], "done", "") == (
        greeter.greeted, greeter.attempts, _job(database).state, _job(database).error,
    )  # fmt: skip


def test_nobody_waits_longer_than_an_hour():
    """Backing off has an end."""
    assert [2, 4, 8] == [jobs.backoff(attempt).seconds for attempt in (1, 2, 3)]
    assert timedelta(hours=1) == jobs.backoff(TRIES) == jobs.backoff(400)


def test_what_fails_for_good_becomes_a_dead_letter(database, now):
    """After the last try nobody tries again by himself; the operator finds it with its reason."""
    worker = _worker(database, _doing(Greeter(fails=TRIES)))
    _enqueue(database, "Ada")
    for day in range(TRIES + 3):
        with clock.frozen(now + timedelta(days=day)):
            worker.drain()
    job = _job(database)
    assert ("dead", TRIES) == (job.state, job.attempts)
    assert "the line is dead" in job.error


def test_a_job_that_nobody_knows_is_no_reason_to_stop(database, now):
    """Work of a kind that this version does not know waits for one that does; the rest goes on."""
    greeter = Greeter()
    with database.write() as db:
        jobs.enqueue(db, "unheard-of", {})
    _enqueue(database, "Ada")
    assert 2 == _worker(database, _doing(greeter)).drain()
    assert ["Ada"] == greeter.greeted
    assert {"queued": 1, "done": 1} == _states(database)


def test_asking_to_come_again_is_no_failure(database, now):
    """A handler that waits for something may do so for ever: it does not use up its tries."""
    greeter = Greeter(fails=TRIES * 2, error=Retry(5))
    worker = _worker(database, _doing(greeter))
    _enqueue(database, "Ada")
    for turn in range(TRIES * 2 + 1):
        with clock.frozen(now + timedelta(seconds=5 * turn)):
            assert 1 == worker.drain()
    assert (["Ada"], {1}) == (greeter.greeted, set(greeter.attempts))


def test_work_of_a_worker_that_died_is_taken_over(database, now):
    """Nobody touches a job under lease; when the lease lapses, another worker does it."""
    _enqueue(database, "Ada")
    with pytest.raises(Died):
        _worker(database, _doing(Greeter(fails=1, error=Died())), "first").once()
    greeter = Greeter()
    second = _worker(database, _doing(greeter), "second")
    with clock.frozen(now + LEASE - timedelta(seconds=1)):
        assert 0 == second.drain()
    with clock.frozen(now + LEASE + timedelta(seconds=1)):
        assert 1 == second.drain()
    assert (["Ada"], [2]) == (greeter.greeted, greeter.attempts)


def test_a_worker_that_comes_back_goes_on_at_once(database, now):
    """The same worker started again does not wait for its own lease; the others' are not its business."""
    _enqueue(database, "Ada", "Bea")
    for name in ("first", "second"):
        with pytest.raises(Died):
            _worker(database, _doing(Greeter(fails=1, error=Died())), name).once()
    greeter = Greeter()
    again = _worker(database, _doing(greeter), "first")
    again.resume()
    again.drain()
    assert ["Ada"] == greeter.greeted


def test_a_job_that_kills_its_workers_is_buried(database, now):
    """Work that ends the process each time does not end every worker for ever."""
    _enqueue(database, "Ada", "Bea")
    deadly = _worker(database, _doing(Greeter(fails=1000, error=Died())))
    greeter = Greeter()
    for turn in range(TRIES):
        with clock.frozen(now + (LEASE + timedelta(seconds=1)) * turn), pytest.raises(Died):
            deadly.once()
    with clock.frozen(now + LEASE * 2 * TRIES):
        _worker(database, _doing(greeter)).drain()
    assert (["Bea"], {"dead": 1, "done": 1}) == (greeter.greeted, _states(database))


@pytest.mark.parametrize("fails", [0, 1])
def test_a_slow_worker_does_not_disturb_the_one_who_took_over(database, now, fails):
    """Who comes back after the lease, done or failed, leaves the job to the worker who has it now."""
    slow = Greeter(fails=fails)
    second = _worker(database, _doing(Greeter(fails=1, error=Died())), "second")

    def overtaken(run: JobRun, payload: dict[str, Any]) -> None:
        with clock.frozen(now + LEASE * 2), pytest.raises(Died):
            second.once()
        slow(run, payload)

    _enqueue(database, "Ada")
    _worker(database, _doing(overtaken), "first").once()
    assert ("running", "second", 2) == (_job(database).state, _job(database).worker, _job(database).attempts)


def test_workers_side_by_side_never_do_the_same_job(postgres_url):
    """Four workers on PostgreSQL share 60 jobs; each is done once, and nobody waits for another's."""
    database = Database(postgres_url)
    _enqueue(database, *map(str, range(60)))
    together = threading.Barrier(4, timeout=10)
    done: list[tuple[str, str]] = []

    def work(name: str) -> None:
        worker = _worker(database, _doing(lambda _run, payload: done.append((name, payload["name"]))), name)
        together.wait()
        worker.drain()

    threads = [threading.Thread(target=work, args=(f"worker-{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert {str(n): 1 for n in range(60)} == Counter(job for _name, job in done)
    assert 1 < len({name for name, _job in done})
    database.close()


def test_a_job_in_somebodys_hands_is_skipped_not_waited_for(postgres_url):
    """A worker in the middle of claiming a job does not keep the next worker from the next job."""
    database = Database(postgres_url)
    first, _second = _enqueue(database, "Ada", "Bea")
    greeter = Greeter()
    with database.write() as db:
        db.execute(select(Job.id).where(Job.id == first).with_for_update())
        _worker(database, _doing(greeter)).once()
    assert ["Bea"] == greeter.greeted
    database.close()


def test_two_workers_on_sqlite_take_turns(sqlite_url):
    """SQLite has one writer at a time: two workers still do each job once, without an error."""
    databases = [Database(sqlite_url), Database(sqlite_url)]
    _enqueue(databases[0], *map(str, range(20)))
    done: list[str] = []
    threads = [
        threading.Thread(target=_worker(d, _doing(lambda _run, payload: done.append(payload["name"])), f"w{n}").drain)
        for n, d in enumerate(databases)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert {str(n): 1 for n in range(20)} == Counter(done)
    for database in databases:
        database.close()


def _round(database: Database, registry: Registry, name: str) -> None:
    worker = _worker(database, registry, name)
    worker._schedule()
    worker.drain()


def test_what_comes_round_comes_once_for_all_workers(database, now):
    """Every ten minutes means every ten minutes, however many workers look."""
    ticks: list[datetime] = []
    registry = _doing(lambda run, _payload: ticks.append(run.now()), "tick")
    registry.every(600, "tick")
    for minutes in (0, 1, 9, 10, 11, 25):
        with clock.frozen(now + timedelta(minutes=minutes)):
            for name in ("first", "second"):
                _round(database, registry, name)
    assert [0, 10, 25] == [(tick - now).seconds // 60 for tick in ticks]


def test_what_comes_round_does_not_pile_up(database, now):
    """When nobody works for a day, the hourly work waits once, not 24 times."""
    registry = _doing(lambda _run, _payload: None, "tick")
    registry.every(3600, "tick")
    for hours in range(24):
        with clock.frozen(now + timedelta(hours=hours)):
            _worker(database, registry)._schedule()
    assert {"queued": 1} == _states(database)
    with database.read() as db:
        assert now + timedelta(hours=24) == db.execute(select(JobSchedule.next_at)).scalar_one()


def test_done_work_is_cleared_away_in_time(database, now):
    """Jobs that are done are kept a week; dead letters stay until somebody looks at them."""
    worker = _worker(database, _doing(Greeter()))
    with database.write() as db:
        jobs.enqueue(db, "greet", {"name": "Ada"})
    worker.drain()
    with database.write() as db:
        job = Job(kind="greet", state="dead", run_at=now, created_at=now, finished_at=now)
        db.add(job)
    with clock.frozen(now + KEEP_DONE + timedelta(minutes=1)):
        _worker(database, Registry())._schedule()
    assert {"dead": 1} == _states(database)


def test_a_worker_gives_a_sign_of_life(database, now):
    """The newest sign of any worker is the one that counts."""
    with database.read() as db:
        assert jobs.last_beat(db) is None
    _worker(database, Registry(), "first")._schedule()
    with clock.frozen(now + timedelta(minutes=1)):
        _worker(database, Registry(), "second")._schedule()
    with database.read() as db:
        assert now + timedelta(minutes=1) == jobs.last_beat(db)


def test_a_commit_wakes_the_worker_of_the_same_process(database):
    """Who queues work does not wait for the worker to look again; stopping is at once, too."""
    done = threading.Event()
    worker = _worker(database, _doing(lambda _run, _payload: done.set()))
    database.after_commit.append(worker.wake)
    thread = threading.Thread(target=worker.forever, kwargs={"poll": 60})
    thread.start()
    try:
        _enqueue(database, "Ada")
        assert done.wait(10)
    finally:
        worker.stop()
        thread.join(10)
    assert not thread.is_alive()


def test_a_fault_of_the_database_does_not_end_the_worker(database, monkeypatch):
    """A worker whose database goes away logs it, waits, and works on when it is back."""
    done = threading.Event()
    worker = _worker(database, _doing(lambda _run, _payload: done.set()))
    working, calls = worker._claim, []

    def away_once() -> Any:
        calls.append(1)
        if len(calls) == 1:
            raise OSError("the database is away")
        return working()

    monkeypatch.setattr(worker, "_claim", away_once)
    monkeypatch.setattr(worker.stopping, "wait", lambda _seconds: False)
    thread = threading.Thread(target=worker.forever, kwargs={"poll": 0.02})
    thread.start()
    try:
        _enqueue(database, "Ada")
        assert done.wait(10)
    finally:
        worker.stop()
        thread.join(10)


def test_one_kind_of_job_has_one_handler():
    """Two handlers for one kind are a slip in the wiring, told at the start."""
    registry = _doing(Greeter())
    with pytest.raises(ValueError, match="greet"):
        registry.handle("greet", Greeter())
