"""The search page as a visitor without JavaScript uses it."""

import re

import pytest
from sqlmodel import select

from market.accounts.models import Organisation
from market.catalog.service import response
from market.discovery.gateway import IndexUnavailable, SearchIndex
from market.discovery.views import search as search_views
from market.kit.db import count_statements

NEED = (
    "We are a small dairy and lose much heat with our waste water. We look for something that takes the heat out of the warm "
    "water before it runs off, and does not need much care."
)


def organisation_id(db, slug):
    """The institution of this address."""
    return db.exec(select(Organisation.id).where(Organisation.slug == slug)).one()


def found(browser):
    """The titles of the results."""
    return [
        re.sub("<.*?>", "", each)
        for each in re.findall(r'<article class="result.*?<h3.*?>(.*?)</h3>', browser.page.text, re.S)
    ]


def test_everything_is_shown_at_first(world, browser):
    """All open listings with their number; filters with counts."""
    browser.get("/search")

    assert 200 == browser.page.status_code
    assert 6 == len(found(browser))
    assert "6 technologies" in browser.text
    assert "Secret" not in browser.text
    assert "Draft" not in browser.text


def test_words_are_found_and_marked(world, browser):
    """A mistyped, unfinished search finds the listing and shows why."""
    browser.get("/search?q=photovotl")

    assert ["Photovoltaic roof tile"] == found(browser)
    assert "<mark>Photovoltaic</mark> roof tile" in browser.page.text


def test_what_a_listing_says_never_becomes_markup(world, browser):
    """Titles and search terms are text, marked or not."""
    browser.get("/search?q=valve <script>alert(1)</script>")

    assert "<script>alert" not in browser.page.text
    assert "&lt;b&gt;<mark>Valve</mark>&lt;/b&gt;" in browser.page.text


def test_filters_narrow_and_can_be_taken_away(world, browser):
    """Ticked values show as chips that link to the search without them; the facet's own counts stay."""
    browser.get("/search?sector=energy&sector=robotics")

    assert {"Photovoltaic roof tile", "Battery of sodium", "Drone for bridges"} == set(found(browser))
    assert 'href="/search?sector=robotics"' in browser.page.text
    assert 'value="machinery"' in browser.page.text

    browser.get("/search?sector=energy&trl=4")
    assert ["Photovoltaic roof tile"] == found(browser)


def test_unknown_values_are_passed_over(world, browser):
    """An old or made-up address is a search all the same."""
    browser.get("/search?sector=nonsense&country=<x>&page=9999999999&sort=evil&price=%22%20OR%201&trl=77")

    assert 200 == browser.page.status_code
    assert 6 == len(found(browser))


def test_a_paragraph_is_understood_as_a_need(world, browser):
    """A description finds the closest listing, says so, and offers to look for every word instead."""
    browser.get("/search", params={"q": NEED})

    assert "Heat from waste water" == found(browser)[0]
    assert "You wrote a whole description" in browser.text
    assert "words=every" in browser.page.text


def test_words_that_nothing_has_are_left_out(world, browser):
    """No listing has all words: the page shows what has most of them, and names what it left out."""
    browser.get("/search?q=battery unobtainium")

    assert ["Battery of sodium"] == found(browser)
    assert "These were left out: unobtainium." in browser.text


def test_the_commonest_word_goes_first(world, browser):
    """Each word is somewhere, together nowhere: the rarer one decides."""
    browser.get("/search?q=quiet saves tile")

    assert len(found(browser)) >= 1
    assert "These were left out: " in browser.text
    assert "saves" in browser.text


def test_nothing_found_says_what_to_do(world, browser):
    """Not a blank page: a sentence and a way on."""
    browser.get("/search?q=unobtainium")
    assert "We found nothing for this" in browser.text

    browser.get("/search?q=battery&sector=food")
    assert "Nothing fits all of this" in browser.text
    assert "Clear the filters" in browser.text


def test_newest_first_can_be_asked_for(world, browser):
    """The order is part of the address and stays with filters."""
    browser.get("/search?q=battery&sort=newest")

    assert 'name="sort" value="newest"' in browser.page.text


def test_institutions_that_answer_quickly_can_be_found(world, browser):
    """A facet by the record of answers, and an order by it; both stay in the address."""
    browser.get("/search")
    assert "Not known yet" in browser.text
    assert "Quickest to answer first" in browser.text

    browser.get("/search?sort=responsive&answers=unknown")
    assert 6 == len(found(browser))
    assert 'name="sort" value="responsive"' in browser.page.text

    browser.get("/search?answers=to_2")
    assert [] == found(browser)


