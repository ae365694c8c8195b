"""What the statistics pages see."""

from dataclasses import dataclass
from typing import ClassVar

from market.insights.queries import ListingFigures
from market.kit.web import Page


@dataclass(frozen=True)
class InsightsPage(Page):
    """An institution's listings in a period. `labels` name the steps of time; `answers` are those in which something was
    answered: name, median in working days, the same in words. `more` listings are only in the file."""

    template: ClassVar[str] = "insights/insights.html"
    title: str
    period: str
    tabs: list[tuple[str, str, bool]]
    any: bool
    figures: list[tuple[str, str]]
    labels: list[str]
    views: list[int]
    saves: list[int]
    enquiries: list[int]
    most_seen: list[tuple[str, int, str]]
    answers: list[tuple[str, int, str]]
    listings: list[ListingFigures]
    more: int
