"""Background work of deals: typesetting documents, and the clock."""

from typing import Any

from market.deals.gateway import Sealer, Typesetter
from market.deals.service import clockwork, seal, typeset
from market.deals.service.sign import TYPESET
from market.kit.files import FileStore
from market.kit.jobs import JobRun, Registry

TICK = "deals.tick"
TICK_SECONDS = 60.0


def typeset_document(run: JobRun, payload: dict[str, Any]) -> None:
    """Make the bytes of a document that is to be signed."""
    typeset.make_document(run.db, run.gateway(Typesetter), run.gateway(FileStore), payload["document"], now=run.now())


def seal_document(run: JobRun, payload: dict[str, Any]) -> None:
    """Put the record of signatures behind a signed document, and seal both."""
    seal.seal_document(
        run.db,
        run.gateway(Typesetter),
        run.gateway(Sealer),
        run.gateway(FileStore),
        payload["document"],
        verify_at=f"{run.base_url}/verify",
        now=run.now(),
    )


def tick(run: JobRun, _payload: dict[str, Any]) -> None:
    """Remind, escalate, and end what is over."""
    clockwork.tick(run.db, now=run.now())


def register(registry: Registry) -> None:
    """Say which jobs deals do."""
    registry.handle(TYPESET, typeset_document)
    registry.handle(seal.SEAL, seal_document)
    registry.handle(TICK, tick)
    registry.every(TICK_SECONDS, TICK)
