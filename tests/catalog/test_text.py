"""Texts of other catalogues become plain, readable text."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.catalog.rules import text


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("10<sup>-6</sup> m", "10⁻⁶ m"),
        ("CO<sub>2</sub>", "CO₂"),
        ("T<sub>g</sub> = 370&#176;C", "T_g = 370°C"),
        ("Nafion<sup>tm</sup>", "Nafion™"),
        ("the 5<sup>th</sup> test", "the 5th test"),
        ("a &#8212stretched dash", "a —stretched dash"),
        ("twice &amp;deg; escaped", "twice ° escaped"),
        ("<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
        ("if a < b and 5 > 3", "if a < b and 5 > 3"),
        ("<script>alert(1)</script>kept", "kept"),
        ("two  spaces\r\n\r\n\r\n\r\nnext", "two spaces\n\nnext"),
        ("right\u202eto left\x00", "rightto left"),
    ],
)
def test_markup_becomes_plain_text(raw, plain):
    """Tags, entities and control characters vanish; what they meant stays."""
    assert plain == text.tidy(raw)


def test_a_line_end_in_a_title_does_not_split_a_word():
    """A title broken after a slash reads on without a gap."""
    assert "Oxidation/Reduction Catalysts" == text.one_line("Oxidation/\nReduction  Catalysts")


@given(st.text(max_size=300))
def test_tidying_twice_changes_nothing_more(raw):
    """Tidy text stays as it is when it comes round again, unless it spelled out markup."""
    once = text.tidy(raw)
    if "<" not in once and "&" not in once:
        assert once == text.tidy(once)
    assert "\x00" not in once


@given(st.text(alphabet=st.characters(categories=("L", "N", "P", "S", "Zs")), max_size=200))
def test_what_was_escaped_comes_back(plain):
    """Text that a catalogue escaped is read as its author wrote it."""
    assert text.tidy(plain) == text.tidy(html.escape(plain)) or "&" in plain or "<" in plain


def test_the_summary_is_the_sentence_that_says_what_was_made():
    """Of an abstract that begins with the weather, the summary is the sentence about the invention."""
    made = "NASA has developed a suit, e.g. for the U.S. market, that mends itself."

    assert made == text.telling_sentence(f"Space is a very unforgiving place. {made} More follows.")


@given(st.text(max_size=600), st.integers(min_value=20, max_value=300))
def test_a_summary_is_never_too_long(told, limit):
    """However long the text, its summary keeps the limit."""
    assert len(text.telling_sentence(told, limit)) <= limit


@pytest.mark.parametrize(("broken", "mended"), [("CafÃ©", "Café"), ("5 â€“ 7", "5 – 7"), ("naïve façade", None)])
def test_wrongly_decoded_letters_are_found_and_mended(broken, mended):
    """UTF-8 that was read as Windows-1252 is noticed; ordinary accents are left alone."""
    assert (mended is not None) == text.looks_garbled(broken)
    if mended:
        assert mended == text.mend(broken)


@given(st.text(max_size=200))
def test_an_address_part_is_always_plain(title):
    """Any title gives lower-case ASCII words with hyphens, never nothing."""
    part = text.slug(title)
    assert part
    assert part == part.lower()
    assert set(part) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert len(part) <= 60
