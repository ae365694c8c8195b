"""The sandbox's own small database: a file of its own, so that it is as much 'elsewhere' as Stripe is."""

import json
import secrets
import sqlite3
import string
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, kind TEXT NOT NULL,
    created INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS object_kind ON object (kind, seq);
CREATE TABLE IF NOT EXISTS answer (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL, made REAL NOT NULL);
CREATE TABLE IF NOT EXISTS errand (
    id INTEGER PRIMARY KEY AUTOINCREMENT, due REAL NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS errand_due ON errand (due);
"""
_ALPHABET = string.ascii_letters + string.digits
REMEMBER_KEYS = 24 * 3600


def new_id(prefix: str, length: int = 24) -> str:
    """An identifier as Stripe makes them: `pi_` and random letters and digits."""
    return f"{prefix}_" + "".join(secrets.choice(_ALPHABET) for _ in range(length))


class Store:
    """Objects by id, answers by idempotency key, errands by due time. One writer at a time, in any number of processes.

    `time` is the sandbox's clock in seconds since 1970.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.time = clock
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; may be nested, the outermost one decides."""
        with self._lock:
            if self._db.in_transaction:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    # --- objects

    def add(self, body: Json) -> Json:
        """Keep a new object; its `object` field is its kind."""
        self._execute(
            "INSERT INTO object (id, kind, created, body) VALUES (?, ?, ?, ?)",
            body["id"],
            body["object"],
            body["created"],
            json.dumps(body),
        )
        return body

    def save(self, body: Json) -> Json:
        """Keep what changed in an object."""
        self._execute("UPDATE object SET body = ? WHERE id = ?", json.dumps(body), body["id"])
        return body

    def get(self, kind: str, object_id: str) -> Json | None:
        """An object by its id, or None."""
        row = self._execute("SELECT body FROM object WHERE id = ? AND kind = ?", object_id, kind).fetchone()
        return json.loads(row["body"]) if row else None

    def newest(self, kind: str) -> Iterator[Json]:
        """All objects of a kind, newest first."""
        with self._lock:
            rows = self._execute("SELECT body FROM object WHERE kind = ? ORDER BY seq DESC", kind).fetchall()
        for row in rows:
            yield json.loads(row["body"])

    # --- answers under an idempotency key

    def remembered(self, key: str) -> sqlite3.Row | None:
        """The answer given under `key` in the last 24 hours."""
        row: sqlite3.Row | None = self._execute(
            "SELECT * FROM answer WHERE key = ? AND made > ?", key, self.time() - REMEMBER_KEYS
        ).fetchone()
        return row

    def remember(self, key: str, fingerprint: str, status: int, body: str) -> None:
        """Keep the answer for whoever sends the same key again."""
        self._execute(
            "INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?, ?)", key, fingerprint, status, body, self.time()
        )

    # --- errands: deliveries and settlements that come later

    def send(self, kind: str, subject: str, *, after: float = 0) -> None:
        """Have something done `after` some seconds."""
        self._execute("INSERT INTO errand (due, kind, subject) VALUES (?, ?, ?)", self.time() + after, kind, subject)

    def take(self, *, lease: float) -> list[sqlite3.Row]:
        """The errands that are due; nobody else gets them for `lease` seconds."""
        with self.transaction():
            rows = self._execute(
                "SELECT * FROM errand WHERE due <= ? ORDER BY due, id LIMIT 50", self.time()
            ).fetchall()
            for row in rows:
                self._execute("UPDATE errand SET due = ? WHERE id = ?", self.time() + lease, row["id"])
        return rows

    def finish(self, errand: int) -> None:
        """An errand is done."""
        self._execute("DELETE FROM errand WHERE id = ?", errand)

    def again(self, errand: int, *, after: float) -> None:
        """An errand did not succeed; try it later."""
        self._execute("UPDATE errand SET due = ?, tries = tries + 1 WHERE id = ?", self.time() + after, errand)

    def waiting(self) -> int:
        """How many errands are not done yet."""
        return int(self._execute("SELECT count(*) FROM errand").fetchone()[0])

    def _execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        with self._lock:
            return self._db.execute(statement, values)
