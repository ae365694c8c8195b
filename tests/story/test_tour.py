"""The tour of the README: the sample world as `market run` serves it, seen by a visitor, a company and an office."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.live import ROOT, LiveServer, serving
from tests.story.conftest import NewVisitor, accessible

README = (ROOT / "README.md").read_text()
TOUR = ROOT / "build" / "tour"
SCREEN = {"width": 1280, "height": 860}
OFFERED = "Olive mill water turned into an antioxidant"
LICENSED = "Electric pulses that press more oil from cold olives"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """`market run` on an empty folder: it fills itself with the sample world."""
    with serving(tmp_path_factory.mktemp("sample"), "run") as server:
        yield server


def keep(page: Page, name: str) -> None:
    """A picture of what the README shows, as a person first sees the page."""
    accessible(page)
    assert f"market/static/tour/{name}.png" in README, f"the README does not show {name}"
    TOUR.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=TOUR / f"{name}.png")


def play(page: Page, kind: str, name: str) -> None:
    """One click on the sign-in page of the sample world."""
    page.goto("/sign-in")
    group = page.locator("details").filter(has_text=kind)
    if not group.get_by_role("button", name=name).is_visible():
        group.locator("summary").click()
    group.get_by_role("button", name=name).first.click()
    expect(page.get_by_text(name).first).to_be_visible()


def open_deal(page: Page, title: str) -> None:
    """From the list of deals to one of them."""
    page.goto("/deals")
    page.get_by_role("link", name=title).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)


@pytest.mark.timeout(300)
def test_the_sample_world_shows_the_whole_way(sample: LiveServer, visitor: NewVisitor) -> None:
    """Search, listing, offers by field, agreement, bill and books: each is there to look at after one start."""
    guest = visitor(sample.url, SCREEN)
    guest.goto("/")
    expect(guest.get_by_text("Sample world").first).to_be_visible()
    accessible(guest)
    guest.goto("/search?q=heat+pump")
    expect(guest.locator("mark").first).to_be_visible()
    keep(guest, "search")
    guest.get_by_role("link", name="Heat pump that defrosts").first.click()
    expect(guest.get_by_role("heading", level=1)).to_contain_text("Heat pump")
    keep(guest, "listing")

    company = visitor(sample.url, SCREEN)
    play(company, "Companies", "Ilaria Petrucciani")
    open_deal(company, OFFERED)
    expect(company.get_by_text("Your turn")).to_be_visible()
    keep(company, "deal")
    open_deal(company, LICENSED)
    company.get_by_role("link", name="Compare versions").click()
    expect(company.get_by_text("terms differ").or_(company.get_by_text("term differs")).first).to_be_visible()
    keep(company, "versions")
    company.goto("/invoices")
    expect(company.get_by_role("link", name="INV-00001").first).to_be_visible()
    accessible(company)

    office = visitor(sample.url, SCREEN)
    play(office, "Finance officers", "Lucia Bonavoglia")
    office.goto("/ledger")
    expect(office.get_by_role("heading", name="Ledger", level=1)).to_be_visible()
    keep(office, "ledger")
