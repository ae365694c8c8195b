"""Background work of payments. Every handler may run twice."""

from collections.abc import Callable
from typing import Any

from market.kit.errors import PonteError
from market.kit.jobs import JobRun, Registry, Retry
from market.payments import queries
from market.payments.gateway import GatewayError, PaymentGateway
from market.payments.rules import attempts
from market.payments.service import inbox, paying, royalty_clock
from market.payments.service.settling import CLOSE

REPLAY = "payments.replay_creating"
SYNC = "payments.sync_open"
CATCH_UP = "payments.catch_up"
ROYALTIES = "payments.royalties"


def register(registry: Registry) -> None:
    """Tell the registry who does what, and what comes round."""
    registry.handle(inbox.HANDLE, handle_event)
    registry.handle(CLOSE, close_attempt)
    registry.handle(REPLAY, replay_creating)
    registry.handle(SYNC, sync_open)
    registry.handle(CATCH_UP, catch_up)
    registry.handle(ROYALTIES, royalties)
    registry.every(3600, ROYALTIES)
    registry.every(60, REPLAY)
    registry.every(3600, SYNC)
    registry.every(3600, CATCH_UP)


def handle_event(run: JobRun, payload: dict[str, Any]) -> None:
    """Do what an event of the inbox asks for."""
    try:
        inbox.handle(run.db, run.gateway(PaymentGateway), payload["event"], now=run.now())
    except inbox.NotYet as wait:
        raise Retry(wait.after) from wait


def close_attempt(run: JobRun, payload: dict[str, Any]) -> None:
    """Close a hosted page that is no longer wanted."""
    paying.close_attempt(run.db, run.gateway(PaymentGateway), payload["attempt"], now=run.now())


def replay_creating(run: JobRun, _payload: dict[str, Any]) -> None:
    """Go on with attempts whose call was cut off more than a minute ago."""
    gateway, now = run.gateway(PaymentGateway), run.now()
    with run.db.read() as db:
        cut_off = queries.attempts_in(db, [attempts.CREATING], before=now - paying.CUT_OFF)
    _each(cut_off, lambda attempt: paying.replay_attempt(run.db, gateway, attempt, now=now))


def sync_open(run: JobRun, _payload: dict[str, Any]) -> None:
    """Ask the rail about every attempt that has not ended."""
    gateway, now = run.gateway(PaymentGateway), run.now()
    with run.db.read() as db:
        going_on = queries.attempts_in(db, [attempts.OPEN, attempts.PROCESSING], before=now)
    _each(going_on, lambda attempt: paying.sync_attempt(run.db, gateway, attempt, now=now))


def catch_up(run: JobRun, _payload: dict[str, Any]) -> None:
    """Fetch the events that never reached us."""
    inbox.catch_up(run.db, run.gateway(PaymentGateway), now=run.now())


def royalties(run: JobRun, _payload: dict[str, Any]) -> None:
    """Open reports, count minimums, remind."""
    royalty_clock.tick(run.db, now=run.now())


def _each(ids: list[str], do: Callable[[str], object]) -> None:
    """Do it for each; one that fails does not keep the others waiting, but the job is tried again."""
    failed: Exception | None = None
    for one in ids:
        try:
            do(one)
        except (GatewayError, PonteError) as error:
            failed = error
    if failed is not None:
        raise failed
