"""Organisations: made by their first owner, checked by an operator, kept up by owners."""

from datetime import datetime

from sqlmodel import Session, select

from market.accounts import rules
from market.accounts.events import OrganisationCreated, OrganisationVerified
from market.accounts.forms import OrganisationForm, SettingsForm
from market.accounts.models import Membership, Organisation, Person
from market.accounts.policy import person_of, require_manager, require_operator
from market.accounts.rules import LICENSORS, OrganisationKind, Role
from market.kit import audit, cache
from market.kit.actor import Actor
from market.kit.errors import Forbidden, NotFound, Refusal, Refused, stale_unless
from market.kit.events import emit
from market.kit.i18n import _


def create(
    db: Session, actor: Actor, form: OrganisationForm, *, now: datetime, is_sample: bool = False
) -> Organisation:
    """Register an organisation; who does it becomes its owner. It can prepare at once, and act when it is checked."""
    person = db.get(Person, person_of(actor))
    if person is None or person.email_verified_at is None:
        raise Forbidden(_("Confirm your e-mail address first."))
    organisation = Organisation(
        **form.model_dump(exclude={"timezone"}),
        timezone=form.timezone or rules.main_timezone(form.country),
        slug=_free_slug(db, form.name),
        is_sample=is_sample,
        created_at=now,
    )
    db.add(organisation)
    db.flush()
    db.add(Membership(person_id=person.id, organisation_id=organisation.id, role=Role.OWNER, created_at=now))
    audit.record(db, actor, "organisation:record:created", organisation, now=now, name=form.name, kind=form.kind.value)
    emit(db, OrganisationCreated(organisation.id))
    return organisation


def _free_slug(db: Session, name: str) -> str:
    wanted = rules.slug(name)
    taken = set(db.exec(select(Organisation.slug).where(Organisation.slug.startswith(wanted))))
    number = 2
    free = wanted
    while free in taken:
        free, number = f"{wanted}-{number}", number + 1
    return free


def locked(db: Session, organisation_id: str) -> Organisation:
    """The organisation, held until the transaction ends; NotFound."""
    organisation = db.get(Organisation, organisation_id, with_for_update=True)
    if organisation is None:
        raise NotFound
    return organisation


def change(db: Session, actor: Actor, organisation_id: str, form: SettingsForm, *, now: datetime) -> Organisation:
    """Save an organisation's settings; Stale when somebody saved since. What an operator has checked stays as it was."""
    require_manager(actor, organisation_id)
    organisation = locked(db, organisation_id)
    stale_unless(organisation.version == form.version)
    after = _changes(organisation, form)
    before = {name: getattr(organisation, name) for name in after}
    for name, value in after.items():
        setattr(organisation, name, value)
    organisation.version += 1
    db.add(organisation)
    audit.record(db, actor, "organisation:settings:changed", organisation, now=now, before=before, after=after)
    cache.touch(db, "catalog")
    return organisation


def _changes(organisation: Organisation, form: SettingsForm) -> dict[str, object]:
    """The values that differ and may be changed."""
    wanted: dict[str, object] = form.model_dump(include={"city", "website", "about"})
    wanted["timezone"] = form.timezone or organisation.timezone
    if organisation.kind in LICENSORS:
        wanted["second_approver"] = form.second_approver
    if organisation.verified_at is None:
        wanted["name"] = form.name or organisation.name
        wanted["country"] = form.country or organisation.country
        wanted["registration_number"] = form.registration_number or ""
    return {name: value for name, value in wanted.items() if getattr(organisation, name) != value}


def verify(db: Session, actor: Actor, organisation_id: str, *, now: datetime) -> Organisation:
    """Say that the organisation is what it says it is; a second time changes nothing."""
    require_operator(actor)
    organisation = locked(db, organisation_id)
    if organisation.verified_at is None:
        organisation.verified_at = now
        db.add(organisation)
        audit.record(db, actor, "organisation:record:verified", organisation, now=now)
        emit(db, OrganisationVerified(organisation.id))
        cache.touch(db, "catalog")
    return organisation


def unverify(db: Session, actor: Actor, organisation_id: str, reason: str, *, now: datetime) -> Organisation:
    """Take the verification back, with a reason for the record: nothing new can be published or asked for."""
    require_operator(actor)
    if not reason:
        raise Refused(Refusal("reason", _("Say why."), "reason"))
    organisation = locked(db, organisation_id)
    organisation.verified_at = None
    db.add(organisation)
    audit.record(db, actor, "organisation:record:unverified", organisation, now=now, reason=reason)
    cache.touch(db, "catalog")
    return organisation


def roles_offered(kind: str) -> tuple[Role, ...]:
    """The roles there are in an organisation of `kind`."""
    return rules.ROLES_OF[OrganisationKind(kind)]
