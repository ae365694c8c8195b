"""Migrations: where the database stands, and bringing it up to date."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from market.kit.db import Database
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
