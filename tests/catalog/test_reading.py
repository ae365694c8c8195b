"""Files of every making are read, or refused as a whole with the line and the reason."""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.catalog.reader import read_table
from market.catalog.rules import columns, nasa, sheet
from market.kit.errors import PonteError, Refused
from tests.catalog.samples import HEADINGS, ROWS, csv_file, nasa_file, nasa_row, xlsx_file


def listings(data, name="file"):
    """What a NASA file holds."""
    return nasa.interpret(read_table(name, data), country="US")


def codes(rows):
    """The problems of each row that has any."""
    return {row.row: [problem.code for problem in row.problems] for row in rows if row.problems}


def test_nasas_defects_are_handled_row_by_row():
    """Both lengths of rows are read; what can't be a listing is refused with its row, the rest is imported."""
    rows = listings(nasa_file())

    assert ["Low-Temperature Oxidation/Reduction Catalysts", "Fill & Drain Valve"] == [
        row.listing.title for row in rows[:2]
    ]
    assert {
        4: ["no_description"],
        5: ["duplicate"],
        6: ["no_title"],
        7: ["row_shape"],
        8: ["row_shape"],
        9: ["unknown_sector"],
    } == codes(rows)
    assert [1, 2, 3, 4, 9] == [row.row for row in rows if row.listing]


def test_nasas_texts_are_mended():
    """Tags, entities, letter case, tags and spaces in picture addresses come out clean."""
    rows = listings(nasa_file())
    second, third = rows[1].listing, rows[2].listing

    assert second.description.startswith("Melts at 370°C.\nCO₂ — none.")
    assert ("advanced composites", "resins") == third.keywords
    assert "https://pictures.example/a%20b.jpg" == third.picture_url
    assert ("materials", "Materials and coatings") == (rows[0].listing.sector, rows[0].listing.category)
    assert "Langley Research Center" == rows[0].listing.department


def test_one_listing_under_two_ids_is_one_listing():
    """A technology that stands there twice is imported once, filled with what either row says, with its patent."""
    rows = listings(nasa_file())
    kept, repeated = rows[3], rows[4]

    assert repeated.duplicate_of == kept.row
    assert "US1234567B1" == kept.listing.ip_numbers[0].text
    assert kept.listing.description
    assert "Federal Aviation Administration" == kept.listing.department


@pytest.mark.parametrize("packed", [True, False])
def test_a_cut_off_catalogue_is_refused_with_its_line(packed):
    """A file that ends in the middle is refused as a whole; the sentence names the line and the reason."""
    data = nasa_file(packed=packed)
    with pytest.raises(Refused) as told:
        listings(data[: len(data) * 2 // 3])

    assert "cut_off" == told.value.refusal.code
    assert told.value.refusal.params["line"] >= 1
    assert "Nothing was imported" in told.value.sentence


def test_a_bomb_is_not_unpacked():
    """A small file that would fill the memory is refused while it is unpacked."""
    import gzip

    with pytest.raises(Refused) as told:
        nasa.inflate(gzip.compress(b"0" * 1_000_000), limit=10_000)
    assert "too_large" == told.value.refusal.code


@pytest.mark.parametrize("content", [b"{}", b"[1, 2", b'{"records": 5}', b"[" * 5000, b'{"records": [}'])
def test_json_that_is_no_catalogue_is_refused(content):
    """Other JSON, and what is none, gets a sentence instead of an error."""
    with pytest.raises(Refused):
        nasa.read(content)


@pytest.mark.parametrize(
    ("data", "encoding", "separator"),
    [
        (csv_file(), "UTF-8", "comma"),
        (csv_file(separator=";", encoding="cp1252"), "Windows-1252", "semicolon"),
        (csv_file(separator="\t", encoding="utf-16"), "UTF-16", "tab"),
        (csv_file(separator="|", encoding="utf-16-le"), "UTF-16", "bar"),
        (csv_file(bom=b"\xef\xbb\xbf"), "UTF-8", "comma"),
        (b"sep=;\r\n" + csv_file(separator=";"), "UTF-8", "semicolon"),
    ],
)
def test_every_encoding_and_separator_is_recognised(data, encoding, separator):
    """Whatever Excel or a database wrote, the same table comes out."""
    if encoding in ("Windows-1252",):
        data = data.replace("€".encode("cp1252"), b"EUR ")
    table = read_table("catalogue.csv", data)

    assert (encoding, separator) == (table.notes["encoding"], table.notes["separator"])
    assert tuple(HEADINGS) == table.header
    assert ["A-1", "A-2", "A-3", "A-4", "a-1"] == [cells[0] for _line, cells in table.rows]
    assert "Café lamp" == table.rows[1][1][1]


def test_a_spreadsheet_is_the_same_table():
    """An XLSX gives what the CSV gives, with the title above the table left out."""
    table = read_table("catalogue.xlsx", xlsx_file())

    assert tuple(HEADINGS) == table.header
    assert [3, 4, 5, 6, 7] == [line for line, _cells in table.rows]
    assert "Sheet" == table.notes["sheet"]


def test_headings_suggest_their_fields():
    """Headings of many catalogues and languages find their field; each column is used once."""
    assert {
        "reference": "Ref",
        "title": "Titel",
        "description": "Abstract",
        "sector": "Category",
        "trl": "TRL",
        "ip_numbers": "Patent number",
        "price": "License price",
        "inventors": "Inventors",
    } == columns.suggest(HEADINGS)


def test_rows_of_a_table_become_listings_with_their_problems():
    """Each row is read as far as it can be; every doubt is said with its row."""
    table = read_table("catalogue.csv", csv_file())
    rows = columns.interpret(table, columns.suggest(table.header), country="IT")

    assert {
        3: ["unread_number"],
        4: ["no_title"],
        5: ["unread_price", "unknown_sector", "unread_trl", "no_description"],
        6: ["duplicate"],
    } == codes(rows)
    first = rows[0].listing
    assert ("machinery", 4, "fixed", 500_000, "EUR") == (
        first.sector,
        first.trl,
        first.price_kind,
        first.price_low,
        first.currency,
    )
    assert ("Anna Rossi", "Jean Dupré") == first.inventors
    assert first.summary.startswith("Our institute has developed")


def test_a_text_with_a_loose_separator_is_pointed_out():
    """A row with more cells than headings is refused instead of shifted."""
    table = read_table("x.csv", b"Title,Abstract\nPump,It pumps, and how\n")
    rows = columns.interpret(table, columns.suggest(table.header))
    assert {2: ["too_many_cells"]} == codes(rows)


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b'Ref,Title,Abstract\nA,Pump,fine\nB,"Box,never closed\n', 3),
        (b"Ref,Title,Abstract\nA,Pump,fine\nB,Box,good\nC,Lam", 4),
    ],
)
def test_a_cut_off_table_is_refused_with_its_line(data, line):
    """A table that stops in the middle of a row is refused as a whole."""
    with pytest.raises(Refused) as told:
        read_table("x.csv", data)
    assert ("cut_off", line) == (told.value.refusal.code, told.value.refusal.params["line"])


