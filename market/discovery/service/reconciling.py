"""Comparing the index with the tables: which listings it lacks, has in an old version, or should not have."""

import itertools
from collections.abc import Iterator, Sequence

from sqlmodel import Session

from market.discovery import queries
from market.discovery.gateway import PARTS, IndexUnavailable, SearchIndex, SearchRequest, SearchResult
from market.discovery.rules.filters import And, Eq, Or, Range

TOGETHER = 100
PAGE = 1000

Version = tuple[str, int]


def differences(db: Session, index: SearchIndex) -> list[str]:
    """The ids of all listings that the index has to be told about; raises IndexUnavailable."""
    visible = queries.visible_versions(db)
    groups = [visible[at : at + TOGETHER] for at in range(0, len(visible), TOGETHER)]
    wrong = [each for group in groups for each in _outdated(index, group)]
    right = {each for each, _version in visible}
    return wrong + [each for each in all_ids(index) if each not in right]


def _outdated(index: SearchIndex, group: Sequence[Version]) -> Iterator[str]:
    """Halve what does not agree until the differing ones stand alone."""
    same = Or(tuple(And((Eq("id", each), Eq("version", version))) for each, version in group))
    if _asked(index, SearchRequest(base=same, per_page=0)).total == len(group):
        return
    if len(group) == 1:
        yield group[0][0]
        return
    half = len(group) // 2
    yield from _outdated(index, group[:half])
    yield from _outdated(index, group[half:])


def all_ids(index: SearchIndex, low: int = 0, high: int = PARTS - 1) -> Iterator[str]:
    """Every id in the index. No engine pages deep (a server stops at 100,000), so we halve what we ask for, by the parts
    into which ids fall, until a page holds the whole answer."""
    request = SearchRequest(base=Range("part", low, high), per_page=PAGE)
    answer = _asked(index, request)
    if answer.total > PAGE and low < high:
        middle = (low + high) // 2
        yield from all_ids(index, low, middle)
        yield from all_ids(index, middle + 1, high)
        return
    yield from (hit.id for hit in answer.hits)
    if answer.total > PAGE:
        yield from _further(index, request)


def _further(index: SearchIndex, request: SearchRequest) -> Iterator[str]:
    """The second page and those behind it."""
    for number in itertools.count(2):
        hits = _asked(index, SearchRequest(base=request.base, page=number, per_page=PAGE)).hits
        yield from (hit.id for hit in hits)
        if len(hits) < PAGE:
            return


def _asked(index: SearchIndex, request: SearchRequest) -> SearchResult:
    """What this index itself says: a copy that stands in for it proves nothing about it."""
    answer = index.search(request)
    if answer.degraded:
        raise IndexUnavailable("only the replica answers")
    return answer
