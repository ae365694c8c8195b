"""The non-disclosure agreement: proposed by one side, signed by both or taken back, or used again in another deal."""

from datetime import datetime

from sqlmodel import Session

from market.accounts import queries as accounts
from market.accounts.rules import Permission
from market.deals import mails, policy, queries
from market.deals.forms import NdaForm, SignForm
from market.deals.models import AgreementDocument, Deal
from market.deals.process import Side, other
from market.deals.rules import nda
from market.deals.rules.agreement import Frame
from market.deals.rules.nda import NdaTerms
from market.deals.service import sign, steps
from market.deals.standing import standing_nda
from market.kit import jobs
from market.kit.actor import Actor
from market.kit.errors import NotFound


def propose(db: Session, actor: Actor, deal_id: str, form: NdaForm, *, now: datetime, note: str = "") -> Deal:
    """Fix the text of an agreement and ask for it to be typeset; whoever proposes it signs first.

    `note` is printed on every page. The signatories are told when it is ready.
    """
    deal = queries.deal_for_update(db, actor, deal_id)
    side = policy.require(actor, "propose_nda", deal)
    terms = NdaTerms(form.discloser, form.purpose, form.months)
    steps.take(db, actor, deal, "propose_nda", by=side, now=now, digest=nda.digest(terms))
    document = _document(db, deal, terms, note, side, now=now)
    steps.set_clock(db, deal, now=now)
    jobs.enqueue(db, sign.TYPESET, {"document": document.id}, key=f"{sign.TYPESET}:{document.id}")
    mails.tell(db, deal, other(side), "nda_proposed", key=f"nda_proposed:{document.number}")
    return deal


def _document(db: Session, deal: Deal, terms: NdaTerms, note: str, first: Side, *, now: datetime) -> AgreementDocument:
    number = len(queries.documents(db, deal.id, "")) + 1
    frame = Frame(
        reference=deal.reference,
        title=deal.title,
        version=number,
        dated=now.date(),
        parties=(
            sign.party("Institution", accounts.organisation(db, deal.licensor_id)),
            sign.party("Company", accounts.organisation(db, deal.licensee_id)),
        ),
        note=note,
    )
    document = AgreementDocument(
        deal_id=deal.id,
        number=number,
        kind="nda",
        offer_digest=nda.digest(terms),
        dated=now.date(),
        signing_order=[str(first), str(other(first))],
        created_at=now,
        data=nda.document(terms, frame),
    )
    db.add(document)
    db.flush()
    return document


def sign_nda(db: Session, actor: Actor, deal_id: str, form: SignForm, *, now: datetime) -> Deal:
    """Put one side's signature under the agreement on the screen; with the last one it is in force.

    Raises NotFound, Forbidden, and Refused: another document, not this side's turn, another name, no consent.
    """
    deal = queries.deal_for_update(db, actor, deal_id)
    side = policy.require(actor, "sign_nda", deal)
    document = queries.current_document(db, deal.id, "nda")
    facts = sign.signing_facts(actor, side, document, form)
    steps.take(
        db, actor, deal, "sign_nda", by=side, now=now, facts=facts, sha256=form.sha256, typed_name=form.typed_name
    )
    if document is None:  # the guard has refused this before
        raise NotFound
    sign.keep_signature(db, actor, deal, side, document_id=document.id, form=form, now=now)
    if deal.state == "nda_pending":
        steps.set_clock(db, deal, now=now)
        mails.tell(db, deal, deal.turn, "sign_nda", key=f"sign:{document.number}:{deal.turn}", to=Permission.SIGN)
        return deal
    deal.nda_signed_at, deal.nda_document_id = now, document.id
    deal.nda_ends_on = nda.last_day(now.date(), document.data["terms"]["months"])
    _in_force(db, deal, now=now)
    return deal


def use_standing(db: Session, actor: Actor, deal_id: str, *, now: datetime) -> Deal:
    """Go on under what the two organisations have signed in another deal; raises Refused where nothing runs any more."""
    deal = queries.deal_for_update(db, actor, deal_id)
    side = policy.require(actor, "use_standing_nda", deal)
    found = standing_nda(db, deal.licensor_id, deal.licensee_id, today=now.date())
    number = found.number if found else ""
    facts = {"standing": found is not None}
    steps.take(db, actor, deal, "use_standing_nda", by=side, now=now, facts=facts, reason=number)
    if found is None:  # the guard has refused this before
        raise NotFound
    deal.nda_signed_at, deal.nda_document_id, deal.nda_ends_on = found.signed_at, found.document_id, found.ends_on
    _in_force(db, deal, now=now)
    return deal


def _in_force(db: Session, deal: Deal, *, now: datetime) -> None:
    steps.set_clock(db, deal, now=now)
    for side in (Side.LICENSEE, Side.LICENSOR):
        mails.tell(db, deal, side, "nda_signed", key=f"nda_signed:{deal.version}", ends=deal.nda_ends_on)


def withdraw(db: Session, actor: Actor, deal_id: str, *, now: datetime) -> Deal:
    """Go on without it: the proposal, and a signature given under it, are void."""
    deal = queries.deal_for_update(db, actor, deal_id)
    side = policy.require(actor, "withdraw_nda", deal)
    document = queries.current_document(db, deal.id, "nda")
    steps.take(db, actor, deal, "withdraw_nda", by=side, now=now)
    row = db.get(AgreementDocument, document.id) if document else None
    if row is not None:
        row.refused_at = now
        db.add(row)
        db.flush()
    steps.set_clock(db, deal, now=now)
    mails.tell(db, deal, other(side), "nda_withdrawn", key=f"nda_withdrawn:{deal.version}")
    return deal
