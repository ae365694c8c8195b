"""The embedded search engine: tantivy in process, for one machine.

Any number of processes read; whoever applies changes takes the writer's lock for just that long. Readers look at the
index's commit file before each search and reload when it has changed, so that a change is seen at once everywhere.
"""

import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tantivy import Index, IndexWriter, Query, Searcher

from market.discovery import gateway
from market.discovery.gateway import (
    BatchRefused,
    Hit,
    IndexDocument,
    IndexMissing,
    IndexUnavailable,
    Receipt,
    SearchIndex,
    SearchRequest,
    SearchResult,
)
from market.discovery.rules import filters as f
from market.discovery.rules.question import Question, understand
from market.integrations.tantivy_engine import queries, schema
from market.integrations.tantivy_engine.shelf import Shelf

MOST_VALUES = 1000
GIST_WORDS = 40
APPLY_HEAP = 32 * 1024 * 1024
REBUILD_HEAP = 192 * 1024 * 1024


class TantivyIndex:
    """SearchIndex over a folder."""

    name = "tantivy"
    replica: SearchIndex | None = None

    def __init__(self, folder: Path) -> None:
        self._shelf = Shelf(folder)
        self._schema = schema.build()
        self._stemmer = schema.stemmer()
        self._lock = threading.Lock()
        self._index: Index | None = None
        self._opened: Path | None = None
        self._stamp: tuple[int, ...] = ()

    # --- reading

    def search(self, request: SearchRequest) -> SearchResult:
        """Find, count and page; one pass for the hits, one for each group of counts."""
        started = time.perf_counter()
        searcher = self._searcher()
        asked = queries.question_query(self._schema, self._stemmer, request.question)
        hits, total = self._hits(searcher, queries.filtered(asked, self._schema, request.filter()), request)
        return SearchResult(
            hits=hits,
            total=total,
            facets=self._facets(searcher, asked, request),
            engine=self.name,
            took_ms=(time.perf_counter() - started) * 1000,
        )

    def _hits(self, searcher: Searcher, query: Query, request: SearchRequest) -> tuple[tuple[Hit, ...], int]:
        order = _order(request)
        found: Any = searcher.search(
            query,
            limit=max(request.per_page, 1),
            offset=(request.page - 1) * request.per_page,
            order_by_field=order,
        )
        wanted = found.hits[: request.per_page]
        hits = (Hit(str(searcher.doc(address)["id"][0]), 0.0 if order else float(key)) for key, address in wanted)
        return tuple(hits), int(found.count)

    def _facets(self, searcher: Searcher, asked: Query, request: SearchRequest) -> gateway.Facets:
        together = tuple(name for name in request.facets if name not in request.refine)
        counts = self._counts(searcher, asked, request.filter(), together)
        for name in set(request.facets) - set(together):
            counts |= self._counts(searcher, asked, request.filter(leaving_out=name), (name,))
        return counts

    def _counts(
        self, searcher: Searcher, asked: Query, tree: f.Filter, names: tuple[str, ...]
    ) -> dict[str, dict[str, int]]:
        if not names:
            return {}
        wanted = {name: {"terms": {"field": name, "size": MOST_VALUES, "segment_size": MOST_VALUES}} for name in names}
        answer = searcher.aggregate(queries.filtered(asked, self._schema, tree), wanted)
        return {name: {_value(each): each["doc_count"] for each in answer[name]["buckets"]} for name in names}

    def facet_values(self, facet: str, prefix: str, request: SearchRequest, limit: int = 20) -> list[tuple[str, int]]:
        """The values of a facet that begin with `prefix`, the most frequent first."""
        asked = queries.question_query(self._schema, self._stemmer, request.question)
        counts = self._counts(self._searcher(), asked, request.filter(leaving_out=facet), (facet,))[facet]
        found = [(value, n) for value, n in counts.items() if value.casefold().startswith(prefix.casefold())]
        return sorted(found, key=lambda each: (-each[1], each[0]))[:limit]

    def similar(self, technology_id: str, base: f.Filter, limit: int = 6) -> tuple[Hit, ...]:
        """Listings with words like those of title, keywords and summary of this one."""
        searcher = self._searcher()
        found = searcher.search(Query.term_query(self._schema, "id", technology_id), limit=1).hits
        if not found:
            return ()
        gist = understand(str(searcher.doc(found[0][1])["gist"][0]), "need")
        near = queries.question_query(self._schema, self._stemmer, Question(gist.words[:GIST_WORDS], "need"))
        others = f.And((base, f.Not(f.Eq("id", technology_id))))
        hits = searcher.search(queries.filtered(near, self._schema, others), limit=limit).hits
        return tuple(Hit(str(searcher.doc(address)["id"][0]), float(score)) for score, address in hits)

    def _searcher(self) -> Searcher:
        stamp = self._shelf.stamp()
        if stamp != self._stamp:
            with self._lock:
                self._reload(stamp)
        if self._index is None:
            raise IndexMissing("there is no search index yet")
        return self._index.searcher()

    def _reload(self, stamp: tuple[int, ...]) -> None:
        folder = self._shelf.current()
        try:
            if folder is None:
                self._index = None
            elif folder != self._opened or self._index is None:
                self._index = self._open(folder)
            else:
                self._index.reload()
        except (ValueError, OSError) as error:
            raise IndexUnavailable(f"the index cannot be read: {error}") from error
        self._opened, self._stamp = folder, stamp

    @staticmethod
    def _open(folder: Path) -> Index:
        index = schema.prepare(Index.open(str(folder)))
        index.config_reader("manual")
        index.reload()
        return index

    # --- writing

    def apply(self, upserts: Sequence[IndexDocument], deletes: Sequence[str]) -> Receipt:
        """Put changes into the index; they can be found when this returns."""
        folder = self._shelf.current()
        if folder is None:
            raise IndexMissing("there is no search index yet")
        with _writing(schema.prepare(Index.open(str(folder))), APPLY_HEAP) as writer:
            for technology_id in {*deletes, *(document.id for document in upserts)}:
                writer.delete_documents_by_term("id", technology_id)
            self._add(writer, upserts)
        return Receipt()

    def _add(self, writer: IndexWriter, documents: Sequence[IndexDocument]) -> None:
        for document in {document.id: document for document in documents}.values():
            try:
                writer.add_document(schema.document(self._schema, document))
            except (ValueError, OverflowError) as error:
                raise BatchRefused(f"{document.id}: {error}") from error

    def confirm(self, receipt: Receipt, wait: float = 0.0) -> bool:
        """True: `apply` returns only when the change is on disk."""
        del receipt, wait
        return True

    def rebuild(self, batches: Iterable[Sequence[IndexDocument]], waiting: gateway.Waiting = gateway.patient) -> int:
        """Fill a new folder, then let all readers turn to it."""
        del waiting  # the work is done as the batches come
        self._shelf.root.mkdir(parents=True, exist_ok=True)
        folder, count = self._shelf.fresh(), 0
        try:
            with _writing(schema.prepare(Index(self._schema, path=str(folder))), REBUILD_HEAP) as writer:
                for batch in batches:
                    self._add(writer, batch)
                    count += len(batch)
        except BaseException:
            self._shelf.discard(folder)
            raise
        self._shelf.use(folder)
        return count

    def needs_rebuild(self) -> bool:
        """Whether there is no index, or one of another make."""
        return self._shelf.current() is None

    def health(self) -> str | None:
        """What is wrong, if anything."""
        try:
            self._searcher()
        except IndexUnavailable as error:
            return str(error)
        return None

    def facts(self) -> Mapping[str, int]:
        """Documents, segments and bytes on disk; for benchmarks."""
        searcher = self._searcher()
        return {"documents": searcher.num_docs, "segments": searcher.num_segments, "bytes": self._shelf.size()}


@contextmanager
def _writing(index: Index, heap: int) -> Iterator[IndexWriter]:
    """The writer of an index: committed at the end, rolled back on any error; IndexUnavailable while another has it."""
    try:
        writer = index.writer(heap, 1)
    except ValueError as error:
        raise IndexUnavailable(f"another process writes to the index: {error}") from error
    try:
        yield writer
        writer.commit()
    except BaseException:
        writer.rollback()
        raise
    finally:
        writer.wait_merging_threads()


def _order(request: SearchRequest) -> str | None:
    """The field to sort by; None for closeness, which without words is that of the calendar."""
    if request.sort == "relevance":
        return None if request.question.words else "newest"
    return request.sort


def _value(bucket: Mapping[str, Any]) -> str:
    key = bucket.get("key_as_string", bucket["key"])
    return str(int(key)) if isinstance(key, float) else str(key)
