"""The audit trail: written with the change, kept for ever, and proved, on both kinds of database."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from market.kit import audit
from market.kit.actor import Actor
from market.kit.audit import AuditEvent
from market.kit.db import Database
from market.kit.ids import new_id
from market.kit.money import Money

SUBJECT = ("deal", "one")
OTHER = ("deal", "two")
ADA = Actor(
    person_id="p1", person_name="Ada", organisation_id="o1", organisation_name="Lindenfels", address="192.0.2.7"
)


def _write(database: Database, now: datetime, *tags: str, subject: audit.Subject = SUBJECT) -> None:
    with database.write() as db:
        for tag in tags:
            audit.record(db, ADA, tag, subject, now=now, amount=5)


def _round_the_trigger(database: Database, *statements: str) -> None:
    """What somebody does who owns the database and takes the triggers away."""
    with database.write() as db:
        if database.is_sqlite:
            db.execute(text("DROP TRIGGER audit_event_no_update"))
            db.execute(text("DROP TRIGGER audit_event_no_delete"))
        else:
            db.execute(text("ALTER TABLE audit_event DISABLE TRIGGER ALL"))
        for statement in statements:
            db.execute(text(statement))


def _breaks(database: Database) -> list[tuple[audit.Subject, int, str]]:
    with database.read() as db:
        return [(found.subject, found.position, found.reason) for found in audit.verify(db)[1]]


def test_what_happened_can_be_read_in_order_and_proved(database, now):
    """Events of a subject come back in order, and the chain holds."""
    _write(database, now, "deal:enquiry:sent", "deal:enquiry:acknowledged")
    with database.read() as db:
        assert ["deal:enquiry:sent", "deal:enquiry:acknowledged"] == [event.tag for event in audit.trail(db, SUBJECT)]
        assert (2, []) == audit.verify(db)


def test_who_did_it_and_from_where_is_copied_in(database, now):
    """A person who is renamed or removed later is still named as they were."""
    _write(database, now, "deal:enquiry:sent")
    with database.read() as db:
        event = audit.trail(db, SUBJECT)[0]
    assert ("Ada", "Lindenfels", "192.0.2.7", now, {"amount": 5}) == (
        event.person_name, event.organisation_name, event.address, event.at, event.data,
    )  # fmt: skip


def test_every_record_has_a_chain_of_its_own(database, now):
    """What happens to one deal does not number the events of another."""
    _write(database, now, "a", "b")
    _write(database, now, "a", subject=OTHER)
    with database.read() as db:
        assert [1, 2] == [event.position for event in audit.trail(db, SUBJECT)]
        assert [(1, "")] == [(event.position, event.previous) for event in audit.trail(db, OTHER)]


@pytest.mark.parametrize("statement", ["UPDATE audit_event SET tag = 'x'", "DELETE FROM audit_event"])
def test_nobody_changes_the_past(database, now, statement):
    """The database itself refuses to change or remove an audit event."""
    _write(database, now, "deal:enquiry:sent")
    with pytest.raises(DBAPIError, match="append-only"), database.write() as db:
        db.execute(text(statement))


def test_the_table_cannot_be_emptied_at_once(postgres_url, now):
    """PostgreSQL's TRUNCATE, which asks no row, is refused too."""
    database = Database(postgres_url)
    _write(database, now, "deal:enquiry:sent")
    with pytest.raises(DBAPIError, match="append-only"), database.write() as db:
        db.execute(text("TRUNCATE audit_event"))
    database.close()


@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "REPLACE"])
def test_an_event_cannot_be_written_over(sqlite_url, now, verb):
    """SQLite's REPLACE removes the old row on its way: that counts as removing."""
    database = Database(sqlite_url)
    _write(database, now, "deal:enquiry:sent")
    columns = ", ".join(column.name for column in AuditEvent.__table__.columns)
    changed = columns.replace("person_name", "'Eve'", 1)
    with pytest.raises(DBAPIError, match="append-only"), database.write() as db:
        db.execute(text(f"{verb} INTO audit_event ({columns}) SELECT {changed} FROM audit_event"))
    database.close()


def test_nothing_is_slipped_in(database, now):
    """A place in the chain is taken once: the database refuses a second event there."""
    _write(database, now, "a", "b")
    with database.read() as db:
        first = dict(audit.trail(db, SUBJECT)[0]._mapping)
    with pytest.raises(DBAPIError), database.write() as db:
        db.execute(insert(AuditEvent).values(first | {"id": new_id(), "tag": "deal:offer:accepted"}))
    assert [] == _breaks(database)


