"""What the templates of the catalogue see: one frozen dataclass for each page."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from market.accounts.queries import OrganisationRow
from market.catalog.editorial import Policy
from market.catalog.models import ImportSource
from market.catalog.rights import CountryRow, RightsPicture
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
    protection: RightsPicture
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
    preview: bool = False


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
    scores: dict[str, int]
    threshold: int
    contacts: list[Option]
    form: FormState


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
    draft_at: datetime | None = None


@dataclass(frozen=True)
class EditRightsPage(EditorPage):
    """The IP rights of a listing."""

    template: ClassVar[str] = "catalog/edit_rights.html"
    rights: list[RightRow]
    kinds: list[Option]
    statuses: list[Option]
    office: str


@dataclass(frozen=True)
class RightPage(EditorPage):
    """One right: where it holds, by whose word; `office` is who can be asked, empty where nobody can."""

    template: ClassVar[str] = "catalog/right.html"
    right: RightRow
    rows: list[CountryRow]
    countries: list[Option]
    statuses: list[Option]
    office: str


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
class FindingRow:
    """Something to mend: the field's name, the sentence it is about (empty: the whole field), what to do."""

    field: str
    sentence: str
    advice: str


@dataclass(frozen=True)
class ClarityPage(EditorPage):
    """How clear the listing is, what to mend, and the ways to publish it. Times are the institution's own."""

    template: ClassVar[str] = "catalog/clarity.html"
    score: int
    threshold: int
    level: str
    parts: list[tuple[str, int, int]]
    findings: list[FindingRow]
    wants_review: bool
    review: Any
    review_holds: bool
    may_decide: bool
    timezone: str
    planned_at: datetime | None
    plan_problem: str

    @property
    def may_go(self) -> bool:
        """Whether the listing may be published now, apart from its clarity."""
        approved = self.review_holds and self.review.state == "approved"
        return self.may_publish and not self.missing and (approved or not self.wants_review)


@dataclass(frozen=True)
class VersionsPage(EditorPage):
    """Every kept version, newest first."""

    template: ClassVar[str] = "catalog/versions.html"
    versions: list[Any]


@dataclass(frozen=True)
class ChangedField:
    """A field that a version changed; pieces are (`same`, `gone` or `new`, words)."""

    label: str
    pieces: list[tuple[str, str]]


@dataclass(frozen=True)
class VersionPage(EditorPage):
    """What a version changed against the one `before`; without one everything is new."""

    template: ClassVar[str] = "catalog/version.html"
    version: Any
    before: int | None
    changes: list[ChangedField]
    newest: bool


@dataclass(frozen=True)
class PolicyPage(Page):
    """What the institution asks of its listings before they go out."""

    template: ClassVar[str] = "catalog/policy.html"
    title: str
    form: FormState


@dataclass(frozen=True)
class BulkPage(Page):
    """What became of an act on several listings: how many were done, and why the others were not."""

    template: ClassVar[str] = "catalog/bulk.html"
    title: str
    done: int
    failed: list[tuple[str, str, str]]


@dataclass(frozen=True)
class ConfirmationPage(Page):
    """The listings that a mail asked about: id, title, confirmed until, state."""

    template: ClassVar[str] = "catalog/confirmation.html"
    title: str
    token: str
    rows: list[tuple[str, str, date, str]]
    form: FormState


@dataclass(frozen=True)
class StartImportPage(Page):
    """Choose a file to import; the last imports."""

    template: ClassVar[str] = "catalog/start_import.html"
    title: str
    form: FormState
    runs: list[RunRow]
    verified: bool


@dataclass(frozen=True)
class SourcePage(Page):
    """The address from which listings are fetched; `trouble` says why the last time failed."""

    template: ClassVar[str] = "catalog/source.html"
    title: str
    form: FormState
    source: ImportSource | None
    trouble: str


@dataclass(frozen=True)
class UndoImportPage(Page):
    """Asks before an import is undone."""

    template: ClassVar[str] = "catalog/undo_import.html"
    title: str
    run: RunRow
    form: FormState


@dataclass(frozen=True)
class ExportsPage(Page):
    """Which files can be taken along."""

    template: ClassVar[str] = "catalog/exports.html"
    title: str
    total: int


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
    policy: Policy
