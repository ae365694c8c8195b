"""kill -9 of the worker while it indexes, and of the search server while writes go on: the index is as the tables say.

The half on a Meilisearch server runs where MEILI_BIN names its program: it is started and killed here.
"""

import contextlib
import os
import random
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from sqlmodel import select, update

from market.catalog import queries as catalog
from market.catalog.models import Technology
from market.config import Settings
from market.discovery import queries
from market.discovery.gateway import SearchIndex, SearchRequest
from market.discovery.models import SearchTurn
from market.discovery.rules.facets import VISIBLE
from market.discovery.rules.question import understand
from market.discovery.service import outbox, reconciling
from market.kit import clock, schema
from market.wiring import Wired, wire
from tests.discovery.world import an_officer, publish
from tests.live import ROOT, free_port

MEILI_BIN = os.environ.get("MEILI_BIN", "")
LISTINGS = 1500
KILLS = 5
SECRET = "k" * 40


class Process:
    """A program that can be killed and started again; what it says goes to a file."""

    def __init__(self, command: list[str], log: Path, environment: dict[str, str], folder: Path = ROOT) -> None:
        keep = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG", "TMPDIR")}
        self.command, self.log, self.folder, self.environment = command, log, folder, keep | environment
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and do not wait for anything."""
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(self.command, cwd=self.folder, env=self.environment, stdout=out, stderr=out)

    def end(self, sign: int = signal.SIGKILL) -> None:
        """kill -9, or something kinder."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(sign)
            self.process.wait(60)


class Place:
    """A market's tables with many listings, its worker as a process, and whatever search engine it has."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.wired: Wired = wire(Settings(DATA_DIR=folder, SECRET_KEY=SECRET, **environment))
        schema.upgrade(self.wired.db)
        self.chance = random.Random(20271125)
        self.changes = 0
        command = [sys.executable, "-m", "market", "worker"]
        settings = {"DATA_DIR": str(folder), "SECRET_KEY": SECRET} | environment
        self.worker = Process(command, folder / "worker.log", settings)
        with self.wired.db.write() as db:
            anna = an_officer(db, clock.now())
            first = publish(db, anna, "Tidal pump", now=clock.now())
            facts = first.model_dump(exclude={"id"})
            copies = [
                Technology(**facts | {"source_id": f"t-{n}", "title": f"Tidal pump {n}"}) for n in range(LISTINGS)
            ]
            db.add_all(copies)
            db.flush()
            self.ids = [first.id, *(copy.id for copy in copies)]
            outbox.note(db, self.ids, now=clock.now())

    @property
    def index(self) -> SearchIndex:
        """The engine that the settings chose."""
        return self.wired.gateways[SearchIndex]

    def change(self, number: int = 40) -> None:
        """Change some listings as one write of the catalogue does: retitle most, hide some, bring some back."""
        with self.wired.db.write() as db:
            some = self.chance.sample(self.ids, number)
            for each in db.exec(select(Technology).where(Technology.id.in_(some))):  # type: ignore[attr-defined]
                self.changes += 1
                each.title, each.version = f"Changed{self.changes} tidal pump", each.version + 1
                each.state = self.chance.choice(("published", "published", "published", "hidden", "withdrawn"))
                db.add(each)
            outbox.note(db, some, now=clock.now())

    def waiting(self) -> int:
        """How many rows the index has not confirmed."""
        with self.wired.db.read() as db:
            return queries.backlog(db).waiting

    def settle(self, within: float = 150) -> None:
        """Wait until the worker has put everything into the index."""
        end = time.monotonic() + within
        while self.waiting():
            assert time.monotonic() < end, f"{self.waiting()} rows wait; {self.worker.log.read_text()[-2000:]}"
            time.sleep(0.2)

    def check(self, index: SearchIndex) -> None:
        """The index holds exactly what everybody may see, in its present version and words; nothing was put aside."""
        with self.wired.db.read() as db:
            assert 0 == queries.backlog(db).refused
            assert [] == reconciling.differences(db, index)
            expected = {row.id: row.title for page in catalog.all_documents(db) for row in page}
        assert set(expected) == {*reconciling.all_ids(index)}
        assert len(expected) == index.search(SearchRequest(base=VISIBLE, per_page=0)).total
        for each in self.chance.sample(sorted(expected), 30):
            asked = SearchRequest(understand(expected[each], "keyword"), base=VISIBLE)
            assert each in {hit.id for hit in index.search(asked).hits}, expected[each]

    def close(self) -> None:
        """End it."""
        self.worker.end()
        self.wired.db.close()


@contextlib.contextmanager
def meilisearch(folder: Path) -> Iterator[tuple[Process, dict[str, str]]]:
    """A server of our own, with nothing in it, and the settings that lead there."""
    port, key = free_port(), secrets.token_hex(16)
    command = [MEILI_BIN, "--http-addr", f"127.0.0.1:{port}", "--db-path", str(folder / "meili"), "--no-analytics"]
    server = Process([*command, "--master-key", key], folder / "meili.log", {}, folder)
    server.start()
    try:
        answers(port)
        yield server, {"MEILI_URL": f"http://127.0.0.1:{port}", "MEILI_KEY": key}
    finally:
        server.end()


def answers(port: int, within: float = 30) -> None:
    """Wait until a server answers there."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        with contextlib.suppress(URLError, OSError), urlopen(f"http://127.0.0.1:{port}/health", timeout=2):
            return
        time.sleep(0.1)
    raise AssertionError("the search server does not answer")


