"""Input of deals. The offer's form is flat, as a page has it; `terms` makes the typed sheet of it."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator

from market.deals import further_form
from market.deals.further_form import INSTALMENTS, SCHEDULE, FurtherForm, Reader
from market.deals.process import LOST_REASONS
from market.deals.rules import regions
from market.deals.rules.completeness import normal_code
from market.deals.rules.enquiries import LONGEST_TEXT, SHORTEST_USE
from market.deals.rules.further import Credit, Proration
from market.deals.rules.terms import (
    MOST_TIERS,
    RATE_PLACES,
    WORLD,
    Basis,
    Disputes,
    FieldOfUse,
    Frequency,
    Grant,
    IpKind,
    LicensedIp,
    MinimumRoyalty,
    OptionTerms,
    Reports,
    Resolution,
    Royalty,
    Sublicence,
    Sublicensing,
    Term,
    TermKind,
    TermSheet,
    Territory,
    Tier,
    UpfrontFee,
)
from market.deals.rules.wording import percent_text
from market.kit.errors import Invalid
from market.kit.files import Upload
from market.kit.forms import FieldFault, Form, FormState
from market.kit.i18n import _, translate
from market.kit.money import Money, currencies

ROWS = 4
assert ROWS <= MOST_TIERS  # noqa: S101 - the form has fewer rows than the rules allow

Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
Short = Annotated[str, Field(max_length=300)]
Days = Annotated[int, Field(ge=0, le=365)]
Percent = Annotated[Decimal, Field(ge=0, le=100, decimal_places=RATE_PLACES - 2)]


class EnquiryForm(Form):
    """The first question to an institution."""

    intended_use: Annotated[str, Field(min_length=SHORTEST_USE, max_length=LONGEST_TEXT)]
    field_of_use: Annotated[str, Field(min_length=3, max_length=300)]
    territory: Annotated[list[str], Field(max_length=250, default_factory=list)]
    note: Text = ""
    nothing_secret: bool = False

    @field_validator("territory")
    @classmethod
    def _known(cls, codes: list[str]) -> list[str]:
        if set(codes) - regions.countries() - {WORLD}:
            raise ValueError(_("Choose countries from the list."))
        return codes


class AnswerForm(Form):
    """The answer to an enquiry."""

    message: Text = ""


class NdaForm(Form):
    """A proposal to keep each other's secrets: who discloses, what for, how many months."""

    discloser: Literal["mutual", "licensor", "licensee"]
    purpose: Annotated[str, Field(min_length=20, max_length=1000)]
    months: Annotated[int, Field(ge=3, le=120)]


def _brought(value: object) -> object:
    if value is None:
        raise ValueError(_("Choose a file."))
    return value


class PaperForm(Form):
    """A document for the data room. `readers` are ids of the other side's people, `ends_on` its last day for them."""

    file: Annotated[Upload, BeforeValidator(_brought)]
    title: Annotated[str, Field(max_length=150)] = ""
    tier: Literal["before_nda", "after_nda", "named"]
    readers: list[str] = Field(default_factory=list, max_length=200)
    download: bool = False
    ends_on: date | None = None


class CloseForm(Form):
    """Why somebody leaves the deal."""

    reason: Literal[tuple(LOST_REASONS)]  # type: ignore[valid-type]
    message: Text = ""


class MessageForm(Form):
    """A message to the other side."""

    body: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]


class NoteForm(Form):
    """A note for one's own side."""

    note: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]


class AcceptForm(Form):
    """Accepts exactly the version with this hash."""

    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ApproveForm(Form):
    """Approves the agreed terms with this hash."""

    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    note: Text = ""


class CostForm(Form):
    """Sales to look ahead with: those of the first year as typed, and their growth a year in per cent."""

    sales: Annotated[str, Field(min_length=1, max_length=40)]
    growth: Annotated[Decimal, Field(ge=-90, le=300, decimal_places=2)] = Decimal(0)


class ReasonForm(Form):
    """A step that needs a reason."""

    reason: Annotated[str, Field(min_length=3, max_length=1000)]


