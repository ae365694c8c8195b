"""Rights, imports, addresses and exports in a real browser, at both widths, with axe."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.catalog.samples import nasa_row
from tests.live import LiveServer
from tests.story.conftest import NewVisitor, accessible, picture
from tests.story.steps import Story


@pytest.mark.timeout(400)
def test_an_officer_looks_after_rights_and_files(live: LiveServer, visitor: NewVisitor, tmp_path: Path) -> None:
    """A long import shows its progress and is undone in part; a right is written down by country; data are taken along."""
    story = Story(live, keep=False)
    operator, officer = visitor(live.url), visitor(live.url)
    story.register(operator, "Olga Operator", "olga@example.com")
    assert 0 == live.market("make-operator", "olga@example.com").returncode
    story.register(officer, "Otto Rossi", "otto@example.com")
    story.found(officer, "University", "University of Quiet Machines", "IT")
    story.verify(operator, "University of Quiet Machines")

    rows = [nasa_row(f"A-{n}", title=f"Silent valve {n}") for n in range(230)]
    file = tmp_path / "catalogue.json"
    file.write_text(json.dumps(rows))
    officer.goto("/imports/new")
    accessible(officer)
    officer.get_by_label("File", exact=False).first.set_input_files(file)
    officer.get_by_role("button", name="Read the file").click()
    expect(officer.get_by_role("button", name="Import", exact=True)).to_be_visible()
    officer.get_by_role("button", name="Import", exact=True).click()
    expect(officer.get_by_role("heading", name="Import report")).to_be_visible(timeout=90_000)
    accessible(officer)
    picture(officer, "import-report")

    _write_rights_down(officer)
    _take_data_along(officer)


def _write_rights_down(officer: Page) -> None:
    officer.goto("/listings")
    officer.get_by_role("link", name="Silent valve 229", exact=True).first.click()
    officer.goto(officer.url.replace("/edit", "").rstrip("/") + "/rights")
    officer.get_by_label("Number", exact=False).first.fill("EP 1 234 567 B1")
    officer.get_by_label("Filed on", exact=False).first.fill("2020-02-29")
    officer.get_by_role("button", name="Add", exact=True).click()
    accessible(officer)
    picture(officer, "rights")
    officer.get_by_role("link", name="Patent EP1234567B1").click()
    for country, status in (("DE", "in_force"), ("FR", "lapsed")):
        officer.locator("select[name=country]").select_option(country)
        officer.locator("select[name=status]").select_option(status)
        officer.get_by_role("button", name="Save").click()
        expect(officer.get_by_text("Saved.")).to_be_visible()
    accessible(officer)
    picture(officer, "right")
    officer.get_by_role("link", name="See the page").click()
    expect(officer.get_by_text("In force:")).to_be_visible()
    expect(officer.get_by_text("at the latest, an estimate")).to_be_visible()
    accessible(officer)
    picture(officer, "listing-with-rights")


def _take_data_along(officer: Page) -> None:
    for address, name in (("/imports/source", "source"), ("/exports", "exports")):
        officer.goto(address)
        accessible(officer)
        picture(officer, name)
    with officer.expect_download() as download:
        officer.get_by_role("link", name="Spreadsheet (XLSX)").click()
    assert download.value.suggested_filename.endswith(".xlsx")

    officer.goto("/imports/new")
    officer.get_by_role("link", name="catalogue.json").click()
    officer.get_by_role("link", name="Undo this import").click()
    accessible(officer)
    picture(officer, "undo-import")
    officer.get_by_role("button", name="Undo the import").click()
    expect(officer.get_by_text("229 removed")).to_be_visible(timeout=30_000)
    accessible(officer)
    picture(officer, "undone-import")
