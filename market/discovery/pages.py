"""What the templates of the search see."""

from dataclasses import dataclass
from typing import ClassVar

from markupsafe import Markup

from market.kit.forms import FormState
from market.kit.web import Page

Option = tuple[str, str, int | None, bool]
"""Value, text in the reader's language, number of listings (None where it was not counted), whether it is ticked."""


@dataclass(frozen=True)
class Result:
    """A technology in the results. Texts are marked where they match; they were escaped before."""

    address: str
    title: Markup
    summary: Markup
    organisation: str
    place: str
    price: str
    facts: tuple[str, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """The filters of one facet. `many`: so many values that one may look for some of them, which is `within`."""

    name: str
    legend: str
    options: list[Option]
    open: bool
    many: bool = False
    within: str = ""


@dataclass(frozen=True)
class SearchPage(Page):
    """Searching technologies.

    `mode`: `keyword` or `need`. `dropped`: words left out since no listing has all. `degraded`: the engine is down;
    `counted`: its replica answered with everything, else only titles were looked at.
    Addresses are of this page with one thing changed; `pager` ends where the page's number goes.
    """

    template: ClassVar[str] = "discovery/search.html"
    title: str
    text: str
    mode: str
    form: FormState
    kept: list[tuple[str, str]]
    total: int
    about: bool
    results: list[Result]
    groups: list[Group]
    active: int
    chips: list[tuple[str, str]]
    clear: str
    sort: str
    by_relevance: str
    by_date: str
    exact: bool
    every_word: str
    dropped: tuple[str, ...]
    degraded: bool
    counted: bool
    number: int
    last: int
    pager: str


@dataclass(frozen=True)
class Answer:
    """A technology that answers a need: its result, and the sentences of its listing that match best, marked."""

    result: Result
    sentences: tuple[Markup, ...]


@dataclass(frozen=True)
class DescribePage(Page):
    """Describing a need. `text` is what was understood, typed or from the file `brief_name`; empty before it was asked.

    `options` are the values of each filter; `search` is the address of the same search, where the text fits one.
    """

    template: ClassVar[str] = "discovery/describe.html"
    title: str
    form: FormState
    options: dict[str, list[tuple[str, str]]]
    text: str = ""
    brief_name: str = ""
    answers: tuple[Answer, ...] = ()
    total: int = 0
    search: str = ""
    degraded: bool = False
