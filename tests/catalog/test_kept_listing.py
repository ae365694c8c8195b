"""A listing's page is made once for all readers; each sees their own name there, and nobody else's."""

from collections.abc import Iterator

import pytest
from sqlmodel import select

from market.accounts.rules import Role
from market.catalog.models import Technology
from market.catalog.service.listing import TOPIC
from market.kit import cache
from market.kit.actor import Actor
from market.kit.kept import Hole
from market.kit.templating import Addresses, Templates
from market.wiring import Wired
from seed.generate import generate
from tests.accounts.people import a_member, a_person, an_organisation, another_browser, sign_in
from tests.browserless import Browser


@pytest.fixture
def path(wired: Wired) -> str:
    """The address of a published listing."""
    generate(wired.db, 3)
    with wired.db.read() as db:
        technology = db.exec(select(Technology).where(Technology.state == "published")).first()
        assert technology is not None
        return f"/technologies/{technology.slug}-{technology.id}"


@pytest.fixture
def bruno(wired: Wired) -> Iterator[Browser]:
    """A second company's browser."""
    with another_browser(wired) as other:
        yield other


def companies(wired: Wired) -> None:
    """Two companies with one person each."""
    with wired.db.write() as db:
        for name, company in (("Anna Rossi", "Rossi Pumps"), ("Bruno Verdi", "Verdi Valves")):
            an_organisation(db, a_person(db, name).id, company)


def test_everybody_reads_the_page_under_their_own_name(
    wired: Wired, browser: Browser, bruno: Browser, path: str
) -> None:
    """Anna's name is on her page only, whoever read the listing before; a visitor is asked to sign in."""
    companies(wired)
    sign_in(browser)
    sign_in(bruno, "bruno.verdi@example.com")
    with another_browser(wired) as visitor:
        for _again in range(2):
            assert "Anna Rossi" in browser.get(path).text
            assert "Anna Rossi" not in bruno.get(path).text
            assert "Bruno Verdi" in bruno.page.text
            assert "Sign in" in visitor.get(path).text
            assert "Rossi" not in visitor.page.text
            assert "Sign out" not in visitor.page.text
    assert "private, no-store" == browser.page.headers["cache-control"]


def test_the_form_on_a_kept_page_is_the_readers_own(wired: Wired, browser: Browser, bruno: Browser, path: str) -> None:
    """The way out works from a page that somebody else's visit made, and the token is another one each time."""
    companies(wired)
    sign_in(bruno, "bruno.verdi@example.com")
    bruno.get(path)
    sign_in(browser)
    browser.get(path)
    first = browser.token()
    browser.get(path)
    assert first != browser.token()
    assert 200 == browser.submit("/sign-out").status_code
    assert "Anna Rossi" not in browser.get(path).text


def test_the_owner_sees_the_way_to_the_editor(wired: Wired, browser: Browser, bruno: Browser, path: str) -> None:
    """What is kept for all is not what the institution's own people see."""
    companies(wired)
    with wired.db.write() as db:
        technology = db.get(Technology, path[-26:])
        assert technology is not None
        a_member(db, technology.organisation_id, "Olga Neri", Role.OFFICER)
    sign_in(bruno, "bruno.verdi@example.com")
    sign_in(browser, "olga.neri@example.com", "horses like quiet stables")
    for _again in range(2):
        assert "Ask about this technology" in bruno.get(path).text
        assert "Edit this listing" in browser.get(path).text


def test_what_one_reader_keeps_shows_to_them_alone(wired: Wired, browser: Browser, bruno: Browser, path: str) -> None:
    """Anna's page says Kept at once, and no longer once she has put it back; Bruno's and a visitor's never do."""
    companies(wired)
    wired.worker().drain()
    sign_in(browser)
    sign_in(bruno, "bruno.verdi@example.com")
    with another_browser(wired) as visitor:
        for pressed, kept in (("/shortlist", True), ("/shortlist/remove", False)):
            for other in (browser, bruno, visitor):
                other.get(path)
            browser.submit(pressed, technology=path[-26:])
            for _again in range(2):
                browser.get(path)
                assert kept == ("is-kept" in browser.page.text)
                for other in (bruno, visitor):
                    other.get(path)
                    assert "is-kept" not in other.page.text


def test_the_owner_who_comes_first_is_known(wired: Wired, browser: Browser, path: str) -> None:
    """The page of the institution's own people has their name even when nobody opened it before."""
    with wired.db.write() as db:
        technology = db.get(Technology, path[-26:])
        assert technology is not None
        a_member(db, technology.organisation_id, "Olga Neri", Role.OFFICER)
    sign_in(browser, "olga.neri@example.com", "horses like quiet stables")
    assert "Olga Neri" in browser.get(path).text
    assert "private, no-store" == browser.page.headers["cache-control"]


def test_a_change_is_seen_with_the_next_reading(wired: Wired, browser: Browser, path: str) -> None:
    """No reader, signed in or not, gets yesterday's page."""
    companies(wired)
    sign_in(browser)
    browser.get(path)
    with wired.db.write() as db:
        technology = db.get(Technology, path[-26:])
        assert technology is not None
        technology.title = "Something else altogether"
        cache.touch(db, TOPIC)
    assert "Something else altogether" in browser.get(path).text


def test_a_withdrawn_listing_is_gone_for_all_but_its_owners(wired: Wired, browser: Browser, path: str) -> None:
    """A page that was kept does not outlive its listing."""
    companies(wired)
    sign_in(browser)
    assert 200 == browser.get(path).status_code
    with wired.db.write() as db:
        technology = db.get(Technology, path[-26:])
        assert technology is not None
        technology.state = "withdrawn"
        cache.touch(db, TOPIC)
    assert 404 == browser.get(path).status_code


def test_a_hole_is_filled_with_what_is_about_the_reader() -> None:
    """What is kept for one reader is never given to another, and a token is put in anew."""
    templates = Templates(Addresses(), "http://testserver", sandbox=False, sample_world=False)
    hole = Hole("_reader/flashes.html")
    anna, bruno = Actor(person_id="a", person_name="Anna"), Actor(person_id="b", person_name="Bruno")
    assert templates.fill_again(hole, anna, "en", lambda: "t") == templates.fill_again(hole, bruno, "en", lambda: "t")
    assert "Welcome" in templates.fill(
        hole, {"actor": anna, "flashes": [("success", "Welcome")], "request_path": ""}, lambda: "t"
    )
