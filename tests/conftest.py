"""What all tests share: fresh databases of both kinds, a frozen clock, an application over HTTP.

Nothing is mocked but clock and network. A test that asks for `database` runs on SQLite and on PostgreSQL.
"""

import itertools
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlmodel import Session

from market.config import Settings
from market.kit import clock
from market.kit.db import Database, create_schema
from market.wiring import Wired, import_models, subscribers, wire
from tests import postgres, town
from tests.browserless import Browser

import_models()

NOON = datetime(2027, 3, 3, 12, 0, tzinfo=UTC)
_numbers = itertools.count(1)


@pytest.fixture
def now() -> Iterator[datetime]:
    """Wednesday, 3 March 2027, noon: the clock stands still."""
    with clock.frozen(NOON):
        yield NOON


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database with all tables, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite"
    database = Database(f"sqlite:///{path}")
    create_schema(database.writer)
    with database.writer.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    database.close()
    return path


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[str]:
    """A PostgreSQL server with a template database that has all tables."""
    with postgres.server() as address:
        _execute(address, "CREATE DATABASE ponte_template")
        database = Database(address.format(name="ponte_template"))
        create_schema(database.writer)
        database.close()
        yield address


def _execute(address: str, statement: str) -> None:
    plain = address.format(name="postgres").replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement.encode())


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a fresh SQLite database with all tables."""
    path = tmp_path / "ponte.sqlite"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_address: str) -> Iterator[str]:
    """The address of a fresh PostgreSQL database with all tables."""
    name = f"ponte_test_{next(_numbers)}"
    _execute(postgres_address, f"CREATE DATABASE {name} TEMPLATE ponte_template STRATEGY file_copy")
    yield postgres_address.format(name=name)
    _execute(postgres_address, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh database, once for each kind."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh database of each kind, with the application's subscribers listening."""
    database = Database(database_url, subscribers())
    yield database
    database.close()


@pytest.fixture
def db(database: Database) -> Iterator[Session]:
    """A unit of work on a fresh database; committed when the test ends well."""
    with database.write() as session:
        yield session


MakeWired = Callable[..., Wired]


@pytest.fixture
def make_wired(tmp_path: Path, database_url: str) -> Iterator[MakeWired]:
    """Put an application together over a fresh database, with settings of your own."""
    made: list[Wired] = []

    def make(**settings: Any) -> Wired:
        given = {
            "DATA_DIR": tmp_path / "data",
            "DATABASE_URL": database_url,
            "SECRET_KEY": "a key of the tests that is long enough",
            "BASE_URL": "http://testserver",
        }
        made.append(wire(Settings(**(given | settings))))
        return made[-1]

    yield make
    for wired in made:
        wired.db.close()


@pytest.fixture
def wired(make_wired: MakeWired) -> Wired:
    """An application over a fresh database of each kind, without HTTP; `wired.worker().drain()` does its jobs."""
    return make_wired()


@pytest.fixture
def browser(wired: Wired) -> Iterator[Browser]:
    """A visitor without JavaScript: follows links, fills forms, keeps cookies (tests/browserless.py)."""
    with Browser(wired) as visitor:
        yield visitor


@pytest.fixture(scope="module")
def townsfolk(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[town.Town]:
    """A town on SQLite with somebody for every role and a record for every address; `restore` puts it back."""
    folder = tmp_path_factory.mktemp("town")
    shutil.copy(sqlite_template, folder / "ponte.sqlite")
    settings = {
        "DATA_DIR": folder,
        "SECRET_KEY": "a key of the tests that is long enough",
        "BASE_URL": "http://testserver",
    }
    wired = wire(Settings(**settings))
    with clock.frozen(NOON):
        built = town.build(wired)
        built.keep(folder / "untouched.sqlite")
        yield built
    wired.db.close()
