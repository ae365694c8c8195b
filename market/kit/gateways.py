"""The outside things, by their Protocol: wiring puts in what the settings choose, everybody else asks for the Protocol."""

from typing import Any, TypeVar

T = TypeVar("T")


class Gateways:
    """A shelf of implementations keyed by Protocol."""

    def __init__(self) -> None:
        self._shelf: dict[type[Any], Any] = {}

    def put(self, kind: type[T], implementation: T) -> None:
        """Let `kind` be served by `implementation`."""
        self._shelf[kind] = implementation

    def __getitem__(self, kind: type[T]) -> T:
        """The implementation of `kind`; KeyError names the Protocol that wiring forgot."""
        try:
            return self._shelf[kind]  # type: ignore[no-any-return]
        except KeyError:
            raise KeyError(f"no implementation of {kind.__module__}.{kind.__qualname__} was wired") from None

    def __contains__(self, kind: type[Any]) -> bool:
        return kind in self._shelf