def test_a_new_record_of_answers_reaches_the_search(world, browser, now):
    """Once five enquiries are answered, all listings of the institution move to their place."""
    with world.db.write() as db:
        slow = organisation_id(db, "groesse")
        response.record(db, slow, asked=5, answered=5, days=[1, 1, 2, 4, 9], now=now)
    world.worker().drain()

    browser.get("/search?answers=to_2")
    assert {"Drone for bridges", "Battery of sodium"} < set(found(browser))
    assert 3 == len(found(browser))
    browser.get("/search?sort=responsive")
    assert "Battery of sodium" in found(browser)[:3]


class Down:
    """An engine that does not answer."""

    name = "down"

    def __getattr__(self, name):
        def refuse(*_args, **_given):
            raise IndexUnavailable("cut")

        return refuse


def test_without_its_engine_the_page_still_answers(world, browser):
    """Titles are found in the tables, a banner says that it is less, and the page is not kept for later."""
    engine = world.gateways[SearchIndex]
    world.gateways.put(SearchIndex, Down())
    browser.get("/search?q=battery")

    assert 200 == browser.page.status_code
    assert ["Battery of sodium"] == found(browser)
    assert "Search is limited right now" in browser.text
    assert "Secret" not in browser.text

    browser.get("/search?q=battery&sector=energy&trl=3&offer=licence")
    assert 200 == browser.page.status_code

    world.gateways.put(SearchIndex, engine)
    browser.get("/search?q=battery")
    assert "Search is limited right now" not in browser.text


def test_suggestions_name_technologies_institutions_and_sectors(world, browser):
    """What is typed so far, as JSON for the search box; only what everybody may see."""
    browser.get("/search/suggest?q=pump")
    answer = browser.page.json()
    institutes = {each["text"]: each["href"] for each in answer if each["kind"] == "Institution"}

    assert "Technology" == answer[0]["kind"]
    assert "Quiet pump" == answer[0]["text"]
    assert {"Institute of Pumps", "Pumpeninstitut Größe"} == set(institutes)
    assert institutes["Pumpeninstitut Größe"].endswith("/groesse")

    browser.get("/search/suggest?q=energ")
    assert "Energy and batteries" in [each["text"] for each in browser.page.json()]
    browser.get("/search/suggest?q=secret")
    assert [] == browser.page.json()
    browser.get("/search/suggest?q=a")
    assert [] == browser.page.json()


def test_suggestions_come_without_the_engine_too(world, browser):
    """Titles from the tables."""
    world.gateways.put(SearchIndex, Down())
    browser.get("/search/suggest?q=quiet")

    assert "Quiet pump" == browser.page.json()[0]["text"]


@pytest.mark.parametrize(
    "text", ["%", "_", "\\", "' OR 1=1 --", "\x00", "\ud800".encode("utf-8", "surrogatepass"), "x" * 5000]
)
def test_nothing_typed_breaks_the_page(world, browser, text):
    """With the engine and without it."""
    for engine in (world.gateways[SearchIndex], Down()):
        world.gateways.put(SearchIndex, engine)
        assert 200 == browser.get("/search", params={"q": text}).status_code
        assert 200 == browser.get("/search/suggest", params={"q": text}).status_code


def test_the_number_of_statements_does_not_depend_on_results(world, browser):
    """A full page costs as many statements as one with a single result."""
    counted = []
    count_statements(world.db.reader, lambda: counted.append(1))
    numbers = []
    for address in ("/search?q=sodium", "/search"):
        counted.clear()
        browser.get(address)
        numbers.append(len(counted))

    assert numbers[0] == numbers[1]
    assert numbers[1] <= 8


def test_values_of_a_long_facet_can_be_looked_for(world, browser, monkeypatch):
    """Without JavaScript too: the field goes with the form, ticked values stay, the address carries it on."""
    monkeypatch.setattr(search_views, "MANY", 2)
    browser.get("/search")
    assert 'name="in-sector"' in browser.page.text

    browser.get("/search?in-sector=ener&sector=robotics")
    sectors = re.findall(r'name="sector" value="(\w+)"', browser.page.text)
    assert {"energy", "robotics"} == set(sectors)
    assert 'name="in-sector" value="ener"' in browser.page.text

    browser.get("/search?in-sector=%3Cscript%3E")
    assert "No value is called like this" in browser.text
    assert "<script>" not in browser.page.text.replace('<script type="module"', "")
