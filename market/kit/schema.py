"""Migrations: where the database stands, and bringing it up to date."""

import pprint
import re
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from market.kit.db import Database, registered_triggers, trigger_statements
from market.kit.templating import ROOT

MIGRATIONS: Path = ROOT / "migrations"


def config(database: Database) -> Config:
    """Alembic's configuration for this database; env.py takes the connection from its attributes."""
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS))
    settings.set_main_option("path_separator", "os")
    settings.attributes["database"] = database
    return settings


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the database up to `revision`."""
    command.upgrade(config(database), revision)


def head() -> str | None:
    """The newest revision that this code knows."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def current(database: Database) -> str | None:
    """The revision that the database stands at; None for an empty one."""
    with database.reader.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_current(database: Database) -> bool:
    """Whether the database stands where this code expects it."""
    return current(database) == head()


def make_migration(database: Database, message: str) -> Path:
    """Write a migration of what differs between the models and an up-to-date database; triggers included. Read it after."""
    script = command.revision(config(database), message, autogenerate=True, rev_id=_next_number())
    assert script is not None and not isinstance(script, list)  # noqa: S101 - one revision was asked for
    path = Path(script.path)
    missing = _missing_triggers(database)
    if any(missing.values()):
        _add_triggers(path, missing)
    return path


def _next_number() -> str:
    return f"{int(head() or 0) + 1:04}"


def _missing_triggers(database: Database) -> dict[str, list[str]]:
    """The registered trigger statements whose names the database does not know yet, by dialect."""
    known = existing_triggers(database)
    dialect = "sqlite" if database.is_sqlite else "postgresql"
    new = {name for name in trigger_names(dialect) if name not in known}
    if not new:
        return {"sqlite": [], "postgresql": []}
    tables = {
        table for table, by_dialect in registered_triggers().items() if new & set(map(_name, by_dialect[dialect]))
    }
    return {
        kind: list(dict.fromkeys(s for table in sorted(tables) for s in registered_triggers()[table][kind]))
        for kind in ("sqlite", "postgresql")
    }


def trigger_names(dialect: str) -> set[str]:
    """The names of all registered triggers."""
    return {name for name in map(_name, trigger_statements(dialect)) if name}


def _name(statement: str) -> str:
    found = re.match(r"(?is)\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?:CONSTRAINT\s+)?TRIGGER\s+(\w+)", statement)
    return found.group(1).lower() if found else ""


def existing_triggers(database: Database) -> set[str]:
    """The names of the triggers that the database has."""
    statement = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if database.is_sqlite
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    with database.reader.connect() as connection:
        return {str(row[0]).lower() for row in connection.execute(text(statement))}


def _add_triggers(path: Path, statements: dict[str, list[str]]) -> None:
    source = path.read_text()
    listed = pprint.pformat(statements, width=110, sort_dicts=False)
    source = source.replace(
        "\n\ndef downgrade() -> None:",
        "    for statement in TRIGGERS[op.get_bind().dialect.name]:\n"
        '        op.execute(sa.text(statement.replace(":", "\\\\:")))\n\n\ndef downgrade() -> None:',
        1,
    )
    path.write_text(
        source.replace("\n\ndef upgrade() -> None:", f"\nTRIGGERS = {listed}\n\n\ndef upgrade() -> None:", 1)
    )
