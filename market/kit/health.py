"""Is the process alive, and is it ready to serve? For load balancers and for the one who is called at night."""

from collections.abc import Callable
from datetime import timedelta

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from market.kit import clock, jobs, schema
from market.kit.db import Database

Check = Callable[[], str | None]
"""Gives None when all is well, else what is wrong in a few words."""

WORKER_SILENT = timedelta(minutes=2)


async def alive(_request: Request) -> Response:
    """The process answers."""
    return PlainTextResponse("alive\n")


async def ready(request: Request) -> Response:
    """Every part that a page needs answers; 503 names those that do not."""
    checks: dict[str, Check] = request.app.state.checks
    found = await to_thread.run_sync(lambda: {name: _ask(check) for name, check in checks.items()})
    wrong = {name: reason for name, reason in found.items() if reason}
    return JSONResponse({name: reason or "ready" for name, reason in found.items()}, 503 if wrong else 200)


def _ask(check: Check) -> str | None:
    try:
        return check()
    except Exception as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0][:200] if str(error) else 'no answer'}"


def database_check(database: Database) -> Check:
    """The database answers."""

    def check() -> str | None:
        database.ping()
        return None

    return check


def migrations_check(database: Database) -> Check:
    """The tables are those that this code expects."""

    def check() -> str | None:
        return (
            None if schema.is_current(database) else "the tables are older or newer than the code: run `market migrate`"
        )

    return check


def worker_check(database: Database) -> Check:
    """A worker has given a sign of life lately."""

    def check() -> str | None:
        with database.read() as db:
            beat = jobs.last_beat(db)
        if beat is None or beat < clock.now() - WORKER_SILENT:
            return "no worker has given a sign of life in the last two minutes: start `market worker`"
        return None

    return check


alive.permission = "public"  # type: ignore[attr-defined]
ready.permission = "public"  # type: ignore[attr-defined]
