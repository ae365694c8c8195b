"""Every SELECT of the data room. What its reader may not open does not come back."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlmodel import Session

from market.accounts.models import Person
from market.deals.models import RoomDocument
from market.deals.process import CLOSED
from market.deals.queries import DealRow
from market.deals.rules import nda
from market.deals.rules.room import Access, Reader, may_open
from market.kit.actor import Actor
from market.kit.errors import NotFound
from market.kit.files import StoredFile

_R: Any = RoomDocument.__table__  # type: ignore[attr-defined]
_P: Any = Person.__table__  # type: ignore[attr-defined]
_F: Any = StoredFile.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class PaperRow:
    """A document of the data room with its file; `own` where the reader's side put it in."""

    id: str
    deal_id: str
    organisation_id: str
    person: str
    title: str
    tier: str
    readers: frozenset[str]
    download: bool
    pages: int
    ends_on: date | None
    created_at: datetime
    revoked_at: datetime | None
    sha256: str
    content_type: str
    size: int
    own: bool

    @property
    def access(self) -> Access:
        """What the rules need of it."""
        return Access(self.tier, self.readers, self.ends_on, self.revoked_at is not None)


_NAMES = (
    "id", "deal_id", "organisation_id", "title", "tier", "readers", "download", "pages", "ends_on", "created_at",
    "revoked_at",
)  # fmt: skip
_ALL = (
    select(*(_R.c[name] for name in _NAMES), _P.c.name.label("person"), _F.c.sha256, _F.c.content_type, _F.c.size)
    .select_from(_R.join(_P, _P.c.id == _R.c.person_id).join(_F, _F.c.id == _R.c.file_id))
    .where(_R.c.deal_id == bindparam("deal"))
    .order_by(_R.c.created_at.desc(), _R.c.id.desc())
)
_ONE = _ALL.where(_R.c.id == bindparam("id"))
_COUNT = select(func.count()).select_from(_R).where(_R.c.deal_id == bindparam("deal"))


def _paper(row: Any, actor: Actor) -> PaperRow:
    own = row.organisation_id == actor.organisation_id
    return PaperRow(**{**row._mapping, "readers": frozenset(row.readers), "own": own})


def _open(paper: PaperRow, actor: Actor, deal: DealRow, today: date) -> bool:
    reader = Reader(
        person_id=actor.person_id or "",
        own=paper.own,
        nda_in_force=nda.in_force(deal.nda_ends_on, today),
        deal_closed=deal.state in CLOSED,
        today=today,
    )
    return may_open(paper.access, reader)


def papers(db: Session, actor: Actor, deal: DealRow, *, today: date) -> list[PaperRow]:
    """The documents of the room that the actor may open today, the newest first; `deal` was found for the actor."""
    found = [_paper(row, actor) for row in db.execute(_ALL, {"deal": deal.id})]
    return [each for each in found if _open(each, actor, deal, today)]


def paper(db: Session, actor: Actor, deal: DealRow, paper_id: str, *, today: date) -> PaperRow:
    """One document that the actor may open today; NotFound for every other."""
    row = db.execute(_ONE, {"deal": deal.id, "id": paper_id}).first()
    found = _paper(row, actor) if row else None
    if found is None or not _open(found, actor, deal, today):
        raise NotFound
    return found


def count(db: Session, deal_id: str) -> int:
    """How many documents both sides have put into the room."""
    return int(db.execute(_COUNT, {"deal": deal_id}).scalar_one())
