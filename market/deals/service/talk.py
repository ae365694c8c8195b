"""What the two sides write to each other."""

from datetime import datetime

from sqlmodel import Session

from market.accounts.rules import Permission
from market.deals import mails, policy, queries
from market.deals.forms import MessageForm, NoteForm
from market.deals.models import Deal, Message, Note
from market.deals.process import LICENCE, Side, other
from market.deals.service import steps
from market.kit import audit
from market.kit.actor import Actor
from market.kit.errors import Forbidden, Refusal, refuse
from market.kit.i18n import _


def opposite(side: str) -> Side:
    """The side that hears of what `side` did."""
    return other(side)


def send_message(db: Session, actor: Actor, deal_id: str, form: MessageForm, *, now: datetime) -> Deal:
    """Write to the other side; both see it in the timeline, the other side's people get it by mail."""
    deal = queries.deal_for_update(db, actor, deal_id)
    side = policy.side(actor, deal)
    if not actor.may(Permission.NEGOTIATE):
        raise Forbidden
    if deal.state in LICENCE.final():
        refuse(Refusal("closed", _("This deal is closed. Send a new enquiry to talk again.")))
    message = write(db, actor, deal, side, form.body, now=now)
    mails.tell(
        db, deal, opposite(side), "message", key=f"message:{message.id}", who=actor.person_name, body=form.body[:500]
    )
    return deal


def write(db: Session, actor: Actor, deal: Deal, side: str, body: str, *, now: datetime) -> Message:
    """Keep a message in the deal's record."""
    message = Message(deal_id=deal.id, side=str(side), person_id=actor.person_id or "", at=now, body=body)
    db.add(message)
    db.flush()
    steps.note(db, actor, deal, "deal:message:sent", now=now, side=str(side), message=message.id)
    return message


def add_note(db: Session, actor: Actor, deal_id: str, form: NoteForm, *, now: datetime) -> Note:
    """Keep a note for the actor's own side; also in a deal that is over, for whoever takes up the thread."""
    deal = queries.deal_for_update(db, actor, deal_id)
    policy.side(actor, deal)
    note = Note(
        deal_id=deal.id,
        organisation_id=actor.organisation_id or "",
        person_id=actor.person_id or "",
        at=now,
        body=form.note,
    )
    db.add(note)
    db.flush()
    audit.record(db, actor, "deal:note:written", note, now=now, deal=deal.id)
    return note
