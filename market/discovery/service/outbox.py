"""What still has to be put into the index: noted with each change, worked on by one worker at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from market.discovery.gateway import Receipt
from market.discovery.models import SearchOutbox, SearchTurn
from market.kit import cache, jobs

JOB = "discovery.index"
TOPIC = "search"
BATCH = 1000
TURN = "index"
HOLD = timedelta(minutes=3)

_X: Any = SearchOutbox.__table__  # type: ignore[attr-defined]
_U: Any = SearchTurn.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Row:
    """An outbox row: its number and the technology it is about."""

    seq: int
    technology_id: str


def note(db: Session, technology_ids: Iterable[str], *, now: datetime) -> None:
    """Note that these technologies changed, and call for the worker; many changes at once make one call."""
    rows = [{"technology_id": each, "requested_at": now, "error": ""} for each in dict.fromkeys(technology_ids)]
    if rows:
        db.execute(insert(_X), rows)
        jobs.enqueue(db, JOB, {}, key=JOB)


_WAITING = select(_X.c.seq, _X.c.technology_id).where(_X.c.refused_at.is_(None)).order_by(_X.c.seq).limit(BATCH)


def waiting(db: Session) -> list[Row]:
    """The next rows to work on, the oldest first."""
    return [Row(row.seq, row.technology_id) for row in db.execute(_WAITING)]


_UNCOPIED = select(_X.c.seq, _X.c.technology_id).where(_X.c.copied_at.is_(None)).order_by(_X.c.seq).limit(BATCH)


def uncopied(db: Session) -> list[Row]:
    """The next rows that the replica lacks, the oldest first."""
    return [Row(row.seq, row.technology_id) for row in db.execute(_UNCOPIED)]


def copied(db: Session, rows: Sequence[int], *, now: datetime) -> None:
    """The replica has these."""
    for at in range(0, len(rows), 500):
        db.execute(update(_X).where(_X.c.seq.in_(rows[at : at + 500])).values(copied_at=now))
    cache.touch(db, TOPIC)


def all_waiting(db: Session) -> list[int]:
    """The numbers of all rows that wait now."""
    return list(db.execute(select(_X.c.seq).where(_X.c.refused_at.is_(None))).scalars())


def done(db: Session, rows: Sequence[int]) -> None:
    """The engine has confirmed these rows; pages of results made before are not shown again."""
    for at in range(0, len(rows), 500):
        db.execute(delete(_X).where(_X.c.seq.in_(rows[at : at + 500])))
    db.execute(update(_U).where(_U.c.name == TURN).values(tasks=[], rows=[]))
    cache.touch(db, TOPIC)


def refuse(db: Session, rows: Sequence[int], reason: str, *, now: datetime) -> None:
    """The engine will never take these; they are put aside for the operator, and no longer hold up the others."""
    db.execute(update(_X).where(_X.c.seq.in_(rows)).values(refused_at=now, error=reason[:1000]))


def remember(db: Session, receipt: Receipt, rows: Sequence[int]) -> None:
    """Keep the engine's receipt, so that a later run asks for these tasks instead of sending everything again."""
    db.execute(update(_U).where(_U.c.name == TURN).values(tasks=list(receipt.tasks), rows=list(rows)))


def forget(db: Session) -> None:
    """The kept receipt is of no use any more; its rows are worked on anew."""
    db.execute(update(_U).where(_U.c.name == TURN).values(tasks=[], rows=[]))


def remembered(db: Session) -> tuple[Receipt, list[int]] | None:
    """The receipt that was not confirmed yet, with its rows."""
    row = db.execute(select(_U.c.tasks, _U.c.rows).where(_U.c.name == TURN)).first()
    return (Receipt(tuple(row.tasks)), list(row.rows)) if row and row.tasks else None


def take_turn(db: Session, holder: str, *, now: datetime) -> bool:
    """Be the only one who writes to the index, for some minutes; again, to go on. False while another is at it."""
    free = or_(_U.c.holder == holder, _U.c.held_until.is_(None), _U.c.held_until < now)
    values = {"holder": holder, "held_until": now + HOLD}
    taken = db.execute(update(_U).where(_U.c.name == TURN, free).values(**values))
    if taken.rowcount:  # type: ignore[attr-defined]
        return True
    if db.execute(select(_U.c.name).where(_U.c.name == TURN)).first():
        return False
    try:
        with db.begin_nested():
            db.execute(insert(_U).values(name=TURN, tasks=[], rows=[], **values))
    except IntegrityError:  # another made the row at this moment
        return False
    return True


def end_turn(db: Session, holder: str) -> None:
    """Let others write."""
    db.execute(update(_U).where(_U.c.name == TURN, _U.c.holder == holder).values(holder="", held_until=None))
