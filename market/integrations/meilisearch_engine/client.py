"""Calls to the server: with a time limit, told apart by what went wrong, and not at all while it is known to be down."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from meilisearch import Client
from meilisearch.errors import MeilisearchApiError, MeilisearchCommunicationError, MeilisearchTimeoutError

from market.discovery.gateway import BatchRefused, IndexMissing, IndexUnavailable

ASKING = (0.3, 1.5)  # seconds to connect, to read: a page does not wait longer
FEEDING = (2.0, 60.0)
FAILURES = 3
REST = 5.0  # seconds without calls after so many failures in a row
POLL = 0.05
WAITING = ("enqueued", "processing")


class Breaker:
    """Opens after some failures in a row, so that pages do not wait for a server that is down."""

    def __init__(self) -> None:
        self._failures = 0
        self._until = 0.0

    def check(self) -> None:
        """Raise IndexUnavailable while the server is left in peace."""
        if time.monotonic() < self._until:
            raise IndexUnavailable("the search server did not answer a moment ago")

    def failed(self) -> None:
        """Count a failure."""
        self._failures += 1
        if self._failures >= FAILURES:
            self._until = time.monotonic() + REST

    def worked(self) -> None:
        """Forget the failures."""
        self._failures = 0


class Server:
    """A Meilisearch server; each thread has clients of its own, since the official one changes headers while it calls."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url
        self._key = key
        self._clients = threading.local()
        self.breaker = Breaker()

    def client(self, timeout: tuple[float, float]) -> Client:
        """This thread's client with such a time limit."""
        name = f"client_{timeout[1]}"
        if not hasattr(self._clients, name):
            limit: Any = timeout  # handed on to requests, which takes both numbers
            setattr(self._clients, name, Client(self.url, self._key or None, timeout=limit))
        client: Client = getattr(self._clients, name)
        return client

    @contextmanager
    def asking(self) -> Iterator[Client]:
        """A client for a page: short limits, behind the breaker."""
        self.breaker.check()
        try:
            with _told_apart():
                yield self.client(ASKING)
        except IndexMissing:
            self.breaker.worked()
            raise
        except IndexUnavailable:
            self.breaker.failed()
            raise
        self.breaker.worked()

    @contextmanager
    def feeding(self) -> Iterator[Client]:
        """A client for background work."""
        with _told_apart():
            yield self.client(FEEDING)

    def wait(self, task: int, until: float) -> bool:
        """Whether a task has succeeded by `until` (monotonic); BatchRefused when it failed."""
        while True:
            with self.feeding() as client:
                found = client.get_task(task)
            if found.status == "succeeded":
                return True
            if found.status not in WAITING:
                error = found.error or {}
                raise BatchRefused(f"task {task} {found.status}: {error.get('message', '')}")
            if time.monotonic() >= until:
                return False
            time.sleep(POLL)


@contextmanager
def _told_apart() -> Iterator[None]:
    try:
        yield
    except (MeilisearchCommunicationError, MeilisearchTimeoutError) as error:
        raise IndexUnavailable(f"the search server does not answer: {error.message}"[:300]) from error
    except MeilisearchApiError as error:
        if error.code == "index_not_found":
            raise IndexMissing("there is no search index yet") from error
        if error.status_code in (400, 413, 422) or error.code == "task_not_found":
            raise BatchRefused(f"{error.code}: {error.message}"[:500]) from error
        raise IndexUnavailable(f"the search server refuses: {error.code} {error.message}"[:300]) from error
