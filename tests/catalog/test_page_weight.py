"""What a listing costs to load, and what of it reaches the paper."""

import gzip
import re

import pytest
from sqlmodel import select

from market.catalog.models import Technology
from seed.generate import generate

HEAVIEST = 60_000
"""Bytes over the wire, with styles and scripts, as gzip packs them; pictures come on top, when they are scrolled to."""


@pytest.fixture
def page(wired, browser):
    """A published listing's page."""
    generate(wired.db, 3)
    with wired.db.read() as db:
        listing = db.exec(select(Technology).where(Technology.state == "published")).first()
    return browser.get(f"/technologies/{listing.slug}-{listing.id}").text


def test_a_listing_is_light(page, browser):
    """The page with all its styles and scripts stays under 60 kB."""
    parts = re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js)[^"]*)"', page)
    loaded = [page.encode(), *(browser.client.get(part.replace("&amp;", "&")).content for part in dict.fromkeys(parts))]

    assert len(parts) >= 2
    assert sum(len(gzip.compress(each)) for each in loaded) < HEAVIEST


def test_a_listing_can_be_printed(page, browser):
    """On paper stand the texts, not the menus, forms and buttons; what is folded up is unfolded."""
    sheet = re.search(r'href="(/static/[^"]*ponte\.css[^"]*)"', page)
    assert sheet
    css = browser.client.get(sheet.group(1).replace("&amp;", "&")).text
    printed = css[css.index("@media print") :]

    hidden = re.search(r"([^{}]*)\{ display: none !important; \}", printed)
    assert hidden
    assert {".site-nav", ".site-search", ".site-account", ".actions", ".site-footer"} <= set(
        hidden.group(1).replace("\n", "").replace(" ", "").split(",")
    )
    assert "details:not([open])::details-content" in printed
