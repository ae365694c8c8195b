"""Every SELECT of accounts: statements built once, rows out."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlmodel import Session

from market.accounts import rules
from market.accounts.models import EmailToken, Membership, Organisation, Person, SignInSession
from market.kit import clock
from market.kit.actor import ANONYMOUS, Actor
from market.kit.errors import NotFound

_P: Any = Person.__table__  # type: ignore[attr-defined]
_O: Any = Organisation.__table__  # type: ignore[attr-defined]
_M: Any = Membership.__table__  # type: ignore[attr-defined]
_S: Any = SignInSession.__table__  # type: ignore[attr-defined]
_T: Any = EmailToken.__table__  # type: ignore[attr-defined]

_WHO = (
    _P.c.id.label("person_id"),
    _P.c.name.label("person_name"),
    _P.c.email,
    _P.c.is_operator,
    _P.c.locale,
    _O.c.id.label("organisation_id"),
    _O.c.name.label("organisation_name"),
    _O.c.kind,
    _O.c.verified_at,
    _M.c.role,
)
_ACTOR = (
    select(_S.c.id.label("session_id"), _S.c.expires_at, *_WHO)
    .select_from(
        _S.join(_P, _P.c.id == _S.c.person_id)
        .outerjoin(_M, (_M.c.person_id == _P.c.id) & (_M.c.organisation_id == _S.c.organisation_id))
        .outerjoin(_O, _O.c.id == _M.c.organisation_id)
    )
    .where(_S.c.token_hash == bindparam("token_hash"), _P.c.disabled_at.is_(None))
)
_ACTING = (
    select(*_WHO)
    .select_from(
        _P.outerjoin(_M, (_M.c.person_id == _P.c.id) & (_M.c.organisation_id == bindparam("organisation"))).outerjoin(
            _O, _O.c.id == _M.c.organisation_id
        )
    )
    .where(_P.c.id == bindparam("person"), _P.c.disabled_at.is_(None))
)


def token_hash(token: str) -> str:
    """What is kept of a session's or a mail link's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def load_actor(db: Session, token: str) -> Actor:
    """Who stands behind a session cookie; ANONYMOUS for one that is unknown, expired or of a disabled person.

    Roles are read with every request, so that a removed member loses access with the next one.
    """
    rows = db.execute(_ACTOR, {"token_hash": token_hash(token)}).all()
    if not rows or rows[0].expires_at <= clock.now():
        return ANONYMOUS
    return replace(_actor(rows), session_id=rows[0].session_id)


def acting(db: Session, person_id: str, organisation_id: str | None = None) -> Actor:
    """A person as the actor for an organisation (or for none) without a session: for scripts and jobs; NotFound."""
    rows = db.execute(_ACTING, {"person": person_id, "organisation": organisation_id}).all()
    if not rows:
        raise NotFound
    return _actor(rows)


def _actor(rows: Sequence[Any]) -> Actor:
    row = rows[0]
    roles = frozenset(each.role for each in rows if each.role)
    return Actor(
        person_id=row.person_id,
        person_name=row.person_name,
        email=row.email,
        organisation_id=row.organisation_id,
        organisation_name=row.organisation_name or "",
        organisation_kind=row.kind or "",
        organisation_verified=row.verified_at is not None,
        roles=roles,
        permissions=rules.permissions(row.kind or "", roles, operator=row.is_operator),
        is_operator=row.is_operator,
        locale=row.locale,
    )


@dataclass(frozen=True)
class OrganisationRow:
    """An organisation as others see it."""

    id: str
    kind: str
    name: str
    slug: str
    country: str
    city: str
    timezone: str
    website: str
    registration_number: str
    is_sample: bool
    created_at: datetime
    verified_at: datetime | None
    second_approver: bool
    version: int
    about: str

    @property
    def verified(self) -> bool:
        """Whether an operator has checked that the organisation is what it says."""
        return self.verified_at is not None


@dataclass(frozen=True)
class PersonRow:
    """A person as mails and lists need it; `roles` are those in the organisation asked about."""

    id: str
    name: str
    email: str
    locale: str
    roles: frozenset[str] = frozenset()


_ORGANISATION = select(*_O.c).where(_O.c.id == bindparam("id"))
_ORGANISATION_BY_SLUG = select(*_O.c).where(_O.c.slug == bindparam("slug"))


