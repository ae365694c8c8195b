"""Royalty reports from the period's end to the invoice, and what corrections cost."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select

from market.kit import mail
from market.kit.actor import SYSTEM
from market.kit.errors import Forbidden, NotFound, Refused, Stale
from market.kit.ids import new_id
from market.kit.money import Money
from market.payments import calendar, overview, queries
from market.payments import report_queries as reports
from market.payments.rules.royalty_terms import PREPAID, Minimum, RoyaltyTerms, SignedLicence
from market.payments.rules.working import Sale, Sales
from market.payments.service import proof, reporting, royalty_clock
from tests.browserless import Browser
from tests.payments.factories import World, a_world, sign_in

JANUARY = datetime(2027, 1, 4, 9, tzinfo=UTC)
JULY = datetime(2027, 7, 5, 9, tzinfo=UTC)
TERMS = RoyaltyTerms("EUR", ((0, Decimal("0.04")), (1_000_000_00, Decimal("0.03"))), months=3, grace_days=30)


def eur(amount: int) -> Money:
    return Money.of(amount, "EUR")


def sales(amount: int) -> Sales:
    return Sales((Sale("Pump", "DE", eur(amount)),))


def a_licence(wired, terms: RoyaltyTerms = TERMS, now: datetime = JULY) -> tuple[World, str]:
    """A licence that runs since January, with the reports that are due in July."""
    with wired.db.write() as db:
        world = a_world(db, JANUARY)
        deal_id = new_id()
        licence = SignedLicence(
            deal_id, world.licensor_id, world.licensee_id, "L-2027-1", "Quiet pump", JANUARY.date(), None, terms
        )
        reporting.begin(db, licence, now=JANUARY)
        reporting.begin(db, licence, now=JANUARY)
    royalty_clock.tick(wired.db, now=now)
    return world, deal_id


def of(wired, deal_id: str) -> list[str]:
    with wired.db.read() as db:
        return [each.id for each in reports.reports_of_deal(db, deal_id)]


def send(wired, world: World, report: str, amount: int) -> int:
    with wired.db.write() as db:
        return reporting.send_report(db, world.payer, report, sales(amount), now=JULY).latest


def approve(wired, world: World, report: str, version: int) -> None:
    with wired.db.write() as db:
        reporting.approve_report(db, world.finance, report, version, now=JULY)


def invoices(wired, world: World) -> list[tuple[str, Money]]:
    with wired.db.read() as db:
        rows = queries.invoices_of(db, world.payer)[0]
        assert [] == proof.check_ledger(db).faults
    return [(each.kind, each.total) for each in reversed(rows)]


def test_an_approved_report_is_invoiced_once(wired):
    """Two quarters, sent and approved; approving again or from an old page does nothing."""
    world, deal = a_licence(wired)
    first, second = of(wired, deal)
    approve(wired, world, first, send(wired, world, first, 600_000))
    approve(wired, world, second, send(wired, world, second, 700_000))

    assert [("royalty", eur(24_000)), ("royalty", eur(25_000))] == invoices(wired, world)
    with pytest.raises(Refused):
        approve(wired, world, second, 1)
    with pytest.raises(Stale):
        approve(wired, world, second, 2)


def test_a_correction_invoices_the_difference_or_leaves_a_credit(wired):
    """The first quarter was 900,000, not 600,000: 9,000 more for both. It was 500,000: the next report is cheaper."""
    world, deal = a_licence(wired, now=datetime(2027, 10, 5, tzinfo=UTC))
    first, second, third = of(wired, deal)
    approve(wired, world, first, send(wired, world, first, 600_000))
    approve(wired, world, second, send(wired, world, second, 700_000))
    approve(wired, world, first, send(wired, world, first, 900_000))
    assert ("royalty", eur(9_000)) == invoices(wired, world)[-1]

    approve(wired, world, first, send(wired, world, first, 600_000))
    assert 3 == len(invoices(wired, world))
    approve(wired, world, third, send(wired, world, third, 500_000))
    assert ("royalty", eur(6_000)) == invoices(wired, world)[-1]
    with wired.db.read() as db:
        assert any("approved" in row.key for row in mail.recent(db))


def test_a_question_brings_the_report_back(wired):
    """Asked, answered by a new version, approved; the first version is kept."""
    world, deal = a_licence(wired)
    first = of(wired, deal)[0]
    send(wired, world, first, 10_000)
    with wired.db.write() as db:
        reporting.query_report(db, world.finance, first, 1, "Is that all?", now=JULY)
    with pytest.raises(Refused):
        approve(wired, world, first, 1)
    approve(wired, world, first, send(wired, world, first, 20_000))

    assert [("royalty", eur(800))] == invoices(wired, world)
    with wired.db.read() as db:
        assert [1, 2] == [each.number for each in reports.versions(db, [first])]


def test_reports_come_in_the_order_of_their_periods(wired):
    """A later one is refused until the earlier is sent, and approved only after it."""
    world, deal = a_licence(wired)
    first, second = of(wired, deal)
    with pytest.raises(Refused, match="first"):
        send(wired, world, second, 1)
    send(wired, world, first, 1)
    version = send(wired, world, second, 1)
    with pytest.raises(Refused, match="first"):
        approve(wired, world, second, version)


def test_each_side_does_its_own_part_and_strangers_see_nothing(wired):
    """The licensor does not report, the licensee does not approve."""
    world, deal = a_licence(wired)
    first = of(wired, deal)[0]
    with wired.db.write() as db:
        with pytest.raises(Forbidden):
            reporting.send_report(db, world.finance, first, Sales(), now=JULY)
        reporting.send_report(db, world.payer, first, Sales(), now=JULY)
        with pytest.raises(Forbidden):
            reporting.approve_report(db, world.payer, first, 1, now=JULY)
        with pytest.raises(NotFound):
            reports.report(db, world.stranger, first)


def test_foreign_sales_need_a_dated_rate_and_deductions_their_agreement(wired):
    """Both are refused with what to do."""
    world, deal = a_licence(wired)
    first = of(wired, deal)[0]
    dollars = Sale("Pump", "US", Money.of(10, "USD"), rate=Decimal("0.9"))
    less = replace(sales(10).lines[0], deductions={"returns": eur(1)})
    for line in (dollars, less):
        with pytest.raises(Refused), wired.db.write() as db:
            reporting.send_report(db, world.payer, first, Sales((line,)), now=JULY)


@pytest.mark.parametrize("mode", ["true_up", PREPAID])
def test_the_clock_counts_a_yearly_minimum_once(wired, mode):
    """Prepaid in February, else after the year's last report; royalties of the year are credited either way."""
    terms = replace(TERMS, minimum=Minimum(eur(20_000), mode=mode))
    world, deal = a_licence(wired, terms)
    first, second = of(wired, deal)
    approve(wired, world, first, send(wired, world, first, 150_000))
    approve(wired, world, second, send(wired, world, second, 150_000))
    for _again in range(2):
        royalty_clock.tick(wired.db, now=datetime(2028, 1, 31, 9, tzinfo=UTC))

    paid = invoices(wired, world)
    assert eur(20_000) == sum((amount for _kind, amount in paid), eur(0))
    assert ("annual_minimum", eur(20_000 if mode == PREPAID else 8_000)) in paid


