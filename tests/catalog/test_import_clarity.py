"""The clarity gate before imported listings: what is unclear stays a draft, unless somebody says why not."""

import pytest
from sqlmodel import select

from market.accounts.models import Organisation
from market.catalog import runs
from market.catalog.forms import PolicyForm
from market.catalog.models import ListingClarity, Technology, UnclearPublication
from market.catalog.reader import read_table
from market.catalog.service import gate, importing, undoing
from market.kit.errors import Refused
from tests.catalog.samples import LONG, institution, nasa_file, nasa_row, officer

REASON = "We mend them one by one until spring."
HEADINGS = "title,summary,problem,advantages,comparison,applications,description,stage,trl,sector,offers"
CLEAR = (
    "Quiet pump,The pump moves warm water without noise.,Pumps in cellars wake the people who sleep above.,"
    "It makes 20 dB less noise and uses 30 % less power.,The usual pump makes 55 dB; ours makes 35 dB.,"
    f'"Heating of houses, hotels and hospitals.","{LONG}",A prototype runs in our laboratory.,6,machinery,licence'
)
UNCLEAR = f'Second pump,A pump.,,,,,"{LONG}",,,machinery,licence'
FILE = "\n".join((HEADINGS, CLEAR, UNCLEAR)).encode()


@pytest.fixture
def anna(db, now):
    """An officer of a verified institution."""
    return officer(db, institution(db, now), now)


def take(db, actor, now, data, reason="", *, name="list.csv"):
    """Import a file as its officer does."""
    table = read_table(name, data)
    run = importing.open_run(db, actor, actor.organisation_id, table, file_name=name, data=data, publish=True, now=now)
    if run.state == "mapping":
        importing.choose_columns(db, actor, run.id, run.mapping, now=now)
    rows = importing.understood(db, actor, run.id)
    return importing.carry_out(db, actor, run.id, rows, publish=True, reason=reason, now=now)


def states(db):
    """Title -> state of all listings."""
    return {each.title: each.state for each in db.exec(select(Technology))}


def test_unclear_ones_stay_drafts_and_the_report_says_why(db, anna, now):
    """The clear pump goes out; the other becomes a draft, with its points and what it lacks most."""
    result = take(db, anna, now, FILE)

    assert {"Quiet pump": "published", "Second pump": "draft"} == states(db)
    assert (2, 1, 1, 0) == (result.created, result.published, result.unclear, result.excused)
    (told,) = [each for each in result.problems if each.code == "unclear"]
    assert "of 100 points for clarity, your institution asks for 60. It lacks most: " in told.sentence
    assert "Says what is hard or expensive today" in told.sentence
    noted, _total = runs.report(db, result.run_id, 1, only_problems=True)
    assert told.sentence in [each.sentence for row in noted for each in row.problems]
    assert {"unclear", "excused", "published"} <= set(result.plain())
    assert 2 == len(db.exec(select(ListingClarity)).all())


def test_a_stated_reason_lets_them_out_and_is_kept(db, anna, now):
    """One sentence for the whole file, kept with each listing that needed it; an undone import takes it back."""
    result = take(db, anna, now, FILE, REASON)

    assert {"published"} == set(states(db).values())
    assert (2, 0, 1) == (result.published, result.unclear, result.excused)
    (kept,) = db.exec(select(UnclearPublication)).all()
    assert (REASON, anna.person_id, 60) == (kept.reason, kept.person_id, kept.threshold)

    assert 2 == undoing.undo(db, anna, result.run_id, now=now).removed
    assert [] == db.exec(select(UnclearPublication)).all()


def test_a_reason_is_a_sentence(db, anna, now):
    """`ok` is none."""
    with pytest.raises(Refused) as refused:
        take(db, anna, now, FILE, "ok")

    assert "reason" == refused.value.refusal.field


def test_the_institution_says_how_clear(db, anna, now):
    """With a threshold of 0 nothing is unclear; where two people look, everything waits for the second."""
    owner = officer(db, db.get_one(Organisation, anna.organisation_id), now, role="owner", name="Olga")
    gate.set_policy(db, owner, PolicyForm(clarity_threshold=0, review=False), now=now)
    assert 1 == take(db, anna, now, nasa_file([nasa_row("A-1", title="Valve")]), name="x").published

    gate.set_policy(db, owner, PolicyForm(clarity_threshold=0, review=True), now=now)
    assert 0 == take(db, anna, now, nasa_file([nasa_row("A-2", title="Pump")]), REASON, name="x").published