def organisation(db: Session, organisation_id: str) -> OrganisationRow:
    """One organisation; NotFound."""
    return _one(db.execute(_ORGANISATION, {"id": organisation_id}).first())


def organisation_by_slug(db: Session, slug: str) -> OrganisationRow:
    """One organisation by its address part; NotFound."""
    return _one(db.execute(_ORGANISATION_BY_SLUG, {"slug": slug}).first())


def _one(row: Any) -> OrganisationRow:
    if row is None:
        raise NotFound
    return OrganisationRow(**row._mapping)


_ORGANISATIONS = select(*_O.c).order_by(_O.c.verified_at.is_not(None), _O.c.created_at.desc(), _O.c.id)


def organisations(db: Session) -> list[OrganisationRow]:
    """All organisations, those that wait for verification first; for the operator."""
    return [_one(row) for row in db.execute(_ORGANISATIONS.limit(1000))]


_PEOPLE = (
    select(_P.c.id, _P.c.name, _P.c.email, _P.c.locale, _M.c.role)
    .join(_M, _M.c.person_id == _P.c.id)
    .where(_M.c.organisation_id == bindparam("organisation"))
    .order_by(_P.c.name, _P.c.id)
)
_ABLE_PEOPLE = _PEOPLE.where(_P.c.disabled_at.is_(None))


def people(db: Session, organisation_id: str, *, with_disabled: bool = False) -> list[PersonRow]:
    """The people of an organisation with their roles, by name; those shut out only when asked for."""
    found: dict[str, PersonRow] = {}
    for row in db.execute(_PEOPLE if with_disabled else _ABLE_PEOPLE, {"organisation": organisation_id}):
        roles = found[row.id].roles if row.id in found else frozenset()
        found[row.id] = PersonRow(row.id, row.name, row.email, row.locale, roles | {row.role})
    return list(found.values())


def people_with_role(db: Session, organisation_id: str, *roles: str) -> list[PersonRow]:
    """The people of an organisation who have one of `roles`."""
    return [person for person in people(db, organisation_id) if person.roles & set(roles)]


def people_who_may(db: Session, organisation_id: str, permission: str) -> list[PersonRow]:
    """The people of an organisation whose roles give `permission`; whom to write to when it is their turn."""
    kind = organisation(db, organisation_id).kind
    return [
        person
        for person in people(db, organisation_id)
        if permission in rules.permissions(kind, person.roles, operator=False)
    ]


_PERSON = select(_P.c.id, _P.c.name, _P.c.email, _P.c.locale).where(_P.c.id == bindparam("id"))


def person(db: Session, person_id: str) -> PersonRow:
    """One person; NotFound."""
    row = db.execute(_PERSON, {"id": person_id}).first()
    if row is None:
        raise NotFound
    return PersonRow(**row._mapping)


@dataclass(frozen=True)
class Credentials:
    """What sign-in needs to know of a person."""

    id: str
    name: str
    email: str
    password_hash: str = field(repr=False)
    email_verified_at: datetime | None
    disabled_at: datetime | None
    is_sample: bool


def is_operator(db: Session, person_id: str) -> bool:
    """Whether a person runs this site."""
    return any(operator.id == person_id for operator in operators(db))


_CREDENTIALS = select(*(_P.c[column.name] for column in fields(Credentials))).where(_P.c.email == bindparam("email"))


def credentials(db: Session, email: str) -> Credentials | None:
    """What sign-in needs of a person, or None; `email` in its normal form."""
    row = db.execute(_CREDENTIALS, {"email": email}).first()
    return Credentials(**row._mapping) if row else None


_OPERATORS = (
    select(_P.c.id, _P.c.name, _P.c.email, _P.c.locale)
    .where(_P.c.is_operator.is_(True), _P.c.disabled_at.is_(None))
    .order_by(_P.c.id)
)


def operators(db: Session) -> list[PersonRow]:
    """The people who run this site."""
    return [PersonRow(**row._mapping) for row in db.execute(_OPERATORS)]


_MEMBERSHIPS = (
    select(_O.c.id, _O.c.name, _O.c.kind, _O.c.slug, _O.c.verified_at, _M.c.role)
    .join(_M, _M.c.organisation_id == _O.c.id)
    .where(_M.c.person_id == bindparam("person"))
    .order_by(_O.c.name, _O.c.id)
)


