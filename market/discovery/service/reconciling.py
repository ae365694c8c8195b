"""Comparing the index with the tables: which listings it lacks, has in an old version, or should not have."""

from collections.abc import Iterator, Sequence

from sqlmodel import Session

from market.discovery import queries
from market.discovery.gateway import SearchIndex, SearchRequest
from market.discovery.rules.filters import And, Eq, Or

PART = 100
PAGE = 1000
MOST_PAGES = 100  # an engine pages no deeper than this; whatever is beyond, a later night finds

Version = tuple[str, int]


def differences(db: Session, index: SearchIndex) -> list[str]:
    """The ids of all listings that the index has to be told about; raises IndexUnavailable."""
    visible = queries.visible_versions(db)
    parts = [visible[at : at + PART] for at in range(0, len(visible), PART)]
    wrong = [each for part in parts for each in _outdated(index, part)]
    right = {each for each, _version in visible}
    return wrong + [each for each in _all_ids(index) if each not in right]


def _outdated(index: SearchIndex, part: Sequence[Version]) -> Iterator[str]:
    """Halve what does not agree until the differing ones stand alone."""
    same = Or(tuple(And((Eq("id", each), Eq("version", version))) for each, version in part))
    if index.search(SearchRequest(base=same, per_page=0)).total == len(part):
        return
    if len(part) == 1:
        yield part[0][0]
        return
    half = len(part) // 2
    yield from _outdated(index, part[:half])
    yield from _outdated(index, part[half:])


def _all_ids(index: SearchIndex) -> Iterator[str]:
    for number in range(1, MOST_PAGES + 1):
        hits = index.search(SearchRequest(page=number, per_page=PAGE)).hits
        yield from (hit.id for hit in hits)
        if len(hits) < PAGE:
            return
