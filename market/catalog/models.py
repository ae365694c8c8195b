"""Tables of the catalogue: technologies, their IP rights, inventors, files and offered terms; their editing; imports."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Index, Numeric, UniqueConstraint
from sqlmodel import Field

from market.catalog.rules import vocabulary as words
from market.catalog.rules.clarity.score import THRESHOLD
from market.catalog.rules.legal import COUNTRY_STATUS
from market.kit.db import Table, append_only, check_in, json_column, minor_column
from market.kit.ids import new_id

IMPORT_STATES = ("mapping", "ready", "done", "undone")
PULLS = ("daily", "weekly")
REVIEWS = ("submitted", "approved", "returned")
OUTCOMES = ("waiting", "created", "updated", "unchanged", "duplicate", "refused")


class Technology(Table, table=True):
    """A technology that can be licensed, or is being written down to be.

    Amounts are minor units of `currency`. `source` and `source_id` say where it came from (`manual` for one typed here);
    `version` counts saves, for the editor that must notice another's. Long texts stand last, so that scans stay cheap.
    """

    __tablename__ = "technology"
    __table_args__ = (
        UniqueConstraint("organisation_id", "source", "source_id"),
        check_in("state", words.STATES),
        check_in("price_kind", words.PRICES),
        CheckConstraint("trl IS NULL OR trl BETWEEN 1 AND 9", name="trl_scale"),
        CheckConstraint("price_low IS NULL OR price_low >= 0", name="price_low_positive"),
        CheckConstraint("price_high IS NULL OR price_high > price_low", name="price_ordered"),
        Index("ix_technology_newest", "state", "published_at", "id"),
        Index("ix_technology_facets", "state", "sector", "trl", "country", "price_kind"),
        Index("ix_technology_own", "organisation_id", "updated_at", "id", "state"),
        Index("ix_technology_states", "organisation_id", "state"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id")
    source: str = "manual"
    source_id: str
    reference: str = ""
    slug: str
    state: str = "draft"
    title: str
    summary: str = ""
    sector: str | None = None
    category: str = ""
    department: str = ""
    country: str = ""
    trl: int | None = None
    stage: str = ""
    offers: list[str] = json_column(list)
    licences: list[str] = json_column(list)
    price_kind: str = "on_request"
    price_low: int | None = minor_column(None)
    price_high: int | None = minor_column(None)
    currency: str = ""
    contact_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    keywords: list[str] = json_column(list)
    technology_fields: list[int] = json_column(list)
    ip_status: str = "none"
    source_url: str = ""
    picture_url: str = ""
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None = None
    confirmed_on: date | None = None
    version: int = 1
    problem: str = ""
    advantages: str = ""
    comparison: str = ""
    applications: str = ""
    description: str = ""

    @property
    def audit_subject(self) -> tuple[str, str]:
        """The technology's own chain of events."""
        return ("technology", self.id)


class TechnologySource(Table, table=True):
    """The last word of an outside source about a technology, so that the next import sees what has changed there."""

    __tablename__ = "technology_source"

    technology_id: str = Field(foreign_key="technology.id", primary_key=True)
    run_id: str | None = Field(default=None, foreign_key="import_run.id", index=True)
    digest: str
    seen_at: datetime
    told: dict[str, Any] = json_column()


class IpRight(Table, table=True):
    """A patent, application or other right behind a technology. `checked_on` is empty until a register was asked.

    `fetched_at` is when the patent office was last asked; `fault` says why that failed, while the older facts stay;
    from `others_closed_on` no country that the family does not name can be added any more.
    """

    __tablename__ = "ip_right"
    __table_args__ = (check_in("kind", words.IP_KINDS), check_in("status", words.IP_STATUS))

    id: str = Field(default_factory=new_id, primary_key=True)
    technology_id: str = Field(foreign_key="technology.id", index=True)
    position: int = 0
    kind: str
    status: str = "unknown"
    office: str = ""
    number: str = Field(default="", index=True)
    kind_code: str = ""
    family: str = ""
    title: str = ""
    filed_on: date | None = None
    priority_on: date | None = None
    granted_on: date | None = None
    expires_on: date | None = None
    ipc: list[str] = json_column(list)
    source: str = ""
    checked_on: date | None = None
    created_at: datetime
    fetched_at: datetime | None = None
    fault: str = ""
    others_closed_on: date | None = None


class IpRightCountry(Table, table=True):
    """What holds for a right in one country, who says so, and on which day. `manual` is the institution's own word."""

    __tablename__ = "ip_right_country"
    __table_args__ = (UniqueConstraint("right_id", "country"), check_in("status", COUNTRY_STATUS))

    id: str = Field(default_factory=new_id, primary_key=True)
    right_id: str = Field(foreign_key="ip_right.id")
    country: str
    status: str
    since: date | None = None
    source: str
    stated_on: date


