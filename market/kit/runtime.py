"""What a running application has at hand, and how a view reaches it."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from anyio import CapacityLimiter
from sqlmodel import Session
from starlette.requests import Request

from market.kit import cache
from market.kit.actor import Actor
from market.kit.db import Database
from market.kit.gateways import Gateways
from market.kit.kept import PageCache
from market.kit.sightings import Sightings
from market.kit.templating import Templates

T = TypeVar("T")


class Tally(threading.local):
    """Counts for each thread by itself: what one request asked is not mixed with what another asks meanwhile."""

    count = 0


THREADS = 2


@dataclass
class Runtime:
    """What a running application has at hand; made by wiring, kept in `app.state.runtime`."""

    db: Database
    gateways: Gateways
    templates: Templates
    load_actor: Callable[[Session, str], Actor]
    load_marks: Callable[[Session, Actor], frozenset[str]]
    secret: str
    base_url: str
    sign_in: str = "accounts:sign_in"
    sandbox: bool = True
    sample_world: bool = False
    count_queries: bool = False
    pages: PageCache = field(default_factory=PageCache)
    sightings: Sightings = field(default_factory=Sightings)
    queries: Tally = field(default_factory=Tally)

    def __post_init__(self) -> None:
        self.threads = CapacityLimiter(THREADS)
        self.writing = asyncio.Lock()
        self.quick_stamp = cache.QuickStamp(self.db) if self.db.is_sqlite else None

    @property
    def https(self) -> bool:
        """Whether people reach us over https, by the base address."""
        return self.base_url.startswith("https:")


def runtime(request: Request) -> Runtime:
    """The runtime of the application that serves `request`."""
    return request.app.state.runtime  # type: ignore[no-any-return]


def gateway(request: Request, kind: type[T]) -> T:
    """The implementation of a gateway Protocol that the settings chose."""
    return runtime(request).gateways[kind]


class Work:
    """What a `steps` view works with: units of work of its own, and gateways to call between them."""

    def __init__(self, request: Request) -> None:
        self._runtime = runtime(request)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for looking only."""
        with self._runtime.db.read() as db:
            yield db

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A unit of work, committed at the end of the block."""
        with self._runtime.db.write() as db:
            yield db

    def gateway(self, kind: type[T]) -> T:
        """The implementation of a gateway Protocol that the settings chose."""
        return self._runtime.gateways[kind]

    @property
    def base_url(self) -> str:
        """The address people reach us at, without a slash at the end."""
        return self._runtime.base_url
