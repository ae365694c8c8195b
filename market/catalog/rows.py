"""What the queries of the catalogue give back: frozen rows that pages, search and deals read."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from market.catalog.rules import vocabulary as words
from market.catalog.rules.expiry import estimate
from market.catalog.rules.ip import IpNumber
from market.catalog.rules.response import band, in_words
from market.kit.money import Money


@dataclass(frozen=True)
class Terms:
    """The terms offered on a listing; `territory` lists ISO 3166 countries or WORLD, `royalty_rate` is a share."""

    grant_kind: str
    field_of_use: str
    territory: tuple[str, ...]
    term_years: int | None
    upfront: Money | None
    royalty_rate: Decimal | None
    valid_days: int

    @property
    def grant_label(self) -> str:
        """The msgid of the kind of grant."""
        return words.GRANTS[self.grant_kind]


@dataclass(frozen=True)
class ListingRow:
    """A technology with its institution, contact and offered terms: all that its page says in plain fields."""

    id: str
    organisation_id: str
    organisation: str
    organisation_slug: str
    organisation_country: str
    organisation_verified: bool
    source: str
    reference: str
    slug: str
    state: str
    title: str
    summary: str
    sector: str | None
    category: str
    department: str
    country: str
    trl: int | None
    stage: str
    offers: tuple[str, ...]
    licences: tuple[str, ...]
    price_kind: str
    price_low: Money | None
    price_high: Money | None
    contact_id: str | None
    contact: str
    keywords: tuple[str, ...]
    ip_status: str
    source_url: str
    picture_url: str
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    confirmed_on: date | None
    version: int
    problem: str
    advantages: str
    comparison: str
    applications: str
    description: str
    terms: Terms | None
    response_days: int | None = None

    @property
    def answers(self) -> str:
        """How fast the institution answers, in the reader's language; empty until it can be told."""
        return in_words(self.response_days)

    @property
    def address(self) -> str:
        """The part of its address that names it."""
        return f"{self.slug}-{self.id}"

    @property
    def visible(self) -> bool:
        """Whether everybody may see it."""
        return self.state in words.VISIBLE

    @property
    def sector_label(self) -> str:
        """The msgid of its sector."""
        return words.sector_label(self.sector)

    @property
    def trl_label(self) -> str:
        """The msgid of what its readiness level means."""
        return words.TRL[self.trl] if self.trl else ""

    @property
    def price_label(self) -> str:
        """The msgid of its kind of price."""
        return words.PRICES[self.price_kind]


@dataclass(frozen=True)
class RightRow:
    """An IP right as a listing shows it."""

    id: str
    kind: str
    status: str
    office: str
    number: str
    kind_code: str
    title: str
    filed_on: date | None
    granted_on: date | None
    expires_on: date | None
    checked_on: date | None
    priority_on: date | None
    family: str
    source: str
    fetched_at: datetime | None
    fault: str
    others_closed_on: date | None

    @property
    def text(self) -> str:
        """The number in one spelling."""
        return IpNumber(self.office, self.number, self.kind_code).text

    @property
    def ends_on(self) -> date | None:
        """When it ends at the latest by its dates, where nobody said it: an estimate (rules/expiry.py)."""
        if self.expires_on is not None or self.status == "lapsed":
            return None
        return estimate(
            self.kind, self.office, filed_on=self.filed_on, granted_on=self.granted_on, kind_code=self.kind_code
        )

    @property
    def kind_label(self) -> str:
        """The msgid of the kind of right."""
        return words.IP_KINDS[self.kind]

    @property
    def status_label(self) -> str:
        """The msgid of its status."""
        return words.IP_STATUS[self.status]


@dataclass(frozen=True)
class FileRow:
    """A picture or file of a listing; `id` is the listing's own record, by which it is asked for."""

    id: str
    kind: str
    alt: str
    name: str
    size: int
    content_type: str


@dataclass(frozen=True)
class Card:
    """A listing in a list."""

    id: str
    slug: str
    title: str
    summary: str
    sector: str | None
    trl: int | None
    state: str
    price_kind: str
    price_low: Money | None
    offers: tuple[str, ...]
    organisation: str
    organisation_slug: str
    updated_at: datetime
    published_at: datetime | None
    response_days: int | None = None

    @property
    def answers(self) -> str:
        """How fast the institution answers, in the reader's language; empty until it can be told."""
        return in_words(self.response_days)

    @property
    def address(self) -> str:
        """The part of its address that names it."""
        return f"{self.slug}-{self.id}"

    @property
    def sector_label(self) -> str:
        """The msgid of its sector."""
        return words.sector_label(self.sector)

    @property
    def state_label(self) -> str:
        """The msgid of its state."""
        return words.STATES[self.state]

    @property
    def price_label(self) -> str:
        """The msgid of its kind of price."""
        return words.PRICES[self.price_kind]


@dataclass(frozen=True)
class IndexDocument:
    """A visible technology as the search index takes it. Times are seconds since 1970; lists hold vocabulary keys.

    `response_days` is the institution's median answering time in working days, None while too little is known.
    """

    id: str
    title: str
    summary: str
    keywords: list[str]
    description: str
    problem: str
    advantages: str
    applications: str
    organisation: str
    inventors: list[str]
    sectors: list[str]
    technology_fields: list[int]
    trl: int | None
    country: str
    ip_status: str
    offers: list[str]
    licences: list[str]
    price_band: str
    has_prototype: bool
    published_at: int
    updated_at: int
    org_id: str
    state: str
    version: int
    response_days: int | None = None

    @property
    def response_band(self) -> str:
        """How the institution answers, in steps."""
        return band(self.response_days)


@dataclass(frozen=True)
class ResponseRow:
    """How an institution answers; `response_days` is None until five enquiries are answered."""

    asked: int
    answered: int
    response_days: int | None

    @property
    def answers(self) -> str:
        """The figure in the reader's language; empty until it can be told."""
        return in_words(self.response_days)


@dataclass(frozen=True)
class ContactRow:
    """A contact of an institution, and on how many of its visible listings."""

    name: str
    listings: int
