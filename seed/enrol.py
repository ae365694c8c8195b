"""The people and organisations of the sample world come in: enrolled, founded, checked, joined by colleagues."""

from datetime import datetime, timedelta

from sqlmodel import Session

from market.accounts import queries as accounts
from market.accounts.forms import OrganisationForm, SettingsForm
from market.accounts.models import Organisation
from market.accounts.rules import OrganisationKind
from market.accounts.service import members, organisations, people
from market.kit import audit
from market.kit.actor import Actor
from seed import world
from seed.stage import Stage
from seed.world import SampleOrganisation, SamplePerson


def operators(stage: Stage) -> None:
    """Those who run the marketplace were there first."""
    for person in world.operators():
        with stage.write(stage.moment(760)) as db:
            if accounts.credentials(db, person.email) is None:
                _enrol(db, person, stage.moment(760))
        stage.step()


def found(stage: Stage) -> None:
    """Every organisation with its people, each in one unit of work."""
    for number, facts in enumerate(world.organisations()):
        at = stage.moment(740 - number * 7, number)
        with stage.write(at) as db:
            if stage.organisation_id(db, facts.key) is None:
                _found(stage, db, facts, at)
        stage.step()


def _found(stage: Stage, db: Session, facts: SampleOrganisation, at: datetime) -> None:
    owner = facts.people[0]
    _enrol(db, owner, at)
    form = OrganisationForm(
        kind=OrganisationKind(facts.kind),
        name=facts.name,
        country=facts.country,
        city=facts.city,
        website=facts.website,
        registration_number=facts.registration,
        timezone=facts.timezone,
    )
    organisation = organisations.create(db, stage.actor(db, owner), form, now=at, is_sample=True)
    actor = stage.actor(db, owner)
    _describe(db, actor, organisation, facts, at)
    for person in facts.people:
        _join(db, actor, organisation, person, at)
    checked = at + timedelta(hours=20)
    organisations.verify(db, stage.actor(db, world.operators()[0]), organisation.id, now=checked)


def _describe(db: Session, actor: Actor, organisation: Organisation, facts: SampleOrganisation, at: datetime) -> None:
    settings = SettingsForm(
        version=organisation.version,
        city=facts.city,
        website=facts.website,
        timezone=facts.timezone,
        about=facts.about,
        second_approver=facts.second_approver,
    )
    organisations.change(db, actor, organisation.id, settings, now=at + timedelta(minutes=20))


def _join(db: Session, owner: Actor, organisation: Organisation, person: SamplePerson, at: datetime) -> None:
    """A colleague with their roles; the owner is there already and may take on more."""
    at += timedelta(hours=1)
    account = accounts.credentials(db, person.email)
    person_id = account.id if account else _enrol(db, person, at)
    members.give_roles(db, person_id, organisation.id, person.roles, now=at)
    audit.record(
        db,
        owner,
        "organisation:member:joined",
        organisation,
        now=at,
        person=person_id,
        roles=sorted(person.roles),
    )


def _enrol(db: Session, person: SamplePerson, at: datetime) -> str:
    made = people.enrol(
        db, name=person.name, email=person.email, now=at, is_operator=person.is_operator, is_sample=True
    )
    return made.id
