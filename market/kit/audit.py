"""The audit trail: who did what to what, written in the same transaction as the change itself.

Each subject (a deal, an organisation, an invoice) has a hash chain of its own: an event carries the hash of the one
before it, so that no event can be changed, removed from the middle or slipped in. The table is append-only by trigger.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy import UniqueConstraint, bindparam, select, text
from sqlmodel import Field, Session

from market.kit.actor import Actor
from market.kit.db import Table, append_only, json_column
from market.kit.ids import new_id
from market.kit.money import Money

Subject = tuple[str, str]
"""A kind of record and its id, such as `("deal", "01j...")`."""


class HasSubject(Protocol):
    """A record that knows under which subject its events stand."""

    @property
    def audit_subject(self) -> Subject: ...


class AuditEvent(Table, table=True):
    """One thing that happened. `tag` reads source:subject:action, such as `deal:offer:accepted`."""

    __tablename__ = "audit_event"
    __table_args__ = (UniqueConstraint("subject_kind", "subject_id", "position"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    at: datetime = Field(index=True)
    tag: str = Field(index=True)
    subject_kind: str
    subject_id: str
    position: int
    person_id: str | None = Field(default=None, index=True)
    person_name: str = ""
    organisation_id: str | None = None
    organisation_name: str = ""
    session_id: str | None = None
    address: str = ""
    previous: str
    digest: str
    data: dict[str, Any] = json_column()


append_only(AuditEvent)

_EVENT: Any = AuditEvent.__table__  # type: ignore[attr-defined]
_COLUMNS = (*_EVENT.c,)
_LAST = (
    select(_EVENT.c.position, _EVENT.c.digest)
    .where(_EVENT.c.subject_kind == bindparam("kind"), _EVENT.c.subject_id == bindparam("id"))
    .order_by(_EVENT.c.position.desc())
    .limit(1)
)
_TRAIL = (
    select(*_COLUMNS)
    .where(_EVENT.c.subject_kind == bindparam("kind"), _EVENT.c.subject_id == bindparam("id"))
    .order_by(_EVENT.c.position)
)
_ALL = select(*_COLUMNS).order_by(_EVENT.c.subject_kind, _EVENT.c.subject_id, _EVENT.c.position)
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:subject, 0))")


def plain(value: Any) -> Any:
    """Turn a value into what JSON can hold: money, decimals and fractions as text, times in ISO 8601.

    A float is text too: JSONB keeps numbers as decimals and gives 1e+22 back in another spelling, which breaks a seal.
    """
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal | float):
        return str(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return value


def canonical(value: Any) -> str:
    """JSON with one spelling: keys sorted, no spaces, text in UTF-8. What we hash."""
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest_of(value: Any) -> str:
    """SHA-256 of the canonical JSON, as 64 hexadecimal characters."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def _sealed(fields: dict[str, Any]) -> str:
    return digest_of({key: value for key, value in fields.items() if key != "digest"})


def record(
    db: Session, actor: Actor, tag: str, subject: Subject | HasSubject, *, now: datetime, **data: Any
) -> AuditEvent:
    """Write an event at the end of the subject's chain; actor and request are copied in, so that they stay true."""
    kind, subject_id = subject if isinstance(subject, tuple) else subject.audit_subject
    if db.get_bind().dialect.name == "postgresql":
        db.execute(_LOCK, {"subject": f"{kind}:{subject_id}"})
    last = db.execute(_LAST, {"kind": kind, "id": subject_id}).first()
    fields: dict[str, Any] = {
        "id": new_id(),
        "at": now.astimezone(UTC),
        "tag": tag,
        "subject_kind": kind,
        "subject_id": subject_id,
        "position": last.position + 1 if last else 1,
        "person_id": actor.person_id,
        "person_name": actor.person_name,
        "organisation_id": actor.organisation_id,
        "organisation_name": actor.organisation_name,
        "session_id": actor.session_id,
        "address": actor.address,
        "previous": last.digest if last else "",
        "data": plain(data),
    }
    event = AuditEvent(**fields, digest=_sealed(fields))
    db.add(event)
    db.flush()
    return event


def trail(db: Session, subject: Subject) -> list[Any]:
    """All events of a subject, oldest first, as rows with the columns of `AuditEvent`."""
    return list(db.execute(_TRAIL, {"kind": subject[0], "id": subject[1]}))


@dataclass(frozen=True)
class Break:
    """Where a chain does not hold."""

    subject: Subject
    position: int
    reason: str


def verify(db: Session) -> tuple[int, list[Break]]:
    """Walk every chain; give the number of events read and each place where one does not hold."""
    breaks: list[Break] = []
    subject: Subject = ("", "")
    position, digest, count = 0, "", 0
    for row in db.execute(_ALL).mappings():
        count += 1
        here = (row["subject_kind"], row["subject_id"])
        if here != subject:
            subject, position, digest = here, 0, ""
        position += 1
        if row["position"] != position:
            breaks.append(Break(here, position, "an event is missing"))
            position = row["position"]
        elif row["previous"] != digest:
            breaks.append(Break(here, position, "does not follow the event before it"))
        if row["digest"] != _sealed(dict(row)):
            breaks.append(Break(here, position, "was changed"))
        digest = row["digest"]
    return count, breaks
