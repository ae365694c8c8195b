"""What the pages of the data room show."""

from dataclasses import dataclass
from typing import Any, ClassVar

from market.deals.papers import PaperRow
from market.deals.queries import DealRow
from market.kit.forms import FormState
from market.kit.web import Page

Option = tuple[str, str]


@dataclass(frozen=True)
class RoomPage(Page):
    """The documents of a deal that the reader may open, and the form to put one in. `tiers` say who may open each."""

    template: ClassVar[str] = "deals/room.html"
    title: str
    deal: DealRow
    ours: list[PaperRow]
    theirs: list[PaperRow]
    tiers: dict[str, str]
    short: dict[str, str]
    running: bool
    may_add: bool
    people: list[Option]
    form: FormState


@dataclass(frozen=True)
class PaperPage(Page):
    """One page of a document, marked for its reader; for the side that put it in also who has opened it."""

    template: ClassVar[str] = "deals/room_paper.html"
    title: str
    deal: DealRow
    paper: PaperRow
    number: int
    tier: str
    readers: list[str]
    log: list[tuple[Any, str]]
    may_revoke: bool
