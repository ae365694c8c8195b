"""The database: SQLite (one writer connection) or PostgreSQL behind the same two words, `read` and `write`.

A unit of work is `with database.write() as db:`; it commits at the end and rolls back on any exception.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Connection, Engine, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.pool import QueuePool
from sqlmodel import Field, Session, SQLModel

from market.kit.events import Bus

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING


class Table(SQLModel):
    """The base of every table model; names of constraints follow one convention on both databases."""


Json = JSON().with_variant(JSONB(), "postgresql")


def json_column(default: Callable[[], Any] = dict, **kwargs: Any) -> Any:
    """A column for small structured data: JSONB on PostgreSQL, JSON text on SQLite."""
    return Field(default_factory=default, sa_type=Json, **kwargs)


def minor_column(default: Any = ..., **kwargs: Any) -> Any:
    """A column for an amount in minor units: 64 bits."""
    return Field(default, sa_type=BigInteger, **kwargs)


def check_in(column: str, values: Iterable[str]) -> CheckConstraint:
    """A CHECK that `column` holds one of `values`, so that the database itself refuses an unknown state."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


# --- triggers: name of table -> statements by dialect; migrations and tests make them from here

_triggers: dict[str, dict[str, list[str]]] = {}

PG_REFUSE = """CREATE OR REPLACE FUNCTION ponte_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"""


def add_triggers(table: str, *, sqlite: list[str], postgresql: list[str]) -> None:
    """Register trigger statements of `table`; they are made after the tables, in the order of registration."""
    known = _triggers.setdefault(table, {"sqlite": [], "postgresql": []})
    known["sqlite"] += sqlite
    known["postgresql"] += postgresql


def append_only(model: type[SQLModel]) -> None:
    """Let the database refuse every UPDATE and DELETE of the model's rows."""
    table = str(model.__tablename__)
    add_triggers(
        table,
        sqlite=[
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for verb in ("UPDATE", "DELETE")
        ],
        postgresql=[
            PG_REFUSE,
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION ponte_append_only()",
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION ponte_append_only()",
        ],
    )


def registered_triggers() -> dict[str, dict[str, list[str]]]:
    """Table name -> dialect -> its trigger statements."""
    return _triggers


def trigger_statements(dialect: str) -> list[str]:
    """Every registered trigger statement for `sqlite` or `postgresql`."""
    return [statement for by_dialect in _triggers.values() for statement in by_dialect[dialect]]


def create_schema(engine: Engine) -> None:
    """Make all tables and triggers at once, as the migrations would; for tests and throw-away databases."""
    with engine.begin() as connection:
        SQLModel.metadata.create_all(connection)
        for statement in trigger_statements(connection.dialect.name):
            connection.execute(text(statement.replace(":", r"\:")))


# --- engines

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=5000",
    "PRAGMA foreign_keys=ON",
    "PRAGMA recursive_triggers=ON",  # else REPLACE removes a row past its triggers
    "PRAGMA cache_size=-4000",
    "PRAGMA mmap_size=268435456",
    "PRAGMA temp_store=MEMORY",
)


def _sqlite_engine(url: str, *, writer: bool) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=1 if writer else 4,
        max_overflow=0 if writer else 8,
        pool_timeout=30,
        connect_args={"check_same_thread": False, "timeout": 5},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        if not writer:
            connection.execute("PRAGMA query_only=ON")

    if writer:

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _postgresql_engine(url: str, *, writer: bool) -> Engine:
    if writer:
        return create_engine(url, pool_size=4, max_overflow=4, pool_pre_ping=True)
    return create_engine(
        url, pool_size=4, max_overflow=4, pool_pre_ping=True, pool_reset_on_return=None, isolation_level="AUTOCOMMIT"
    )


class Database:
    """Two engines over one database: readers that hold no transaction open, and the writer.

    `bus` hears the events of its units of work; `counting` keeps the number of statements for the bench and the tests.
    """

    def __init__(self, url: str, bus: Bus | None = None) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        make = _sqlite_engine if self.is_sqlite else _postgresql_engine
        self.reader = make(url, writer=False)
        self.writer = make(url, writer=True)
        self.bus = bus or Bus()
        self.after_commit: list[Callable[[], None]] = []

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for looking only; what it would write is refused or lost."""
        with Session(self.reader, autoflush=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A unit of work: all of it is committed at the end, or none."""
        with Session(self.writer, expire_on_commit=False) as session:
            session.info["bus"] = self.bus
            with session.begin():
                yield session
        for tell in self.after_commit:
            tell()

    def ping(self) -> None:
        """Raise unless the database answers."""
        with self.reader.connect() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Let go of every connection."""
        self.reader.dispose()
        self.writer.dispose()


def upsert(db: Session, table: Any) -> Any:
    """An INSERT that can say what happens where the row is there already (`on_conflict_do_nothing`, `..._update`)."""
    dialect: Any = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


def count_statements(engine: Engine, tell: Callable[[], None]) -> None:
    """Call `tell` before every statement that `engine` sends."""
    event.listen(engine, "before_cursor_execute", lambda *_args: tell())
