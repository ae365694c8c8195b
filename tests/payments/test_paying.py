"""An invoice is paid: by card, by bank debit, in any order of news, once."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from threading import Barrier, Thread

import pytest
from sqlalchemy import update

from market.integrations.stripe_sandbox.behaviour import Fault
from market.integrations.stripe_sandbox.happenings import fee_of
from market.kit import clock
from market.kit.errors import Forbidden, NotFound, Refused, Unavailable
from market.kit.money import Money
from market.payments import jobs, queries
from market.payments.events import InvoicePaid
from market.payments.queries import ATTEMPT
from market.payments.rules.attempts import Observation
from market.payments.service import inbox, paying
from market.payments.service.settling import settle
from tests.payments.conftest import Till
from tests.payments.factories import ADDRESSES
from tests.payments.rail import eventually

PAID = {
    "psp_clearing": 10_000_00 - fee_of(10_000_00),
    "stripe_fee": fee_of(10_000_00),
    "income_milestone": -10_000_00,
}


def sync_all(till: Till) -> None:
    jobs.sync_open(till.wired.worker().run, {})


def test_a_card_payment_pays_the_invoice(till: Till):
    """The payer pays by card; the news comes in; the invoice is paid, the ledger balances, both sides have a mail."""
    heard: list[InvoicePaid] = []
    till.database.bus.subscribe(InvoicePaid, lambda _db, event: heard.append(event))
    page = till.pay()
    assert page is not None
    till.rail.choose(page, "card")

    for body in till.bodies():
        till.take_in(body)
    till.work()

    assert ("paid", ["succeeded"]) == (till.invoice().state, till.attempts())
    assert PAID == till.balances()
    assert [] == till.proof()
    assert [InvoicePaid(till.story.invoice_id, till.story.deal_id, "milestone")] == heard
    assert 1 == len(till.mails("receipt"))
    assert 1 == len(till.mails("payment_received"))


def test_a_second_tab_gets_the_page_of_the_first(till: Till):
    """Pressing Pay again shows the same page, not a second one."""
    assert till.pay() == till.pay()
    assert ["open"] == till.attempts()


def test_sixteen_tabs_make_one_page_and_one_payment(till: Till):
    """Sixteen impatient clicks at once: one session at the rail, one payment."""
    together = Barrier(16)
    pages: list[str | None] = []
    errors: list[Exception] = []

    def click() -> None:
        together.wait()
        try:
            pages.append(till.pay())
        except Exception as error:
            errors.append(error)

    threads = [Thread(target=click) for _ in range(16)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert ([], 1) == (errors, len(set(pages)))
    assert 1 == len(list(till.rail.sandbox.store.newest("checkout.session")))

    till.rail.choose(pages[0] or "", "card")
    sync_all(till)
    assert (1, "paid", []) == (till.payments(), till.invoice().state, till.proof())


def test_one_event_delivered_24_times_at_once_is_booked_once(till: Till):
    """24 parallel deliveries of the same event: one row, one posting, one receipt."""
    till.rail.choose(till.pay() or "", "card")
    (body,) = till.bodies("checkout.session.completed")
    together = Barrier(24)
    kept: list[str | None] = []

    def deliver() -> None:
        together.wait()
        kept.append(till.take_in(body))

    threads = [Thread(target=deliver) for _ in range(24)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    till.work()

    assert (24, 1) == (len(kept), len([row for row in kept if row]))
    assert ({"handled": 1}, 1, PAID) == (till.events(), till.payments(), till.balances())
    assert 1 == len(till.mails("receipt"))


def test_the_same_money_settled_in_parallel_is_booked_once(till: Till):
    """The way back, the webhook and the hourly look all find the payment at the same moment."""
    till.rail.choose(till.pay() or "", "card")
    with till.database.read() as db:
        living = queries.living_attempt(db, till.story.invoice_id)
    assert living is not None
    together = Barrier(8)

    def look() -> None:
        together.wait()
        paying.sync_attempt(till.database, till.rail.gateway, living.id, now=clock.now())

    threads = [Thread(target=look) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert (1, PAID, []) == (till.payments(), till.balances(), till.proof())


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_news_in_any_order_comes_to_the_same(till: Till, order):
    """Intent, charge and session tell of the same money; whichever comes first, it is booked once."""
    till.rail.choose(till.pay() or "", "card")
    bodies = till.bodies("payment_intent.succeeded", "charge.succeeded", "checkout.session.completed")
    for position in order:
        till.take_in(bodies[position])
        till.take_in(bodies[position])
        till.work()

    assert (1, PAID, []) == (till.payments(), till.balances(), till.proof())
    assert {"handled": 3} == till.events()


def test_a_declined_card_leaves_the_invoice_open(till: Till):
    """Who is declined owes as before, and can try again on the same page."""
    page = till.pay() or ""
    till.rail.choose(page, "decline")
    sync_all(till)
    assert ("issued", ["open"], 0) == (till.invoice().state, till.attempts(), till.payments())

    assert page == till.pay()
    till.rail.choose(page, "card")
    sync_all(till)
    assert ("paid", []) == (till.invoice().state, till.proof())


def test_a_bank_debit_is_paid_when_the_bank_has_paid(till: Till):
    """Complete but unpaid is on its way, not paid; nobody can pay twice meanwhile."""
    till.rail.behaviour.debit_after = 3600
    till.rail.choose(till.pay() or "", "debit")
    sync_all(till)
    assert ("issued", ["processing"], {}) == (till.invoice().state, till.attempts(), till.events())
    with pytest.raises(Refused) as told:
        till.pay()
    assert "on_its_way" == told.value.refusal.code

    from market.integrations.stripe_sandbox import happenings

    with till.rail.sandbox.store.transaction():
        session = next(iter(till.rail.sandbox.store.newest("checkout.session")))
        happenings.settle_debit(till.rail.sandbox.store, session["id"])
    sync_all(till)
    assert ("paid", ["succeeded"], PAID) == (till.invoice().state, till.attempts(), till.balances())


def test_a_bank_debit_that_bounces_can_be_tried_again(till: Till):
    """The bank does not pay: the attempt has failed, a new one makes a new page."""
    first = till.pay() or ""
    till.rail.choose(first, "debit_fails")
    eventually(lambda: till.bodies("checkout.session.async_payment_failed"))
    sync_all(till)
    assert (["failed"], "issued") == (till.attempts(), till.invoice().state)

    second = till.pay() or ""
    assert first != second
    till.rail.choose(second, "card")
    sync_all(till)
    assert ("paid", 1, []) == (till.invoice().state, till.payments(), till.proof())


def test_the_balance_transaction_may_come_later(till: Till):
    """The money is booked at once, the rail's fee when the rail tells it, once."""
    till.rail.behaviour.late_balance = True
    till.rail.choose(till.pay() or "", "card")
    sync_all(till)
    assert {"psp_clearing": 10_000_00, "income_milestone": -10_000_00} == till.balances()

    eventually(lambda: till.bodies("charge.updated"))
    for body in till.bodies("charge.updated") * 2:
        till.take_in(body)
    till.work()
    assert (PAID, []) == (till.balances(), till.proof())


