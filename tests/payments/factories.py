"""A university, a small company, and what the one owes the other."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from market.accounts import queries as accounts
from market.accounts.models import Membership, Organisation, Person, SignInSession
from market.accounts.rules import permissions
from market.kit.actor import Actor
from market.kit.db import Database
from market.kit.ids import new_id
from market.kit.money import Money
from market.payments.models import Invoice, Obligation
from market.payments.queries import INVOICE
from market.payments.service.invoicing import open_obligation
from market.payments.service.paying import Addresses

ADDRESSES = Addresses(
    success=lambda invoice: f"http://testserver/invoices/{invoice}/return",
    cancel=lambda invoice: f"http://testserver/invoices/{invoice}",
)


def an_organisation(db: Session, kind: str, name: str, now: datetime) -> Organisation:
    """An organisation in Germany."""
    made = Organisation(
        kind=kind,
        name=name,
        slug=f"o-{new_id()}",
        country="DE",
        city="Jena",
        registration_number="HRB 1",
        created_at=now,
    )
    db.add(made)
    db.flush()
    return made


def a_person(db: Session, organisation: Organisation, role: str, name: str, now: datetime) -> Actor:
    """Somebody with one role in an organisation."""
    person = Person(email=f"{new_id()}@example.org", name=name, password_hash="-", created_at=now)
    db.add(person)
    db.flush()
    db.add(Membership(person_id=person.id, organisation_id=organisation.id, role=role, created_at=now))
    db.flush()
    return Actor(
        person_id=person.id,
        person_name=name,
        email=person.email,
        organisation_id=organisation.id,
        organisation_name=organisation.name,
        organisation_kind=organisation.kind,
        roles=frozenset({role}),
        permissions=permissions(organisation.kind, frozenset({role}), operator=False),
    )


@dataclass(frozen=True)
class World:
    """Two organisations with their people; ids only, so that it outlives the unit of work."""

    licensor_id: str
    licensee_id: str
    payer: Actor
    finance: Actor
    stranger: Actor


def a_world(db: Session, now: datetime) -> World:
    """A licensor with a finance officer, a licensee with an owner, and an owner of another company."""
    licensor = an_organisation(db, "university", "University of Jena", now)
    licensee = an_organisation(db, "sme", "Lens & Sons", now)
    other = an_organisation(db, "sme", "Nosy Ltd", now)
    return World(
        licensor.id,
        licensee.id,
        payer=a_person(db, licensee, "owner", "Ada Lens", now),
        finance=a_person(db, licensor, "finance", "Fritz Fee", now),
        stranger=a_person(db, other, "owner", "Ned Nosy", now),
    )


def an_obligation(db: Session, world: World, now: datetime, **changed: Any) -> Obligation:
    """A milestone fee of 10,000 euros, due in thirty days."""
    fields: dict[str, Any] = {
        "deal_id": new_id(),
        "licensor_id": world.licensor_id,
        "licensee_id": world.licensee_id,
        "kind": "milestone",
        "key": "1",
        "amount": Money(10_000_00, "EUR"),
        "due_on": (now + timedelta(days=30)).date(),
        "description": "Milestone 1, licence 2027-1",
        "now": now,
    }
    return open_obligation(db, **(fields | changed))


def an_invoice(db: Session, world: World, now: datetime, **changed: Any) -> Invoice:
    """The invoice of an obligation."""
    obligation = an_obligation(db, world, now, **changed)
    found = db.execute(INVOICE.select().where(INVOICE.c.obligation_id == obligation.id)).one()
    return db.get_one(Invoice, found.id)


@dataclass(frozen=True)
class Story:
    """A world with one unpaid invoice."""

    world: World
    invoice_id: str
    deal_id: str


def a_story(database: Database, now: datetime, **changed: Any) -> Story:
    """Commit a world with one unpaid invoice."""
    with database.write() as db:
        world = a_world(db, now)
        invoice = an_invoice(db, world, now, **changed)
        return Story(world, invoice.id, invoice.deal_id)


def sign_in(database: Database, actor: Actor, now: datetime) -> str:
    """A session for `actor`; the cookie's token."""
    token = f"token-{new_id()}"
    with database.write() as db:
        db.add(
            SignInSession(
                token_hash=accounts.token_hash(token),
                person_id=actor.person_id or "",
                organisation_id=actor.organisation_id,
                created_at=now,
                authenticated_at=now,
                expires_at=now + timedelta(days=1),
            )
        )
    return token
