"""The steps of a deal on a real database of each kind: what the two sides can do, and what is refused."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from market.accounts.models import Organisation
from market.deals import queries
from market.deals.forms import AnswerForm, ApproveForm, CloseForm, EnquiryForm, MessageForm
from market.deals.models import Deal
from market.deals.rules import codec
from market.deals.rules.terms import FieldOfUse, Grant, Territory, UpfrontFee
from market.deals.service import approve, clockwork, enquire, negotiate, sign, talk
from market.kit import audit, mail
from market.kit.db import Database
from market.kit.errors import Forbidden, Invalid, NotFound, Refused, Stale
from market.kit.files import FileStore, storage_key, stored
from tests.deals import world as making
from tests.deals.sheets import PLAIN, eur, sheet
from tests.deals.world import USE, World

NO_FEE = sheet(upfront=None)


def _state(database: Database, deal_id: str) -> str:
    with database.read() as db:
        return str(db.execute(text("SELECT state FROM deal WHERE id = :id"), {"id": deal_id}).scalar_one())


def _subjects(database: Database, address: str) -> list[str]:
    with database.read() as db:
        return [row.context.get("subject", "") for row in mail.recent(db) if row.recipient == address]


# --- enquiry


def test_an_enquiry_reaches_the_institution_with_its_clock(database: Database, world: World) -> None:
    """Asked on a Wednesday, the institution has until the end of next Wednesday where it lives, and gets a mail."""
    with database.write() as db:
        deal = making.ask(db, world)
    assert ("enquiry_sent", "licensor") == (deal.state, deal.turn)
    assert datetime(2027, 3, 10, 23, tzinfo=UTC) == deal.due_at
    assert ["[Enquiry sent] Nordhaven Coatings asks about “Self-healing coating for steel”"] == _subjects(
        database, world.officer.email
    )


def test_one_company_has_one_open_enquiry_for_a_technology(database: Database, world: World) -> None:
    """The second is led to the first; after the first is closed it may ask again."""
    with database.write() as db:
        deal = making.ask(db, world)
    with pytest.raises(Refused) as told, database.write() as db:
        making.ask(db, world)
    assert "already_open" == told.value.refusal.code
    with database.write() as db:
        enquire.close_lost(db, world.buyer, deal.id, CloseForm(reason="resources"), now=world.now)
    with database.write() as db:
        assert deal.id != making.ask(db, world).id


def test_a_hidden_listing_cannot_be_asked_about(database: Database, world: World) -> None:
    """What nobody sees does not exist, and only companies ask."""
    with database.write() as db:
        db.execute(text("UPDATE technology SET state = 'draft'"))
    form = EnquiryForm(intended_use=USE, field_of_use="Ships")
    for who in (world.buyer, world.officer):
        with pytest.raises(NotFound), database.write() as db:
            enquire.send_enquiry(db, who, world.technology.id, form, now=world.now)
    with database.write() as db:
        db.execute(text("UPDATE technology SET state = 'published'"))
    with pytest.raises(Forbidden), database.write() as db:
        enquire.send_enquiry(db, world.officer, world.technology.id, form, now=world.now)


def test_a_secret_in_an_enquiry_needs_a_second_look(database: Database, world: World) -> None:
    """The warning stops it once; who confirms goes on."""
    use = "Our unpublished recipe needs a better coating."
    with pytest.raises(Refused) as told, database.write() as db:
        making.ask(db, world, intended_use=use)
    assert "nothing_secret" == told.value.refusal.field
    with database.write() as db:
        assert "enquiry_sent" == making.ask(db, world, intended_use=use, nothing_secret=True).state


def test_a_stranger_finds_no_deal(database: Database, world: World) -> None:
    """Another company does not learn that the deal exists, whatever it tries."""
    with database.write() as db:
        deal = making.offered(db, world)
        shown = making.digest(db, deal)
    with database.read() as db:
        with pytest.raises(NotFound):
            queries.deal(db, world.stranger, deal.id)
        assert ([], 0) == queries.deals(db, world.stranger)
    for step in (
        lambda db: negotiate.accept_offer(db, world.stranger, deal.id, shown, now=world.now),
        lambda db: negotiate.make_offer(db, world.stranger, deal.id, PLAIN, now=world.now),
        lambda db: talk.send_message(db, world.stranger, deal.id, MessageForm(body="Hi"), now=world.now),
        lambda db: enquire.close_lost(db, world.stranger, deal.id, CloseForm(reason="price"), now=world.now),
        lambda db: sign.send_for_signature(db, world.stranger, deal.id, now=world.now),
    ):
        with pytest.raises(NotFound), database.write() as db:
            step(db)


def test_a_colleague_without_the_right_may_look_but_not_act(database: Database, world: World) -> None:
    """Finance sees the deal and takes no step in it."""
    with database.write() as db:
        institution = db.get_one(Organisation, world.institution.id)
        clerk = making.member(db, institution, "Eva Zahl", "finance", now=world.now)
        deal = making.ask(db, world)
    with database.read() as db:
        assert "licensor" == queries.deal(db, clerk, deal.id).side
    with pytest.raises(Forbidden), database.write() as db:
        enquire.acknowledge(db, clerk, deal.id, AnswerForm(), now=world.now)


def test_reminder_and_escalation_but_never_a_refusal(database: Database, world: World) -> None:
    """The officer is reminded a day before, the owner told when time is over, once each; the enquiry stays open."""
    with database.write() as db:
        deal = making.ask(db, world)
    assert deal.due_at is not None
    assert 0 == clockwork.tick(database, now=world.now)
    for moment in (deal.due_at - timedelta(hours=20), deal.due_at - timedelta(hours=1)):
        clockwork.tick(database, now=moment)
    assert 2 == len(_subjects(database, world.officer.email))
    for days in (0, 1, 30):
        clockwork.tick(database, now=deal.due_at + timedelta(days=days))
    assert 1 == len(_subjects(database, world.boss.email))
    assert 2 == len(_subjects(database, world.officer.email))
    assert "enquiry_sent" == _state(database, deal.id)


# --- offers


def test_offers_go_back_and_forth_until_one_is_accepted(database: Database, world: World) -> None:
    """Each version is kept; the clock and the turn follow the last one; the accepted one is agreed and approved."""
    with database.write() as db:
        deal = making.offered(db, world)
        first = making.digest(db, deal)
        assert ("offer_from_licensor", "licensee") == (deal.state, deal.turn)
    cheaper = sheet(upfront=UpfrontFee(eur(9_000), 60))
    with database.write() as db:
        deal = negotiate.make_offer(db, world.buyer, deal.id, cheaper, answers=first, now=world.now)
        second = making.digest(db, deal)
        assert ("offer_from_licensee", "licensor") == (deal.state, deal.turn)
    with database.write() as db:
        deal = negotiate.accept_offer(db, world.officer, deal.id, second, now=world.now)
    assert ("approved", "licensor") == (deal.state, deal.turn)
    with database.read() as db:
        versions = queries.offers(db, deal.id)
        assert [(1, "licensor", PLAIN), (2, "licensee", cheaper)] == [(v.number, v.side, v.terms) for v in versions]
        assert [codec.digest(PLAIN), codec.digest(cheaper)] == [v.digest for v in versions]
        tags = [row.tag for row in audit.trail(db, ("deal", deal.id))]
        assert (0, []) != audit.verify(db)
        assert [] == audit.verify(db)[1]
    assert "deal:step:accept_offer" in tags
    assert any("Changed" not in s and "changed the offer" in s for s in _subjects(database, world.officer.email))


def test_an_offer_that_changed_on_the_way_is_not_accepted(database: Database, world: World) -> None:
    """Who accepts while the other side sends a newer version is told so, and nothing is agreed."""
    with database.write() as db:
        deal = making.offered(db, world)
        seen = making.digest(db, deal)
        negotiate.withdraw_offer(db, world.officer, deal.id, now=world.now)
        negotiate.make_offer(db, world.officer, deal.id, NO_FEE, now=world.now)
    with pytest.raises(Refused) as told, database.write() as db:
        negotiate.accept_offer(db, world.buyer, deal.id, seen, now=world.now)
    assert "offer_changed" == told.value.refusal.code
    assert "offer_from_licensor" == _state(database, deal.id)


def test_a_change_answers_the_offer_on_the_screen(database: Database, world: World) -> None:
    """An answer to an old version is stopped, and one that changes nothing too."""
    with database.write() as db:
        deal = making.offered(db, world)
        seen = making.digest(db, deal)
    with pytest.raises(Stale), database.write() as db:
        negotiate.make_offer(db, world.buyer, deal.id, NO_FEE, answers="0" * 64, now=world.now)
    later = sheet(valid_until=PLAIN.valid_until + timedelta(days=1))
    with pytest.raises(Refused) as told, database.write() as db:
        negotiate.make_offer(db, world.buyer, deal.id, later, answers=seen, now=world.now)
    assert "nothing_changed" == told.value.refusal.code


def test_nobody_accepts_the_own_offer_or_answers_out_of_turn(database: Database, world: World) -> None:
    """The other side has the turn."""
    with database.write() as db:
        deal = making.offered(db, world)
        seen = making.digest(db, deal)
    with pytest.raises(Forbidden), database.write() as db:
        negotiate.accept_offer(db, world.officer, deal.id, seen, now=world.now)
    with pytest.raises(Forbidden), database.write() as db:
        negotiate.make_offer(db, world.officer, deal.id, NO_FEE, answers=seen, now=world.now)


def test_incomplete_terms_come_back_with_a_sentence_at_each_field(database: Database, world: World) -> None:
    """All faults are told at once."""
    with database.write() as db:
        deal = making.answered(db, world)
    broken = sheet(licensed_ip=(), field_of_use=FieldOfUse(""), territory=Territory(()))
    with pytest.raises(Invalid) as told, database.write() as db:
        negotiate.make_offer(db, world.officer, deal.id, broken, now=world.now)
    assert {"ip", "field_text", "countries"} <= set(told.value.errors)


def test_the_last_offer_ends_by_its_own_clock(database: Database, world: World) -> None:
    """A first offer that would have lasted longer does not help; after the end nobody can accept, and both are told."""
    short = sheet(upfront=None, valid_until=world.now.date() + timedelta(days=2))
    with database.write() as db:
        deal = making.offered(db, world)
        first = making.digest(db, deal)
        negotiate.make_offer(db, world.buyer, deal.id, short, answers=first, now=world.now)
        last = making.digest(db, deal)
    over = datetime(2027, 3, 6, tzinfo=UTC)
    assert 0 == clockwork.tick(database, now=over - timedelta(seconds=1))
    with pytest.raises(Refused) as told, database.write() as db:
        negotiate.accept_offer(db, world.officer, deal.id, last, now=over)
    assert "offer_expired" == told.value.refusal.code
    assert 1 == clockwork.tick(database, now=over)
    assert 0 == clockwork.tick(database, now=over)
    assert "qualified" == _state(database, deal.id)
    assert any("has ended" in subject for subject in _subjects(database, world.buyer.email))


def test_versions_cannot_be_changed_in_the_database(database: Database, world: World) -> None:
    """Not even a bug or an administrator rewrites an offer."""
    with database.write() as db:
        making.offered(db, world)
    for statement in ("UPDATE offer SET note = 'x'", "DELETE FROM offer"):
        with pytest.raises(DBAPIError), database.write() as db:
            db.execute(text(statement))


# --- approval


def test_a_second_person_approves_where_the_institution_asks_for_it(database: Database, world: World) -> None:
    """The negotiator cannot; the owner can; until then it is the institution's turn."""
    with database.write() as db:
        db.get_one(Organisation, world.institution.id).second_approver = True
    with database.write() as db:
        deal = making.offered(db, world)
        shown = making.digest(db, deal)
        deal = negotiate.accept_offer(db, world.buyer, deal.id, shown, now=world.now)
        assert ("terms_agreed", "licensor") == (deal.state, deal.turn)
    both = replace(world.officer, permissions=world.officer.permissions | {"approve"})
    form = ApproveForm(digest=shown)
    with pytest.raises(Refused) as told, database.write() as db:
        approve.approve(db, both, deal.id, form, now=world.now)
    assert "same_person" == told.value.refusal.code
    with pytest.raises(Forbidden), database.write() as db:
        approve.approve(db, world.officer, deal.id, form, now=world.now)
    with pytest.raises(Refused), database.write() as db:
        approve.approve(db, world.buyer, deal.id, form, now=world.now)
    with database.write() as db:
        assert "approved" == approve.approve(db, world.boss, deal.id, form, now=world.now).state


