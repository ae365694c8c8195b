"""What each money event posts, and that nothing is ever lost between the two sides."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.kit.money import Money
from market.payments.rules import ledger
from market.payments.rules.invoices import KINDS, Line, totals

BOOK = ledger.licensor_book("01licensor")


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def balances(*entries: ledger.Entry) -> dict[str, int]:
    return {account: amount for (_book, _currency, account), amount in ledger.trial_balance(entries).items()}


FEE = [Line("upfront", "Upfront fee", eur(10_000_00), tax_rate=Decimal("0.19"))]


def test_an_invoice_is_owed_and_earned():
    """Issuing an invoice makes a debt, an income of its kind, and tax to pay on."""
    issued = ledger.invoice_issued(BOOK, "inv", FEE)

    assert {"receivable": 11_900_00, "income_upfront": -10_000_00, "tax_payable": -1_900_00} == balances(issued)


def test_a_paid_invoice_leaves_money_at_the_rail_less_its_fee():
    """After payment nothing is owed; the rail holds the money less what it keeps."""
    entries = [
        ledger.invoice_issued(BOOK, "inv", FEE),
        ledger.charge_succeeded(BOOK, "stripe:pi", "inv", received=eur(11_900_00), applied=eur(11_900_00)),
        ledger.fees_known(BOOK, "stripe:txn", stripe_fee=eur(178_75)),
    ]

    assert {
        "income_upfront": -10_000_00,
        "tax_payable": -1_900_00,
        "psp_clearing": 11_721_25,
        "stripe_fee": 178_75,
    } == balances(*entries)


def test_what_is_paid_too_much_belongs_to_nobody_yet():
    """An overpayment is kept apart as unapplied cash."""
    entry = ledger.charge_succeeded(BOOK, "stripe:pi", "inv", received=eur(150), applied=eur(100))

    assert {"psp_clearing": 150, "receivable": -100, "unapplied_cash": -50} == balances(entry)


def test_a_voided_invoice_leaves_nothing():
    """Voiding turns the issue round, to the cent."""
    assert {} == balances(ledger.invoice_issued(BOOK, "inv", FEE), ledger.invoice_voided(BOOK, "inv", FEE))


def test_a_written_off_debt_is_a_loss():
    """Writing off takes the debt away and shows the loss."""
    entries = [ledger.invoice_issued(BOOK, "inv", FEE), ledger.written_off(BOOK, "inv", eur(11_900_00))]

    assert 11_900_00 == balances(*entries)["bad_debt"]
    assert "receivable" not in balances(*entries)


def test_a_refund_that_fails_is_still_owed():
    """A refund that the bank sends back is owed again; once canceled, nobody is owed anything."""
    asked = ledger.refund_requested(BOOK, "re", eur(50))
    sent = ledger.refund_settled(BOOK, "re", eur(50))
    back = ledger.refund_failed(BOOK, "re", eur(50))

    assert {"allowances": 50, "psp_clearing": -50} == balances(asked, sent)
    assert {"allowances": 50, "refund_payable": -50} == balances(asked, sent, back)
    assert {} == balances(asked, sent, back, ledger.refund_canceled(BOOK, "re", eur(50)))


def test_a_dispute_won_costs_its_fee_and_one_lost_revives_the_debt():
    """A won dispute brings the money back but for the fee; a lost one makes the licensee owe it again."""
    withdrawn = ledger.dispute_withdrawn(BOOK, "dp", eur(100), eur(15))

    assert {"dispute_fee": 15, "psp_clearing": -15} == balances(withdrawn, ledger.dispute_won(BOOK, "dp", eur(100)))
    assert {"dispute_fee": 15, "psp_clearing": -115, "receivable": 100} == balances(
        withdrawn, ledger.dispute_lost(BOOK, "dp", "inv", eur(100))
    )


def test_a_bank_transfer_is_seen_then_matched_then_allocated():
    """A wire passes the bank, waits as unapplied cash, and pays the debt."""
    entries = [
        ledger.invoice_issued(BOOK, "inv", FEE[:1]),
        ledger.wire_recorded(BOOK, "wire", eur(11_900_00)),
        ledger.wire_matched(BOOK, "wire", eur(11_900_00)),
        ledger.unapplied_allocated(BOOK, "alloc", "inv", eur(11_900_00)),
    ]

    assert {"bank": 11_900_00, "income_upfront": -10_000_00, "tax_payable": -1_900_00} == balances(*entries)


def test_the_platforms_fee_stands_in_both_books():
    """What the licensor owes the platform for a wire is what the platform has to get."""
    ours, theirs = ledger.wire_fee(BOOK, "wire", eur(30))

    assert {"platform_fee": 30, "due_to_platform": -30} == balances(ours)
    assert {"due_from_licensor": 30, "fee_income": -30} == balances(theirs)
    assert (BOOK, ledger.PLATFORM) == (ours.book, theirs.book)


def test_a_payout_that_fails_comes_back():
    """A failed payout leaves the money where it was."""
    assert {} == balances(ledger.paid_out(BOOK, "po", eur(5)), ledger.payout_failed(BOOK, "po", eur(5)))


def test_money_that_does_not_fit_waits_for_a_human():
    """A payment that is not what we asked for goes to suspense."""
    assert {"psp_clearing": 7, "suspense": -7} == balances(ledger.charge_in_suspense(BOOK, "pi", eur(7)))


def test_no_fee_is_no_entry():
    """Nothing is posted for a fee of nothing; both fees of a charge stand in one entry."""
    assert ledger.fees_known(BOOK, "txn", stripe_fee=eur(0)) is None
    both = ledger.fees_known(BOOK, "txn", stripe_fee=eur(3), platform_fee=eur(4))
    assert both is not None
    assert {"stripe_fee": 3, "platform_fee": 4, "psp_clearing": -7} == balances(both)
    assert {"psp_clearing": 4, "fee_income": -4} == balances(ledger.platform_fee_received("txn", eur(4)))


@pytest.mark.parametrize(
    "lines",
    [
        (),
        (ledger.Line("a", debit=1),),
        (ledger.Line("a", debit=2), ledger.Line("b", credit=1)),
        (ledger.Line("a", debit=1, credit=1), ledger.Line("b", debit=1), ledger.Line("c", credit=1)),
        (ledger.Line("a", debit=-1), ledger.Line("b", credit=-1)),
        (ledger.Line("a"), ledger.Line("b")),
    ],
)
def test_an_entry_that_does_not_balance_cannot_be_made(lines):
    """Empty, one-sided, uneven and negative entries are refused before they reach the database."""
    with pytest.raises(ledger.Unbalanced):
        ledger.Entry(BOOK, "key", "event", "EUR", lines)


MINOR = st.integers(min_value=1, max_value=10**11)
CURRENCY = st.sampled_from(["EUR", "JPY", "KWD", "USD"])
RATE = st.decimals(min_value=0, max_value=1, places=4)


@st.composite
def invoice_lines(draw: st.DrawFn) -> list[Line]:
    currency = draw(CURRENCY)
    return [
        Line(draw(st.sampled_from(KINDS)), "x", Money(draw(MINOR), currency), draw(RATE), draw(st.booleans()))
        for _ in range(draw(st.integers(1, 6)))
    ]


@given(invoice_lines())
def test_any_invoice_balances_and_is_owed_in_full(lines):
    """Whatever the lines, rates and currency: the debt is the sum of net and tax."""
    entry = ledger.invoice_issued(BOOK, "inv", lines)

    assert totals(lines).due.minor == balances(entry)["receivable"]
    assert 0 == sum(balances(entry).values())
    assert {} == balances(entry, ledger.invoice_voided(BOOK, "inv", lines))


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_every_cent_received_is_somewhere(received, due):
    """What comes in is on the debt or unapplied, never both, never lost."""
    if not received:
        return
    applied = min(received, due)
    entry = ledger.charge_succeeded(BOOK, "pi", "inv", received=eur(received), applied=eur(applied))

    assert received == balances(entry)["psp_clearing"]
    assert -received == balances(entry).get("receivable", 0) + balances(entry).get("unapplied_cash", 0)


@given(st.permutations(["won", "lost", "refund", "fail", "cancel"]))
def test_the_order_of_postings_does_not_matter(order):
    """The ledger is a sum: any order of the same entries gives the same balances."""
    entries = {
        "won": ledger.dispute_won(BOOK, "a", eur(1)),
        "lost": ledger.dispute_lost(BOOK, "b", "inv", eur(2)),
        "refund": ledger.refund_requested(BOOK, "c", eur(4), of_unapplied=True),
        "fail": ledger.refund_failed(BOOK, "d", eur(8)),
        "cancel": ledger.refund_canceled(BOOK, "e", eur(16), of_unapplied=True),
    }

    assert balances(*entries.values()) == balances(*(entries[name] for name in order))
