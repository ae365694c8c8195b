"""The sample world: whole, fictional, and played through the services."""

from collections import Counter

import pytest
from sqlmodel import Session, select

from market.accounts.models import Organisation, Person
from market.accounts.rules import LICENSORS
from market.catalog.models import IpRight, Technology, TechnologyFile
from market.catalog.rules.vocabulary import SECTORS
from market.deals.models import Deal
from market.discovery.models import SavedSearch, ShortlistEntry
from market.kit import audit
from market.needs.models import Need
from market.needs.process import STATES as NEED_STATES
from market.payments.models import Invoice
from market.payments.service.proof import check_ledger
from market.wiring import Wired
from seed import world
from seed.play import is_wanted, play
from seed.world import read_right

REACHED = {
    "enquiry_sent", "qualified", "offer_from_licensor", "offer_from_licensee", "terms_agreed", "approved", "signing",
    "nda_pending", "evaluating", "awaiting_payment", "active", "expired", "lost",
}  # fmt: skip


def counts(db: Session) -> dict[str, int]:
    """How many rows of each kind there are."""
    kept = (SavedSearch, ShortlistEntry)
    tables = (Person, Organisation, Technology, TechnologyFile, IpRight, Deal, Invoice, Need, *kept)
    return {table.__name__: len(db.exec(select(table)).all()) for table in tables}


@pytest.mark.slow
def test_the_sample_world_is_whole_and_is_played_once(wired: Wired) -> None:
    """Who starts an empty Ponte finds institutions, companies, listings, deals in every state, bills paid and unpaid."""
    assert is_wanted(wired)
    steps: list[tuple[int, int]] = []
    play(wired, lambda done, total: steps.append((done, total)))

    assert not is_wanted(wired)
    assert steps[-1][0] == steps[-1][1]
    with wired.db.read() as db:
        before = counts(db)
        organisations = db.exec(select(Organisation)).all()
        kinds = Counter(each.kind for each in organisations)
        assert 12 <= sum(number for kind, number in kinds.items() if kind in LICENSORS)
        assert 15 <= kinds["sme"]
        assert 2 <= kinds["support"]
        assert 10 <= len({each.country for each in organisations})
        assert all(each.is_sample and each.verified_at for each in organisations)

        listings = db.exec(select(Technology)).all()
        assert 120 <= len(listings)
        assert {"published"} == {each.state for each in listings}
        assert set(SECTORS) == {each.sector for each in listings}
        assert len(listings) == before["TechnologyFile"]

        assert (3, 9) == (before["SavedSearch"], before["ShortlistEntry"])
        states = Counter(deal.state for deal in db.exec(select(Deal)))
        assert set(states) == REACHED
        assert {"paid", "issued"} <= {invoice.state for invoice in db.exec(select(Invoice))}
        assert set(NEED_STATES) == {need.state for need in db.exec(select(Need))}
        assert check_ledger(db).holds
        events, breaks = audit.verify(db)
        assert [] == breaks
        assert events > len(listings)

    play(wired)
    with wired.db.read() as db:
        assert before == counts(db)


def test_nobody_in_the_sample_world_is_real() -> None:
    """Addresses that nobody can own, numbers that no office has given."""
    for organisation in world.organisations():
        assert organisation.website.endswith(".example")
        assert all(person.email.endswith(".example") for person in organisation.people)
    assert all(person.email.endswith(".example") for person in world.operators())
    for listing in world.listings():
        for right in listing.rights:
            assert not right.number or "99" in right.number.split(" ", 1)[1], right.number


def test_every_story_names_what_there_is() -> None:
    """No deal about a listing or by a company that the files do not have."""
    listings = {listing.key for listing in world.listings()}
    companies = {organisation.key for organisation in world.organisations() if organisation.kind == "sme"}
    for story in world.stories():
        assert story["technology"] in listings
        assert story["company"] in companies
    for technology, company, *_rest in world.questions():
        assert technology in listings
        assert company in companies
    for need in world.needs():
        assert need["company"] in companies
        assert {step[2] for step in need["steps"] if step[1] in ("answer", "choose")} <= listings
    assert len(listings) == len(world.listings())


@pytest.mark.parametrize("text", ["patent pending", "software", "EP 12, soon"])
def test_a_right_that_cannot_be_read_is_told(text: str) -> None:
    """Who adds a listing learns of a slip at once."""
    with pytest.raises(ValueError, match=text):
        read_right(text)
