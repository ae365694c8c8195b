"""What every step of a need has in common: the table decides, the step is recorded, kept pages are made anew."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from market.kit import audit, cache
from market.kit.actor import Actor
from market.kit.errors import NotFound
from market.needs import policy, queries
from market.needs.models import Need
from market.needs.process import NEED, Side

TOPIC = "needs"


def for_update(db: Session, actor: Actor, need_id: str) -> Need:
    """A need that the actor may see, to be changed; NotFound for others."""
    queries.need(db, actor, need_id)
    need = db.get(Need, need_id, with_for_update=True, populate_existing=True)
    if need is None:
        raise NotFound
    return need


def own_for_update(db: Session, actor: Actor, need_id: str) -> Need:
    """A need of the actor's company, to be changed; NotFound for strangers, Forbidden for colleagues without the right."""
    need = for_update(db, actor, need_id)
    policy.require_own(actor, need.organisation_id)
    return need


def take(
    db: Session,
    actor: Actor,
    need: Need,
    step: str,
    *,
    by: Side,
    now: datetime,
    facts: dict[str, Any] | None = None,
    **data: Any,
) -> str:
    """Take a step; give the state before it. Raises Refused with the reason of the rule that says no."""
    before = need.state
    NEED.advance(need, step, by=by, **(facts or {}))
    need.updated_at = now
    need.version += 1
    db.add(need)
    db.flush()
    audit.record(db, actor, f"needs:step:{step}", need, now=now, before=before, after=need.state, **data)
    cache.touch(db, TOPIC)
    return before
