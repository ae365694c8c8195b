"""Shortlist and comparison in a real browser, at both widths: axe finds nothing, nothing sticks out."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.discovery.test_search_browser import RULES, chromium, database_url, open_page, site

__all__ = ["chromium", "database_url", "open_page", "site"]
pytestmark = pytest.mark.browser


def nothing_in_the_way(page):
    """axe finds nothing, and nothing is wider than the screen."""
    found = Axe().run(page, options={"runOnly": RULES})
    assert [] == [(each["id"], [node["target"] for node in each["nodes"]]) for each in found.response["violations"]]
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (390, False)])
def test_keep_two_and_see_them_side_by_side(open_page, width, javascript):
    """From the results, with and without JavaScript: Keep, keep another, tick both, compare, leave one out."""
    page = open_page("/search?q=saves", width, java_script_enabled=javascript)
    for number in (1, 2):
        page.get_by_role("button", name=re.compile("^Keep")).first.click()
        expect(page.get_by_role("button", name=re.compile("^Kept"))).to_have_count(number)
    if javascript:
        nothing_in_the_way(page)
    page.goto("/shortlist")
    expect(page.get_by_role("checkbox")).to_have_count(2)
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".compare thead th")).to_have_count(3)
    expect(page.get_by_text("Different").first).to_be_visible()
    page.get_by_role("link", name="Leave out").first.click()
    expect(page.locator(".compare thead th")).to_have_count(2)


@pytest.mark.parametrize("width", [1280, 390])
def test_pages_of_what_is_kept_are_for_everybody(open_page, width):
    """The shortlist, the comparison and the institution, looked at by axe."""
    page = open_page("/search?q=saves", width)
    for number in (1, 2):
        page.get_by_role("button", name=re.compile("^Keep")).first.click()
        expect(page.get_by_role("button", name=re.compile("^Kept"))).to_have_count(number)
    page.goto("/shortlist")
    nothing_in_the_way(page)
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".compare")).to_be_visible()
    nothing_in_the_way(page)
    page.goto("/institutions/pumps")
    nothing_in_the_way(page)
