"""The sandbox's hosted page, as a payer without JavaScript sees it, and the sandbox without a network."""

import re
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from market.config import SANDBOX_KEY, Settings
from market.integrations.stripe_sandbox.direct import direct_gateway
from market.integrations.stripe_sandbox.wire import SandboxError
from market.kit.money import Money
from market.kit.templating import Addresses, Templates
from market.wiring import payment_sandbox
from tests.payments.rail import Rail, a_request, running_rail


@pytest.fixture
def rail(tmp_path) -> Iterator[Rail]:
    with running_rail(tmp_path) as running:
        yield running


def read(address: str) -> str:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            html = answer.read().decode()
    except urllib.error.HTTPError as error:
        html = error.read().decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_page_says_what_is_paid_and_that_no_money_moves(rail):
    """Amount, reference and what it is for; a banner that cannot be missed; every choice is a button."""
    text = read(rail.gateway.create_checkout(a_request(Money(1_250_00, "EUR"))).url)

    for words in (
        "no money moves",
        "€1,250.00",
        "INV-00001",
        "Upfront fee",
        "Pay by card",
        "declined",
        "bank debit",
        "Cancel",
    ):
        assert words in text


def test_a_finished_page_says_so(rail):
    """Paid, expired and unknown pages each say what they are."""
    paid = rail.gateway.create_checkout(a_request()).url
    rail.choose(paid, "card")
    closed = rail.gateway.create_checkout(a_request())
    rail.gateway.expire_session(closed.session_id)

    assert "already been made" in read(paid)
    assert "has expired" in read(closed.url)
    assert "no such payment page" in read(f"{rail.url}/c/pay/cs_test_nothing")


def test_cancelling_changes_nothing(rail):
    """Who cancels goes back, and the page can still be paid."""
    page = rail.gateway.create_checkout(a_request())

    assert 303 == rail.choose(page.url, "cancel")
    assert "open" == rail.gateway.retrieve_session(page.session_id).seen.session_status


def test_another_site_cannot_press_the_button(rail):
    """A form sent from elsewhere does nothing."""
    page = rail.gateway.create_checkout(a_request())
    request = urllib.request.Request(page.url, data=b"choice=card", headers={"Sec-Fetch-Site": "cross-site"})
    with pytest.raises(urllib.error.HTTPError) as told:
        urllib.request.urlopen(request, timeout=5)

    assert 403 == told.value.code
    assert "open" == rail.gateway.retrieve_session(page.session_id).seen.session_status


def test_the_sample_world_is_paid_without_a_server(tmp_path):
    """The official SDK calls the sandbox in the same process, on a day of the past."""
    past = datetime(2026, 3, 1, 12, tzinfo=UTC)
    templates = Templates(Addresses(), "http://127.0.0.1:1", sandbox=True, sample_world=True)
    sandbox = payment_sandbox(Settings(DATA_DIR=tmp_path, SECRET_KEY="k" * 32), templates, clock=past.timestamp)
    gateway = direct_gateway(sandbox, SANDBOX_KEY)
    page = gateway.create_checkout(a_request(expires_at=past.replace(hour=20)))
    sandbox.act(page.session_id, "card")
    seen = gateway.retrieve_session(page.session_id).seen

    assert ("complete", "succeeded") == (seen.session_status, seen.intent_status)
    assert gateway.create_checkout(a_request(expires_at=past.replace(hour=20))).session_id != page.session_id
    with pytest.raises(SandboxError):
        sandbox.act("cs_test_nothing", "card")
    sandbox.store.close()
