"""Finished pages, or what of them is the same for all readers, kept in the process and never stale (see kit/cache.py)."""

import hashlib
import itertools
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Hole:
    """A place in a page made for all readers that is filled for each of them: a template, and what it is about."""

    template: str
    about: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class KeptPage:
    """A finished page: what is the same for all readers in `pieces`, with a hole between each two; its media type.

    `parts` fill the holes for a visitor who is not signed in, and `etag` is for their If-None-Match; None where that differs
    from visitor to visitor. `owner` is the organisation whose people see the page otherwise.
    """

    pieces: tuple[bytes, ...]
    media_type: str
    holes: tuple[Hole, ...] = ()
    parts: tuple[bytes, ...] | None = ()
    etag: str = ""
    owner: str = ""

    @property
    def size(self) -> int:
        """What it takes in memory, in bytes."""
        return sum(map(len, (*self.pieces, *(self.parts or ()))))

    def body(self, parts: Sequence[bytes]) -> bytes:
        """The page with its holes filled."""
        return b"".join(itertools.chain.from_iterable(zip(self.pieces, (*parts, b""), strict=True)))


def etag_of(body: bytes) -> str:
    """The tag by which a browser asks whether a page is still the same."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


class PageCache:
    """The most recently used pages, up to a number of bytes."""

    def __init__(self, limit: int = 16 * 1024 * 1024) -> None:
        self.limit = limit
        self._size = 0
        self._stamp: object = None
        self._pages: OrderedDict[tuple[str, ...], KeptPage] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[str, ...], now: object) -> KeptPage | None:
        """The page kept under `key`, if nothing has changed since."""
        with self._lock:
            if self._stamp != now:
                self._pages.clear()
                self._size, self._stamp = 0, now
                return None
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
            return page

    def keep(self, key: tuple[str, ...], now: object, page: KeptPage) -> None:
        """Keep a page that was made while the counters stood at `now`."""
        with self._lock:
            if self._stamp == now and page.size < self.limit // 8 and key not in self._pages:
                self._pages[key] = page
                self._size += page.size
                while self._size > self.limit:
                    _key, old = self._pages.popitem(last=False)
                    self._size -= old.size
