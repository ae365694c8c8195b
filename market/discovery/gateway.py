"""The search engine, as the market needs it: one Protocol, served by tantivy in process or by a Meilisearch server.

Both are held to one suite of tests (tests/integrations/test_search_contract.py).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from zlib import crc32

from market.catalog.rows import IndexDocument
from market.discovery.rules.filters import EVERYTHING, Filter, simplified
from market.discovery.rules.filters import And as _And
from market.discovery.rules.question import Question, Sort

__all__ = ["BatchRefused", "Facets", "Hit", "IndexDocument", "IndexMissing", "IndexUnavailable", "Receipt"]

Facets = Mapping[str, Mapping[str, int]]
"""Field -> value as text -> number of listings."""

TEXT_FIELDS = (
    "title", "keywords", "applications", "summary", "organisation", "inventors", "problem", "advantages", "description",
)  # fmt: skip
"""Where words are looked for, the most telling first."""

TEXT_FILTERS = (
    "sectors",
    "offers",
    "licences",
    "country",
    "ip_status",
    "price_band",
    "response_band",
    "org_id",
    "state",
    "id",
)
NUMBER_FILTERS = ("trl", "technology_fields", "published_at", "updated_at", "version", "part")
FLAG_FILTERS = ("has_prototype",)
FILTERS = frozenset(TEXT_FILTERS + NUMBER_FILTERS + FLAG_FILTERS)

PARTS = 4096
"""Into so many parts of about the same size all ids fall, so that the whole of a large index can be listed bit by bit."""


class IndexUnavailable(Exception):
    """The engine does not answer; the caller does without it, or tries again."""


class IndexMissing(IndexUnavailable):
    """There is no index yet, or only one of an older make: rebuild it."""


class BatchRefused(Exception):
    """The engine refuses these documents; trying again would not help."""


@dataclass(frozen=True)
class SearchRequest:
    """`base` is what the visitor may see, set by the server. `refine` holds one filter a facet: the counts of a facet
    leave its own filter out. `page` counts from 1; `per_page` 0 asks for the total only."""

    question: Question = field(default_factory=Question)
    base: Filter = EVERYTHING
    refine: Mapping[str, Filter] = field(default_factory=dict)
    facets: tuple[str, ...] = ()
    sort: Sort = "relevance"
    page: int = 1
    per_page: int = 20

    def filter(self, *, leaving_out: str | None = None) -> Filter:
        """Base and refinements in one, without that of one facet if its counts are wanted."""
        return simplified(_And((self.base, *(each for name, each in self.refine.items() if name != leaving_out))))


@dataclass(frozen=True)
class Hit:
    """A technology that was found; a higher score is closer, and compares only within one answer."""

    id: str
    score: float


@dataclass(frozen=True)
class SearchResult:
    """What was found. `total` is exact for tantivy and may be an estimate where `about` is set. `degraded`: the engine
    did not answer, and its replica did."""

    hits: tuple[Hit, ...]
    total: int
    facets: Facets
    engine: str
    took_ms: float
    about: bool = False
    degraded: bool = False


@dataclass(frozen=True)
class Receipt:
    """What the engine gave for a batch; `confirm` tells whether it is in the index."""

    tasks: tuple[int, ...] = ()


Waiting = Callable[[], None]


def patient() -> None:
    """Nothing to do while one waits."""


class SearchIndex(Protocol):
    """A search engine. Every method raises IndexUnavailable when it does not answer."""

    name: str
    replica: "SearchIndex | None"
    """An index that answers when this one does not; it is fed from the same outbox, and never waited for."""

    def search(self, request: SearchRequest) -> SearchResult:
        """Find, count and page."""
        ...

    def facet_values(self, facet: str, prefix: str, request: SearchRequest, limit: int = 20) -> list[tuple[str, int]]:
        """The values of a facet that begin with `prefix` (small and capital letters alike), the most frequent first."""
        ...

    def similar(self, technology_id: str, base: Filter, limit: int = 6) -> tuple[Hit, ...]:
        """Listings whose words are close to those of one that is in the index; never itself."""
        ...

    def apply(self, upserts: Sequence[IndexDocument], deletes: Sequence[str]) -> Receipt:
        """Hand over changes; raises BatchRefused for documents the engine will never take, IndexMissing before a rebuild."""
        ...

    def confirm(self, receipt: Receipt, wait: float = 0.0) -> bool:
        """Whether the changes are in the index, waiting at most `wait` seconds; raises BatchRefused when they failed."""
        ...

    def rebuild(self, batches: Iterable[Sequence[IndexDocument]], waiting: Waiting = patient) -> int:
        """Make the whole index anew beside the old one and put it in its place; give the number of documents.

        `waiting` is called now and then while the engine still works on what it has taken.
        """
        ...

    def needs_rebuild(self) -> bool:
        """Whether there is no index yet, or it was made with other settings."""
        ...

    def health(self) -> str | None:
        """None when all is well, else what is wrong in a few words."""
        ...


def searchable(document: IndexDocument) -> dict[str, str]:
    """The texts of a document by field, lists joined."""
    texts: dict[str, Any] = {name: getattr(document, name) for name in TEXT_FIELDS}
    return {name: text if isinstance(text, str) else ", ".join(text) for name, text in texts.items()}


def filterable(document: IndexDocument) -> dict[str, Any]:
    """The values of a document by which it is filtered and counted; fields without a value are left out."""
    named = (*TEXT_FILTERS, *NUMBER_FILTERS, *FLAG_FILTERS)
    values = {name: part(document.id) if name == "part" else getattr(document, name) for name in named}
    return {name: value for name, value in values.items() if value not in (None, "", [], ())}


def part(technology_id: str) -> int:
    """The part, of PARTS, into which an id falls."""
    return crc32(technology_id.encode()) % PARTS


MOST_DAYS = 1022


def newest_key(document: IndexDocument) -> int:
    """One number to sort by, newest first: the second of publication, then a mark of the id, so that no two are equal."""
    return (max(document.published_at, 0) << 20) | (crc32(document.id.encode()) & 0xFFFFF)


def responsive_key(document: IndexDocument) -> int:
    """One number to sort by: who answers in fewer working days first, the newest first among equals, the unknown last."""
    days = document.response_days
    rank = 0 if days is None else MOST_DAYS + 1 - min(days, MOST_DAYS)
    return (rank << 52) | newest_key(document)


def answering_key(document: IndexDocument) -> int:
    """The first half of `responsive_key`, for an engine whose numbers are exact to 53 bits only."""
    return responsive_key(document) >> 52


@dataclass(frozen=True)
class Standing:
    """A search that stands and waits for new listings; `key` is the asker's own name for it."""

    key: str
    question: Question
    filter: Filter


class Percolator(Protocol):
    """Holds a few new listings against many standing searches; needs no index and no server."""

    def matches(self, documents: Sequence[IndexDocument], searches: Iterable[Standing]) -> list[tuple[str, str]]:
        """Each key with the id of each listing that fits it.

        Words fit as on the search page. Of a need in sentences, a quarter of its telling words must be there, at least
        three: closeness alone would find something in every listing.
        """
        ...
