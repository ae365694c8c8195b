"""Migrations lead where the models are, on both databases: from nothing, and with data on the way."""

import json
import re
import shutil
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, Table, text
from sqlmodel import SQLModel

from market.kit import audit, schema
from market.kit.db import Database
from market.payments.service.proof import check_ledger
from tests import postgres

CATALOGUE = {
    "column": "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns "
    "WHERE table_schema = 'public'",
    "constraint": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = 'public'::regnamespace AND contype <> 'n'",
    "index": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "trigger": "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "function": "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
}


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without a single table."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'empty.sqlite'}")
        yield database
        database.close()
        return
    shelf: postgres.Shelf = request.getfixturevalue("postgres_shelf")
    with shelf.bare() as name:
        database = Database(shelf.address.format(name=name))
        yield database
        database.close()


def _shape(database: Database) -> dict[str, set[Any]]:
    """Everything that a database knows of its own form, without the table of alembic."""
    with database.reader.connect() as connection:
        if not database.is_sqlite:
            found = {kind: {tuple(row) for row in connection.execute(text(ask))} for kind, ask in CATALOGUE.items()}
        else:
            found = _sqlite_shape(connection)
    return {kind: {row for row in rows if "alembic_version" not in str(row[:1])} for kind, rows in found.items()}


def _sqlite_shape(connection: Any) -> dict[str, set[Any]]:
    found: dict[str, set[Any]] = {"column": set(), "check": set(), "reference": set(), "index": set(), "trigger": set()}
    for kind, name, table, sql in connection.execute(text("SELECT type, name, tbl_name, sql FROM sqlite_master")).all():
        if kind == "trigger":
            found["trigger"].add((table, name, " ".join(sql.split())))
        elif kind == "index":
            columns = connection.exec_driver_sql(f"PRAGMA index_xinfo('{name}')").all()
            where = (sql or "").partition(" WHERE ")[2]
            listed = tuple((row[2], row[3]) for row in columns if row[5])
            found["index"].add((table, name if sql else "unique", listed, where))
        elif kind == "table":
            for row in connection.exec_driver_sql(f"PRAGMA table_xinfo('{name}')"):
                found["column"].add((name, row[1], row[2], row[3], row[5]))
            for row in connection.exec_driver_sql(f"PRAGMA foreign_key_list('{name}')"):
                found["reference"].add((name, row[2], row[3], row[4]))
            for rule in re.findall(r"CONSTRAINT (\w+) CHECK (\(.*\)),?\s*$", sql, re.M):
                found["check"].add((name, *rule))
    return found


def test_models_and_migrations_agree(empty, request):
    """Tables, columns, references, checks, indexes, triggers: a migrated database is one that the models make."""
    schema.upgrade(empty)
    url = request.getfixturevalue("sqlite_url" if empty.is_sqlite else "postgres_url")
    modelled = Database(url)
    wanted, found = _shape(modelled), _shape(empty)
    modelled.close()
    for kind in wanted:
        assert (kind, set(), set()) == (kind, wanted[kind] - found[kind], found[kind] - wanted[kind])
    assert all(wanted[kind] for kind in wanted)


def test_there_is_nothing_left_to_migrate(empty):
    """What `market make-migration` would write is empty; every trigger is there."""
    schema.upgrade(empty)
    with empty.reader.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert [] == compare_metadata(context, SQLModel.metadata)
    assert schema.trigger_names("sqlite" if empty.is_sqlite else "postgresql") == schema.existing_triggers(empty)


def test_migrating_twice_is_harmless(empty):
    """The second time there is nothing to do."""
    assert not schema.is_current(empty)
    schema.upgrade(empty)
    before = _shape(empty)
    schema.upgrade(empty)
    assert schema.is_current(empty)
    assert before == _shape(empty)


def test_every_revision_follows_another():
    """One line of migrations from 0001 to the newest, none beside it."""
    scripts = ScriptDirectory(str(schema.MIGRATIONS))
    assert [schema.head()] == scripts.get_heads()
    revisions = [script.revision for script in scripts.walk_revisions()]
    assert "0001" == revisions[-1]
    assert len(revisions) == len(list((schema.MIGRATIONS / "versions").glob("*.py")))


def test_a_change_of_the_models_is_written_as_a_migration(tmp_path, monkeypatch):
    """`market make-migration` finds a new table; its file leads up and down."""
    folder = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(schema, "MIGRATIONS", folder)
    database = Database(f"sqlite:///{tmp_path / 'one.sqlite'}")
    schema.upgrade(database)
    with database.writer.begin() as connection:
        connection.exec_driver_sql("DROP TABLE throttle")
        connection.exec_driver_sql("DROP TRIGGER audit_event_no_update")
    source = schema.make_migration(database, "bring it back").read_text()
    assert "op.create_table('throttle'" in source
    assert "CREATE TRIGGER audit_event_no_update" in source
    database.close()


WORLD = Path(__file__).with_name("world_0001.json")


def test_a_world_of_the_first_release_goes_with_it(empty):
    """Rows written under 0001 are the same rows under the newest tables; audit trail and books still verify."""
    world: dict[str, list[dict[str, Any]]] = json.loads(WORLD.read_text())
    schema.upgrade(empty, "0001")
    _fill(empty, world)
    with empty.read() as db:
        before = {table: db.execute(text(f'SELECT * FROM "{table}"')).mappings().all() for table in world}
    schema.upgrade(empty)
    with empty.read() as db:
        for table, rows in before.items():
            after = db.execute(text(f'SELECT * FROM "{table}"')).mappings().all()
            assert len(rows) == len(after), table
            kept = set(after[0]) & set(rows[0])
            assert kept, table
            for name in kept:
                assert sorted(map(repr, (row[name] for row in rows))) == sorted(
                    map(repr, (row[name] for row in after))
                ), f"{table}.{name}"
        count, breaks = audit.verify(db)
        assert (True, []) == (count > 5, breaks)
        assert [] == check_ledger(db).faults


def _fill(database: Database, world: dict[str, list[dict[str, Any]]]) -> None:
    """Write the rows as they stand in the file, past references and triggers, which were asked when they were made."""
    known = MetaData()
    order = sorted(world, key=lambda table: table != "journal_line")  # an entry is sealed over its lines
    with database.writer.connect() as connection:
        raw: Any = connection.connection.driver_connection
        if database.is_sqlite:
            raw.execute("PRAGMA foreign_keys=OFF")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
        for name in order:
            table = Table(name, known, autoload_with=connection)
            for row in world[name]:
                connection.execute(table.insert().values({key: _read(table, key, row[key]) for key in row}))
        if not database.is_sqlite:
            connection.exec_driver_sql("SET session_replication_role = origin")
        connection.commit()
        if database.is_sqlite:
            raw.execute("PRAGMA foreign_keys=ON")
            assert [] == raw.execute("PRAGMA foreign_key_check").fetchall()


def _read(table: Table, key: str, value: Any) -> Any:
    kind = type(table.c[key].type).__name__
    if not isinstance(value, str):
        return value
    if kind in ("DATETIME", "TIMESTAMP"):
        return datetime.fromisoformat(value)
    if kind == "DATE":
        return date.fromisoformat(value)
    return value.encode() if kind in ("BLOB", "BYTEA") else value