def test_agreed_terms_can_be_opened_again_with_a_reason(database: Database, world: World) -> None:
    """The two go on talking; a new offer starts a new round."""
    with database.write() as db:
        deal = making.agreed(db, world)
        negotiate.reopen(db, world.buyer, deal.id, "Our bank says no", now=world.now)
        assert "qualified" == deal.state
        negotiate.make_offer(db, world.officer, deal.id, NO_FEE, now=world.now)
        negotiate.accept_offer(db, world.buyer, deal.id, making.digest(db, deal), now=world.now)
        assert "approved" == deal.state


# --- signatures


def test_the_document_is_typeset_once_and_both_sign_it(database: Database, world: World, files: FileStore) -> None:
    """The company signs first; with the last signature a licence and its invoice arise, and the fee is waited for."""
    with database.write() as db:
        deal = making.sent(db, world)
        assert ("signing", "licensee") == (deal.state, deal.turn)
    with pytest.raises(Refused) as told, database.write() as db:
        sign.sign(db, world.buyer, deal.id, making.signature(db, deal.id, world.buyer, sha256="0" * 64), now=world.now)
    assert "not_ready" == told.value.refusal.code
    making.typeset_all(database, files, deal.id, world.now)
    making.typeset_all(database, files, deal.id, world.now)
    with database.write() as db:
        document = queries.current_document(db, deal.id)
        assert document is not None
        pdf = files.get(storage_key(document.sha256))
        assert document.sha256 == hashlib.sha256(pdf).hexdigest() == stored(db, document.file_id or "").sha256
        deal = sign.sign(db, world.buyer, deal.id, making.signature(db, deal.id, world.buyer), now=world.now)
        assert ("signing", "licensor") == (deal.state, deal.turn)
    with database.write() as db:
        deal = sign.sign(db, world.boss, deal.id, making.signature(db, deal.id, world.boss), now=world.now)
    assert ("awaiting_payment", "licensee") == (deal.state, deal.turn)
    assert datetime(2027, 4, 3, tzinfo=UTC) == deal.due_at
    with database.read() as db:
        licence = queries.licence(db, deal.id)
        assert licence is not None
        assert ("awaiting_payment", "2032-03-02") == (licence.status, licence.ends_on.isoformat())
        assert 1_500_000 == db.execute(text("SELECT total_minor FROM invoice")).scalar_one()
        signatures = queries.documents(db, deal.id)[0].signatures
        assert [("licensee", "Carla Jensen"), ("licensor", "Beat Chef")] == [(s.side, s.typed_name) for s in signatures]
        assert {"192.0.2.7"} == {s.address for s in signatures}
        assert [] == audit.verify(db)[1]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"typed_name": "Somebody Else"}, "other_name"),
        ({"consent": False}, "no_consent"),
        ({"sha256": "0" * 64}, "document_changed"),
    ],
)
def test_a_signature_that_does_not_count_leaves_nothing(
    database: Database, world: World, files: FileStore, changes: dict[str, object], code: str
) -> None:
    """Neither a signature nor an event remains of it."""
    with database.write() as db:
        deal_id = making.sent(db, world).id
    making.typeset_all(database, files, deal_id, world.now)
    with pytest.raises(Refused) as told, database.write() as db:
        sign.sign(db, world.buyer, deal_id, making.signature(db, deal_id, world.buyer, **changes), now=world.now)
    assert code == told.value.refusal.code
    with database.read() as db:
        assert 0 == db.execute(text("SELECT count(*) FROM signature")).scalar_one()
        assert "deal:step:sign" not in [row.tag for row in audit.trail(db, ("deal", deal_id))]