def test_reminders_go_out_once_each(wired):
    """Before and after the day, and not for every hour of the clock."""
    _world, _deal = a_licence(wired, now=datetime(2027, 4, 20, tzinfo=UTC))
    for day in (20, 28, 28):
        royalty_clock.tick(wired.db, now=datetime(2027, 4, day, 9, tzinfo=UTC))
    royalty_clock.tick(wired.db, now=datetime(2027, 5, 2, 9, tzinfo=UTC))
    with wired.db.read() as db:
        keys = sorted(row.key.split(":")[0] for row in mail.recent(db))
    assert ["report_due", "report_due", "report_late"] == keys


def test_the_calendar_tells_reports_invoices_and_minimums(wired):
    """As a list for each side, and as a file that calendar programs read."""
    world, deal = a_licence(wired, replace(TERMS, minimum=Minimum(eur(20_000))))
    first = of(wired, deal)[0]
    approve(wired, world, first, send(wired, world, first, 600_000))
    with wired.db.read() as db:
        items = calendar.due(db, world.licensee_id, JULY.date())
        text = calendar.as_ics(items, base_url="http://testserver", now=JULY)
    kinds = {item.key.split(":")[0] for item in items}
    assert {"report", "invoice", "minimum"} == kinds
    assert len({item.key for item in items}) == len(items) == text.count("BEGIN:VEVENT")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))