@pytest.fixture(params=["tantivy", "meilisearch"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """A market on each engine; `server` is the search server's process, if it has one."""
    if request.param == "meilisearch" and not MEILI_BIN:
        pytest.skip("NOT RUN on Meilisearch: MEILI_BIN names no program")
    folder = tmp_path / "data"
    folder.mkdir()
    with contextlib.ExitStack() as stack:
        server, settings = (
            stack.enter_context(meilisearch(tmp_path)) if request.param == "meilisearch" else (None, {"MEILI_URL": ""})
        )
        made: Any = Place(folder, **settings)
        stack.callback(made.close)
        made.server = server
        yield made


@pytest.mark.slow
@pytest.mark.timeout(420)
def test_a_worker_killed_while_it_indexes_loses_nothing(place: Any) -> None:
    """First while the index is built, then while changes go in: five times it dies, and goes on when it is started."""
    left = []
    for _kill in range(KILLS):
        place.worker.start()
        time.sleep(1.0)  # Python starts
        for _write in range(place.chance.randrange(1, 6)):
            place.change()
            time.sleep(place.chance.uniform(0.0, 0.3))
        place.worker.end()
        left.append(place.waiting())

    place.worker.start()
    place.settle()

    assert any(left), "the worker was never in the middle of anything"
    place.check(place.index)
    if place.index.replica:
        place.check(place.index.replica)


@pytest.mark.slow
@pytest.mark.timeout(420)
def test_a_rebuild_killed_in_the_middle_leaves_the_old_index(place: Any) -> None:
    """Searches go on in it; the next rebuild is whole."""
    place.worker.start()
    place.settle()
    place.worker.end(signal.SIGTERM)
    found = place.index.search(SearchRequest(base=VISIBLE, per_page=0)).total
    command = [sys.executable, "-m", "market", "reindex"]
    for wait in (1.2, 1.6, 2.0):
        again = Process(command, place.worker.log, place.worker.environment)
        again.start()
        time.sleep(wait)
        again.end()
        assert found == place.index.search(SearchRequest(base=VISIBLE, per_page=0)).total

    with place.wired.db.write() as db:  # three minutes pass: the turn of the dead command lapses
        db.execute(update(SearchTurn).values(held_until=None))
    place.change()
    place.worker.start()
    place.settle()
    place.check(place.index)


@pytest.mark.slow
@pytest.mark.timeout(420)
@pytest.mark.parametrize("place", ["meilisearch"], indirect=True)
def test_a_search_server_killed_while_writes_go_on_loses_nothing(place: Any) -> None:
    """Four times it dies under the worker's hands and is started again; the copy answers meanwhile."""
    place.worker.start()
    time.sleep(1.5)
    for _kill in range(4):
        for _write in range(4):
            place.change()
            time.sleep(place.chance.uniform(0.1, 0.5))
        place.server.end()
        place.change()
        assert place.index.health()
        place.server.start()
        answers(int(place.wired.settings.meili_url.rpartition(":")[2]))

    place.settle()
    rested = time.monotonic() + 20
    while place.index.health():  # pages leave a server in peace for some seconds after it failed them
        assert time.monotonic() < rested
        time.sleep(0.2)
    place.check(place.index.first)
    place.check(place.index.replica)
