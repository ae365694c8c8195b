"""What an institution learns of its listings: views without viewers, shortlists, enquiries, answers; as page and as file."""

import csv
import io
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from market.accounts.models import Person
from market.accounts.rules import Role
from market.catalog.models import Technology
from market.discovery.models import ShortlistEntry
from market.insights.models import ListingView
from market.insights.rules import PERIODS, Period, middle, period
from market.insights.service import add_views
from market.kit import cache, clock
from market.kit.sightings import Sightings, SightingsWriter, is_machine
from seed.generate import generate
from tests.accounts.people import a_member, another_browser, sign_in

FIREFOX = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
GOOGLE = {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}
TODAY = date(2026, 3, 1)


@pytest.fixture
def listing(wired):
    """A published listing."""
    generate(wired.db, 3)
    with wired.db.read() as db:
        return db.exec(select(Technology).where(Technology.state == "published")).first()


@pytest.fixture
def desk(wired, browser, listing):
    """The browser of an officer of its institution."""
    with wired.db.write() as db:
        a_member(db, listing.organisation_id, "Anna Rossi", Role.OFFICER)
    sign_in(browser)
    return browser


def address(listing):
    """Where it stands."""
    return f"/technologies/{listing.slug}-{listing.id}"


def written(wired):
    """Write down what was counted, and give all of it."""
    with wired.db.write() as db:
        add_views(db, wired.runtime.sightings.take())
    with wired.db.read() as db:
        return {row.technology_id: row.views for row in db.exec(select(ListingView))}


def test_visitors_are_counted_and_nobody_else(wired, desk, listing):
    """Every opened page counts, kept or not; search engines, prefetches, other addresses and the own people do not."""
    path = address(listing)
    with another_browser(wired) as visitor:
        for _again in range(3):
            visitor.client.get(path, headers=FIREFOX)
        visitor.client.get(path, headers=GOOGLE)
        visitor.client.get(path, headers=FIREFOX | {"sec-purpose": "prefetch"})
        visitor.client.get(f"/technologies/{listing.id}x", headers=FIREFOX)
    desk.client.get(path, headers=FIREFOX)

    assert {listing.id: 3} == written(wired)


def test_counting_leaves_kept_pages_alone(wired, listing):
    """Writing the sums raises no counter: no page is made anew for it."""
    with another_browser(wired) as visitor:
        visitor.client.get(address(listing), headers=FIREFOX)
    with wired.db.read() as db:
        before = cache.stamp(db)

    assert {listing.id: 1} == written(wired)
    with wired.db.read() as db:
        assert before == cache.stamp(db)


def test_what_is_gone_is_passed_over(wired, listing):
    """A listing that was deleted meanwhile does not hold up the others."""
    wired.runtime.sightings.add("01unknownunknownunknownunkn", TODAY)
    wired.runtime.sightings.add(listing.id, TODAY)

    assert {listing.id: 1} == written(wired)


def test_the_writer_writes_what_is_left_and_tries_again():
    """What could not be written is kept for the next time; on the way out everything is handed over."""
    sightings, got = Sightings(), []

    def write(seen):
        got.append(dict(seen))

    sightings.add("a", TODAY)
    sightings.give_back({("a", TODAY): 2})
    writer = SightingsWriter(sightings, write)
    writer.start()
    writer.stop()
    assert [{("a", TODAY): 3}] == got


def test_programs_are_known_by_their_names():
    """Robots, feed readers and scripts are no readers; browsers are."""
    assert all(
        map(is_machine, ("", "bingbot/2.0", "curl/8.5", "python-requests/2", "HeadlessChrome/140", "AhrefsBot/7.0"))
    )
    assert not is_machine(FIREFOX["user-agent"])
    assert not is_machine("Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140 Mobile Safari/537.36")


def test_the_page_tells_what_happened(wired, desk, listing):
    """Figures, pictures with tables, a row for the listing; another period, and both files."""
    today = clock.now().date()
    with wired.db.write() as db:
        add_views(db, {(listing.id, today): 7, (listing.id, today - timedelta(days=40)): 1200})
        anna = desk_person(db)
        db.add(ShortlistEntry(person_id=anna, technology_id=listing.id, created_at=clock.now()))

    desk.get("/insights?period=30")
    assert listing.title in desk.text
    assert "Show the numbers as a table" in desk.text
    assert "1,207" not in desk.text
    desk.get("/insights")
    assert "1,207" in desk.text

    desk.get("/insights.csv?period=30")
    rows = list(csv.DictReader(io.StringIO(desk.page.content.decode("utf-8-sig"))))
    (told,) = [row for row in rows if row["Views"] != "0"]
    assert ("7", "1", "0") == (told["Views"], told["Shortlists"], told["Enquiries"])
    desk.get("/insights.csv?period=365&by=time")
    rows = list(csv.DictReader(io.StringIO(desk.page.content.decode("utf-8-sig"))))
    assert 1207 == sum(int(row["Views"]) for row in rows)
    assert today.isoformat() == rows[-1]["Until"]


def desk_person(db):
    """The officer's id."""
    return db.exec(select(Person.id).where(Person.name == "Anna Rossi")).one()


def test_an_empty_page_says_so(desk):
    """Nobody has looked yet: no empty picture."""
    desk.get("/insights")
    assert "Nothing happened in this period" in desk.text
    desk.get("/listings")
    assert "/insights" in desk.page.text


@given(
    st.sampled_from(sorted(PERIODS)), st.dictionaries(st.dates(date(2024, 1, 1), date(2027, 1, 1)), st.integers(0, 9))
)
def test_steps_hold_every_day_of_the_period(key, by_day):
    """Nothing is lost between two steps, and nothing outside of the period counts."""
    asked = Period(key, TODAY)

    assert sum(n for day, n in by_day.items() if asked.first <= day <= TODAY) == sum(asked.sums(by_day))
    assert asked.starts == sorted(asked.starts)
    assert asked.first == asked.starts[0]
    assert all(asked.at(start) == at for at, start in enumerate(asked.starts))


def test_unknown_periods_and_no_answers():
    """A made-up address shows the usual period; no answers have no middle."""
    assert "90" == period("<x>", TODAY).key
    assert (None, 3, 2) == (middle([]), middle([1, 3, 9]), middle([1, 2]))
