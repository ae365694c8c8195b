"""The ledger's posting rules: every money event as one double entry in one book and one currency.

Books: `licensor:<organisation>` and `platform`. Amounts are minor units. An entry has a key derived from the fact, so
that the same fact can be posted only once. Corrections are new entries.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from market.kit.money import Money
from market.payments.rules.invoices import Line as InvoiceLine

RECEIVABLE = "receivable"
TAX_PAYABLE = "tax_payable"
PSP_CLEARING = "psp_clearing"
BANK = "bank"
BANK_IN_TRANSIT = "bank_in_transit"
UNAPPLIED = "unapplied_cash"
STRIPE_FEE = "stripe_fee"
PLATFORM_FEE = "platform_fee"
FEE_INCOME = "fee_income"
DUE_TO_PLATFORM = "due_to_platform"
DUE_FROM_LICENSOR = "due_from_licensor"
ALLOWANCES = "allowances"
REFUND_PAYABLE = "refund_payable"
DISPUTES_RECEIVABLE = "disputes_receivable"
DISPUTE_FEE = "dispute_fee"
BAD_DEBT = "bad_debt"
SUSPENSE = "suspense"

PLATFORM = "platform"


class Unbalanced(ValueError):
    """Debits and credits of an entry differ."""


@dataclass(frozen=True)
class Line:
    """One side of an entry: either `debit` or `credit` is above zero. `invoice_id` names the debt that it moves."""

    account: str
    debit: int = 0
    credit: int = 0
    invoice_id: str | None = None


@dataclass(frozen=True)
class Entry:
    """One event in one book and currency. `key` is unique in the book. Raises Unbalanced."""

    book: str
    key: str
    event: str
    currency: str
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        if any((line.debit > 0) == (line.credit > 0) or min(line.debit, line.credit) < 0 for line in self.lines):
            raise Unbalanced(f"{self.key}: a line is either a debit or a credit")
        if not self.lines or sum(line.debit for line in self.lines) != sum(line.credit for line in self.lines):
            raise Unbalanced(f"{self.key} does not balance")


def licensor_book(organisation_id: str) -> str:
    """The book of a licensor."""
    return f"licensor:{organisation_id}"


def income(kind: str) -> str:
    """The income account of a kind of fee."""
    return f"income_{kind}"


def debit(account: str, amount: Money, invoice_id: str | None = None) -> Line:
    """A debit; a negative amount becomes a credit."""
    return Line(account, max(amount.minor, 0), max(-amount.minor, 0), invoice_id)


def credit(account: str, amount: Money, invoice_id: str | None = None) -> Line:
    """A credit; a negative amount becomes a debit."""
    return debit(account, -amount, invoice_id)


def entry(book: str, key: str, event: str, currency: str, *lines: Line) -> Entry:
    """An entry of the lines that move something."""
    return Entry(book, key, event, currency, tuple(line for line in lines if line.debit or line.credit))


# --- invoices


def invoice_issued(book: str, invoice_id: str, lines: Sequence[InvoiceLine]) -> Entry:
    """Receivable / Income by kind, Tax payable."""
    return _invoice(book, f"invoice:{invoice_id}:issued", "invoice_issued", invoice_id, lines, sign=1)


def invoice_voided(book: str, invoice_id: str, lines: Sequence[InvoiceLine]) -> Entry:
    """Income by kind, Tax payable / Receivable: the issue turned round."""
    return _invoice(book, f"invoice:{invoice_id}:voided", "invoice_voided", invoice_id, lines, sign=-1)


def _invoice(book: str, key: str, event: str, invoice_id: str, lines: Sequence[InvoiceLine], *, sign: int) -> Entry:
    currency = lines[0].net.currency
    nothing = Money(0, currency)
    by_kind: dict[str, Money] = defaultdict(lambda: nothing)
    tax = nothing
    for line in lines:
        by_kind[income(line.kind)] += line.net
        tax += line.tax
    due = sum(by_kind.values(), tax)
    return entry(
        book,
        key,
        event,
        currency,
        debit(RECEIVABLE, due * sign, invoice_id),
        *(credit(account, net * sign) for account, net in sorted(by_kind.items())),
        credit(TAX_PAYABLE, tax * sign),
    )


def written_off(book: str, invoice_id: str, open_amount: Money) -> Entry:
    """Bad debt / Receivable."""
    return entry(
        book,
        f"invoice:{invoice_id}:written_off",
        "written_off",
        open_amount.currency,
        debit(BAD_DEBT, open_amount),
        credit(RECEIVABLE, open_amount, invoice_id),
    )


# --- money through Stripe


def charge_succeeded(book: str, payment_key: str, invoice_id: str, *, received: Money, applied: Money) -> Entry:
    """PSP clearing / Receivable; what is more than the debt is Unapplied cash."""
    return entry(
        book,
        f"{payment_key}:charge",
        "charge_succeeded",
        received.currency,
        debit(PSP_CLEARING, received),
        credit(RECEIVABLE, applied, invoice_id),
        credit(UNAPPLIED, received - applied),
    )


def charge_in_suspense(book: str, payment_key: str, received: Money) -> Entry:
    """PSP clearing / Suspense: money that does not fit what we asked for waits for a human."""
    return entry(
        book,
        f"{payment_key}:suspense",
        "charge_in_suspense",
        received.currency,
        debit(PSP_CLEARING, received),
        credit(SUSPENSE, received),
    )


def unapplied_allocated(book: str, key: str, invoice_id: str, amount: Money) -> Entry:
    """Unapplied cash / Receivable."""
    return entry(
        book,
        key,
        "unapplied_allocated",
        amount.currency,
        debit(UNAPPLIED, amount),
        credit(RECEIVABLE, amount, invoice_id),
    )


def fees_known(book: str, txn_key: str, *, stripe_fee: Money, platform_fee: Money | None = None) -> Entry | None:
    """Stripe fee, Platform fee / PSP clearing; None when there is no fee."""
    platform = platform_fee or Money(0, stripe_fee.currency)
    total = stripe_fee + platform
    if not total:
        return None
    return entry(
        book,
        f"{txn_key}:fee",
        "fees_known",
        total.currency,
        debit(STRIPE_FEE, stripe_fee),
        debit(PLATFORM_FEE, platform),
        credit(PSP_CLEARING, total),
    )


def platform_fee_received(txn_key: str, fee: Money) -> Entry:
    """In the platform's own book: PSP clearing / Fee income."""
    return _two(
        PLATFORM, f"{txn_key}:platform_fee", "platform_fee_received", fee, debited=PSP_CLEARING, credited=FEE_INCOME
    )


