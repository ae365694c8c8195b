"""A real browser on a real server; pictures of every step are kept in build/screenshots."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.live import ROOT, LiveServer, chromium_path, serving

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PICTURES = ROOT / "build" / "screenshots"
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all stories."""
    path = chromium_path()
    if path is None:
        if os.environ.get("PONTE_REQUIRE_ALL"):
            pytest.fail("chromium is not installed: apt-get install chromium")
        pytest.skip("chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveServer]:
    """An empty Ponte on SQLite with all embedded parts, as real processes."""
    with serving(tmp_path / "data") as server:
        yield server


NewVisitor = Callable[..., Page]


@pytest.fixture
def visitor(chromium: Browser) -> Iterator[NewVisitor]:
    """Opens browsers of their own: `visitor(width=NARROW, javascript=False)`; whatever the console says is a failure."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def new(base_url: str, size: dict[str, int] | None = None, *, javascript: bool = True, **options: Any) -> Page:
        context = chromium.new_context(
            base_url=base_url, viewport=size or WIDE, java_script_enabled=javascript, locale="en-GB", **options
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console", lambda said: complaints.append(f"{said.text} on {page.url}") if said.type == "error" else None
        )
        page.on("pageerror", lambda error: complaints.append(f"{error} on {page.url}"))
        return page

    yield new
    for context in contexts:
        context.close()
    # a refused form (422, 403) is told on the console too; that is what we asked for
    assert [] == [text for text in complaints if not re.search(r"status of 4\d\d", text)]


def picture(page: Page, name: str) -> None:
    """Keep a picture of the whole page at both widths, and see that nothing sticks out."""
    for size, where in ((WIDE, "1280"), (NARROW, "390")):
        page.set_viewport_size(size)
        folder = PICTURES / where
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{name}.png", full_page=True)
        wide = page.evaluate("document.documentElement.scrollWidth") if size is NARROW else 0
        assert wide <= 390, f"{name} is {wide} px wide on a 390 px screen"
    page.set_viewport_size(WIDE)


AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]


def accessible(page: Page) -> None:
    """axe finds nothing on the page in hand."""
    import axe_playwright_python

    script = Path(axe_playwright_python.__file__).parent / "axe.min.js"
    page.evaluate(script.read_text())
    found = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", AXE_TAGS)
    told = [f"{v['id']}: {v['help']}: {v['nodes'][0]['html'][:160]}" for v in found["violations"]]
    assert [] == told, page.url


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    for item in items:
        if "tests/story" in str(item.fspath):
            item.add_marker(pytest.mark.browser)
