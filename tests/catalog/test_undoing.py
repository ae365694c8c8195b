"""Imports that are long, stopped in the middle, taken back, or fetched from an address."""

from datetime import timedelta

import pytest
from sqlmodel import func, select

from market.accounts.models import Membership, Organisation
from market.catalog import queries, runs
from market.catalog.forms import SourceForm
from market.catalog.gateway import Fetched, Fetcher, FetchFault
from market.catalog.models import ImportRun, ImportSource, IpRight, Technology, TechnologySource
from market.catalog.reader import read_table
from market.catalog.service import importing, listing, long_import, pulling, undoing
from market.deals.forms import EnquiryForm
from market.deals.service.enquire import send_enquiry
from market.kit import clock
from market.kit.errors import Forbidden, NotFound, Refused
from market.kit.jobs import Job
from market.kit.mail import Mail
from tests.catalog.samples import csv_file, institution, nasa_file, nasa_row, officer
from tests.catalog.test_pages import complete, sign_in

REASON = "Taken over as our web pages have them."


@pytest.fixture
def anna(wired, now):
    with wired.db.write() as db:
        return officer(db, institution(db, now), now)


def rows(count, **given):
    return [nasa_row(f"A-{n}", title=f"{given.get('title', 'Pump')} {n}") for n in range(count)]


def take(wired, actor, data, now, publish=True):
    """Import bytes at once; gives the id of the run."""
    table = read_table("list.json", data)
    with wired.db.write() as db:
        run = importing.open_run(
            db, actor, actor.organisation_id, table, file_name="list.json", data=data, publish=publish, now=now
        )
        if run.state == "mapping":
            importing.choose_columns(db, actor, run.id, run.mapping, now=now)
        understood = importing.interpret(table, run.mapping, "IT")
        importing.carry_out(db, actor, run.id, understood, publish=publish, reason=REASON, now=now)
        return run.id


def undo(wired, actor, run_id, now):
    with wired.db.write() as db:
        return undoing.undo(db, actor, run_id, now=now)


def count(wired, table=Technology):
    with wired.db.read() as db:
        return db.exec(select(func.count()).select_from(table)).one()


# --- undoing


def test_a_whole_import_is_taken_back(wired, anna, now):
    """What it made is gone, with rights, sources and all; the run says so; nobody can undo twice."""
    run = take(wired, anna, nasa_file(), now)
    assert (5, 0, 0) == tuple(vars(undo(wired, anna, run, now)).values())
    assert [0, 0, 0] == [count(wired, table) for table in (Technology, IpRight, TechnologySource)]
    with wired.db.read() as db:
        assert "undone" == db.get(ImportRun, run).state
    with pytest.raises(Refused):
        undo(wired, anna, run, now)
    take(wired, anna, nasa_file(), now)
    assert 5 == count(wired)


def test_what_was_edited_since_is_kept_and_named(wired, anna, now):
    """One listing was edited: it stays, the others go, and its row says why."""
    run = take(wired, anna, nasa_file(rows(3)), now)
    with wired.db.write() as db:
        row = db.exec(select(Technology).where(Technology.title == "Pump 1")).one()
        listing.save(db, anna, row.id, complete(anna, title="My pump", version=1), now=now)
    result = undo(wired, anna, run, now)

    assert (2, 0, 1) == (result.removed, result.restored, result.kept)
    with wired.db.read() as db:
        assert ["My pump"] == list(db.exec(select(Technology.title)))
        (kept,) = [each for each in runs.whole_report(db, run) if "kept" in [problem.code for problem in each.problems]]
        assert "Pump 1" == kept.title


def test_a_listing_that_somebody_asks_about_is_never_removed(wired, anna, now):
    """A company has written about it: the listing stays, published as it is."""
    run = take(wired, anna, nasa_file(rows(2)), now)
    with wired.db.write() as db:
        technology_id = db.exec(select(Technology.id).where(Technology.title == "Pump 0")).one()
        company = institution(db, now, name="Small Works", slug="works")
        company.kind = "sme"
        owner = officer(db, company, now, role="owner", name="Tom Works")
        form = EnquiryForm(
            intended_use="In the pumps that we build for dairies",
            field_of_use="Water",
            territory=["WORLD"],
            nothing_secret=True,
        )
        send_enquiry(db, owner, technology_id, form, now=now)
    result = undo(wired, anna, run, now)

    assert (1, 1) == (result.removed, result.kept)
    with wired.db.read() as db:
        assert "published" == db.get(Technology, technology_id).state


