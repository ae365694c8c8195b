"""The second pair of eyes: where an organisation asks for it, somebody else than the negotiator says yes."""

from datetime import datetime

from sqlmodel import Session

from market.accounts import queries as accounts
from market.accounts.rules import Permission
from market.deals import mails, policy, queries
from market.deals.forms import ApproveForm
from market.deals.models import Approval, Deal
from market.deals.process import Side
from market.deals.service import steps
from market.kit.actor import SYSTEM, Actor
from market.kit.errors import Refusal, Stale, refuse
from market.kit.i18n import _


def begin(db: Session, deal: Deal, *, now: datetime) -> None:
    """After the terms are agreed: ask whoever must approve, or go on at once where nobody must."""
    missing = steps.missing_approvals(db, deal)
    if not missing:
        steps.take(db, SYSTEM, deal, "approve", by=Side.SYSTEM, now=now)
        _approved(db, deal, now=now)
        return
    for side in missing:
        mails.tell(db, deal, side, "approval_needed", key=f"approval:{deal.version}", to=Permission.APPROVE)


def approve(db: Session, actor: Actor, deal_id: str, form: ApproveForm, *, now: datetime) -> Deal:
    """Say yes to the agreed terms for one's side; raises Refused when the negotiator is to approve the own deal."""
    deal = queries.deal_for_update(db, actor, deal_id)
    side = policy.require(actor, "approve", deal)
    agreed = queries.offer(db, deal.offer_id)
    if agreed is None or agreed.digest != form.digest:
        raise Stale
    _another_person(db, actor, deal, side)
    missing = frozenset(steps.missing_approvals(db, deal))
    if deal.state == "terms_agreed" and side not in missing:
        refuse(Refusal("not_asked", _("Your side need not approve. It is the other side's turn.")))
    facts = {"missing": missing, "side": str(side)}
    documents = steps.approval_round(db, deal)
    steps.take(db, actor, deal, "approve", by=side, now=now, facts=facts, digest=form.digest, reason=form.note)
    db.add(
        Approval(
            deal_id=deal.id,
            offer_id=agreed.id,
            round=documents,
            side=str(side),
            person_id=actor.person_id,
            at=now,
            note=form.note,
        )
    )
    db.flush()
    if deal.state == "approved":
        _approved(db, deal, now=now)
    else:
        steps.set_clock(db, deal, now=now)
    return deal


def _another_person(db: Session, actor: Actor, deal: Deal, side: Side) -> None:
    own = deal.licensor_id if side == Side.LICENSOR else deal.licensee_id
    if not accounts.organisation(db, own).second_approver:
        return
    if actor.person_id in queries.negotiators(db, deal.id, side) or actor.person_id == deal.accepted_by_id:
        refuse(
            Refusal("same_person", _("You negotiated these terms. Somebody else of your organisation has to approve."))
        )


def _approved(db: Session, deal: Deal, *, now: datetime) -> None:
    steps.set_clock(db, deal, now=now)
    mails.tell(db, deal, Side.LICENSOR, "approved", key=f"approved:{deal.version}")
