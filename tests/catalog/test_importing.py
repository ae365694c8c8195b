"""Imports: nothing doubled, changes taken over, own edits kept, all or nothing, a report by row."""

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import select

from market.accounts.models import Organisation
from market.catalog import queries, runs
from market.catalog.events import TechnologiesChanged
from market.catalog.forms import ListingForm
from market.catalog.models import ImportRun, Technology
from market.catalog.reader import read_table
from market.catalog.service import importing, listing
from market.catalog.service.command import Order, import_file
from market.kit.actor import ANONYMOUS
from market.kit.errors import Forbidden, NotFound, Refused
from tests.catalog.samples import LONG, csv_file, institution, nasa_file, nasa_row, officer, xlsx_file

TWO = [nasa_row("A-1", title="Pump"), nasa_row("A-2", title="Lamp", category="Optics")]


@pytest.fixture
def take(database, tmp_path, now):
    """Import bytes from the command line for the institute `pumps`."""

    def run(data, *, source="nasa-t2", name="catalogue", **given):
        file = tmp_path / name
        file.write_bytes(data)
        order = Order(source, file, "pumps", create_organisation="Institute of Pumps", country="IT")
        return import_file(database, replace(order, **given), now=now)

    return run


def titles(database):
    """The titles in the catalogue, with their states."""
    with database.read() as db:
        return dict(db.exec(select(Technology.title, Technology.state)).all())


def test_a_catalogue_with_all_defects_is_imported(take, database):
    """What can be imported is; each row that cannot is told apart, and the numbers add up."""
    result = take(nasa_file())

    assert (9, 5, 0, 0) == (result.read, result.created, result.updated, result.unchanged)
    assert (1, 3, 4, 6) == (result.duplicates, result.refused, result.published, len(result.problems))
    assert result.read == result.created + result.updated + result.unchanged + result.duplicates + result.refused
    assert "draft" == titles(database)["Quiet pump ABC-TOPS-5"]
    assert "published" == titles(database)["Fill & Drain Valve"]
    assert {"row", "field", "code", "refused", "sentence"} == set(result.plain()["problems"][0])


def test_the_same_file_again_doubles_nothing(take, database):
    """A second import of the same file finds everything as it is."""
    take(nasa_file())
    before = titles(database)
    again = take(nasa_file())

    assert (0, 0, 5, 1) == (again.created, again.updated, again.unchanged, again.duplicates)
    assert before == titles(database)


def test_changed_rows_are_updated_and_announced(take, database):
    """Where the source says something new, that is taken over, and search hears of just these."""
    take(nasa_file(TWO))
    events = []
    database.bus.subscribe(TechnologiesChanged, lambda _db, event: events.append(event))
    again = take(nasa_file([nasa_row("A-1", title="Better pump"), TWO[1], nasa_row("A-3", title="New")]))

    assert (1, 1, 1) == (again.created, again.updated, again.unchanged)
    assert {"Better pump", "Lamp", "New"} == set(titles(database))
    assert [2] == [len(event.technology_ids) for event in events]


def test_what_was_edited_here_survives_the_next_import(take, database, now):
    """An editor's own words are not overwritten; the report names the field where both changed."""
    take(nasa_file(TWO))
    with database.write() as db:
        anna = officer(db, db.exec(select(Organisation)).one(), now)
        pump = db.exec(select(Technology).where(Technology.title == "Pump")).one()
        form = ListingForm(
            title="Our pump",
            summary=pump.summary,
            sector="energy",
            description=LONG,
            offers=["licence"],
            contact_id=anna.person_id,
        )
        listing.save(db, anna, pump.id, form, now=now)
    again = take(nasa_file([nasa_row("A-1", title="Better pump", abstract=LONG + " It is blue."), TWO[1]]))

    assert (1, 1) == (again.updated, again.unchanged)
    assert ["edited_here"] == [problem.code for problem in again.problems]
    with database.read() as db:
        kept = queries.listing(db, ANONYMOUS, pump.id)
    assert ("Our pump", "energy") == (kept.title, kept.sector)
    assert kept.description.endswith("It is blue.")
    assert (
        2 == take(nasa_file([nasa_row("A-1", title="Better pump", abstract=LONG + " It is blue."), TWO[1]])).unchanged
    )


def test_a_table_and_its_spreadsheet_are_one_source(take, database):
    """Importing the CSV and then the XLSX of the same table doubles nothing."""
    first = take(csv_file(), source="csv", name="catalogue.csv")
    second = take(xlsx_file(), source="xlsx", name="catalogue.xlsx")

    assert (3, 1, 1) == (first.created, first.duplicates, first.refused)
    assert (0, 3) == (second.created, second.unchanged)


def test_a_dry_run_writes_nothing(take, database):
    """A dry run counts what would happen, and leaves not even the organisation behind."""
    result = take(nasa_file(), dry_run=True)

    assert (9, 5, 0) == (result.read, result.created, result.published)
    with database.read() as db:
        assert [] == db.exec(select(Organisation)).all()
        assert [] == db.exec(select(ImportRun)).all()


@pytest.mark.parametrize("data", [nasa_file()[:300], nasa_file(packed=False)[:-40], b"", b"{}"])
def test_a_broken_file_leaves_nothing_behind(take, database, data):
    """A file that is cut off or something else is refused as a whole."""
    with pytest.raises(Refused):
        take(data)
    assert {} == titles(database)
    with database.read() as db:
        assert [] == db.exec(select(Organisation)).all()


def test_an_error_in_the_middle_leaves_nothing_half_imported(take, database, monkeypatch):
    """When writing fails halfway, no row of the import stays."""
    monkeypatch.setattr("market.catalog.service.writing.BATCH", 1)

    def fall_over(done, _total):
        if done == 2:
            raise RuntimeError("the lights went out")

    with pytest.raises(RuntimeError):
        import_with_progress(take, database, fall_over)
    assert {} == titles(database)


