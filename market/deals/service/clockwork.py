"""What the clock does to deals: reminders, escalation, offers and licences that end. Each deal in a unit of its own."""

from datetime import datetime, timedelta

from sqlmodel import Session

from market.accounts.rules import Role
from market.deals import mails, queries
from market.deals.process import Side
from market.deals.service import negotiate, sign, steps
from market.deals.service.typeset import Units
from market.kit.actor import SYSTEM
from market.kit.errors import Refused

REMIND_BEFORE = timedelta(days=1)


def tick(units: Units, *, now: datetime) -> int:
    """Do everything that is due at `now`; give the number of deals that were touched."""
    with units.read() as db:
        unanswered = queries.unanswered(db, now=now, soon=now + REMIND_BEFORE)
        offers = queries.ended_offers(db, now=now)
        licences = queries.ended_licences(db, today=now.date())
    for deal_id in unanswered:
        with units.write() as db:
            chase(db, deal_id, now=now)
    done = len(unanswered)
    for deal_ids, end in ((offers, negotiate.expire_offer), (licences, sign.expire)):
        for deal_id in deal_ids:
            try:
                with units.write() as db:
                    end(db, deal_id, now=now)
                done += 1
            except Refused:  # somebody took a step in this moment
                continue
    return done


def chase(db: Session, deal_id: str, *, now: datetime) -> None:
    """Remind of an unanswered enquiry the day before its time ends, and tell the owners when it is over."""
    deal = queries.deal_for_update(db, SYSTEM, deal_id)
    if deal.state != "enquiry_sent" or deal.due_at is None:
        return
    late = now >= deal.due_at
    if late and deal.escalated_at is None:
        steps.take(db, SYSTEM, deal, "escalate_enquiry", by=Side.SYSTEM, now=now)
        deal.escalated_at = now
        deal.reminded_at = deal.reminded_at or now
        mails.tell(
            db, deal, Side.LICENSOR, "enquiry_escalated", key="escalated", to=Role.OWNER, asked=deal.created_at.date()
        )
    elif not late and deal.reminded_at is None and now >= deal.due_at - REMIND_BEFORE:
        steps.take(db, SYSTEM, deal, "remind_enquiry", by=Side.SYSTEM, now=now)
        deal.reminded_at = now
        mails.tell(db, deal, Side.LICENSOR, "enquiry_reminder", key="reminder")
    db.add(deal)