def paid_out(book: str, payout_key: str, amount: Money) -> Entry:
    """Bank / PSP clearing."""
    return _two(book, f"{payout_key}:paid", "paid_out", amount, debited=BANK, credited=PSP_CLEARING)


def payout_failed(book: str, payout_key: str, amount: Money) -> Entry:
    """PSP clearing / Bank: the payout comes back."""
    return _two(book, f"{payout_key}:failed", "payout_failed", amount, debited=PSP_CLEARING, credited=BANK)


# --- refunds


def refund_requested(book: str, refund_key: str, amount: Money, *, of_unapplied: bool = False) -> Entry:
    """Allowances (or Unapplied cash) / Refund payable."""
    source = UNAPPLIED if of_unapplied else ALLOWANCES
    return _two(book, f"{refund_key}:requested", "refund_requested", amount, debited=source, credited=REFUND_PAYABLE)


def refund_settled(book: str, refund_key: str, amount: Money) -> Entry:
    """Refund payable / PSP clearing."""
    return _two(book, f"{refund_key}:settled", "refund_settled", amount, debited=REFUND_PAYABLE, credited=PSP_CLEARING)


def refund_failed(book: str, refund_key: str, amount: Money) -> Entry:
    """PSP clearing / Refund payable: the money came back and is still owed."""
    return _two(book, f"{refund_key}:failed", "refund_failed", amount, debited=PSP_CLEARING, credited=REFUND_PAYABLE)


def refund_canceled(book: str, refund_key: str, amount: Money, *, of_unapplied: bool = False) -> Entry:
    """Refund payable / Allowances (or Unapplied cash): nobody is owed anything any more."""
    source = UNAPPLIED if of_unapplied else ALLOWANCES
    return _two(book, f"{refund_key}:canceled", "refund_canceled", amount, debited=REFUND_PAYABLE, credited=source)


# --- disputes


def dispute_withdrawn(book: str, dispute_key: str, amount: Money, fee: Money) -> Entry:
    """Disputes receivable, Dispute fee / PSP clearing."""
    return entry(
        book,
        f"{dispute_key}:withdrawn",
        "dispute_withdrawn",
        amount.currency,
        debit(DISPUTES_RECEIVABLE, amount),
        debit(DISPUTE_FEE, fee),
        credit(PSP_CLEARING, amount + fee),
    )


def dispute_won(book: str, dispute_key: str, amount: Money) -> Entry:
    """PSP clearing / Disputes receivable."""
    return _two(book, f"{dispute_key}:won", "dispute_won", amount, debited=PSP_CLEARING, credited=DISPUTES_RECEIVABLE)


def dispute_lost(book: str, dispute_key: str, invoice_id: str, amount: Money) -> Entry:
    """Receivable / Disputes receivable: the debt revives, and a human decides what to do about it."""
    return entry(
        book,
        f"{dispute_key}:lost",
        "dispute_lost",
        amount.currency,
        debit(RECEIVABLE, amount, invoice_id),
        credit(DISPUTES_RECEIVABLE, amount),
    )


# --- bank transfers


def wire_recorded(book: str, wire_key: str, amount: Money) -> Entry:
    """Bank in transit / Unapplied cash."""
    return _two(book, f"{wire_key}:recorded", "wire_recorded", amount, debited=BANK_IN_TRANSIT, credited=UNAPPLIED)


def wire_matched(book: str, wire_key: str, amount: Money) -> Entry:
    """Bank / Bank in transit."""
    return _two(book, f"{wire_key}:matched", "wire_matched", amount, debited=BANK, credited=BANK_IN_TRANSIT)


def wire_fee(licensor: str, wire_key: str, fee: Money) -> tuple[Entry, Entry]:
    """The platform's fee on a wire, in both books: Platform fee / Due to platform; Due from licensor / Fee income."""
    return (
        _two(licensor, f"{wire_key}:platform_fee", "wire_fee", fee, debited=PLATFORM_FEE, credited=DUE_TO_PLATFORM),
        _two(PLATFORM, f"{wire_key}:platform_fee", "wire_fee", fee, debited=DUE_FROM_LICENSOR, credited=FEE_INCOME),
    )


def _two(book: str, key: str, event: str, amount: Money, *, debited: str, credited: str) -> Entry:
    return entry(book, key, event, amount.currency, debit(debited, amount), credit(credited, amount))


# --- looking at many entries


def trial_balance(entries: Iterable[Entry]) -> dict[tuple[str, str, str], int]:
    """Debits less credits by (book, currency, account); accounts that come to nothing are left out."""
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    for one in entries:
        for line in one.lines:
            sums[one.book, one.currency, line.account] += line.debit - line.credit
    return {account: balance for account, balance in sums.items() if balance}
