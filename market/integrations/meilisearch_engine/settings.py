"""The index settings as code, and how a listing becomes a Meilisearch document.

Ranking rules are named one by one, since the defaults change between versions (these are of v1.50).
"""

from collections.abc import Mapping
from typing import Any

from market.discovery import gateway
from market.discovery.gateway import IndexDocument
from market.discovery.rules import synonyms, typos
from market.discovery.rules.words import fold

PRIMARY = "id"
MOST_HITS = 100_000
MOST_VALUES = 1000

RANKING = ["sort", "words", "typo", "proximity", "attributeRank", "wordPosition", "exactness", "newest:desc"]

SORTS = {"newest": ["newest:desc"], "responsive": ["answering:desc", "newest:desc"]}


def settings() -> dict[str, Any]:
    """What every index of ours is set to. Stop words are taken out of the question, not of the index, so that phrases of
    synonyms such as `internet of things` are found whole."""
    return {
        "searchableAttributes": list(gateway.TEXT_FIELDS),
        "filterableAttributes": sorted(gateway.FILTERS),
        "sortableAttributes": ["answering", "newest"],
        "displayedAttributes": [PRIMARY, "title", "keywords", "summary"],
        "rankingRules": RANKING,
        "stopWords": [],
        "synonyms": _synonyms(),
        "typoTolerance": {
            "enabled": True,
            "minWordSizeForTypos": {"oneTypo": typos.ONE_FROM, "twoTypos": typos.TWO_FROM},
            "disableOnNumbers": True,
        },
        "faceting": {"maxValuesPerFacet": MOST_VALUES},
        "pagination": {"maxTotalHits": MOST_HITS},
        "searchCutoffMs": 1200,
    }


def _synonyms() -> dict[str, list[str]]:
    return {
        " ".join(phrase): sorted(" ".join(other) for other in others)
        for phrase, others in sorted(synonyms.known().items())
    }


def agrees(wanted: Any, found: Any) -> bool:
    """Whether the server's settings are ours: it may tell more than we set, and lists other than ranked ones in any order."""
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(agrees(value, found.get(key)) for key, value in wanted.items())
    if isinstance(wanted, list) and wanted not in (RANKING, list(gateway.TEXT_FIELDS)):
        return isinstance(found, list) and sorted(map(str, wanted)) == sorted(map(str, found))
    return bool(wanted == found)


def document(given: IndexDocument) -> dict[str, Any]:
    """The Meilisearch document of a listing. Texts are folded as questions are, so that both engines see one alphabet;
    lists stay lists, so that words of two keywords do not run together."""
    texts = {name: _folded(getattr(given, name)) for name in gateway.TEXT_FIELDS}
    return (
        texts
        | gateway.filterable(given)
        | {
            "newest": gateway.newest_key(given),
            "answering": gateway.answering_key(given),
        }
    )


def _folded(text: str | list[str]) -> str | list[str]:
    return fold(text) if isinstance(text, str) else [fold(each) for each in text]
