"""Every page of the route table in a real browser: axe finds no barrier, and on a phone nothing runs over the edge."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, sync_playwright

from market.kit.templating import STATIC
from tests.live import chromium_path
from tests.look.test_browser import FLAGS, RULES, pytestmark  # noqa: F401 - the same browser, the same conditions
from tests.shown import Shown, different, shown
from tests.town import Town

ORIGIN = "http://testserver"
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
CHECK = """async () => {
  const told = await axe.run({runOnly: %s, resultTypes: ["violations"], preload: false});
  return told.violations.flatMap((fault) => fault.nodes.map((node) => [fault.id, node.html.slice(0, 160)]));
}""" % (RULES,)  # noqa: UP031 - braces of JavaScript


@dataclass
class Desk:
    """One browser page to look at what the application answered; files of the look come from their folder."""

    page: Page
    html: str = ""

    def answer(self, route: Route) -> None:
        """What stands behind an address: the page in hand, a static file, or nothing."""
        path = urlsplit(route.request.url).path
        if route.request.is_navigation_request() and route.request.frame == self.page.main_frame:
            route.fulfill(body=self.html, content_type="text/html; charset=utf-8")
        elif path.startswith("/static/"):
            route.fulfill(path=STATIC / path.removeprefix("/static/"))
        else:
            route.fulfill(status=204)

    def open(self, shown: Shown) -> None:
        """Show a page."""
        self.html = shown.html
        self.page.goto(ORIGIN + shown.path)

    def faults(self, size: dict[str, Any]) -> list[str]:
        """What axe and a ruler find at a size."""
        self.page.set_viewport_size(size)  # type: ignore[arg-type]
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        found = [f"{fault}: {html}" for fault, html in self.page.evaluate(CHECK)]
        return [*found, *([f"{wide} px wide"] if wide > size["width"] else [])]


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    """The browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        context = browser.new_context(bypass_csp=True, reduced_motion="reduce")
        context.add_init_script(Axe().axe_script)
        found = Desk(context.new_page())
        context.route("**/*", found.answer)
        yield found
        browser.close()


@pytest.fixture(scope="module")
def pages(townsfolk: Town) -> list[Shown]:
    """What there is to look at."""
    return different(shown(townsfolk))


def test_axe_finds_nothing_on_any_page(desk: Desk, pages: list[Shown]) -> None:
    """At a desk and on a phone, for everybody who may see a page; failed forms, made of the same parts, on a phone."""
    told: dict[str, str] = {}
    for page in pages:
        desk.open(page)
        for size in (NARROW, WIDE) if page.status == 200 else (NARROW,):
            for fault in desk.faults(size):
                told.setdefault(fault, f"{page.name} at {size['width']} ({page.path})")
    assert "" == "\n".join(f"{where}: {fault}" for fault, where in told.items())


def test_the_look_goes_over_all_that_there_is(desk: Desk, pages: list[Shown]) -> None:
    """The test above would prove little over few pages, without the style sheets, or with an eye that sees nothing."""
    assert len({page.route for page in pages if page.status == 200}) > 70
    assert len({page.route for page in pages if page.status == 422}) > 40
    bad = (
        '<!doctype html><html><title>x</title><main><img src="x"><p style="width: 2000px">x <a href="/"></a></p></main>'
    )
    desk.open(replace(pages[0], html=bad))
    faults = {fault.split(":")[0] for fault in desk.faults(NARROW)}
    assert {"html-has-lang", "image-alt", "link-name"} <= faults
    assert any(fault.endswith("px wide") for fault in faults)
    desk.open(pages[0])
    assert desk.page.evaluate("document.styleSheets.length && document.styleSheets[0].cssRules.length") > 0