# --- lines that break, processes that die


def test_killed_before_the_call_the_job_goes_on(till: Till):
    """The intent is there, the call was never made: the job makes it, the payer's next click gets the page."""
    with till.database.write() as db:
        plan = paying.plan_payment(
            db, till.rail.gateway, till.story.world.payer, till.story.invoice_id, ADDRESSES, now=clock.now()
        )
    assert (["creating"], "") == (till.attempts(), plan.url)

    with clock.frozen(clock.now() + timedelta(minutes=2)):
        jobs.replay_creating(till.wired.worker().run, {})
    assert ["open"] == till.attempts()
    assert till.pay() is not None


def test_killed_after_the_call_the_same_page_is_found(till: Till):
    """The rail made the page, we died before we wrote it down: the next click finds that very page."""
    with till.database.write() as db:
        plan = paying.plan_payment(
            db, till.rail.gateway, till.story.world.payer, till.story.invoice_id, ADDRESSES, now=clock.now()
        )
    assert plan.request is not None
    made = till.rail.gateway.create_checkout(plan.request)

    assert made.url == till.pay()


def test_paid_before_the_answer_of_the_call_was_saved(till: Till):
    """The news of the payment overtakes the answer to the call: booked all the same, and nothing regresses."""
    with till.database.write() as db:
        plan = paying.plan_payment(
            db, till.rail.gateway, till.story.world.payer, till.story.invoice_id, ADDRESSES, now=clock.now()
        )
    assert plan.request is not None
    made = till.rail.gateway.create_checkout(plan.request)
    till.rail.choose(made.url, "card")
    for body in till.bodies():
        till.take_in(body)
    till.work()
    assert ("paid", ["succeeded"]) == (till.invoice().state, till.attempts())

    assert paying.create_page(till.database, till.rail.gateway, plan.attempt_id, plan.request, now=clock.now()) is None
    assert (["succeeded"], 1, []) == (till.attempts(), till.payments(), till.proof())


