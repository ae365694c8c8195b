"""The one clock. Everything that needs the time is given it, or asks here; tests freeze it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

_frozen: list[datetime] = []


def now() -> datetime:
    """The present moment in UTC, to the microsecond."""
    return _frozen[-1] if _frozen else datetime.now(UTC)


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Hold the clock at `at` (aware) for the length of a `with` block; for tests and the sample world."""
    if at.tzinfo is None:
        raise ValueError("a frozen clock needs a time zone")
    _frozen.append(at.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.pop()
