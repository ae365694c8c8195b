"""What the catalogue asks of others."""

from collections.abc import Sequence
from typing import Protocol


class Neighbours(Protocol):
    """Knows which listings are close to another; the search does."""

    def near(self, technology_id: str, limit: int) -> Sequence[str]:
        """Ids of the closest visible listings, the closest first; none when nobody can tell at this moment."""
        ...