@dataclass(frozen=True)
class MembershipRow:
    """An organisation that a person belongs to, with the roles there."""

    organisation_id: str
    name: str
    kind: str
    slug: str
    verified: bool
    roles: tuple[str, ...]


def memberships(db: Session, person_id: str) -> list[MembershipRow]:
    """The organisations that a person may act for."""
    found: dict[str, MembershipRow] = {}
    for row in db.execute(_MEMBERSHIPS, {"person": person_id}):
        before = found[row.id].roles if row.id in found else ()
        found[row.id] = MembershipRow(
            row.id, row.name, row.kind, row.slug, row.verified_at is not None, (*before, row.role)
        )
    return list(found.values())


_SAMPLE = (
    select(_P.c.email, _P.c.name, _P.c.is_operator, _O.c.name.label("organisation"), _O.c.kind, _M.c.role)
    .outerjoin(_M, _M.c.person_id == _P.c.id)
    .outerjoin(_O, _O.c.id == _M.c.organisation_id)
    .where(_P.c.is_sample.is_(True))
    .order_by(_P.c.is_operator, _O.c.kind, _O.c.name, _P.c.name)
)


@dataclass(frozen=True)
class SamplePerson:
    """Somebody of the sample world whom a visitor may play."""

    email: str
    name: str
    organisation: str
    kind: str
    roles: tuple[str, ...]
    is_operator: bool


def sample_people(db: Session) -> list[SamplePerson]:
    """The people of the sample world, each once, with the roles in their first organisation."""
    found: dict[str, SamplePerson] = {}
    for row in db.execute(_SAMPLE):
        known = found.get(row.email)
        roles = (*(known.roles if known else ()), *([row.role] if row.role else []))
        found[row.email] = SamplePerson(
            row.email, row.name, row.organisation or "", row.kind or "", roles, row.is_operator
        )
    return list(found.values())


_COUNT = select(func.count()).select_from(_P)


def is_empty(db: Session) -> bool:
    """Whether nobody has registered yet."""
    return int(db.execute(_COUNT).scalar_one()) == 0


_TOKEN = select(*_T.c).where(_T.c.token_hash == bindparam("token_hash"), _T.c.purpose == bindparam("purpose"))


def email_token(db: Session, token: str, purpose: str, *, now: datetime) -> Any | None:
    """A link's record while it is unused and not expired, or None."""
    row = db.execute(_TOKEN, {"token_hash": token_hash(token), "purpose": purpose}).first()
    return row if row and row.used_at is None and row.expires_at > now else None


_INVITATIONS = (
    select(_T.c.id, _T.c.email, _T.c.role, _T.c.created_at, _T.c.expires_at)
    .where(
        _T.c.organisation_id == bindparam("organisation"),
        _T.c.purpose == "invite",
        _T.c.used_at.is_(None),
        _T.c.expires_at > bindparam("now"),
    )
    .order_by(_T.c.created_at.desc(), _T.c.id)
)


@dataclass(frozen=True)
class InvitationRow:
    """An invitation that nobody has accepted yet."""

    id: str
    email: str
    roles: tuple[str, ...]
    created_at: datetime
    expires_at: datetime


def invitations(db: Session, organisation_id: str, *, now: datetime) -> list[InvitationRow]:
    """The open invitations of an organisation, newest first."""
    return [
        InvitationRow(row.id, row.email, tuple(row.role.split()), row.created_at, row.expires_at)
        for row in db.execute(_INVITATIONS, {"organisation": organisation_id, "now": now})
    ]


@dataclass(frozen=True)
class SessionRow:
    """A living sign-in as its person sees it."""

    id: str
    created_at: datetime
    address: str
    user_agent: str


_SESSIONS = (
    select(_S.c.id, _S.c.created_at, _S.c.address, _S.c.user_agent)
    .where(_S.c.person_id == bindparam("person"), _S.c.expires_at > bindparam("now"))
    .order_by(_S.c.created_at.desc(), _S.c.id.desc())
)


def sessions(db: Session, person_id: str, *, now: datetime) -> list[SessionRow]:
    """The living sessions of a person, newest first."""
    return [SessionRow(**row._mapping) for row in db.execute(_SESSIONS, {"person": person_id, "now": now})]
