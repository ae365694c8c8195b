"""What the templates of support see."""

from dataclasses import dataclass
from typing import ClassVar

from markupsafe import Markup

from market.kit.forms import FormState
from market.kit.web import Page
from market.support.rules.guide import Guide, Mark


@dataclass(frozen=True)
class GuidesPage(Page):
    """All guides, or those for one stand: groups as (name, guides); stands as (address value, name)."""

    template: ClassVar[str] = "support/guides.html"
    title: str
    groups: list[tuple[str, list[Guide]]]
    stands: list[tuple[str, str]]
    stand: str
    total: int
    done: dict[str, tuple[int, int]]


@dataclass(frozen=True)
class GuidePage(Page):
    """One guide with its quiz; `marks` once it was answered."""

    template: ClassVar[str] = "support/guide.html"
    title: str
    guide: Guide
    text: Markup
    picture: Markup
    level: str
    stands: list[tuple[str, str]]
    form: FormState
    marks: list[Mark]
    more: list[Guide]


@dataclass(frozen=True)
class TermRow:
    """A term in the reader's language; `key` is its anchor."""

    key: str
    name: str
    text: str
    guide: str


@dataclass(frozen=True)
class GlossaryPage(Page):
    """All terms."""

    template: ClassVar[str] = "support/glossary.html"
    title: str
    terms: list[TermRow]


@dataclass(frozen=True)
class CostLine:
    """One cost: year and words, the full figure, what is taken off, what is paid, and where the figure is from."""

    year: int
    label: str
    full: str
    off: str
    paid: str
    source: str
    estimate: bool


@dataclass(frozen=True)
class CostRoute:
    """The cost of one way to protection: sums as written, the running sum for the picture, and the working."""

    key: str
    name: str
    fees: str
    estimates: str
    total: str
    running: list[int]
    written: list[list[str]]
    lines: list[CostLine]


@dataclass(frozen=True)
class PatentCostPage(Page):
    """What a patent costs over its life, by route."""

    template: ClassVar[str] = "support/patent_costs.html"
    title: str
    form: FormState
    sizes: list[tuple[str, str]]
    years: list[str]
    routes: list[CostRoute]


@dataclass(frozen=True)
class FigureRow:
    """A figure as the desk shows it."""

    label: str
    route: str
    value: str
    since: str
    source: str
    added: bool


@dataclass(frozen=True)
class FiguresPage(Page):
    """All figures in force and still to come, and the form for a newer one."""

    template: ClassVar[str] = "support/figures.html"
    title: str
    form: FormState
    rows: list[FigureRow]
    keys: list[tuple[str, str]]
