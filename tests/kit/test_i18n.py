"""Texts, dates and amounts as the reader's country writes them; and the one clock."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from market.kit import clock, i18n
from market.kit.money import Money

MOMENT = datetime(2027, 3, 3, 23, 30, tzinfo=UTC)
SENTENCES = """msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 ? 1 : 2);\\n"

msgid "{n} offer"
msgid_plural "{n} offers"
msgstr[0] "{n} oferta"
msgstr[1] "{n} oferty"
msgstr[2] "{n} ofert"

msgid "Ends on {day}."
msgstr "Kończy się {day}."
"""


@pytest.fixture
def polish(tmp_path, monkeypatch):
    """A folder of translations with a few Polish sentences."""
    folder = tmp_path / "pl" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text(SENTENCES, encoding="utf-8")
    monkeypatch.setattr(i18n, "LOCALE_DIR", tmp_path)
    for kept in (i18n.available, i18n._translations, i18n.negotiate):
        kept.cache_clear()
    yield "pl"
    for kept in (i18n.available, i18n._translations, i18n.negotiate):
        kept.cache_clear()


@pytest.mark.parametrize(("n", "said"), [(1, "1 offer"), (2, "2 offers"), (0, "0 offers"), (1200, "1,200 offers")])
def test_numbers_take_their_plural(n, said):
    """One offer, two offers."""
    assert said == i18n.ntranslate("{n} offer", "{n} offers", n)


@pytest.mark.parametrize(("n", "said"), [(1, "1 oferta"), (3, "3 oferty"), (5, "5 ofert")])
def test_other_languages_have_other_plurals(polish, n, said):
    """Polish has three forms; the catalogue says which."""
    with i18n.speaking(polish):
        assert said == i18n.ntranslate("{n} offer", "{n} offers", n)


def test_a_sentence_is_translated_with_what_stands_in_it(polish):
    """The date inside is written by the same reader's country; what has no translation stays English."""
    with i18n.speaking(polish):
        assert "Kończy się 3 marca 2027." == i18n.translate("Ends on {day}.", day=date(2027, 3, 3))
        assert "Not yet." == i18n.translate("Not yet.")


def test_every_folder_with_a_catalogue_is_a_language(polish):
    """A new language is there as soon as its catalogue is; browsers that ask for it get it."""
    assert ("en", "pl") == i18n.available()
    assert "pl" == i18n.negotiate("de;q=0.9, pl-PL, en")


@pytest.mark.parametrize("header", ["", "*", "xx-YY", ";;;", "q=1", "x" * 5000, "en-GB,en;q=0.9", "\x00"])
def test_whatever_a_browser_asks_for_there_is_a_language(header):
    """English when nothing fits."""
    assert "en" == i18n.negotiate(header)


@pytest.mark.parametrize(
    ("language", "day", "moment", "number", "share"),
    [
        ("en", "3 March 2027", "3 March 2027, 23:30 UTC", "12,500.5", "3.5%"),
        ("de", "3. März 2027", "3. März 2027, 23:30 UTC", "12.500,5", "3,5%"),
        ("fr", "3 mars 2027", "3 mars 2027, 23:30 UTC", "12\u202f500,5", "3,5%"),
    ],
)
def test_days_and_numbers_are_written_as_at_home(language, day, moment, number, share):
    """Day before month in words, the zone named, the decimals marked."""
    with i18n.speaking(language):
        assert day == i18n.format_date(MOMENT)
        assert moment == i18n.format_datetime(MOMENT)
        assert number == i18n.format_number(Decimal("12500.5"))
        assert share == i18n.format_percent(Decimal("0.035"))


def test_a_moment_is_told_in_the_zone_that_was_asked_for():
    """Half past eleven at night in Greenwich is the next day in Zurich, and the zone is named."""
    assert "4 March 2027, 00:30 CET" == i18n.format_datetime(MOMENT, "Europe/Zurich")
    assert "29 March 2027, 00:30 CEST" == i18n.format_datetime(
        datetime(2027, 3, 28, 22, 30, tzinfo=UTC), "Europe/Zurich"
    )


@pytest.mark.parametrize(
    ("language", "currency", "said"),
    [
        ("en", "EUR", "€1,250.00"),
        ("de", "EUR", "1.250,00\xa0€"),
        ("en", "JPY", "JP¥125,000"),
        ("en", "KWD", "KWD125.000"),
    ],
)
def test_money_is_written_with_its_own_decimals(language, currency, said):
    """Cents where there are cents."""
    with i18n.speaking(language):
        assert said == i18n.show(Money(125_000, currency))


@pytest.mark.parametrize(
    ("language", "direction"), [("en", "ltr"), ("de", "ltr"), ("ar", "rtl"), ("he", "rtl"), ("fa", "rtl")]
)
def test_a_page_runs_the_way_its_language_is_read(language, direction):
    """Arabic and Hebrew from right to left."""
    with i18n.speaking(language):
        assert direction == i18n.direction()


def test_one_readers_language_is_not_the_next_ones():
    """After the block the language is what it was."""
    with i18n.speaking("de"):
        with i18n.speaking("fr"):
            assert "fr" == i18n.current_locale()
        assert "de" == i18n.current_locale()
    assert "en" == i18n.current_locale()


def test_the_pseudo_language_shows_what_escaped_translation():
    """Every sentence that goes through translation stands in brackets."""
    with i18n.speaking("qps"):
        assert "⟦Not yet.⟧" == i18n.translate("Not yet.")
        assert "⟦2 offers⟧" == i18n.ntranslate("{n} offer", "{n} offers", 2)


def test_how_long_ago_is_said_in_words(now):
    """Past and future."""
    assert "3 days ago" == i18n.relative(now - timedelta(days=3), now)
    assert "in 2 hours" == i18n.relative((now + timedelta(hours=2)).isoformat(), now)


def test_countries_have_names():
    """A code that nobody knows comes back as it is."""
    assert ["Denmark", "Worldwide", "XX"] == [i18n.country_name(code) for code in ("DK", "WORLD", "XX")]


def test_the_clock_can_be_held_and_goes_on_after():
    """A frozen clock is UTC whatever zone it was set in, and blocks may stand inside each other."""
    noon = datetime(2027, 3, 3, 12, tzinfo=timezone(timedelta(hours=2)))
    with clock.frozen(noon):
        assert ("2027-03-03T10:00:00+00:00", noon) == (clock.now().isoformat(), clock.now())
        with clock.frozen(noon + timedelta(days=1)):
            assert noon + timedelta(days=1) == clock.now()
        assert noon == clock.now()
    assert abs(datetime.now(UTC) - clock.now()) < timedelta(seconds=5)


def test_a_clock_without_a_zone_is_refused():
    """Nobody knows when noon is without knowing where."""
    with pytest.raises(ValueError, match="time zone"), clock.frozen(datetime(2027, 3, 3)):  # noqa: DTZ001 - the fault itself
        pass
