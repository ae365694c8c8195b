"""News between packages. Facts go up as frozen dataclasses; handlers run in the transaction of the one who emits."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from sqlmodel import Session

Handler = Callable[[Session, Any], None]


class Bus:
    """Which handlers hear which fact; filled once, in wiring."""

    def __init__(self) -> None:
        self._handlers: dict[type[Any], list[Handler]] = defaultdict(list)

    def subscribe(self, event: type[Any], handler: Handler) -> None:
        """Call `handler(db, event)` whenever such an event is emitted."""
        self._handlers[event].append(handler)

    def publish(self, db: Session, event: object) -> None:
        """Tell every handler, in the order of subscription; an error in one undoes the whole transaction."""
        for handler in self._handlers[type(event)]:
            handler(db, event)


def emit(db: Session, event: object) -> None:
    """Announce a fact inside the running transaction."""
    bus: Bus | None = db.info.get("bus")
    if bus is not None:
        bus.publish(db, event)
