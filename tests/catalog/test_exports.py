"""Exports: everything comes out, nothing dangerous, and what went out comes back to the same listings."""

import csv
import io
import json
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import event
from sqlmodel import select

from market.catalog import exports
from market.catalog.forms import CountryForm, NewListing, RightForm, TermsForm
from market.catalog.models import Technology
from market.catalog.reader import read_table
from market.catalog.rules import columns
from market.catalog.rules.cells import armed, disarmed
from market.catalog.service import importing, listing, parts
from market.catalog.service import rights as rights_service
from tests.catalog.samples import NASA_ROWS, institution, nasa_file, officer
from tests.catalog.test_importing import take  # noqa: F401
from tests.catalog.test_pages import complete, sign_in

EVIL = ("=1+1", "+41 44 123", "-5 %", "@SUM(A1)", "\ttab", "'=quoted", "plain", "'plain")


@pytest.fixture
def anna(db, now):
    return officer(db, institution(db, now), now)


@pytest.fixture
def full(db, anna, now):
    """A listing with everything, and dangerous words in it."""
    row = listing.create_draft(db, anna, NewListing(title="=1+1 pump"), now=now)
    form = complete(
        anna,
        title="=1+1 pump",
        summary="@SUM(A1) is a pump.",
        stage="-5 %",
        inventors="Rossi, Anna",
        price_kind="range",
        price_low="5,000",
        price_high="9,000.50",
        keywords="pump; quiet",
        trl=4,
        licences=["exclusive"],
    )
    listing.save(db, anna, row.id, form, now=now)
    right = parts.add_right(
        db, anna, row.id, RightForm(kind="patent", number="EP1234567B1", filed_on=now.date()), now=now
    )
    rights_service.state_country(db, anna, row.id, right.id, CountryForm(country="DE", status="in_force"), now=now)
    terms = TermsForm(
        grant_kind="exclusive", field_of_use="=Water", territory=["IT"], royalty_percent="3.5", upfront="500"
    )
    parts.set_terms(db, anna, row.id, terms, now=now)
    return row.id


def reimport(db, actor, kind, now, change=lambda data: data):
    """The export, changed as told, imported again; gives what each row came to."""
    data = change(exports.written(db, actor.organisation_id, kind))
    table = read_table(f"export.{kind}", data)
    run = importing.open_run(db, actor, actor.organisation_id, table, file_name="x", data=data, publish=False, now=now)
    run = importing.choose_columns(db, actor, run.id, run.mapping, now=now)
    rows = importing.interpret(table, run.mapping, "IT")
    return importing.carry_out(db, actor, run.id, rows, publish=False, now=now)


@pytest.mark.parametrize("kind", list(exports.FORMATS))
def test_what_went_out_comes_back_to_the_same_listings(db, anna, full, now, kind):
    """Imported as it is, an export changes nothing and makes nothing new."""
    for title in EVIL:
        listing.create_draft(db, anna, NewListing(title=f"{title} thing"), now=now)
    before = {row.id: row.model_dump() for row in db.exec(select(Technology)).all()}
    result = reimport(db, anna, kind, now)
    db.expire_all()

    assert (len(before), 0, 0) == (result.unchanged, result.created, result.updated), result.problems
    assert before == {row.id: row.model_dump() for row in db.exec(select(Technology)).all()}


def test_a_cell_that_was_changed_changes_the_listing(db, anna, full, now):
    """Somebody edits the table: that listing is updated, and an empty cell changes nothing."""

    def edited(data):
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
        rows[1][rows[0].index("Title")] = "Better pump"
        rows[1][rows[0].index("Stage")] = ""
        out = io.StringIO()
        csv.writer(out).writerows(rows)
        return out.getvalue().encode()

    result = reimport(db, anna, "csv", now, edited)
    db.expire_all()
    row = db.get(Technology, full)
    assert (1, 0, "Better pump", "-5 %") == (result.updated, result.created, row.title, row.stage)


def test_another_institution_gets_listings_of_its_own(db, anna, full, now):
    """The number on Ponte is good for its owner alone."""
    other = officer(db, institution(db, now, name="Other", slug="other"), now)
    data = exports.written(db, anna.organisation_id, "csv")
    table = read_table("export.csv", data)
    rows = importing.interpret(table, columns.suggest(table.header), "IT")
    assert ["created"] == [each.verdict for each in importing.forecast(db, other.organisation_id, "table", rows)]


def test_no_cell_is_a_formula(db, anna, full):
    """CSV and XLSX open harmlessly in any program: every dangerous cell is a text with an apostrophe."""
    text = exports.written(db, anna.organisation_id, "csv").decode("utf-8-sig")
    found = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert not [cell for cell in found if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert "'=1+1 pump" in found
    data = exports.written(db, anna.organisation_id, "xlsx")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert not [name for name in archive.namelist() if b"<f>" in archive.read(name)]
    book = load_workbook(io.BytesIO(data))
    assert ["Listings", "Rights", "Organisation"] == book.sheetnames
    assert {"s", "n"} >= {cell.data_type for sheet in book for row in sheet for cell in row}


def test_json_holds_everything(db, anna, full):
    """Organisation, listing, right with countries, terms."""
    told = json.loads(exports.written(db, anna.organisation_id, "json"))
    (row,) = told["listings"]
    assert ("Institute of Pumps", "=1+1 pump", full) == (told["organisation"]["name"], row["title"], row["ponte_id"])
    assert ["DE"] == [country["country"] for country in row["rights"][0]["countries"]]
    assert ("exclusive", "0.035", 50_000) == (
        row["terms"]["grant_kind"],
        row["terms"]["royalty_rate"],
        row["terms"]["upfront"],
    )


def test_the_number_of_statements_does_not_grow(database, take, now):  # noqa: F811
    """One listing or five: the same statements."""
    statements = []
    for rows in (NASA_ROWS[:1], NASA_ROWS):
        take(nasa_file(rows))
        with database.read() as db:
            organisation_id = db.exec(select(Technology.organisation_id)).first()
            seen = []
            event.listen(db.connection(), "before_cursor_execute", lambda *_args, seen=seen: seen.append(1))
            exports.written(db, organisation_id, "csv")
            statements.append(len(seen))
    assert statements[0] == statements[1]


@given(st.text(alphabet="'=+-@\t\rab", max_size=8))
def test_disarmed_cells_are_harmless_and_come_back(text):
    """Whatever is in a cell: outside it begins with no operator, inside it is what it was."""
    assert not disarmed(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert text == armed(disarmed(text))


def test_in_the_browser(wired, browser, now):
    """An officer takes the files along; a stranger does not."""
    with wired.db.write() as db:
        actor = officer(db, institution(db, now), now)
        listing.create_draft(db, actor, NewListing(title="Quiet pump"), now=now)
    assert 200 != browser.client.get("/exports/csv", follow_redirects=False).status_code
    desk = sign_in(browser, actor)
    assert "One listing" in desk.get("/exports").text
    for kind, media_type in exports.FORMATS.items():
        answer = desk.client.get(f"/exports/{kind}")
        assert (200, media_type) == (answer.status_code, answer.headers["content-type"])
        assert f'filename="pumps-2027-03-03.{kind}"' in answer.headers["content-disposition"]
    assert 404 == desk.client.get("/exports/exe").status_code
