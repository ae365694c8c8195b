"""How often something may be tried: counters in the database, so that all processes count together."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session

from market.kit.db import Table
from market.kit.errors import TooMany

FORGOTTEN = timedelta(days=2)


class Throttle(Table, table=True):
    """How often `key` was used since `since`."""

    __tablename__ = "throttle"

    key: str = Field(primary_key=True)
    since: datetime = Field(index=True)
    count: int


_T: Any = Throttle.__table__  # type: ignore[attr-defined]


def used(db: Session, key: str, *, per: timedelta, now: datetime) -> int:
    """How often `key` was counted in the running window."""
    row = db.execute(select(_T.c.since, _T.c["count"].label("uses")).where(_T.c.key == key)).first()
    return int(row.uses) if row and row.since > now - per else 0


def count(db: Session, key: str, *, limit: int, per: timedelta, now: datetime) -> None:
    """Count one use of `key`; TooMany once `limit` uses lie in the window `per`, however many come at once."""
    if not used(db, key, per=per, now=now) and _first(db, key, per, now):
        return
    one_more = update(_T).where(_T.c.key == key, _T.c["count"] < limit).values(count=_T.c["count"] + 1)
    if not db.execute(one_more).rowcount:  # type: ignore[attr-defined]
        raise TooMany


def _first(db: Session, key: str, per: timedelta, now: datetime) -> bool:
    """Begin a window; False where another has begun it at this moment."""
    over = (_T.c.key == key) & (_T.c.since <= now - per)
    db.execute(delete(_T).where(over | (_T.c.since < now - FORGOTTEN)))
    try:
        with db.begin_nested():
            db.execute(insert(_T).values(key=key, since=now, count=1))
    except IntegrityError:
        return False
    return True


def forget(db: Session, key: str) -> None:
    """Start the count of `key` anew, as after a success."""
    db.execute(delete(_T).where(_T.c.key == key))
