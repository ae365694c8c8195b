"""What the templates of the search see."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from markupsafe import Markup

from market.catalog.rows import Card
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
    answers: str = ""


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
    `saving` is the query of the search without the page.
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
    by_answers: str
    exact: bool
    every_word: str
    dropped: tuple[str, ...]
    degraded: bool
    counted: bool
    number: int
    last: int
    pager: str
    saving: str


# --- saved searches

Choice = tuple[str, str]
"""A value and its text in the reader's language."""


@dataclass(frozen=True)
class SavedLine:
    """A saved search in the list; `what` is its text and filters in words, `query` that of its address."""

    id: str
    name: str
    what: str
    often: str
    silent: bool
    query: str


@dataclass(frozen=True)
class SavedSearchesPage(Page):
    """The own saved searches."""

    template: ClassVar[str] = "discovery/saved_searches.html"
    title: str
    lines: list[SavedLine]


@dataclass(frozen=True)
class SaveSearchPage(Page):
    """Give a search a name, and say how often to be told."""

    template: ClassVar[str] = "discovery/save_search.html"
    title: str
    form: FormState
    query: str
    what: str
    name: str
    often: list[Choice]


@dataclass(frozen=True)
class EditSavedPage(Page):
    """Change a saved search; `filters` are its ticked values as name=value with their words."""

    template: ClassVar[str] = "discovery/edit_saved.html"
    title: str
    form: FormState
    id: str
    query: str
    filters: list[Choice]
    often: list[Choice]


@dataclass(frozen=True)
class StopAlertsPage(Page):
    """Where the link of a mail leads: a button to get no more of them; `stopped` once it was pressed."""

    template: ClassVar[str] = "discovery/stop_alerts.html"
    title: str
    token: str
    stopped: bool


# --- shortlist and comparison


@dataclass(frozen=True)
class KeptCard:
    """A technology on the shortlist; without `card` it is no longer offered, and nothing of it is told."""

    id: str
    card: Card | None
    price: str
    since: datetime | None
    form: FormState


@dataclass(frozen=True)
class ShortlistPage(Page):
    """What somebody keeps in view."""

    template: ClassVar[str] = "discovery/shortlist.html"
    title: str
    entries: list[KeptCard]
    comparable: int
    most: int


@dataclass(frozen=True)
class Compared:
    """One technology at the head of a column; `without` is the address of the comparison that leaves it out."""

    address: str
    id: str
    title: str
    organisation: str
    summary: str
    without: str


@dataclass(frozen=True)
class Line:
    """One fact of all: a list of short texts for each technology; `differs` when they are not all the same."""

    name: str
    values: list[list[str]]
    differs: bool


@dataclass(frozen=True)
class ComparePage(Page):
    """Technologies side by side. `gone` asked for and not offered, `left_out` beyond what fits."""

    template: ClassVar[str] = "discovery/compare.html"
    title: str
    columns: list[Compared]
    lines: list[Line]
    gone: int
    left_out: int
    most: int


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
