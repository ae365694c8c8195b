"""What the address of a search says. Anything it cannot mean is passed over: an old or mistyped address still works."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import urlencode

from pydantic import Field

from market.discovery.rules.alerts import LONGEST_NAME, LONGEST_NOTE, Frequency
from market.discovery.rules.facets import FACETS
from market.discovery.rules.question import Question, Sort, understand
from market.kit.files import Upload
from market.kit.forms import Form

PER_PAGE = 20
LAST_PAGE = 500
ORDERED: tuple[Sort, ...] = ("newest", "responsive")
"""The orders that an address may ask for; none of them: by closeness."""
MOST_TYPED = 4000
MOST_VALUES = 50
DESCRIBE_FACETS = ("sector", "offer", "price", "trl")
WITHIN = "in-"
"""Before a facet's name: the field in which its values are looked for."""


@dataclass(frozen=True)
class Asked:
    """One search: the text, the ticked values by facet, the order, the page; `every_word` keeps a long text from being
    read as a need; `narrowed` is what was looked for among the values of a facet."""

    text: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: Sort = "relevance"
    page: int = 1
    every_word: bool = False
    narrowed: Mapping[str, str] = field(default_factory=dict)

    @property
    def question(self) -> Question:
        """The text, understood."""
        return understand(self.text, "keyword" if self.every_word else None)

    def query(self, *, without: tuple[str, str] | None = None, page: int = 1, **changed: str) -> str:
        """The address's query for this search with something changed; `without` a ticked value; `page` 0 for none."""
        pairs = [
            ("q", self.text),
            ("sort", "" if self.sort == "relevance" else self.sort),
            ("words", "every" * self.every_word),
        ]
        pairs = [(name, changed.get(name, value)) for name, value in pairs]
        pairs += [(name, each) for name, values in self.chosen.items() for each in values if (name, each) != without]
        pairs += [(f"{WITHIN}{name}", text) for name, text in self.narrowed.items()]
        pairs.append(("page", str(page) if page > 1 else ""))
        return urlencode([(name, value) for name, value in pairs if value])


def asked(pairs: Iterable[tuple[str, str]]) -> Asked:
    """Read the names and values of the address's query."""
    given: defaultdict[str, list[str]] = defaultdict(list)
    for name, value in pairs:
        given[name].append(value)
    chosen: dict[str, tuple[str, ...]] = {}
    for facet in FACETS:
        values = tuple(each for each in dict.fromkeys(given[facet.name][:MOST_VALUES]) if facet.typed(each) is not None)
        if values:
            chosen[facet.name] = values
    page = (given["page"] or [""])[0]
    return Asked(
        text=" ".join((given["q"] or [""])[0][:MOST_TYPED].split()),
        chosen=chosen,
        sort=next((each for each in ORDERED if each in given["sort"]), "relevance"),
        page=min(max(int(page), 1), LAST_PAGE) if page.isascii() and page.isdecimal() and len(page) < 6 else 1,
        every_word="every" in given["words"],
        narrowed={facet.name: text for facet in FACETS if (text := _within(given, facet.name))},
    )


def _within(given: Mapping[str, list[str]], name: str) -> str:
    return " ".join((given.get(f"{WITHIN}{name}") or [""])[0][:60].split())


# --- what people keep

SearchName = Annotated[str, Field(max_length=LONGEST_NAME)]


class SaveSearchForm(Form):
    """A search to keep; `query` is that of its address."""

    name: SearchName
    frequency: Frequency
    query: str = ""


class SavedSearchForm(Form):
    """Changes to a saved search: `filters` are those left ticked, each as name=value."""

    name: SearchName
    frequency: Frequency
    text: Annotated[str, Field(max_length=MOST_TYPED)] = ""
    filters: list[str] = Field(default_factory=list)


class KeepForm(Form):
    """A technology to keep in view, or no longer."""

    technology: Annotated[str, Field(max_length=300)]


class NoteForm(Form):
    """A note of one's own; empty to have none."""

    note: Annotated[str, Field(max_length=LONGEST_NOTE)] = ""


class DescribeForm(Form):
    """A need in somebody's own words: pasted, or brought as a file; and filters, one value of each facet."""

    text: str = ""
    brief: Upload | None = None
    sector: str = ""
    offer: str = ""
    price: str = ""
    trl: str = ""

    @property
    def chosen(self) -> Mapping[str, tuple[str, ...]]:
        """The filters that mean something, as a search takes them."""
        return asked((name, getattr(self, name)) for name in DESCRIBE_FACETS).chosen
