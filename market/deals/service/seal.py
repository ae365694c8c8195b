"""After the last signature: the record of signatures goes behind the document, and the whole is sealed."""

from datetime import datetime, timedelta

from market.deals import queries, seals
from market.deals.gateway import Sealer, Typesetter
from market.deals.models import SealedDocument
from market.deals.rules import certificate
from market.deals.rules.certificate import Signed
from market.deals.service.typeset import Units
from market.kit import audit, files
from market.kit.actor import SYSTEM
from market.kit.files import FileStore, storage_key

SEAL = "deals.seal"
SEAL_AFTER = timedelta(minutes=1)  # what people do next, paying above all, goes before it
REASON = "Sealed by Ponte after the last signature"
_ROLES = {"licensor": "Licensor", "licensee": "Licensee"}


def seal_document(
    units: Units,
    typesetter: Typesetter,
    sealer: Sealer,
    store: FileStore,
    document_id: str,
    *,
    verify_at: str,
    now: datetime,
) -> None:
    """Make and keep the sealed file of a document that all sides have signed. Done twice, even at once, it leaves one."""
    with units.read() as db:
        found = seals.signed_document(db, document_id)
        names = seals.party_names(db, found.deal_id) if found else {}
        sealed = seals.sealed(db, document_id)
    if found is None or sealed is not None or found.signing.next_side or not found.ready:
        return
    signed = tuple(
        Signed(
            role=_ROLES[each.side],
            organisation=names[each.side],
            person=each.person_name,
            typed_name=each.typed_name,
            consent=each.consent,
            at=each.at,
            address=each.address,
            session=each.session_id,
        )
        for each in found.signatures
    )
    sheet = certificate.certificate(found.data, found.sha256, signed, verify_at=verify_at)
    pages = typesetter.typeset(sheet["template"], sheet, dated=found.dated)
    pdf = sealer.seal(store.get(storage_key(found.sha256)), pages, reason=REASON)
    blob = files.save_bytes(store, pdf, "application/pdf", f"{found.data['reference']}-{found.number}-signed.pdf")
    with units.write() as db:
        deal = queries.deal_for_update(db, SYSTEM, found.deal_id)
        if seals.sealed(db, document_id) is not None:
            return
        kept = files.remember(db, blob, now=now, organisation_id=deal.licensor_id)
        db.add(SealedDocument(document_id=document_id, file_id=kept.id, sha256=blob.sha256, sealed_at=now))
        db.flush()
        audit.record(db, SYSTEM, "deal:document:sealed", deal, now=now, document=document_id, sha256=blob.sha256)
