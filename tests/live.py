"""A whole Ponte as real processes: `market run` on a free port over a folder of its own."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).parents[1]


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class LiveServer:
    """`market run --no-sample` that can be stopped, killed and started again over the same data."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.arguments = arguments or ("run", "--no-sample")
        keep = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG", "TMPDIR")}
        self.environment = (
            keep | {"DATA_DIR": str(folder), "PORT": str(self.port), "SECRET_KEY": "k" * 40} | environment
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, within: float = 60) -> None:
        """Start and wait until it is ready."""
        self.folder.mkdir(parents=True, exist_ok=True)
        log = (self.folder / "server.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "market", *self.arguments], cwd=ROOT, env=self.environment, stdout=log, stderr=log
        )
        end = time.monotonic() + within
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended: {self.log()}")
            with contextlib.suppress(URLError, OSError), urlopen(f"{self.url}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"the server was not ready in {within} s: {self.log()}")

    def log(self) -> str:
        """The end of what it printed."""
        return (self.folder / "server.log").read_text(errors="replace")[-3000:]

    def market(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another `market` command over the same data."""
        return subprocess.run(
            [sys.executable, "-m", "market", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    def kill(self) -> None:
        """kill -9, at once."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(20)

    def stop(self) -> None:
        """Ask it to end."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(20)
            if self.process.poll() is None:
                self.kill()


@contextlib.contextmanager
def serving(folder: Path, *arguments: str, **environment: str) -> Iterator[LiveServer]:
    """A live server for the length of a block."""
    server = LiveServer(folder, *arguments, **environment)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def chromium_path() -> str | None:
    """Debian's chromium, or whatever CHROMIUM says."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
