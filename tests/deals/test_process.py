"""The process table of deals: closed, complete, with one way for each situation."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.deals.process import (
    BEFORE_SIGNING,
    CLOSED,
    LICENCE,
    OFFERS,
    OPEN,
    PATH,
    RUNNING,
    STATE_LABELS,
    STATES,
    Side,
    other,
    turn_of,
)
from market.deals.rules.offers import OfferFacts
from market.kit.errors import Forbidden, Refused

NOON = datetime(2027, 3, 3, 12, tzinfo=UTC)


@dataclass
class Record:
    """A deal as the process sees it."""

    state: str
    nda_signed_at: datetime | None = None
    due_at: datetime | None = None


def test_every_situation_has_a_name_a_place_on_the_path_and_a_way_in() -> None:
    """Nothing in the table is out of reach."""
    assert set(STATES) == set(STATE_LABELS)
    assert set(STATES) - {"lost"} == {state for _label, states in PATH for state in states}
    assert set(STATES) == {LICENCE.start} | {row.to for row in LICENCE.transitions}
    assert set(STATES) == {*OPEN, *RUNNING, *CLOSED}
    assert set(CLOSED) == set(LICENCE.final())


@pytest.mark.parametrize("state", BEFORE_SIGNING)
def test_before_signing_either_side_may_leave(state: str) -> None:
    """Nobody is kept in a deal; the reason is told."""
    for side in (Side.LICENSEE, Side.LICENSOR):
        with pytest.raises(Refused):
            LICENCE.advance(Record(state), "close_lost", by=side, reason="")
        record = Record(state)
        LICENCE.advance(record, "close_lost", by=side, reason="price")
        assert "lost" == record.state


@given(st.sampled_from(OFFERS))
def test_who_made_the_offer_cannot_accept_it(state: str) -> None:
    """An offer is accepted by the other side, once, in time, and as it was read."""
    maker = Side(state.removeprefix("offer_from_"))
    facts = {"offer": OfferFacts("a", NOON), "shown": "a", "now": NOON - timedelta(days=1)}
    with pytest.raises(Forbidden):
        LICENCE.advance(Record(state), "accept_offer", by=maker, **facts)
    record = Record(state)
    LICENCE.advance(record, "accept_offer", by=other(maker), **facts)
    assert "terms_agreed" == record.state
    with pytest.raises(Refused):
        LICENCE.advance(record, "accept_offer", by=other(maker), **facts)


@pytest.mark.parametrize(("signed_at", "to"), [(None, "qualified"), (NOON, "evaluating")])
def test_a_withdrawn_or_ended_offer_leads_back_to_where_the_two_were(signed_at: datetime | None, to: str) -> None:
    """With a data room open they go on evaluating, else they talk."""
    for state in OFFERS:
        record = Record(state, signed_at)
        LICENCE.advance(record, "withdraw_offer", by=state.removeprefix("offer_from_"))
        assert to == record.state
        record = Record(state, signed_at)
        with pytest.raises(Refused):
            LICENCE.advance(
                record, "expire_offer", by=Side.SYSTEM, offer=OfferFacts("a", NOON + timedelta(1)), now=NOON
            )
        LICENCE.advance(record, "expire_offer", by=Side.SYSTEM, offer=OfferFacts("a", NOON), now=NOON)
        assert to == record.state


def test_no_step_exists_outside_the_table() -> None:
    """Every pair of situation and step that the table lacks is refused, for each side."""
    names = {row.name for row in LICENCE.transitions}
    for state, name, side in product(STATES, names, Side):
        if not any(row.name == name and state in row.since and row.by == side for row in LICENCE.transitions):
            with pytest.raises((Refused, Forbidden)):
                LICENCE.advance(Record(state), name, by=side)


def test_one_side_has_the_turn() -> None:
    """While the deal waits for somebody, it is clear for whom."""
    for state in OPEN:
        if state in ("signing", "nda_pending"):
            assert "licensee" == turn_of(state, signer="licensee")
        else:
            assert turn_of(state) in ("licensee", "licensor")
    assert "licensee" == turn_of("terms_agreed", missing_approval=frozenset({"licensee"}))
    assert "" == turn_of("active")


def test_the_diagram_shows_every_row() -> None:
    """The picture in the documents is the table."""
    diagram = LICENCE.mermaid()
    assert all(row.name in diagram for row in LICENCE.transitions)
