"""How fast an institution answers: counted from enquiries, shown from five answers on."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from market.catalog import queries as catalog
from market.catalog.rules.response import ENOUGH, in_words, median_days
from market.deals.forms import AnswerForm, EnquiryForm
from market.deals.service import enquire
from market.discovery.models import SearchOutbox
from tests.deals.world import USE, member, organisation

DAYS = st.lists(st.integers(0, 400), min_size=ENOUGH, max_size=60)


@given(DAYS)
def test_half_of_the_answers_came_within_the_median(days):
    """Whatever the times: half of them are no longer, and as it grows by a constant so does the figure."""
    median = median_days(days)

    assert 2 * sum(each <= median for each in days) >= len(days)
    assert min(days) <= median <= max(days)
    assert median + 7 == median_days([each + 7 for each in days])


@given(st.lists(st.integers(0, 400), max_size=ENOUGH - 1))
def test_too_few_answers_make_no_figure(days):
    """Below five nothing is said."""
    assert median_days(days) is None
    assert "" == in_words(median_days(days))


def test_the_figure_reads_as_one_says_it():
    """The same day, one day, several."""
    assert ["Answers the same day", "Answers in 1 working day", "Answers in 3 working days"] == list(
        map(in_words, (0, 1, 3))
    )


@pytest.fixture
def ask(database, world):
    """A new company asks, and the institution answers so many days later, or not at all."""
    made = []

    def one(answered_after=None):
        made.append(1)
        with database.write() as db:
            company = organisation(db, "sme", f"Company {len(made)}", "DK", world.now)
            buyer = member(db, company, f"Buyer {len(made)}", "owner", now=world.now)
            form = EnquiryForm(intended_use=USE, field_of_use="Hulls", territory=["DK"])
            deal = enquire.send_enquiry(db, buyer, world.technology.id, form, now=world.now)
        if answered_after is not None:
            with database.write() as db:
                later = world.now + timedelta(days=answered_after)
                enquire.acknowledge(db, world.officer, deal.id, AnswerForm(message=""), now=later)

    return one


def test_five_answers_make_a_record(database, world, ask):
    """Working days count, four answers are too few, an unanswered enquiry lowers the share; the search is told once."""
    for days in (0, 1, 2, 5):
        ask(days)
    ask()
    with database.read() as db:
        record = catalog.response_of(db, world.institution.id)
        assert (5, 4, None) == (record.asked, record.answered, record.response_days)
        before = db.execute(select(func.count()).select_from(SearchOutbox)).scalar_one()
    ask(1)

    with database.read() as db:
        record = catalog.response_of(db, world.institution.id)
        assert (6, 5, 1) == (record.asked, record.answered, record.response_days)
        assert "Answers in 1 working day" == catalog.cards(db, [world.technology.id])[0].answers
        assert 1 == catalog.documents(db, [world.technology.id])[0].response_days
        assert before + 1 == db.execute(select(func.count()).select_from(SearchOutbox)).scalar_one()
