"""A description on its way into the form of a need: kept while its writer signs in or registers."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session

from market.kit import ratelimit
from market.kit.actor import Actor
from market.needs import queries
from market.needs.models import NeedSketch
from market.needs.rules.posting import LONGEST_TEXT

KEEP = timedelta(days=3)
PER_ADDRESS, PER = 30, timedelta(hours=1)
_S: Any = NeedSketch.__table__  # type: ignore[attr-defined]


def keep(db: Session, actor: Actor, text: str, *, now: datetime) -> str:
    """Keep a text for three days; give the token that brings it back. TooMany for an address that keeps on."""
    ratelimit.count(db, f"sketch:{actor.person_id or actor.address}", limit=PER_ADDRESS, per=PER, now=now)
    token = secrets.token_urlsafe(24)
    db.add(NeedSketch(token_hash=_hash(token), created_at=now, expires_at=now + KEEP, text=text[:LONGEST_TEXT]))
    db.flush()
    return token


def text_of(db: Session, token: str, *, now: datetime) -> str:
    """The text behind a token, or nothing."""
    return queries.sketch(db, _hash(token), now=now) if token else ""


def forget(db: Session, token: str) -> None:
    """The text has become a need, or is not wanted."""
    db.execute(delete(_S).where(_S.c.token_hash == _hash(token)))


def forget_old(db: Session, *, now: datetime) -> None:
    """Take away what has lapsed."""
    db.execute(delete(_S).where(_S.c.expires_at <= now))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
