"""People: registering, confirming the address, own details, being let in and shut out."""

import contextlib
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from market.accounts import queries, rules
from market.accounts.forms import DetailsForm, RegisterForm
from market.accounts.models import Person
from market.accounts.policy import person_of, require_operator
from market.accounts.service import throttling, tokens
from market.kit import audit, i18n, mail, passwords
from market.kit.actor import SYSTEM, Actor
from market.kit.errors import Forbidden, NotFound, Refusal, Refused
from market.kit.i18n import _
from market.kit.ids import new_id


def register(db: Session, actor: Actor, form: RegisterForm, password_hash: str, *, now: datetime) -> None:
    """Take in a new person, or tell the owner of a known address by mail; the caller cannot tell which it was.

    Until the address is proved the last registration counts: its password is asked for when the link is opened.
    """
    throttling.count_mail(db, actor, form.email, now=now)
    person = _newcomer(db, form, now=now)
    if person.email_verified_at is not None:
        audit.record(db, actor, "account:registration:repeated", person, now=now)
        _tell_known(db, person)
        return
    person.name, person.password_hash, person.locale = form.name, password_hash, _spoken()
    db.add(person)
    audit.record(db, actor, "account:registration:received", person, now=now)
    send_verification(db, person.id, person.email, now=now)


def _newcomer(db: Session, form: RegisterForm, *, now: datetime) -> Person:
    """The person of the address: a new one, or who is there already (another registration may come at this moment)."""
    person = Person(email=form.email, name=form.name, password_hash=passwords.UNUSABLE, created_at=now)
    with contextlib.suppress(IntegrityError), db.begin_nested():
        db.add(person)
        db.flush()
    return db.exec(select(Person).where(Person.email == form.email).with_for_update()).one()


def _tell_known(db: Session, person: Person) -> None:
    mail.queue(
        db,
        to=person.email,
        template="accounts/mail/account_exists",
        locale=person.locale,
        context={},
        key=f"exists:{person.id}:{new_id()}",
    )


def _spoken() -> str:
    locale = i18n.current_locale()
    return locale if locale in i18n.available() else i18n.DEFAULT


def send_verification(db: Session, person_id: str, email: str, *, now: datetime) -> None:
    """Send a link that proves the address; earlier ones become worthless."""
    tokens.withdraw(db, "verify", now=now, person_id=person_id)
    token_id, secret = tokens.issue(db, "verify", email, now=now, lasts=rules.VERIFICATION_LENGTH, person_id=person_id)
    mail.queue(
        db,
        to=email,
        template="accounts/mail/verify_address",
        locale=queries.person(db, person_id).locale,
        context={"token": secret},
        key=f"verify:{token_id}",
    )


def confirm_email(db: Session, actor: Actor, secret: str, *, now: datetime) -> str:
    """Use up the link and mark the address as proved; give the person's id. Refused when the link is gone."""
    token = tokens.use(db, secret, "verify", now=now)
    person = _locked(db, str(token.person_id))
    if person.email != token.email:
        raise Refused(tokens.GONE)
    prove_email(db, actor, person, now=now)
    return person.id


def prove_email(db: Session, actor: Actor, person: Person, *, now: datetime) -> None:
    """The person has read a mail sent to their address."""
    if person.email_verified_at is None:
        person.email_verified_at = now
        db.add(person)
        audit.record(db, actor, "account:email:confirmed", person, now=now)


def _locked(db: Session, person_id: str) -> Person:
    person = db.exec(select(Person).where(Person.id == person_id).with_for_update()).first()
    if person is None or person.disabled_at is not None:
        raise NotFound
    return person


def change_details(db: Session, actor: Actor, form: DetailsForm, *, now: datetime) -> None:
    """Change one's own name and language."""
    person = _locked(db, person_of(actor))
    before = {"name": person.name, "locale": person.locale}
    person.name, person.locale = form.name, form.locale
    db.add(person)
    audit.record(db, actor, "account:person:changed", person, now=now, before=before, after=form.model_dump())


def enrol(
    db: Session,
    *,
    name: str,
    email: str,
    now: datetime,
    password_hash: str = passwords.UNUSABLE,
    is_operator: bool = False,
    is_sample: bool = False,
    locale: str = i18n.DEFAULT,
    by: Actor = SYSTEM,
) -> Person:
    """Add a person whose address needs no proof: by the command line, the sample world, or an accepted invitation.

    Refused when the address has an account already.
    """
    address = rules.normal_email(email)
    if not rules.email_like(address):
        raise Refused(Refusal("email", _("Write a mail address, such as anna@example.com."), "email"))
    if queries.credentials(db, address) is not None:
        raise Refused(Refusal("known", _("This address has an account already. Sign in with it."), "email"))
    person = Person(
        email=address,
        name=name,
        password_hash=password_hash,
        email_verified_at=now,
        is_operator=is_operator,
        is_sample=is_sample,
        locale=locale,
        created_at=now,
    )
    db.add(person)
    db.flush()
    audit.record(db, by, "account:person:enrolled", person, now=now, operator=is_operator, sample=is_sample)
    return person


def disable(db: Session, actor: Actor, person_id: str, *, now: datetime) -> None:
    """Shut a person out: every session ends with the next request. An operator cannot shut out themselves."""
    require_operator(actor)
    if actor.person_id == person_id:
        raise Forbidden
    person = _locked(db, person_id)
    person.disabled_at = now
    db.add(person)
    audit.record(db, actor, "account:person:disabled", person, now=now)


def enable(db: Session, actor: Actor, person_id: str, *, now: datetime) -> None:
    """Let a person in again."""
    require_operator(actor)
    person = db.get(Person, person_id)
    if person is None:
        raise NotFound
    person.disabled_at = None
    db.add(person)
    audit.record(db, actor, "account:person:enabled", person, now=now)


def make_operator(db: Session, actor: Actor, email: str, *, now: datetime) -> None:
    """Give a person the operator's desk; for the command line. NotFound for an unknown address."""
    require_operator(actor)
    known = queries.credentials(db, rules.normal_email(email))
    if known is None:
        raise NotFound
    person = _locked(db, known.id)
    person.is_operator = True
    db.add(person)
    audit.record(db, actor, "account:person:made_operator", person, now=now)
