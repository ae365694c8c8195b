"""The terms beyond grant, scope and price: what is paid when, and what each side owes the other besides money.

All are optional. A sheet that does not name one leaves it to the agreement's usual clause.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from market.kit.i18n import _
from market.kit.money import Money, split

MOST_ROWS = 5


class DeductionKind(StrEnum):
    """What may be taken off the invoiced amounts to get net sales."""

    DISCOUNTS = "discounts"
    RETURNS = "returns"
    TAXES = "taxes"
    FREIGHT = "freight"
    COMMISSION = "commission"


class Combination(StrEnum):
    """How a product counts that holds other parts too."""

    NONE = "none"
    SHARE = "share"


class Remedy(StrEnum):
    """What the institution may do when a milestone of diligence is missed and not cured."""

    TALK = "talk"
    NON_EXCLUSIVE = "non_exclusive"
    TERMINATE = "terminate"


class Improvements(StrEnum):
    """What the licensee has of the institution's later improvements."""

    NONE = "none"
    OPTION = "option"
    LICENCE = "licence"


class InterestKind(StrEnum):
    """How interest on late money is computed."""

    SIMPLE = "simple"
    COMPOUND = "compound"


class AuditBasis(StrEnum):
    """Of what the missing part is measured."""

    PERIOD = "period"
    YEAR = "year"


class Warranties(StrEnum):
    """What the institution stands for."""

    NONE = "none"
    TITLE = "title"
    KNOWN_CLAIMS = "known_claims"


class Indemnity(StrEnum):
    """Who keeps whom free from claims of third parties."""

    NONE = "none"
    LICENSEE = "licensee"
    MUTUAL = "mutual"


class LiabilityCap(StrEnum):
    """Up to what each side is liable."""

    TWO_YEARS = "two_years"
    ALL_PAID = "all_paid"
    AMOUNT = "amount"
    NONE = "none"


class InsuranceKind(StrEnum):
    """Which insurance the licensee keeps."""

    NONE = "none"
    USUAL = "usual"
    AMOUNT = "amount"


class Assignment(StrEnum):
    """When a party may hand the licence on."""

    CONSENT = "consent"
    WITH_BUSINESS = "with_business"
    FREE = "free"


class Survival(StrEnum):
    """What outlives the end of the licence."""

    PAYMENT = "payment"
    REPORTS = "reports"
    CONFIDENTIALITY = "confidentiality"
    LIABILITY = "liability"
    DISPUTES = "disputes"
    STOCK = "stock"


class Credit(StrEnum):
    """How the yearly minimum is paid: at the year's start and set off, or what is missing at its end."""

    TRUE_UP = "true_up"
    PREPAID = "prepaid"


class Proration(StrEnum):
    """Which part of the minimum counts for a first year that is not whole."""

    FULL_MONTHS = "full_months"
    WITH_FIRST_MONTH = "with_first_month"
    WHOLE = "whole"


DEDUCTION_LABELS = {
    DeductionKind.DISCOUNTS: _("Trade discounts"),
    DeductionKind.RETURNS: _("Returns and refunds"),
    DeductionKind.TAXES: _("Sales taxes and customs duties"),
    DeductionKind.FREIGHT: _("Freight and insurance"),
    DeductionKind.COMMISSION: _("Commissions of outside sellers"),
}
COMBINATION_LABELS = {
    Combination.NONE: _("The whole price counts"),
    Combination.SHARE: _("The licensed part’s share of the price counts: A / (A + B)"),
}
REMEDY_LABELS = {
    Remedy.TALK: _("Both agree on a new date"),
    Remedy.NON_EXCLUSIVE: _("The licence becomes non-exclusive"),
    Remedy.TERMINATE: _("The institution may end the licence"),
}
IMPROVEMENT_LABELS = {
    Improvements.NONE: _("Not part of this licence"),
    Improvements.OPTION: _("The licensee is asked first"),
    Improvements.LICENCE: _("Included without another fee"),
}
INTEREST_LABELS = {
    InterestKind.SIMPLE: _("A year, by the day (365 days)"),
    InterestKind.COMPOUND: _("For each 30 days, added to the debt"),
}
AUDIT_LABELS = {
    AuditBasis.PERIOD: _("Of what was due in the whole time checked"),
    AuditBasis.YEAR: _("Of what was due in any one year"),
}
WARRANTY_LABELS = {
    Warranties.NONE: _("None"),
    Warranties.TITLE: _("The institution may grant the licence"),
    Warranties.KNOWN_CLAIMS: _("The institution may grant the licence and knows of no claim against it"),
}
INDEMNITY_LABELS = {
    Indemnity.NONE: _("None: what the law says"),
    Indemnity.LICENSEE: _("The licensee, for the products it sells"),
    Indemnity.MUTUAL: _("Each side, for what it causes"),
}
LIABILITY_LABELS = {
    LiabilityCap.TWO_YEARS: _("What was paid and due in the last two years"),
    LiabilityCap.ALL_PAID: _("All that was paid and due under the licence"),
    LiabilityCap.AMOUNT: _("A fixed amount"),
    LiabilityCap.NONE: _("No limit"),
}
INSURANCE_LABELS = {
    InsuranceKind.NONE: _("None"),
    InsuranceKind.USUAL: _("What is usual in the trade"),
    InsuranceKind.AMOUNT: _("Product liability for at least an amount"),
}
ASSIGNMENT_LABELS = {
    Assignment.CONSENT: _("Only with the other side’s consent"),
    Assignment.WITH_BUSINESS: _("Together with the business that uses it"),
    Assignment.FREE: _("Freely, with notice"),
}
SURVIVAL_LABELS = {
    Survival.PAYMENT: _("Payment of what is due"),
    Survival.REPORTS: _("Reports and audit"),
    Survival.CONFIDENTIALITY: _("Confidentiality"),
    Survival.LIABILITY: _("Liability"),
    Survival.DISPUTES: _("Disputes"),
    Survival.STOCK: _("Selling the stock for six months"),
}
CREDIT_LABELS = {
    Credit.TRUE_UP: _("What is missing is paid at the end of the year"),
    Credit.PREPAID: _("Paid at the start of the year and set off against its royalties"),
}
PRORATION_LABELS = {
    Proration.FULL_MONTHS: _("By full months"),
    Proration.WITH_FIRST_MONTH: _("By months; the first counts as a whole one"),
    Proration.WHOLE: _("The whole minimum"),
}


