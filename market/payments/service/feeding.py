"""The secret address of an organisation's calendar."""

import secrets
from datetime import datetime

from sqlmodel import Session

from market.kit import audit
from market.kit.actor import Actor
from market.kit.errors import NotFound
from market.payments.models import CalendarFeed


def new_address(db: Session, actor: Actor, *, now: datetime) -> str:
    """Make a new address, which ends the old one; give its secret part."""
    if actor.organisation_id is None:
        raise NotFound
    token = secrets.token_urlsafe(24)
    feed = db.get(CalendarFeed, actor.organisation_id) or CalendarFeed(
        organisation_id=actor.organisation_id, token=token, created_at=now
    )
    feed.token, feed.created_at = token, now
    db.add(feed)
    db.flush()
    audit.record(db, actor, "payments:calendar:address", ("organisation", actor.organisation_id), now=now)
    return token
