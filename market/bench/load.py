"""The load generator: raw HTTP/1.1 over kept connections, in a process of its own, beside the server's.

It reads an order as JSON from standard input and writes what it saw as JSON to standard output. Answers are not parsed
beyond what tells a good one from a bad one, so that the generator takes little of the machine that is measured.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from market.bench.measuring import Round, cpu_seconds

PATIENCE = 30.0


@dataclass(frozen=True)
class Order:
    """What to send: whole requests in turn over so many connections.

    For `seconds`, or each request once where `once`. `expect` is the status of a good answer, `expect_header` a piece of
    a header that it has. `pid` is the server's, for its CPU time; 0 for none.
    """

    port: int
    requests: Sequence[str]
    connections: int
    seconds: float = 0.0
    once: bool = False
    expect: int = 200
    expect_header: str = ""
    pid: int = 0


def request(path: str, *, cookie: str = "", form: str | None = None, host: str = "127.0.0.1") -> str:
    """A request as a browser on a page of ours sends it; with a form, a POST."""
    lines = [
        f"{'GET' if form is None else 'POST'} {path} HTTP/1.1",
        f"host: {host}",
        "accept: text/html",
        "accept-language: en",
        "accept-encoding: gzip, br, zstd",
        "sec-fetch-site: same-origin",
    ]
    if cookie:
        lines.append(f"cookie: {cookie}")
    if form is not None:
        lines += ["content-type: application/x-www-form-urlencoded", f"content-length: {len(form.encode())}"]
    return "\r\n".join([*lines, "", form or ""])


def send(order: Order) -> Round:
    """Carry out an order in a process of its own."""
    limit = order.seconds + PATIENCE + (600 if order.once else 0)
    done = subprocess.run(
        [sys.executable, "-m", "market.bench.load"],
        input=json.dumps(asdict(order)),
        capture_output=True,
        text=True,
        timeout=limit,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the load generator failed: {done.stderr[-2000:]}")
    seen = json.loads(done.stdout)
    return Round(**seen | {"times": tuple(seen["times"])})


# --- in the generator's own process


class Client(asyncio.Protocol):
    """One connection: sends a request when the answer before it is whole."""

    def __init__(self, run: "Run") -> None:
        self.run = run
        self.transport: Any = None
        self.buffer = b""
        self.sent_at = 0.0
        self.waits = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands: begin."""
        self.transport = transport
        self._next()

    def _next(self) -> None:
        payload = self.run.next()
        if payload is None:
            self.waits = False
            self.transport.close()
            return
        self.waits, self.sent_at = True, time.perf_counter()
        self.transport.write(payload)

    def data_received(self, data: bytes) -> None:
        """Some of the answer: when it is whole, count it and send the next request."""
        self.buffer = self.buffer + data if self.buffer else data
        head_end = self.buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = self.buffer[:head_end].lower()
        size = _body_size(head, self.buffer, head_end + 4)
        if size is None:
            return
        self.buffer = b""
        self.run.answered(time.perf_counter() - self.sent_at, head, size)
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone; an answer that was waited for is lost."""
        if self.waits:
            self.run.lost(time.perf_counter() - self.sent_at, str(exc or "the server closed the connection"))
        self.run.gone()


def _header(head: bytes, name: bytes) -> bytes:
    at = head.find(b"\r\n" + name + b": ")
    return head[at + len(name) + 4 :].partition(b"\r\n")[0] if at >= 0 else b""


def _body_size(head: bytes, buffer: bytes, start: int) -> int | None:
    """The bytes of a whole body; None while some are missing."""
    length = _header(head, b"content-length")
    if length:
        return int(length) if len(buffer) - start >= int(length) else None
    if b"transfer-encoding: chunked" in head:
        return len(buffer) - start if buffer.endswith(b"0\r\n\r\n") else None
    return 0


class Run:
    """What all connections of an order share."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.times: list[float] = []
        self.queries = self.size = self.errors = 0
        self.first_error = ""
        self.open = order.connections
        self.done = asyncio.Event()
        self.good = f"http/1.1 {order.expect} ".encode()
        self.wanted = order.expect_header.lower().encode()
        self._requests = self._in_turn([text.encode() for text in order.requests])
        self._end = float("inf")

    def _in_turn(self, payloads: list[bytes]) -> Iterator[bytes]:
        while True:
            yield from payloads
            if self.order.once:
                return

    def next(self) -> bytes | None:
        """The next request to send; None when it is over."""
        return next(self._requests, None) if time.perf_counter() < self._end else None

    def answered(self, seconds: float, head: bytes, size: int) -> None:
        """Count an answer."""
        self.times.append(seconds)
        if not head.startswith(self.good) or self.wanted not in head:
            self._wrong(head.decode("latin-1")[:300])
            return
        self.size = max(self.size, size)
        self.queries = max(self.queries, int(_header(head, b"x-query-count") or 0))

    def lost(self, seconds: float, reason: str) -> None:
        """Count an answer that never came."""
        self.times.append(seconds)
        self._wrong(reason)

    def _wrong(self, what: str) -> None:
        self.errors += 1
        self.first_error = self.first_error or what

    def gone(self) -> None:
        """One connection less."""
        self.open -= 1
        if self.open == 0:
            self.done.set()

    async def carry_out(self) -> Round:
        """Open the connections, and wait until the last one is through."""
        loop = asyncio.get_running_loop()
        cpu, started = cpu_seconds(self.order.pid), time.perf_counter()
        if not self.order.once:
            self._end = started + self.order.seconds
        for _each in range(self.order.connections):
            await loop.create_connection(lambda: Client(self), "127.0.0.1", self.order.port)
        await self.done.wait()
        return Round(
            seconds=time.perf_counter() - started,
            times=tuple(round(each, 6) for each in self.times),
            cpu=cpu_seconds(self.order.pid) - cpu,
            queries=self.queries,
            size=self.size,
            errors=self.errors,
            first_error=self.first_error,
        )


async def _carry_out(order: Order) -> Round:
    return await Run(order).carry_out()


def main() -> None:
    """Read an order, carry it out, tell what was seen."""
    import uvloop  # noqa: PLC0415 - only this process wants it

    order = Order(**json.loads(sys.stdin.read()))
    sys.stdout.write(json.dumps(asdict(uvloop.run(_carry_out(order)))))


if __name__ == "__main__":
    main()
