"""The steps of a need on a real database of each kind: what each side can do, and what is refused."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from market.deals.forms import EnquiryForm
from market.deals.service import enquire
from market.kit import audit, mail
from market.kit.actor import ANONYMOUS
from market.kit.errors import Forbidden, Invalid, NotFound, Refused, Stale
from market.needs import queries
from market.needs.forms import AnswerForm, CloseForm, ReasonForm
from market.needs.models import Need
from market.needs.process import STATES
from market.needs.rows import Wanted
from market.needs.service import answering, clockwork, moderating, posting
from tests.needs import world as making
from tests.needs.world import WORDS, a_form


def subjects(database, address):
    """The subjects of the mails to somebody, oldest first."""
    with database.read() as db:
        return [row.context["subject"] for row in reversed(mail.recent(db)) if row.recipient == address]


def state(database, need_id):
    """The situation of a need."""
    with database.read() as db:
        return db.get_one(Need, need_id).state


# --- the company writes


def test_a_draft_is_kept_with_little_and_sent_when_whole(database, world):
    """A title is enough for a draft; what is missing is said field by field when it is sent in."""
    with database.write() as db:
        need = posting.create(db, world.buyer, a_form(text="", sector=None, kinds=[], then=""), now=world.now)
    assert "draft" == need.state
    with pytest.raises(Invalid) as told, database.write() as db:
        posting.submit(db, world.buyer, need.id, now=world.now)
    assert {"text", "sector", "kinds"} == set(told.value.errors)
    with database.write() as db:
        posting.save(db, world.buyer, need.id, a_form(version=need.version), now=world.now)
    assert "submitted" == state(database, need.id)
    assert [f"[Being checked] A need waits to be checked: “{need.title}”"] == subjects(
        database, "olga.operator@example.com"
    )


def test_only_companies_post(database, world):
    """Institutions, advisers and those who only sign do not post needs; an unchecked company keeps drafts."""
    for actor in (world.officer, world.adviser, world.signatory, ANONYMOUS):
        with pytest.raises((Forbidden, NotFound)), database.write() as db:
            posting.create(db, actor, a_form(), now=world.now)
    with database.write() as db:
        fresh = making.organisation(db, "sme", "Fresh Firm", world.now)
        fresh.verified_at = None
        owner = making.member(db, fresh, "Franco Fresh", world.now, "owner")
    with pytest.raises(Refused), database.write() as db:
        posting.create(db, owner, a_form(), now=world.now)
    with database.write() as db:
        assert "draft" == posting.create(db, owner, a_form(then=""), now=world.now).state


def test_an_anonymous_need_does_not_name_its_company(database, world):
    """Who wishes to stay unknown and names the firm in the text is told before it goes out."""
    for given in ({"title": "Latteria BIANCHI needs heat"}, {"cluster": "Latteria Bianchi"}):
        with pytest.raises(Invalid) as told, database.write() as db:
            making.submitted(db, world, anonymous=True, **given)
        assert "text" in told.value.errors
    with database.write() as db:
        assert "submitted" == making.submitted(db, world, title="Latteria Bianchi needs heat").state


def test_a_stale_page_does_not_overwrite(database, world):
    """A colleague saved in between: nothing is lost."""
    with database.write() as db:
        need = making.submitted(db, world)
        seen = need.version
        posting.save(db, world.buyer, need.id, a_form(version=seen, title="A colleague's words"), now=world.now)
    with pytest.raises(Stale), database.write() as db:
        posting.save(db, world.buyer, need.id, a_form(version=seen), now=world.now)


def test_changing_an_open_need_closes_it_to_all_until_checked(database, world):
    """An open need that is changed goes back to the desk; its answers stay, and count when it opens again."""
    with database.write() as db:
        need = making.answered(db, world)
    with database.write() as db:
        posting.save(db, world.buyer, need.id, a_form(version=need.version, title="Changed words"), now=world.now)
    assert "submitted" == state(database, need.id)
    for actor in (ANONYMOUS, world.officer, world.rival):
        with pytest.raises(NotFound), database.read() as db:
            queries.need(db, actor, need.id)
    with database.write() as db:
        moderating.approve(db, world.operator, need.id, now=world.now)
    assert "answered" == state(database, need.id)


# --- the desk


def test_a_need_opens_after_the_check(database, world):
    """The operator opens it, the company gets a mail, everybody sees it."""
    with database.write() as db:
        need = making.submitted(db, world)
        with pytest.raises(NotFound):
            queries.need(db, ANONYMOUS, need.id)
        assert [need.id] == [row.id for row in queries.waiting(db, world.operator)]
        assert [] == queries.waiting(db, world.rival)
        moderating.approve(db, world.operator, need.id, now=world.now)
        assert "Latteria Bianchi" == queries.need(db, ANONYMOUS, need.id).organisation
        tags = [event.tag for event in audit.trail(db, ("need", need.id))]
    assert ["needs:need:created", "needs:step:submit", "needs:step:approve"] == tags
    assert [f"[Open] Your need is open: “{need.title}”"] == subjects(database, "bianca.bianchi@example.com")


def test_a_need_goes_back_with_a_reason(database, world):
    """What cannot open goes back, with a reason that its company reads and nobody else."""
    with database.write() as db:
        need = making.submitted(db, world)
        form = ReasonForm(reason="Say what the water carries.")
        moderating.refuse(db, world.operator, need.id, form, now=world.now)
        assert "Say what the water carries." == queries.need(db, world.buyer, need.id).refusal
    assert "draft" == state(database, need.id)
    assert "has to be changed" in subjects(database, "bianca.bianchi@example.com")[0]


@pytest.mark.parametrize("who", ["buyer", "officer", "rival", "adviser"])
def test_only_operators_check(database, world, who):
    """Nobody opens their own need."""
    with database.write() as db:
        need = making.submitted(db, world)
    with pytest.raises(Forbidden), database.write() as db:
        moderating.approve(db, getattr(world, who), need.id, now=world.now)
    with pytest.raises(Forbidden), database.write() as db:
        moderating.refuse(db, getattr(world, who), need.id, ReasonForm(reason="I say so"), now=world.now)


# --- answers and matches


def test_an_institution_answers_with_its_own_technology(database, world):
    """One answer for each technology; not with another's, not with one that is not published."""
    with database.write() as db:
        need = making.answered(db, world)
        answers = [each for each in queries.proposals(db, need.id) if each.answered_at]
    assert [("Heat from waste water", WORDS)] == [(each.title, each.message) for each in answers]
    with pytest.raises(Refused), database.write() as db:
        again = AnswerForm(technology=world.heat.id, message=WORDS)
        answering.answer(db, world.officer, need.id, again, now=world.now)
    for technology in (world.valve.id, "nothing"):
        with pytest.raises(NotFound), database.write() as db:
            form = AnswerForm(technology=technology, message=WORDS)
            answering.answer(db, world.officer, need.id, form, now=world.now)
    for actor in (world.finance, world.rival, world.buyer, world.adviser):
        with pytest.raises(Forbidden), database.write() as db:
            form = AnswerForm(technology=world.pump.id, message=WORDS)
            answering.answer(db, actor, need.id, form, now=world.now)
    told = subjects(database, "bianca.bianchi@example.com")
    assert f"[Answered] Waste Heat Institute answers your need: “{need.title}”" in told


