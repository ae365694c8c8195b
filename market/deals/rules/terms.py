"""The term sheet: what two sides agree on, typed. Money in minor units, rates as Decimal fractions.

Everything is a frozen dataclass of plain values, so that `codec` can write it as JSON and read it back without a list
of its own. A new term is a new field marked LATER: sheets written before it read as if it had not been agreed, and
keep their hash, because the codec leaves out what was not agreed.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from market.deals.rules.further import (
    Assignment,
    Audit,
    Combination,
    Credit,
    Deduction,
    DiligenceStep,
    Equity,
    Improvements,
    Indemnity,
    Instalment,
    Insurance,
    LateInterest,
    Liability,
    Milestone,
    PatentCosts,
    Proration,
    Publication,
    ReservedRights,
    Stacking,
    Termination,
    Warranties,
    YearMinimum,
)
from market.kit.i18n import _
from market.kit.money import Money

RATE_PLACES = 6
MOST_TIERS = 6
LONGEST_YEARS = 50
WORLD = "WORLD"


# A term that came after sheets were signed: not written while it has its default.
LATER = {"later": True}


def rate_fits(rate: Decimal, *, most: Decimal) -> bool:
    """Whether a rate is from 0 to `most` and has no more places than we keep."""
    exponent = rate.normalize().as_tuple().exponent
    return 0 <= rate <= most and isinstance(exponent, int) and exponent >= -RATE_PLACES


class Grant(StrEnum):
    """What kind of right is granted."""

    EXCLUSIVE = "exclusive"
    SOLE = "sole"
    NON_EXCLUSIVE = "non_exclusive"
    OPTION = "option"


class IpKind(StrEnum):
    """What is licensed."""

    PATENT = "patent"
    APPLICATION = "application"
    KNOW_HOW = "know_how"
    SOFTWARE = "software"
    DESIGN = "design"
    PLANT_VARIETY = "plant_variety"
    MATERIAL = "material"


class TermKind(StrEnum):
    """How the end of the licence is fixed."""

    YEARS = "years"
    UNTIL = "until"
    LAST_PATENT = "last_patent"


class Sublicence(StrEnum):
    """Whether the licensee may let others use the technology."""

    NONE = "none"
    CONSENT = "consent"
    FREE = "free"


class Basis(StrEnum):
    """Over which time sales are added up for the royalty tiers."""

    CALENDAR_YEAR = "calendar_year"
    LIFETIME = "lifetime"


class Frequency(StrEnum):
    """How often the licensee reports sales."""

    QUARTERLY = "quarterly"
    HALF_YEARLY = "half_yearly"
    ANNUAL = "annual"


class Resolution(StrEnum):
    """What happens when the parties cannot agree."""

    MEDIATION_ARBITRATION = "mediation_arbitration"
    MEDIATION_COURTS = "mediation_courts"
    COURTS = "courts"


GRANT_LABELS = {
    Grant.EXCLUSIVE: _("Exclusive: only the licensee may use it"),
    Grant.SOLE: _("Sole: only the licensee and the institution may use it"),
    Grant.NON_EXCLUSIVE: _("Non-exclusive: others may be licensed too"),
    Grant.OPTION: _("Option: the right to take a licence later"),
}
IP_LABELS = {
    IpKind.PATENT: _("Patent"),
    IpKind.APPLICATION: _("Patent application"),
    IpKind.KNOW_HOW: _("Know-how"),
    IpKind.SOFTWARE: _("Software"),
    IpKind.DESIGN: _("Design"),
    IpKind.PLANT_VARIETY: _("Plant variety"),
    IpKind.MATERIAL: _("Material"),
}
TERM_LABELS = {
    TermKind.YEARS: _("A number of years"),
    TermKind.UNTIL: _("Until a date"),
    TermKind.LAST_PATENT: _("Until the last licensed patent ends"),
}
SUBLICENCE_LABELS = {
    Sublicence.NONE: _("Not allowed"),
    Sublicence.CONSENT: _("With the institution's written consent"),
    Sublicence.FREE: _("Allowed"),
}
BASIS_LABELS = {
    Basis.CALENDAR_YEAR: _("Sales of each calendar year"),
    Basis.LIFETIME: _("All sales since the licence began"),
}
FREQUENCY_LABELS = {
    Frequency.QUARTERLY: _("Every quarter"),
    Frequency.HALF_YEARLY: _("Every half-year"),
    Frequency.ANNUAL: _("Once a year"),
}
RESOLUTION_LABELS = {
    Resolution.MEDIATION_ARBITRATION: _("WIPO mediation, then expedited arbitration"),
    Resolution.MEDIATION_COURTS: _("WIPO mediation, then the courts"),
    Resolution.COURTS: _("The courts"),
}


@dataclass(frozen=True)
class LicensedIp:
    """One right that is licensed. `number` and `country` (ISO 3166 or a WIPO ST.3 office) are empty for know-how."""

    kind: IpKind
    title: str = ""
    number: str = ""
    country: str = ""
    status: str = ""

    @property
    def key(self) -> str:
        """What tells it from the other rights of the same listing."""
        return "|".join((self.kind, self.country, self.number or self.title))


@dataclass(frozen=True)
class FieldOfUse:
    """For what the technology may be used. `codes` are NACE or IPC codes; `exclusions` is text."""

    text: str
    codes: tuple[str, ...] = ()
    exclusions: str = ""


@dataclass(frozen=True)
class Territory:
    """Where. `include` holds WORLD alone or ISO 3166 countries; `exclude` holds countries."""

    include: tuple[str, ...] = (WORLD,)
    exclude: tuple[str, ...] = ()

    @property
    def worldwide(self) -> bool:
        """Whether everything that is not excluded is included."""
        return WORLD in self.include


@dataclass(frozen=True)
class Term:
    """For how long, from the day of the last signature: `years`, or `until` a date, or until the last patent ends."""

    kind: TermKind = TermKind.YEARS
    years: int | None = None
    until: date | None = None


@dataclass(frozen=True)
class OptionTerms:
    """The time to think it over: `months`, a `fee` for it, and the notice to give."""

    months: int
    fee: Money
    notice_days: int = 30


@dataclass(frozen=True)
class Sublicensing:
    """Whether the licensee may grant sublicences, and the institution's share of what they bring (a fraction)."""

    kind: Sublicence = Sublicence.NONE
    share: Decimal | None = None


