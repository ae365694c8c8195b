"""States of invoices and attempts, and the amounts that a card rail carries."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.kit.money import CurrencyMismatch, Money
from market.payments.rules import amounts, attempts, invoices
from market.payments.rules.attempts import Frozen, Observation

AMOUNT = Money(100_00, "EUR")
FROZEN = Frozen("att", "inst", "sandbox", "", AMOUNT)
SEEN = Observation(
    mode="sandbox",
    account="",
    session_id="cs",
    session_status="open",
    payment_status="unpaid",
    amount=AMOUNT,
    metadata={"attempt": "att", "installation": "inst"},
)


# --- invoices


@pytest.mark.parametrize(
    ("allocated", "expected"),
    [(0, "issued"), (1, "partially_paid"), (99, "partially_paid"), (100, "paid"), (101, "paid")],
)
def test_what_is_paid_follows_from_what_is_allocated(allocated, expected):
    """Nothing, a part or all: the state says it, whatever it said before."""
    for before in ("issued", "partially_paid", "paid"):
        assert expected == invoices.state_of(before, total=Money(100, "EUR"), allocated=Money(allocated, "EUR"))


@pytest.mark.parametrize("state", ["draft", "void", "written_off"])
def test_what_is_off_the_table_stays_so(state):
    """A draft, void or written-off invoice is not paid by an allocation."""
    assert state == invoices.state_of(state, total=Money(100, "EUR"), allocated=Money(100, "EUR"))


def test_tax_is_rounded_once_a_line():
    """19 % of 0.03 is a cent; two such lines are two cents, not one; a reverse charge carries none."""
    line = invoices.Line("upfront", "x", Money(3, "EUR"), Decimal("0.19"))

    assert Money(2, "EUR") == invoices.totals([line, line]).tax
    assert Money(8, "EUR") == invoices.totals([line, line]).due
    assert Money(0, "EUR") == replace(line, reverse_charge=True).tax


def test_currencies_do_not_meet_on_an_invoice():
    """Euro and dollar lines make no total; no lines make none either."""
    with pytest.raises(CurrencyMismatch):
        invoices.totals(
            [invoices.Line("upfront", "x", Money(1, "EUR")), invoices.Line("upfront", "x", Money(1, "USD"))]
        )
    with pytest.raises(ValueError, match="at least one line"):
        invoices.totals([])


@given(st.integers(0, 10**9), st.integers(-100, 10**9))
def test_never_more_is_applied_than_is_due_or_was_received(received, due):
    """What goes to an invoice is at most the debt, at most the money, and never negative."""
    applied = invoices.applied(received=Money(received, "EUR"), due=Money(due, "EUR")).minor

    assert 0 <= applied <= received
    assert applied <= max(due, 0)
    assert applied in (received, max(due, 0))


# --- attempts


@pytest.mark.parametrize(
    ("session", "intent", "expected"),
    [
        ("open", None, "open"),
        ("open", "requires_payment_method", "open"),
        ("complete", "processing", "processing"),
        ("complete", "succeeded", "succeeded"),
        ("complete", "requires_payment_method", "failed"),
        ("complete", "canceled", "canceled"),
        ("complete", None, "processing"),
        ("expired", None, "expired"),
        ("expired", "requires_payment_method", "expired"),
        ("expired", "succeeded", "succeeded"),
    ],
)
def test_an_attempt_is_what_the_rail_says_now(session, intent, expected):
    """The state follows from the latest look alone; money wins over an expired page."""
    seen = replace(SEEN, session_status=session, intent_status=intent)

    for before in ("creating", "open", "processing"):
        assert expected == attempts.state_from(seen, before)


@pytest.mark.parametrize("before", ["failed", "expired", "canceled"])
def test_what_has_ended_does_not_come_to_life(before):
    """An old look cannot open an attempt again; only money can."""
    assert before == attempts.state_from(SEEN, before)
    assert "succeeded" == attempts.state_from(PAID, before)


@given(st.sampled_from(["open", "complete", "expired"]), st.sampled_from([None, "processing", "canceled"]))
def test_once_the_money_is_there_nothing_takes_it_back(session, intent):
    """An old look that arrives late does not undo a success."""
    assert "succeeded" == attempts.state_from(replace(SEEN, session_status=session, intent_status=intent), "succeeded")


PAID = replace(SEEN, session_status="complete", intent_status="succeeded", received=AMOUNT)


def test_what_was_asked_for_fits():
    """A payment of the right amount, for the right attempt of this installation, fits."""
    assert attempts.mismatch(FROZEN, PAID) is None
    assert attempts.mismatch(FROZEN, SEEN) is None


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"amount": Money(99_99, "EUR")}, "amount"),
        ({"amount": Money(100_00, "USD")}, "currency"),
        ({"received": Money(50_00, "EUR")}, "amount"),
        ({"received": Money(100_00, "USD")}, "currency"),
        ({"mode": "live"}, "mode"),
        ({"account": "acct_other"}, "account"),
        ({"metadata": {"attempt": "other", "installation": "inst"}}, "attempt"),
        ({"metadata": {"attempt": "att", "installation": "other"}}, "installation"),
        ({"metadata": {}}, "attempt"),
    ],
)
def test_money_that_does_not_fit_is_named(change, what):
    """Another amount, currency, account, mode or installation is never taken for ours."""
    assert what == attempts.mismatch(FROZEN, replace(PAID, **change))


@pytest.mark.parametrize(
    ("state", "living", "code"),
    [
        ("issued", None, None),
        ("partially_paid", "open", None),
        ("issued", "creating", None),
        ("issued", "processing", "on_its_way"),
        ("paid", None, "already_paid"),
        ("void", None, "not_payable"),
        ("draft", None, "not_payable"),
    ],
)
def test_a_payment_begins_only_where_something_is_owed(state, living, code):
    """Paid, void and drafted invoices take no payment, and neither does one whose money is on its way."""
    told = attempts.may_start(invoice_state=state, living=living)

    assert code == (told.code if told else None)


def test_a_key_is_replayed_only_while_it_is_surely_known():
    """Under 23 hours the same key is sent again; from then on the page is looked up instead."""
    made = datetime(2027, 3, 3, tzinfo=UTC)

    assert attempts.replay_key(created_at=made, now=made + timedelta(hours=22, minutes=59))
    assert not attempts.replay_key(created_at=made, now=made + timedelta(hours=23))


# --- amounts


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        (Money(99_999_999, "EUR"), None),
        (Money(100_000_000, "EUR"), "too_large_for_card"),
        (Money(99_999_999, "JPY"), None),
        (Money(999_999, "ISK"), None),
        (Money(1_000_000, "ISK"), "too_large_for_card"),
        (Money(12_340, "KWD"), None),
        (Money(12_345, "KWD"), "last_digit"),
        (Money(0, "EUR"), "nothing_due"),
        (Money(-1, "EUR"), "nothing_due"),
        (Money(12_345, "CLF"), "too_fine"),
    ],
)
def test_what_a_card_payment_can_carry(amount, code):
    """Eight digits, a 0 at the end of three-decimal amounts, nothing below one: else the payer is sent to a bank transfer."""
    told = amounts.payable_by_card(amount)

    assert code == (told.code if told else None)
    if told:
        assert told.sentence


@pytest.mark.parametrize(
    ("amount", "wire"),
    [
        (Money(1250, "EUR"), 1250),
        (Money(500, "JPY"), 500),
        (Money(1500, "KWD"), 1500),
        (Money(7, "ISK"), 700),
        (Money(3, "UGX"), 300),
    ],
)
def test_amounts_on_the_wire(amount, wire):
    """Cents as cents, yen as yen, fils as fils, and crowns of Iceland in hundreds."""
    assert wire == amounts.to_wire(amount)
    assert amount == amounts.from_wire(wire, amount.currency.lower())


@given(st.integers(1, 99_999_999), st.sampled_from(["EUR", "JPY", "KWD", "ISK", "MGA", "USD"]))
def test_no_amount_changes_on_the_way(minor, currency):
    """What goes over the wire comes back the same."""
    assert Money(minor, currency) == amounts.from_wire(amounts.to_wire(Money(minor, currency)), currency)


def test_a_broken_amount_is_not_rounded():
    """Half a crown of Iceland is no amount."""
    with pytest.raises(ValueError, match="no whole amount"):
        amounts.from_wire(150, "isk")
