"""Background work of needs: comparing, and the clock."""

from typing import Any

from market.discovery.gateway import IndexUnavailable, SearchIndex
from market.kit import jobs
from market.kit.jobs import JobRun, Registry, Retry
from market.needs import queries
from market.needs.service import clockwork, matching
from market.needs.service.matching import MATCH_LISTINGS, MATCH_NEED

TICK = "needs.tick"
REMATCH = "needs.rematch"
TICK_SECONDS = 300.0
REMATCH_SECONDS = 24 * 3600.0
AGAIN = 10.0


def match_need(run: JobRun, payload: dict[str, Any]) -> None:
    """Compare a need with all technologies; again in a moment when the search engine does not answer."""
    try:
        matching.match_need(run.db, run.gateway(SearchIndex), payload["need"], now=run.now())
    except IndexUnavailable as error:
        raise Retry(AGAIN) from error


def match_listings(run: JobRun, payload: dict[str, Any]) -> None:
    """Compare some technologies with all needs."""
    matching.match_listings(run.db, payload["technologies"], now=run.now())


def rematch(run: JobRun, _payload: dict[str, Any]) -> None:
    """Once a day every open need is compared anew: rare words become common as the catalogue grows."""
    after = ""
    with run.db.write() as db:
        while needs := queries.living(db, after, 500):
            for need in needs:
                jobs.enqueue(db, MATCH_NEED, {"need": need.id}, key=f"{MATCH_NEED}:{need.id}")
            after = needs[-1].id


def tick(run: JobRun, _payload: dict[str, Any]) -> None:
    """End what is over."""
    clockwork.tick(run.db, now=run.now())


def register(registry: Registry) -> None:
    """Say which jobs needs do."""
    registry.handle(MATCH_NEED, match_need)
    registry.handle(MATCH_LISTINGS, match_listings)
    registry.handle(REMATCH, rematch)
    registry.handle(TICK, tick)
    registry.every(TICK_SECONDS, TICK)
    registry.every(REMATCH_SECONDS, REMATCH)
