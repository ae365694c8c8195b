"""A small world for the tests of deals: an institution with a listing, a company, their people, and deals in any state."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import typst
from sqlmodel import Session

from market.accounts import rules
from market.accounts.models import Membership, Organisation, Person
from market.catalog.models import IpRight, Technology
from market.deals import queries
from market.deals.forms import AnswerForm, ApproveForm, EnquiryForm, NdaForm, PaperForm, SignForm
from market.deals.models import Deal, RoomDocument
from market.deals.rules.terms import TermSheet
from market.deals.service import approve, enquire, nda, negotiate, room, sign, typeset
from market.integrations.storage import folder_store
from market.integrations.typst_typesetter import TypstTypesetter
from market.kit.actor import Actor
from market.kit.db import Database
from market.kit.files import FileStore, Upload, save_upload
from tests.deals.sheets import PLAIN

USE = "We want to coat the hulls of our fishing boats."
_typesetter = TypstTypesetter()


def actor(db: Session, person: Person, organisation: Organisation, *roles: str) -> Actor:
    """Somebody acting for an organisation with these roles."""
    return Actor(
        person_id=person.id,
        person_name=person.name,
        email=person.email,
        organisation_id=organisation.id,
        organisation_name=organisation.name,
        organisation_kind=organisation.kind,
        roles=frozenset(roles),
        permissions=rules.permissions(organisation.kind, frozenset(roles), operator=False),
        session_id="session",
        address="192.0.2.7",
    )


def member(
    db: Session, organisation: Organisation, name: str, *roles: str, now: datetime, password_hash: str = "x"
) -> Actor:
    """A new person with these roles, as the actor."""
    mail = f"{name.lower().replace(' ', '.')}@{organisation.slug}.example"
    person = Person(email=mail, name=name, password_hash=password_hash, created_at=now, email_verified_at=now)
    db.add(person)
    db.flush()
    for role in roles:
        db.add(Membership(person_id=person.id, organisation_id=organisation.id, role=role, created_at=now))
    db.flush()
    return actor(db, person, organisation, *roles)


@dataclass
class World:
    """Who is there. `officer` and `boss` are the institution's, `buyer` the company's owner, `stranger` another company's."""

    institution: Organisation
    company: Organisation
    technology: Technology
    officer: Actor
    boss: Actor
    buyer: Actor
    stranger: Actor
    now: datetime


def organisation(db: Session, kind: str, name: str, country: str, now: datetime, **more: Any) -> Organisation:
    """An organisation that an operator has verified."""
    row = Organisation(
        kind=kind,
        name=name,
        slug=rules.slug(name),
        country=country,
        created_at=now,
        verified_at=now,
        **more,
    )
    db.add(row)
    db.flush()
    return row


def make_world(db: Session, now: datetime) -> World:
    """The world before anybody has asked anything."""
    institution = organisation(
        db, "university", "Lindenfels University", "CH", now, city="Lindenfels", timezone="Europe/Zurich"
    )
    company = organisation(db, "sme", "Nordhaven Coatings", "DK", now, timezone="Europe/Copenhagen")
    rival = organisation(db, "sme", "Rival Paints", "SE", now)
    officer = member(db, institution, "Ana Muster", "officer", now=now)
    boss = member(db, institution, "Beat Chef", "owner", now=now)
    buyer = member(db, company, "Carla Jensen", "owner", now=now)
    stranger = member(db, rival, "Dag Ek", "owner", now=now)
    technology = Technology(
        organisation_id=institution.id,
        source_id="t-1",
        slug="self-healing-coating",
        state="published",
        title="Self-healing coating for steel",
        summary="A coating that closes its own scratches.",
        country="CH",
        contact_id=officer.person_id,
        created_at=now,
        updated_at=now,
        published_at=now,
    )
    db.add(technology)
    db.flush()
    db.add(
        IpRight(
            technology_id=technology.id,
            kind="patent",
            status="granted",
            office="EP",
            number="3456789",
            kind_code="B1",
            title="Self-healing coating",
            created_at=now,
        )
    )
    db.flush()
    return World(institution, company, technology, officer, boss, buyer, stranger, now)


# --- steps, each from the state before it


def ask(db: Session, world: World, who: Actor | None = None, **form: Any) -> Deal:
    """The company's first question."""
    given = {"intended_use": USE, "field_of_use": "Ship coatings", "territory": ["DK"], **form}
    return enquire.send_enquiry(db, who or world.buyer, world.technology.id, EnquiryForm(**given), now=world.now)


