"""New listings and those who wait for them: noted, held against the saved searches, told once."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import delete, update
from sqlmodel import Session

from market.accounts import queries as accounts
from market.catalog import queries as catalog
from market.catalog.rules.vocabulary import VISIBLE as VISIBLE_STATES
from market.discovery import queries
from market.discovery.gateway import IndexDocument, Percolator, Standing
from market.discovery.models import AlertMatch, AlertOutbox, AlertSent
from market.discovery.queries import Listener
from market.discovery.rules.alerts import MOST_TOLD, due_at
from market.discovery.rules.facets import VISIBLE, refinements
from market.discovery.rules.filters import And, Filter
from market.discovery.rules.question import Question
from market.discovery.service.saving import understood
from market.kit import audit, jobs, mail
from market.kit.actor import SYSTEM
from market.kit.db import upsert
from market.kit.errors import NotFound
from market.kit.ids import new_id

MATCH, TELL = "discovery.match", "discovery.tell"
BATCH = 200

_N: Any = AlertOutbox.__table__  # type: ignore[attr-defined]
_A: Any = AlertMatch.__table__  # type: ignore[attr-defined]
_D: Any = AlertSent.__table__  # type: ignore[attr-defined]


# --- what is new


def note_opened(db: Session, technology_id: str, *, now: datetime) -> None:
    """A listing was published or opened again: it is new, even if it was before."""
    row = {"technology_id": technology_id, "visible_at": now, "matched_at": None}
    db.execute(upsert(db, _N).values(row).on_conflict_do_update(index_elements=["technology_id"], set_=row))
    jobs.enqueue(db, MATCH, {}, key=MATCH)


def note_new(db: Session, technology_ids: Iterable[str], *, now: datetime) -> None:
    """Of many listings that were made or changed at once, those never seen before are new."""
    rows = [{"technology_id": each, "visible_at": now, "matched_at": None} for each in dict.fromkeys(technology_ids)]
    for at in range(0, len(rows), 300):
        db.execute(upsert(db, _N).values(rows[at : at + 300]).on_conflict_do_nothing())
    if rows:
        jobs.enqueue(db, MATCH, {}, key=MATCH)


# --- what fits whom


def standing(listeners: Iterable[Listener]) -> list[Standing]:
    """The saved searches as questions; one that many have saved is read once."""
    read = cache(_read)
    return [Standing(each.id, *read(each.query)) for each in listeners]


def _read(query: str) -> tuple[Question, Filter]:
    wanted = understood(query)
    return wanted.question, And((VISIBLE, *refinements(wanted.chosen).values()))


def fitting(
    percolator: Percolator,
    documents: Sequence[IndexDocument],
    listeners: Sequence[Listener],
    opened: dict[str, datetime],
) -> list[tuple[Listener, str]]:
    """Who waits for which new listing; a search hears only of what became visible after it was saved."""
    by_id = {each.id: each for each in listeners}
    pairs = ((by_id[key], each) for key, each in percolator.matches(documents, standing(listeners)))
    return [(listener, each) for listener, each in pairs if opened[each] >= listener.created_at]


def keep_matches(
    db: Session, pairs: Sequence[tuple[Listener, str]], opened: dict[str, datetime], *, now: datetime
) -> None:
    """Note what fits until it is told, and that these listings were looked at. Doing it twice is no harm."""
    due = cache(due_at)
    times = [(listener, each, due(listener.frequency, now, listener.timezone)) for listener, each in pairs]
    alive = _alive(db, {listener.id for listener, _each in pairs})
    rows = [
        {"saved_search_id": listener.id, "technology_id": each, "due_at": when}
        for listener, each, when in times
        if when is not None and listener.id in alive
    ]
    for at in range(0, len(rows), 300):
        db.execute(upsert(db, _A).values(rows[at : at + 300]).on_conflict_do_nothing())
    for technology_id, visible_at in opened.items():
        same = (_N.c.technology_id == technology_id) & (_N.c.visible_at == visible_at)
        db.execute(update(_N).where(same).values(matched_at=now))
    if any(when is not None and when <= now for _listener, _each, when in times):
        jobs.enqueue(db, TELL, {}, key=TELL)


def _alive(db: Session, search_ids: set[str]) -> set[str]:
    """Those saved searches that nobody deleted or silenced while we looked."""
    wanted, found = sorted(search_ids), set()
    for at in range(0, len(wanted), 300):
        found |= set(db.execute(queries.STILL_LISTENING, {"ids": wanted[at : at + 300]}).scalars())
    return found


# --- telling


def tell(db: Session, person_id: str, token: str, *, now: datetime) -> list[str]:
    """Queue one mail with all that a person is to be told of now; give the listings in it.

    Whatever is no longer visible is left out. The row of `alert_sent` is written in the same transaction as the mail, and
    is unique, so that no listing is told twice, whoever is killed or runs beside us.
    """
    due = queries.due_matches(db, person_id, now)
    for row in due:
        pair = (_A.c.saved_search_id == row.saved_search_id) & (_A.c.technology_id == row.technology_id)
        db.execute(delete(_A).where(pair))
    wanted = [row.technology_id for row in due if row.state in VISIBLE_STATES]
    fresh = _claim(db, person_id, list(dict.fromkeys(wanted)), now)
    if not fresh:
        return []
    try:
        person = accounts.acting(db, person_id)
    except NotFound:  # shut out meanwhile
        return []
    told = [each for each in dict.fromkeys(wanted) if each in fresh]
    mail.queue(
        db,
        to=person.email,
        template="discovery/mail/new_listings",
        locale=person.locale,
        context={
            "name": person.person_name,
            "number": len(told),
            "more": max(0, len(told) - MOST_TOLD),
            "groups": _groups(db, due, told[:MOST_TOLD]),
            "token": token,
        },
        key=f"alerts:{new_id()}",
    )
    audit.record(db, SYSTEM, "discovery:alert:told", ("person", person_id), now=now, technologies=told)
    return told


def _claim(db: Session, person_id: str, technology_ids: list[str], now: datetime) -> set[str]:
    """Say that the person is told of these; give those of which nobody has told before."""
    fresh: set[str] = set()
    for at in range(0, len(technology_ids), 200):
        rows = [
            {"id": new_id(), "person_id": person_id, "technology_id": each, "sent_at": now}
            for each in technology_ids[at : at + 200]
        ]
        claimed = upsert(db, _D).values(rows).on_conflict_do_nothing().returning(_D.c.technology_id)
        fresh |= set(db.execute(claimed).scalars())
    return fresh


def _groups(db: Session, due: Sequence[Any], told: Sequence[str]) -> list[dict[str, Any]]:
    """The listings of the mail under the search that found them; one that two searches found stands once."""
    cards = {card.id: card for card in catalog.cards(db, told)}
    groups: dict[str, dict[str, Any]] = {}
    left = set(cards)
    for row in due:
        if row.technology_id in left:
            left.discard(row.technology_id)
            card = cards[row.technology_id]
            group = groups.setdefault(row.saved_search_id, {"name": row.name, "query": row.query, "listings": []})
            listing = {
                "title": card.title, "summary": card.summary, "organisation": card.organisation, "address": card.address,
            }  # fmt: skip
            group["listings"].append(listing)
    return list(groups.values())