def test_sides_sign_in_order_and_only_signatories(database: Database, world: World, files: FileStore) -> None:
    """The institution waits for the company; an officer without the right to sign cannot."""
    with database.write() as db:
        deal_id = making.sent(db, world).id
    making.typeset_all(database, files, deal_id, world.now)
    with pytest.raises(Refused) as told, database.write() as db:
        sign.sign(db, world.boss, deal_id, making.signature(db, deal_id, world.boss), now=world.now)
    assert "not_your_turn" == told.value.refusal.code
    with pytest.raises(Forbidden), database.write() as db:
        sign.sign(db, world.officer, deal_id, making.signature(db, deal_id, world.officer), now=world.now)


def test_a_refused_signature_leads_back_to_the_terms(database: Database, world: World, files: FileStore) -> None:
    """The next document is a new one and is signed from the start."""
    with database.write() as db:
        deal_id = making.sent(db, world).id
    making.typeset_all(database, files, deal_id, world.now)
    with database.write() as db:
        sign.sign(db, world.buyer, deal_id, making.signature(db, deal_id, world.buyer), now=world.now)
    with database.write() as db:
        deal = sign.refuse_signature(db, world.boss, deal_id, "The field is too wide", now=world.now)
        assert ("terms_agreed", "licensor") == (deal.state, deal.turn)
        assert None is queries.current_document(db, deal_id)
        approve.approve(db, world.boss, deal_id, ApproveForm(digest=making.digest(db, deal)), now=world.now)
        sign.send_for_signature(db, world.officer, deal_id, now=world.now)
    making.typeset_all(database, files, deal_id, world.now)
    with database.read() as db:
        first, second = queries.documents(db, deal_id)
        assert (1, 0) == (len(first.signatures), len(second.signatures))
        assert "licensee" == second.signing.next_side


