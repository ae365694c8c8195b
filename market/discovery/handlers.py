"""What the search does when others have news: note it, in the same transaction."""

from sqlmodel import Session

from market.accounts.events import SessionBegun
from market.catalog.events import TechnologiesChanged, TechnologyChanged, TechnologyHidden, TechnologyPublished
from market.discovery import queries
from market.discovery.service import alerting, outbox, shortlist
from market.kit import clock
from market.kit.events import Bus


def note_change(db: Session, event: TechnologyPublished | TechnologyChanged | TechnologyHidden) -> None:
    """A listing was published, changed or hidden."""
    outbox.note(db, (event.technology_id,), now=clock.now())
    if isinstance(event, TechnologyPublished):
        alerting.note_opened(db, event.technology_id, now=clock.now())


def note_changes(db: Session, event: TechnologiesChanged) -> None:
    """An import made or changed many listings at once, or was undone and took them away."""
    outbox.note(db, event.technology_ids, now=clock.now())
    alerting.note_new(db, queries.still_there(db, event.technology_ids), now=clock.now())


def take_along(db: Session, event: SessionBegun) -> None:
    """Somebody signed in: what this browser kept before goes into their shortlist."""
    shortlist.merge(db, event.person_id, event.marks, now=clock.now())


def subscribe(bus: Bus) -> None:
    """Hear the catalogue and the sign-in."""
    for event in (TechnologyPublished, TechnologyChanged, TechnologyHidden):
        bus.subscribe(event, note_change)
    bus.subscribe(TechnologiesChanged, note_changes)
    bus.subscribe(SessionBegun, take_along)
