"""What the catalogue announces. Each act announces one fact; an import announces all its technologies at once."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TechnologyPublished:
    """A technology is now open to everybody."""

    technology_id: str


@dataclass(frozen=True)
class TechnologyChanged:
    """Something that visitors see, or will see, has changed."""

    technology_id: str


@dataclass(frozen=True)
class TechnologyHidden:
    """A technology is no longer open to everybody."""

    technology_id: str


@dataclass(frozen=True)
class TechnologiesChanged:
    """Many technologies were made or changed at once; look at each state."""

    technology_ids: tuple[str, ...]