def import_with_progress(take, database, progress):
    """An import whose progress is watched."""
    from market.kit import clock

    with database.write() as db:
        institute = institution(db, clock.now())
        from market.kit.actor import SYSTEM

        data = nasa_file()
        run = importing.open_run(
            db, SYSTEM, institute.id, read_table("x", data), file_name="x", data=data, publish=True, now=clock.now()
        )
        rows = importing.understood(db, SYSTEM, run.id)
        importing.carry_out(db, SYSTEM, run.id, rows, publish=True, now=clock.now(), progress=progress)


def test_an_organisation_that_is_not_there_is_named(take):
    """Without --create-organisation the institution must exist; the sentence says so."""
    with pytest.raises(Refused) as told:
        take(nasa_file(), create_organisation=None)
    assert "pumps" in told.value.sentence


@pytest.fixture
def opened(db, now):
    """An officer, and a CSV that she has brought."""
    anna = officer(db, institution(db, now), now)
    data = csv_file()
    run = importing.open_run(
        db,
        anna,
        anna.organisation_id,
        read_table("a.csv", data),
        file_name="a.csv",
        data=data,
        publish=True,
        now=now,
    )
    return anna, run


def test_the_columns_are_remembered(db, opened, now):
    """The next file with the same headings, in any order, starts with the columns chosen last."""
    anna, run = opened
    chosen = {"title": "Titel", "description": "Abstract", "stage": "License price"}
    importing.choose_columns(db, anna, run.id, chosen, now=now)
    data = csv_file()
    again = importing.open_run(
        db, anna, anna.organisation_id, read_table("b.csv", data), file_name="b.csv", data=data, publish=True, now=now
    )
    assert chosen == again.mapping


def test_a_title_column_is_needed(db, opened, now):
    """Without a column for the title nothing can be imported."""
    anna, run = opened
    with pytest.raises(Refused) as told:
        importing.choose_columns(db, anna, run.id, {"description": "Abstract"}, now=now)
    assert "title" == told.value.refusal.field


def test_the_preview_says_what_the_report_says(db, opened, now):
    """What the preview announced row by row is what the import did; a second click imports nothing again."""
    anna, run = opened
    importing.choose_columns(db, anna, run.id, run.mapping, now=now)
    rows = importing.understood(db, anna, run.id)
    importing.look(db, anna, run.id, rows)
    announced = [(row.line, row.outcome, row.title) for row in runs.report(db, run.id, 1, only_problems=False)[0]]
    importing.carry_out(db, anna, run.id, rows, publish=True, now=now)
    done = [(row.line, row.outcome, row.title) for row in runs.report(db, run.id, 1, only_problems=False)[0]]

    assert announced == done
    assert ["created", "created", "refused", "created", "duplicate"] == [outcome for _line, outcome, _title in done]
    assert [3, 4, 5, 6] == [row.line for row in runs.report(db, run.id, 1, only_problems=True)[0]]
    assert 4 == runs.noted(db, run.id)
    with pytest.raises(Refused):
        importing.carry_out(db, anna, run.id, rows, publish=True, now=now)


def test_imports_belong_to_their_institution(db, opened, now):
    """Others cannot see an import; colleagues without the right cannot carry it out."""
    anna, run = opened
    stranger = officer(db, institution(db, now, slug="others", name="Others"), now)
    finance = officer(db, db.get(Organisation, anna.organisation_id), now, role="finance", name="Carla")

    with pytest.raises(NotFound):
        runs.run(db, stranger, run.id)
    for actor, error in ((stranger, NotFound), (finance, Forbidden)):
        with pytest.raises(error):
            importing.choose_columns(db, actor, run.id, run.mapping, now=now)


def test_listings_of_an_unverified_institution_stay_drafts(db, now):
    """Before the operator has verified the institution, an import makes drafts only."""
    anna = officer(db, institution(db, now, verified=False), now)
    data = nasa_file(TWO)
    run = importing.open_run(
        db, anna, anna.organisation_id, read_table("x", data), file_name="x", data=data, publish=True, now=now
    )
    result = importing.carry_out(db, anna, run.id, importing.understood(db, anna, run.id), publish=True, now=now)
    assert (2, 0) == (result.created, result.published)


def test_what_no_database_keeps_is_left_out(take, database):
    """NUL and halves of characters in a file do not break the import."""
    rows = [nasa_row("A-1", title="Nul \x00 and \ud83d half")]
    assert 1 == take(nasa_file(rows)).created
    assert ["Nul and half"] == list(titles(database))


def real_file():
    """NASA's real catalogue beside the checkout, where there is one."""
    given = os.environ.get("PONTE_TEST_DATA")
    folder = Path(given) if given else Path(__file__).parents[3] / "shared" / "data"
    return folder / "nasa_technologies" / "raw" / "patent.json.gz"


@pytest.mark.skipif(
    not real_file().exists(), reason="NASA's real catalogue is not here; set PONTE_TEST_DATA to its folder"
)
def test_nasas_real_catalogue_is_imported_in_seconds(take, database):
    """The real listings come in completely within ten seconds, without a doubled one, and again in no time."""
    started = time.perf_counter()
    result = take(real_file().read_bytes())
    seconds = time.perf_counter() - started

    assert (0, 6) == (result.refused, result.duplicates)
    assert result.read == result.created + 6 == result.published + 6
    assert result.read >= 600
    assert seconds < 10
    assert result.created == take(real_file().read_bytes()).unchanged
    assert not [title for title in titles(database) if "<" in title or "\n" in title or "&amp;" in title]
