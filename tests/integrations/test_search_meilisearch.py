"""What pages do when the Meilisearch server is down, slow or talks nonsense; for this no real server is needed."""

import http.server
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from market.discovery.gateway import BatchRefused, IndexMissing, IndexUnavailable, Receipt, SearchRequest
from market.integrations.meilisearch_engine import client as calls
from market.integrations.meilisearch_engine.engine import MeilisearchIndex
from market.integrations.meilisearch_engine.settings import agrees, settings
from tests.discovery.documents import document
from tests.live import free_port


class Moods(http.server.BaseHTTPRequestHandler):
    """Answers everything with the server's present mood: (status, body, seconds to wait)."""

    def do_GET(self) -> None:
        """Any request."""
        status, body, wait = self.server.mood  # type: ignore[attr-defined]
        self.server.calls += 1  # type: ignore[attr-defined]
        self.rfile.read(int(self.headers.get("content-length", 0)))
        time.sleep(wait)
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the names that http.server calls

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the output quiet."""


@pytest.fixture
def server() -> Iterator[Any]:
    """A server with moods."""
    server: Any = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Moods)
    server.mood, server.calls = (200, b"{}", 0.0), 0
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


@pytest.fixture
def index(server: Any) -> MeilisearchIndex:
    """An engine before that server."""
    return MeilisearchIndex(f"http://127.0.0.1:{server.server_port}")


def test_a_server_that_is_gone_is_told_at_once() -> None:
    """Nobody waits for a connection that will not come; after some failures nobody even tries for a while."""
    index = MeilisearchIndex(f"http://127.0.0.1:{free_port()}")
    started = time.monotonic()
    for _each in range(20):
        with pytest.raises(IndexUnavailable):
            index.search(SearchRequest())

    assert time.monotonic() - started < 2
    assert index.health()


def test_a_slow_server_is_not_waited_for(index: MeilisearchIndex, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page gives up after the time limit, and leaves the server in peace after three times."""
    monkeypatch.setattr(calls, "ASKING", (0.3, 0.1))
    server.mood = (200, b'{"results": []}', 1.0)
    for _each in range(6):
        with pytest.raises(IndexUnavailable):
            index.search(SearchRequest())

    assert calls.FAILURES == server.calls


def test_pages_ask_again_after_a_rest(index: MeilisearchIndex, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the server is back, so is the search."""
    monkeypatch.setattr(calls, "REST", 0.05)
    server.mood = (500, b"{}", 0.0)
    for _each in range(calls.FAILURES):
        with pytest.raises(IndexUnavailable):
            index.search(SearchRequest())
    time.sleep(0.1)
    server.mood = (200, b'{"results": [{"hits": [{"id": "one"}], "totalHits": 1}]}', 0.0)

    assert 1 == index.search(SearchRequest()).total


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (404, "index_not_found", IndexMissing),
        (403, "invalid_api_key", IndexUnavailable),
        (503, "too_many_search_requests", IndexUnavailable),
        (400, "invalid_document_id", BatchRefused),
        (413, "payload_too_large", BatchRefused),
    ],
)
def test_faults_are_told_apart(
    index: MeilisearchIndex, server: Any, status: int, code: str, kind: type[Exception]
) -> None:
    """What may pass is tried again, a missing index is rebuilt, a bad document is put aside."""
    server.mood = (status, f'{{"message": "no", "code": "{code}", "type": "x", "link": ""}}'.encode(), 0.0)

    with pytest.raises(kind):
        index.apply([document("one", "Lathe")], [])


def test_a_failed_task_is_a_refusal(index: MeilisearchIndex, server: Any) -> None:
    """Taken and then failed: never counted as done."""
    task = b'{"uid": 7, "taskUid": 7, "indexUid": "x", "status": "%s", "type": "documentAdditionOrUpdate", "details": null,'
    task += (
        b'"error": %s, "canceledBy": null, "duration": null, "enqueuedAt": "2027-03-03T12:00:00.0Z", "startedAt": null,'
    )
    task += b'"finishedAt": null}'
    server.mood = (200, task % (b"failed", b'{"message": "bad geo"}'), 0.0)
    with pytest.raises(BatchRefused, match="bad geo"):
        index.confirm(Receipt((7,)))

    server.mood = (200, task % (b"processing", b"null"), 0.0)
    assert not index.confirm(Receipt((7,)), wait=0.1)

    server.mood = (200, task % (b"succeeded", b"null"), 0.0)
    assert index.confirm(Receipt((7,)))

    server.mood = (404, b'{"message": "no", "code": "task_not_found", "type": "x", "link": ""}', 0.0)
    with pytest.raises(BatchRefused):
        index.confirm(Receipt((7,)))


def test_settings_are_compared_by_what_they_mean() -> None:
    """The server may tell more than we set, and lists in another order; ranks must stand as they are."""
    told = settings() | {"dictionary": [], "filterableAttributes": settings()["filterableAttributes"][::-1]}

    assert agrees(settings(), told)
    assert not agrees(settings(), told | {"rankingRules": settings()["rankingRules"][::-1]})
    assert not agrees(settings(), told | {"synonyms": {}})
