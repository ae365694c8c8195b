"""The look in a real browser: nothing overflows, nothing is blocked, axe finds nothing, the keyboard reaches everything."""

import functools
import http.server
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from market.kit.headers import content_security_policy
from market.kit.templating import STATIC
from market.kit.web import ErrorPage
from tests.look import gallery
from tests.look.pages import SampleHome

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--headless=new", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
LIGHT: dict[str, Any] = {"color_scheme": "light"}
DARK: dict[str, Any] = {"color_scheme": "dark"}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="Debian's chromium is not installed"),
]


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the rendered pages with the application's policy, and the static files of the package."""

    def translate_path(self, path: str) -> str:
        path = path.split("?", maxsplit=1)[0]
        return (
            str(STATIC / path.removeprefix("/static/")) if path.startswith("/static/") else super().translate_path(path)
        )

    def do_GET(self) -> None:
        """Answer the suggestions' address too."""
        if not self.path.startswith("/suggest"):
            return super().do_GET()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(
            b'[{"text": "fish <b>tray</b>", "kind": "Technology", "href": "/home.html"}, {"text": "fisheries"}]'
        )
        return None

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", content_security_policy())
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output quiet."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the sample pages are served."""
    folder = tmp_path_factory.mktemp("look")
    pages: dict[str, tuple[Any, Any]] = {
        "gallery": (gallery.GalleryPage(), gallery.OFFICER),
        "home": (SampleHome(), gallery.ANONYMOUS),
        "error": (ErrorPage(status=404, sentence="There is no such page."), gallery.ANONYMOUS),
    }
    for name, (page, actor) in pages.items():
        (folder / f"{name}.html").write_text(gallery.render(page, actor), encoding="utf-8")
        arabic = gallery.render(page, actor, locale="ar", direction="rtl")
        (folder / f"{name}-rtl.html").write_text(arabic, encoding="utf-8")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def opened(browser: Browser, url: str, width: int = 1280, **options: Any) -> tuple[Page, list[str]]:
    """A page at a width, and what the console said."""
    page = browser.new_page(viewport={"width": width, "height": 900}, **options)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(url)
    page.wait_for_load_state("load")
    return page, said


