"""What people send to the catalogue."""

from datetime import date, time
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, create_model, field_validator

from market.catalog.rules.columns import TARGETS
from market.catalog.rules.ip import parse_number
from market.catalog.rules.legal import COUNTRY_STATUS
from market.catalog.rules.vocabulary import IP_KINDS, IP_STATUS, LICENCES, OFFERS, PRICES, SECTORS
from market.kit.files import Upload
from market.kit.forms import FieldFault, Form
from market.kit.i18n import _

Line = Annotated[str, Field(max_length=300)]
Text = Annotated[str, Field(max_length=20_000)]


def _chosen(values: list[str], vocabulary: dict[str, str]) -> list[str]:
    if not set(values) <= set(vocabulary):
        raise ValueError(_("Choose one of the options."))
    return [key for key in vocabulary if key in values]


def _brought(value: object) -> object:
    if value is None:
        raise ValueError(_("Choose a file."))
    return value


Brought = Annotated[Upload, BeforeValidator(_brought)]
"""A file that must be there."""


class NewListing(Form):
    """The first step of a listing: only a title is needed."""

    title: Annotated[str, Field(min_length=3, max_length=200)]


class ListingForm(Form):
    """The texts and facts of a listing. Amounts come as people write them, in major units; `version` is the one shown."""

    version: int = 1
    title: Annotated[str, Field(min_length=3, max_length=200)]
    summary: Annotated[str, Field(max_length=300)] = ""
    sector: str | None = None
    reference: Annotated[str, Field(max_length=80)] = ""
    department: Line = ""
    problem: Text = ""
    advantages: Text = ""
    comparison: Text = ""
    applications: Text = ""
    description: Text = ""
    trl: Annotated[int, Field(ge=1, le=9)] | None = None
    stage: Line = ""
    keywords: Annotated[str, Field(max_length=1000)] = ""
    inventors: Annotated[str, Field(max_length=2000)] = ""
    offers: list[str] = Field(default_factory=list)
    licences: list[str] = Field(default_factory=list)
    price_kind: str = "on_request"
    price_low: Annotated[str, Field(max_length=30)] = ""
    price_high: Annotated[str, Field(max_length=30)] = ""
    currency: Annotated[str, Field(max_length=3)] = "EUR"
    contact_id: str | None = None

    @field_validator("sector")
    @classmethod
    def _sector(cls, value: str | None) -> str | None:
        if value is not None and value not in SECTORS:
            raise ValueError(_("Choose one of the options."))
        return value

    @field_validator("offers")
    @classmethod
    def _offers(cls, values: list[str]) -> list[str]:
        return _chosen(values, OFFERS)

    @field_validator("licences")
    @classmethod
    def _licences(cls, values: list[str]) -> list[str]:
        return _chosen(values, LICENCES)

    @field_validator("price_kind")
    @classmethod
    def _price_kind(cls, value: str) -> str:
        return _chosen([value], PRICES)[0]


class RightForm(Form):
    """An IP right to add; `number` as people write it, such as `EP 1 234 567 B1`. Know-how and the like have none."""

    kind: str
    number: Annotated[str, Field(max_length=60)] = ""
    title: Annotated[str, Field(max_length=300)] = ""
    status: str = "unknown"
    filed_on: date | None = None
    expires_on: date | None = None

    @field_validator("kind")
    @classmethod
    def _kind(cls, value: str) -> str:
        return _chosen([value], IP_KINDS)[0]

    @field_validator("status")
    @classmethod
    def _status(cls, value: str) -> str:
        return _chosen([value], IP_STATUS)[0]

    @field_validator("number")
    @classmethod
    def _number(cls, value: str) -> str:
        if value and parse_number(value) is None:
            raise ValueError(_("Write the office and the number, such as EP 1234567 B1 or US 10,514,454 B1."))
        return value


class CountryForm(Form):
    """What holds for a right in a country: `status` is one of rules/legal.py, `since` may be left open."""

    country: Annotated[str, Field(min_length=2, max_length=2)]
    status: str
    since: date | None = None

    @field_validator("status")
    @classmethod
    def _status(cls, value: str) -> str:
        return _chosen([value], COUNTRY_STATUS)[0]


class RemoveForm(Form):
    """Take one part of a listing away."""

    part: Annotated[str, Field(min_length=1, max_length=40)]


class PictureForm(Form):
    """A picture with words for those who cannot see it, or a file to take along."""

    file: Brought
    alt: Annotated[str, Field(max_length=300)] = ""