def test_marking_a_match_tells_the_institution_who_asks(database, world):
    """Until then the anonymous company is nobody; from then on that institution knows it, and only that one."""
    with database.write() as db:
        need = making.answered(db, world, anonymous=True)
        assert "" == queries.need(db, world.officer, need.id).organisation
        answering.choose(db, world.buyer, need.id, world.heat.id, now=world.now)
        assert "Latteria Bianchi" == queries.need(db, world.officer, need.id).organisation
        with pytest.raises(NotFound):
            queries.need(db, world.other, need.id)
    assert "matched" == state(database, need.id)
    with database.read() as db:
        (letter,) = [row for row in mail.recent(db) if "fits a need" in row.context["subject"]]
    assert "otto.officer@example.com" == letter.recipient
    assert any("Latteria Bianchi" in line for line in letter.context["lines"])


def test_marking_twice_is_marking_once(database, world):
    """A double click sends one mail and takes one step."""
    with database.write() as db:
        need = making.chosen(db, world)
    with database.write() as db:
        answering.choose(db, world.buyer, need.id, world.heat.id, now=world.now)
        steps = [event.tag for event in audit.trail(db, ("need", need.id)) if event.tag == "needs:step:choose"]
    assert 1 == len(steps)


def test_only_what_was_answered_or_found_can_be_marked(database, world):
    """A technology that nobody proposed is no match, and strangers mark nothing."""
    with database.write() as db:
        need = making.answered(db, world)
    with pytest.raises(NotFound), database.write() as db:
        answering.choose(db, world.buyer, need.id, world.valve.id, now=world.now)
    for actor, error in ((world.rival, NotFound), (world.officer, NotFound), (world.signatory, Forbidden)):
        with pytest.raises(error), database.write() as db:
            answering.choose(db, actor, need.id, world.heat.id, now=world.now)


def test_the_deal_that_comes_of_a_match_is_noted(database, world):
    """The enquiry about the marked technology is linked to the need; one about another is not."""
    form = EnquiryForm(intended_use="We want to keep the heat of our dairy.", field_of_use="Dairies")
    with database.write() as db:
        need = making.chosen(db, world)
        enquire.send_enquiry(db, world.buyer, world.pump.id, form, now=world.now)
        deal = enquire.send_enquiry(db, world.buyer, world.heat.id, form, now=world.now)
    with database.read() as db:
        linked = [each.deal_id for each in queries.proposals(db, need.id) if each.chosen_at]
    assert [deal.id] == linked


# --- ends


