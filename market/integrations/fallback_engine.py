"""A search server, and an index in process that stands in for it while it does not answer."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from market.discovery.gateway import (
    Hit,
    IndexDocument,
    IndexUnavailable,
    Receipt,
    SearchIndex,
    SearchRequest,
    SearchResult,
    Waiting,
    patient,
)
from market.discovery.rules.filters import Filter

T = TypeVar("T")


class FallbackIndex:
    """SearchIndex over `first`; what it cannot answer, `replica` does, and says so. Changes here go to `first` only:
    the job that works off the outbox feeds the replica by itself, whether `first` answers or not."""

    def __init__(self, first: SearchIndex, replica: SearchIndex) -> None:
        self.first = first
        self.replica: SearchIndex | None = replica
        self._second = replica
        self.name = first.name

    def search(self, request: SearchRequest) -> SearchResult:
        """From the server; else from the replica, marked as degraded."""
        try:
            return self.first.search(request)
        except IndexUnavailable:
            return replace(self._second.search(request), degraded=True)

    def facet_values(self, facet: str, prefix: str, request: SearchRequest, limit: int = 20) -> list[tuple[str, int]]:
        """Likewise."""
        return self._either(lambda index: index.facet_values(facet, prefix, request, limit))

    def similar(self, technology_id: str, base: Filter, limit: int = 6) -> tuple[Hit, ...]:
        """Likewise."""
        return self._either(lambda index: index.similar(technology_id, base, limit))

    def _either(self, ask: Callable[[SearchIndex], T]) -> T:
        try:
            return ask(self.first)
        except IndexUnavailable:
            return ask(self._second)

    def apply(self, upserts: Sequence[IndexDocument], deletes: Sequence[str]) -> Receipt:
        """To the server."""
        return self.first.apply(upserts, deletes)

    def confirm(self, receipt: Receipt, wait: float = 0.0) -> bool:
        """By the server."""
        return self.first.confirm(receipt, wait)

    def rebuild(self, batches: Iterable[Sequence[IndexDocument]], waiting: Waiting = patient) -> int:
        """The server's."""
        return self.first.rebuild(batches, waiting)

    def needs_rebuild(self) -> bool:
        """Whether the server's index does."""
        return self.first.needs_rebuild()

    def health(self) -> str | None:
        """What is wrong with the server, if anything."""
        return self.first.health()
