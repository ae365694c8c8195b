"""Links sent by mail: made, found, used once. Only the hash of what stands in the link is kept."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import Session

from market.accounts import queries
from market.accounts.models import EmailToken
from market.kit.errors import Refusal, Refused
from market.kit.i18n import _

GONE = Refusal("link_gone", _("This link was used already, or it is too old. Ask for a new one."))
_TOKEN: Any = EmailToken.__table__  # type: ignore[attr-defined]


def issue(
    db: Session,
    purpose: str,
    email: str,
    *,
    now: datetime,
    lasts: timedelta,
    person_id: str | None = None,
    organisation_id: str | None = None,
    roles: frozenset[str] = frozenset(),
) -> tuple[str, str]:
    """Make a link's token; give its record's id, and the secret for the mail."""
    secret = secrets.token_urlsafe(32)
    token = EmailToken(
        token_hash=queries.token_hash(secret),
        purpose=purpose,
        email=email,
        person_id=person_id,
        organisation_id=organisation_id,
        role=" ".join(sorted(roles)),
        created_at=now,
        expires_at=now + lasts,
    )
    db.add(token)
    db.flush()
    return token.id, secret


def use(db: Session, secret: str, purpose: str, *, now: datetime) -> Any:
    """Use a link up and give its record; Refused when it is unknown, used or expired. Of two at once, one wins."""
    row = queries.email_token(db, secret, purpose, now=now)
    if row is None:
        raise Refused(GONE)
    taken = db.execute(update(_TOKEN).where(_TOKEN.c.id == row.id, _TOKEN.c.used_at.is_(None)).values(used_at=now))
    if not taken.rowcount:  # type: ignore[attr-defined]
        raise Refused(GONE)
    return row


def withdraw(db: Session, purpose: str, *, now: datetime, **whose: str) -> int:
    """Make every unused link of `purpose` worthless that has these values (person_id, email, ...); give their number."""
    conditions = [_TOKEN.c[name] == value for name, value in whose.items()]
    done = db.execute(
        update(_TOKEN).where(_TOKEN.c.purpose == purpose, _TOKEN.c.used_at.is_(None), *conditions).values(used_at=now)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]
