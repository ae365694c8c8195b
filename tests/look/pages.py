"""Sample pages of the frame beside the gallery: the first page, an error."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from tests.look.gallery import PICTURE


@dataclass(frozen=True)
class Card:
    """A listing as the first page shows it; everything but address and title may be missing."""

    href: str
    title: str
    summary: str = ""
    organisation: str = ""
    place: str = ""
    price: str = ""
    answers: str = ""
    labels: tuple[str, ...] = ()
    picture: str = ""


def _cards() -> list[Any]:
    return [
        Card(
            "/technologies/1",
            "Coating that keeps fresh fish from sticking",
            "A thin plant-based film halves the waste of fresh fish trays.",
            "University of Exampleton",
            "Portugal",
            "€5,000 to €20,000",
            "Answers in 2 days",
            ("Express licence",),
            PICTURE,
        ),
        Card("/technologies/2", "Short one", organisation="Institute", price="Free"),
    ]


@dataclass(frozen=True)
class SampleHome:
    """The first page with something on it."""

    template: ClassVar[str] = "home/home.html"
    sectors: tuple[tuple[str, str, int], ...] = (
        ("Food and drink", "food", 31),
        ("Software and data", "software", 1204),
    )
    newest: list[Any] = field(default_factory=_cards)
    figures: tuple[tuple[str, str], ...] = (("128", "technologies"), ("2.4 days", "median answer"))


@dataclass(frozen=True)
class EmptyHome:
    """The first page of a marketplace on its first day."""

    template: ClassVar[str] = "home/home.html"
    sectors: tuple[Any, ...] = ()
    newest: tuple[Any, ...] = ()
    figures: tuple[Any, ...] = ()
