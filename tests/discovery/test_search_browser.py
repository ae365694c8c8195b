"""The search page in a real browser: with JavaScript nothing reloads and Back works; axe finds nothing; nothing overflows."""

import os
import threading
import time

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from market.app import create_app
from tests.live import chromium_path, free_port

RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
NEED = "We are a small dairy and lose much heat with our waste water, and look for something that takes it out again."

pytestmark = pytest.mark.browser


@pytest.fixture
def database_url(sqlite_url):
    """One kind of database is enough for a browser."""
    return sqlite_url


@pytest.fixture(scope="module")
def chromium():
    """One browser for all."""
    path = chromium_path()
    if path is None:
        if os.environ.get("PONTE_REQUIRE_ALL"):
            pytest.fail("chromium is not installed: apt-get install chromium")
        pytest.skip("chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def site(world):
    """The catalogue over real HTTP."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(create_app(world), port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def open_page(chromium, site):
    """Opens an address of ours; whatever the console complains of is a failure."""
    contexts, complaints = [], []

    def go(path, width=1280, **options):
        context = chromium.new_context(base_url=site, viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        return page

    yield go
    for context in contexts:
        context.close()
    assert [] == complaints


def test_filters_update_in_place_and_back_goes_back(open_page):
    """Ticking a filter changes results, counts and the address without a reload; Back and Forward lead through them."""
    page = open_page("/search")
    page.evaluate("window.notReloaded = true")

    page.get_by_label("Energy and batteries").check()
    expect(page.locator(".result")).to_have_count(2)
    page.get_by_label("Robots and automation").check()
    expect(page.locator(".result")).to_have_count(3)
    assert page.url.endswith("/search?sector=energy&sector=robotics")
    assert page.evaluate("document.activeElement.value") == "robotics"

    page.go_back()
    expect(page.locator(".result")).to_have_count(2)
    expect(page.get_by_label("Energy and batteries")).to_be_checked()
    page.go_back()
    expect(page.locator(".result")).to_have_count(6)
    page.go_forward()
    expect(page.locator(".result")).to_have_count(2)
    page.get_by_role("link", name="Remove filter: Energy and batteries").click()
    expect(page.locator(".result")).to_have_count(6)
    assert page.evaluate("window.notReloaded")


def test_searching_keeps_filters_and_says_the_number(open_page):
    """A search within a ticked sector stays there; a screen reader hears how many there are."""
    page = open_page("/search?sector=energy")
    page.evaluate("window.notReloaded = true")
    page.locator("#q").fill("roof")
    page.get_by_role("button", name="Search", exact=True).click()

    expect(page.locator(".result")).to_have_count(1)
    expect(page.locator("#search-said")).to_have_text("1 technology")
    assert "sector=energy" in page.url
    assert "q=roof" in page.url
    assert page.evaluate("window.notReloaded")
    expect(page.locator("#q")).to_have_value("roof")


def test_suggestions_lead_to_the_listing(open_page):
    """While one types, the listing is offered and can be opened from there, after an update in place too."""
    page = open_page("/search")
    page.get_by_label("Energy and batteries").check()
    expect(page.locator(".result")).to_have_count(2)
    page.locator("#q").press_sequentially("batt")
    page.get_by_role("option", name="Battery of sodium").click()

    page.wait_for_url("**/technologies/battery-of-sodium-*")


def test_everything_works_without_javascript(open_page):
    """Tick, press the button, follow the chip: the same results by ordinary pages."""
    page = open_page("/search", java_script_enabled=False)
    page.get_by_label("Energy and batteries").check()
    page.get_by_role("button", name="Show results").click()
    expect(page.locator(".result")).to_have_count(2)
    page.get_by_role("link", name="Remove filter: Energy and batteries").click()
    expect(page.locator(".result")).to_have_count(6)

    page.get_by_text("Describe what you need").click()
    page.get_by_label("Your need").fill(NEED)
    page.get_by_role("button", name="Find the closest technologies").click()
    expect(page.locator(".result h3").first).to_have_text("Heat from waste water")


@pytest.mark.parametrize("width", [1280, 390, 320])
@pytest.mark.parametrize(
    "path", ["/search", "/search?q=batery&sector=energy", f"/search?q={NEED}", "/search?q=unobtainium"]
)
def test_nothing_stands_in_anybodys_way(open_page, path, width):
    """axe finds nothing, and nothing is wider than the screen."""
    page = open_page(path, width)
    found = Axe().run(page, options={"runOnly": RULES})

    assert [] == [(each["id"], [node["target"] for node in each["nodes"]]) for each in found.response["violations"]]
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
