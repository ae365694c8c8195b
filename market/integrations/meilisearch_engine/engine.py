"""The search engine at scale: a Meilisearch server."""

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

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
    Waiting,
    patient,
)
from market.discovery.rules import filters as f
from market.discovery.rules.question import Question, understand
from market.integrations.meilisearch_engine.client import Server
from market.integrations.meilisearch_engine.filters import compiled
from market.integrations.meilisearch_engine.settings import MOST_HITS, PRIMARY, SORTS, agrees, document, settings
from market.kit.ids import new_id

LIVE = "technologies"
TAKES_WORDS = 10  # the server reads no more of a question
REBUILD_PATIENCE = 3 * 3600.0
BEAT = 10.0  # seconds between two calls to who waits for a rebuild
MOST_INDEXES = 1000


class MeilisearchIndex:
    """SearchIndex over a Meilisearch server; `uid` names the live index."""

    name = "meilisearch"
    replica: SearchIndex | None = None

    def __init__(self, url: str, key: str = "", uid: str = LIVE) -> None:
        self._server = Server(url, key)
        self._uid = uid

    # --- reading

    def search(self, request: SearchRequest) -> SearchResult:
        """One call that carries the search and, for each refined facet, its counts without its own filter."""
        started = time.perf_counter()
        together = [name for name in request.facets if name not in request.refine]
        alone = [name for name in request.facets if name in request.refine]
        asked = [self._hits_query(request) | {"facets": together}]
        asked += [self._counts_query(request, name) for name in alone]
        answers = self._ask(asked)
        counts: dict[str, dict[str, int]] = {}
        for answer in answers:
            counts |= answer.get("facetDistribution") or {}
        return SearchResult(
            hits=tuple(Hit(each[PRIMARY], float(each.get("_rankingScore", 0))) for each in answers[0]["hits"]),
            total=int(answers[0]["totalHits"]),
            facets=counts,
            engine=self.name,
            took_ms=(time.perf_counter() - started) * 1000,
            about=int(answers[0]["totalHits"]) > MOST_HITS,
        )

    def facet_values(self, facet: str, prefix: str, request: SearchRequest, limit: int = 20) -> list[tuple[str, int]]:
        """The values of a facet that begin with `prefix`, the most frequent first."""
        answer = self._ask([self._counts_query(request, facet)])[0]
        counts = (answer.get("facetDistribution") or {}).get(facet, {})
        found = [(value, n) for value, n in counts.items() if value.casefold().startswith(prefix.casefold())]
        return sorted(found, key=lambda each: (-each[1], each[0]))[:limit]

    def similar(self, technology_id: str, base: f.Filter, limit: int = 6) -> tuple[Hit, ...]:
        """Listings with words like those of title, keywords and summary of this one."""
        this = f.Eq("id", technology_id)
        found = self._ask([self._query(Question(), f.simplified(this)) | {"hitsPerPage": 1}])[0]["hits"]
        if not found:
            return ()
        near = understand(" ".join([found[0]["title"], *found[0]["keywords"], found[0]["summary"]]), "need")
        query = self._query(Question(near.words[:TAKES_WORDS], "need"), f.simplified(f.And((base, f.Not(this)))))
        answer = self._ask([query | {"hitsPerPage": limit, "matchingStrategy": "last"}])[0]  # the title stands first
        return tuple(Hit(each[PRIMARY], float(each.get("_rankingScore", 0))) for each in answer["hits"])

    def _hits_query(self, request: SearchRequest) -> dict[str, Any]:
        query = self._query(request.question, request.filter())
        query |= {"hitsPerPage": request.per_page, "page": request.page, "attributesToRetrieve": [PRIMARY]}
        if request.sort != "relevance":
            query["sort"] = SORTS[request.sort]
        return query

    def _counts_query(self, request: SearchRequest, facet: str) -> dict[str, Any]:
        query = self._query(request.question, request.filter(leaving_out=facet))
        return query | {"hitsPerPage": 0, "facets": [facet]}

    def _query(self, question: Question, tree: f.Filter) -> dict[str, Any]:
        need = question.mode == "need"
        asked = _telling(question.words) if need else question.words
        query: dict[str, Any] = {
            "indexUid": self._uid,
            "q": " ".join(asked),
            "matchingStrategy": "frequency" if need else "all",
            "showRankingScore": True,
            "page": 1,
        }
        text = compiled(tree)
        return query if text is None else query | {"filter": text}

    def _ask(self, asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
        try:
            with self._server.asking() as client:
                return list(client.multi_search(asked)["results"])
        except BatchRefused as error:
            raise IndexUnavailable(f"the search server does not understand: {error}") from error

    # --- writing

    def apply(self, upserts: Sequence[IndexDocument], deletes: Sequence[str]) -> Receipt:
        """Hand the changes over; the server takes them (202) and works on them later."""
        tasks: list[int] = []
        latest = {each.id: each for each in upserts}
        gone = tuple(each for each in deletes if each not in latest)
        with self._server.feeding() as client:
            client.get_raw_index(self._uid)  # a write would make a missing index, without our settings
            index = client.index(self._uid)
            if gone:
                tasks.append(index.delete_documents(filter=compiled(f.In("id", gone))).task_uid)
            if latest:
                tasks.append(index.add_documents([document(each) for each in latest.values()], PRIMARY).task_uid)
        return Receipt(tuple(tasks))

    def confirm(self, receipt: Receipt, wait: float = 0.0) -> bool:
        """Whether all tasks have succeeded."""
        until = time.monotonic() + wait
        return all(self._server.wait(task, until) for task in receipt.tasks)

    def rebuild(self, batches: Iterable[Sequence[IndexDocument]], waiting: Waiting = patient) -> int:
        """Fill a new index, compare the counts, swap it with the live one, throw the old one away."""
        self._sweep()
        fresh, count = f"{self._uid}_{new_id()}", 0
        try:
            self._create(fresh)
            tasks = []
            for batch in filter(None, batches):
                with self._server.feeding() as client:
                    tasks.append(
                        client.index(fresh).add_documents([document(each) for each in batch], PRIMARY).task_uid
                    )
                count += len(batch)
            self._done(*tasks, waiting=waiting)
            self._compare(fresh, count)
            self._swap(fresh)
        finally:
            self._drop(fresh)
        return count

    def _create(self, uid: str) -> None:
        with self._server.feeding() as client:
            made = client.create_index(uid, {"primaryKey": PRIMARY})
            self._done(made.task_uid)
            self._done(client.index(uid).update_settings(settings()).task_uid)

    def _compare(self, uid: str, count: int) -> None:
        with self._server.feeding() as client:
            found = client.index(uid).get_stats().number_of_documents
        if found != count:
            raise IndexUnavailable(f"the new index has {found} documents instead of {count}")

    def _swap(self, fresh: str) -> None:
        if not self._exists():
            self._create(self._uid)
        with self._server.feeding() as client:
            self._done(client.swap_indexes([{"indexes": [self._uid, fresh]}]).task_uid)

    def _exists(self) -> bool:
        try:
            with self._server.feeding() as client:
                client.get_raw_index(self._uid)
        except IndexMissing:
            return False
        return True

    def _drop(self, uid: str) -> None:
        try:
            with self._server.feeding() as client:
                client.delete_index(uid)
        except (IndexUnavailable, BatchRefused):
            return  # it stays behind, unused; the next rebuild makes another

    def _sweep(self) -> None:
        """Throw away what rebuilds left behind that were killed; no other rebuild of this index is under way."""
        left = re.compile(rf"{re.escape(self._uid)}_[0-9a-z]{{26}}")
        with self._server.feeding() as client:
            found = client.get_indexes({"limit": MOST_INDEXES})["results"]
        for each in found:
            if left.fullmatch(each.uid):
                self._drop(each.uid)

    def _done(self, *tasks: int, waiting: Waiting = patient) -> None:
        until = time.monotonic() + REBUILD_PATIENCE
        for task in tasks:
            while not self._server.wait(task, time.monotonic() + BEAT):
                waiting()
                if time.monotonic() > until:
                    raise IndexUnavailable(f"task {task} takes too long")

    def needs_rebuild(self) -> bool:
        """Whether the index is missing or set otherwise."""
        try:
            with self._server.feeding() as client:
                return not agrees(settings(), client.index(self._uid).get_settings())
        except IndexMissing:
            return True

    def facts(self) -> Mapping[str, int]:
        """Documents in the index, and bytes that the server uses on its disk for all that it holds; for benchmarks."""
        with self._server.feeding() as client:
            told = client.get_all_stats()
        held = told["indexes"].get(self._uid, {"numberOfDocuments": 0})
        return {"documents": held["numberOfDocuments"], "bytes": told["usedDatabaseSize"]}

    def clear(self) -> None:
        """Throw the index away and wait until it is gone; for benchmarks."""
        try:
            with self._server.feeding() as client:
                self._done(client.delete_index(self._uid).task_uid)
        except (IndexMissing, BatchRefused):
            return  # there was none

    def health(self) -> str | None:
        """What is wrong, if anything."""
        try:
            with self._server.asking() as client:
                client.health()
                client.get_raw_index(self._uid)
        except (IndexUnavailable, BatchRefused) as error:
            return str(error)
        return None


def _telling(asked: tuple[str, ...]) -> tuple[str, ...]:
    """The ten longest words in their order: the server reads no more, and long words are the rare ones."""
    longest = set(sorted(asked, key=len, reverse=True)[:TAKES_WORDS])
    return tuple(word for word in asked if word in longest)
