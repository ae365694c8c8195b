"""How often something was looked at, counted in memory and written now and then; nothing of the reader is kept.

Kept pages are served in some ten microseconds, so a view may not cost a write: counting is one addition under a lock, and a
thread of the web process writes the sums (see app.py). What a killed process had not written yet is lost.
"""

import logging
import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache

from starlette.requests import Request
from starlette.responses import Response

from market.kit import clock
from market.kit.actor import ANONYMOUS, Actor

log = logging.getLogger("market.kit")

Seen = tuple[str, date]
"""What was looked at, and the day (UTC)."""

EVERY = 20.0  # seconds
_MACHINES = re.compile(
    r"bot\b|bot[/;]|crawl|spider|slurp|preview|lighthouse|headless|monitor|uptime|scan|fetch|curl|wget|python|httpx|java/|"
    r"go-http|ruby|perl|facebookexternalhit|feed",
    re.IGNORECASE,
)


@lru_cache(maxsize=1024)
def is_machine(agent: str) -> bool:
    """Whether a browser's name for itself is that of a program that reads for others, or none."""
    return not agent or _MACHINES.search(agent) is not None


class Sightings:
    """Counts what was looked at; `take` gives the sums and begins anew."""

    def __init__(self) -> None:
        self._counts: Counter[Seen] = Counter()
        self._lock = threading.Lock()

    def add(self, about: str, day: date) -> None:
        """Somebody has looked."""
        with self._lock:
            self._counts[about, day] += 1

    def opened(self, request: Request, response: Response, about: str) -> None:
        """Count a page that somebody has opened: no program, no operator, nobody of the organisation whose page it is."""
        if response.status_code not in (200, 304) or request.method != "GET" or "sec-purpose" in request.headers:
            return
        actor: Actor = getattr(request.state, "actor", ANONYMOUS)
        own = actor.organisation_id is not None and actor.organisation_id == getattr(request.state, "owner", "")
        if not own and not actor.is_operator and not is_machine(request.headers.get("user-agent", "")):
            self.add(about, clock.now().date())

    def give_back(self, counts: Mapping[Seen, int]) -> None:
        """Count these again: they could not be written."""
        with self._lock:
            self._counts.update(counts)

    def take(self) -> Mapping[Seen, int]:
        """The sums since the last time."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        return counts


class SightingsWriter:
    """A thread that hands the sums to `write` every `EVERY` seconds, and once more when it stops."""

    def __init__(self, sightings: Sightings, write: Callable[[Mapping[Seen, int]], None]) -> None:
        self._sightings, self._write = sightings, write
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._forever, name="sightings", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Write what is left, and end."""
        self._over.set()
        self._thread.join(timeout=10)

    def _forever(self) -> None:
        over = False
        while not over:
            over = self._over.wait(EVERY)
            counts = self._sightings.take()
            if counts:
                try:
                    self._write(counts)
                except Exception:  # the database may be away; the next time will do
                    log.exception("views could not be written down")
                    self._sightings.give_back(counts)
