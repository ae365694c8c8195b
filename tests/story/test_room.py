"""From the enquiry to a secret: two sides sign a non-disclosure agreement, and one reads what the other puts into the room."""

import io
from pathlib import Path

import pypdf
import pytest
from playwright.sync_api import Page, expect

from tests.deals.world import pdf
from tests.live import LiveServer
from tests.story.conftest import NewVisitor
from tests.story.steps import Story

OFFICER, BUYER, OPERATOR = "otto.rossi@example.com", "carla.jensen@example.com", "olga@example.com"
TITLE = "Silent valve for bottles"


def _sign(story: Story, page: Page, deal: str, name: str) -> None:
    page.goto(f"{deal}/nda")
    page.get_by_label("Your full name").fill(name)
    page.locator("input[name=consent]").check()
    story.look(page, f"nda-{name.split(maxsplit=1)[0].lower()}")
    page.get_by_role("button", name="Sign the agreement").click()


@pytest.mark.timeout(420)
def test_from_the_enquiry_to_a_marked_copy(live: LiveServer, visitor: NewVisitor, tmp_path: Path) -> None:
    """Both sign what one proposes; a document is put in, read page by page, taken along with a name on it, and shut."""
    story = Story(live)
    operator, officer, buyer = (visitor(live.url) for _person in range(3))
    story.register(operator, "Olga Operator", OPERATOR)
    assert 0 == live.market("make-operator", OPERATOR).returncode
    story.register(officer, "Otto Rossi", OFFICER)
    story.found(officer, "University", "University of Quiet Machines", "IT")
    story.verify(operator, "University of Quiet Machines")
    story.write_listing(officer, tmp_path, TITLE)
    story.register(buyer, "Carla Jensen", BUYER)
    story.found(buyer, "Small or medium-sized company", "Olio Jensen", "IT")
    story.verify(operator, "Olio Jensen")
    story.search(buyer, TITLE)
    deal = story.enquire(buyer)
    officer.goto(deal)
    officer.get_by_label("Your answer").fill("Gladly. It is free for oil.")
    officer.get_by_role("button", name="Answer the enquiry").click()

    officer.get_by_role("link", name="Propose a non-disclosure agreement").click()
    story.look(officer, "nda-propose")
    officer.get_by_role("button", name="Propose it").click()
    _sign(story, officer, deal, "Otto Rossi")
    assert "non-disclosure" in story.mail(BUYER, "sign the non-disclosure")
    _sign(story, buyer, deal, "Carla Jensen")
    expect(buyer.get_by_text("Signed by both sides").first).to_be_visible()
    story.look(buyer, "deal-evaluating")

    officer.goto(f"{deal}/room")
    recipe = tmp_path / "recipe.pdf"
    recipe.write_bytes(pdf())
    officer.locator("input[type=file]").set_input_files(recipe)
    officer.get_by_label("What it is (optional)").fill("The recipe")
    officer.locator("input[name=download]").check()
    story.look(officer, "room-owner")
    officer.get_by_role("button", name="Put it in").click()
    buyer.goto(f"{deal}/room")
    story.look(buyer, "room-reader")
    buyer.get_by_role("link", name="The recipe").click()
    expect(buyer.locator(".paper-page img")).to_be_visible()
    story.look(buyer, "room-page")
    with buyer.expect_download() as taken:
        buyer.get_by_role("link", name="Download a copy with your name on it").click()
    copy = pypdf.PdfReader(io.BytesIO(Path(taken.value.path()).read_bytes()))
    assert all("Carla Jensen" in page.extract_text() for page in copy.pages)

    officer.get_by_role("link", name="The recipe").click()
    expect(officer.get_by_text("Marked copy downloaded").first).to_be_visible()
    story.look(officer, "room-log")
    officer.get_by_role("button", name="Shut it for the other side").click()
    assert 404 == buyer.request.get(buyer.url).status
    assert 0 == live.market("check-audit").returncode
