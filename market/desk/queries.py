"""What the operator looks at: jobs, mails, the audit trail."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlmodel import Session

from market.accounts import queries as accounts
from market.accounts.models import Organisation, Person
from market.accounts.queries import OrganisationRow
from market.kit.audit import AuditEvent
from market.kit.jobs import Job
from market.kit.mail import Mail

PER_PAGE = 50
_JOB: Any = Job.__table__  # type: ignore[attr-defined]
_MAIL: Any = Mail.__table__  # type: ignore[attr-defined]
_EVENT: Any = AuditEvent.__table__  # type: ignore[attr-defined]
_O: Any = Organisation.__table__  # type: ignore[attr-defined]
_P: Any = Person.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class DeadJob:
    """A job that failed too often; `error` is the end of what it said."""

    id: str
    kind: str
    attempts: int
    created_at: datetime
    finished_at: datetime | None
    error: str


_DEAD = (
    select(*(_JOB.c[field.name] for field in fields(DeadJob)))
    .where(_JOB.c.state == "dead")
    .order_by(_JOB.c.finished_at.desc(), _JOB.c.id)
    .limit(50)
)


def dead_jobs(db: Session) -> list[DeadJob]:
    """The newest jobs that were given up."""
    return [DeadJob(**row._mapping) for row in db.execute(_DEAD)]


@dataclass(frozen=True)
class MailRow:
    """A mail that was queued."""

    id: str
    recipient: str
    template: str
    queued_at: datetime
    sent_at: datetime | None


_MAILS = select(*(_MAIL.c[field.name] for field in fields(MailRow))).order_by(_MAIL.c.id.desc()).limit(10)
_UNSENT = select(func.count()).select_from(_MAIL).where(_MAIL.c.sent_at.is_(None))


def last_mails(db: Session) -> list[MailRow]:
    """The newest mails, without what they say."""
    return [MailRow(**row._mapping) for row in db.execute(_MAILS)]


def unsent_mails(db: Session) -> int:
    """How many mails wait to be sent."""
    return int(db.execute(_UNSENT).scalar_one())


_WAITING = select(*_O.c).where(_O.c.verified_at.is_(None)).order_by(_O.c.created_at, _O.c.id).limit(50)


def waiting_organisations(db: Session) -> list[OrganisationRow]:
    """The organisations that nobody has checked yet, those that wait longest first."""
    return [OrganisationRow(**row._mapping) for row in db.execute(_WAITING)]


@dataclass(frozen=True)
class PersonAtDesk:
    """A person of an organisation as the operator sees them."""

    id: str
    name: str
    email: str
    roles: frozenset[str]
    disabled: bool


_ALL_PEOPLE = select(_P.c.id, _P.c.disabled_at).where(_P.c.id.in_(bindparam("ids", expanding=True)))


def people_at_desk(db: Session, organisation_id: str) -> list[PersonAtDesk]:
    """Everybody of an organisation, those shut out too."""
    people = accounts.people(db, organisation_id, with_disabled=True)
    shut_out = {
        row.id
        for row in db.execute(_ALL_PEOPLE, {"ids": [person.id for person in people]})
        if row.disabled_at is not None
    }
    return [
        PersonAtDesk(person.id, person.name, person.email, person.roles, person.id in shut_out) for person in people
    ]


@dataclass(frozen=True)
class EventRow:
    """An event of the audit trail."""

    id: str
    at: datetime
    tag: str
    subject_kind: str
    subject_id: str
    position: int
    person_name: str
    organisation_name: str
    address: str
    data: dict[str, Any]


_EVENTS = select(*(_EVENT.c[field.name] for field in fields(EventRow))).order_by(_EVENT.c.id.desc())


def events(db: Session, *, tag: str, subject: str, before: str) -> list[EventRow]:
    """A page of the trail, newest first: with tags that begin with `tag`, of one `subject` (an id), older than `before`."""
    wanted = _EVENTS
    if tag:
        wanted = wanted.where(_EVENT.c.tag.startswith(tag, autoescape=True))
    if subject:
        wanted = wanted.where(_EVENT.c.subject_id == subject)
    if before:
        wanted = wanted.where(_EVENT.c.id < before)
    return [EventRow(**row._mapping) for row in db.execute(wanted.limit(PER_PAGE + 1))]