def test_both_sides_walk_through_a_report(wired, browser: Browser):
    """Report, look at the working, send; the licensor approves; the invoice is there."""
    world, deal = a_licence(wired)
    first = of(wired, deal)[0]
    browser.client.cookies.set("ponte_session", sign_in(wired.db, world.payer, datetime.now(UTC)))
    browser.get("/royalties")
    assert "2027-Q1" in browser.text
    browser.get(f"/royalties/{first}/write")
    typed = {"product_1": "Pump", "country_1": "DE", "currency_1": "EUR", "gross_1": "600,000"}
    browser.submit("/write", **typed, product_2="Valve", gross_2="x", step="check")
    assert "Write an amount" in browser.text
    browser.submit("/write", **typed, product_2="", gross_2="", country_2="", step="check")
    assert "Nothing is sent yet" in browser.text
    assert "€24,000.00" in browser.text
    browser.submit("/write", **typed, step="send")
    assert "Waits for approval" in browser.text

    browser.client.cookies.set("ponte_session", sign_in(wired.db, world.finance, datetime.now(UTC)))
    browser.get(f"/royalties/{first}")
    browser.submit("/approve")
    assert "Look at the invoice" in browser.text
    browser.get("/royalties")
    browser.submit("/royalties/calendar")
    assert "/calendar/" in browser.text
    with wired.db.read() as db:
        token = reports.feed_of(db, world.licensor_id)
    assert "BEGIN:VCALENDAR" in browser.get(f"/calendar/{token}").text
    assert 404 == browser.get("/calendar/nothing").status_code
    assert [("royalty", eur(24_000))] == invoices(wired, world)


def test_nothing_sold_takes_one_click(wired, browser: Browser):
    """A nil report is sent and approved without an invoice."""
    world, deal = a_licence(wired)
    first = of(wired, deal)[0]
    browser.client.cookies.set("ponte_session", sign_in(wired.db, world.payer, datetime.now(UTC)))
    browser.get(f"/royalties/{first}")
    browser.submit("/nothing")
    assert "Nothing was sold." in browser.text
    approve(wired, world, first, 1)
    assert [] == invoices(wired, world)
    with wired.db.read() as db:
        assert "approved" == reports.report(db, SYSTEM, first).state
        assert 2 == len(db.execute(select(reports.REPORT.c.id)).all())


def test_money_at_a_glance_adds_up_by_currency(wired, browser: Browser):
    """What is open, overdue and foreseen, for both sides."""
    now = datetime.now(UTC)
    begun = now.replace(year=now.year - 2)
    terms = replace(TERMS, months=12, minimum=Minimum(eur(20_000)))
    with wired.db.write() as db:
        world = a_world(db, begun)
        licence = SignedLicence(
            new_id(), world.licensor_id, world.licensee_id, "L-1", "Quiet pump", begun.date(), None, terms
        )
        reporting.begin(db, licence, now=begun)
    royalty_clock.tick(wired.db, now=now)
    with wired.db.read() as db:
        (euros,) = overview.overview(db, world.licensor_id, now.date())
    assert euros.open == eur(40_000 if now.month > 1 else 20_000)
    assert euros.foreseen_sum >= euros.open
    for actor, sentence in ((world.payer, "What you have paid"), (world.finance, "What has come in")):
        browser.client.cookies.set("ponte_session", sign_in(wired.db, actor, now))
        browser.get("/money")
        assert sentence in browser.text
        assert "€40,000.00" in browser.text or now.month == 1
