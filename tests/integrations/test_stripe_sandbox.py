"""The sandbox itself: what the payer chooses, what becomes of it, and how the news travels."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from market.config import SANDBOX_KEY
from market.integrations.stripe_gateway import StripeGateway
from market.integrations.stripe_sandbox.behaviour import Fault
from market.integrations.stripe_sandbox.happenings import fee_of
from market.integrations.stripe_sandbox.wire import SandboxError, decode
from market.kit.money import Money
from market.payments.gateway import GatewayFaulted, GatewayRefused, GatewayUnavailable
from tests.payments.rail import Rail, a_request, eventually, running_rail


@pytest.fixture
def rail(tmp_path) -> Iterator[Rail]:
    with running_rail(tmp_path) as running:
        yield running


def a_page(rail: Rail, amount: Money | None = None):
    return rail.gateway.create_checkout(a_request(amount))


def test_a_card_payment_is_complete_at_once(rail):
    """Who pays by card has paid: session, payment, charge and balance agree."""
    page = a_page(rail, Money(100_00, "EUR"))

    assert 303 == rail.choose(page.url, "card")
    found = rail.gateway.retrieve_session(page.session_id)

    assert ("complete", "paid", "succeeded") == (
        found.seen.session_status,
        found.seen.payment_status,
        found.seen.intent_status,
    )
    assert Money(100_00, "EUR") == found.seen.received
    assert found.balance is not None
    assert Money(fee_of(100_00), "EUR") == found.balance.fee
    assert found.balance.amount - found.balance.fee == found.balance.net


def test_a_declined_card_leaves_the_page_open(rail):
    """Who is declined is told so, and may try again on the same page."""
    page = a_page(rail)

    assert 402 == rail.choose(page.url, "decline")
    declined = rail.gateway.retrieve_session(page.session_id)
    assert ("open", "requires_payment_method") == (declined.seen.session_status, declined.seen.intent_status)
    assert "Your card was declined." == declined.seen.failure

    assert 303 == rail.choose(page.url, "card")
    assert "succeeded" == rail.gateway.retrieve_session(page.session_id).seen.intent_status


@pytest.mark.parametrize(("choice", "end"), [("debit", "succeeded"), ("debit_fails", "requires_payment_method")])
def test_a_bank_debit_is_decided_later(rail, choice, end):
    """A bank debit is complete and unpaid first; the bank's answer comes afterwards."""
    rail.behaviour.debit_after = 0.5
    page = a_page(rail)

    rail.choose(page.url, choice)
    first = rail.gateway.retrieve_session(page.session_id).seen
    assert ("complete", "unpaid", "processing") == (first.session_status, first.payment_status, first.intent_status)

    eventually(lambda: end == rail.gateway.retrieve_session(page.session_id).seen.intent_status)


def test_a_page_is_paid_once(rail):
    """Pressing the button again after paying takes no second payment."""
    page = a_page(rail)
    rail.choose(page.url, "card")

    assert 200 == rail.choose(page.url, "card")
    assert 1 == len(list(rail.sandbox.store.newest("charge")))


def test_webhooks_are_really_signed(rail):
    """The news of a payment carries a signature that the official SDK accepts, and only with our secret."""
    page = a_page(rail)
    rail.choose(page.url, "card")
    eventually(lambda: "checkout.session.completed" in rail.inbox.types())

    body, signature = rail.inbox.received[-1]
    event = rail.gateway.verify_webhook(body, signature, now=datetime.now(UTC))

    assert json.loads(body)["id"] == event.id
    assert not event.livemode


def test_webhooks_come_twice_and_again_until_they_are_taken(rail):
    """A shop that is down gets the news later; one that is up gets it twice, as with the real thing."""
    rail.inbox.status = 500
    page = a_page(rail)
    rail.choose(page.url, "card")
    eventually(lambda: len(rail.inbox.received) >= 2)

    rail.inbox.received.clear()
    rail.inbox.status = 200
    eventually(lambda: 2 <= rail.inbox.types().count("checkout.session.completed"))
    eventually(lambda: 0 == rail.sandbox.store.waiting())