def test_a_typeset_document_cannot_be_changed(database: Database, world: World, files: FileStore) -> None:
    """Neither its hash, nor its data, nor the row goes away."""
    with database.write() as db:
        deal_id = making.sent(db, world).id
    making.typeset_all(database, files, deal_id, world.now)
    for statement in (
        "UPDATE agreement_document SET sha256 = 'x'",
        "UPDATE agreement_document SET data = '{}'",
        "DELETE FROM agreement_document",
    ):
        with pytest.raises(DBAPIError), database.write() as db:
            db.execute(text(statement))


def test_without_a_fee_the_licence_runs_at_once(database: Database, world: World, files: FileStore) -> None:
    """Nothing is due, so nothing is waited for."""
    deal_id = making.signed(database, files, world, NO_FEE)
    assert "active" == _state(database, deal_id)
    with database.read() as db:
        assert 0 == db.execute(text("SELECT count(*) FROM invoice")).scalar_one()


def test_the_paid_fee_starts_the_licence_once(database: Database, world: World, files: FileStore) -> None:
    """Told twice that the invoice is paid, the deal moves once."""
    deal_id = making.signed(database, files, world)
    for _time in range(2):
        with database.write() as db:
            sign.settle(db, deal_id, now=world.now)
    assert "active" == _state(database, deal_id)
    with database.read() as db:
        licence = queries.licence(db, deal_id)
        assert licence is not None
        assert ("active", world.now) == (licence.status, licence.activated_at)
        assert 1 == [row.tag for row in audit.trail(db, ("deal", deal_id))].count("deal:step:settle")
    assert 1 == len([s for s in _subjects(database, world.buyer.email) if "active" in s.lower()])
    clockwork.tick(database, now=datetime(2032, 3, 3, 1, tzinfo=UTC))
    assert "expired" == _state(database, deal_id)


