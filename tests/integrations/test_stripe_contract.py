"""What payments relies on, asked of whoever speaks Stripe's protocol: the sandbox always, Stripe's test mode with a key."""

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from market.integrations.stripe_gateway import StripeGateway
from market.kit.money import Money
from market.payments.gateway import GatewayRefused, GatewayUnknown, PaymentGateway
from tests.payments.rail import a_request, running_rail

TEST_KEY = os.environ.get("STRIPE_TEST_KEY", "")


@pytest.fixture(scope="module")
def sandbox_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PaymentGateway]:
    with running_rail(tmp_path_factory.mktemp("rail")) as rail:
        yield rail.gateway


@pytest.fixture(params=["sandbox", "stripe test mode"])
def gateway(request: pytest.FixtureRequest) -> PaymentGateway:
    if request.param == "sandbox":
        return request.getfixturevalue("sandbox_gateway")
    if not TEST_KEY:
        pytest.skip("Stripe's own test mode was not asked: STRIPE_TEST_KEY is not set")
    return StripeGateway(TEST_KEY, mode="test")


def test_a_page_is_made_and_found_as_it_was_asked_for(gateway):
    """The payer gets an address; amount, currency and our marks are on the page."""
    asked = a_request(Money(99_00, "EUR"))

    page = gateway.create_checkout(asked)
    found = gateway.retrieve_session(page.session_id)

    assert page.url.startswith("http")
    assert (asked.amount, "open", "unpaid") == (found.seen.amount, found.seen.session_status, found.seen.payment_status)
    assert asked.metadata == dict(found.seen.metadata)
    assert gateway.mode == found.seen.mode
    assert page.url == found.url


def test_the_same_request_gives_the_same_page(gateway):
    """A call sent twice under one key, because its answer was lost, makes one page."""
    asked = a_request()

    assert gateway.create_checkout(asked) == gateway.create_checkout(asked)


def test_a_key_is_not_taken_for_another_amount(gateway):
    """A key that was used for one amount refuses another."""
    asked = a_request()
    gateway.create_checkout(asked)

    with pytest.raises(GatewayRefused) as told:
        gateway.create_checkout(replace(asked, amount=Money(1, "EUR") + asked.amount))

    assert "idempotency_error" == told.value.code


@pytest.mark.parametrize(
    "amount", [Money(5_000, "JPY"), Money(12_340, "KWD"), Money(700, "ISK"), Money(99_999_999, "EUR")]
)
def test_amounts_come_back_as_they_went(gateway, amount):
    """Currencies without decimals, with three, and Iceland's special case keep their amounts."""
    page = gateway.create_checkout(a_request(amount))

    assert amount == gateway.retrieve_session(page.session_id).seen.amount


@pytest.mark.parametrize("amount", [Money(100_000_000, "EUR"), Money(12_345, "KWD"), Money(1, "EUR")])
def test_amounts_that_the_rail_cannot_carry_are_refused(gateway, amount):
    """Nine digits, a three-decimal amount that does not end in 0, and a cent are refused, not rounded."""
    with pytest.raises(GatewayRefused):
        gateway.create_checkout(a_request(amount))


def test_a_closed_page_stays_closed(gateway):
    """A page can be closed once; closing it again only looks at it."""
    page = gateway.create_checkout(a_request())

    assert "expired" == gateway.expire_session(page.session_id).seen.session_status
    assert "expired" == gateway.expire_session(page.session_id).seen.session_status


def test_an_unknown_page_is_told_apart_from_a_refusal(gateway):
    """An object that is not there (yet) may come; a refusal never changes."""
    with pytest.raises(GatewayUnknown):
        gateway.retrieve_session("cs_test_there_is_no_such_session")


def test_a_lost_page_is_found_by_its_mark(gateway):
    """When nobody knows any more whether the call arrived, the page is found by the attempt it was made for."""
    asked = a_request()
    start = datetime.now(UTC) - timedelta(seconds=60)
    page = gateway.create_checkout(asked)
    end = datetime.now(UTC) + timedelta(seconds=60)

    found = gateway.look_up(asked.metadata["attempt"], since=start, until=end)

    assert found is not None
    assert page.session_id == found.seen.session_id
    assert gateway.look_up("01nobody", since=start, until=end) is None


def test_events_can_be_listed_after_an_outage(gateway):
    """What happened while we were away can be read again."""
    page = gateway.create_checkout(a_request())
    gateway.expire_session(page.session_id)

    listed = gateway.list_events(since=datetime.now(UTC) - timedelta(minutes=2))
    events = [gateway.read_event(body) for body in listed]

    assert page.session_id in [event.object_id for event in events if event.type == "checkout.session.expired"]


def test_which_halves_of_this_suite_ran(capsys):
    """It is said plainly whether Stripe itself was asked."""
    ran = "ran" if TEST_KEY else "did not run (no STRIPE_TEST_KEY)"
    with capsys.disabled():
        sys.stdout.write(f"\n[stripe contract] sandbox: ran; Stripe test mode: {ran}\n")
