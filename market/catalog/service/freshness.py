"""Listings grow old: their contact is asked by mail, then they are marked, then hidden; one click brings them back."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import Session

from market.accounts import queries as accounts
from market.accounts.rules import Permission
from market.catalog import editorial
from market.catalog.events import TechnologyChanged, TechnologyHidden
from market.catalog.models import ConfirmationRequest, Technology
from market.catalog.rules.listing import ASK_AGAIN, LINK_LENGTH, confirm_by, freshness, to_be_asked
from market.catalog.rules.schedule import local
from market.catalog.rules.vocabulary import VISIBLE
from market.catalog.service import listing
from market.kit import audit, cache, i18n, mail
from market.kit.actor import SYSTEM
from market.kit.errors import Forbidden, Gone, NotFound, Refusal, Refused
from market.kit.events import emit
from market.kit.i18n import _

LINK_GONE = _("This link was used already, or it is too old. Sign in to confirm your listings.")
_Q: Any = ConfirmationRequest.__table__  # type: ignore[attr-defined]
_YOUNGEST = timedelta(days=150)
"""Nothing confirmed since is asked about, whatever the months are long."""
_MOST_IN_A_MAIL = 100


def age(db: Session, technology_id: str, *, now: datetime) -> bool:
    """Mark a listing as stale, or hide it, when its institution's calendar says so; whether something changed."""
    technology = db.get(Technology, technology_id, with_for_update=True)
    if technology is None or technology.state not in VISIBLE:
        return False
    zone = accounts.organisation(db, technology.organisation_id).timezone
    state = freshness(technology.confirmed_on, local(now, zone).date())
    if state in (technology.state, "published"):
        return False
    technology.state = state
    db.flush()
    audit.record(db, SYSTEM, f"catalog:listing:{state}", technology, now=now, confirmed_on=technology.confirmed_on)
    emit(db, TechnologyHidden(technology.id) if state == "hidden" else TechnologyChanged(technology.id))
    cache.touch(db, listing.TOPIC)
    return True


def old(db: Session, *, now: datetime) -> list[str]:
    """The open listings whose state no longer fits the day."""
    rows = editorial.aging(db, (now - _YOUNGEST).date())
    return [row.id for row in rows if _state_today(row, now) not in ("published", row.state)]


def _state_today(row: Any, now: datetime) -> str:
    return freshness(row.confirmed_on, local(now, row.timezone).date())


def due(db: Session, *, now: datetime) -> dict[tuple[str, str], list[Any]]:
    """(contact, institution) -> listings to ask about, of contacts who were not asked lately."""
    waiting = editorial.askable(db, (now - _YOUNGEST).date(), now - ASK_AGAIN)
    found = {
        who: [row for row in rows if to_be_asked(row.confirmed_on, local(now, row.timezone).date())]
        for who, rows in waiting.items()
    }
    return {who: rows[:_MOST_IN_A_MAIL] for who, rows in found.items() if rows}


def ask(db: Session, person_id: str, organisation_id: str, rows: Sequence[Any], *, now: datetime) -> None:
    """Queue one mail to a contact with all listings that wait for a word, and the link that answers it."""
    actor = accounts.acting(db, person_id, organisation_id)
    if not actor.may(Permission.EDIT_LISTINGS):
        return
    secret = secrets.token_urlsafe(32)
    request = ConfirmationRequest(
        token_hash=accounts.token_hash(secret),
        person_id=person_id,
        organisation_id=organisation_id,
        created_at=now,
        expires_at=now + LINK_LENGTH,
        technology_ids=[row.id for row in rows],
    )
    db.add(request)
    db.flush()
    with i18n.speaking(actor.locale):
        listed = [{"title": row.title, "until": i18n.format_date(confirm_by(row.confirmed_on))} for row in rows]
    mail.queue(
        db,
        to=actor.email,
        template="catalog/mail/confirm_listings",
        locale=actor.locale,
        context={"name": actor.person_name, "listings": listed, "n": len(listed), "token": secret},
        key=f"confirm:{request.id}",
    )


def request_of(db: Session, token: str, *, now: datetime) -> Any:
    """The living request behind a link; Gone when it is unknown, used or too old."""
    row = editorial.confirmation_request(db, accounts.token_hash(token))
    if row is None or row.used_at is not None or row.expires_at <= now:
        raise Gone(LINK_GONE)
    return row


def confirm_all(db: Session, token: str, chosen: Sequence[str], *, now: datetime) -> int:
    """Confirm the `chosen` of the listings that the link is about, in the name of who got the mail; give their number.

    Gone when the link is not good, Refused when nothing was chosen, Forbidden when the person has left. Of two one wins.
    """
    row = request_of(db, token, now=now)
    wanted = [each.id for each in editorial.confirmable(db, row.technology_ids) if each.id in chosen]
    if not wanted:
        raise Refused(Refusal("none_chosen", _("Choose at least one listing.")))
    try:
        actor = accounts.acting(db, row.person_id, row.organisation_id)
    except NotFound as error:
        raise Forbidden from error
    taken = db.execute(update(_Q).where(_Q.c.id == row.id, _Q.c.used_at.is_(None)).values(used_at=now))
    if not taken.rowcount:  # type: ignore[attr-defined]
        raise Gone(LINK_GONE)
    for technology_id in wanted:
        listing.confirm(db, actor, technology_id, now=now)
    return len(wanted)
