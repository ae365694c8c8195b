"""People and organisations for the tests of accounts and of the desk, made by the services."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import Session

from market.accounts import queries
from market.accounts.forms import OrganisationForm
from market.accounts.models import Organisation, Person
from market.accounts.rules import OrganisationKind, Role
from market.accounts.service import members, organisations, people
from market.desk.gateway import Outbox
from market.kit import clock, passwords
from market.kit.actor import SYSTEM
from market.wiring import Wired
from tests.browserless import Browser

PASSWORD = "horses like quiet stables"


def a_person(
    db: Session, name: str = "Anna Rossi", *, password: str | None = PASSWORD, operator: bool = False
) -> Person:
    """Somebody with a proved address, such as anna.rossi@example.com."""
    return people.enrol(
        db,
        name=name,
        email=f"{name.lower().replace(' ', '.')}@example.com",
        password_hash=passwords.hashed(password) if password else passwords.UNUSABLE,
        is_operator=operator,
        now=clock.now(),
    )


def an_organisation(
    db: Session, owner_id: str, name: str = "Rossi Pumps", kind: str = "sme", *, verified: bool = True
) -> Organisation:
    """An organisation in Italy with one owner."""
    form = OrganisationForm(kind=OrganisationKind(kind), name=name, country="IT", city="Bari")
    made = organisations.create(db, queries.acting(db, owner_id), form, now=clock.now())
    if verified:
        organisations.verify(db, SYSTEM, made.id, now=clock.now())
    return made


def a_member(db: Session, organisation_id: str, name: str, *roles: Role) -> Person:
    """Somebody with these roles in the organisation."""
    person = a_person(db, name)
    members.give_roles(db, person.id, organisation_id, frozenset(roles), now=clock.now())
    return person


def sign_in(browser: Browser, email: str = "anna.rossi@example.com", password: str = PASSWORD) -> None:
    """Sign in by the form."""
    browser.get("/sign-in")
    browser.submit("/sign-in", email=email, password=password)
    assert 200 == browser.page.status_code, browser.text


def mails(wired: Wired, to: str = "") -> list[str]:
    """The texts of the mails sent by now, newest first: subject, an empty line, text."""
    wired.worker().drain()
    written = wired.gateways[Outbox].newest(100)
    texts = []
    for _name, message in written:
        body = message.get_body(preferencelist=("plain",))
        assert body is not None
        if to in ("", str(message["To"])):
            texts.append(f"{message['Subject']}\n\n{body.get_content()}")
    return texts


def link_in(text: str, part: str) -> str:
    """The path of the link in a mail that holds `part`."""
    found = re.search(r"http://testserver(/\S*" + part + r"/\S+)", text)
    assert found, text
    return found.group(1)


@contextmanager
def another_browser(wired: Wired) -> Iterator[Browser]:
    """A second browser with cookies of its own."""
    with Browser(wired) as visitor:
        yield visitor
