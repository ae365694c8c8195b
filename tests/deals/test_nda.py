"""The non-disclosure agreement: proposed, signed by both under one hash, taken back, ended, used again."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlmodel import Session, select

from market.catalog.models import Technology
from market.deals import queries
from market.deals.models import Deal
from market.deals.rules import nda as rules
from market.deals.rules.agreement import Frame, Party
from market.deals.service import nda
from market.deals.standing import signed_nda, standing_nda
from market.integrations.typst_typesetter import TypstTypesetter
from market.kit.db import Database
from market.kit.errors import Forbidden, NotFound, Refused
from market.kit.files import FileStore
from market.kit.mail import Mail
from tests.deals import world as making
from tests.deals.world import World

FRAME = Frame(
    reference="D-8K3F9D2A",
    title="Coating",
    version=1,
    dated=date(2027, 3, 3),
    parties=(Party("Institution", "Lindenfels", "", "Lindenfels", "CH"), Party("Company", "Nordhaven", "", "", "DK")),
)
TERMS = rules.NdaTerms("mutual", "To see whether it fits.", 24)


def _proposed(database: Database, files: FileStore, world: World) -> str:
    with database.write() as db:
        deal_id = making.nda_proposed(db, world).id
    making.typeset_all(database, files, deal_id, world.now, "nda")
    return deal_id


def _signed(database: Database, files: FileStore, world: World) -> str:
    deal_id = _proposed(database, files, world)
    making.sign_nda(database, world, deal_id)
    return deal_id


@pytest.mark.parametrize(
    ("signed", "months", "last"),
    [
        (date(2027, 3, 3), 24, date(2029, 3, 3)),
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)),
    ],
)
def test_it_ends_on_a_day_that_the_calendar_has(signed: date, months: int, last: date) -> None:
    """Also where the month is shorter, and it still runs on its last day."""
    assert last == rules.last_day(signed, months)
    assert rules.in_force(last, last)
    assert not rules.in_force(last, last + timedelta(days=1))
    assert not rules.in_force(None, last)


def test_the_text_is_the_same_bytes_each_time_and_says_who_discloses() -> None:
    """The same choice gives the same hash; another choice another text."""
    data = rules.document(TERMS, FRAME)
    first, again = (TypstTypesetter().typeset("nda-1", data, dated=FRAME.dated) for _time in range(2))
    assert first == again
    assert "Annex" not in str(data)
    one_way = rules.document(replace(TERMS, discloser="licensee"), FRAME)
    assert "Nordhaven shows secrets to Lindenfels" in one_way["plain"]
    assert data["digest"] != one_way["digest"]


def test_both_sign_the_same_document_and_it_is_in_force(database: Database, files: FileStore, world: World) -> None:
    """The proposer's side signs first; each hand-over writes to whoever is next."""
    deal_id = _proposed(database, files, world)
    with database.read() as db:
        deal = db.get_one(Deal, deal_id)
        assert ("nda_pending", "licensor") == (deal.state, deal.turn)
        assert deal.due_on is not None
    with database.write() as db, pytest.raises(Refused, match="other side signs first"):
        nda.sign_nda(db, world.buyer, deal_id, making.signature(db, deal_id, world.buyer, kind="nda"), now=world.now)
    with database.write() as db, pytest.raises(Forbidden):
        nda.sign_nda(
            db, world.officer, deal_id, making.signature(db, deal_id, world.officer, kind="nda"), now=world.now
        )
    with database.write() as db, pytest.raises(Refused, match="has changed"):
        form = making.signature(db, deal_id, world.boss, kind="nda", sha256="0" * 64)
        nda.sign_nda(db, world.boss, deal_id, form, now=world.now)
    with database.write() as db, pytest.raises(NotFound):
        form = making.signature(db, deal_id, world.boss, kind="nda")
        nda.sign_nda(db, world.stranger, deal_id, form, now=world.now)
    making.sign_nda(database, world, deal_id)
    with database.read() as db:
        deal = db.get_one(Deal, deal_id)
        document = queries.current_document(db, deal_id, "nda")
        assert document is not None
        assert ("evaluating", "licensee") == (deal.state, deal.turn)
        assert (world.now, date(2029, 3, 3)) == (deal.nda_signed_at, deal.nda_ends_on)
        assert {document.sha256} == {each.sha256 for each in document.signatures}
        assert None is queries.current_document(db, deal_id)
        assert 2 == len(_subjects(db, "Please sign the non-disclosure agreement"))
        assert 2 == len(_subjects(db, "Non-disclosure agreement in force"))


def _subjects(db: Session, words: str) -> list[str]:
    return [mail.context["subject"] for mail in db.exec(select(Mail)) if words in mail.context["subject"]]


def test_taking_it_back_leads_to_the_conversation(database: Database, files: FileStore, world: World) -> None:
    """A signature given before is void, and a new proposal is a new document."""
    deal_id = _proposed(database, files, world)
    with database.write() as db:
        nda.sign_nda(db, world.boss, deal_id, making.signature(db, deal_id, world.boss, kind="nda"), now=world.now)
        deal = nda.withdraw(db, world.buyer, deal_id, now=world.now)
        assert ("qualified", None, None) == (deal.state, deal.nda_signed_at, deal.nda_ends_on)
        assert None is queries.current_document(db, deal_id, "nda")


def test_an_agreement_that_runs_is_recognised_in_the_next_deal(
    database: Database, files: FileStore, world: World, now: datetime
) -> None:
    """One click and the next deal goes on under it, until its last day; afterwards it is not offered any more."""
    first = _signed(database, files, world)
    with database.write() as db:
        other = Technology(
            organisation_id=world.institution.id, source_id="t-2", slug="other", state="published", title="Other",
            summary="Another thing.", country="CH", contact_id=world.officer.person_id, created_at=now, updated_at=now,
            published_at=now,
        )  # fmt: skip
        db.add(other)
        db.flush()
        second = making.answered(db, replace(world, technology=other)).id
        parties = (world.institution.id, world.company.id)
        found = standing_nda(db, *parties, today=date(2029, 3, 3))
        assert found is not None
        assert (first, date(2029, 3, 3)) == (found.deal_id, found.ends_on)
        assert None is standing_nda(db, *parties, today=date(2029, 3, 4))
        assert None is standing_nda(db, *reversed(parties), today=now.date())
    with database.write() as db, pytest.raises(Refused, match="Propose a new one"):
        nda.use_standing(db, world.buyer, second, now=now + timedelta(days=900))
    with database.write() as db:
        deal = nda.use_standing(db, world.buyer, second, now=now)
        assert ("evaluating", found.document_id) == (deal.state, deal.nda_document_id)
        assert found == signed_nda(db, deal.nda_document_id)
