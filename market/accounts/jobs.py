"""Background work of accounts."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete

from market.accounts.models import EmailToken, SignInSession
from market.accounts.service import password
from market.kit.jobs import JobRun, Registry

TIDY = "accounts.tidy"
KEEP_LINKS = timedelta(days=30)
_SESSION: Any = SignInSession.__table__  # type: ignore[attr-defined]
_TOKEN: Any = EmailToken.__table__  # type: ignore[attr-defined]


def send_reset(run: JobRun, payload: dict[str, Any]) -> None:
    """Send the link to set a new password, if the address is known."""
    with run.db.write() as db:
        password.send_reset(db, payload["email"], address=payload["address"], key=run.job_id, now=run.now())


def tidy(run: JobRun, _payload: dict[str, Any]) -> None:
    """Take away sessions that ended by themselves, and links that nobody can use any longer."""
    now = run.now()
    with run.db.write() as db:
        db.execute(delete(_SESSION).where(_SESSION.c.expires_at <= now))
        db.execute(delete(_TOKEN).where(_TOKEN.c.expires_at <= now - KEEP_LINKS))


def register(registry: Registry) -> None:
    """Let the worker do what accounts needs done."""
    registry.handle(password.SEND_RESET, send_reset)
    registry.handle(TIDY, tidy)
    registry.every(24 * 3600, TIDY)
