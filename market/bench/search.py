"""How fast the search engine is: each kind of search straight at the engine, and the whole page over HTTP."""

import os
import random
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

from market.bench.measuring import percentile, pss_mb
from market.bench.world import World
from market.catalog import queries as catalog
from market.discovery.gateway import IndexDocument, IndexMissing, SearchIndex, SearchRequest
from market.discovery.rules.facets import FIELDS, VISIBLE
from market.discovery.rules.filters import In
from market.discovery.rules.question import understand
from market.discovery.rules.words import STOP_WORDS, words
from market.integrations.meilisearch_engine.engine import MeilisearchIndex
from market.integrations.tantivy_engine.engine import TantivyIndex
from seed.stage import Tell, silent

ENGINES = ("tantivy", "meilisearch")
UID = "ponte_bench"
ROUNDS, WARM_UP = 200, 20
SIX = FIELDS[:6]
SAMPLED = 400

Engine = TantivyIndex | MeilisearchIndex
Make = Callable[[random.Random, Sequence[IndexDocument]], SearchRequest]


def engine(name: str, world: World, url: str, key: str) -> Engine:
    """An engine with nothing in it: a folder beside the world's own index, or an index of its own on the server."""
    if name == "meilisearch":
        server = MeilisearchIndex(url, key, uid=UID)
        server.clear()
        return server
    folder = world.folder / "bench-search"
    shutil.rmtree(folder, ignore_errors=True)
    return TantivyIndex(folder)


def tidy(index: Engine) -> None:
    """Leave nothing on somebody's server."""
    if isinstance(index, MeilisearchIndex):
        index.clear()


def measure(world: World, index: Engine, tell: Tell = silent) -> dict[str, Any]:
    """Build, then ask; times in ms, memory that this process needs more than before, in MB, and disk: the folder's, or by
    how much the server's has grown."""
    with world.wired.db.read() as db:
        disk = _disk(index)
        before, started = pss_mb(os.getpid()), time.perf_counter()
        count = index.rebuild(_counted(catalog.all_documents(db), len(world.addresses), tell))
        seconds = time.perf_counter() - started
        sample = next(iter(catalog.all_documents(db, SAMPLED)))
    asked = {name: _timed(index, make, sample) for name, make in KINDS.items()}
    if isinstance(index, TantivyIndex):  # the world's own server searches in the embedded engine
        asked["page"] = _pages(world, sample)
    return {
        "engine": index.name,
        "size": count,
        "build_s": round(seconds, 1),
        "disk_mb": round((_disk(index) - disk) / 1e6, 1),
        "rss_mb": round(max(0.0, pss_mb(os.getpid()) - before), 1) if isinstance(index, TantivyIndex) else None,
        "queries": asked,
    }


def _disk(index: Engine) -> int:
    try:
        return index.facts()["bytes"]
    except IndexMissing:
        return 0


def _counted(pages: Iterator[list[IndexDocument]], total: int, tell: Tell) -> Iterator[list[IndexDocument]]:
    done = 0
    for page in pages:
        yield page
        done += len(page)
        tell(done, max(total, done))


# --- what is asked


@dataclass(frozen=True)
class _Typed:
    """A search of so many words out of a listing's title, changed as people change them."""

    count: int
    change: Callable[[random.Random, str], str] = lambda _chance, text: text

    def __call__(self, chance: random.Random, sample: Sequence[IndexDocument]) -> SearchRequest:
        telling: list[str] = []
        while len(telling) < self.count:
            telling = [word for word in words(chance.choice(sample).title) if word not in STOP_WORDS and len(word) > 3]
        return SearchRequest(understand(self.change(chance, " ".join(telling[: self.count])), "keyword"), base=VISIBLE)


def _begun(chance: random.Random, text: str) -> str:
    return text[: chance.randrange(3, max(4, len(text) - 1))]


def _mistyped(chance: random.Random, text: str) -> str:
    at = chance.randrange(1, len(text) - 1)
    return f"{text[:at]}{text[at + 1]}{text[at]}{text[at + 2 :]}" if len(text) > 4 else text


def _filtered(chance: random.Random, sample: Sequence[IndexDocument]) -> SearchRequest:
    sector = next(each.sectors[0] for each in chance.sample(list(sample), len(sample)) if each.sectors)
    return SearchRequest(base=VISIBLE, refine={"sectors": In("sectors", (sector,))}, facets=SIX)


def _everything(chance: random.Random, sample: Sequence[IndexDocument]) -> SearchRequest:
    del chance, sample
    return SearchRequest(base=VISIBLE, facets=SIX)


def _need(chance: random.Random, sample: Sequence[IndexDocument]) -> SearchRequest:
    told = chance.choice(sample)
    text = f"We are a company that needs help. {told.problem} {told.summary}"
    return SearchRequest(understand(text, "need"), base=VISIBLE)


KINDS: dict[str, Make] = {
    "word": _Typed(1),
    "three_words": _Typed(3),
    "prefix": _Typed(1, _begun),
    "typo": _Typed(1, _mistyped),
    "filter_facets": _filtered,
    "empty_facets": _everything,
    "need": _need,
}


# --- how long it takes


def _timed(index: SearchIndex, make: Make, sample: Sequence[IndexDocument]) -> dict[str, float]:
    chance = random.Random(20)  # noqa: S311 - the same searches every time
    times = []
    for _each in range(WARM_UP + ROUNDS):
        request = make(chance, sample)
        started = time.perf_counter()
        index.search(request)
        times.append((time.perf_counter() - started) * 1000)
    return _told(times[WARM_UP:])


def _pages(world: World, sample: Sequence[IndexDocument]) -> dict[str, float]:
    """The search page with a word and all its filters, every time another one, so that none is a kept page."""
    chance = random.Random(21)  # noqa: S311
    times = []
    with world.serving() as server:
        for number in range(WARM_UP + ROUNDS):
            text = " ".join(_Typed(1)(chance, sample).question.words)
            address = f"http://127.0.0.1:{server.port}/search?{urlencode({'q': text, 'n': number})}"
            started = time.perf_counter()
            with urlopen(address, timeout=60) as answer:
                answer.read()
            times.append((time.perf_counter() - started) * 1000)
    return _told(times[WARM_UP:])


def _told(times: Sequence[float]) -> dict[str, float]:
    return {f"p{share}_ms": round(percentile(times, share / 100), 2) for share in (50, 95, 99)}
