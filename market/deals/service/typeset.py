"""Makes the bytes of a document: the only step of a deal that works outside a transaction."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from sqlmodel import Session

from market.accounts.rules import Permission
from market.deals import mails, queries
from market.deals.gateway import Typesetter
from market.deals.models import AgreementDocument
from market.deals.service import steps
from market.kit import audit, files
from market.kit.actor import SYSTEM
from market.kit.files import FileStore


class Units(Protocol):
    """Opens units of work: a Database, or the Work of a view."""

    @property
    def read(self) -> Callable[[], AbstractContextManager[Session]]: ...

    @property
    def write(self) -> Callable[[], AbstractContextManager[Session]]: ...


def make_document(units: Units, typesetter: Typesetter, store: FileStore, document_id: str, *, now: datetime) -> None:
    """Typeset and keep a document, then ask its first signatory. Done twice, even at once, it leaves one file."""
    with units.read() as db:
        row = queries.document_by_id(db, document_id)
    if row is None or row.sha256:
        return
    pdf = typesetter.typeset(row.data["template"], row.data, dated=row.dated)
    blob = files.save_bytes(store, pdf, "application/pdf", f"{row.data['reference']}-{row.number}.pdf")
    with units.write() as db:
        deal = queries.deal_for_update(db, SYSTEM, row.deal_id)
        document = db.get(AgreementDocument, document_id, populate_existing=True)
        if document is None or document.sha256 or document.refused_at is not None:
            return
        document.file_id = files.remember(db, blob, now=now, organisation_id=deal.licensor_id).id
        document.sha256, document.typeset_at = blob.sha256, now
        db.add(document)
        db.flush()
        audit.record(
            db,
            SYSTEM,
            "deal:document:typeset",
            deal,
            now=now,
            document=document.id,
            sha256=blob.sha256,
            kind=document.kind,
        )
        steps.set_clock(db, deal, now=now)
        news = "sign_nda" if document.kind == "nda" else "sign"
        mails.tell(db, deal, deal.turn, news, key=f"sign:{document.number}:{deal.turn}", to=Permission.SIGN)
