"""What all tests share: fresh databases of both kinds, a frozen clock, an application over HTTP.

Nothing is mocked but clock and network. A test that asks for `database` runs on SQLite and on PostgreSQL.
"""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlmodel import Session

from market.config import Settings
from market.kit import clock
from market.kit.db import Database, create_schema
from market.wiring import Wired, import_models, subscribers, wire
from tests import postgres, town
from tests.browserless import Browser

import_models()

NOON = datetime(2027, 3, 3, 12, 0, tzinfo=UTC)


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
    """A PostgreSQL server."""
    with postgres.server() as address:
        yield address


@pytest.fixture(scope="session")
def postgres_shelf(postgres_address: str) -> postgres.Shelf:
    """Databases with all tables on that server, emptied after each use."""
    return postgres.Shelf(postgres_address)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a fresh SQLite database with all tables."""
    path = tmp_path / "ponte.sqlite"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_shelf: postgres.Shelf) -> Iterator[str]:
    """The address of an empty PostgreSQL database with all tables."""
    name = postgres_shelf.take()
    yield postgres_shelf.address.format(name=name)
    postgres_shelf.give_back(name)


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


class CompiledOnce(BytecodeCache):
    """Templates compiled by one test serve the next: each is compiled once a run, from the same source."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


_compiled = CompiledOnce()
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
        made[-1].templates.environment.bytecode_cache = _compiled
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
