"""Counters of what pages show, by which a page kept in the process is known to be still right.

A page is kept under the counters of what it shows; a write that changes such a thing raises its counter in the same
transaction, and every request compares the counters before a kept page is used.
"""

from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session

from market.kit.db import Database, Table


class ChangeCounter(Table, table=True):
    """How often a topic (such as `catalog`) has changed."""

    __tablename__ = "change_counter"

    topic: str = Field(primary_key=True)
    value: int


_C: Any = ChangeCounter.__table__  # type: ignore[attr-defined]
_RAISE = update(_C).where(_C.c.topic == bindparam("which")).values(value=_C.c.value + 1)
_READ = select(_C.c.topic, _C.c.value)


def touch(db: Session, topic: str) -> None:
    """Say that `topic` has changed; kept pages of it are not used again."""
    if db.execute(_RAISE, {"which": topic}).rowcount:  # type: ignore[attr-defined]
        return
    try:
        with db.begin_nested():
            db.execute(insert(_C).values(topic=topic, value=1))
    except IntegrityError:
        db.execute(_RAISE, {"which": topic})


Stamp = tuple[tuple[Any, ...], ...]


def stamp(db: Session) -> Stamp:
    """All counters as they stand now."""
    return tuple(tuple(row) for row in db.execute(_READ))


class QuickStamp:
    """Reads the counters on SQLite through a plain connection: some ten microseconds, so that the event loop may do it.

    Not for several threads: it belongs to the loop.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Any = None

    def __call__(self) -> Stamp:
        """All counters as they stand now."""
        if self._connection is None:
            self._connection = self._database.reader.raw_connection()
        return tuple(self._connection.driver_connection.execute("SELECT topic, value FROM change_counter").fetchall())

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
