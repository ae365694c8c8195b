"""How needs react: to their own opening, to technologies that appear or change, to enquiries about a chosen one."""

from sqlmodel import Session

from market.catalog.events import TechnologiesChanged, TechnologyChanged, TechnologyHidden, TechnologyPublished
from market.deals import queries as deals
from market.deals.events import EnquirySent
from market.kit import clock, jobs
from market.kit.actor import SYSTEM
from market.kit.events import Bus
from market.needs import queries
from market.needs.events import NeedOpened
from market.needs.service import answering
from market.needs.service.matching import BATCH, MATCH_LISTINGS, MATCH_NEED


def look_for_technologies(db: Session, event: NeedOpened) -> None:
    """A need has opened: compare it with all technologies."""
    jobs.enqueue(db, MATCH_NEED, {"need": event.need_id}, key=f"{MATCH_NEED}:{event.need_id}")


def look_for_needs(db: Session, event: TechnologyPublished | TechnologyChanged | TechnologyHidden) -> None:
    """A technology is new, changed or gone: compare it with the open needs, if there are any."""
    if queries.any_living(db):
        ids = [event.technology_id]
        jobs.enqueue(db, MATCH_LISTINGS, {"technologies": ids}, key=f"{MATCH_LISTINGS}:{event.technology_id}")


def look_for_many(db: Session, event: TechnologiesChanged) -> None:
    """An import made or changed many technologies at once: compare them in pieces."""
    if not queries.any_living(db):
        return
    for at in range(0, len(event.technology_ids), BATCH):
        jobs.enqueue(db, MATCH_LISTINGS, {"technologies": list(event.technology_ids[at : at + BATCH])})


def note_deal(db: Session, event: EnquirySent) -> None:
    """The company has asked about a technology: was it one that it marked for a need?"""
    deal = deals.deal(db, SYSTEM, event.deal_id)
    answering.link_deal(db, SYSTEM, deal.id, event.technology_id, deal.licensee_id, now=clock.now())


def subscribe(bus: Bus) -> None:
    """Hear ourselves, the catalogue and the deals."""
    bus.subscribe(NeedOpened, look_for_technologies)
    for event in (TechnologyPublished, TechnologyChanged, TechnologyHidden):
        bus.subscribe(event, look_for_needs)
    bus.subscribe(TechnologiesChanged, look_for_many)
    bus.subscribe(EnquirySent, note_deal)
