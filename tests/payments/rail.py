"""The sandbox as a real server on a real port, and what a payer does on its hosted page."""

import json
import socket
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from market.config import SANDBOX_KEY, SANDBOX_WEBHOOK_SECRET
from market.integrations.stripe_gateway import StripeGateway
from market.integrations.stripe_sandbox.app import Sandbox
from market.integrations.stripe_sandbox.behaviour import Behaviour
from market.kit.ids import new_id
from market.kit.money import Money
from market.kit.templating import Addresses, Templates
from market.payments.gateway import CheckoutRequest

PREFIX = "/_sandbox/stripe"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(app: Any, port: int) -> Iterator[str]:
    """Serve `app` on a port of this machine."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    eventually(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=5)


def eventually(true: Callable[[], Any], seconds: float = 10) -> Any:
    """Wait until `true()`; AssertionError when it stays false."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = true()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come true in time")


class Inbox:
    """A shop's webhook address: keeps what arrives, answers `status`."""

    def __init__(self) -> None:
        self.received: list[tuple[bytes, str]] = []
        self.status = 200

    async def take(self, request: Request) -> Response:
        self.received.append((await request.body(), request.headers["stripe-signature"]))
        return Response(status_code=self.status)

    def types(self) -> list[str]:
        """The types of the events that arrived, in their order of arrival."""
        return [json.loads(body)["type"] for body, _signature in self.received]


class Rail:
    """A running sandbox with a gateway to it and an inbox that it posts to."""

    def __init__(self, sandbox: Sandbox, url: str, inbox: Inbox) -> None:
        self.sandbox = sandbox
        self.behaviour = sandbox.behaviour
        self.url = url
        self.inbox = inbox
        self.gateway = StripeGateway(
            SANDBOX_KEY, mode="sandbox", base=url, webhook_secrets=(SANDBOX_WEBHOOK_SECRET,), timeout=(2, 5)
        )

    def choose(self, page: str, choice: str) -> int:
        """Press a button of the hosted page; gives the status of the answer."""
        return press(page, choice)


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any) -> None:
        return None


def press(page: str, choice: str) -> int:
    """Send the form of a hosted page."""
    opener = urllib.request.build_opener(_Stay, urllib.request.ProxyHandler({}))
    data = urllib.parse.urlencode({"choice": choice}).encode()
    try:
        with opener.open(page, data=data, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@contextmanager
def running_rail(folder: Path, *, webhook_url: str = "", behaviour: Behaviour | None = None) -> Iterator[Rail]:
    """Start a sandbox; without `webhook_url` its events go to an inbox of its own."""
    port = free_port()
    url = f"http://127.0.0.1:{port}{PREFIX}"
    inbox = Inbox()
    templates = Templates(Addresses(), f"http://127.0.0.1:{port}", sandbox=True, sample_world=False)
    sandbox = Sandbox(
        folder / "stripe_sandbox.sqlite3",
        url,
        webhook_url or f"http://127.0.0.1:{port}/inbox",
        templates,
        api_key=SANDBOX_KEY,
        webhook_secret=SANDBOX_WEBHOOK_SECRET,
        behaviour=behaviour or Behaviour(poll=0.02, debit_after=0.05),
    )
    app = Starlette(routes=[Route("/inbox", inbox.take, methods=["POST"]), Mount(PREFIX, app=sandbox.app)])
    with serving(app, port):
        sandbox.start()
        try:
            yield Rail(sandbox, url, inbox)
        finally:
            sandbox.stop()


def a_request(amount: Money | None = None, **changed: Any) -> CheckoutRequest:
    """A request for a hosted page."""
    attempt = new_id()
    fields: dict[str, Any] = {
        "key": f"attempt:{attempt}",
        "amount": amount or Money(1_250_00, "EUR"),
        "description": "Upfront fee, licence L-1",
        "reference": "INV-00001",
        "email": "owner@sme.example",
        "success_url": "http://127.0.0.1:1/back",
        "cancel_url": "http://127.0.0.1:1/cancel",
        "expires_at": datetime.now(UTC) + timedelta(hours=23),
        "metadata": {"attempt": attempt, "installation": "01installation"},
    }
    return CheckoutRequest(**(fields | changed))