class TechnologyInventor(Table, table=True):
    """Somebody who made it; named on the listing, without a part in negotiations."""

    __tablename__ = "technology_inventor"

    id: str = Field(default_factory=new_id, primary_key=True)
    technology_id: str = Field(foreign_key="technology.id", index=True)
    position: int
    name: str
    affiliation: str = ""


class TechnologyFile(Table, table=True):
    """A picture on the listing, or a file to take along. `alt` says in words what a picture shows."""

    __tablename__ = "technology_file"
    __table_args__ = (check_in("kind", ("picture", "file")),)

    id: str = Field(default_factory=new_id, primary_key=True)
    technology_id: str = Field(foreign_key="technology.id", index=True)
    stored_file_id: str = Field(foreign_key="stored_file.id", index=True)
    kind: str
    position: int
    alt: str = ""
    created_at: datetime


class OfferedTerms(Table, table=True):
    """The terms that the institution offers on the listing; a term sheet starts from them.

    `territory` lists ISO 3166 countries or `WORLD`; `royalty_rate` is a share (0.035 is 3.5 %) of net sales;
    `upfront` is minor units of `currency`; the offer made from it stays open for `valid_days`.
    """

    __tablename__ = "offered_terms"
    __table_args__ = (
        check_in("grant_kind", words.GRANTS),
        CheckConstraint("royalty_rate IS NULL OR (royalty_rate >= 0 AND royalty_rate < 1)", name="royalty_share"),
        CheckConstraint("upfront IS NULL OR upfront >= 0", name="upfront_positive"),
    )

    technology_id: str = Field(foreign_key="technology.id", primary_key=True)
    grant_kind: str
    field_of_use: str
    territory: list[str] = json_column(list)
    term_years: int | None = None
    upfront: int | None = minor_column(None)
    currency: str = ""
    royalty_rate: Decimal | None = Field(default=None, sa_type=Numeric(9, 6))
    valid_days: int = 90
    updated_at: datetime


class InstitutionResponse(Table, table=True):
    """How an institution answers: enquiries `asked` and `answered`; the median in working days once five are answered.

    Written by the package that has the enquiries, so that listings, cards and the search can show it.
    """

    __tablename__ = "institution_response"
    __table_args__ = (
        CheckConstraint("answered >= 0 AND answered <= asked", name="answered_of_asked"),
        CheckConstraint("response_days IS NULL OR (response_days >= 0 AND answered >= 5)", name="enough_answers"),
    )

    organisation_id: str = Field(foreign_key="organisation.id", primary_key=True)
    asked: int = 0
    answered: int = 0
    response_days: int | None = None
    updated_at: datetime


class ListingPolicy(Table, table=True):
    """What an institution asks of its own listings: the clarity that needs no excuse, and whether two people look."""

    __tablename__ = "listing_policy"
    __table_args__ = (CheckConstraint("clarity_threshold BETWEEN 0 AND 100", name="threshold_scale"),)

    organisation_id: str = Field(foreign_key="organisation.id", primary_key=True)
    clarity_threshold: int = THRESHOLD
    review: bool = False

    @property
    def audit_subject(self) -> tuple[str, str]:
        """The organisation's chain of events."""
        return ("organisation", self.organisation_id)


class ListingClarity(Table, table=True):
    """The clarity of a listing as `version` stood; another version is scored anew by a job."""

    __tablename__ = "listing_clarity"
    __table_args__ = (CheckConstraint("score BETWEEN 0 AND 100", name="score_scale"),)

    technology_id: str = Field(foreign_key="technology.id", primary_key=True, ondelete="CASCADE")
    version: int
    score: int
    scored_at: datetime


