"""A small world for the tests of needs: two companies, two institutes with listings, a chamber, an operator."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlmodel import Session

from market.accounts import queries as accounts
from market.accounts import rules
from market.accounts.models import Membership, Organisation, Person
from market.catalog.models import Technology
from market.kit import passwords
from market.kit.actor import Actor
from market.needs.forms import AnswerForm, NeedForm
from market.needs.models import Need
from market.needs.service import answering, moderating, posting
from tests.accounts.people import PASSWORD
from tests.discovery.world import publish

TEXT = (
    "We run a small dairy and lose much heat with our warm waste water. We look for an exchanger that takes the heat out of "
    "the waste water before it runs off, and that cleans itself."
)
HEAT = "A heat exchanger for warm waste water of dairies and laundries. It cleans itself and runs for many years."
PUMP = "A pump without bearings that nobody hears. It was run for four years in a school of music."
VALVE = "A valve that closes without a hammer, made of two springs. It fits on filling lines for drinks."
WORDS = "Our exchanger was built for just this water; two dairies use it since last spring."


@cache
def _hash() -> str:
    return passwords.hashed(PASSWORD)


@dataclass
class World:
    """Who is there, each as an actor; `heat` and `pump` are listings of `officer`, `valve` one of `other`."""

    buyer: Actor
    signatory: Actor
    rival: Actor
    officer: Actor
    finance: Actor
    other: Actor
    adviser: Actor
    operator: Actor
    heat: Technology
    pump: Technology
    valve: Technology
    now: datetime


def organisation(db: Session, kind: str, name: str, now: datetime, *, country: str = "IT") -> Organisation:
    """An organisation that an operator has checked."""
    row = Organisation(kind=kind, name=name, slug=rules.slug(name), country=country, created_at=now, verified_at=now)
    db.add(row)
    db.flush()
    return row


def person(db: Session, name: str, now: datetime, *, operator: bool = False) -> Person:
    """Somebody who can sign in as first.last@example.com."""
    mail = f"{name.lower().replace(' ', '.')}@example.com"
    row = Person(
        email=mail, name=name, password_hash=_hash(), created_at=now, email_verified_at=now, is_operator=operator
    )
    db.add(row)
    db.flush()
    return row


def member(db: Session, of: Organisation, name: str, now: datetime, *roles: str) -> Actor:
    """A new person with these roles, as the actor."""
    row = person(db, name, now)
    for role in roles:
        db.add(Membership(person_id=row.id, organisation_id=of.id, role=role, created_at=now))
    db.flush()
    return accounts.acting(db, row.id, of.id)


def make_world(db: Session, now: datetime) -> World:
    """The world before anybody needs anything."""
    company = organisation(db, "sme", "Latteria Bianchi", now)
    institute = organisation(db, "institute", "Waste Heat Institute", now, country="DE")
    school = organisation(db, "university", "Valve University", now, country="SE")
    officer = member(db, institute, "Otto Officer", now, "officer")
    other = member(db, school, "Vera Valve", now, "owner")
    return World(
        buyer=member(db, company, "Bianca Bianchi", now, "owner"),
        signatory=member(db, company, "Sandro Signatory", now, "signatory"),
        rival=member(db, organisation(db, "sme", "Rival Dairy", now), "Rita Rival", now, "owner"),
        officer=officer,
        finance=member(db, institute, "Fina Finance", now, "finance"),
        other=other,
        adviser=member(db, organisation(db, "support", "Chamber", now), "Ada Adviser", now, "adviser"),
        operator=accounts.acting(db, person(db, "Olga Operator", now, operator=True).id),
        heat=publish(db, officer, "Heat from waste water", now=now, sector="food", description=HEAT),
        pump=publish(db, officer, "Quiet pump", now=now, description=PUMP),
        valve=publish(db, other, "Silent valve for bottles", now=now, description=VALVE),
        now=now,
    )


def a_form(**given: Any) -> NeedForm:
    """A whole need as it is typed."""
    fields: dict[str, Any] = {
        "title": "Heat out of the warm waste water of a dairy",
        "text": TEXT,
        "sector": "food",
        "cluster": "Dairy",
        "region": "Puglia",
        "stage": "prototype",
        "kinds": ["licence", "joint_research"],
        "budget": "to_25k",
        "currency": "EUR",
        "deadline": date(2027, 6, 30),
        "then": "send",
    }
    return NeedForm(**(fields | given))


def submitted(db: Session, world: World, **given: Any) -> Need:
    """A need that waits at the desk."""
    return posting.create(db, world.buyer, a_form(**given), now=world.now)


def opened(db: Session, world: World, **given: Any) -> Need:
    """A need that is open."""
    return moderating.approve(db, world.operator, submitted(db, world, **given).id, now=world.now)


def answered(db: Session, world: World, **given: Any) -> Need:
    """A need that the institute has answered with its heat exchanger."""
    need = opened(db, world, **given)
    form = AnswerForm(technology=world.heat.id, message=WORDS)
    return answering.answer(db, world.officer, need.id, form, now=world.now)


def chosen(db: Session, world: World, **given: Any) -> Need:
    """A need for which the company marked the answer as fitting."""
    need = answered(db, world, **given)
    return answering.choose(db, world.buyer, need.id, world.heat.id, now=world.now)


def everybody(world: World) -> dict[str, Actor]:
    """Every kind of reader but the visitor, by name."""
    names = ("buyer", "signatory", "rival", "officer", "finance", "other", "adviser", "operator")
    return {name: getattr(world, name) for name in names}