def test_a_deadline_ends_a_need_by_itself(database, world):
    """The last day still counts; the day after it is over, and company and answerers are told once."""
    with database.write() as db:
        need = making.answered(db, world)
    clockwork.tick(database, now=world.now.replace(month=6, day=30, hour=23))
    assert "answered" == state(database, need.id)
    after = world.now.replace(month=7, day=1, hour=0)
    assert 1 == clockwork.tick(database, now=after)
    assert 0 == clockwork.tick(database, now=after)
    assert "expired" == state(database, need.id)
    assert any("deadline" in subject for subject in subjects(database, "bianca.bianchi@example.com"))
    assert any("has ended" in subject for subject in subjects(database, "otto.officer@example.com"))
    with pytest.raises(Refused), database.write() as db:
        form = AnswerForm(technology=world.pump.id, message=WORDS)
        answering.answer(db, world.officer, need.id, form, now=after)


def test_a_matched_need_does_not_expire(database, world):
    """Who has found somebody is not ended by the clock."""
    with database.write() as db:
        need = making.chosen(db, world)
    clockwork.tick(database, now=world.now + timedelta(days=400))
    assert "matched" == state(database, need.id)


def test_closing_needs_an_outcome_and_withdrawing_none(database, world):
    """What became of it is asked; the outcome is the company's and the operator's to know."""
    with database.write() as db:
        need = making.chosen(db, world)
        posting.close(db, world.buyer, need.id, CloseForm(outcome="found_here"), now=world.now)
        assert "found_here" == queries.need(db, world.buyer, need.id).outcome
        assert "" == queries.need(db, world.officer, need.id).outcome
        gone = making.submitted(db, world)
        posting.withdraw(db, world.buyer, gone.id, now=world.now)
    assert ("closed", "withdrawn") == (state(database, need.id), state(database, gone.id))
    with pytest.raises(Refused), database.write() as db:
        posting.withdraw(db, world.buyer, need.id, now=world.now)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE need SET state = 'lost'",
        "UPDATE need SET state = 'open', opened_at = NULL",
        "UPDATE need SET state = 'closed', outcome = ''",
        "UPDATE need SET sector = 'nonsense'",
        "UPDATE need SET technology_field = 36",
    ],
)
def test_the_database_knows_its_states(database, world, statement):
    """Whoever gets round the code is stopped by the tables."""
    assert "open" in STATES
    with database.write() as db:
        making.submitted(db, world)
    with pytest.raises(DBAPIError), database.write() as db:
        db.execute(text(statement))


# --- who sees what

PLACES = ("draft", "submitted", "open", "answered", "matched", "closed", "expired", "withdrawn")
SEES = {
    "draft": {"buyer", "signatory"},
    "submitted": {"buyer", "signatory", "operator"},
    "open": {"visitor", "buyer", "signatory", "rival", "officer", "finance", "other", "adviser", "operator"},
    "answered": {"visitor", "buyer", "signatory", "rival", "officer", "finance", "other", "adviser", "operator"},
    "matched": {"buyer", "signatory", "officer", "finance", "operator"},
    "closed": {"buyer", "signatory", "officer", "finance", "operator"},
    "expired": {"buyer", "signatory", "officer", "finance", "operator"},
    "withdrawn": {"buyer", "signatory", "officer", "finance", "operator"},
}
KNOWS_ANONYMOUS = {"buyer", "signatory", "operator"}


@pytest.mark.parametrize("where", PLACES)
def test_who_sees_a_need_and_who_knows_its_company(database, world, where):
    """Over all roles and situations: what is not open to them does not exist for them; an anonymous company has no name."""
    with database.write() as db:
        if where == "draft":
            need = posting.create(db, world.buyer, a_form(anonymous=True, then=""), now=world.now)
        elif where == "submitted":
            need = making.submitted(db, world, anonymous=True)
        elif where == "open":
            need = making.opened(db, world, anonymous=True)
        elif where in ("answered", "expired", "withdrawn"):
            need = making.answered(db, world, anonymous=True)
        else:
            need = making.chosen(db, world, anonymous=True)
        if where == "closed":
            posting.close(db, world.buyer, need.id, CloseForm(outcome="found_here"), now=world.now)
        if where == "withdrawn":
            posting.withdraw(db, world.buyer, need.id, now=world.now)
    if where == "expired":
        clockwork.tick(database, now=world.now + timedelta(days=300))
    assert where == state(database, need.id)
    seen, known, listed = set(), set(), set()
    with database.read() as db:
        for name, actor in {"visitor": ANONYMOUS, **making.everybody(world)}.items():
            found, _total = queries.open_needs(db, actor, Wanted(), 1)
            if found:
                listed.add(name)
            try:
                row = queries.need(db, actor, need.id)
            except NotFound:
                continue
            seen.add(name)
            if row.organisation or row.organisation_id or row.person_id:
                known.add(name)
    assert SEES[where] == seen
    also = {"officer", "finance"} if where in ("matched", "closed") else set()
    assert (KNOWS_ANONYMOUS | also) & seen == known
    assert listed == (set(SEES["open"]) if where in ("open", "answered") else set())
