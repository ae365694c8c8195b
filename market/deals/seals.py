"""SELECTs about signed documents and their sealed files."""

from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import Session

from market.accounts import queries as accounts
from market.deals import queries
from market.deals.models import AgreementDocument, Deal, SealedDocument
from market.deals.queries import DocumentRow

_X: Any = AgreementDocument.__table__  # type: ignore[attr-defined]
_Z: Any = SealedDocument.__table__  # type: ignore[attr-defined]
_D: Any = Deal.__table__  # type: ignore[attr-defined]

_SEALED = select(*_Z.c).where(_Z.c.document_id == bindparam("document"))
_BY_BYTES = (
    select(_X.c.data, _X.c.sha256, _Z.c.sealed_at, _Z.c.sha256.label("sealed_sha256"))
    .select_from(_X.outerjoin(_Z, _Z.c.document_id == _X.c.id))
    .where((_X.c.sha256 == bindparam("sha256")) | (_Z.c.sha256 == bindparam("sha256")))
)
_PARTIES = select(_D.c.licensor_id, _D.c.licensee_id).where(_D.c.id == bindparam("deal"))


def signed_document(db: Session, document_id: str) -> DocumentRow | None:
    """A document with its signatures, for the job that seals it; None where there is none."""
    row = queries.document_by_id(db, document_id)
    if row is None:
        return None
    return next((each for each in queries.documents(db, row.deal_id) if each.id == document_id), None)


def sealed(db: Session, document_id: str) -> Any | None:
    """The sealed file of a document, or None."""
    return db.execute(_SEALED, {"document": document_id}).first()


def by_bytes(db: Session, sha256: str) -> Any | None:
    """The document that has these bytes, as it was signed or as it was sealed. Who holds the bytes may know that."""
    return db.execute(_BY_BYTES, {"sha256": sha256}).first()


def party_names(db: Session, deal_id: str) -> dict[str, str]:
    """The names of both organisations, by side."""
    row = db.execute(_PARTIES, {"deal": deal_id}).one()
    sides = (("licensor", row.licensor_id), ("licensee", row.licensee_id))
    return {side: accounts.organisation(db, owner).name for side, owner in sides}
