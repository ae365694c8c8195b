"""The desk: opening a need, or sending it back with a reason."""

from datetime import datetime

from sqlmodel import Session

from market.accounts.policy import require_operator
from market.kit.actor import Actor
from market.kit.events import emit
from market.needs import mails, queries
from market.needs.events import NeedEnded, NeedOpened
from market.needs.forms import ReasonForm
from market.needs.models import Need
from market.needs.process import PUBLIC, Side
from market.needs.service import steps


def approve(db: Session, actor: Actor, need_id: str, *, now: datetime) -> Need:
    """Open a need to everybody; the company is told, and it is compared with all technologies."""
    require_operator(actor)
    need = steps.for_update(db, actor, need_id)
    need.opened_at = need.opened_at or now
    facts = {"answers": queries.answer_count(db, need.id), "today": now.date()}
    steps.take(db, actor, need, "approve", by=Side.OPERATOR, now=now, facts=facts)
    emit(db, NeedOpened(need.id))
    mails.tell(db, need, mails.posters(db, need), "opened", key=f"opened:{need.version}")
    return need


def refuse(db: Session, actor: Actor, need_id: str, form: ReasonForm, *, now: datetime) -> Need:
    """Send a need back to its company with a reason, also one that is open already."""
    require_operator(actor)
    need = steps.for_update(db, actor, need_id)
    facts = {"reason": form.reason}
    before = steps.take(db, actor, need, "refuse", by=Side.OPERATOR, now=now, facts=facts, reason=form.reason)
    need.refusal = form.reason
    db.add(need)
    db.flush()
    if before in PUBLIC:
        emit(db, NeedEnded(need.id))
    mails.tell(db, need, mails.posters(db, need), "refused", key=f"refused:{need.version}", reason=form.reason)
    return need
