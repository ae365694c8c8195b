"""The HTTP shell: middleware, error pages, and the worker thread of the embedded size."""

import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope
from starlette_compress import CompressMiddleware

from market.config import Settings
from market.insights.service import add_views
from market.integrations.stripe_sandbox.app import Sandbox
from market.kit import cookies, i18n, web
from market.kit.actor import ANONYMOUS
from market.kit.db import count_statements
from market.kit.errors import PonteError
from market.kit.headers import SecurityHeaders
from market.kit.i18n import _, translate
from market.kit.runtime import runtime
from market.kit.sightings import Seen, SightingsWriter
from market.kit.templating import STATIC
from market.routes import PAGE_BODY, all_routes
from market.wiring import SANDBOX_PATH, Wired, payment_sandbox, wire

SENTENCES = {
    400: _("We could not read this request."),
    404: _("There is no such page, or it is not open to you."),
    405: _("This address does not do what was asked. Go back and use the buttons of the page."),
    413: _("This is larger than we can take."),
    500: _("Something went wrong on our side. Nothing was saved."),
}
STRIPE_FORM_TARGETS = ("https://checkout.stripe.com",)


class Static(StaticFiles):
    """Files of the look: kept for a year where the address carries the mark of the content."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        marked = b"v=" in scope.get("query_string", b"")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if marked else "public, max-age=300"
        return response


def create_app(settings: Settings | Wired, *, with_worker: bool = False) -> Starlette:
    """Make the application; `with_worker` runs the background jobs in a thread of this process."""
    wired = settings if isinstance(settings, Wired) else wire(settings)

    sandbox = payment_sandbox(wired.settings, wired.templates) if wired.settings.sandbox else None

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        wired.templates.warm()
        if sandbox:
            sandbox.start()
        with _counting(wired), _working(wired) if with_worker else contextlib.nullcontext():
            yield
        if sandbox:
            sandbox.stop()
        if wired.runtime.quick_stamp is not None:
            wired.runtime.quick_stamp.close()
        wired.db.close()

    app = Starlette(
        routes=[*all_routes(), *mounted(sandbox), Mount("/static", Static(directory=STATIC), name="static")],
        middleware=[
            Middleware(
                SecurityHeaders,
                https=wired.runtime.https,
                form_targets=() if wired.settings.sandbox else STRIPE_FORM_TARGETS,
            ),
            Middleware(CompressMiddleware, zstd_level=3, brotli_quality=4, gzip_level=4),
        ],
        exception_handlers={HTTPException: _http_error, PonteError: _ponte_error, Exception: _fault},
        lifespan=lifespan,
        max_body_size=PAGE_BODY,
    )
    app.state.runtime = wired.runtime
    app.state.checks = wired.checks
    app.state.wired = wired
    if wired.settings.count_queries:
        _count(wired)
    return app


def mounted(sandbox: Sandbox | None) -> list[Any]:
    """Applications of their own under an address of ours."""
    return [Mount(SANDBOX_PATH, app=sandbox.app, name="stripe_sandbox")] if sandbox else []


@contextlib.contextmanager
def _counting(wired: Wired) -> Iterator[None]:
    """Write down now and then what was looked at in this process."""

    def write(seen: Mapping[Seen, int]) -> None:
        with wired.db.write() as db:
            add_views(db, seen)

    writer = SightingsWriter(wired.runtime.sightings, write)
    writer.start()
    try:
        yield
    finally:
        writer.stop()


@contextlib.contextmanager
def _working(wired: Wired) -> Any:
    worker = wired.worker(f"web@{socket.gethostname()}:{wired.settings.port}")
    thread = threading.Thread(target=worker.forever, name="worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join(timeout=20)


def _count(wired: Wired) -> None:
    def one_more() -> None:
        wired.runtime.queries.count += 1

    count_statements(wired.db.reader, one_more)
    count_statements(wired.db.writer, one_more)


async def _http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    response = await to_thread.run_sync(_error_page, request, status)
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


async def _ponte_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, PonteError)  # noqa: S101 - Starlette calls it for nothing else
    return await to_thread.run_sync(web.error_answer, request, error)


async def _fault(request: Request, _error: Exception) -> Response:
    return await to_thread.run_sync(_error_page, request, 500)


def _error_page(request: Request, status: int) -> Response:
    """An error's page, with the signed-in person's header where the database still answers."""
    i18n.use(cookies.locale_of(request))
    if not hasattr(request.state, "actor"):
        request.state.actor = ANONYMOUS
        with contextlib.suppress(Exception), runtime(request).db.read() as db:
            web.identify(request, db)
    sentence = translate(SENTENCES.get(status, SENTENCES[500] if status >= 500 else SENTENCES[400]))
    return web.finish(request, web.render(request, web.ErrorPage(status=status, sentence=sentence), status))