def test_a_lost_answer_is_asked_for_again(till: Till):
    """The line breaks in the middle of the answer: the payer is told so, and the next click finds the page."""
    till.rail.behaviour.faults += [Fault("POST", "/v1/checkout/sessions", after=True, drop=True)]
    with pytest.raises(Unavailable):
        till.pay()
    assert ["creating"] == till.attempts()

    assert till.pay() is not None
    assert 1 == len(list(till.rail.sandbox.store.newest("checkout.session")))


def test_a_replayed_server_error_is_looked_up(till: Till):
    """A 500 after the work was done is repeated for ever under its key: the page is found by looking."""
    till.rail.behaviour.faults += [Fault("POST", "/v1/checkout/sessions", after=True)]

    page = till.pay()

    assert page is not None
    assert (["open"], 1) == (till.attempts(), len(list(till.rail.sandbox.store.newest("checkout.session"))))


def test_a_server_error_before_the_work_takes_a_new_key(till: Till):
    """The rail is broken and made nothing: the payer is told so, and the next try starts afresh."""
    till.rail.behaviour.faults += [Fault("POST", "/v1/checkout/sessions") for _ in range(3)]
    with pytest.raises(Unavailable):
        till.pay()
    assert ["failed"] == till.attempts()

    assert till.pay() is not None
    assert ["failed", "open"] == till.attempts()


def test_a_forgotten_key_is_not_sent_again(till: Till):
    """After 23 hours the rail may have forgotten the key: the page is looked up, never made a second time."""
    long_ago = clock.now() - timedelta(hours=23, minutes=10)
    with till.database.write() as db:
        paying.plan_payment(
            db, till.rail.gateway, till.story.world.payer, till.story.invoice_id, ADDRESSES, now=long_ago
        )
    jobs.replay_creating(till.wired.worker().run, {})

    assert (["expired"], 0) == (till.attempts(), len(list(till.rail.sandbox.store.newest("checkout.session"))))


def test_a_refusal_of_the_rail_ends_the_attempt(till: Till):
    """The rail says no: the attempt has failed, the payer gets a sentence, and may try again."""
    till.rail.behaviour.faults += [Fault("POST", "/v1/checkout/sessions", status=400)]
    with pytest.raises(Refused) as told:
        till.pay()

    assert "rail_refused" == told.value.refusal.code
    assert ["failed"] == till.attempts()
    assert till.pay() is not None


# --- pages that expire, money that does not fit


def test_an_expired_page_makes_room_for_a_new_one(till: Till):
    """A page whose time is up is closed and replaced; both can never be paid."""
    first = till.pay() or ""
    with till.database.write() as db:
        db.execute(update(ATTEMPT).values(expires_at=clock.now() - timedelta(minutes=1)))

    second = till.pay() or ""

    assert first != second
    assert ["expired", "open"] == till.attempts()
    assert 410 == till.rail.choose(first, "card")


