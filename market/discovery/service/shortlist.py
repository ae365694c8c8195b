"""The shortlist: technologies that somebody keeps in view, with notes that nobody else reads."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from market.accounts.policy import person_of
from market.discovery import queries
from market.discovery.models import ShortlistEntry
from market.discovery.rules.alerts import MOST_KEPT
from market.kit import audit
from market.kit.actor import Actor
from market.kit.errors import NotFound, Refusal, Refused
from market.kit.i18n import _

_K: Any = ShortlistEntry.__table__  # type: ignore[attr-defined]

FULL = Refusal(
    "full", _("You keep {most} technologies, and more cannot be kept. Remove one first."), None, {"most": MOST_KEPT}
)


def keep(db: Session, actor: Actor, technology_id: str, *, now: datetime) -> None:
    """Put a visible technology on the shortlist; NotFound for another, Refused when the list is full. Twice is no harm."""
    person_id = person_of(actor)
    if not queries.visible_of(db, [technology_id]):
        raise NotFound
    kept = queries.kept_ids(db, person_id)
    if technology_id in kept:
        return
    if len(kept) >= MOST_KEPT:
        raise Refused(FULL)
    if _add(db, person_id, technology_id, now):
        audit.record(db, actor, "discovery:shortlist:kept", ("person", person_id), now=now, technology=technology_id)


def merge(db: Session, person_id: str, technology_ids: Sequence[str], *, now: datetime) -> None:
    """Take over what a browser has put aside (the newest first) before its person signed in, as far as there is room."""
    if not technology_ids:
        return
    kept = queries.kept_ids(db, person_id)
    there = queries.visible_of(db, technology_ids)
    fresh = [each for each in technology_ids if each in there and each not in kept][: MOST_KEPT - len(kept)]
    for number, each in enumerate(fresh):
        _add(db, person_id, each, now - timedelta(microseconds=number))
    if fresh:
        actor = Actor(person_id=person_id)
        audit.record(db, actor, "discovery:shortlist:taken_along", ("person", person_id), now=now, technologies=fresh)


def put_aside(db: Session, marks: tuple[str, ...], technology_id: str) -> tuple[str, ...]:
    """What a visitor's browser is to remember after keeping a visible technology; NotFound for another, Refused when full."""
    if not queries.visible_of(db, [technology_id]):
        raise NotFound
    if technology_id in marks:
        return marks
    if len(marks) >= MOST_KEPT:
        raise Refused(FULL)
    return (technology_id, *marks)


def remove(db: Session, actor: Actor, technology_id: str, *, now: datetime) -> None:
    """Take a technology off the shortlist, with its note; one that is not on it is no harm."""
    person_id = person_of(actor)
    gone = db.execute(delete(_K).where(_K.c.person_id == person_id, _K.c.technology_id == technology_id))
    if gone.rowcount:  # type: ignore[attr-defined]
        audit.record(db, actor, "discovery:shortlist:removed", ("person", person_id), now=now, technology=technology_id)


def write_note(db: Session, actor: Actor, technology_id: str, note: str, *, now: datetime) -> None:
    """Write a note to a technology on the own shortlist; NotFound for one that is not there. The audit has no note in it."""
    person_id = person_of(actor)
    found = select(_K.c.id).where(_K.c.person_id == person_id, _K.c.technology_id == technology_id)
    entry = db.get(ShortlistEntry, db.execute(found).scalar() or "")
    if entry is None:
        raise NotFound
    entry.note = note
    db.add(entry)
    audit.record(db, actor, "discovery:shortlist:noted", ("person", person_id), now=now, technology=technology_id)


def _add(db: Session, person_id: str, technology_id: str, at: datetime) -> bool:
    """Write the entry; False where another window of the same person was faster."""
    try:
        with db.begin_nested():
            db.add(ShortlistEntry(person_id=person_id, technology_id=technology_id, created_at=at))
            db.flush()
    except IntegrityError:
        return False
    return True
