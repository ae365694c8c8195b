"""Saved searches: kept, changed, thrown away; how often somebody is told of what is new."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from sqlalchemy import delete, func, select, update
from sqlmodel import Session

from market.accounts import queries as accounts
from market.accounts.policy import person_of
from market.discovery import queries
from market.discovery.forms import Asked, SavedSearchForm, SaveSearchForm, asked
from market.discovery.models import AlertMatch, SavedSearch
from market.discovery.rules.alerts import MOST_SEARCHES, Frequency, due_at
from market.kit import audit
from market.kit.actor import Actor
from market.kit.errors import NotFound, Refusal, Refused
from market.kit.i18n import _

_V: Any = SavedSearch.__table__  # type: ignore[attr-defined]
_A: Any = AlertMatch.__table__  # type: ignore[attr-defined]


def understood(query: str) -> Asked:
    """A search by the query of its address, without the page."""
    return replace(asked(parse_qsl(query.lstrip("?"), max_num_fields=500)), page=1)


def save(db: Session, actor: Actor, form: SaveSearchForm, *, now: datetime) -> SavedSearch:
    """Keep a search under a name; the same search again only changes name and frequency. Refused beyond the limit."""
    person_id = person_of(actor)
    query = understood(form.query).query()
    twin = select(_V.c.id).where(_V.c.person_id == person_id, _V.c.query == query)
    known = db.get(SavedSearch, db.execute(twin).scalar() or "")
    if known is not None:
        return _change(db, actor, known, name=form.name, frequency=form.frequency, query=query, now=now)
    number = db.execute(select(func.count()).where(_V.c.person_id == person_id)).scalar_one()
    if number >= MOST_SEARCHES:
        raise Refused(
            Refusal(
                "too_many",
                _("You have {most} saved searches, and more cannot be kept. Delete one first."),
                None,
                {"most": MOST_SEARCHES},
            )
        )
    search = SavedSearch(
        person_id=person_id, name=form.name, query=query, frequency=form.frequency, created_at=now, updated_at=now
    )
    db.add(search)
    db.flush()
    _record(db, actor, "discovery:search:saved", search, now=now)
    return search


def change(db: Session, actor: Actor, search_id: str, form: SavedSearchForm, *, now: datetime) -> SavedSearch:
    """Give a saved search another name, other words, fewer filters, another frequency; NotFound for another's.

    What it has found and not told yet is told by the new frequency, or not at all. Other words begin anew.
    """
    search = _own(db, actor, search_id)
    before = understood(search.query)
    ticked = {
        name: tuple(value for value in values if f"{name}={value}" in form.filters)
        for name, values in before.chosen.items()
    }
    wanted = replace(before, text=" ".join(form.text.split()), chosen={n: v for n, v in ticked.items() if v})
    query = wanted.query()
    twin = select(_V.c.id).where(_V.c.person_id == search.person_id, _V.c.query == query, _V.c.id != search.id)
    if db.execute(twin).first():
        raise Refused(Refusal("twice", _("You have saved this search already under another name."), "text"))
    return _change(db, actor, search, name=form.name, frequency=form.frequency, query=query, now=now)


def _change(
    db: Session, actor: Actor, search: SavedSearch, *, name: str, frequency: Frequency, query: str, now: datetime
) -> SavedSearch:
    if query != search.query:
        forget_matches(db, search.id)
    elif frequency != search.frequency:
        due = due_at(frequency, now, queries.timezone_of(db, search.person_id))
        if due is None:
            forget_matches(db, search.id)
        else:
            db.execute(update(_A).where(_A.c.saved_search_id == search.id).values(due_at=due))
    search.name, search.frequency, search.query, search.updated_at = name, frequency, query, now
    db.add(search)
    db.flush()
    _record(db, actor, "discovery:search:changed", search, now=now)
    return search


def throw_away(db: Session, actor: Actor, search_id: str, *, now: datetime) -> None:
    """Delete a saved search with what it has found and not told; NotFound for another's."""
    search = _own(db, actor, search_id)
    forget_matches(db, search.id)
    _record(db, actor, "discovery:search:deleted", search, now=now)
    db.execute(delete(_V).where(_V.c.id == search.id))


def stop_mails(db: Session, person_id: str, *, now: datetime) -> int:
    """Send a person no mail about saved searches any more, as the link in such a mail asks; give how many went silent.

    The searches stay. NotFound for an unknown person; doing it twice is no harm.
    """
    actor = accounts.acting(db, person_id)
    listening = list(db.execute(select(_V.c.id).where(_V.c.person_id == person_id, _V.c.frequency != "off")).scalars())
    for search_id in listening:
        forget_matches(db, search_id)
    if listening:
        db.execute(update(_V).where(_V.c.id.in_(listening)).values(frequency="off", updated_at=now))
        audit.record(db, actor, "discovery:search:silenced", ("person", person_id), now=now, searches=listening)
    return len(listening)


def forget_matches(db: Session, search_id: str) -> None:
    """Drop what a search has found and not told."""
    db.execute(delete(_A).where(_A.c.saved_search_id == search_id))


def _own(db: Session, actor: Actor, search_id: str) -> SavedSearch:
    search = db.get(SavedSearch, search_id, with_for_update=True)
    if search is None or search.person_id != person_of(actor):
        raise NotFound
    return search


def _record(db: Session, actor: Actor, tag: str, search: SavedSearch, *, now: datetime) -> None:
    facts = {"search": search.id, "name": search.name, "query": search.query, "frequency": search.frequency}
    audit.record(db, actor, tag, ("person", search.person_id), now=now, **facts)