def test_what_was_changed_says_again_what_it_said(wired, anna, now):
    """A second import changed a title and added a patent: both go back, and the source's last word too."""
    take(wired, anna, nasa_file(rows(2)), now)
    second = take(wired, anna, nasa_file([nasa_row("A-0", title="Better"), *rows(2)[1:]]), now)
    result = undo(wired, anna, second, now)

    assert (0, 1, 0) == (result.removed, result.restored, result.kept)
    with wired.db.read() as db:
        assert ["Pump 0", "Pump 1"] == sorted(db.exec(select(Technology.title)))
    with wired.db.read() as db:
        again = importing.forecast(
            db, anna.organisation_id, "nasa-t2", importing.interpret(read_table("x.json", nasa_file(rows(2))), {}, "IT")
        )
    assert ["unchanged", "unchanged"] == [each.verdict for each in again]


def test_search_forgets_what_was_undone(wired, anna, now):
    """Nothing of it is found any more."""
    run = take(wired, anna, nasa_file(rows(3)), now)
    wired.worker().drain()
    undo(wired, anna, run, now)
    wired.worker().drain()
    with wired.db.read() as db:
        assert [] == list(queries.all_documents(db))


def test_only_the_own_imports_are_undone(wired, anna, now):
    """Strangers do not even see it; colleagues without the right may not."""
    run = take(wired, anna, nasa_file(rows(1)), now)
    with wired.db.write() as db:
        other = officer(db, institution(db, now, slug="other"), now)
        finance = officer(db, db.get(Organisation, anna.organisation_id), now, role="finance", name="Rosa")
    for actor, raised in ((other, NotFound), (finance, Forbidden)):
        with pytest.raises(raised):
            undo(wired, actor, run, now)


# --- long imports


@pytest.fixture
def long_run(wired, anna, now):
    """An import of 450 rows, ordered."""
    table = read_table("list.json", nasa_file(rows(450)))
    with wired.db.write() as db:
        run = importing.open_run(db, anna, anna.organisation_id, table, file_name="l", data=b"x", publish=True, now=now)
        importing.look(db, anna, run.id, importing.interpret(table, {}, "IT"))
        long_import.order(db, anna, run.id, publish=True, reason=REASON, now=now)
        return run.id


def test_a_long_import_goes_in_batches(wired, long_run, anna):
    """Three batches, each with its progress; then the report."""
    wired.worker().drain()
    with wired.db.read() as db:
        run = runs.run(db, anna, long_run)
    assert ("done", 450, 450, 450) == (run.state, run.done_rows, run.counts["created"], run.counts["published"])
    assert 450 == count(wired)


def test_after_a_kill_it_goes_on(wired, long_run, anna, now, monkeypatch):
    """The worker dies in the second batch: the first is kept and seen, and nothing is doubled afterwards."""
    handler = wired.registry.handlers[long_import.CARRY_OUT]
    step, calls = long_import.step, []

    def dying(*args, **kwargs):
        calls.append(1)
        if len(calls) == 2:
            step(*args, **kwargs)
            raise SystemExit("killed before the commit")
        return step(*args, **kwargs)

    monkeypatch.setattr(long_import, "step", dying)
    with pytest.raises(SystemExit):
        handler(wired.worker().run, {"run": long_run})
    with wired.db.read() as db:
        assert (200, True) == ((run := runs.run(db, anna, long_run)).done_rows, run.is_running)
    assert 200 == count(wired)
    monkeypatch.setattr(long_import, "step", step)
    handler(wired.worker().run, {"run": long_run})
    handler(wired.worker().run, {"run": long_run})
    assert 450 == count(wired)


def test_a_running_import_is_left_alone(wired, long_run, anna, now):
    """Ordered once: not again, not by other columns, not undone before it is done."""
    with wired.db.write() as db:
        for act in (
            lambda: long_import.order(db, anna, long_run, publish=True, now=now),
            lambda: importing.choose_columns(db, anna, long_run, {"title": "Titel"}, now=now),
            lambda: importing.carry_out(db, anna, long_run, [], publish=True, now=now),
            lambda: undoing.undo(db, anna, long_run, now=now),
        ):
            with pytest.raises(Refused):
                act()


