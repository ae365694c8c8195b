"""What the templates of payments see."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from market.kit.forms import FormState
from market.kit.i18n import _
from market.kit.money import Money
from market.kit.web import Page
from market.payments.calendar import CalendarItem
from market.payments.overview import InCurrency
from market.payments.queries import AccountRow, AttemptRow, EntryRow, InvoiceRow, LineRow, PaymentRow
from market.payments.report_queries import ReportRow, VersionRow
from market.payments.rules import attempts, invoices, reports
from market.payments.rules.working import Working

# A state as words, with the kind of its mark (templates/_components/content.html, status).
INVOICE_STATES: dict[str, tuple[str, str]] = {
    invoices.DRAFT: (_("Draft"), "plain"),
    invoices.ISSUED: (_("To be paid"), "warn"),
    invoices.PARTIALLY_PAID: (_("Paid in part"), "warn"),
    invoices.PAID: (_("Paid"), "good"),
    invoices.VOID: (_("Void"), "plain"),
    invoices.WRITTEN_OFF: (_("Written off"), "plain"),
}
OVERDUE: tuple[str, str] = (_("Overdue"), "danger")

ATTEMPT_STATES: dict[str, tuple[str, str]] = {
    attempts.CREATING: (_("Being prepared"), "active"),
    attempts.OPEN: (_("Payment page is open"), "active"),
    attempts.PROCESSING: (_("On its way"), "active"),
    attempts.SUCCEEDED: (_("Paid"), "good"),
    attempts.FAILED: (_("Not paid"), "danger"),
    attempts.EXPIRED: (_("Payment page has expired"), "plain"),
    attempts.CANCELED: (_("Canceled"), "plain"),
}

KINDS: dict[str, str] = {
    "upfront": _("Upfront fee"),
    "instalment": _("Instalment"),
    "milestone": _("Milestone"),
    "annual_minimum": _("Annual minimum"),
    "royalty": _("Royalty"),
    "patent_costs": _("Patent costs"),
    "option": _("Option fee"),
    "sublicence": _("Share of sublicence income"),
    "late_interest": _("Late interest"),
}

RAILS: dict[str, str] = {"stripe": _("Card or bank debit"), "wire": _("Bank transfer")}

ACCOUNTS: dict[str, str] = {
    "receivable": _("Receivable from licensees"),
    "tax_payable": _("Tax payable"),
    "psp_clearing": _("Held by the payment service"),
    "bank": _("Bank"),
    "bank_in_transit": _("Bank transfers in transit"),
    "unapplied_cash": _("Received, not yet assigned"),
    "stripe_fee": _("Fees of the payment service"),
    "platform_fee": _("Fees of the platform"),
    "fee_income": _("Income from fees"),
    "due_to_platform": _("Owed to the platform"),
    "due_from_licensor": _("Owed by the licensor"),
    "allowances": _("Refunds given"),
    "refund_payable": _("Refunds to be paid"),
    "disputes_receivable": _("Held back in disputes"),
    "dispute_fee": _("Fees for disputes"),
    "bad_debt": _("Bad debt"),
    "suspense": _("To be clarified"),
    "income_upfront": _("Income: upfront fees"),
    "income_instalment": _("Income: instalments"),
    "income_milestone": _("Income: milestones"),
    "income_annual_minimum": _("Income: annual minimums"),
    "income_royalty": _("Income: royalties"),
    "income_patent_costs": _("Income: patent costs"),
    "income_option": _("Income: option fees"),
    "income_sublicence": _("Income: sublicences"),
    "income_late_interest": _("Income: late interest"),
}

EVENTS: dict[str, str] = {
    "invoice_issued": _("Invoice issued"),
    "invoice_voided": _("Invoice voided"),
    "written_off": _("Debt written off"),
    "charge_succeeded": _("Payment received"),
    "charge_in_suspense": _("Payment to be clarified"),
    "unapplied_allocated": _("Payment assigned"),
    "fees_known": _("Fee of the payment service"),
    "platform_fee_received": _("Fee of the platform"),
    "paid_out": _("Payout"),
    "payout_failed": _("Payout came back"),
    "refund_requested": _("Refund asked for"),
    "refund_settled": _("Refund paid"),
    "refund_failed": _("Refund came back"),
    "refund_canceled": _("Refund canceled"),
    "dispute_withdrawn": _("Payment disputed"),
    "dispute_won": _("Dispute won"),
    "dispute_lost": _("Dispute lost"),
    "wire_recorded": _("Bank transfer recorded"),
    "wire_matched": _("Bank transfer matched"),
    "wire_fee": _("Fee of the platform"),
}


def state_of(invoice: InvoiceRow, today: date) -> tuple[str, str]:
    """An invoice's state as a word (msgid) and the kind of its mark."""
    return OVERDUE if invoice.overdue(today) else INVOICE_STATES[invoice.state]


