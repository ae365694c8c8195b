"""New listings against saved searches: an index in memory that holds the few, asked by the many.

Many searches share their words. So the index is asked once for each word; which listings have all the words of a search
is then a matter of sets, held as the bits of whole numbers.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from math import ceil

from tantivy import Index, Query, Searcher

from market.discovery.gateway import IndexDocument, Standing, filterable
from market.discovery.rules.filters import Filter, holds
from market.discovery.rules.question import Question, parts
from market.integrations.tantivy_engine import queries, schema

HEAP = 16 * 1024 * 1024


class TantivyPercolator:
    """Implements discovery.gateway.Percolator, whichever engine serves the site."""

    def matches(self, documents: Sequence[IndexDocument], searches: Iterable[Standing]) -> list[tuple[str, str]]:
        """Each key with the id of each listing that fits it."""
        if not documents:
            return []
        few = _Few(documents)
        found = []
        for search in searches:
            bits = few.within(search.filter)
            if bits:
                found += [(search.key, each) for each in few.named(bits & few.having(search.question))]
        return found


class _Few:
    """Some listings in an index of their own; a set of them is a number with one bit each."""

    def __init__(self, documents: Sequence[IndexDocument]) -> None:
        self._schema = schema.build()
        self._stemmer = schema.stemmer()
        self._ids = [document.id for document in documents]
        self._facts = [filterable(document) for document in documents]
        self._searcher = self._hold(documents)
        self._bits = self._places()
        self.within = cache(self._within)
        self.having = cache(self._having)
        self._part = cache(lambda part: self._ask(queries.part_query(self._schema, part)))
        self._stem = cache(lambda stem: self._ask(queries.stem_query(self._schema, stem)))

    def named(self, bits: int) -> list[str]:
        """The ids of a set."""
        return [each for number, each in enumerate(self._ids) if bits >> number & 1]

    def _hold(self, documents: Sequence[IndexDocument]) -> Searcher:
        index = schema.prepare(Index(self._schema))
        writer = index.writer(HEAP, 1)
        for document in documents:
            writer.add_document(schema.document(self._schema, document))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        return index.searcher()

    def _places(self) -> dict[tuple[int, int], int]:
        bit = {each: 1 << number for number, each in enumerate(self._ids)}
        hits = self._searcher.search(Query.all_query(), limit=len(self._ids)).hits
        return {(at.segment_ord, at.doc): bit[str(self._searcher.doc(at)["id"][0])] for _score, at in hits}

    def _ask(self, query: Query) -> int:
        hits = self._searcher.search(query, limit=len(self._ids), count=False).hits
        return sum(self._bits[at.segment_ord, at.doc] for _score, at in hits)

    def _within(self, tree: Filter) -> int:
        return sum(1 << number for number, facts in enumerate(self._facts) if holds(tree, facts))

    def _having(self, question: Question) -> int:
        if question.mode == "need":
            return self._near(queries.stems_of(self._stemmer, question.words))
        bits = (1 << len(self._ids)) - 1
        for part in parts(question):
            bits &= self._part(part)
        return bits

    def _near(self, stems: list[str]) -> int:
        least = min(max(3, ceil(len(stems) / 4)), len(stems))
        sets = [bits for stem in stems if (bits := self._stem(stem))]
        numbers = range(len(self._ids))
        return sum(1 << number for number in numbers if sum(bits >> number & 1 for bits in sets) >= least)