def test_a_lost_answer_is_replayed(rail):
    """The line breaks after the page was made: the SDK's or our next try gets the same page."""
    asked = a_request()
    rail.behaviour.faults += [Fault("POST", "/v1/checkout/sessions", after=True, drop=True)]

    with pytest.raises(GatewayUnavailable):
        rail.gateway.create_checkout(asked)
    page = rail.gateway.create_checkout(asked)

    assert [page.session_id] == [session["id"] for session in rail.sandbox.store.newest("checkout.session")]


def test_a_server_error_is_replayed_under_its_key(rail):
    """A 500 after the work was done stays a 500 under that key: only looking it up tells the truth."""
    asked = a_request()
    rail.behaviour.faults += [Fault("POST", "/v1/checkout/sessions", after=True)]

    with pytest.raises(GatewayFaulted):
        rail.gateway.create_checkout(asked)
    with pytest.raises(GatewayFaulted):
        rail.gateway.create_checkout(asked)
    around = {"since": datetime.now(UTC) - timedelta(minutes=1), "until": datetime.now(UTC)}

    assert rail.gateway.look_up(asked.metadata["attempt"], **around) is not None


def test_too_many_calls_are_not_hammered(rail):
    """429 is told at once and not repeated by the SDK."""
    rail.behaviour.faults += [Fault("POST", "/v1/checkout/sessions", status=429)]

    with pytest.raises(GatewayUnavailable) as told:
        a_page(rail)

    assert not isinstance(told.value, GatewayFaulted)


def test_the_key_of_another_place_opens_nothing(rail):
    """Without the sandbox's own key no call is answered."""
    stranger = StripeGateway(SANDBOX_KEY + "x", mode="sandbox", base=rail.url)

    with pytest.raises(GatewayRefused):
        stranger.create_checkout(a_request())


@pytest.mark.parametrize(
    "change",
    [
        {"expires_at": datetime.now(UTC) + timedelta(days=2)},
        {"success_url": "javascript:alert(1)"},
        {"metadata": {"a": "x" * 501}},
    ],
)
def test_what_stripe_would_refuse_is_refused(rail, change):
    """The sandbox is no softer than the real thing."""
    with pytest.raises(GatewayRefused):
        rail.gateway.create_checkout(replace(a_request(), **change))


def test_parameters_that_stripe_dropped_are_unknown(rail):
    """`payment_method_types` cannot be written any more in this version of the API."""
    import stripe

    client = stripe.StripeClient(SANDBOX_KEY, base_addresses={"api": rail.url})
    with pytest.raises(stripe.InvalidRequestError) as told:
        client.v1.checkout.sessions.create({"mode": "payment", "payment_method_types": ["card"]})

    assert "payment_method_types" == told.value.param


def test_never_more_is_refunded_than_was_paid(rail):
    """Two refunds that come to more than the payment: the second is refused."""
    import stripe

    page = a_page(rail, Money(100_00, "EUR"))
    rail.choose(page.url, "card")
    charge = rail.gateway.retrieve_session(page.session_id).seen.charge_id
    client = stripe.StripeClient(SANDBOX_KEY, base_addresses={"api": rail.url})

    client.v1.refunds.create({"charge": charge, "amount": 60_00})
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.refunds.create({"charge": charge, "amount": 60_00})

    assert 60_00 == client.v1.charges.retrieve(charge).amount_refunded
    assert -60_00 + 100_00 - fee_of(100_00) == client.v1.balance.retrieve().pending[0].amount


def test_nothing_in_the_sandbox_says_live(rail):
    """Every object says livemode false."""
    page = a_page(rail)
    rail.choose(page.url, "card")

    for kind in ("checkout.session", "payment_intent", "charge", "event", "balance_transaction"):
        assert {False} == {one["livemode"] for one in rail.sandbox.store.newest(kind)}


def test_nested_form_fields_are_read():
    """What the SDK writes as a[b][0][c] arrives as it was meant."""
    assert {"a": {"b": [{"c": "d"}, {"c": "é&="}]}, "e": ""} == decode("a[b][0][c]=d&a[b][1][c]=%C3%A9%26%3D&e=")


@pytest.mark.parametrize("body", ["a=1&a[b]=2", "[x]=1", "a]=1"])
def test_fields_that_make_no_sense_are_refused(body):
    """A field that is a value and an object at once is refused like a wrong parameter."""
    with pytest.raises(SandboxError):
        decode(body)