def test_an_event_put_at_the_end_by_hand_is_found(database, now):
    """Who writes an event past the application does not know how to seal it."""
    _write(database, now, "a")
    with database.write() as db:
        last = dict(audit.trail(db, SUBJECT)[0]._mapping)
        by_hand = {"id": new_id(), "position": 2, "previous": last["digest"], "tag": "deal:offer:accepted"}
        db.execute(insert(AuditEvent).values(last | by_hand))
    assert [(SUBJECT, 2, "was changed")] == _breaks(database)


@pytest.mark.parametrize(
    "change",
    ["tag = 'deal:offer:declined'", "person_name = 'Eve'", "position = 9", "subject_id = 'three'", "address = '::1'"],
)
def test_a_changed_event_is_found_whatever_was_changed(database, now, change):
    """Who gets round the trigger is found by the chain."""
    _write(database, now, "a", "b", "c")
    _round_the_trigger(database, f"UPDATE audit_event SET {change} WHERE position = 2")
    assert _breaks(database)


def test_a_changed_event_is_named(database, now):
    """The one who checks is told which event of which record it is."""
    _write(database, now, "a", "b", "c")
    _round_the_trigger(database, "UPDATE audit_event SET person_name = 'Eve' WHERE position = 2")
    assert [(SUBJECT, 2, "was changed")] == _breaks(database)


def test_a_removed_event_is_named(database, now):
    """Who removes an event from the middle leaves a gap, and other records stay whole."""
    _write(database, now, "a", "b", "c")
    _write(database, now, "a", "b", subject=OTHER)
    _round_the_trigger(database, "DELETE FROM audit_event WHERE position = 2 AND subject_id = 'one'")
    assert [(SUBJECT, 2, "an event is missing")] == _breaks(database)


def test_an_event_that_was_resealed_breaks_the_next_one(database, now):
    """Who knows how events are sealed still cannot hide a change from the event that follows."""
    _write(database, now, "a", "b")
    with database.read() as db:
        first = dict(audit.trail(db, SUBJECT)[0]._mapping) | {"tag": "deal:offer:declined"}
    digest = audit.digest_of({key: value for key, value in first.items() if key != "digest"})
    _round_the_trigger(
        database, f"UPDATE audit_event SET tag = 'deal:offer:declined', digest = '{digest}' WHERE position = 1"
    )
    assert [(SUBJECT, 2, "does not follow the event before it")] == _breaks(database)


def test_an_exception_undoes_the_whole_unit_of_work(database, now):
    """Half a unit of work is never seen."""
    with pytest.raises(RuntimeError), database.write() as db:
        audit.record(db, ADA, "deal:enquiry:sent", SUBJECT, now=now)
        raise RuntimeError
    with database.read() as db:
        assert [] == audit.trail(db, SUBJECT)


FACTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)
    | st.builds(Money, st.integers(-(10**12), 10**12), st.sampled_from(["EUR", "JPY", "KWD"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcdé"), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=st.lists(FACTS, min_size=1, max_size=4))
def test_whatever_is_recorded_still_verifies_when_it_is_read_back(database, facts):
    """No fact loses its seal on the way through the database: not a number, not a date, not a text in any script."""
    subject = ("thing", new_id())
    with database.write() as db:
        audit.record(db, ADA, "a", subject, now=datetime.now(UTC), facts=facts)
    assert [] == [found for found in _breaks(database) if found[0] == subject]


def test_facts_are_written_so_that_json_can_hold_them():
    """Money, decimals and times have one spelling in the trail."""
    moment = datetime(2027, 3, 3, 12, 0, tzinfo=UTC)
    told = audit.plain({1: (Money(5, "EUR"), Decimal("1.50"), date(2027, 3, 3), moment, 0.1)})
    assert {"1": [{"minor": 5, "currency": "EUR"}, "1.50", "2027-03-03", "2027-03-03T12:00:00+00:00", "0.1"]} == told


def test_one_fact_has_one_digest():
    """The order in which facts are given does not matter; what they say does."""
    assert audit.digest_of({"a": 1, "b": "é"}) == audit.digest_of({"b": "é", "a": 1})
    assert audit.digest_of({"a": 1}) != audit.digest_of({"a": "1"})
