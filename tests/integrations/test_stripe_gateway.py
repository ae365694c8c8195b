"""The gateway's own promises: no forged news, no key in the wrong place."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from market.config import SANDBOX_KEY
from market.integrations.stripe_gateway import STRIPE, StripeGateway, refuse_mixture
from market.integrations.stripe_sandbox.post import signature
from market.payments.gateway import ForgedWebhook

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
SECRET = "whsec_one"
EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "checkout.session.completed",
    "created": AT,
    "livemode": False,
    "data": {"object": {"id": "cs_test_1", "object": "checkout.session"}},
}
BODY = json.dumps(EVENT).encode()


@pytest.fixture(scope="module")
def gateway() -> StripeGateway:
    return StripeGateway(
        SANDBOX_KEY, mode="sandbox", base="http://127.0.0.1:1/_sandbox/stripe", webhook_secrets=(SECRET, "whsec_old")
    )


def test_a_true_message_is_read(gateway):
    """A signed message of today gives its envelope."""
    event = gateway.verify_webhook(BODY, signature(BODY, SECRET, AT), now=NOW)

    assert ("evt_1", "checkout.session", "cs_test_1") == (event.id, event.object_type, event.object_id)


def test_the_previous_secret_still_opens(gateway):
    """While a secret is being changed, messages under the old one are taken."""
    assert "evt_1" == gateway.verify_webhook(BODY, signature(BODY, "whsec_old", AT), now=NOW).id


@pytest.mark.parametrize(
    ("body", "header"),
    [
        (BODY, ""),
        (BODY, "nonsense"),
        (BODY, f"t={AT}"),
        (BODY, f"t={AT},v0=" + signature(BODY, SECRET, AT).partition("v1=")[2]),
        (BODY, signature(BODY, "whsec_other", AT)),
        (BODY, f"t={AT},v1=ünïcode"),
        (BODY, f"t={AT},t={AT}," + signature(BODY, SECRET, AT)),
        (BODY.replace(b"cs_test_1", b"cs_test_2"), signature(BODY, SECRET, AT)),
        (BODY, signature(BODY, SECRET, AT - 400)),
        (BODY, signature(BODY, SECRET, AT + 400)),
        (b"{", signature(b"{", SECRET, AT)),
        (b"\xff\xfe", signature(b"\xff\xfe", SECRET, AT)),
        (b"[]", signature(b"[]", SECRET, AT)),
        (b"[" * 100_000, signature(b"[" * 100_000, SECRET, AT)),
        (b'{"id": 5}', signature(b'{"id": 5}', SECRET, AT)),
    ],
)
def test_a_message_that_is_not_what_it_says_is_refused(gateway, body, header):
    """Forged, altered, old, future, unsigned, foreign and broken messages are all refused in one way."""
    with pytest.raises(ForgedWebhook):
        gateway.verify_webhook(body, header, now=NOW)


def test_five_minutes_of_slowness_are_allowed(gateway):
    """A message that took four minutes is still taken."""
    assert gateway.verify_webhook(BODY, signature(BODY, SECRET, AT), now=NOW + timedelta(minutes=4))


@pytest.mark.parametrize(
    ("key", "mode", "base"),
    [
        ("sk_live_1", "sandbox", "http://127.0.0.1:8000/_sandbox/stripe"),
        ("sk_live_1", "live", "http://127.0.0.1:8000"),
        ("rk_live_1", "test", STRIPE),
        ("sk_test_1", "live", STRIPE),
        ("sk_test_1", "sandbox", "http://127.0.0.1:8000/_sandbox/stripe"),
        (SANDBOX_KEY, "sandbox", STRIPE),
    ],
)
def test_a_key_never_goes_to_the_wrong_place(key, mode, base):
    """A live key goes to Stripe only; the sandbox never sees a real key."""
    with pytest.raises(ValueError, match="key"):
        refuse_mixture(key, mode=mode, base=base)