class SignForm(Form):
    """A signature: the name typed, the consent, and the hash of the document on the screen."""

    typed_name: Annotated[str, Field(max_length=200)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    consent: bool = False


class VerifyForm(Form):
    """A document that somebody holds and wants to check."""

    document: Upload | None = None


class OfferForm(FurtherForm):
    """An offer as its page has it: amounts as typed, rates in per cent. `answers` is the hash of the offer answered."""

    answers: Short = ""
    grant: Grant
    option_months: Annotated[int, Field(ge=1, le=60)] | None = None
    option_fee: Short = ""
    rights: list[str] = Field(default_factory=list)
    other_rights: Text = ""
    field_text: Annotated[str, Field(min_length=3, max_length=1000)]
    field_codes: Short = ""
    field_exclusions: Annotated[str, Field(max_length=1000)] = ""
    territory: Literal["WORLD", "EU", "EEA", "USCA", "countries"]
    countries: list[str] = Field(default_factory=list)
    except_countries: list[str] = Field(default_factory=list)
    term: TermKind
    years: Annotated[int, Field(ge=1, le=50)] | None = None
    until: date | None = None
    sublicence: Sublicence = Sublicence.NONE
    sublicence_share: Percent | None = None
    currency: str
    upfront: Short = ""
    upfront_days: Days = 30
    tier_1_rate: Percent | None = None
    tier_2_over: Short = ""
    tier_2_rate: Percent | None = None
    tier_3_over: Short = ""
    tier_3_rate: Percent | None = None
    tier_4_over: Short = ""
    tier_4_rate: Percent | None = None
    basis: Basis = Basis.CALENDAR_YEAR
    minimum: Short = ""
    minimum_from: Annotated[int, Field(ge=1, le=50)] = 1
    minimum_credit: Credit = Credit.TRUE_UP
    minimum_first_year: Proration = Proration.FULL_MONTHS
    reports: Frequency = Frequency.ANNUAL
    report_days: Annotated[int, Field(ge=1, le=180)] = 30
    law: Short
    resolution: Resolution = Resolution.MEDIATION_ARBITRATION
    seat: Short = ""
    language: Short = "English"
    confidentiality: Annotated[int, Field(ge=0, le=240)] = 60
    valid_until: date
    note: Text = ""

    @field_validator("currency")
    @classmethod
    def _known_currency(cls, code: str) -> str:
        if code not in currencies():
            raise ValueError(_("Choose a currency from the list."))
        return code

    @field_validator("rights")
    @classmethod
    def _few(cls, keys: list[str]) -> list[str]:
        if len(keys) > 100:
            raise FieldFault(_("Choose at most {n}."), n=100)
        return keys


def terms(form: OfferForm, known: Sequence[LicensedIp]) -> TermSheet:
    """The term sheet that was typed; `known` are the rights that may be ticked. Raises Invalid with a sentence by field."""
    reader = Reader(form.currency)
    royalty = _royalty(form, reader)
    sheet = TermSheet(
        grant=form.grant,
        licensed_ip=_rights(form, known),
        field_of_use=FieldOfUse(form.field_text, _codes(form.field_codes), form.field_exclusions),
        territory=_territory(form),
        term=Term(
            form.term,
            form.years if form.term == TermKind.YEARS else None,
            form.until if form.term == TermKind.UNTIL else None,
        ),
        currency=form.currency,
        valid_until=form.valid_until,
        disputes=_disputes(form),
        sublicensing=Sublicensing(form.sublicence, _share(form)),
        option=_option(form, reader),
        upfront=_upfront(form, reader),
        royalty=royalty,
        minimum=_minimum(form, reader),
        reports=Reports(form.reports, form.report_days) if royalty else None,
        confidentiality_months=form.confidentiality,
        **further_form.read(form, reader),
    )
    if reader.errors:
        raise Invalid(reader.errors)
    return sheet


def _rights(form: OfferForm, known: Sequence[LicensedIp]) -> tuple[LicensedIp, ...]:
    ticked = [right for right in known if right.key in form.rights]
    titles = [line.strip()[:300] for line in form.other_rights.splitlines() if line.strip()]
    return (*ticked, *(LicensedIp(IpKind.KNOW_HOW, title) for title in titles))


def _codes(text: str) -> tuple[str, ...]:
    found = [normal_code(part) for part in text.replace(";", ",").split(",") if part.strip()]
    return tuple(dict.fromkeys(found))


def _territory(form: OfferForm) -> Territory:
    if form.territory == WORLD:
        include: tuple[str, ...] = (WORLD,)
    elif form.territory in regions.GROUPS:
        include = tuple(sorted(regions.GROUPS[form.territory][1]))
    else:
        include = tuple(sorted(set(form.countries)))
    return Territory(include, tuple(sorted(set(form.except_countries))))


def _option(form: OfferForm, reader: Reader) -> OptionTerms | None:
    if form.grant != Grant.OPTION:
        return None
    fee = reader.money("option_fee", form.option_fee) or Money(0, form.currency)
    if form.option_months is None:
        reader.errors["option_months"] = translate(_("Say how many months the option lasts."))
    return OptionTerms(form.option_months or 1, fee)


def _share(form: OfferForm) -> Decimal | None:
    if form.sublicence == Sublicence.NONE or form.sublicence_share is None:
        return None
    return form.sublicence_share / 100


def _royalty(form: OfferForm, reader: Reader) -> Royalty | None:
    tiers: list[Tier] = []
    for row in range(1, ROWS + 1):
        rate: Decimal | None = getattr(form, f"tier_{row}_rate")
        typed = getattr(form, f"tier_{row}_over", "")
        over = reader.money(f"tier_{row}_over", typed)
        if rate is None:
            if typed:
                reader.errors[f"tier_{row}_rate"] = translate(_("Give this step its rate."))
            continue
        if row > 1 and not typed:
            reader.errors[f"tier_{row}_over"] = translate(_("Say from which sales on this rate counts."))
        tiers.append(Tier(over.minor if over else 0, rate / 100))
    no_royalty = not tiers or (len(tiers) == 1 and not tiers[0].rate)
    return None if no_royalty else Royalty(tuple(tiers), form.basis)


def _upfront(form: OfferForm, reader: Reader) -> UpfrontFee | None:
    amount, parts = reader.money("upfront", form.upfront), reader.rows(form, INSTALMENTS)
    if parts and not amount:
        reader.errors.setdefault("upfront", translate(_("Say what the parts add up to.")))
    return UpfrontFee(amount, form.upfront_days, parts) if amount else None


def _minimum(form: OfferForm, reader: Reader) -> MinimumRoyalty | None:
    amount, rows = reader.money("minimum", form.minimum), reader.rows(form, SCHEDULE)
    if rows and amount is None:
        reader.errors.setdefault("minimum", translate(_("Say with which minimum it begins; it may be 0.")))
    if amount is None or not (amount or rows):
        return None
    return MinimumRoyalty(amount, form.minimum_from, rows, form.minimum_credit, form.minimum_first_year)


def _disputes(form: OfferForm) -> Disputes:
    arbitration = form.resolution == Resolution.MEDIATION_ARBITRATION
    return Disputes(
        law=form.law,
        resolution=form.resolution,
        seat=form.seat if arbitration else "",
        language=form.language if arbitration else "English",
    )


def filled(sheet: TermSheet, **values: Any) -> FormState:
    """The form with the terms of `sheet` typed in."""
    territory = sheet.territory
    group = regions.group_of(frozenset(territory.include))
    typed: dict[str, Any] = {
        "grant": sheet.grant,
        "option_months": sheet.option.months if sheet.option else None,
        "option_fee": sheet.option.fee if sheet.option else None,
        "rights": [right.key for right in sheet.licensed_ip],
        "field_text": sheet.field_of_use.text,
        "field_codes": ", ".join(sheet.field_of_use.codes),
        "field_exclusions": sheet.field_of_use.exclusions,
        "territory": WORLD if territory.worldwide else group or "countries",
        "countries": [] if territory.worldwide or group else territory.include,
        "except_countries": territory.exclude,
        "term": sheet.term.kind,
        "years": sheet.term.years,
        "until": sheet.term.until,
        "sublicence": sheet.sublicensing.kind,
        "sublicence_share": _percent(sheet.sublicensing.share),
        "currency": sheet.currency,
        "upfront": sheet.upfront.amount if sheet.upfront else None,
        "upfront_days": sheet.upfront.days_due if sheet.upfront else 30,
        "minimum": sheet.minimum.amount if sheet.minimum else None,
        "minimum_from": sheet.minimum.from_year if sheet.minimum else 1,
        "minimum_credit": sheet.minimum.credit if sheet.minimum else Credit.TRUE_UP,
        "minimum_first_year": sheet.minimum.first_year if sheet.minimum else Proration.FULL_MONTHS,
        "reports": (sheet.reports or Reports()).frequency,
        "report_days": (sheet.reports or Reports()).grace_days,
        "law": sheet.disputes.law,
        "resolution": sheet.disputes.resolution,
        "seat": sheet.disputes.seat,
        "language": sheet.disputes.language,
        "confidentiality": sheet.confidentiality_months,
        "valid_until": sheet.valid_until,
        **_tiers(sheet),
        **further_form.filled(sheet),
    }
    return FormState.of({**typed, **values})


def _tiers(sheet: TermSheet) -> dict[str, Any]:
    royalty = sheet.royalty
    if royalty is None:
        return {"basis": Basis.CALENDAR_YEAR}
    rows: dict[str, Any] = {"basis": royalty.basis}
    for number, tier in enumerate(royalty.tiers[:ROWS], start=1):
        rows[f"tier_{number}_rate"] = percent_text(tier.rate)
        if number > 1:
            rows[f"tier_{number}_over"] = Money(tier.over, sheet.currency)
    return rows


def _percent(rate: Decimal | None) -> str | None:
    return None if rate is None else percent_text(rate)
