"""Tables of the catalogue: technologies, their IP rights, inventors, files and offered terms; imports."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Index, Numeric, UniqueConstraint
from sqlmodel import Field

from market.catalog.rules import vocabulary as words
from market.kit.db import Table, check_in, json_column, minor_column
from market.kit.ids import new_id

IMPORT_STATES = ("mapping", "ready", "done", "undone")
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
    """A patent, application or other right behind a technology. `checked_on` is empty until a register was asked."""

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


class ImportRun(Table, table=True):
    """One file on its way into the catalogue: read, columns chosen, looked at, imported, perhaps undone."""

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
    created_at: datetime
    finished_at: datetime | None = None
    header: list[str] = json_column(list)
    mapping: dict[str, str] = json_column()
    notes: dict[str, str] = json_column()
    counts: dict[str, int] = json_column()

    @property
    def audit_subject(self) -> tuple[str, str]:
        """The import's own chain of events."""
        return ("import", self.id)


class ImportRow(Table, table=True):
    """A row of an imported file: its cells as read, what became (before the import: would become) of it, its problems."""

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


class ImportMapping(Table, table=True):
    """Which column means what in files with the same headings, as the institution chose it last."""

    __tablename__ = "import_mapping"
    __table_args__ = (UniqueConstraint("organisation_id", "signature"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id")
    signature: str
    mapping: dict[str, str] = json_column()
    updated_at: datetime
