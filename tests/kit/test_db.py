"""The database's own promises, on both kinds."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from market.kit import audit
from market.kit.actor import Actor
from market.kit.db import Database

SUBJECT = ("deal", "one")
ADA = Actor(person_id="p1", person_name="Ada")


def _write(database: Database, now, *tags: str) -> None:
    with database.write() as db:
        for tag in tags:
            audit.record(db, ADA, tag, SUBJECT, now=now, amount=5)


def test_what_happened_can_be_read_in_order_and_proved(database, now):
    """Events of a subject come back in order, and the chain holds."""
    _write(database, now, "deal:enquiry:sent", "deal:enquiry:acknowledged")
    with database.read() as db:
        assert ["deal:enquiry:sent", "deal:enquiry:acknowledged"] == [event.tag for event in audit.trail(db, SUBJECT)]
        assert (2, []) == audit.verify(db)


@pytest.mark.parametrize("statement", ["UPDATE audit_event SET tag = 'x'", "DELETE FROM audit_event"])
def test_nobody_changes_the_past(database, now, statement):
    """The database itself refuses to change or remove an audit event."""
    _write(database, now, "deal:enquiry:sent")
    with pytest.raises(DBAPIError, match="append-only"), database.write() as db:
        db.execute(text(statement))


def test_a_changed_event_is_found_and_named(database, now):
    """Who gets round the trigger is found by the chain."""
    _write(database, now, "a", "b", "c")
    with database.write() as db:
        if database.is_sqlite:
            db.execute(text("DROP TRIGGER audit_event_no_update"))
        else:
            db.execute(text("ALTER TABLE audit_event DISABLE TRIGGER ALL"))
        db.execute(text("UPDATE audit_event SET person_name = 'Eve' WHERE position = 2"))
    with database.read() as db:
        count, breaks = audit.verify(db)
    assert (3, [(SUBJECT, 2, "was changed")]) == (count, [(b.subject, b.position, b.reason) for b in breaks])


def test_an_exception_undoes_the_whole_unit_of_work(database, now):
    """Half a unit of work is never seen."""
    with pytest.raises(RuntimeError), database.write() as db:
        audit.record(db, ADA, "deal:enquiry:sent", SUBJECT, now=now)
        raise RuntimeError
    with database.read() as db:
        assert [] == audit.trail(db, SUBJECT)