def answered(db: Session, world: World, who: Actor | None = None) -> Deal:
    """A deal in conversation."""
    deal = ask(db, world, who)
    return enquire.acknowledge(db, world.officer, deal.id, AnswerForm(message="Gladly."), now=world.now)


def offered(db: Session, world: World, sheet: TermSheet = PLAIN, who: Actor | None = None) -> Deal:
    """A deal with the institution's first offer."""
    deal = answered(db, world, who)
    return negotiate.make_offer(db, world.officer, deal.id, sheet, now=world.now)


def digest(db: Session, deal: Deal) -> str:
    """The hash of the last offer."""
    return queries.offers(db, deal.id)[-1].digest


def agreed(db: Session, world: World, sheet: TermSheet = PLAIN, who: Actor | None = None) -> Deal:
    """A deal whose terms the company has accepted."""
    deal = offered(db, world, sheet, who)
    return negotiate.accept_offer(db, who or world.buyer, deal.id, digest(db, deal), now=world.now)


def approved(db: Session, world: World, sheet: TermSheet = PLAIN, who: Actor | None = None) -> Deal:
    """A deal whose terms everybody has approved who must."""
    deal = agreed(db, world, sheet, who)
    if deal.state == "terms_agreed":
        approve.approve(db, world.boss, deal.id, ApproveForm(digest=digest(db, deal)), now=world.now)
    return deal


def sent(db: Session, world: World, sheet: TermSheet = PLAIN, who: Actor | None = None) -> Deal:
    """A deal whose agreement was sent for signature, not yet typeset."""
    deal = approved(db, world, sheet, who)
    return sign.send_for_signature(db, world.officer, deal.id, now=world.now, note="Sample")


def nda_proposed(db: Session, world: World, **form: Any) -> Deal:
    """A deal in which the institution has proposed a non-disclosure agreement, not yet typeset."""
    deal = answered(db, world)
    given = {"discloser": "mutual", "purpose": "To see whether the coating fits fishing boats.", "months": 24, **form}
    return nda.propose(db, world.officer, deal.id, NdaForm(**given), now=world.now, note="Sample")


def sign_nda(database: Database, world: World, deal_id: str, now: datetime | None = None) -> None:
    """Both sides sign the non-disclosure agreement that is typeset."""
    for who in (world.boss, world.buyer):
        with database.write() as db:
            nda.sign_nda(db, who, deal_id, signature(db, deal_id, who, kind="nda"), now=now or world.now)


def pdf(text: str = "The recipe") -> bytes:
    """A document of two pages."""
    source = f'#set page(width: 300pt, height: 200pt)\n#text("{text}")\n#pagebreak()\n= Page two'
    made = typst.compile(source.encode(), format="pdf")
    assert isinstance(made, bytes)
    return made


def paper(db: Session, files: FileStore, who: Actor, deal_id: str, now: datetime, **form: Any) -> RoomDocument:
    """A document that somebody has put into the data room."""
    upload = Upload("recipe.pdf", "application/pdf", pdf())
    blob = save_upload(files, upload)
    return room.add(db, who, deal_id, PaperForm(file=upload, title="The Recipe", **form), blob, pages=2, now=now)


def typeset_all(database: Database, store: FileStore, deal_id: str, now: datetime, kind: str = "licence") -> None:
    """Do the job that makes the document."""
    with database.read() as db:
        document = queries.current_document(db, deal_id, kind)
    assert document is not None
    typeset.make_document(database, _typesetter, store, document.id, now=now)


def store(tmp_path: Any) -> FileStore:
    """A file store in a folder."""
    return folder_store(tmp_path / "files")


def signature(db: Session, deal_id: str, who: Actor, *, kind: str = "licence", **changes: Any) -> SignForm:
    """The form of a signature that counts."""
    document = queries.current_document(db, deal_id, kind)
    assert document is not None
    given = {"typed_name": who.person_name, "sha256": document.sha256, "consent": True}
    return SignForm(**(given | changes))


def signed(database: Database, files: FileStore, world: World, sheet: TermSheet = PLAIN) -> str:
    """A deal signed by both; gives its id."""
    with database.write() as db:
        deal_id = sent(db, world, sheet).id
    typeset_all(database, files, deal_id, world.now)
    for who in (world.buyer, world.boss):
        with database.write() as db:
            sign.sign(db, who, deal_id, signature(db, deal_id, who), now=world.now)
    return deal_id


def at(who: Actor, address: str) -> Actor:
    """The same person at another address."""
    return replace(who, address=address)
