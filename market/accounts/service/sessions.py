"""Signing in and out: sessions are rows, the browser holds a random token of which we keep the hash."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, update
from sqlmodel import Session

from market.accounts import queries, rules
from market.accounts.events import SessionBegun
from market.accounts.models import SignInSession
from market.accounts.policy import person_of
from market.accounts.queries import Credentials
from market.accounts.service import people, throttling
from market.kit import audit
from market.kit.actor import Actor
from market.kit.errors import NotFound, Refusal
from market.kit.events import emit
from market.kit.i18n import _

WRONG = Refusal("wrong", _("E-mail and password do not belong together. Check both, or ask for a new password."))
UNCONFIRMED = Refusal(
    "unconfirmed", _("Confirm your e-mail address first. We have just sent you a new mail with the link.")
)
_SESSION: Any = SignInSession.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class SignedIn:
    """A session has begun: the browser gets `token`; `organisation_id` is whom the person acts for, if that is clear."""

    token: str
    person_id: str
    organisation_id: str | None
    is_operator: bool


def sign_in(
    db: Session, actor: Actor, email: str, known: Credentials | None, *, right: bool, now: datetime
) -> SignedIn | Refusal:
    """Begin a session for a person whose password was `right`, or say why not. Both are recorded, so commit both.

    What an unknown address is told, and how long it takes, is the same as for a wrong password.
    """
    if known is None or not right or known.disabled_at is not None:
        audit.record(db, actor, "account:session:refused", ("sign_in", audit.digest_of(email)[:26]), now=now)
        return WRONG
    if known.email_verified_at is None:
        people.send_verification(db, known.id, known.email, now=now)
        return UNCONFIRMED
    throttling.forget_sign_in(db, actor, email)
    return begin(db, actor, known.id, known.name, now=now)


def begin(db: Session, actor: Actor, person_id: str, name: str, *, now: datetime) -> SignedIn:
    """Begin a session with a token of its own; the one that this browser had before ends."""
    memberships = queries.memberships(db, person_id)
    organisation_id = memberships[0].organisation_id if len(memberships) == 1 else None
    token = _open(
        db, actor, person_id, organisation_id, authenticated_at=now, expires_at=now + rules.SESSION_LENGTH, now=now
    )
    db.execute(delete(_SESSION).where(_SESSION.c.person_id == person_id, _SESSION.c.expires_at <= now))
    person = replace(actor, person_id=person_id, person_name=name, organisation_id=organisation_id)
    audit.record(db, person, "account:session:begun", ("person", person_id), now=now, user_agent=actor.user_agent)
    emit(db, SessionBegun(person_id, actor.marks))
    return SignedIn(token, person_id, organisation_id, queries.is_operator(db, person_id))


def _open(
    db: Session,
    actor: Actor,
    person_id: str,
    organisation_id: str | None,
    *,
    authenticated_at: datetime,
    expires_at: datetime,
    now: datetime,
) -> str:
    token = secrets.token_urlsafe(32)
    if actor.session_id:
        db.execute(delete(_SESSION).where(_SESSION.c.id == actor.session_id))
    db.add(
        SignInSession(
            token_hash=queries.token_hash(token),
            person_id=person_id,
            organisation_id=organisation_id,
            created_at=now,
            authenticated_at=authenticated_at,
            expires_at=expires_at,
            address=actor.address,
            user_agent=actor.user_agent,
        )
    )
    db.flush()
    return token


def act_for(db: Session, actor: Actor, organisation_id: str, *, now: datetime) -> str:
    """Act for another of one's organisations from now on; give the session's new token. NotFound for a stranger's."""
    person_id = person_of(actor)
    if organisation_id not in {each.organisation_id for each in queries.memberships(db, person_id)}:
        raise NotFound
    current = db.get(SignInSession, actor.session_id) if actor.session_id else None
    if current is None:
        raise NotFound
    began, ends = current.authenticated_at, current.expires_at
    db.expunge(current)
    token = _open(db, actor, person_id, organisation_id, authenticated_at=began, expires_at=ends, now=now)
    audit.record(
        db, actor, "account:session:organisation_chosen", ("person", person_id), now=now, organisation=organisation_id
    )
    return token


def sign_out(db: Session, actor: Actor, *, now: datetime) -> None:
    """End this session."""
    if actor.session_id and actor.person_id:
        db.execute(delete(_SESSION).where(_SESSION.c.id == actor.session_id))
        audit.record(db, actor, "account:session:ended", ("person", actor.person_id), now=now)


def end_others(db: Session, actor: Actor, *, now: datetime) -> int:
    """End all sessions of the actor's person but this one; give their number."""
    person_id = person_of(actor)
    ended = end_all(db, person_id, but=actor.session_id)
    if ended:
        audit.record(db, actor, "account:session:others_ended", ("person", person_id), now=now, number=ended)
    return ended


def end_one(db: Session, actor: Actor, session_id: str, *, now: datetime) -> None:
    """End one of the actor's own sessions; NotFound for another's."""
    person_id = person_of(actor)
    ended = db.execute(delete(_SESSION).where(_SESSION.c.id == session_id, _SESSION.c.person_id == person_id))
    if not ended.rowcount:  # type: ignore[attr-defined]
        raise NotFound
    audit.record(db, actor, "account:session:other_ended", ("person", person_id), now=now)


def end_all(db: Session, person_id: str, *, but: str | None = None) -> int:
    """End a person's sessions, but one; give their number."""
    wanted = delete(_SESSION).where(_SESSION.c.person_id == person_id)
    return int(db.execute(wanted.where(_SESSION.c.id != but) if but else wanted).rowcount)  # type: ignore[attr-defined]


def leave_behind(db: Session, person_id: str, organisation_id: str) -> None:
    """Let no session of a person act for an organisation any longer."""
    db.execute(
        update(_SESSION)
        .where(_SESSION.c.person_id == person_id, _SESSION.c.organisation_id == organisation_id)
        .values(organisation_id=None)
    )
