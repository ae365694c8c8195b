"""The pages of money, without JavaScript."""

import json
from datetime import UTC, datetime

import pytest

from market.integrations.stripe_sandbox.post import signature
from market.kit.actor import Actor
from market.payments import jobs
from tests.browserless import Browser
from tests.payments.conftest import Till
from tests.payments.factories import a_story, an_invoice, sign_in

SECRET = "whsec_sandbox_ponte"


def as_(browser: Browser, till: Till, actor: Actor) -> Browser:
    browser.client.cookies.set("ponte_session", sign_in(till.database, actor, datetime.now(UTC)))
    return browser


def pay_on(till: Till, browser: Browser, choice: str) -> None:
    browser.get(f"/invoices/{till.story.invoice_id}")
    browser.client.follow_redirects = False
    answer = browser.submit("/pay")
    browser.client.follow_redirects = True
    assert 303 == answer.status_code
    till.rail.choose(answer.headers["location"], choice)


def test_the_licensee_sees_what_to_pay_and_pays_it(till: Till, browser: Browser):
    """List, invoice, Pay, hosted page, back: the invoice is paid, and says so."""
    as_(browser, till, till.story.world.payer)
    browser.get("/invoices")
    assert "INV-00001" in browser.text
    assert "€10,000.00" in browser.text

    browser.get(f"/invoices/{till.story.invoice_id}")
    assert "€10,000.00 to pay" in browser.text
    pay_on(till, browser, "card")
    browser.get(f"/invoices/{till.story.invoice_id}/return")

    assert "Paid. Thank you." in browser.text
    assert "Paid in full" in browser.text
    assert "/pay" not in browser.page.text
    assert ("paid", []) == (till.invoice().state, till.proof())


def test_coming_back_proves_nothing(till: Till, browser: Browser):
    """Who opens the success address without paying, with any query, has not paid."""
    as_(browser, till, till.story.world.payer)
    browser.get(f"/invoices/{till.story.invoice_id}/return?session_id=cs_test_x&paid=1")
    assert "Nothing was paid." in browser.text
    till.pay()
    browser.get(f"/invoices/{till.story.invoice_id}/return?payment_status=paid")

    assert "Nothing was paid." in browser.text
    assert ("issued", 0) == (till.invoice().state, till.payments())


def test_a_debit_on_its_way_is_shown_as_such(till: Till, browser: Browser):
    """A bank debit is not called paid before the bank has paid; there is no second button."""
    till.rail.behaviour.debit_after = 3600
    as_(browser, till, till.story.world.payer)
    pay_on(till, browser, "debit")
    browser.get(f"/invoices/{till.story.invoice_id}/return")

    assert "Your payment is on its way." in browser.text
    assert "A payment is on its way" in browser.text
    assert f'action="/invoices/{till.story.invoice_id}/pay"' not in browser.page.text


def test_the_rail_is_down_and_the_page_answers(till: Till, browser: Browser):
    """The rail does not answer: a sentence, nothing charged, and the way back still works."""
    from market.integrations.stripe_sandbox.behaviour import Fault

    as_(browser, till, till.story.world.payer)
    browser.get(f"/invoices/{till.story.invoice_id}")
    till.rail.behaviour.faults += [Fault("POST", "/v1/checkout/sessions", status=429)]
    answer = browser.submit("/pay")

    assert 503 == answer.status_code
    assert "Nothing was charged." in browser.text


def test_what_is_paid_cannot_be_paid_again(till: Till, browser: Browser):
    """Back and Pay again: the page says that it is paid, and nothing else happens."""
    as_(browser, till, till.story.world.payer)
    browser.get(f"/invoices/{till.story.invoice_id}")
    before = browser.page
    pay_on(till, browser, "card")
    browser.get(f"/invoices/{till.story.invoice_id}/return")
    browser.page = before
    answer = browser.submit("/pay")

    assert 422 == answer.status_code
    assert "This invoice is paid." in browser.text
    assert (1, ["succeeded"]) == (till.payments(), till.attempts())


def test_the_licensor_sees_what_comes_in(till: Till, browser: Browser):
    """The other side sees the same invoice without a button, and its ledger balances."""
    till.rail.choose(till.pay() or "", "card")
    jobs.sync_open(till.wired.worker().run, {})
    as_(browser, till, till.story.world.finance)

    browser.get("/invoices")
    assert "Lens & Sons" in browser.text.replace("&amp;", "&")
    browser.get(f"/invoices/{till.story.invoice_id}")
    assert "Paid in full" in browser.text
    assert "/pay" not in browser.page.text
    browser.get("/ledger")
    assert "Held by the payment service" in browser.text
    assert "Income: milestones" in browser.text


