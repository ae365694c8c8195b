"""What every step of a deal has in common: the table decides, the clock is set, the step is recorded."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from market.accounts import queries as accounts
from market.deals import queries
from market.deals.models import Deal
from market.deals.process import LICENCE, OFFERS, PATIENCE, Side, turn_of
from market.deals.rules.working_days import days_off, due_on, end_of
from market.kit import audit
from market.kit.actor import Actor


def take(
    db: Session,
    actor: Actor,
    deal: Deal,
    name: str,
    *,
    by: str,
    now: datetime,
    facts: dict[str, Any] | None = None,
    **record: Any,
) -> None:
    """Take the step `name` for the side `by`: raises Refused or Forbidden, else records it. Call `set_clock` afterwards.

    `facts` go to the guards, `record` into the audit event, whose tag is `deal:step:<name>`.
    """
    before = deal.state
    LICENCE.advance(deal, name, by=by, **(facts or {}))
    deal.version += 1
    deal.updated_at = now
    db.add(deal)
    audit.record(db, actor, f"deal:step:{name}", deal, now=now, side=str(by), before=before, after=deal.state, **record)


def note(db: Session, actor: Actor, deal: Deal, tag: str, *, now: datetime, **record: Any) -> None:
    """Record something that happened in the deal without moving it."""
    deal.updated_at = now
    db.add(deal)
    audit.record(db, actor, tag, deal, now=now, **record)


def set_clock(db: Session, deal: Deal, *, now: datetime, pay_by: date | None = None) -> None:
    """Say whose turn it is and by when, from the situation; the days are working days where that side lives."""
    deal.turn = turn_of(
        deal.state, missing_approval=frozenset(missing_approvals(db, deal)), signer=next_signer(db, deal)
    )
    deal.due_on, deal.due_at = _due(db, deal, now=now, pay_by=pay_by) if deal.turn else (None, None)
    db.add(deal)
    db.flush()


def _due(db: Session, deal: Deal, *, now: datetime, pay_by: date | None) -> tuple[date | None, datetime | None]:
    """The last day for the side whose turn it is, and the moment at which that day is over."""
    if deal.state in OFFERS:
        offer = queries.offer(db, deal.offer_id)
        return (offer.terms.valid_until, offer.ends_at) if offer else (None, None)
    if deal.state == "awaiting_payment":
        return (pay_by, end_of(pay_by)) if pay_by else (deal.due_on, deal.due_at)
    days = PATIENCE.get(deal.state)
    if not days:
        return None, None
    acting = accounts.organisation(db, deal.licensor_id if deal.turn == Side.LICENSOR else deal.licensee_id)
    last = due_on(now, days, acting.timezone, days_off(acting.country))
    return last, end_of(last, acting.timezone)


def missing_approvals(db: Session, deal: Deal) -> list[str]:
    """The sides whose approval of the agreed terms is still missing, as their policy asks.

    After a refused signature somebody has to say yes again: the institution, where no policy names anyone.
    """
    if deal.state != "terms_agreed":
        return []
    rounds = approval_round(db, deal)
    needed = [
        side
        for side, organisation_id in ((Side.LICENSOR, deal.licensor_id), (Side.LICENSEE, deal.licensee_id))
        if accounts.organisation(db, organisation_id).second_approver
    ]
    if rounds and not needed:
        needed = [Side.LICENSOR]
    given = {row.side for row in queries.approvals(db, deal.id, deal.offer_id, rounds)}
    return [str(side) for side in needed if side not in given]


def approval_round(db: Session, deal: Deal) -> int:
    """How many documents were made before: each refused one asks for new approvals."""
    return len(queries.documents(db, deal.id))


def next_signer(db: Session, deal: Deal) -> str:
    """The side whose signature is missing next."""
    kind = {"signing": "licence", "nda_pending": "nda"}.get(deal.state)
    if kind is None:
        return ""
    document = queries.current_document(db, deal.id, kind)
    return document.signing.next_side if document else ""
