"""No address can change a filter, on either engine: whatever stands in its words, its facets, its order and its page.

What the visitor may see, and the ticked values, go to the engine as they are meant; everything else is words to look for.
"""

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from market.discovery.forms import LAST_PAGE, PER_PAGE, asked
from market.discovery.gateway import SearchIndex, filterable
from market.discovery.rules import filters as f
from market.discovery.rules.facets import FACETS, FIELDS, VISIBLE, refinements
from market.discovery.service.finding import find
from market.integrations.meilisearch_engine.engine import MeilisearchIndex
from market.integrations.meilisearch_engine.settings import SORTS
from tests.integrations.conftest import Make
from tests.integrations.test_search_contract import LISTINGS

Pairs = list[tuple[str, str]]

HOSTILE = st.sampled_from(
    [
        '" OR state = "withdrawn', '"] OR id EXISTS OR country IN ["', "') OR 1=1 --", "DE\" OR country EXISTS", "\\", '\\"',
        'energy"] OR state IN ["withdrawn', "state IN [withdrawn]", "state:withdrawn", "NOT state = published", "*:*",
        "newest:desc", "newest:desc,id:asc", "published_at:asc", "newest", "responsive", "-1", "0", "1", "2", "3", "500",
        "501", "1e3", "²", "٣", "0x10", "99999", "18446744073709551616", "1 OR 1", "energy", "robotics", "DE", "IT", "FR",
        "de", "7", "7] OR trl EXISTS", "7 TO 9", "\x00", "battery", "pump", "hidden battery", "licence", "every",
    ]
) | st.text(max_size=20)  # fmt: skip
NAMES = st.sampled_from(
    [facet.name for facet in FACETS] * 2
    + ["q", "q", "sort", "sort", "page", "page", "words", "in-sector", "in-country"]
    + [
        "state",
        "filter",
        "base",
        "refine",
        "per_page",
        "hitsPerPage",
        "facets",
        "org_id",
        "mode",
        "attributesToRetrieve",
    ]
)
ADDRESSES = st.lists(st.tuples(NAMES, HOSTILE), max_size=8)
WORST: Pairs = [
    ("q", '" OR state = "withdrawn'),
    ("sort", "newest:desc"),
    ("page", "-1"),
    ("sector", 'energy"] OR id EXISTS'),
]

SEEN = r'state IN \["published", "stale"\]'
VALUE = r'(?:"[a-z_0-9]+"|"[A-Z]{2}"|\d{1,2})'
TICKED = rf"\((?:{'|'.join(FIELDS)}) IN \[{VALUE}(?:, {VALUE})*\]\)"
FILTER = re.compile(rf"{SEEN}|\({SEEN}\)(?: AND {TICKED})+")
SAID = {
    "indexUid", "q", "matchingStrategy", "showRankingScore", "page", "hitsPerPage", "filter", "facets", "sort",
    "attributesToRetrieve",
}  # fmt: skip


class Overheard(MeilisearchIndex):
    """Keeps what would be sent to the server, and finds nothing."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:9")
        self.said: list[dict[str, Any]] = []

    def _ask(self, asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
        self.said += asked
        return [{"hits": [], "totalHits": 0, "facetDistribution": {}} for _each in asked]


@given(ADDRESSES)
@example(WORST)
@settings(max_examples=300, deadline=None)
def test_nothing_but_known_words_is_said_to_the_server(pairs: Pairs) -> None:
    """Each filter is that of the visitor and of known values; order, page, index and fields are among ours."""
    index = Overheard()
    find(None, index, asked(pairs))  # type: ignore[arg-type] - the tables are read only without an engine

    assert index.said
    for query in index.said:
        assert FILTER.fullmatch(query["filter"]), query["filter"]
        assert set(query) <= SAID
        assert "technologies" == query["indexUid"]
        assert query.get("sort") in (None, *SORTS.values())
        assert type(query["page"]) is int
        assert 1 <= query["page"] <= LAST_PAGE
        assert query["hitsPerPage"] in (0, PER_PAGE)
        assert set(query.get("facets", ())) <= set(FIELDS)
        assert query.get("attributesToRetrieve", ["id"]) == ["id"]


@pytest.fixture(scope="module")
def full(make: Make) -> SearchIndex:
    """An engine with the listings of the contract; one of them nobody may see."""
    engine = make()
    engine.rebuild([LISTINGS])
    return engine


@given(ADDRESSES)
@example(WORST)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_address_finds_or_counts_what_it_may_not(full: SearchIndex, pairs: Pairs) -> None:
    """Hits pass the filter that is meant, counts are of visible listings; order and page change neither."""
    meant = asked(pairs)
    allowed = f.And((VISIBLE, *refinements(meant.chosen).values()))
    seen = [filterable(each) for each in LISTINGS if f.holds(VISIBLE, filterable(each))]
    right = {each["id"] for each in seen if f.holds(allowed, each)}

    found = find(None, full, meant)  # type: ignore[arg-type] - the tables are read only without an engine
    plain = find(None, full, asked([(name, value) for name, value in pairs if name not in ("sort", "page")]))  # type: ignore[arg-type]

    assert {hit.id for hit in found.result.hits} <= right
    assert found.result.total <= len(right)
    assert (plain.result.total, plain.result.facets) == (found.result.total, found.result.facets)
    if meant.page == 1:
        assert {hit.id for hit in plain.result.hits} == {hit.id for hit in found.result.hits}
    for field, counts in found.result.facets.items():
        for value, number in counts.items():
            assert number <= sum(value in _texts(each.get(field)) for each in seen), (field, value)


def _texts(value: Any) -> list[str]:
    return [str(each) for each in (value if isinstance(value, list | tuple) else [value])]
