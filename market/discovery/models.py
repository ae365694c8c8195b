"""Tables of the search: what still has to be put into the index, and who is at it."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer
from sqlmodel import Field

from market.kit.db import Table, json_column

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
