"""Numbers, prices, sectors, readiness and merging: the small decisions of the catalogue."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.catalog.rules import ip, listing, merging, price
from market.catalog.rules import vocabulary as words
from market.catalog.rules.listing import Readiness


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("US 10,514,454 B1", "US10514454B1"),
        ("us10514454b1", "US10514454B1"),
        ("EP.1000000.A1", "EP1000000A1"),
        ("EP 1 234 567 B1", "EP1234567B1"),
        ("WO 2020/123456 A1", "WO2020123456A1"),
        ("US2025/0224279 A1", "US2025224279A1"),
        ("PCT/EP2020/12345", "WOPCTEP2020012345"),
        ("DE 10 2007 001 234", "DE102007001234"),
        ("LEW-TOPS-115", None),
        ("hello", None),
        ("", None),
    ],
)
def test_numbers_have_one_spelling(written, kept):
    """However a patent number is written, it is kept in one way; what is none is not taken for one."""
    number = ip.parse_number(written)
    assert kept == (number.text if number else None)


def test_a_cell_may_hold_several_numbers():
    """Numbers of one cell are told apart although commas also group digits; the same number counts once."""
    numbers, unread = ip.parse_numbers("US 10,514,454 B1, EP1000000A1; us10514454b1; nonsense")

    assert ["US10514454B1", "EP1000000A1"] == [number.text for number in numbers]
    assert ["nonsense"] == unread


@given(st.text(max_size=80))
def test_any_text_can_be_read_as_numbers(text):
    """Reading numbers never fails, whatever stands in the cell."""
    numbers, _unread = ip.parse_numbers(text, "US")
    assert all(ip.parse_number(number.text) == number for number in numbers if not number.number.startswith("PCT"))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("", ("on_request", None, None, "")),
        ("On request", ("on_request", None, None, "")),
        ("free of charge", ("free", None, None, "")),
        ("€5,000", ("fixed", 500_000, None, "EUR")),
        ("5.000,50 EUR", ("fixed", 500_050, None, "EUR")),
        ("1,000 - 5,000 USD", ("range", 100_000, 500_000, "USD")),
        ("¥50000", ("fixed", 50_000, None, "JPY")),
        ("5,000 - 1,000", None),
        ("a lot", None),
    ],
)
def test_prices_are_read_as_people_write_them(written, read):
    """Amounts, ranges, signs and words for nothing are understood; anything else is no price."""
    assert read == price.parse_price(written, "EUR")


@pytest.mark.parametrize(
    ("category", "sector"),
    [
        ("Materials and Coatings", "materials"),
        ("sensors", "measurement"),
        ("Health, Medicine & Biotechnology", "health"),
        ("Farming and food", "food"),
        ("Life Sciences > Drug delivery", "biotech"),
        ("Astrology", None),
    ],
)
def test_categories_find_their_sector(category, sector):
    """Other catalogues' categories land in one of our sectors, or in none."""
    assert sector == words.sector_of(category)


def test_every_category_of_nasa_has_a_sector():
    """The table names no sector that does not exist."""
    assert set(words.NASA_CATEGORIES.values()) <= set(words.SECTORS)
    assert {sector for _word, sector in words.SECTOR_WORDS} <= set(words.SECTORS)
    assert 14 <= len(words.SECTORS) <= 18


READY = Readiness(
    "Pump", "It pumps.", "It pumps water and it does so quietly, day and night.", "machinery", ("licence",), True
)


def test_a_complete_listing_lacks_nothing():
    """With title, summary, description, sector, offer and contact a listing can go out."""
    assert [] == listing.missing(READY)


def test_an_empty_listing_is_told_what_it_lacks():
    """Each missing part is named by its field, in the order of the form."""
    lacking = listing.missing(Readiness("", "", "", None, (), False))
    assert ["title", "summary", "description", "sector", "offers", "contact_id"] == [
        refusal.field for refusal in lacking
    ]


def test_a_listing_ages():
    """After half a year without a word it is to be confirmed, two months later it is hidden."""
    said = date(2027, 1, 1)
    assert "published" == listing.freshness(said, date(2027, 7, 1))
    assert "stale" == listing.freshness(said, date(2027, 7, 2))
    assert "stale" == listing.freshness(said, date(2027, 9, 1))
    assert "hidden" == listing.freshness(said, date(2027, 9, 2))


@pytest.mark.parametrize(
    ("said", "until"),
    [
        (date(2027, 8, 31), date(2028, 2, 29)),
        (date(2026, 8, 29), date(2027, 2, 28)),
        (date(2028, 2, 29), date(2028, 8, 29)),
        (date(2027, 12, 31), date(2028, 6, 30)),
    ],
)
def test_half_a_year_ends_on_a_day_that_exists(said, until):
    """Six months after 31 August are the last day of February, in leap years the 29th."""
    assert until == listing.confirm_by(said)
    assert ["published", "stale"] == [listing.freshness(said, until + timedelta(days=n)) for n in (0, 1)]


BLANK = {name: ([] if name in ("offers", "licences", "keywords") else None) for name in merging.FIELDS}


def test_the_source_may_change_what_nobody_edited_here():
    """A new title at the source replaces the old one; nothing else is written."""
    told = BLANK | {"title": "Old", "stage": "lab"}
    merged = merging.merge(told, told, told | {"title": "New"})
    assert ({"title": "New"}, ()) == (merged.write, merged.kept)


def test_what_was_edited_here_is_kept():
    """Where both sides changed the same field, the editor's words stay, and the field is named."""
    told = BLANK | {"title": "Old"}
    merged = merging.merge(told | {"title": "Edited"}, told, told | {"title": "New"})
    assert ({}, ("title",)) == (merged.write, merged.kept)


@given(st.dictionaries(st.sampled_from(merging.FIELDS), st.text(max_size=3)))
def test_a_source_that_says_nothing_new_changes_nothing(edited):
    """Importing the same again writes nothing, whatever was edited here."""
    told = BLANK | {"title": "Old"}
    assert {} == merging.merge(told | edited, told, told).write


def test_price_bands_follow_the_amount():
    """Search groups prices; no amount means on request."""
    assert ["free", "to_5k", "to_25k", "above", "on_request"] == [
        words.price_band("free", None),
        words.price_band("fixed", 5_000),
        words.price_band("range", 5_001),
        words.price_band("express", 250_000),
        words.price_band("on_request", None),
    ]
