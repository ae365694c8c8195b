"""From approved terms to a licence: the document, its signatures, the fee."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session

from market.accounts import queries as accounts
from market.accounts.rules import Permission
from market.catalog import queries as catalog
from market.deals import grants, mails, policy, queries
from market.deals.events import LicenceActivated, LicenceSigned
from market.deals.forms import SignForm
from market.deals.models import AgreementDocument, Deal, Licence, Signature
from market.deals.process import Side, other
from market.deals.rules import agreement, codec, exclusivity, signing
from market.deals.rules.agreement import Frame, Party
from market.deals.rules.duration import last_day
from market.deals.rules.exclusivity import Granted
from market.deals.rules.further import Instalment
from market.deals.rules.terms import IpKind, TermSheet
from market.deals.service import handover, steps
from market.deals.service.seal import SEAL, SEAL_AFTER
from market.kit import jobs
from market.kit.actor import SYSTEM, Actor
from market.kit.errors import NotFound
from market.kit.events import emit
from market.payments.service import reporting
from market.payments.service.invoicing import open_obligation

TYPESET = "deals.typeset"


def send_for_signature(db: Session, actor: Actor, deal_id: str, *, now: datetime, note: str = "") -> Deal:
    """Fix the document of the accepted terms and ask for it to be typeset; raises Refused where the grant would clash.

    `note` is printed on every page, such as the mark of a sample world. The signatories are told when it is ready.
    """
    deal = queries.deal_for_update(db, actor, deal_id)
    side = policy.require(actor, "send_for_signature", deal)
    agreed = _agreed(db, deal)
    facts = {"clash": _clash(db, deal, agreed.terms, now=now)}
    steps.take(db, actor, deal, "send_for_signature", by=side, now=now, facts=facts, digest=agreed.digest)
    document = _document(db, deal, agreed, note, now=now)
    steps.set_clock(db, deal, now=now)
    jobs.enqueue(db, TYPESET, {"document": document.id}, key=f"{TYPESET}:{document.id}")
    return deal


def _agreed(db: Session, deal: Deal) -> queries.OfferRow:
    found = queries.offer(db, deal.offer_id)
    if found is None:
        raise NotFound
    return found


def _clash(db: Session, deal: Deal, sheet: TermSheet, *, now: datetime) -> str:
    """The number of a live licence that this grant cannot stand beside; nobody else grants until we have committed."""
    grants.lock_grants(db, deal.technology_id)
    new = Granted(
        number="",
        grant=sheet.grant,
        field=sheet.field_of_use,
        territory=sheet.territory,
        begins_on=now.date(),
        ends_on=_last_day(db, deal, sheet, now.date()),
        rights=frozenset(right.key for right in sheet.licensed_ip),
    )
    found = exclusivity.clash(new, grants.live_grants(db, deal.technology_id, besides=deal.id))
    return found.number if found else ""


def _last_day(db: Session, deal: Deal, sheet: TermSheet, begins_on: date) -> date | None:
    wanted = {right.number for right in sheet.licensed_ip if right.kind in (IpKind.PATENT, IpKind.APPLICATION)}
    ends = [right.expires_on for right in catalog.ip_rights(db, deal.technology_id) if right.text in wanted]
    known = [end for end in ends if end is not None]
    latest = max(known) if known and len(known) == len(wanted) else None
    return last_day(sheet.term, begins_on=begins_on, last_patent_ends=latest)


def _document(db: Session, deal: Deal, agreed: queries.OfferRow, note: str, *, now: datetime) -> AgreementDocument:
    number = len(queries.documents(db, deal.id, "")) + 1
    licensor = accounts.organisation(db, deal.licensor_id)
    licensee = accounts.organisation(db, deal.licensee_id)
    frame = Frame(
        reference=deal.reference,
        title=deal.title,
        version=agreed.number,
        dated=now.date(),
        parties=(party("Licensor", licensor), party("Licensee", licensee)),
        note=note,
    )
    document = AgreementDocument(
        deal_id=deal.id,
        offer_id=agreed.id,
        number=number,
        offer_digest=agreed.digest,
        dated=now.date(),
        signing_order=list(signing.ORDER),
        created_at=now,
        data=agreement.document(agreed.terms, frame),
    )
    db.add(document)
    db.flush()
    return document


def party(role: str, organisation: accounts.OrganisationRow) -> Party:
    """An organisation as a document names it."""
    return Party(role, organisation.name, organisation.registration_number, organisation.city, organisation.country)


def sign(db: Session, actor: Actor, deal_id: str, form: SignForm, *, now: datetime) -> Deal:
    """Put one side's signature under the document on the screen; the last one makes the licence.

    Raises NotFound, Forbidden, and Refused: another document, not this side's turn, another name, no consent, a clash.
    """
    deal = queries.deal_for_update(db, actor, deal_id)
    side = policy.require(actor, "sign", deal)
    document = queries.current_document(db, deal.id)
    agreed = _agreed(db, deal)
    fee = agreed.terms.upfront_amount
    clash = _clash(db, deal, agreed.terms, now=now)
    facts = signing_facts(actor, side, document, form) | {"clash": clash, "fee_due": bool(fee)}
    steps.take(db, actor, deal, "sign", by=side, now=now, facts=facts, sha256=form.sha256, typed_name=form.typed_name)
    if document is None:  # the guard has refused this before
        raise NotFound
    keep_signature(db, actor, deal, side, document_id=document.id, form=form, now=now)
    if deal.state == "signing":
        steps.set_clock(db, deal, now=now)
        mails.tell(db, deal, deal.turn, "sign", key=f"sign:{document.number}:{deal.turn}", to=Permission.SIGN)
    else:
        _make_licence(db, deal, document, agreed, now=now)
    return deal


def signing_facts(actor: Actor, side: Side, document: queries.DocumentRow | None, form: SignForm) -> dict[str, Any]:
    """What the guards of a signature look at; nothing stands in its way and no fee is due."""
    return {
        "signing": document.signing if document else None,
        "side": str(side),
        "shown": form.sha256,
        "typed_name": form.typed_name,
        "person_name": actor.person_name,
        "consent": form.consent,
        "clash": "",
        "fee_due": False,
    }


def keep_signature(
    db: Session, actor: Actor, deal: Deal, side: Side, *, document_id: str, form: SignForm, now: datetime
) -> None:
    """Write down a signature that the process has let pass."""
    db.add(
        Signature(
            document_id=document_id,
            deal_id=deal.id,
            side=str(side),
            organisation_id=actor.organisation_id or "",
            person_id=actor.person_id or "",
            person_name=actor.person_name,
            typed_name=form.typed_name,
            consent=signing.CONSENT,
            at=now,
            address=actor.address,
            session_id=actor.session_id or "",
            sha256=form.sha256,
        )
    )
    db.flush()


def _make_licence(
    db: Session, deal: Deal, document: queries.DocumentRow, agreed: queries.OfferRow, *, now: datetime
) -> None:
    sheet, today = agreed.terms, now.date()
    parts = _parts(sheet)
    pay_by = today + timedelta(days=parts[0].days_due if parts else 0)
    licence = Licence(
        deal_id=deal.id,
        document_id=document.id,
        technology_id=deal.technology_id,
        licensor_id=deal.licensor_id,
        licensee_id=deal.licensee_id,
        number=f"L-{today.year}-{deal.id[-8:].upper()}",
        status="awaiting_payment" if deal.state == "awaiting_payment" else "active",
        begins_on=today,
        ends_on=_last_day(db, deal, sheet, today),
        signed_at=now,
        activated_at=None if deal.state == "awaiting_payment" else now,
        digest=agreed.digest,
        terms=codec.to_json(sheet),
    )
    db.add(licence)
    db.flush()
    jobs.enqueue(db, SEAL, {"document": document.id}, key=f"{SEAL}:{document.id}", run_at=now + SEAL_AFTER)
    steps.set_clock(db, deal, now=now, pay_by=pay_by)
    fee = sheet.upfront_amount
    emit(
        db,
        LicenceSigned(deal.id, deal.licensor_id, deal.licensee_id, licence.number, fee or None, pay_by, deal.title),
    )
    if not fee:
        _activated(db, deal, licence)
        return
    for number, part in enumerate(parts, start=1):
        open_obligation(
            db,
            deal_id=deal.id,
            licensor_id=deal.licensor_id,
            licensee_id=deal.licensee_id,
            kind="upfront" if number == 1 else "instalment",  # the first starts the licence, whichever is paid before
            key=licence.number if number == 1 else f"{licence.number}/{number}",
            amount=part.amount,
            due_on=today + timedelta(days=part.days_due),
            description=f"{licence.number} – {deal.title}"[:200],
            now=now,
        )
    for side in (Side.LICENSEE, Side.LICENSOR):
        mails.tell(db, deal, side, "signed_fee", key="signed", number=licence.number, fee=parts[0].amount, due=pay_by)


def _parts(sheet: TermSheet) -> tuple[Instalment, ...]:
    """The upfront fee in the parts in which it is owed; the licence begins with the first."""
    if sheet.upfront is None:
        return ()
    return sheet.upfront.instalments or (Instalment(sheet.upfront.amount, sheet.upfront.days_due),)


def _activated(db: Session, deal: Deal, licence: Licence) -> None:
    reporting.begin(db, handover.signed(licence, deal.title), now=licence.activated_at or licence.signed_at)
    emit(db, LicenceActivated(deal.id))
    for side in (Side.LICENSEE, Side.LICENSOR):
        mails.tell(db, deal, side, "active", key="active", number=licence.number)


def refuse_signature(db: Session, actor: Actor, deal_id: str, reason: str, *, now: datetime) -> Deal:
    """Do not sign: back to the agreed terms, with a reason that the other side reads. A signature given before is void."""
    deal = queries.deal_for_update(db, actor, deal_id)
    side = policy.require(actor, "refuse_signature", deal)
    document = queries.current_document(db, deal.id)
    steps.take(db, actor, deal, "refuse_signature", by=side, now=now, facts={"reason": reason}, reason=reason)
    row = db.get(AgreementDocument, document.id) if document else None
    if row is not None:
        row.refused_at = now
        db.add(row)
        db.flush()
    steps.set_clock(db, deal, now=now)
    mails.tell(db, deal, other(side), "signature_refused", key=f"refused:{deal.version}", reason=reason)
    return deal


def settle(db: Session, deal_id: str, *, now: datetime) -> Deal:
    """The upfront fee is paid: the licence runs. Asked again, it changes nothing."""
    deal = queries.deal_for_update(db, SYSTEM, deal_id)
    if deal.state != "awaiting_payment":
        return deal
    steps.take(db, SYSTEM, deal, "settle", by=Side.SYSTEM, now=now)
    steps.set_clock(db, deal, now=now)
    row = queries.licence(db, deal.id)
    licence = db.get(Licence, row.id) if row else None
    if licence is None:
        raise NotFound
    licence.status, licence.activated_at = "active", now
    db.add(licence)
    db.flush()
    _activated(db, deal, licence)
    return deal


def expire(db: Session, deal_id: str, *, now: datetime) -> Deal:
    """The licence has come to its last day."""
    deal = queries.deal_for_update(db, SYSTEM, deal_id)
    steps.take(db, SYSTEM, deal, "expire", by=Side.SYSTEM, now=now)
    row = queries.licence(db, deal.id)
    licence = db.get(Licence, row.id) if row else None
    if licence is not None:
        licence.status = "expired"
        db.add(licence)
    deal.closed_at = now
    steps.set_clock(db, deal, now=now)
    return deal
