"""The first question of a company, and the institution's answer."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from market.accounts.rules import Permission
from market.catalog import queries as catalog
from market.deals import mails, policy, queries
from market.deals.events import DealClosed, EnquiryAcknowledged, EnquirySent
from market.deals.forms import AnswerForm, CloseForm, EnquiryForm
from market.deals.models import Deal, Enquiry
from market.deals.process import LOST_REASONS, Side
from market.deals.rules.enquiries import enquiry_refusal
from market.deals.service import respond, steps, talk
from market.kit import audit
from market.kit.actor import Actor
from market.kit.errors import Forbidden, NotFound, Refused, refuse
from market.kit.events import emit


def send_enquiry(db: Session, actor: Actor, technology_id: str, form: EnquiryForm, *, now: datetime) -> Deal:
    """Ask the institution behind a visible listing; raises NotFound, Forbidden or Refused (secret text, already open)."""
    listing = catalog.listing(db, actor, technology_id)
    if not listing.visible:
        raise NotFound
    if not actor.may(Permission.ENQUIRE) or actor.organisation_id is None or actor.person_id is None:
        raise Forbidden
    texts = (form.intended_use, form.field_of_use, form.note)
    already = queries.open_deal(db, technology_id, actor.organisation_id) is not None
    refuse(enquiry_refusal(open_deal=already, texts=texts, confirmed=form.nothing_secret))
    deal = Deal(
        technology_id=technology_id,
        licensor_id=listing.organisation_id,
        licensee_id=actor.organisation_id,
        officer_id=listing.contact_id,
        asked_by_id=actor.person_id,
        created_at=now,
        updated_at=now,
        title=listing.title,
    )
    _insert(db, deal)
    db.add(
        Enquiry(
            deal_id=deal.id,
            created_at=now,
            territory=form.territory,
            intended_use=form.intended_use,
            field_of_use=form.field_of_use,
            note=form.note,
        )
    )
    steps.set_clock(db, deal, now=now)
    audit.record(db, actor, "deal:step:send_enquiry", deal, now=now, side=Side.LICENSEE, after=deal.state)
    respond.count(db, deal, now=now)
    emit(db, EnquirySent(deal.id, technology_id))
    mails.tell(db, deal, Side.LICENSOR, "enquiry_sent", key="enquiry", use=form.intended_use[:300])
    return deal


def _insert(db: Session, deal: Deal) -> None:
    """Write the deal; where a colleague was faster by a moment, say so."""
    try:
        with db.begin_nested():
            db.add(deal)
            db.flush()
    except IntegrityError as error:
        refusal = enquiry_refusal(open_deal=True, texts=(), confirmed=True)
        raise (Refused(refusal) if refusal else error) from error


def acknowledge(db: Session, actor: Actor, deal_id: str, form: AnswerForm, *, now: datetime) -> Deal:
    """Answer an enquiry: the conversation is open. The words, if any, go into the timeline."""
    deal = queries.deal_for_update(db, actor, deal_id)
    side = policy.require(actor, "acknowledge", deal)
    steps.take(db, actor, deal, "acknowledge", by=side, now=now)
    deal.answered_at = now
    if deal.officer_id is None:
        deal.officer_id = actor.person_id
    steps.set_clock(db, deal, now=now)
    if form.message:
        talk.write(db, actor, deal, side, form.message, now=now)
    respond.count(db, deal, now=now)
    emit(db, EnquiryAcknowledged(deal.id))
    mails.tell(db, deal, Side.LICENSEE, "acknowledged", key="acknowledged")
    return deal


def decline(db: Session, actor: Actor, deal_id: str, form: CloseForm, *, now: datetime) -> Deal:
    """Answer an enquiry with a no and its reason."""
    return _close(db, actor, deal_id, "decline", form, now=now)


def close_lost(db: Session, actor: Actor, deal_id: str, form: CloseForm, *, now: datetime) -> Deal:
    """Leave the deal before anything is signed; the other side sees the reason."""
    return _close(db, actor, deal_id, "close_lost", form, now=now)


def _close(db: Session, actor: Actor, deal_id: str, step: str, form: CloseForm, *, now: datetime) -> Deal:
    deal = queries.deal_for_update(db, actor, deal_id)
    side = policy.require(actor, step, deal)
    steps.take(db, actor, deal, step, by=side, now=now, facts={"reason": form.reason}, reason=form.reason)
    deal.lost_reason, deal.lost_by, deal.closed_at = form.reason, str(side), now
    if step == "decline":
        deal.answered_at = now
    steps.set_clock(db, deal, now=now)
    if form.message:
        talk.write(db, actor, deal, side, form.message, now=now)
    respond.count(db, deal, now=now)
    emit(db, DealClosed(deal.id))
    mails.tell(db, deal, talk.opposite(side), "closed", key="closed", reason=LOST_REASONS[form.reason])
    return deal
