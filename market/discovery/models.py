"""Tables of the search: what still has to be put into the index, and who is at it; saved searches, alerts, shortlists."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, UniqueConstraint
from sqlmodel import Field

from market.discovery.rules.alerts import FREQUENCIES, LONGEST_NOTE
from market.kit.db import Table, check_in, json_column
from market.kit.ids import new_id

Sequence = BigInteger().with_variant(Integer, "sqlite")


class SearchOutbox(Table, table=True):
    """A technology that the index has to be told about, written with the change itself.

    It says only which one: what the index should hold is read when the row is worked on, so that the order of rows does
    not matter and a listing that is no longer visible leaves the index. A row goes when the engine has confirmed it; one
    that the engine refuses stays with the reason in `error`. `copied_at` is set once the replica, where there is one, has it.
    """

    __tablename__ = "search_outbox"
    __table_args__ = (
        Index("ix_search_outbox_waiting", "refused_at", "seq"),
        Index("ix_search_outbox_uncopied", "copied_at", "seq"),
    )

    seq: int | None = Field(default=None, primary_key=True, sa_type=Sequence)
    technology_id: str = Field(index=True)
    requested_at: datetime
    copied_at: datetime | None = None
    refused_at: datetime | None = None
    error: str = ""


class SearchTurn(Table, table=True):
    """Whose turn it is to write to the index: one worker at a time, or a rebuild, until `held_until`.

    `tasks` and `rows` are what was handed over and not yet confirmed: the engine's task numbers and the outbox's.
    """

    __tablename__ = "search_turn"

    name: str = Field(primary_key=True)
    holder: str = ""
    held_until: datetime | None = None
    tasks: list[Any] = json_column(list)
    rows: list[Any] = json_column(list)


class SavedSearch(Table, table=True):
    """A search that somebody wants to be told about. `query` is the address's query in one spelling, without a page."""

    __tablename__ = "saved_search"
    __table_args__ = (
        UniqueConstraint("person_id", "query"),
        check_in("frequency", FREQUENCIES),
        Index("ix_saved_search_listening", "frequency", "id"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    name: str
    query: str
    frequency: str
    created_at: datetime
    updated_at: datetime


class AlertOutbox(Table, table=True):
    """A technology that became visible at `visible_at` and is to be held against all saved searches, or was.

    One row a technology, for ever: an edit makes no listing new again, being opened again after it was hidden does.
    """

    __tablename__ = "alert_outbox"
    __table_args__ = (Index("ix_alert_outbox_waiting", "matched_at", "visible_at"),)

    technology_id: str = Field(foreign_key="technology.id", primary_key=True)
    visible_at: datetime
    matched_at: datetime | None = None


class AlertMatch(Table, table=True):
    """A new technology that fits a saved search, until the mail is due at `due_at`."""

    __tablename__ = "alert_match"
    __table_args__ = (Index("ix_alert_match_due", "due_at", "saved_search_id"),)

    saved_search_id: str = Field(foreign_key="saved_search.id", primary_key=True)
    technology_id: str = Field(foreign_key="technology.id", primary_key=True)
    due_at: datetime


class AlertSent(Table, table=True):
    """A person was told of a technology; the key is why nobody is told twice."""

    __tablename__ = "alert_sent"
    __table_args__ = (UniqueConstraint("person_id", "technology_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    technology_id: str = Field(foreign_key="technology.id", index=True)
    sent_at: datetime


class ShortlistEntry(Table, table=True):
    """A technology that a person keeps in view, with a note that nobody else reads."""

    __tablename__ = "shortlist_entry"
    __table_args__ = (
        UniqueConstraint("person_id", "technology_id"),
        CheckConstraint(f"length(note) <= {LONGEST_NOTE}", name="note_short"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    technology_id: str = Field(foreign_key="technology.id", index=True)
    note: str = ""
    created_at: datetime
