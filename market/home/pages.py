"""What the first page sees."""

from dataclasses import dataclass
from typing import ClassVar

from market.kit.web import Page


@dataclass(frozen=True)
class HomeCard:
    """A listing on the first page: where it leads, what it is, who offers it, what it costs."""

    href: str
    title: str
    summary: str
    organisation: str
    price: str
    labels: tuple[str, ...]
    answers: str = ""
    id: str = ""


@dataclass(frozen=True)
class HomePage(Page):
    """The first page: sectors as (name, slug, count), the newest listings, figures as (number, word)."""

    template: ClassVar[str] = "home/home.html"
    sectors: list[tuple[str, str, int]]
    newest: list[HomeCard]
    figures: list[tuple[str, str]]
