"""What the templates of the catalogue see: one frozen dataclass for each page."""

from dataclasses import dataclass
from typing import Any, ClassVar

from market.accounts.queries import OrganisationRow
from market.catalog.rows import Card, ContactRow, FileRow, ListingRow, ResponseRow, RightRow
from market.catalog.runs import RunRow
from market.kit.forms import FormState
from market.kit.web import Page

Option = tuple[str, str]
"""A value and its text in the reader's language."""


@dataclass(frozen=True)
class ListingPage(Page):
    """A technology as everybody sees it."""

    template: ClassVar[str] = "catalog/listing.html"
    title: str
    listing: ListingRow
    rights: list[RightRow]
    inventors: list[str]
    pictures: list[FileRow]
    files: list[FileRow]
    offers: list[str]
    licences: list[str]
    price: str
    json_ld: dict[str, Any]
    own: bool
    may_edit: bool
    similar: list[Card]
    prices: dict[str, str]


@dataclass(frozen=True)
class InstitutionPage(Page):
    """An institution with its technologies: all, or those of `sector`.

    `sectors` are (address, text, chosen, number); `pager` is the page's address without the page's number.
    """

    template: ClassVar[str] = "catalog/institution.html"
    title: str
    organisation: OrganisationRow
    cards: list[Card]
    express: list[Card]
    prices: dict[str, str]
    response: ResponseRow
    contacts: list[ContactRow]
    sectors: list[tuple[str, str, bool, int]]
    json_ld: dict[str, Any]
    total: int
    number: int
    last: int
    pager: str


@dataclass(frozen=True)
class OwnListingsPage(Page):
    """The listings of the own institution, in every state."""

    template: ClassVar[str] = "catalog/own_listings.html"
    title: str
    cards: list[Card]
    total: int
    number: int
    last: int
    state: str
    text: str
    tabs: list[tuple[str, str, bool, str]]
    any_at_all: bool
    verified: bool


@dataclass(frozen=True)
class NewListingPage(Page):
    """The first step of a listing."""

    template: ClassVar[str] = "catalog/new_listing.html"
    title: str
    form: FormState


@dataclass(frozen=True)
class EditorPage(Page):
    """What all pages of the editor share: the listing, and what it lacks before it can go out."""

    title: str
    listing: ListingRow
    part: str
    form: FormState
    missing: list[str]
    may_publish: bool


@dataclass(frozen=True)
class EditListingPage(EditorPage):
    """The texts and facts of a listing; `saved` is what somebody else saved while this was typed."""

    template: ClassVar[str] = "catalog/edit_listing.html"
    sectors: list[Option]
    offers: list[Option]
    licences: list[Option]
    prices: list[Option]
    levels: list[Option]
    currencies: list[Option]
    contacts: list[Option]
    saved: list[tuple[str, str]]


@dataclass(frozen=True)
class EditRightsPage(EditorPage):
    """The IP rights of a listing."""

    template: ClassVar[str] = "catalog/edit_rights.html"
    rights: list[RightRow]
    kinds: list[Option]
    statuses: list[Option]


@dataclass(frozen=True)
class EditFilesPage(EditorPage):
    """The pictures and files of a listing."""

    template: ClassVar[str] = "catalog/edit_files.html"
    pictures: list[FileRow]
    files: list[FileRow]


@dataclass(frozen=True)
class EditTermsPage(EditorPage):
    """The terms offered on a listing."""

    template: ClassVar[str] = "catalog/edit_terms.html"
    grants: list[Option]
    countries: list[Option]
    currencies: list[Option]


@dataclass(frozen=True)
class StartImportPage(Page):
    """Choose a file to import; the last imports."""

    template: ClassVar[str] = "catalog/start_import.html"
    title: str
    form: FormState
    runs: list[RunRow]
    verified: bool


@dataclass(frozen=True)
class ColumnsPage(Page):
    """Which column means what, beside the first rows of the file."""

    template: ClassVar[str] = "catalog/columns.html"
    title: str
    run: RunRow
    form: FormState
    targets: list[tuple[str, str, bool]]
    headings: list[Option]
    sample: list[tuple[int, tuple[str, ...]]]


@dataclass(frozen=True)
class PreviewRow:
    """A row as the preview tells it: `verdict` is the key, `word` its text, `kind` the look of its status."""

    line: int
    title: str
    verdict: str
    word: str
    kind: str
    problems: list[str]
    technology_id: str | None = None


@dataclass(frozen=True)
class ImportPage(Page):
    """An import: what it would do (`ready`), or what it did (`done`), row by row."""

    template: ClassVar[str] = "catalog/import.html"
    title: str
    run: RunRow
    figures: list[tuple[str, str]]
    rows: list[PreviewRow]
    all_rows: int
    noted: int
    number: int
    last: int
    only_problems: bool
    verified: bool
    form: FormState
