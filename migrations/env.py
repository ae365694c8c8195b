"""Alembic's entry: takes the database from the caller (`market migrate`, tests), else from the settings."""

from alembic import context
from sqlmodel import SQLModel

from market.config import load
from market.kit.db import Database
from market.wiring import import_models

import_models()
database = context.config.attributes.get("database") or Database(load().database)

with database.writer.connect() as connection:
    if not database.is_sqlite:  # two that start at one moment migrate one after the other
        connection.exec_driver_sql("SELECT pg_advisory_lock(hashtext('ponte migrations'))")
        connection.commit()
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=database.is_sqlite,
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
    if not database.is_sqlite:
        connection.exec_driver_sql("SELECT pg_advisory_unlock(hashtext('ponte migrations'))")
        connection.commit()
