"""A process as data: only what the table says can happen."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.kit.errors import Forbidden, Refusal, Refused
from market.kit.process import Process, Transition

NOON = datetime(2027, 3, 3, 12, 0, tzinfo=UTC)


@dataclass
class Loan:
    """A book that is lent."""

    state: str = "asked"
    pages: int = 100
    lent_at: datetime = NOON


def _thin(loan: Loan, **_facts: Any) -> Refusal | None:
    return None if loan.pages < 500 else Refusal("thick", "This book has {pages} pages.", params={"pages": loan.pages})


def _thick(loan: Loan, **_facts: Any) -> Refusal | None:
    return Refusal("thin", "This book is thin.") if loan.pages < 500 else None


def _signed(_loan: Loan, *, signature: str = "") -> Refusal | None:
    return None if signature else Refusal("unsigned", "Write your name.", "signature")


LENDING = Process(
    "lending",
    ("asked", "lent", "read_here", "late", "back"),
    Transition("lend", since=("asked",), to="lent", by="library", guard=_thin),
    Transition("lend", since=("asked",), to="read_here", by="library", guard=_thick),
    Transition("give_back", since=("lent", "late", "read_here"), to="back", by="reader", guard=_signed),
    Transition("remind", since=("lent",), to="late", by="system", due=lambda loan: loan.lent_at + timedelta(days=28)),
)
NAMES = sorted({t.name for t in LENDING.transitions})
SIDES = ("library", "reader", "system", "nobody")


def test_a_step_leads_where_the_table_says():
    """The library lends, the reader gives back, and that is the end."""
    loan = Loan()
    LENDING.advance(loan, "lend", by="library")
    assert "lent" == loan.state
    LENDING.advance(loan, "give_back", by="reader", signature="Ada")
    assert "back" == loan.state
    assert ("back",) == LENDING.final()


def test_of_two_ways_the_one_that_is_allowed_is_taken():
    """A thick book is read here, a thin one is taken home, by the same button."""
    loan = Loan(pages=900)
    taken = LENDING.advance(loan, "lend", by="library")
    assert ("read_here", "read_here") == (taken.to, loan.state)


def test_a_guard_says_why_not_and_nothing_moves():
    """The reader learns what is missing, at its field."""
    loan = Loan(state="lent")
    with pytest.raises(Refused) as told:
        LENDING.advance(loan, "give_back", by="reader")
    assert ("unsigned", "signature", "Write your name.") == (
        told.value.refusal.code, told.value.refusal.field, told.value.sentence,
    )  # fmt: skip
    assert "lent" == loan.state


def test_when_every_way_is_closed_the_first_reason_is_told():
    """Two ways out, both barred: the reason of the first in the table."""
    barred = Process(
        "barred", ("a", "b", "c"),
        Transition("go", since=("a",), to="b", by="me", guard=lambda _r: Refusal("one", "First.")),
        Transition("go", since=("a",), to="c", by="me", guard=lambda _r: Refusal("two", "Second.")),
    )  # fmt: skip
    with pytest.raises(Refused, match="First"):
        barred.advance(Loan(state="a"), "go", by="me")


def test_the_other_sides_step_is_forbidden():
    """Nobody takes a step that is the other side's."""
    with pytest.raises(Forbidden, match="other side's turn"):
        LENDING.advance(Loan(), "lend", by="reader")


def test_a_step_of_another_moment_is_refused():
    """Who is late is told to read the present state."""
    with pytest.raises(Refused, match="moved on"):
        LENDING.advance(Loan(state="back"), "lend", by="library")


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(NAMES), st.sampled_from(SIDES), st.sampled_from(["", "Ada"])), max_size=12
    ),
    pages=st.integers(1, 1000),
)
def test_no_order_of_clicks_leads_off_the_table(steps, pages):
    """Whatever is pressed by whomever, a record moves along a row of the table or stays where it is."""
    loan = Loan(pages=pages)
    for name, by, signature in steps:
        before = loan.state
        facts = {"signature": signature} if name == "give_back" else {}
        try:
            LENDING.advance(loan, name, by=by, **facts)
        except (Refused, Forbidden):
            assert before == loan.state
        else:
            rows = [(t.name, t.by, t.to) for t in LENDING.transitions if before in t.since]
            assert (name, by, loan.state) in rows


def test_buttons_are_what_the_table_gives_a_side():
    """A page offers a side what it may do now, and nothing else."""
    assert ["give_back"] == [t.name for t in LENDING.possible("lent", "reader")]
    assert [] == LENDING.possible("lent", "library")


def test_timers_are_the_systems_steps():
    """What the clock does is in the table too."""
    (timer,) = LENDING.timers()
    assert timer.due is not None
    assert ("remind", NOON + timedelta(days=28)) == (timer.name, timer.due(Loan()))


def test_a_slip_in_the_table_stops_the_start():
    """A state that is not in the list is found when the table is made."""
    with pytest.raises(ValueError, match="lost"):
        Process("lending", ("asked",), Transition("lose", since=("asked",), to="lost", by="reader"))


def test_the_diagram_shows_every_row():
    """The picture in the documents is the table."""
    drawn = LENDING.mermaid()
    for transition in LENDING.transitions:
        for state in transition.since:
            assert f"{state} --> {transition.to}: {transition.name} ({transition.by})" in drawn
    assert "[*] --> asked" in drawn
    assert "back --> [*]" in drawn