def test_a_page_paid_in_the_last_second_is_booked_instead_of_replaced(till: Till):
    """The payer paid on the old page just before it was to be closed: that is the payment, no second page."""
    till.rail.choose(till.pay() or "", "card")
    with till.database.write() as db:
        db.execute(update(ATTEMPT).values(expires_at=clock.now() - timedelta(minutes=1)))

    with pytest.raises(Refused) as told:
        till.pay()

    assert "already_paid" == told.value.refusal.code
    assert ("paid", 1) == (till.invoice().state, till.payments())


def test_an_expired_page_that_was_paid_all_the_same_is_booked(till: Till):
    """Money wins: what we took for expired turns out to be paid; the page opened since is closed."""
    first = till.pay() or ""
    till.rail.choose(first, "card")
    with till.database.write() as db:
        db.execute(update(ATTEMPT).values(state="expired"))
    second = till.pay() or ""
    assert first != second

    for body in till.bodies("checkout.session.completed"):
        till.take_in(body)
    till.work()

    assert ("paid", ["succeeded", "expired"], 1) == (till.invoice().state, till.attempts(), till.payments())
    assert 410 == till.rail.choose(second, "card")


def seen_now(till: Till, **changed) -> Observation:
    with till.database.read() as db:
        living = queries.living_attempt(db, till.story.invoice_id)
    assert living is not None
    from dataclasses import replace

    return replace(till.rail.gateway.retrieve_session(living.session_id).seen, **changed)


@pytest.mark.parametrize(
    "changed",
    [
        {"received": Money(9_999_99, "EUR")},
        {"received": Money(10_000_00, "USD")},
        {"mode": "test"},
        {"account": "acct_other"},
    ],
    ids=["a cent less", "another currency", "another mode", "another account"],
)
def test_money_that_does_not_fit_waits_for_a_human(till: Till, changed):
    """Not what we asked for: it is booked to suspense and alarmed, and the invoice is not paid."""
    from market.payments.gateway import Sighting

    page = till.pay() or ""
    till.rail.choose(page, "card")
    seen = seen_now(till, **changed)
    with till.database.write() as db:
        settle(db, seen.metadata["attempt"], Sighting(seen, None), now=clock.now())

    assert ("issued", 1) == (till.invoice().state, till.payments())
    assert {"suspense": True, "psp_clearing": True} == {
        account: True for account in till.balances() if account in ("suspense", "psp_clearing", "unapplied_cash")
    }
    assert [] == till.proof()


def test_a_stranger_session_is_not_believed(till: Till):
    """A page that is not the attempt's own changes nothing."""
    from market.payments.gateway import Sighting

    till.pay()
    seen = seen_now(
        till, session_id="cs_other", intent_status="succeeded", received=Money(10_000_00, "EUR"), intent_id="pi"
    )
    with till.database.write() as db:
        settle(db, seen.metadata["attempt"], Sighting(seen, None), now=clock.now())

    assert ("issued", ["open"], 0) == (till.invoice().state, till.attempts(), till.payments())


# --- the inbox


def test_events_of_another_installation_are_left_alone(till: Till):
    """Two Pontes on one Stripe account: each books its own."""
    till.rail.choose(till.pay() or "", "card")
    (body,) = till.bodies("checkout.session.completed")
    with till.database.write() as db:
        from sqlalchemy import text

        db.execute(
            text("DROP TRIGGER installation_frozen" + (" ON installation" if "postgresql" in till.database.url else ""))
        )
        db.execute(text("UPDATE installation SET id = 'another'"))
    till.take_in(body)
    till.work()

    assert ({"ignored": 1}, 0) == (till.events(), till.payments())


