"""How good the answers are: nDCG, reciprocal rank, recall and empty answers, on our own judged topics and on SciFact."""

import csv
import gzip
import json
import math
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from market.catalog.rows import IndexDocument
from market.discovery.gateway import SearchIndex, SearchRequest
from market.discovery.rules.question import Mode, understand
from market.discovery.service.finding import ask
from market.integrations.tantivy_engine.engine import TantivyIndex
from seed import world
from seed.stage import Tell, silent

TOPICS = Path(__file__).with_name("judged") / "topics.tsv"
FIRST, DEEP = 10, 100

Grades = Mapping[str, int]
"""Listing -> how well it answers, from 1."""


@dataclass(frozen=True)
class Topic:
    """Something looked for, in one of the styles in which people look, and what answers it."""

    style: str
    text: str
    grades: Grades


def topics(lines: Iterable[str] | None = None) -> list[Topic]:
    """The judged topics of the sample world; of `lines` when given."""
    told = TOPICS.read_text(encoding="utf-8").splitlines() if lines is None else lines
    return [_topic(*line.split("\t")) for line in told if line and not line.startswith("#")]


def _topic(style: str, text: str, judged: str) -> Topic:
    pairs = (each.split("=") for each in judged.split())
    return Topic(style, text, {key: int(grade) for key, grade in pairs})


# --- measures


def ndcg(found: Sequence[str], grades: Grades, first: int = FIRST) -> float:
    """Normalised discounted cumulative gain of the first so many; gain 2^grade - 1 (Burges and others, 2005)."""
    ideal = _gain(sorted(grades.values(), reverse=True)[:first])
    return _gain([grades.get(each, 0) for each in found[:first]]) / ideal if ideal else 0.0


def _gain(grades: Sequence[int]) -> float:
    return math.fsum((2**grade - 1) / math.log2(rank + 2) for rank, grade in enumerate(grades))


def reciprocal_rank(found: Sequence[str], grades: Grades, first: int = FIRST) -> float:
    """One divided by the rank of the first listing that fits; 0 when none of the first so many does."""
    return next((1 / rank for rank, each in enumerate(found[:first], 1) if grades.get(each)), 0.0)


def recall(found: Sequence[str], grades: Grades, deep: int = DEEP) -> float:
    """The share of all fitting ones that stand among the first so many."""
    return len(set(found[:deep]) & set(grades)) / len(grades) if grades else 0.0


# --- our own topics


def own(index: SearchIndex) -> dict[str, dict[str, float]]:
    """By style: what a visitor sees on the first page, words left out where no listing has all of them.

    `zero_hits` is the share of topics that find nothing at all, `shortened` the share for which words were left out.
    """
    by_style: defaultdict[str, list[tuple[float, float, bool, bool]]] = defaultdict(list)
    for topic in topics():
        found = ask(index, SearchRequest(understand(topic.text), per_page=FIRST))
        ids = [hit.id for hit in found.result.hits]
        scores = (ndcg(ids, topic.grades), reciprocal_rank(ids, topic.grades), not ids, bool(found.dropped))
        by_style[topic.style].append(scores)
    return {style: {"topics": len(rows)} | _means(rows) for style, rows in by_style.items()}


def _means(rows: Sequence[tuple[float, float, bool, bool]]) -> dict[str, float]:
    names = ("ndcg_at_10", "mrr_at_10", "zero_hits", "shortened")
    return {name: round(fmean(column), 4) for name, column in zip(names, zip(*rows, strict=True), strict=True)}


def sample_documents() -> list[IndexDocument]:
    """The listings of the sample world as the index takes them, named by their keys."""
    houses = {each.key: each for each in world.organisations()}
    return [_sample(each, houses[each.organisation].name) for each in world.listings()]


def _sample(told: world.SampleListing, organisation: str) -> IndexDocument:
    texts = {name: told.text(name) for name in ("summary", "description", "problem", "advantages", "applications")}
    lists = {name: list(told.facts.get(name, ())) for name in ("keywords", "inventors", "licences")}
    return IndexDocument(**PLAIN | texts | lists | {"id": told.key, "title": told.title, "organisation": organisation})


PLAIN: dict[str, Any] = {
    "summary": "", "keywords": [], "description": "", "problem": "", "advantages": "", "applications": "",
    "organisation": "", "inventors": [], "sectors": [], "technology_fields": [], "trl": None, "country": "",
    "ip_status": "none", "offers": [], "licences": [], "price_band": "on_request", "has_prototype": False,
    "published_at": 0, "updated_at": 0, "org_id": "", "state": "published", "version": 1,
}  # fmt: skip
"""A document of which nothing is known but its words."""


# --- SciFact


def scifact(index: SearchIndex, folder: Path, tell: Tell = silent) -> dict[str, dict[str, float]]:
    """nDCG@10 and recall@100 of both modes on the BEIR test part of SciFact, read from `folder`."""
    index.rebuild([list(abstracts(folder))])
    queries = [json.loads(line) for line in (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines()]
    judged = _judgements(folder)
    wanted = [(str(each["_id"]), str(each["text"])) for each in queries if str(each["_id"]) in judged]
    modes: tuple[Mode, ...] = ("keyword", "need")
    scores: dict[str, dict[str, float]] = {}
    for number, mode in enumerate(modes):
        scores[mode] = _mode(index, mode, wanted, judged)
        tell(number + 1, len(modes))
    return scores


def _mode(
    index: SearchIndex, mode: Mode, wanted: Sequence[tuple[str, str]], judged: Mapping[str, Grades]
) -> dict[str, float]:
    near, deep = [], []
    for query, text in wanted:
        found = [hit.id for hit in index.search(SearchRequest(understand(text, mode), per_page=DEEP)).hits]
        near.append(ndcg(found, judged[query]))
        deep.append(recall(found, judged[query]))
    return {"ndcg_at_10": round(fmean(near), 4), "recall_at_100": round(fmean(deep), 4)}


def abstracts(folder: Path) -> Iterator[IndexDocument]:
    """The abstracts as documents: title and description."""
    with gzip.open(folder / "corpus.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            told = json.loads(line)
            yield IndexDocument(**PLAIN | {"id": str(told["_id"]), "title": told["title"], "description": told["text"]})


def _judgements(folder: Path) -> Mapping[str, Grades]:
    judged: defaultdict[str, dict[str, int]] = defaultdict(dict)
    with (folder / "qrels.tsv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            if int(row["score"]) > 0:
                judged[row["query-id"]][row["corpus-id"]] = int(row["score"])
    return judged


def beside(place: Path) -> Path | None:
    """The folder of SciFact in a folder beside the project's; None when there is none."""
    return next(iter(sorted(place.glob("*/data/retrieval/scifact"))), None)


def measure(folder: Path | None, tell: Tell = silent) -> dict[str, Any]:
    """Both, on the embedded engine; SciFact only where `folder` holds it."""
    with tempfile.TemporaryDirectory(prefix="ponte-bench-") as place:
        index = TantivyIndex(Path(place) / "own")
        index.rebuild([sample_documents()])
        result: dict[str, Any] = {"own": own(index), "scifact": None}
        if folder and (folder / "corpus.jsonl.gz").exists():
            result["scifact"] = scifact(TantivyIndex(Path(place) / "scifact"), folder, tell)
        return result
