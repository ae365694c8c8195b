"""The local payment sandbox: an application that speaks Stripe's wire protocol, and its post. No money moves.

`Sandbox(...)` is made by wiring, mounted at a path, started and stopped with the process. Its calls run in threads of its
own, so that a worker of the marketplace that waits for it never waits for itself.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from market.integrations.stripe_sandbox.api import Api
from market.integrations.stripe_sandbox.behaviour import Behaviour, Fault
from market.integrations.stripe_sandbox.objects import API_VERSION
from market.integrations.stripe_sandbox.page import HostedPage
from market.integrations.stripe_sandbox.post import Post
from market.integrations.stripe_sandbox.store import Store, new_id
from market.integrations.stripe_sandbox.wire import SandboxError, decode
from market.kit.templating import Templates

MOST_BYTES = 256 * 1024

Answer = tuple[int, str, dict[str, str]]


@dataclass(frozen=True)
class Call:
    """One call to the API; names of headers are lower case."""

    method: str
    target: str
    query: str
    body: bytes
    headers: Mapping[str, str]


class Sandbox:
    """The sandbox: `app` to mount, `start` and `stop` for its post.

    `path` is its database file; `url` is where it is reached from outside, such as `http://127.0.0.1:8000/_sandbox/stripe`;
    `webhook_url` is where its events go; `clock` gives seconds since 1970.
    """

    def __init__(
        self,
        path: Path,
        url: str,
        webhook_url: str,
        templates: Templates,
        *,
        api_key: str,
        webhook_secret: str,
        behaviour: Behaviour | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.behaviour = behaviour or Behaviour()
        self.store = Store(path, clock)
        self.api = Api(self.store, f"{url}/c/pay")
        self.post = Post(self.store, self.behaviour, webhook_url, webhook_secret)
        self.page = HostedPage(self.store, self.behaviour, templates, url)
        self._key = api_key
        self._threads = CapacityLimiter(2)
        self.app = Starlette(
            routes=[
                Route("/v1/{rest:path}", self._serve_api, methods=["GET", "POST", "DELETE"], name="stripe_sandbox:api"),
                Route("/c/pay/{session}", self._show_page, methods=["GET"], name="stripe_sandbox:show_checkout"),
                Route("/c/pay/{session}", self._choose, methods=["POST"], name="stripe_sandbox:choose"),
            ]
        )

    def start(self) -> None:
        """Begin to deliver webhooks."""
        self.post.start()

    def stop(self) -> None:
        """Stop delivering, close the file."""
        self.post.stop()
        self.store.close()

    # --- the API

    async def _serve_api(self, request: Request) -> Response:
        call = Call(
            method=request.method,
            target="/v1/" + request.path_params["rest"],
            query=request.url.query,
            body=await request.body(),
            headers=request.headers,
        )
        fault = self.behaviour.fault(call.method, call.target)
        status, text, headers = await to_thread.run_sync(self.answer, call, fault, limiter=self._threads)
        self.post.wake()
        if fault is not None and fault.drop:
            return _CutOff()
        return Response(text, status, headers, media_type="application/json")

    def answer(self, call: Call, fault: Fault | None = None) -> Answer:
        """Answer one call with status, JSON and headers."""
        headers = {
            "Request-Id": new_id("req", 14),
            "Stripe-Version": call.headers.get("stripe-version", API_VERSION),
        }
        try:
            self._authenticate(call)
            if fault is not None and not fault.after:
                raise _faulted(fault)
            params = decode(_form(call))
            key = call.headers.get("idempotency-key") if call.method == "POST" else None
            status, text, replayed = self._once(call.method, call.target, params, key, fault)
        except SandboxError as error:
            return error.status, json.dumps(error.body), headers
        return status, text, headers | ({"Idempotent-Replayed": "true"} if replayed else {})

    def _authenticate(self, call: Call) -> None:
        scheme, _space, given = call.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not hmac.compare_digest(given.encode(), self._key.encode()):
            raise SandboxError("Invalid API Key provided. The sandbox has a key of its own.", status=401)

    def _once(
        self, method: str, target: str, params: dict[str, Any], key: str | None, fault: Fault | None
    ) -> tuple[int, str, bool]:
        """Carry out a call once for its idempotency key; say whether the answer was given before."""
        fingerprint = hashlib.sha256(json.dumps([target, params], sort_keys=True).encode()).hexdigest()
        with self.store.transaction():
            before = self.store.remembered(key) if key else None
            if before is not None:
                if before["fingerprint"] != fingerprint:
                    raise _key_reused(str(key))
                return before["status"], before["body"], True
            status, text = 200, json.dumps(self.api.call(method, target, params))
            if fault is not None and not fault.drop:
                status, text = fault.status, json.dumps(_faulted(fault).body)
            if key:
                self.store.remember(key, fingerprint, status, text)
            return status, text, False

    # --- the hosted page

    def act(self, session_id: str, choice: str) -> None:
        """Do what pressing a button of the hosted page does (card, decline, debit, debit_fails); for the sample world."""
        self.page.act(session_id, choice)
        self.post.wake()

    async def _show_page(self, request: Request) -> Response:
        return await to_thread.run_sync(self.page.show, request, limiter=self._threads)

    async def _choose(self, request: Request) -> Response:
        form = await request.form(max_files=0, max_fields=10)
        answer = await to_thread.run_sync(self.page.choose, request, form, limiter=self._threads)
        self.post.wake()
        return answer


def _form(call: Call) -> str:
    if len(call.body) > MOST_BYTES:
        raise SandboxError("Request body too large", status=413)
    if call.method == "GET":
        return call.query
    try:
        return call.body.decode()
    except UnicodeDecodeError as error:
        raise SandboxError("Invalid UTF-8 in the request") from error


def _key_reused(key: str) -> SandboxError:
    return SandboxError(
        f"Keys for idempotent requests can only be used with the same parameters they were first used with ({key}).",
        kind="idempotency_error",
    )


def _faulted(fault: Fault) -> SandboxError:
    kinds = {409: "idempotency_error", 429: "invalid_request_error"}
    return SandboxError(
        "A planned fault of the sandbox.",
        status=fault.status,
        kind=kinds.get(fault.status, "api_error"),
        code="rate_limit" if fault.status == 429 else None,
    )


class _CutOff(Response):
    """The line goes dead in the middle of an answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"id": "cs_', "more_body": False})
