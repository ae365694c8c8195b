"""The rules of needs: closeness, what may be said, days of all layouts."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.kit.errors import Forbidden, Refused
from market.needs.process import NEED, PUBLIC, STATES, Side
from market.needs.rules import matching, posting
from market.needs.rules.dates import is_nothing, read_day
from market.needs.rules.matching import Profile, compare, listing, stem
from market.needs.rules.posting import Facts
from market.needs.rules.vocabulary import BUDGETS, budget_of

TODAY = date(2027, 3, 3)
NEED_TEXT = "An exchanger that takes heat out of dairy waste water"
WEIGHTS = matching.weights(NEED_TEXT, {"water": 50, "heat": 30, "waste": 20}, 100)
PROFILE = Profile(WEIGHTS, "food", 31, frozenset({"licence"}))


def a_listing(title="Heat exchanger for dairies", *texts, sector="food", fields=(31,), offers=("licence",)):
    """A technology as the rules see it."""
    return listing(title, texts, sector=sector, fields=fields, offers=offers)


# --- closeness


def test_a_close_technology_says_why():
    """Shared words, sector, field and way of working are the reasons; the rarest word stands first."""
    match = compare(PROFILE, a_listing())
    assert match is not None
    assert {"heat", "exchanger", "dairies"} == set(match.words)
    assert "heat" != match.words[0]
    assert (True, True, ("licence",)) == (match.sector, match.field, match.kinds)
    assert match.score >= matching.STRONG


def test_a_sector_alone_is_no_reason():
    """The same sector without a shared word is not told."""
    assert compare(PROFILE, a_listing("Seeds that sprout early")) is None


def test_common_words_are_no_reason():
    """`system`, `company` and `new` stand everywhere."""
    assert {} == matching.telling("a new system for your company, better than other solutions, within 3 years")


@pytest.mark.parametrize(
    ("one", "other"), [("coating", "coatings"), ("coated", "coating"), ("dairy", "dairies"), ("valve", "valves")]
)
def test_forms_of_a_word_are_one(one, other):
    """Plural and other endings do not part what belongs together."""
    assert stem(one) == stem(other)


@pytest.mark.parametrize(("one", "other"), [("water", "waste"), ("heat", "hear"), ("glass", "gas"), ("pump", "pulp")])
def test_different_words_stay_different(one, other):
    """Short stems do not melt together."""
    assert stem(one) != stem(other)


SOME = "heat exchanger dairy waste water valve bottle olive press"
words_of = st.lists(st.sampled_from(SOME.split(" ")), max_size=12)


@given(words_of, words_of, st.sampled_from(["food", "energy", None]), st.sets(st.integers(1, 35), max_size=3))
def test_a_score_is_bounded_and_repeatable(title, text, sector, fields):
    """Whatever is compared: 25 to 100 or nothing, and the same again; one more shared word never makes it less close."""
    other = a_listing(" ".join(title), " ".join(text), sector=sector, fields=tuple(fields))
    match = compare(PROFILE, other)
    assert match == compare(PROFILE, other)
    more = a_listing(" ".join(title), " ".join([*text, "exchanger"]), sector=sector, fields=tuple(fields))
    if match is not None:
        assert matching.LEAST <= match.score <= 100
        assert set(match.words) <= set(title) | set(text)
        closer = compare(PROFILE, more)
        assert closer is not None
        assert closer.score >= match.score


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_can_be_compared(need, other):
    """No text breaks it, whatever its script."""
    profile = Profile(matching.weights(need, {}, 10))
    match = compare(profile, listing(other, (), sector=None, fields=(), offers=()))
    assert match is None or match.words


# --- what may be sent in

WHOLE = Facts(
    "Heat out of waste water", NEED_TEXT * 2, "food", ("licence",), date(2027, 6, 1), False, "Latteria Bianchi srl"
)


def test_a_whole_need_lacks_nothing():
    """With title, text, sector and a way of working it may go out."""
    assert [] == posting.missing(WHOLE, today=TODAY)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": "Heat"}, "title"),
        ({"text": "Too short."}, "text"),
        ({"sector": None}, "sector"),
        ({"sector": "nonsense"}, "sector"),
        ({"kinds": ()}, "kinds"),
        ({"deadline": TODAY}, "deadline"),
        ({"deadline": date(2030, 1, 1)}, "deadline"),
    ],
)
def test_each_lack_is_said_at_its_field(change, field):
    """One sentence at one field."""
    assert [field] == [fault.field for fault in posting.missing(replace(WHOLE, **change), today=TODAY)]


@pytest.mark.parametrize(
    ("name", "text", "names"),
    [
        ("Latteria Bianchi srl", "We at LATTERIA  bianchi need heat", True),
        ("Latteria Bianchi srl", "We at Latteria need heat, says Mr Bianchi", False),
        ("Größe GmbH", "die groesse zählt", False),
        ("Größe GmbH", "bei Größe", True),
        ("Kvist & Co", "Kvist and Co seeks", True),
        ("ABC", "the abc of cheese", False),
    ],
)
def test_a_text_that_names_its_company_is_found(name, text, names):
    """With or without legal form, in any capitals; short names of everyday words are let pass."""
    assert names == posting.names_itself(name, (text,))


# --- days

LAYOUTS = (
    "2020-08-31",
    "2020-08-31T17:00:00Z",
    "2020/08/31 12 p.m.",
    "08/31/2020 05:00 PM",
    "8/31/2020",
    "08/31/2020  11:59  PM",
    "August 31, 2020",
    "Aug. 31 2020",
    "Monday, August 31st, 2020 5 pm",
    "31 August 2020",
    "31.08.2020",
    "31/08/2020",
)


@pytest.mark.parametrize("text", LAYOUTS)
def test_every_layout_is_the_same_day(text):
    """However others write it, it is the last day of August."""
    assert date(2020, 8, 31) == read_day(text)


@pytest.mark.parametrize(
    "text", ["None", "", "soon", "31/31/2020", "2020-02-30", "20200831", "Smarch 3, 2020", "1/2/20"]
)
def test_what_is_no_day_is_none(text):
    """Nothing is guessed."""
    assert read_day(text) is None


def test_american_order_goes_first():
    """Where digits leave it open, the month stands first, as in the source; with points the day does."""
    assert (date(2020, 3, 4), date(2020, 4, 3)) == (read_day("03/04/2020"), read_day("03.04.2020"))


@given(st.dates())
def test_any_day_is_read_back(day):
    """Whatever day, in three layouts."""
    assert day == read_day(day.isoformat())
    assert day == read_day(f"{day:%d.%m.}{day.year:04}")
    assert day == read_day(f"{day.month}/{day.day}/{day.year:04} 05:00 PM")


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_days(text):
    """A day or nothing."""
    assert read_day(text) is None or isinstance(read_day(text), date)
    assert is_nothing(text) in (True, False)


def test_amounts_fall_into_bands():
    """The bound belongs to the band below it."""
    assert ("open", "to_5k", "to_25k", "above") == tuple(map(budget_of, (None, 5_000, 5_001, 500_001)))
    assert {budget_of(10.0**n) for n in range(8)} <= set(BUDGETS)


# --- the process


class Record:
    """A need in a situation."""

    def __init__(self, state, deadline=None):
        self.state, self.deadline = state, deadline


def test_no_step_exists_outside_the_table():
    """Every pair of situation and step that the table lacks is refused, for each side."""
    for state in STATES:
        for name in {row.name for row in NEED.transitions}:
            for side in Side:
                if not any(row.name == name and state in row.since and row.by == side for row in NEED.transitions):
                    with pytest.raises((Refused, Forbidden)):
                        NEED.advance(Record(state), name, by=side)


def test_what_has_ended_stays_ended():
    """Closed, expired and withdrawn lead nowhere."""
    assert {"closed", "expired", "withdrawn"} == set(NEED.final())


@given(st.dates(), st.none() | st.dates())
def test_the_clock_ends_a_need_exactly_when_answers_are_too_late(today, deadline):
    """There is no day on which it is both open to answers and over, and none on which it is neither."""
    for state in PUBLIC:
        record = Record(state, deadline)
        try:
            NEED.advance(record, "expire", by=Side.SYSTEM, today=today)
            over = True
        except Refused:
            over = False
        try:
            NEED.advance(Record(state, deadline), "answer", by=Side.INSTITUTION, today=today)
            assert not over
        except Refused:
            assert over