def test_strangers_see_nothing(till: Till, browser: Browser):
    """For another company the invoice does not exist, and there is no ledger."""
    as_(browser, till, till.story.world.stranger)

    assert 404 == browser.get(f"/invoices/{till.story.invoice_id}").status_code
    assert 404 == browser.get(f"/invoices/{till.story.invoice_id}/return").status_code
    assert 404 == browser.get("/ledger").status_code
    assert "No invoices yet" in browser.get("/invoices").text


def test_a_page_without_a_form_token_pays_nothing(till: Till, browser: Browser):
    """A Pay sent by another site is refused."""
    as_(browser, till, till.story.world.payer)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}, {}):
        answer = browser.post(f"/invoices/{till.story.invoice_id}/pay", {}, headers={**headers, "Accept": "text/html"})
        assert 403 == answer.status_code
    assert [] == till.attempts()


# --- the address that the rail writes to


def post(browser: Browser, body: bytes, header: str | None = None) -> int:
    sign = signature(body, SECRET, int(datetime.now(UTC).timestamp())) if header is None else header
    headers = {"Stripe-Signature": sign, "Content-Type": "application/json"}
    return int(browser.client.post("/webhooks/stripe", content=body, headers=headers).status_code)


def test_news_of_the_rail_is_kept_and_handled(till: Till, browser: Browser):
    """A signed event is kept, answered at once and handled by the job; sent again it changes nothing."""
    till.rail.choose(till.pay() or "", "card")
    for body in till.bodies() * 2:
        assert 200 == post(browser, body)
    till.work()

    assert ("paid", 1, []) == (till.invoice().state, till.payments(), till.proof())


@pytest.mark.parametrize("header", ["", "t=1,v1=00", "nonsense"])
def test_unsigned_news_is_not_kept(till: Till, browser: Browser, header):
    """Forged, old or unsigned: 400, and nothing is written."""
    till.pay()
    body = json.dumps({"id": "evt_1", "object": "event"}).encode()

    assert 400 == post(browser, body, header)
    assert {} == till.events()


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[]", b"{}"])
def test_signed_nonsense_is_not_kept(till: Till, browser: Browser, body):
    """Even under a true signature only events are taken."""
    assert 400 == post(browser, body)
    assert {} == till.events()


def test_two_megabytes_are_too_much(till: Till, browser: Browser):
    """A body of 2 MB is refused before it is looked at."""
    assert 413 == post(browser, b" " * 2_000_000)


def test_without_a_secret_there_is_no_such_address(till: Till, browser: Browser):
    """Without a webhook secret nothing is taken: the address does not exist."""
    till.rail.gateway.webhook_secrets = ()

    assert 404 == post(browser, b"{}")


def test_the_mails_say_what_happened(till: Till, browser: Browser, tmp_path):
    """Invoice, receipt and the licensor's news are written, each once, with the banner of the sandbox."""
    till.rail.choose(till.pay() or "", "card")
    jobs.sync_open(till.wired.worker().run, {})
    till.work()
    written = [path.read_text() for path in (tmp_path / "data" / "outbox").glob("**/*.eml")]

    assert 3 == len(written)
    for subject in ("Invoice INV-00001 from University of Jena", "Receipt for invoice INV-00001", "has paid"):
        assert 1 == sum(subject in mail.partition("\n\n")[0].replace("\n ", " ") for mail in written)
    assert all("no money moves" in mail for mail in written)


@pytest.mark.parametrize("path", ["/invoices", "/ledger"])
def test_more_rows_take_no_more_queries(make_wired, rail, path):
    """A list of twenty invoices asks the database as often as a list of one."""
    wired = make_wired(COUNT_QUERIES=True)
    now = datetime.now(UTC)
    story = a_story(wired.db, now)
    counts = []
    with Browser(wired) as browser:
        browser.client.cookies.set("ponte_session", sign_in(wired.db, story.world.finance, now))
        for more in (0, 20):
            with wired.db.write() as db:
                for _ in range(more):
                    an_invoice(db, story.world, now)
            counts.append(browser.get(path).headers["x-query-count"])

    assert 1 == len(set(counts))
    assert int(counts[0]) <= 8
