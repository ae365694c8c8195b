"""Is it alive, is it ready, and if not, which part."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from market.app import create_app
from market.discovery import jobs as discovery_jobs
from market.discovery.gateway import SearchIndex
from market.kit import clock, schema
from market.kit.db import Database
from market.kit.health import WORKER_SILENT
from market.wiring import wire


@pytest.fixture
def migrated(make_wired, now):
    """An application whose database says that it stands at the newest revision, with a worker that lives."""
    wired = make_wired()
    with wired.db.write() as db:
        db.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        db.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": schema.head()})
    discovery_jobs.reindex(wired.db, wired.gateways, lambda _done, _total: None)
    wired.worker()._schedule()
    return wired


def _ready(wired):
    answer = TestClient(create_app(wired)).get("/readyz")
    return answer.status_code, {name: said for name, said in answer.json().items() if said != "ready"}


def test_everything_ready(migrated, now):
    """200 and every part by its name."""
    answer = TestClient(create_app(migrated)).get("/readyz")
    assert 200 == answer.status_code
    assert {"database", "migrations", "search", "worker", "payments"} == set(answer.json())
    assert {"ready"} == set(answer.json().values())


def test_alive_is_not_ready(make_wired, now):
    """A process without tables or worker is alive; who asks whether it is ready learns what is missing."""
    wired = make_wired()
    assert 200 == TestClient(create_app(wired)).get("/healthz").status_code
    status, wrong = _ready(wired)
    assert 503 == status
    assert "market migrate" in wrong["migrations"]
    assert "market worker" in wrong["worker"]


def test_a_worker_that_fell_silent_is_named(migrated, now):
    """Two minutes without a sign of life."""
    with clock.frozen(now + WORKER_SILENT):
        assert (200, {}) == _ready(migrated)
    with clock.frozen(now + WORKER_SILENT + timedelta(seconds=1)):
        status, wrong = _ready(migrated)
    assert (503, {"worker"}) == (status, set(wrong))


def test_a_database_that_is_older_is_named(migrated, now):
    """The tables of another version are not served."""
    with migrated.db.write() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    assert (503, {"migrations"}) == (_ready(migrated)[0], set(_ready(migrated)[1]))


def test_a_search_engine_that_is_away_is_named(migrated, now):
    """The other parts are told to be ready all the same."""
    migrated.checks["search"] = lambda: "no answer from the engine"
    assert (503, {"search": "no answer from the engine"}) == _ready(migrated)
    assert migrated.gateways[SearchIndex].health() is None


def test_a_database_that_is_away_is_named_and_the_process_lives(tmp_path, migrated, now):
    """A refused connection is a reason in one line, without a trace."""
    away = wire(migrated.settings.model_copy(update={"database_url": "postgresql+psycopg://ponte@127.0.0.1:9/none"}))
    client = TestClient(create_app(away))
    answer = client.get("/readyz")
    assert 503 == answer.status_code
    assert {"database", "migrations", "worker"} <= {name for name, said in answer.json().items() if said != "ready"}
    assert "Traceback" not in answer.text
    assert 200 == client.get("/healthz").status_code
    assert isinstance(away.db, Database)
    away.db.close()
