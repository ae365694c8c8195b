"""Forgotten and changed passwords. Hashing is done by the caller, outside the transaction; see kit/passwords."""

from datetime import datetime

from sqlmodel import Session

from market.accounts import queries, rules
from market.accounts.models import Person
from market.accounts.policy import person_of
from market.accounts.service import people, sessions, throttling, tokens
from market.kit import audit, jobs, mail
from market.kit.actor import Actor
from market.kit.errors import NotFound

SEND_RESET = "accounts.send_reset"


def ask_reset(db: Session, actor: Actor, email: str, *, now: datetime) -> None:
    """Have a link sent, if the address has an account; a job looks, so that the answer takes as long either way."""
    throttling.count_mail(db, actor, email, now=now)
    jobs.enqueue(db, SEND_RESET, {"email": email, "address": actor.address})


def send_reset(db: Session, email: str, *, address: str, key: str, now: datetime) -> None:
    """Send the link to a known address; nothing to an unknown one. `key` keeps a repeated job from sending twice."""
    known = queries.credentials(db, email)
    if known is None or known.disabled_at is not None:
        return
    tokens.withdraw(db, "reset", now=now, person_id=known.id)
    _id, secret = tokens.issue(db, "reset", known.email, now=now, lasts=rules.RESET_LENGTH, person_id=known.id)
    mail.queue(
        db,
        to=known.email,
        template="accounts/mail/reset_password",
        locale=queries.person(db, known.id).locale,
        context={"token": secret},
        key=f"reset:{key}",
    )
    audit.record(db, Actor(address=address), "account:password:reset_asked", ("person", known.id), now=now)


def reset(db: Session, actor: Actor, secret: str, password_hash: str, *, now: datetime) -> None:
    """Set a new password by a mailed link; proves the address, and ends every session. Refused when the link is gone."""
    token = tokens.use(db, secret, "reset", now=now)
    person = db.get(Person, token.person_id, with_for_update=True)
    if person is None or person.disabled_at is not None or person.email != token.email:
        raise NotFound
    _set(db, actor, person, password_hash, "account:password:reset", now=now)
    sessions.end_all(db, person.id)
    people.prove_email(db, actor, person, now=now)


def change(db: Session, actor: Actor, password_hash: str, *, end_others: bool, now: datetime) -> int:
    """Set the actor's own new password; give the number of other sessions that ended. The old one was checked before."""
    person = db.get(Person, person_of(actor), with_for_update=True)
    if person is None:
        raise NotFound
    _set(db, actor, person, password_hash, "account:password:changed", now=now)
    return sessions.end_others(db, actor, now=now) if end_others else 0


def _set(db: Session, actor: Actor, person: Person, password_hash: str, tag: str, *, now: datetime) -> None:
    person.password_hash = password_hash
    db.add(person)
    tokens.withdraw(db, "reset", now=now, person_id=person.id)
    event = audit.record(db, actor, tag, person, now=now)
    mail.queue(
        db,
        to=person.email,
        template="accounts/mail/password_changed",
        locale=person.locale,
        context={"at": now.isoformat()},
        key=f"password:{event.id}",
    )
