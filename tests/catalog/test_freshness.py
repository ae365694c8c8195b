"""Listings grow old by the calendar: asked about, marked, hidden, and brought back by one click."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from market.accounts.models import Membership
from market.catalog import queries
from market.catalog.forms import NewListing
from market.catalog.models import Technology
from market.catalog.service import freshness, listing
from market.kit import audit, clock
from market.kit.actor import ANONYMOUS
from market.kit.errors import Gone, PonteError, Refused
from market.kit.mail import Mail
from tests.catalog.samples import institution, officer


def out(db, actor, said, title="Quiet pump", state="published"):
    """A listing that was last confirmed on a day."""
    row = listing.create_draft(db, actor, NewListing(title=title), now=datetime(2027, 1, 1, tzinfo=UTC))
    row.state, row.confirmed_on = state, said
    row.published_at = datetime(2027, 1, 1, tzinfo=UTC)
    db.flush()
    return row


def at(wired, moment):
    """Let the daily job run at a moment."""
    with clock.frozen(moment):
        wired.registry.handlers["catalog.freshness"](wired.worker().run, {})


def mails(wired):
    """The mails that ask, oldest first."""
    with wired.db.read() as db:
        found = db.exec(select(Mail).where(Mail.template == "catalog/mail/confirm_listings").order_by(Mail.id))
        return list(found)


@pytest.fixture
def anna(wired, now):
    """A licensing officer of an institute in Rome's time."""
    with wired.db.write() as db:
        house = institution(db, now)
        house.timezone = "Europe/Rome"
        return officer(db, house, now)


@pytest.mark.parametrize(
    ("said", "moment", "state"),
    [
        (date(2027, 8, 31), datetime(2028, 2, 29, 22, 59, tzinfo=UTC), "published"),
        (date(2027, 8, 31), datetime(2028, 2, 29, 23, 0, tzinfo=UTC), "stale"),
        (date(2027, 4, 1), datetime(2027, 10, 1, 21, 59, tzinfo=UTC), "published"),
        (date(2027, 4, 1), datetime(2027, 10, 1, 22, 0, tzinfo=UTC), "stale"),
        (date(2027, 4, 30), datetime(2027, 10, 30, 22, 0, tzinfo=UTC), "stale"),
        (date(2027, 4, 30), datetime(2027, 12, 30, 23, 0, tzinfo=UTC), "hidden"),
        (date(2027, 4, 30), datetime(2027, 12, 30, 22, 59, tzinfo=UTC), "stale"),
    ],
)
def test_a_day_ends_with_the_institutions_clock(wired, anna, said, moment, state):
    """Over 29 February, in summer and in winter time, a listing ages at midnight in Rome."""
    with wired.db.write() as db:
        row = out(db, anna, said)
    at(wired, moment)
    with wired.db.read() as db:
        assert state == db.get(Technology, row.id).state


def test_a_hidden_listing_leaves_the_market_once(wired, anna):
    """Nobody finds it, its institution still does; the trail says so once, however often the job runs."""
    with wired.db.write() as db:
        row = out(db, anna, date(2027, 1, 1))
    for day in (2, 2, 3):
        at(wired, datetime(2027, 9, day, tzinfo=UTC) + timedelta(hours=6))
    with wired.db.read() as db:
        assert 1 == [each.tag for each in audit.trail(db, ("technology", row.id))].count("catalog:listing:hidden")
        assert [] == queries.documents(db, [row.id])
        assert "hidden" == queries.listing(db, anna, row.id).state
        with pytest.raises(Gone):
            queries.listing(db, ANONYMOUS, row.id)


def test_one_mail_for_all_that_is_due(wired, anna, now):
    """Two weeks before the half year is over the contact gets one mail that lists everything; not a second one soon."""
    with wired.db.write() as db:
        out(db, anna, date(2027, 1, 10), "Quiet pump")
        out(db, anna, date(2027, 1, 12), "Clever <lamp>")
        out(db, anna, date(2027, 6, 1), "Young one")
    at(wired, datetime(2027, 6, 25, 8, tzinfo=UTC))
    assert [] == mails(wired)
    for day in (29, 30):
        at(wired, datetime(2027, 6, day, 8, tzinfo=UTC))
    (sent,) = mails(wired)
    assert ["Quiet pump", "Clever <lamp>"] == [each["title"] for each in sent.context["listings"]]
    at(wired, datetime(2027, 7, 21, 8, tzinfo=UTC))
    assert 2 == len(mails(wired))


def _token(wired):
    return mails(wired)[-1].context["token"]


def test_one_click_confirms_all_that_was_listed(wired, anna):
    """The link confirms in the name of its reader, works once, and brings a hidden listing back."""
    with wired.db.write() as db:
        first, second = out(db, anna, date(2027, 1, 1)), out(db, anna, date(2027, 1, 2), "Lamp")
    moment = datetime(2027, 6, 25, 8, tzinfo=UTC)
    at(wired, moment)
    at(wired, datetime(2027, 9, 4, tzinfo=UTC))
    late = datetime(2027, 9, 5, tzinfo=UTC)
    token = mails(wired)[0].context["token"]
    with wired.db.write() as db:
        assert 2 == freshness.confirm_all(db, token, [first.id, second.id], now=late)
    with wired.db.write() as db:
        assert {("published", date(2027, 9, 5))} == {
            (db.get(Technology, each.id).state, db.get(Technology, each.id).confirmed_on) for each in (first, second)
        }
        assert "Anna Rossi" == audit.trail(db, ("technology", first.id))[-1].person_name
        with pytest.raises(Gone):
            freshness.confirm_all(db, token, [first.id], now=late)


def test_a_link_confirms_nothing_else(wired, anna):
    """An id that was not in the mail is not confirmed; a made-up or old link does nothing."""
    with wired.db.write() as db:
        due, young = out(db, anna, date(2027, 1, 1)), out(db, anna, date(2027, 6, 1), "Young")
    moment = datetime(2027, 6, 25, 8, tzinfo=UTC)
    at(wired, moment)
    with wired.db.write() as db:
        for token, chosen, when, error in (
            ("guessed", [due.id], moment, Gone),
            (_token(wired), [young.id], moment, Refused),
            (_token(wired), [due.id], moment + timedelta(days=91), Gone),
        ):
            with pytest.raises(error):
                freshness.confirm_all(db, token, chosen, now=when)
        assert date(2027, 1, 1) == db.get(Technology, due.id).confirmed_on


def test_who_has_left_confirms_nothing(wired, anna):
    """The link dies with the membership."""
    with wired.db.write() as db:
        due = out(db, anna, date(2027, 1, 1))
    moment = datetime(2027, 6, 25, 8, tzinfo=UTC)
    at(wired, moment)
    with wired.db.write() as db:
        db.delete(db.exec(select(Membership).where(Membership.person_id == anna.person_id)).one())
    with wired.db.write() as db, pytest.raises(PonteError):
        freshness.confirm_all(db, _token(wired), [due.id], now=moment)
    with wired.db.read() as db:
        assert date(2027, 1, 1) == db.get(Technology, due.id).confirmed_on
