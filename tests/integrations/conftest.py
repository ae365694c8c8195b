"""Search engines for the tests: tantivy always; Meilisearch where MEILI_URL names a server (MEILI_KEY is its key).

MEILI_URL=http://127.0.0.1:7700 pytest tests/integrations/test_search_contract.py
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from market.discovery.gateway import SearchIndex
from market.integrations.meilisearch_engine.engine import MeilisearchIndex
from market.integrations.tantivy_engine.engine import TantivyIndex
from market.kit.ids import new_id

MEILI_URL = os.environ.get("MEILI_URL", "")
NOT_RUN = "NOT RUN on Meilisearch: MEILI_URL names no server"

Make = Callable[[], SearchIndex]


@pytest.fixture(scope="module", params=["tantivy", "meilisearch"])
def make(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    """Makes an engine with an index of its own."""
    made: list[str] = []

    def engine() -> SearchIndex:
        if request.param == "tantivy":
            return TantivyIndex(Path(tmp_path_factory.mktemp("search")))
        made.append(f"test_{new_id()}")
        return MeilisearchIndex(MEILI_URL, os.environ.get("MEILI_KEY", ""), uid=made[-1])

    if request.param == "meilisearch" and not MEILI_URL:
        pytest.skip(NOT_RUN)
    yield engine
    for uid in made:
        MeilisearchIndex(MEILI_URL, os.environ.get("MEILI_KEY", ""), uid=uid)._drop(uid)
