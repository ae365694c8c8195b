"""The database's own promises, on both kinds."""

import threading
import time

import psycopg
import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from market.accounts.models import Membership
from market.kit.cache import ChangeCounter
from market.kit.db import Database, count_statements
from market.kit.events import Bus, emit
from market.kit.jobs import Job


def _pragma(database: Database, name: str) -> list[object]:
    found = []
    for engine in (database.writer, database.reader):
        with engine.connect() as connection:
            found.append(connection.exec_driver_sql(f"PRAGMA {name}").scalar())
    return found


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("busy_timeout", 5000),
        ("recursive_triggers", 1),
    ],
)
def test_sqlite_keeps_what_it_has_confirmed(sqlite_url, name, value):
    """Every connection writes through to the disk, checks references and waits for its turn."""
    database = Database(sqlite_url)
    assert [value, value] == _pragma(database, name)
    database.close()


def test_a_unit_of_work_on_sqlite_has_the_pen_from_its_first_word(sqlite_url):
    """BEGIN IMMEDIATE: no unit of work reads, decides, and then finds that somebody else has written meanwhile."""
    one, other = Database(sqlite_url), Database(sqlite_url)
    said: list[str] = []

    def write() -> None:
        with other.write() as db:
            db.execute(insert(ChangeCounter).values(topic="two", value=1))
            said.append("second")

    with one.write() as db:
        db.execute(select(ChangeCounter.value)).all()
        thread = threading.Thread(target=write)
        thread.start()
        time.sleep(0.2)
        said.append("first")
    thread.join(10)
    assert ["first", "second"] == said
    one.close()
    other.close()


def test_looking_writes_nothing_on_sqlite(sqlite_url):
    """A page that tries to write is refused by the database itself."""
    database = Database(sqlite_url)
    with pytest.raises(DBAPIError, match="readonly"), database.read() as db:
        db.execute(insert(ChangeCounter).values(topic="one", value=1))
    database.close()


def test_a_reader_sees_what_was_committed_and_nothing_else(database):
    """Half a unit of work is seen by nobody; a whole one by the next look."""
    with database.write() as db:
        db.execute(insert(ChangeCounter).values(topic="one", value=1))
        with database.read() as beside:
            assert [] == beside.execute(select(ChangeCounter.value)).all()
    with database.read() as db:
        assert 1 == db.execute(select(ChangeCounter.value)).scalar()


def test_an_error_undoes_everything_and_wakes_nobody(database):
    """What failed is as if it had never begun."""
    woken: list[int] = []
    database.after_commit.append(lambda: woken.append(1))
    with pytest.raises(RuntimeError), database.write() as db:
        db.execute(insert(ChangeCounter).values(topic="one", value=1))
        raise RuntimeError
    with database.read() as db:
        assert [] == db.execute(select(ChangeCounter.value)).all()
    assert [] == woken
    with database.write() as db:
        db.execute(insert(ChangeCounter).values(topic="one", value=1))
    assert [1] == woken


def test_a_reference_to_nothing_is_refused(database, now):
    """No membership without its person, whatever the code believes."""
    with pytest.raises(IntegrityError), database.write() as db:
        db.add(Membership(person_id="nobody", organisation_id="nowhere", role="owner", created_at=now))


def test_a_state_that_nobody_knows_is_refused(database, now):
    """The database itself knows the words of a state."""
    with pytest.raises(IntegrityError, match="state_known"), database.write() as db:
        db.add(Job(kind="greet", state="asleep", run_at=now, created_at=now))


def test_moments_come_back_as_they_were(database, now):
    """Times are UTC and know it, on both databases."""
    with database.write() as db:
        db.add(Job(id="one", kind="greet", run_at=now, created_at=now))
    with database.read() as db:
        assert now == db.execute(select(Job.run_at)).scalar_one()


def test_a_restart_of_postgresql_costs_nobody_a_request(postgres_url):
    """Connections that were cut while they lay in the pool are found dead and made anew."""
    database = Database(postgres_url)
    database.ping()
    with database.write() as db:
        db.execute(insert(ChangeCounter).values(topic="one", value=1))
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as beside:
        cut = beside.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchall()
    assert len(cut) >= 2
    database.ping()
    with database.write() as db:
        db.execute(text("UPDATE change_counter SET value = 2"))
    with database.read() as db:
        assert 2 == db.execute(select(ChangeCounter.value)).scalar()
    database.close()


def test_looking_on_postgresql_holds_no_transaction_open(postgres_url):
    """A reader that lingers keeps neither old rows nor a migration waiting."""
    database = Database(postgres_url)
    with database.read() as db:
        db.execute(select(ChangeCounter.value)).all()
        with database.write() as beside:
            states = beside.execute(text("SELECT state FROM pg_stat_activity WHERE datname = current_database()"))
            assert "idle in transaction" not in set(states.scalars())
    database.close()


def test_statements_are_counted(database):
    """The bench and the tests see what a page costs."""
    told: list[int] = []
    count_statements(database.reader, lambda: told.append(1))
    with database.read() as db:
        db.execute(text("SELECT 1"))
        db.execute(text("SELECT 2"))
    assert [1, 1] == told


class Rang:
    """The bell rang."""


def test_news_is_heard_in_the_same_unit_of_work(database_url):
    """Handlers write with the one who tells; in the order in which they subscribed."""
    bus, heard = Bus(), []
    bus.subscribe(Rang, lambda db, _news: db.execute(insert(ChangeCounter).values(topic="bell", value=1)))
    bus.subscribe(Rang, lambda db, _news: heard.append(db.execute(select(ChangeCounter.topic)).scalar()))
    database = Database(database_url, bus)
    with database.write() as db:
        emit(db, Rang())
    assert ["bell"] == heard
    database.close()


def test_a_handler_that_fails_undoes_the_news(database_url):
    """Either everybody has done their part, or it has not happened."""

    def fall(_db: object, _news: object) -> None:
        raise RuntimeError("deaf")

    bus = Bus()
    bus.subscribe(Rang, fall)
    database = Database(database_url, bus)
    with pytest.raises(RuntimeError, match="deaf"), database.write() as db:
        db.execute(insert(ChangeCounter).values(topic="bell", value=1))
        emit(db, Rang())
    with database.read() as db:
        assert [] == db.execute(select(ChangeCounter.topic)).all()
    database.close()


def test_news_that_nobody_wants_is_no_error(database):
    """A fact may be told before anybody listens."""
    with database.write() as db:
        emit(db, Rang())