@pytest.mark.parametrize("name", ["gallery", "gallery-rtl", "home", "home-rtl", "error"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_runs_over_the_edge(chromium: Browser, address: str, name: str, width: int):
    """On a small phone, a phone and a desk, in both directions, no page scrolls sideways and the policy blocks nothing."""
    page, said = opened(chromium, f"{address}/{name}.html", width)

    assert width >= page.evaluate("document.documentElement.scrollWidth")
    assert [] == said
    page.close()


@pytest.mark.parametrize(
    ("name", "width", "options"),
    [
        ("gallery", 1280, LIGHT),
        ("gallery", 390, LIGHT),
        ("gallery", 1280, DARK),
        ("gallery", 1280, {"forced_colors": "active"}),
        ("gallery-rtl", 390, LIGHT),
        ("home", 1280, LIGHT),
        ("home", 390, DARK),
        ("error", 1280, LIGHT),
    ],
)
def test_axe_finds_nothing(chromium: Browser, address: str, name: str, width: int, options: dict[str, Any]):
    """An automatic check finds no barrier, by day, by night and with the system's own colours."""
    page, _said = opened(chromium, f"{address}/{name}.html", width, **options)
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]

    assert [] == [(fault["id"], node["target"]) for fault in found for node in fault["nodes"]]
    page.close()


def test_the_first_key_press_offers_to_skip_to_the_content(chromium: Browser, address: str):
    """Who uses the keyboard need not walk through the header on each page."""
    page, _said = opened(chromium, f"{address}/home.html")
    page.keyboard.press("Tab")

    assert page.locator(".skip").is_visible()
    page.keyboard.press("Enter")
    assert "main" == page.evaluate("document.activeElement.id")
    page.close()


def test_a_failed_form_puts_the_focus_on_what_is_wrong(chromium: Browser, address: str):
    """After a mistake the focus is on the summary, and its link leads into the field."""
    page, _said = opened(chromium, f"{address}/gallery.html")

    assert "error-summary" == page.evaluate("document.activeElement.id")
    page.locator(".error-summary a").first.click()
    assert "f-title" == page.evaluate("document.activeElement.id")
    page.close()


def test_every_focus_can_be_seen(chromium: Browser, address: str):
    """Each thing that takes the focus shows it."""
    page, _said = opened(chromium, f"{address}/home.html")
    unseen = []
    for _step in range(24):
        page.keyboard.press("Tab")
        shown = page.evaluate(
            """() => { const at = document.activeElement; const card = at.closest(".card");
            if (at === document.body) return "";
            return [at, card].some((e) => e && getComputedStyle(e).outlineStyle !== "none") ? "" : at.outerHTML }"""
        )
        unseen.append(shown)

    assert [] == [html for html in unseen if html]
    page.close()


@pytest.mark.parametrize("javascript", [True, False])
def test_the_menu_opens_on_a_phone(chromium: Browser, address: str, javascript: bool):
    """Navigation is one tap away on a phone, with and without JavaScript."""
    page, _said = opened(chromium, f"{address}/gallery.html", 390, java_script_enabled=javascript)

    assert not page.locator(".site-nav a").first.is_visible()
    page.locator(".nav-open").click()
    assert page.locator(".site-nav a").first.is_visible()
    page.locator(".nav-close").click()
    assert not page.locator(".site-nav a").first.is_visible()
    page.close()


def test_filters_open_on_a_phone_and_stand_open_on_a_desk(chromium: Browser, address: str):
    """Filters do not push the results away on a phone; on a desk they are simply there."""
    phone, _said = opened(chromium, f"{address}/gallery.html", 390)
    assert not phone.locator("#facet-sector-1").is_visible()
    phone.locator(".filter-drawer > summary").click()
    assert phone.locator("#facet-sector-1").is_visible()
    phone.close()

    desk, _said = opened(chromium, f"{address}/gallery.html", 1280)
    assert desk.locator("#facet-sector-1").is_visible()
    desk.close()


def test_the_account_menu_closes_with_escape(chromium: Browser, address: str):
    """Escape closes the menu and gives the focus back."""
    page, _said = opened(chromium, f"{address}/gallery.html")
    menu = page.locator(".site-account details")
    menu.locator("summary").click()
    assert menu.get_by_role("button", name="Sign out").is_visible()
    page.keyboard.press("Escape")
    assert not menu.get_by_role("button", name="Sign out").is_visible()
    assert "SUMMARY" == page.evaluate("document.activeElement.tagName")
    page.close()


def test_suggestions_can_be_chosen_with_the_keyboard(chromium: Browser, address: str):
    """While typing, suggestions appear as plain text; arrow and Enter take one; Escape sends them away."""
    page, said = opened(chromium, f"{address}/gallery.html")
    box = page.locator("#with-suggestions")
    box.fill("fish")
    options = page.locator("[role=option]")
    options.first.wait_for()

    assert "fish <b>tray</b>" == options.first.locator("span").inner_text()
    page.keyboard.press("Escape")
    assert 0 == options.locator("visible=true").count()
    box.fill("fishe")
    options.first.wait_for()
    page.keyboard.press("ArrowDown")
    assert "with-suggestions-suggestions-0" == box.get_attribute("aria-activedescendant")
    page.keyboard.press("Enter")
    page.wait_for_url("**/home.html")
    assert [] == said
    page.close()


def test_a_second_click_does_not_send_twice(chromium: Browser, address: str):
    """An impatient double click sends a form once."""
    page, _said = opened(chromium, f"{address}/gallery.html")
    sent = page.evaluate(
        """() => { const form = document.querySelector("form[data-once]"); let times = 0;
        document.addEventListener("submit", (e) => { if (!e.defaultPrevented) times += 1; e.preventDefault(); });
        form.requestSubmit(); form.requestSubmit(); return times }"""
    )
    assert 1 == sent
    page.close()


def test_targets_are_large_enough(chromium: Browser, address: str):
    """Every button and field is at least 24 by 24 pixels."""
    page, _said = opened(chromium, f"{address}/gallery.html", 390)
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, input:not([type=hidden]), select, textarea, summary")]
        .filter((e) => e.checkVisibility() && !e.closest(".facet-option"))
        .map((e) => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
        .filter(([, box]) => box.width && (box.width < 22 || box.height < 22)).map(([html]) => html)"""
    )
    assert [] == small
    page.close()