class UnclearPublication(Table, table=True):
    """Why a listing went out although it was less clear than its institution asks for."""

    __tablename__ = "unclear_publication"
    __table_args__ = (CheckConstraint("score < threshold", name="score_below"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    technology_id: str = Field(foreign_key="technology.id", index=True)
    person_id: str | None = Field(default=None, foreign_key="person.id")
    version: int
    score: int
    threshold: int
    at: datetime
    reason: str


class ListingVersion(Table, table=True):
    """The texts and facts of a listing as they were saved once; never changed. `number` is the listing's version then."""

    __tablename__ = "listing_version"
    __table_args__ = (UniqueConstraint("technology_id", "number"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    technology_id: str = Field(foreign_key="technology.id")
    number: int
    person_id: str | None = Field(default=None, foreign_key="person.id")
    person_name: str = ""
    saved_at: datetime
    fields: dict[str, Any] = json_column()


append_only(ListingVersion)


class ListingDraft(Table, table=True):
    """What one editor has typed and not saved yet, over the listing's `base_version`."""

    __tablename__ = "listing_draft"

    technology_id: str = Field(foreign_key="technology.id", primary_key=True)
    person_id: str = Field(foreign_key="person.id", primary_key=True)
    base_version: int
    saved_at: datetime
    fields: dict[str, Any] = json_column()


class ListingReview(Table, table=True):
    """The second pair of eyes on the listing's `version`: asked for by one person, decided by another."""

    __tablename__ = "listing_review"
    __table_args__ = (
        check_in("state", REVIEWS),
        CheckConstraint("decided_by IS NULL OR decided_by <> submitted_by", name="four_eyes"),
        CheckConstraint("(state = 'submitted') = (decided_by IS NULL)", name="decided"),
    )

    technology_id: str = Field(foreign_key="technology.id", primary_key=True)
    state: str = "submitted"
    version: int
    submitted_by: str = Field(foreign_key="person.id")
    submitted_at: datetime
    decided_by: str | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = None
    comment: str = ""


class ListingSchedule(Table, table=True):
    """When a listing goes out by itself; `problem` says why it did not (then it waits for a person)."""

    __tablename__ = "listing_schedule"

    technology_id: str = Field(foreign_key="technology.id", primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    publish_at: datetime = Field(index=True)
    reason: str = ""
    problem: str = ""


class ConfirmationRequest(Table, table=True):
    """A mail that asked a contact whether some listings still hold; its link is kept hashed and works once."""

    __tablename__ = "confirmation_request"

    id: str = Field(default_factory=new_id, primary_key=True)
    token_hash: str = Field(unique=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    organisation_id: str = Field(foreign_key="organisation.id")
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    technology_ids: list[str] = json_column(list)


class ImportRun(Table, table=True):
    """One file on its way into the catalogue: read, columns chosen, looked at, imported, perhaps undone.

    `reason` is why listings go out that are less clear than the institution asks for; without one they stay drafts.
    A long one is imported by a job, batch by batch: `started_at` is set when it was ordered, `done_rows` counts on.
    """

    __tablename__ = "import_run"
    __table_args__ = (check_in("state", IMPORT_STATES),)

    id: str = Field(default_factory=new_id, primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    person_id: str | None = Field(default=None, foreign_key="person.id")
    source: str
    file_name: str
    sha256: str
    state: str
    publish: bool = True
    reason: str = ""
    created_at: datetime
    finished_at: datetime | None = None
    header: list[str] = json_column(list)
    mapping: dict[str, str] = json_column()
    notes: dict[str, str] = json_column()
    counts: dict[str, int] = json_column()
    started_at: datetime | None = None
    done_rows: int = 0

    @property
    def audit_subject(self) -> tuple[str, str]:
        """The import's own chain of events."""
        return ("import", self.id)


class ImportRow(Table, table=True):
    """A row of an imported file: its cells as read, what became (before the import: would become) of it, its problems.

    `before` is what the listing was before the import changed it, so that the import can be undone.
    """

    __tablename__ = "import_row"
    __table_args__ = (UniqueConstraint("run_id", "position"), check_in("outcome", OUTCOMES))

    id: str = Field(default_factory=new_id, primary_key=True)
    run_id: str = Field(foreign_key="import_run.id")
    position: int
    line: int
    outcome: str = "waiting"
    technology_id: str | None = Field(default=None, foreign_key="technology.id", index=True)
    title: str = ""
    noted: bool = False
    problems: list[dict[str, Any]] = json_column(list)
    cells: list[str] = json_column(list)
    before: dict[str, Any] = json_column()


class ImportMapping(Table, table=True):
    """Which column means what in files with the same headings, as the institution chose it last."""

    __tablename__ = "import_mapping"
    __table_args__ = (UniqueConstraint("organisation_id", "signature"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id")
    signature: str
    mapping: dict[str, str] = json_column()
    updated_at: datetime


class ImportSource(Table, table=True):
    """An address from which an institution's catalogue is fetched again and again.

    `etag`, `modified` and `sha256` are those of the last file taken: the same file is not imported twice. `failures`
    counts in a row; `trouble` is the last reason (a msgid with `trouble_params`).
    """

    __tablename__ = "import_source"
    __table_args__ = (check_in("every", PULLS),)

    organisation_id: str = Field(foreign_key="organisation.id", primary_key=True)
    person_id: str | None = Field(default=None, foreign_key="person.id")
    address: str
    every: str = "weekly"
    publish: bool = True
    reason: str = ""
    next_at: datetime = Field(index=True)
    checked_at: datetime | None = None
    changed_at: datetime | None = None
    run_id: str | None = Field(default=None, foreign_key="import_run.id")
    etag: str = ""
    modified: str = ""
    sha256: str = ""
    failures: int = 0
    trouble: str = ""
    trouble_params: dict[str, Any] = json_column()
    created_at: datetime

    @property
    def audit_subject(self) -> tuple[str, str]:
        """The events of the institution."""
        return ("organisation", self.organisation_id)
