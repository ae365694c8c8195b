"""A company describes what it needs, posts it, and an institute answers: in a real browser, at both widths, axe clean."""

import time
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from market.kit.db import Database
from market.wiring import subscribers
from tests.accounts.people import PASSWORD
from tests.live import LiveServer
from tests.needs import world as making
from tests.needs.world import TEXT, WORDS
from tests.story.conftest import NewVisitor, accessible, picture


def look(page: Page, name: str) -> None:
    """Keep a picture at both widths, and let axe look."""
    picture(page, f"needs-{name}")
    accessible(page)


def sign_in(page: Page, email: str) -> None:
    """Sign in by the form that is on the screen."""
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").first.fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in").click()


def until(page: Page, address: str, words: str) -> None:
    """Load an address again until the worker has done its part."""
    end = time.monotonic() + 30
    while True:
        page.goto(address)
        if words in page.locator("main").inner_text():
            return
        assert time.monotonic() < end, f"{words!r} does not appear on {address}"
        time.sleep(0.3)


@pytest.mark.timeout(600)
def test_from_a_description_to_an_answer(live: LiveServer, visitor: NewVisitor) -> None:  # noqa: PLR0915 - one story
    """Bianca describes her need, posts it anonymously, Olga opens it, Otto answers, Bianca marks it and asks."""
    database = Database(f"sqlite:///{live.folder / 'ponte.sqlite'}", subscribers())
    with database.write() as db:
        making.make_world(db, datetime.now(UTC))
    database.close()
    buyer, operator, officer, stranger = (visitor(live.url) for _person in range(4))

    stranger.goto("/needs")
    expect(stranger.get_by_text("No need is open now")).to_be_visible()
    look(stranger, "none")
    until(buyer, "/search?q=heat+waste+water", "Heat from waste water")
    buyer.goto("/describe")
    look(buyer, "describe")
    buyer.get_by_label("In your own words").fill(TEXT)
    buyer.get_by_role("button", name="Find the closest technologies").click()
    expect(buyer.get_by_role("link", name="Heat from waste water")).to_be_visible()
    look(buyer, "described")
    buyer.get_by_role("button", name="Post this as a need").click()
    sign_in(buyer, "bianca.bianchi@example.com")
    expect(buyer.get_by_label("Describe it")).to_have_value(TEXT)
    buyer.get_by_label("Stay anonymous until a technology fits").check()
    buyer.get_by_role("button", name="Send it in").click()
    expect(buyer.get_by_text("Choose a sector.").first).to_be_visible()
    look(buyer, "form-refused")
    buyer.get_by_label("Sector").select_option("food")
    buyer.get_by_label("What do you need, in one line?").fill("Heat out of the waste water of a dairy")
    buyer.get_by_role("button", name="Send it in").click()
    expect(buyer.get_by_text("Being checked").first).to_be_visible()
    look(buyer, "waits")
    address = buyer.url

    operator.goto("/sign-in?next=/desk")
    sign_in(operator, "olga.operator@example.com")
    look(operator, "desk")
    operator.get_by_role("link", name="Heat out of the waste water of a dairy").click()
    look(operator, "review")
    operator.get_by_role("button", name="Open it").click()
    expect(operator.get_by_text("No need waits.")).to_be_visible()

    officer.goto("/sign-in?next=/needs-for-us")
    sign_in(officer, "otto.officer@example.com")
    until(officer, "/needs-for-us", "Heat out of the waste water of a dairy")
    look(officer, "for-us")
    officer.get_by_role("link", name="Heat out of the waste water of a dairy").click()
    look(officer, "institution")
    officer.get_by_role("link", name="Answer with a technology").click()
    officer.get_by_label("Why does it fit?").fill(WORDS)
    look(officer, "answer")
    officer.get_by_role("button", name="Send the answer").click()
    expect(officer.get_by_text("You answered with it")).to_be_visible()

    stranger.goto("/needs")
    look(stranger, "list")
    stranger.get_by_role("link", name="Heat out of the waste water of a dairy").click()
    assert "Bianchi" not in stranger.content()
    look(stranger, "public")

    buyer.goto("/our-needs")
    look(buyer, "own")
    buyer.goto(address)
    look(buyer, "answered")
    buyer.get_by_role("button", name="This fits: ask them").first.click()
    expect(buyer.get_by_role("heading", name="Ask Waste Heat Institute")).to_be_visible()
    look(buyer, "enquiry")
    buyer.get_by_role("button", name="Send the enquiry").click()
    expect(buyer.get_by_text("has to answer the enquiry")).to_be_visible()
    buyer.goto(f"{address}/close")
    look(buyer, "close")
