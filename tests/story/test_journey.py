"""The main journey: from an institute's spreadsheet to a paid licence, in a real browser on a real server."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.live import LiveServer
from tests.story.conftest import NewVisitor
from tests.story.steps import ROWS, Story, catalogue

OFFICER, BUYER, OPERATOR = "otto.rossi@example.com", "carla.jensen@example.com", "olga@example.com"
TITLE = "Silent valve for bottles"


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
@pytest.mark.timeout(420)
def test_from_the_spreadsheet_to_the_paid_licence(
    live: LiveServer, visitor: NewVisitor, tmp_path: Path, javascript: bool
) -> None:
    """An officer, an operator and a small company do the whole job, and the books are right."""
    story = Story(live, keep=javascript)
    operator, officer, buyer = (visitor(live.url, javascript=javascript) for _person in range(3))

    story.register(operator, "Olga Operator", OPERATOR)
    assert 0 == live.market("make-operator", OPERATOR).returncode

    story.register(officer, "Otto Rossi", OFFICER)
    story.found(officer, "University", "University of Quiet Machines", "IT")
    story.verify(operator, "University of Quiet Machines")
    assert "checked" in story.mail(OFFICER, "checked")

    story.import_catalogue(officer, catalogue(tmp_path / "catalogue.xlsx"), "3")
    changed = [(*ROWS[0][:3], "A pump that needs no oil, no water and no care.", *ROWS[0][4:]), *ROWS[1:]]
    story.import_catalogue(officer, catalogue(tmp_path / "again.xlsx", changed), "Changed")
    officer.goto("/listings")
    expect(officer.get_by_role("link", name="Pump without bearings").first).to_be_visible()
    address = story.write_listing(officer, tmp_path, TITLE)

    story.register(buyer, "Carla Jensen", BUYER)
    story.found(buyer, "Small or medium-sized company", "Olio Jensen", "IT")
    story.verify(operator, "Olio Jensen")
    story.search(buyer, TITLE)
    assert buyer.url.split("?")[0] == address
    deal = story.enquire(buyer)
    story.negotiate(officer, buyer, deal)
    pdf = story.sign(officer, buyer, deal)
    assert pdf.startswith(b"%PDF")
    story.pay(buyer, deal)
    story.check_end({"officer": officer, "buyer": buyer}, deal)

    officer.goto("/ledger")
    story.look(officer, "ledger")
    books = live.market("check-ledger")
    assert (0, "The books are right.") == (books.returncode, books.stdout.splitlines()[-1])
    assert 0 == live.market("check-audit").returncode
    assert "paid" in story.mail(OFFICER, "paid") or "Licence active" in story.mail(OFFICER, "active")
