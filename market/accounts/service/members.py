"""Members of an organisation: invited by mail, given roles, removed. The last owner stays."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from market.accounts import queries, rules
from market.accounts.events import MemberRemoved
from market.accounts.forms import InviteForm, JoinForm
from market.accounts.models import EmailToken, Membership, Person
from market.accounts.policy import person_of, require_manager
from market.accounts.rules import ROLE_LABELS, Role
from market.accounts.service import organisations, people, sessions, throttling, tokens
from market.kit import audit, mail
from market.kit.actor import Actor
from market.kit.errors import NotFound, Refusal, Refused, refuse
from market.kit.events import emit
from market.kit.i18n import _

OTHER_ADDRESS = Refusal(
    "other_address", _("This invitation was sent to another address. Sign in with that one to accept it.")
)


def invite(db: Session, actor: Actor, organisation_id: str, form: InviteForm, *, now: datetime) -> None:
    """Send an invitation; an earlier one to the same address becomes worthless."""
    require_manager(actor, organisation_id)
    organisation = organisations.locked(db, organisation_id)
    roles = frozenset(form.roles)
    refuse(rules.roles_refusal(organisation.kind, roles))
    if form.email in {member.email for member in queries.people(db, organisation_id)}:
        raise Refused(Refusal("member", _("This person is a member already."), "email"))
    throttling.count_invitation(db, organisation_id, now=now)
    tokens.withdraw(db, "invite", now=now, organisation_id=organisation_id, email=form.email)
    token_id, secret = tokens.issue(
        db,
        "invite",
        form.email,
        now=now,
        lasts=rules.INVITATION_LENGTH,
        organisation_id=organisation_id,
        roles=roles,
    )
    mail.queue(
        db,
        to=form.email,
        template="accounts/mail/invitation",
        locale=actor.locale,
        context={
            "token": secret,
            "organisation": organisation.name,
            "who": actor.person_name,
            "roles": [ROLE_LABELS[Role(role)] for role in sorted(roles)],
        },
        key=f"invite:{token_id}",
    )
    audit.record(
        db, actor, "organisation:invitation:sent", organisation, now=now, email=form.email, roles=sorted(roles)
    )


def withdraw_invitation(db: Session, actor: Actor, organisation_id: str, invitation_id: str, *, now: datetime) -> None:
    """Make an invitation worthless; NotFound for another organisation's."""
    require_manager(actor, organisation_id)
    token = db.get(EmailToken, invitation_id)
    if token is None or token.purpose != "invite" or token.organisation_id != organisation_id:
        raise NotFound
    if token.used_at is None:
        token.used_at = now
        db.add(token)
        subject = ("organisation", organisation_id)
        audit.record(db, actor, "organisation:invitation:withdrawn", subject, now=now, email=token.email)


def accept(db: Session, actor: Actor, secret: str, *, now: datetime) -> str:
    """A signed-in person accepts an invitation sent to their own address; give the organisation's id."""
    person_id = person_of(actor)
    token = tokens.use(db, secret, "invite", now=now)
    if token.email != actor.email:
        raise Refused(OTHER_ADDRESS)
    _join(db, actor, token, person_id, now=now)
    return str(token.organisation_id)


def join(db: Session, actor: Actor, secret: str, form: JoinForm, password_hash: str, *, now: datetime) -> Person:
    """Somebody without an account accepts: the mailed link proves the address. Refused when the address has one."""
    token = tokens.use(db, secret, "invite", now=now)
    person = people.enrol(db, name=form.name, email=token.email, now=now, password_hash=password_hash, by=actor)
    _join(db, actor, token, person.id, now=now)
    return person


def _join(db: Session, actor: Actor, token: Any, person_id: str, *, now: datetime) -> None:
    organisation = organisations.locked(db, str(token.organisation_id))
    roles = frozenset(token.role.split())
    refuse(rules.roles_refusal(organisation.kind, roles))
    give_roles(db, person_id, organisation.id, roles | _roles(db, person_id, organisation.id), now=now)
    audit.record(db, actor, "organisation:member:joined", organisation, now=now, person=person_id, roles=sorted(roles))


def _roles(db: Session, person_id: str, organisation_id: str) -> frozenset[str]:
    return frozenset(row.role for row in _memberships(db, person_id, organisation_id))


def _memberships(db: Session, person_id: str, organisation_id: str) -> list[Membership]:
    wanted = select(Membership).where(Membership.person_id == person_id, Membership.organisation_id == organisation_id)
    return list(db.exec(wanted))


def give_roles(db: Session, person_id: str, organisation_id: str, roles: frozenset[str], *, now: datetime) -> None:
    """Write down exactly `roles`; who may do that, and the record of it, is the caller's matter."""
    before = {row.role: row for row in _memberships(db, person_id, organisation_id)}
    for role in before.keys() - roles:
        db.delete(before[role])
    for role in sorted(roles - before.keys()):
        db.add(Membership(person_id=person_id, organisation_id=organisation_id, role=role, created_at=now))
    db.flush()


def change_roles(
    db: Session, actor: Actor, organisation_id: str, person_id: str, roles: frozenset[str], *, now: datetime
) -> None:
    """Give a member exactly `roles`; NotFound for a stranger, Refused for none, a foreign one, or the last owner."""
    require_manager(actor, organisation_id)
    organisation = organisations.locked(db, organisation_id)
    before = _roles(db, person_id, organisation_id)
    if not before:
        raise NotFound
    refuse(rules.roles_refusal(organisation.kind, roles))
    refuse(rules.last_owner_refusal(_owners(db, organisation_id), before, roles))
    give_roles(db, person_id, organisation_id, roles, now=now)
    audit.record(
        db,
        actor,
        "organisation:member:roles_changed",
        organisation,
        now=now,
        person=person_id,
        before=sorted(before),
        after=sorted(roles),
    )


def remove(db: Session, actor: Actor, organisation_id: str, person_id: str, *, now: datetime) -> None:
    """Take a member out; it holds from their next request on. NotFound for a stranger, Refused for the last owner."""
    require_manager(actor, organisation_id)
    _take_out(db, actor, organisation_id, person_id, "organisation:member:removed", now=now)


def leave(db: Session, actor: Actor, organisation_id: str, *, now: datetime) -> None:
    """Go out of an organisation oneself; Refused for the last owner."""
    _take_out(db, actor, organisation_id, person_of(actor), "organisation:member:left", now=now)


def _take_out(db: Session, actor: Actor, organisation_id: str, person_id: str, tag: str, *, now: datetime) -> None:
    organisation = organisations.locked(db, organisation_id)
    before = _roles(db, person_id, organisation_id)
    if not before:
        raise NotFound
    refuse(rules.last_owner_refusal(_owners(db, organisation_id), before, frozenset()))
    give_roles(db, person_id, organisation_id, frozenset(), now=now)
    sessions.leave_behind(db, person_id, organisation_id)
    audit.record(db, actor, tag, organisation, now=now, person=person_id, roles=sorted(before))
    emit(db, MemberRemoved(organisation_id, person_id))


def _owners(db: Session, organisation_id: str) -> int:
    return len(queries.people_with_role(db, organisation_id, Role.OWNER))