def test_live_events_never_reach_a_sandbox_database(till: Till):
    """An event that says it is live, or of another account, is kept apart and not handled."""
    till.rail.choose(till.pay() or "", "card")
    (body,) = till.bodies("checkout.session.completed")
    till.take_in(body.replace(b'"livemode": false', b'"livemode": true'))
    till.take_in(body.replace(b'"object": "event"', b'"object": "event", "account": "acct_x"'))
    till.work()

    assert ({"quarantined": 2}, 0) == (till.events(), till.payments())


def test_an_unknown_object_is_asked_for_again_for_three_days(till: Till):
    """The rail does not know the object yet: asked again later, and after three days left to a human."""
    till.pay()
    body = till.bodies() or [b""]
    till.rail.choose(till.pay() or "", "decline")
    (body, *_rest) = till.bodies("payment_intent.created")
    event = till.rail.gateway.read_event(body)
    unknown = body.replace(event.object_id.encode(), b"pi_not_there").replace(event.id.encode(), b"evt_unknown")
    row = till.take_in(
        unknown.replace(b"payment_intent.created", b"charge.succeeded").replace(b'"payment_intent"', b'"charge"')
    )
    assert row is not None
    with pytest.raises(inbox.NotYet):
        inbox.handle(till.database, till.rail.gateway, row, now=clock.now())
    late = clock.now() + timedelta(days=3, minutes=1)

    assert "quarantined" == inbox.handle(till.database, till.rail.gateway, row, now=late)


def test_a_refund_made_elsewhere_is_put_before_a_human(till: Till):
    """Money that moves in Stripe's own pages is not passed over in silence."""
    import stripe

    till.rail.choose(till.pay() or "", "card")
    sync_all(till)
    charge = next(iter(till.rail.sandbox.store.newest("charge")))
    client = stripe.StripeClient("sk_test_sandbox_ponte", base_addresses={"api": till.rail.url})
    client.v1.refunds.create({"charge": charge["id"], "amount": 100})
    for body in till.bodies("refund.created", "charge.refunded"):
        till.take_in(body)
    till.work()

    assert {"quarantined": 2} == till.events()


def test_three_days_of_silence_are_caught_up(till: Till):
    """No webhook ever came in: the hourly look lists what happened and books it."""
    till.rail.choose(till.pay() or "", "card")

    jobs.catch_up(till.wired.worker().run, {})
    till.work()
    jobs.catch_up(till.wired.worker().run, {})
    till.work()

    assert ("paid", 1, []) == (till.invoice().state, till.payments(), till.proof())


# --- who may pay what


def test_only_the_licensee_pays(till: Till):
    """For strangers the invoice does not exist; the licensor sees it and cannot pay it."""
    world = till.story.world
    now = datetime.now(UTC)
    with pytest.raises(NotFound):
        paying.start_payment(
            till.database, till.rail.gateway, world.stranger, till.story.invoice_id, ADDRESSES, now=now
        )
    with pytest.raises(Forbidden):
        paying.start_payment(till.database, till.rail.gateway, world.finance, till.story.invoice_id, ADDRESSES, now=now)
    with pytest.raises(NotFound):
        paying.start_payment(till.database, till.rail.gateway, world.payer, "01nothing", ADDRESSES, now=now)
    with till.database.read() as db, pytest.raises(NotFound):
        queries.invoice(db, world.stranger, till.story.invoice_id)


def test_a_database_keeps_one_mode_of_money(till: Till):
    """A database made with the sandbox never takes real payments."""
    till.pay()
    with till.database.write() as db, pytest.raises(paying.WrongMode):
        paying.installation_id(db, "live", now=clock.now())


def test_the_wrong_settings_are_told_before_anything_happens(till: Till):
    """Started with a live key over a sandbox database, the program says so and does not start."""
    assert paying.wrong_mode(till.database, "live") is None
    till.pay()

    assert paying.wrong_mode(till.database, "sandbox") is None
    assert "keeps sandbox payments" in (paying.wrong_mode(till.database, "live") or "")
