"""The non-disclosure agreement that two organisations have signed before and that still runs."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import Session

from market.deals.models import AgreementDocument, Deal
from market.deals.rules import nda

_D: Any = Deal.__table__  # type: ignore[attr-defined]
_X: Any = AgreementDocument.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class StandingNda:
    """A signed agreement: its document, the deal in which it was signed, when, and its last day."""

    document_id: str
    deal_id: str
    dated: date
    signed_at: datetime
    ends_on: date

    @property
    def number(self) -> str:
        """The name by which people call it."""
        return nda.number(self.document_id, self.dated)


_FIELDS = select(
    _X.c.id.label("document_id"),
    _X.c.deal_id,
    _X.c.dated,
    _D.c.nda_signed_at.label("signed_at"),
    _D.c.nda_ends_on.label("ends_on"),
).join(_D, (_D.c.id == _X.c.deal_id) & (_D.c.nda_document_id == _X.c.id))
_STANDING = (
    _FIELDS.where(
        _D.c.licensor_id == bindparam("licensor"),
        _D.c.licensee_id == bindparam("licensee"),
        _D.c.nda_ends_on >= bindparam("today"),
    )
    .order_by(_D.c.nda_ends_on.desc(), _X.c.id)
    .limit(1)
)
_SIGNED = _FIELDS.where(_X.c.id == bindparam("document"))


def standing_nda(db: Session, licensor_id: str, licensee_id: str, *, today: date) -> StandingNda | None:
    """What the two have signed and still runs on `today`, in whichever deal; the one that runs longest."""
    row = db.execute(_STANDING, {"licensor": licensor_id, "licensee": licensee_id, "today": today}).first()
    return StandingNda(**row._mapping) if row else None


def signed_nda(db: Session, document_id: str | None) -> StandingNda | None:
    """The signed agreement under which a deal goes on. The caller has found the deal for its actor."""
    row = db.execute(_SIGNED, {"document": document_id}).first() if document_id else None
    return StandingNda(**row._mapping) if row else None