@dataclass(frozen=True)
class UpfrontFee:
    """A fee due `days_due` days after the last signature, or in `instalments` that add up to it."""

    amount: Money
    days_due: int = 30
    instalments: tuple[Instalment, ...] = field(default=(), metadata=LATER)


@dataclass(frozen=True)
class Tier:
    """From net sales of `over` on (minor units of the sheet's currency) the rate is `rate`, a fraction below 1."""

    over: int
    rate: Decimal


@dataclass(frozen=True)
class Royalty:
    """A running royalty on net sales. Tiers are marginal: each rate counts for the sales inside its own tier."""

    tiers: tuple[Tier, ...]
    basis: Basis = Basis.CALENDAR_YEAR


@dataclass(frozen=True)
class MinimumRoyalty:
    """The least royalty of a calendar year, from the licence's year `from_year` on (1 is the first).

    `schedule` changes it from later years on; `credit` says how it is paid; `first_year` what counts of a broken year.
    """

    amount: Money
    from_year: int = 1
    schedule: tuple[YearMinimum, ...] = field(default=(), metadata=LATER)
    credit: Credit = field(default=Credit.TRUE_UP, metadata=LATER)
    first_year: Proration = field(default=Proration.FULL_MONTHS, metadata=LATER)

    def of_year(self, year: int) -> Money:
        """The minimum of the licence's year `year`, if the year is whole."""
        if year < self.from_year:
            return Money(0, self.amount.currency)
        changed = [each.amount for each in self.schedule if each.year <= year]
        return changed[-1] if changed else self.amount


@dataclass(frozen=True)
class Reports:
    """How often sales are reported, and within how many days after the period."""

    frequency: Frequency = Frequency.ANNUAL
    grace_days: int = 30


@dataclass(frozen=True)
class Disputes:
    """The law, and the way out of a quarrel; `seat` and `language` where arbitration is chosen."""

    law: str
    resolution: Resolution = Resolution.MEDIATION_ARBITRATION
    seat: str = ""
    language: str = "English"


@dataclass(frozen=True)
class TermSheet:
    """All terms of one offer. Whether they are complete, `completeness.fault` says."""

    grant: Grant
    licensed_ip: tuple[LicensedIp, ...]
    field_of_use: FieldOfUse
    territory: Territory
    term: Term
    currency: str
    valid_until: date
    disputes: Disputes
    sublicensing: Sublicensing = field(default_factory=Sublicensing)
    option: OptionTerms | None = None
    upfront: UpfrontFee | None = None
    royalty: Royalty | None = None
    minimum: MinimumRoyalty | None = None
    reports: Reports | None = None
    confidentiality_months: int = 60
    milestones: tuple[Milestone, ...] = field(default=(), metadata=LATER)
    deductions: tuple[Deduction, ...] = field(default=(), metadata=LATER)
    stacking: Stacking | None = field(default=None, metadata=LATER)
    combination: Combination | None = field(default=None, metadata=LATER)
    patent_costs: PatentCosts | None = field(default=None, metadata=LATER)
    equity: Equity | None = field(default=None, metadata=LATER)
    diligence: tuple[DiligenceStep, ...] = field(default=(), metadata=LATER)
    improvements: Improvements | None = field(default=None, metadata=LATER)
    publication: Publication | None = field(default=None, metadata=LATER)
    reserved: ReservedRights | None = field(default=None, metadata=LATER)
    late_interest: LateInterest | None = field(default=None, metadata=LATER)
    audit: Audit | None = field(default=None, metadata=LATER)
    warranties: Warranties | None = field(default=None, metadata=LATER)
    indemnity: Indemnity | None = field(default=None, metadata=LATER)
    liability: Liability | None = field(default=None, metadata=LATER)
    insurance: Insurance | None = field(default=None, metadata=LATER)
    assignment: Assignment | None = field(default=None, metadata=LATER)
    termination: Termination | None = field(default=None, metadata=LATER)

    @property
    def upfront_amount(self) -> Money:
        """The upfront fee; nothing when none was agreed."""
        return self.upfront.amount if self.upfront else Money(0, self.currency)
