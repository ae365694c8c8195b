"""The first page."""

from market.wiring import Wired
from tests.browserless import Browser


def test_an_empty_ponte_has_a_first_page(browser: Browser) -> None:
    """Before anything is listed the first page says what Ponte is, and invents no numbers."""
    page = browser.get("/")

    assert 200 == page.status_code
    assert "New technology for your company" in browser.text
    assert "institutions" not in browser.text


def test_the_first_page_is_kept_for_visitors(wired: Wired, browser: Browser) -> None:
    """The first page is made once; a second look costs nothing, and a browser that knows it is told so."""
    tag = browser.get("/").headers["etag"]

    again = browser.client.get("/", headers={"If-None-Match": tag})
    assert 304 == again.status_code
