"""Technologies side by side: which facts are compared, and where they differ."""

from collections.abc import Iterable, Sequence


def chosen(parts: Iterable[str], most: int) -> tuple[list[str], int]:
    """The ids to compare from what the address names, each once, at most `most`; and how many were one too many.

    A part may be an id or an address that ends in one.
    """
    ids = list(dict.fromkeys(part[-26:].lower() for part in parts if len(part) >= 26))
    return ids[:most], max(0, len(ids) - most)


def differ(values: Sequence[Sequence[str]]) -> bool:
    """Whether a fact is not the same for all; the order in which things are named does not matter."""
    return len({tuple(sorted(each)) for each in values}) > 1