@dataclass(frozen=True)
class InvoiceItem:
    """One invoice in a list; `other` is the organisation on the other side."""

    invoice: InvoiceRow
    state: tuple[str, str]
    other: str


@dataclass(frozen=True)
class InvoicesPage(Page):
    """The invoices of an organisation, newest first; `owes` tells whether it pays or is paid."""

    template: ClassVar[str] = "payments/invoices.html"
    title: str
    items: list[InvoiceItem]
    open_sums: list[Money]
    owes: bool
    has_ledger: bool
    number: int
    last: int


@dataclass(frozen=True)
class InvoicePage(Page):
    """One invoice; `may_pay` shows the one primary action, `on_its_way` says why there is none."""

    template: ClassVar[str] = "payments/invoice.html"
    title: str
    invoice: InvoiceRow
    state: tuple[str, str]
    kind: str
    lines: list[LineRow]
    net: Money
    payments: list[tuple[PaymentRow, str]]
    attempts: list[tuple[AttemptRow, tuple[str, str]]]
    owes: bool
    may_pay: bool
    on_its_way: bool
    problem: str
    deal_url: str


@dataclass(frozen=True)
class CurrencySums:
    """A book's accounts in one currency, with the sum of both sides."""

    currency: str
    accounts: list[tuple[str, AccountRow]]
    debit: Money
    credit: Money


@dataclass(frozen=True)
class LedgerPage(Page):
    """The licensor's own book: trial balance and entries, newest first."""

    template: ClassVar[str] = "payments/ledger.html"
    title: str
    currencies: list[CurrencySums]
    entries: list[EntryRow]
    accounts: dict[str, str]
    events: dict[str, str]
    number: int
    last: int


# --- royalty reports

REPORT_STATES: dict[str, tuple[str, str]] = {
    reports.DUE: (_("To be sent"), "warn"),
    reports.SENT: (_("Waits for approval"), "active"),
    reports.QUERIED: (_("Question to answer"), "warn"),
    reports.APPROVED: (_("Approved"), "good"),
}
DEDUCTIONS: dict[str, str] = {
    "returns": _("Returns"),
    "discounts": _("Discounts"),
    "taxes": _("Taxes"),
    "freight": _("Freight and insurance"),
    "customs": _("Customs duties"),
    "commission": _("Commissions"),
}


def report_state(report: ReportRow, today: date) -> tuple[str, str]:
    """A report's state as a word (msgid) and the kind of its mark."""
    return OVERDUE if report.overdue(today) else REPORT_STATES[report.state]


@dataclass(frozen=True)
class RoyaltiesPage(Page):
    """The reports of an organisation, and what is due when."""

    template: ClassVar[str] = "payments/royalties.html"
    title: str
    reports: list[tuple[ReportRow, tuple[str, str]]]
    calendar: list[CalendarItem]
    licensee: bool
    feed: str


@dataclass(frozen=True)
class ReportPage(Page):
    """One report: what was sold, how the royalty is counted, who must act."""

    template: ClassVar[str] = "payments/report.html"
    title: str
    report: ReportRow
    state: tuple[str, str]
    version: VersionRow | None
    working: Working | None
    versions: list[tuple[VersionRow, str]]
    licensee: bool
    may_send: bool
    may_decide: bool
    deductions: dict[str, str]
    form: FormState
    deal_url: str


@dataclass(frozen=True)
class ReportFormPage(Page):
    """The form of a report; `working` once it was checked."""

    template: ClassVar[str] = "payments/report_form.html"
    title: str
    report: ReportRow
    form: FormState
    rows: int
    countries: list[tuple[str, str]]
    currencies: list[tuple[str, str]]
    deductions: list[tuple[str, str]]
    working: Working | None


@dataclass(frozen=True)
class MoneyPage(Page):
    """All money of an organisation, by currency: paid, open, overdue, foreseen."""

    template: ClassVar[str] = "payments/money.html"
    title: str
    currencies: list[InCurrency]
    licensee: bool
