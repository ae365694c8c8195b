"""What programs read: feed, sitemaps, robots."""

import re
from xml.etree import ElementTree

from market.discovery.gateway import SearchIndex
from market.routes import all_routes, described
from tests.discovery.test_search_page import Down

ATOM = "{http://www.w3.org/2005/Atom}"
PLACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def titles(browser, path):
    """The titles of a feed's entries."""
    answer = browser.get(path)
    assert 200 == answer.status_code
    assert answer.headers["content-type"].startswith("application/atom+xml")
    root = ElementTree.fromstring(answer.content)
    for name in ("id", "title", "updated"):
        assert root.find(f"{ATOM}{name}").text
    return [entry.find(f"{ATOM}title").text for entry in root.iter(f"{ATOM}entry")]


def test_the_newest_are_in_the_feed(world, browser):
    """All that is open, as an Atom feed; markup in a title stays text."""
    found = titles(browser, "/feed.xml")

    assert 6 == len(found)
    assert "<b>Valve</b> & \"seal\" 'o' <script>alert(1)</script>" in found


def test_a_search_can_be_followed(world, browser):
    """The address of a search is the address of its feed; words that nothing has find nothing, rather than something."""
    assert ["Battery of sodium"] == titles(browser, "/feed.xml?q=battery&sector=energy&sort=relevance&page=9")
    assert [] == titles(browser, "/feed.xml?q=battery unobtainium")


def test_a_feed_is_not_sent_twice(world, browser):
    """Feed readers ask often: an unchanged feed is answered in two words."""
    tag = browser.get("/feed.xml").headers["etag"]

    assert 304 == browser.client.get("/feed.xml", headers={"If-None-Match": tag}).status_code


def test_the_sitemap_has_every_open_page(world, browser):
    """Listings, institutions and the start page, through an index; another number is no page."""
    index = ElementTree.fromstring(browser.get("/sitemap.xml").content)
    [place] = [each.text for each in index.iter(f"{PLACE}loc")]
    root = ElementTree.fromstring(browser.get(place.removeprefix("http://testserver")).content)
    places = [each.text for each in root.iter(f"{PLACE}loc")]

    assert 6 == sum("/technologies/" in each for each in places)
    assert {"http://testserver/", "http://testserver/institutions/groesse"} <= set(places)
    for each in places:
        assert 200 == browser.get(each.removeprefix("http://testserver")).status_code
    for wrong in ("0", "2", "x", "99999999"):
        assert 404 == browser.get(f"/sitemap-{wrong}.xml").status_code


def test_robots_are_told_where_to_go(world, browser):
    """The sitemap is named, rooms behind the sign-in are closed."""
    text = browser.get("/robots.txt").text

    assert "Sitemap: http://testserver/sitemap.xml" in text
    assert "Disallow: /deals" in text


def test_robots_stay_out_of_every_private_address(browser):
    """Whatever needs a sign-in is closed to robots; what everybody may read is not, needs and listings among it."""
    text = browser.get("/robots.txt").text
    closed = [line.removeprefix("Disallow: ") for line in text.splitlines() if line.startswith("Disallow: ")]
    rules = [re.compile(re.escape(each).replace(r"\*", ".*")) for each in closed]

    def is_closed(path):
        return any(rule.match(re.sub(r"\{\w+\}", "a1", path)) for rule in rules)

    rows = [row for row in described(all_routes()) if row["methods"] == ["GET"]]
    private = {row["path"] for row in rows if row["permission"] not in ("public", "operate")}
    assert set() == {path for path in private if not is_closed(path)}
    for path in ("/", "/needs", "/needs/a1", "/needs/feed", "/technologies/pump-a1", "/institutions/a1", "/feed.xml"):
        assert not is_closed(path)


def test_a_listing_shows_similar_ones_and_does_without(world, browser, now):
    """Close listings stand below; while the search is down the page is there without them."""
    assert ["Quiet pump"] == titles(browser, "/feed.xml?q=quiet")
    root = ElementTree.fromstring(browser.get("/feed.xml?q=quiet").content)
    path = root.find(f"{ATOM}entry/{ATOM}link").attrib["href"].removeprefix("http://testserver")
    browser.get(path)
    assert "Similar technologies" in browser.text

    world.gateways.put(SearchIndex, Down())
    browser.get(f"{path}?again")
    assert 200 == browser.page.status_code
    assert "Similar technologies" not in browser.text
