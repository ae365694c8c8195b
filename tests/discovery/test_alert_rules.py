"""When somebody is told, what stops it, what is compared: the rules alone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.discovery.rules.alerts import due_at
from market.discovery.rules.comparing import chosen, differ
from market.discovery.rules.stopping import person_to_stop, stop_token

ZONES = ["UTC", "Europe/Rome", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Australia/Lord_Howe", "Asia/Tehran"]
MOMENTS = st.integers(1_293_840_000, 2_208_988_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def rome(*parts):
    """A moment in Rome."""
    return datetime(*parts, tzinfo=ZoneInfo("Europe/Rome"))


def test_at_once_is_at_once_and_off_is_never():
    """No morning is waited for."""
    found = rome(2027, 3, 6, 23)

    assert found == due_at("at_once", found, "Europe/Rome")
    assert due_at("off", found, "Europe/Rome") is None


@pytest.mark.parametrize(
    ("frequency", "found", "due"),
    [
        ("daily", (2027, 3, 3, 7, 59), (2027, 3, 3, 8)),
        ("daily", (2027, 3, 3, 8), (2027, 3, 4, 8)),
        ("daily", (2027, 3, 5, 9), (2027, 3, 8, 8)),
        ("weekly", (2027, 3, 3, 12), (2027, 3, 8, 8)),
        ("weekly", (2027, 3, 8, 7), (2027, 3, 8, 8)),
        ("weekly", (2027, 3, 8, 8), (2027, 3, 15, 8)),
    ],
)
def test_a_digest_waits_for_the_next_working_morning(frequency, found, due):
    """Eight o'clock where the person lives, Monday to Friday or on Monday; what comes at eight waits for the next."""
    assert rome(*due) == due_at(frequency, rome(*found), "Europe/Rome")


def test_clocks_that_change_do_not_move_the_morning():
    """Over the night of summer time it is 65 hours from Friday three o'clock in the afternoon to Monday morning... less one."""
    found = rome(2027, 3, 26, 15)
    due = due_at("daily", found, "Europe/Rome")

    assert rome(2027, 3, 29, 8) == due
    assert timedelta(hours=64) == due.astimezone(UTC) - found.astimezone(UTC)


def test_a_day_that_was_left_out_is_not_waited_for():
    """Samoa leapt over Friday, 30 December 2011: what was found on Thursday is told on Monday."""
    found = datetime(2011, 12, 29, 12, tzinfo=ZoneInfo("Pacific/Apia"))

    assert datetime(2012, 1, 2, 8, tzinfo=ZoneInfo("Pacific/Apia")) == due_at("daily", found, "Pacific/Apia")


@given(MOMENTS, st.sampled_from(["daily", "weekly"]), st.sampled_from(ZONES))
def test_every_digest_is_later_in_the_morning_of_its_day_and_soon(found, frequency, zone):
    """Whenever and wherever: strictly later, at eight local time on a right day, within a week and its leap."""
    due = due_at(frequency, found, zone)
    local = due.astimezone(ZoneInfo(zone))

    assert found < due <= found + timedelta(days=8 if frequency == "weekly" else 5)
    assert (8, 0) == (local.hour, local.minute)
    assert local.weekday() in ((0,) if frequency == "weekly" else range(5))


@given(MOMENTS, MOMENTS, st.sampled_from(["daily", "weekly"]), st.sampled_from(ZONES))
def test_what_is_found_later_is_never_told_earlier(one, other, frequency, zone):
    """So that a digest never overtakes another."""
    first, second = sorted([one, other])

    assert due_at(frequency, first, zone) <= due_at(frequency, second, zone)


@given(st.text(max_size=40), st.text(max_size=40))
def test_only_our_seal_stops_mails(person, rubbish):
    """The token names its person; nothing else opens, not even with another key."""
    person = person.replace(".", "")
    token = stop_token("secret", person)

    assert person == person_to_stop("secret", token)
    assert person_to_stop("another secret", token) is None
    assert rubbish == token or person_to_stop("secret", f"{person}.{rubbish}") in (None, person)
    assert person_to_stop("secret", f"x{token}") is None


def test_technologies_are_chosen_once_and_four_fit():
    """Ids or whole addresses, each once; the fifth is one too many, nonsense none."""
    ids = [f"{n}" * 26 for n in range(1, 6)]

    assert (ids[:4], 1) == chosen([ids[0], f"quiet-pump-{ids[0]}", *ids[1:], "short", ""], 4)


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=3), max_size=4))
def test_facts_differ_when_they_are_not_the_same_in_any_order(values):
    """One alone differs from nothing; the order inside a fact means nothing."""
    assert differ(values) == (len({tuple(sorted(each)) for each in values}) > 1)
    assert not differ([*values[:1], *values[:1]])
    assert differ([["a"], ["a", "b"]])
    assert not differ([["a", "b"], ["b", "a"]])


def test_a_date_is_a_working_day():
    """The example days of this file are what they are said to be."""
    assert (2, 4, 0) == (date(2027, 3, 3).weekday(), date(2027, 3, 5).weekday(), date(2027, 3, 8).weekday())
