"""A Ponte to be measured: a data folder of its own, generated listings, a real server process, people signed in."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

from sqlmodel import col, select

from market.accounts import queries as accounts
from market.accounts.forms import OrganisationForm
from market.accounts.rules import OrganisationKind
from market.accounts.service import organisations, people, sessions
from market.bench.load import request
from market.catalog.models import Technology
from market.catalog.rules.vocabulary import VISIBLE
from market.config import load
from market.discovery import jobs as discovery
from market.kit import clock, schema
from market.kit.actor import ANONYMOUS
from market.kit.cookies import session_cookie
from market.kit.csrf import FIELD
from market.kit.templating import ROOT
from market.wiring import Wired, wire
from seed.generate import generate
from seed.stage import Tell, silent

INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
PATIENCE = 180.0


@dataclass(frozen=True)
class Visitor:
    """Somebody signed in for a company; `cookie` is what their browser sends."""

    cookie: str
    organisation_id: str


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A real process that answers on a free port, started by `command` with our environment and `settings`."""

    def __init__(self, command: Sequence[str], port: int, ready: str, log: Path, **settings: str) -> None:
        self.port, self.log = port, log
        keep = {name: value for name, value in os.environ.items() if name in INHERITED}
        with log.open("ab") as out:
            self.process = subprocess.Popen(  # noqa: S603 - our own commands
                [sys.executable, *command], cwd=ROOT, env=keep | settings, stdout=out, stderr=out
            )
        self._wait(ready)

    @property
    def pid(self) -> int:
        """The process's number."""
        return self.process.pid

    def fetch(self, path: str, cookie: str = "") -> str:
        """The page at `path`, as text."""
        asked = Request(f"http://127.0.0.1:{self.port}{path}", headers={"Cookie": cookie} if cookie else {})
        with urlopen(asked, timeout=PATIENCE) as answer:  # noqa: S310 - our own server
            return str(answer.read().decode())

    def _wait(self, ready: str) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended: {self._told()}")
            with contextlib.suppress(URLError, OSError):
                self.fetch(ready)
                return
            time.sleep(0.02)
        self.stop()
        raise RuntimeError(f"the server was not ready in {PATIENCE:.0f} s: {self._told()}")

    def _told(self) -> str:
        return self.log.read_text(errors="replace")[-2000:]

    def stop(self) -> None:
        """Ask the process to end, and wait until it has."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class World:
    """The data: `size` generated listings in `folder`, with a whole search index."""

    def __init__(self, folder: Path, size: int, tell: Tell = silent, indexing: Tell = silent) -> None:
        self.folder = folder
        self.wired: Wired = wire(load(DATA_DIR=folder, DATABASE_URL="", MEILI_URL="", STORAGE_URL="", SMTP_URL=""))
        schema.upgrade(self.wired.db)
        if generate(self.wired.db, size, tell):
            discovery.reindex(self.wired.db, self.wired.gateways, indexing)

    @cached_property
    def addresses(self) -> list[str]:
        """The address part of every visible listing, oldest first."""
        visible = select(Technology.slug, Technology.id).where(col(Technology.state).in_(VISIBLE))
        with self.wired.db.read() as db:
            return [f"{slug}-{each}" for slug, each in db.exec(visible.order_by(col(Technology.id)))]

    def visitors(self, count: int) -> list[Visitor]:
        """New companies with one person each, signed in."""
        return [self._visitor(number) for number in range(count)]

    def _visitor(self, number: int) -> Visitor:
        now = clock.now()
        name = f"Bench {now:%Y%m%d%H%M%S%f} {number}"
        with self.wired.db.write() as db:
            person = people.enrol(db, name=name, email=f"{name.replace(' ', '.')}@bench.example", now=now)
            owner = accounts.acting(db, person.id)
            form = OrganisationForm(kind=OrganisationKind.SME, name=name, country="IT")
            company = organisations.create(db, owner, form, now=now)
            company.verified_at = now
            signed_in = sessions.begin(db, ANONYMOUS, person.id, person.name, now=now)
        return Visitor(f"{session_cookie(https=False)}={signed_in.token}", company.id)

    @contextlib.contextmanager
    def serving(self) -> Iterator[Server]:
        """`market serve` over this data, with the worker in the same process, as on a single machine."""
        port = free_port()
        server = Server(
            ("-m", "market", "serve", "--worker"), port, "/readyz", self.folder / "server.log",
            DATA_DIR=str(self.folder), PORT=str(port), COUNT_QUERIES="1",
        )  # fmt: skip
        try:
            yield server
        finally:
            server.stop()

    def close(self) -> None:
        """Let go of the data."""
        self.wired.db.close()


@contextlib.contextmanager
def saying_hello(folder: Path) -> Iterator[Server]:
    """The bare reply, served beside."""
    port = free_port()
    server = Server(("-m", "market.bench.hello", str(port)), port, "/", folder / "hello.log")
    try:
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def world(size: int, data: Path | None = None, tell: Tell = silent, indexing: Tell = silent) -> Iterator[World]:
    """A world for the length of a block: in a folder that is thrown away, or in `data`, which is kept for the next time."""
    with contextlib.ExitStack() as stack:
        folder = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ponte-bench-")))
        folder.mkdir(parents=True, exist_ok=True)
        made = World(folder, size, tell, indexing)
        stack.callback(made.close)
        yield made


def form_token(server: Server, visitor: Visitor, path: str) -> str:
    """The token that the visitor's forms carry, from a page that has one."""
    found = re.search(rf'name="{FIELD}" value="([0-9a-f]+)"', server.fetch(path, visitor.cookie))
    if found is None:
        raise LookupError(f"no form token at {path}")
    return found[1]


def page_request(path: str, visitor: Visitor | None = None) -> str:
    """A GET by a visitor, or by nobody in particular."""
    return request(path, cookie=visitor.cookie if visitor else "")
