"""What the search does when the catalogue has news: note it, in the same transaction."""

from sqlmodel import Session

from market.catalog.events import TechnologiesChanged, TechnologyChanged, TechnologyHidden, TechnologyPublished
from market.discovery.service import outbox
from market.kit import clock
from market.kit.events import Bus


def note_change(db: Session, event: TechnologyPublished | TechnologyChanged | TechnologyHidden) -> None:
    """A listing was published, changed or hidden."""
    outbox.note(db, (event.technology_id,), now=clock.now())


def note_changes(db: Session, event: TechnologiesChanged) -> None:
    """An import made or changed many listings at once."""
    outbox.note(db, event.technology_ids, now=clock.now())


def subscribe(bus: Bus) -> None:
    """Hear the catalogue."""
    for event in (TechnologyPublished, TechnologyChanged, TechnologyHidden):
        bus.subscribe(event, note_change)
    bus.subscribe(TechnologiesChanged, note_changes)