def test_mojibake_is_mended_and_said():
    """Letters that were decoded wrongly are put right, and the row says so."""
    table = read_table("x.csv", csv_file([["A-1", "CafÃ© lamp", ROWS[0][2], "Optics", "", "", "", ""], *ROWS[1:2]]))
    rows = columns.interpret(table, columns.suggest(table.header))

    assert "Café lamp" == rows[0].listing.title
    assert ["mended"] == codes(rows)[2]


def bomb() -> bytes:
    """An archive of a few kilobytes that says it holds a gigabyte."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(30):
            archive.writestr(f"xl/{n}.xml", b"0" * 10_000_000)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [(xlsx_file()[:-700], "cut_off"), (b"PK\x03\x04 no archive at all", "cut_off"), (bomb(), "too_large")],
)
def test_broken_and_dangerous_spreadsheets_are_refused(data, code):
    """A damaged workbook or a bomb gets a sentence; the application does not even notice."""
    with pytest.raises(Refused) as told:
        read_table("x.xlsx", data)
    assert code == told.value.refusal.code


def sparse_bomb() -> bytes:
    """A workbook of two cells, the second in the last corner of the largest sheet."""
    whole = io.BytesIO(xlsx_file([]))
    changed = io.BytesIO()
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            content = old.read(member)
            if member.filename.endswith("sheet1.xml"):
                far = b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>far</t></is></c></row></sheetData>'
                content = content.replace(b"</sheetData>", far)
            new.writestr(member, content)
    return changed.getvalue()


def test_a_sheet_with_a_far_away_cell_costs_nothing():
    """A million empty rows are not read."""
    with pytest.raises(Refused) as told:
        read_table("x.xlsx", sparse_bomb())
    assert "no_rows" == told.value.refusal.code


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(data):
    """Whatever is uploaded as CSV or JSON is read or refused, never an error of ours."""
    for source in ("csv", nasa.KIND):
        try:
            read_table("x", data, source)
        except PonteError as error:
            assert error.sentence


def test_too_many_rows_are_refused(monkeypatch):
    """A table beyond our measure is refused before it is all read."""
    monkeypatch.setattr(sheet, "MAX_ROWS", 3)
    with pytest.raises(Refused) as told:
        read_table("x.csv", csv_file())
    assert "too_many_rows" == told.value.refusal.code


def test_the_same_title_twice_is_pointed_out():
    """Two technologies of one title are both kept, and the owner is told."""
    rows = listings(nasa_file([nasa_row("A-1", title="Valve"), nasa_row("A-2", title="valve")]))
    assert {2: ["same_title"]} == codes(rows)
    assert all(row.listing for row in rows)