@dataclass(frozen=True)
class Instalment:
    """A part of the upfront fee, due `days_due` days after the last signature."""

    amount: Money
    days_due: int


@dataclass(frozen=True)
class Milestone:
    """A payment when something happens, once. `key` tells it from the others for ever; `due` is the day expected."""

    key: str
    event: str
    amount: Money
    evidence: str = ""
    due: date | None = None


@dataclass(frozen=True)
class Deduction:
    """What may be taken off, up to `cap` (a fraction of the invoiced amount; None: no cap)."""

    kind: DeductionKind
    cap: Decimal | None = None


@dataclass(frozen=True)
class YearMinimum:
    """The minimum from the licence's year `year` on, in place of what was before."""

    year: int
    amount: Money


@dataclass(frozen=True)
class Stacking:
    """Royalties to third parties: `offset` (a fraction) of them is taken off, down to the rate `floor`."""

    offset: Decimal
    floor: Decimal = Decimal(0)


@dataclass(frozen=True)
class PatentCosts:
    """What the licensee pays of patent costs: the `past` ones in equal yearly instalments, and a share of later ones."""

    past: Money | None = None
    instalments: int = 1
    future_share: Decimal = Decimal(0)

    @property
    def parts(self) -> tuple[Money, ...]:
        """The past costs in instalments that add up exactly."""
        return tuple(split(self.past, self.instalments)) if self.past else ()


@dataclass(frozen=True)
class Equity:
    """A share of the company: recorded here, given by a contract of its own."""

    share: Decimal
    share_class: str = ""


@dataclass(frozen=True)
class DiligenceStep:
    """What the licensee does until `due`; if not, and not within `cure_days`, the remedy follows."""

    task: str
    due: date
    cure_days: int = 60
    remedy: Remedy = Remedy.TALK


@dataclass(frozen=True)
class Publication:
    """How long the licensee may read a manuscript, and by how long it may delay it."""

    review_days: int = 30
    delay_days: int = 0


@dataclass(frozen=True)
class ReservedRights:
    """What stays with the institution beside research. `countries` are those of humanitarian use, at `rate`."""

    government: bool = False
    countries: tuple[str, ...] = ()
    rate: Decimal | None = None


@dataclass(frozen=True)
class LateInterest:
    """Interest on late money: simple with a yearly rate, or compound with a rate for each 30 days."""

    rate: Decimal
    kind: InterestKind = InterestKind.SIMPLE


@dataclass(frozen=True)
class Audit:
    """How the books are checked; who was short by more than `threshold` pays for it."""

    notice_days: int
    years_back: int = 3
    threshold: Decimal = Decimal("0.05")
    basis: AuditBasis = AuditBasis.PERIOD


@dataclass(frozen=True)
class Liability:
    """The limit of liability; `amount` if and only if it is one."""

    cap: LiabilityCap
    amount: Money | None = None


@dataclass(frozen=True)
class Insurance:
    """The insurance to keep; `amount` if and only if it is for one."""

    kind: InsuranceKind
    amount: Money | None = None


@dataclass(frozen=True)
class Termination:
    """How the licence is ended early, and what outlives its end."""

    notice_days: int
    cure_days: int = 60
    survivals: tuple[Survival, ...] = tuple(Survival)