def test_progress_report_and_undo_in_the_browser(wired, anna, browser, now):
    """The page shows how far it is and looks again by itself; then report, table, undo."""
    desk = sign_in(browser, anna)
    desk.get("/imports/new")
    desk.submit("/imports/new", files={"file": ("list.json", nasa_file(rows(250)), "application/gzip")})
    here = desk.page.url.path
    running = desk.submit(here)
    assert "0 of 250 rows are imported" in running.text
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in running.text
    wired.worker().drain()
    assert "Import report" in desk.get(here).text
    table = desk.client.get(f"{here}/report")
    assert (252, "text/csv; charset=utf-8") == (table.text.count("\r\n") + 1, table.headers["content-type"])
    desk.get(f"{here}/undo")
    undone = desk.submit(f"{here}/undo")
    assert "250 removed" in undone.text
    assert 0 == count(wired)


# --- fetched from an address


class Server:
    """An address that answers as the test wants."""

    def __init__(self):
        self.data, self.fault, self.asked = csv_file(), None, []

    def fetch(self, address, *, etag="", modified=""):
        del modified
        self.asked.append((address, etag))
        if self.fault:
            raise self.fault
        return Fetched("list.csv", None if etag == "same" and self.data is None else self.data, "same")


@pytest.fixture
def server(wired):
    wired.gateways.put(Fetcher, Server())
    return wired.gateways[Fetcher]


def name_source(wired, actor, now, **given):
    form = SourceForm(**({"address": "https://office.example/list.csv", "every": "daily", "publish": True} | given))
    with wired.db.write() as db:
        pulling.set_source(db, actor, form, now=now)
    wired.worker().drain()


def look_again(wired, now, days=1):
    with clock.frozen(now + timedelta(days=days)):
        wired.registry.handlers["catalog.pull.look_round"](wired.worker().run, {})
        wired.worker().drain()


def test_an_address_is_fetched_and_only_what_changed_is_imported(wired, server, anna, now):
    """The first look imports; the same file again, or a server's 304, makes no second import; a new file does."""
    name_source(wired, anna, now)
    assert (1, 3) == (count(wired, ImportRun), count(wired))
    look_again(wired, now)
    server.data = None
    look_again(wired, now, 2)
    assert (1, "same") == (count(wired, ImportRun), server.asked[-1][1])
    server.data = csv_file(
        [["B-1", "New pump", "A pump that is new and quiet and does its work.", "Optics", "", "", "", ""]]
    )
    look_again(wired, now, 3)
    assert (2, 4, 4) == (count(wired, ImportRun), count(wired), len(server.asked))


def test_it_is_looked_at_when_it_is_time(wired, server, anna, now):
    """Weekly is weekly."""
    name_source(wired, anna, now, every="weekly")
    look_again(wired, now, 6)
    assert 1 == len(server.asked)
    look_again(wired, now, 7)
    assert 2 == len(server.asked)


def test_after_three_failures_the_owner_is_written_to(wired, server, anna, now):
    """Once, with the address; what was imported stays; a success forgets the failures."""
    with wired.db.write() as db:
        db.add(Membership(person_id=anna.person_id, organisation_id=anna.organisation_id, role="owner", created_at=now))
    name_source(wired, anna, now)
    server.fault = FetchFault("status", "The server answers with the status {status}.", {"status": 500})
    for days in range(1, 6):
        look_again(wired, now, days)
        with wired.db.read() as db:
            mails = [each for each in db.exec(select(Mail)) if each.template == "catalog/mail/source_fails"]
        assert (days >= 3) == bool(mails)
    assert 1 == len(mails)
    assert 3 == count(wired)
    server.fault = None
    look_again(wired, now, 7)
    with wired.db.read() as db:
        assert 0 == db.get(ImportSource, anna.organisation_id).failures


def test_a_file_that_is_no_table_is_a_failure(wired, server, anna, now):
    """A page of errors instead of a catalogue: told, not imported; the job is not tried on and on."""
    server.data = b"<html><body>Sorry</body></html>"
    name_source(wired, anna, now)
    with wired.db.read() as db:
        source = db.get(ImportSource, anna.organisation_id)
        assert (1, True) == (source.failures, bool(source.trouble))
        assert {"done"} == {job.state for job in db.exec(select(Job))}
    assert 0 == count(wired, ImportRun)


def test_the_address_in_the_browser(wired, server, anna, browser, now):
    """Named, looked at, stopped; a wrong one stays typed beside its sentence."""
    desk = sign_in(browser, anna)
    desk.get("/imports/source")
    wrong = desk.submit("/imports/source", address="office.example/list.csv", every="daily")
    assert (422, True) == (wrong.status_code, "office.example/list.csv" in wrong.text)
    desk.submit("/imports/source", address="https://office.example/list.csv", every="daily")
    wired.worker().drain()
    assert "See the import" in desk.get("/imports/source").text
    desk.submit("/imports/source/drop")
    assert 0 == count(wired, ImportSource)
