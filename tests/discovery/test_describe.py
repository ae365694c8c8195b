"""Describing a need: pasted or brought as a file, answered with technologies and the sentences that match."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from market.discovery.gateway import IndexUnavailable, SearchIndex
from market.discovery.reader import MAX_UPLOAD, read_brief, tidied
from market.discovery.rules.highlight import matcher
from market.discovery.rules.passages import passages, quoted
from market.discovery.rules.question import understand
from market.kit.errors import Refused
from market.kit.files import Upload
from market.needs.models import Need, NeedSketch
from tests.discovery import briefs
from tests.discovery.test_search_page import NEED, found

# --- sentences

LISTING = (
    "It was built in the summer of 2019. The exchanger takes heat out of waste water. Eleven farms in two countries use it. "
    "A brush cleans it every night, so that milk leaves no film. Heat and water go separate ways."
)


def test_the_sentences_with_most_of_the_need_come_first():
    """Each next sentence adds words that those before it lack; the others are left out."""
    matches = matcher(understand("heat of warm waste water, cleans itself, milk", "need"))
    best = passages([LISTING], matches, 2)
    assert [
        "The exchanger takes heat out of waste water.",
        "A brush cleans it every night, so that milk leaves no film.",
    ] == [each.text for each in best]
    assert "The exchanger takes <mark>heat</mark> out of <mark>waste</mark> <mark>water</mark>." == str(
        quoted(best[0], matches)
    )


def test_nothing_in_common_quotes_nothing():
    """A listing that was found by its title alone has no sentence to show."""
    assert [] == passages([LISTING], matcher(understand("silent valve for bottles", "need")))


@given(st.text(max_size=400), st.text(max_size=120))
def test_a_sentence_is_escaped_before_it_is_marked(text, need):
    """Whatever a listing says, no tag of its own comes through, and no sentence is quoted twice."""
    matches = matcher(understand(need, "need"))
    best = passages([text, text], matches)
    for each in best:
        shown = str(quoted(each, matches)).replace("<mark>", "").replace("</mark>", "")
        assert "<" not in shown
    assert len({each.text for each in best}) == len(best) <= 3


# --- files


def upload(data, name="brief"):
    """A file as it comes in a form."""
    return Upload(name, "application/octet-stream", data)


@pytest.mark.parametrize("data", [briefs.pdf(), briefs.docx(), briefs.NEED.encode(), briefs.NEED.encode("utf-16")])
def test_a_brief_is_read(data):
    """PDF, Word and plain text say the same."""
    words = read_brief(upload(data)).replace("\n", " ").split()
    assert {"heat", "waste", "water", "exchanger"} <= set(words)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (briefs.locked_pdf(), "brief_encrypted"),
        (briefs.LOCKED_WORD, "brief_encrypted"),
        (briefs.OLD_WORD, "brief_unknown"),
        (briefs.empty_pdf(), "brief_no_text"),
        (briefs.pdf()[:200], "brief_damaged"),
        (briefs.docx()[:200], "brief_damaged"),
        (briefs.docx(name="xl/workbook.xml"), "brief_unknown"),
        (briefs.docx(name="../word/document.xml"), "brief_unknown"),
        (briefs.docx("<w:document"), "brief_damaged"),
        (briefs.entities(), "brief_damaged"),
        (briefs.bomb(), "brief_too_large"),
        (b"x" * (MAX_UPLOAD + 1), "brief_too_many_bytes"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\x00", "brief_unknown"),
        (b"<html><script>alert(1)</script></html>", "brief_unknown"),
        (b"{\\rtf1 hello}", "brief_unknown"),
        (b"", "brief_no_text"),
    ],
)
def test_what_cannot_be_read_is_said_clearly(data, code):
    """Locked, broken, scanned, bombs and files of another kind: a sentence each, at the field of the file."""
    with pytest.raises(Refused) as told:
        read_brief(upload(data))
    assert (code, "brief") == (told.value.refusal.code, told.value.refusal.field)
    assert told.value.refusal.sentence


@given(st.text(max_size=500))
def test_tidying_keeps_the_words(text):
    """Lines are joined and spaces folded; tidying twice is tidying once."""
    assert tidied(text) == tidied(tidied(text))


# --- the page


def test_a_description_is_answered(world, browser):
    """The closest technology stands first, with the sentences that match; nothing is kept of what was written."""
    browser.get("/describe")
    browser.submit("/describe", text=NEED)
    assert "Heat from waste water" == found(browser)[0]
    assert re.search("<li[^>]*>.*<mark>heat</mark>", browser.page.text)
    assert NEED[:40] in browser.page.text
    with world.db.read() as db:
        assert (0, 0) == tuple(
            db.execute(select(func.count()).select_from(table)).scalar() for table in (Need, NeedSketch)
        )


def test_a_brief_is_answered(world, browser):
    """A file says what is needed; its text is shown, so that it can be changed."""
    browser.get("/describe")
    browser.submit("/describe", files={"brief": ("our need.docx", briefs.docx(), "application/octet-stream")})
    assert "Heat from waste water" == found(browser)[0]
    assert "We read “our need.docx”" in browser.text
    assert "look for an exchanger" in browser.page.text


def test_filters_narrow_the_answers(world, browser):
    """Only technologies of the chosen sector; nonsense is passed over."""
    browser.get("/describe")
    browser.submit("/describe", text=NEED, sector="environment")
    assert ["Heat from waste water"] == found(browser)
    browser.submit("/describe", text=NEED, sector="robotics", offer="option")
    assert "Nothing comes close" in browser.text
    browser.submit("/describe", text=NEED, sector="<b>", offer="", trl="77")
    assert "Heat from waste water" == found(browser)[0]


def test_what_is_wrong_is_said_and_what_was_typed_stays(world, browser):
    """Too little text, or a file that cannot be read: a sentence at the field."""
    browser.get("/describe")
    browser.submit("/describe", text="heat")
    assert 422 == browser.page.status_code
    assert "Describe what you need in a sentence or two" in browser.text
    files = {"brief": ("locked.pdf", briefs.locked_pdf(), "application/pdf")}
    browser.submit("/describe", text="These words stay here.", files=files)
    assert 422 == browser.page.status_code
    assert "locked by a password" in browser.text
    assert "These words stay here." in browser.page.text


def test_a_file_that_is_too_large_is_refused_before_it_is_read(world, browser):
    """Seven megabytes are 413."""
    browser.get("/describe")
    browser.submit("/describe", files={"brief": ("big.pdf", b"%PDF-" + b"x" * 7_000_000, "application/pdf")})
    assert 413 == browser.page.status_code


def test_without_the_engine_titles_help(world, browser, monkeypatch):
    """The engine is down: the page says so and looks at titles."""

    def down(_request):
        raise IndexUnavailable("pulled the plug")

    monkeypatch.setattr(world.gateways[SearchIndex], "search", down)
    browser.get("/describe")
    browser.submit("/describe", text="Heat that leaves our laundry with the water")
    assert "Search is limited right now" in browser.text
    assert ["Heat from waste water"] == found(browser)


def test_hidden_listings_answer_nobody(world, browser):
    """Drafts and withdrawn technologies come close to no need."""
    browser.get("/describe")
    browser.submit("/describe", text="A secret battery or a draft battery for our boats and tools")
    assert "Secret battery" not in browser.page.text
    assert "Draft battery" not in browser.page.text
    assert "Battery of sodium" in found(browser)