def test_a_grant_beside_a_live_exclusive_is_refused_with_its_licence(
    database: Database, world: World, files: FileStore
) -> None:
    """The clash is named before anybody signs; another territory is free."""
    making.signed(database, files, world, sheet(grant=Grant.EXCLUSIVE, upfront=None))
    with database.write() as db:
        deal = making.approved(db, world, NO_FEE, world.stranger)
    with pytest.raises(Refused) as told, database.write() as db:
        sign.send_for_signature(db, world.officer, deal.id, now=world.now)
    assert "clash" == told.value.refusal.code
    assert "L-2027-" in told.value.refusal.sentence
    with database.write() as db:
        negotiate.reopen(db, world.officer, deal.id, "Other countries", now=world.now)
        elsewhere = sheet(territory=Territory(("US",)), upfront=None)
        negotiate.make_offer(db, world.officer, deal.id, elsewhere, now=world.now)
        negotiate.accept_offer(db, world.stranger, deal.id, making.digest(db, deal), now=world.now)
        assert "signing" == sign.send_for_signature(db, world.officer, deal.id, now=world.now).state


# --- lists


def test_what_waits_for_me_comes_first(database: Database, world: World) -> None:
    """The list of a side begins with its own turns, the most urgent on top."""
    with database.write() as db:
        mine = making.ask(db, world, world.stranger)
        theirs = making.offered(db, world)
    with database.read() as db:
        lines, total = queries.deals(db, world.officer)
        assert (2, [mine.id, theirs.id]) == (total, [line.id for line in lines])
        assert [True, False] == [line.mine for line in lines]
        assert ({"enquiry_sent": 1, "offer_from_licensor": 1}, 1) == queries.counts(db, world.officer)
        assert [theirs.id] == [line.id for line in queries.deals(db, world.buyer, mine=True)[0]]
        assert ([], 0) == queries.deals(db, world.buyer, states=("lost",))


def test_the_database_refuses_an_unknown_state(database: Database, world: World) -> None:
    """The table of states is guarded where it is kept."""
    with database.write() as db:
        deal = making.ask(db, world)
    with pytest.raises(DBAPIError), database.write() as db:
        db.get_one(Deal, deal.id).state = "won"
