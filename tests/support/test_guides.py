"""Guides: whole, linked, light, and their quizzes explained."""

import re

import pytest
from starlette.routing import Match

from market.deals.process import STATES
from market.routes import all_routes
from market.support import library
from market.support.rules import guide as rules
from market.support.rules.glossary import TERMS
from market.support.rules.picture import described, drawn, size_of

GUIDES = library.guides()
SLUGS = {guide.slug for guide in GUIDES}


@pytest.mark.parametrize("guide", GUIDES, ids=lambda each: each.slug)
def test_a_guide_is_whole(guide):
    """An example with numbers, a checklist, a picture with its words, and three to five questions."""
    assert "## Worked example" in guide.text
    assert "## Checklist\n\n- " in guide.text
    assert re.search(r"\d", guide.text.partition("## Worked example")[2])
    assert 400 <= len(guide.text.split()) <= 1000
    assert 3 <= len(guide.questions) <= 5
    assert guide.summary.endswith(".")
    assert len(guide.picture.items) >= 3
    assert drawn(guide.picture, "x").startswith("<svg")
    if guide.picture.kind == "bars":
        assert all(size_of(value) >= 0 and value for _text, value in guide.picture.items)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda each: each.slug)
def test_links_of_a_guide_lead_somewhere(guide):
    """No dead link inside the house, and none outside without https."""
    for address in re.findall(r"\]\(([^)]+)\)", guide.text):
        if address.startswith("https://"):
            continue
        path = address.partition("#")[0].partition("?")[0]
        scope = {"type": "http", "path": path, "method": "GET", "headers": []}
        assert any(route.matches(scope)[0] == Match.FULL for route in all_routes()), address
        if path.startswith("/learn/") and path.count("/") == 2 and path.split("/")[2] not in PAGES:
            assert path.split("/")[2] in SLUGS, address


PAGES = {"glossary", "patent-costs"}


def test_every_situation_of_a_deal_has_its_guide():
    """No state of the process is forgotten, and a guide named for one exists."""
    assert set(STATES) == set(rules.STAND_OF_STATE)
    assert all(rules.for_state(GUIDES, state) for state in STATES)
    for state, slug in rules.BEST_FOR_STATE.items():
        assert slug in SLUGS, state
        assert rules.for_state(GUIDES, state)[0].slug == slug


def test_html_in_a_guide_is_not_carried_out():
    """The text is ours, and still no tag gets through."""
    for guide in GUIDES:
        assert "<script" not in library.html_of(guide.slug)
        assert "style=" not in library.html_of(guide.slug)
        assert "<" not in described(guide.picture)


def test_an_author_is_told_what_is_missing():
    """Front matter, known words, one right answer and a reason are asked for."""
    with pytest.raises(ValueError, match="no front matter"):
        rules.parse("x", "# Text")
    whole = (library.SHELF / "what-a-licence-is.md").read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="unknown level"):
        rules.parse("x", whole.replace("level: start", "level: high"))
    with pytest.raises(ValueError, match="one of them right"):
        rules.parse("x", whole.replace("- [x]", "- [ ]", 1))


def test_a_visitor_reads_and_answers(wired, browser):
    """Without an account, a cookie or JavaScript."""
    browser.get("/learn")
    assert GUIDES[0].title in browser.text
    browser.get("/learn/what-a-licence-is")
    assert "set-cookie" not in browser.page.headers
    browser.submit("/learn/what-a-licence-is", q1="1")
    assert 422 == browser.page.status_code
    assert "Choose one of the answers" in browser.text
    browser.submit("/learn/what-a-licence-is", q1="0", q2="0", q3="1")
    assert "2 of 3 right" in browser.text
    assert "A patent is a right to exclude" in browser.text
    assert "set-cookie" not in browser.page.headers
    assert 404 == browser.get("/learn/no-such-guide").status_code


def test_guides_are_chosen_by_where_one_stands(wired, browser):
    """The list for somebody who negotiates has other guides than the whole."""
    browser.get("/learn?stand=negotiating")
    assert "Reading a term sheet" in browser.text
    assert "Patents in short" not in browser.text
    browser.get("/learn?stand=nonsense")
    assert "Patents in short" in browser.text


def test_every_term_is_explained_and_leads_on(wired, browser):
    """A sentence or two each, an anchor on the glossary page, and only guides that exist."""
    browser.get("/learn/glossary")
    for key, term in TERMS.items():
        assert term.text.endswith(".")
        assert f'id="{key}"' in browser.page.text
        assert not term.guide or term.guide in SLUGS, key