class TermsForm(Form):
    """The terms offered on a listing. `royalty_percent` is percent of net sales; `upfront` in major units."""

    grant_kind: Literal["exclusive", "sole", "non_exclusive", "option"]
    field_of_use: Annotated[str, Field(min_length=3, max_length=500)]
    territory: list[str] = Field(default_factory=list)
    term_years: Annotated[int, Field(ge=1, le=25)] | None = None
    upfront: Annotated[str, Field(max_length=30)] = ""
    currency: Annotated[str, Field(max_length=3)] = "EUR"
    royalty_percent: Annotated[Decimal, Field(ge=0, lt=100, max_digits=8, decimal_places=4)] | None = None
    valid_days: Annotated[int, Field(ge=7, le=365)] = 90

    @field_validator("territory")
    @classmethod
    def _territory(cls, values: list[str]) -> list[str]:
        codes = sorted({value.upper() for value in values})
        if any(not (code == "WORLD" or (len(code) == 2 and code.isalpha())) for code in codes):
            raise ValueError(_("Choose countries from the list."))
        if "WORLD" in codes and len(codes) > 1:
            raise FieldFault(_("Choose either the whole world or single countries."))
        return codes


class UploadForm(Form):
    """A file to import: CSV, XLSX or NASA's JSON."""

    file: Brought
    publish: bool = False


class SourceForm(Form):
    """The address of a catalogue, and how often it is looked at."""

    address: Annotated[str, Field(min_length=10, max_length=500)]
    every: Literal["daily", "weekly"] = "weekly"
    publish: bool = False
    reason: Annotated[str, Field(max_length=500)] = ""

    @field_validator("address")
    @classmethod
    def _address(cls, value: str) -> str:
        if not value.startswith(("https://", "http://")) or not value.isprintable() or " " in value:
            raise ValueError(_("Write a whole address that begins with https://."))
        return value


class ImportForm(Form):
    """Carry out an import that was looked at; `reason` is why unclear listings go out."""

    publish: bool = False
    reason: Annotated[str, Field(max_length=500)] = ""


ColumnsForm: type[Form] = create_model(
    "ColumnsForm",
    __base__=Form,
    __doc__="Which heading of the file fills which field: one choice for each target of rules/columns.py.",
    **{key: (Annotated[str, Field(max_length=200)], "") for key in TARGETS},  # type: ignore[call-overload]
)


class PublishForm(Form):
    """Publish; `reason` is only needed where the listing is less clear than the institution asks for."""

    reason: Annotated[str, Field(max_length=500)] = ""


class ScheduleForm(Form):
    """Publish at a day and time of the institution's own clock."""

    day: date
    time: time
    reason: Annotated[str, Field(max_length=500)] = ""


class DecideForm(Form):
    """Approve the version shown, or send it back with what should change."""

    version: int
    verdict: Literal["approve", "return"]
    comment: Annotated[str, Field(max_length=2000)] = ""


class RestoreForm(Form):
    """Bring an older version back over the one shown."""

    version: int


class PolicyForm(Form):
    """What the institution asks of its listings before they go out."""

    clarity_threshold: Annotated[int, Field(ge=0, le=100)] = 60
    review: bool = False


class BulkForm(Form):
    """One act on several listings."""

    act: Literal["publish", "withdraw", "confirm", "contact"]
    listing: list[str] = Field(default_factory=list, max_length=200)
    contact_id: str | None = None
    reason: Annotated[str, Field(max_length=500)] = ""

    @field_validator("listing")
    @classmethod
    def _some(cls, values: list[str]) -> list[str]:
        if not values:
            raise ValueError(_("Choose at least one listing."))
        return values


class ConfirmForm(Form):
    """The listings that still hold, out of those that a mail asked about."""

    listing: list[str] = Field(default_factory=list)


class DraftForm(Form):
    """What is typed so far in the listing's form: anything goes, nothing is checked before it is saved."""

    version: int = 1
    title: Annotated[str, Field(max_length=20_000)] = ""
    summary: Annotated[str, Field(max_length=20_000)] = ""
    sector: Line = ""
    reference: Line = ""
    department: Line = ""
    problem: Text = ""
    advantages: Text = ""
    comparison: Text = ""
    applications: Text = ""
    description: Text = ""
    trl: Line = ""
    stage: Line = ""
    keywords: Text = ""
    inventors: Text = ""
    offers: list[str] = Field(default_factory=list)
    licences: list[str] = Field(default_factory=list)
    price_kind: Line = ""
    price_low: Line = ""
    price_high: Line = ""
    currency: Line = ""
    contact_id: Line = ""
