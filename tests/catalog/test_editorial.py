"""Versions, the gate, review and schedule of a listing, on both databases."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DatabaseError
from sqlmodel import select

from market.catalog import editorial, queries
from market.catalog.forms import ListingForm, NewListing, PolicyForm, ScheduleForm
from market.catalog.models import ListingReview, ListingVersion, Technology, UnclearPublication
from market.catalog.rules.differences import word_differences
from market.catalog.rules.schedule import moment
from market.catalog.service import gate, listing, review, schedule, versions
from market.kit import audit, clock
from market.kit.errors import Forbidden, NotFound, Refused, Stale
from tests.catalog.samples import LONG, institution, officer

CLEAR = {
    "title": "Quiet pump",
    "summary": "A pump that you do not hear, for houses and ships.",
    "problem": "Pumps in cellars wake people up.",
    "advantages": "Half the noise of the best pump on sale",
    "comparison": "Rubber feet take 3 decibels away; this takes 12.",
    "applications": "Heating of houses",
    "sector": "machinery",
    "description": LONG,
    "offers": ["licence"],
}


@pytest.fixture
def house(db, now):
    """A verified institute."""
    return institution(db, now)


@pytest.fixture
def anna(db, house, now):
    """A licensing officer."""
    return officer(db, house, now)


@pytest.fixture
def olga(db, house, now):
    """The owner of the same institute."""
    return officer(db, house, now, role="owner", name="Olga Bianchi")


def written(db, actor, now, **given):
    """A draft that can go out."""
    draft = listing.create_draft(db, actor, NewListing(title="Quiet pump"), now=now)
    form = ListingForm(**(CLEAR | {"version": draft.version, "contact_id": actor.person_id} | given))
    return listing.save(db, actor, draft.id, form, now=now)


UNCLEAR = {"problem": "", "advantages": "", "comparison": "", "applications": ""}


def tags(db, technology):
    """What has happened to a listing."""
    return [row.tag for row in audit.trail(db, ("technology", technology.id))]


# --- the gate


def test_a_clear_listing_goes_out(db, anna, now):
    """Nobody asks for a reason."""
    draft = written(db, anna, now)
    assert "published" == gate.release(db, anna, draft.id, now=now).state


def test_an_unclear_listing_goes_out_with_a_reason_only(db, anna, now):
    """Below the threshold the reason is asked for, kept with score and threshold, and audited."""
    draft = written(db, anna, now, **UNCLEAR)
    with pytest.raises(Refused) as told:
        gate.release(db, anna, draft.id, reason="because", now=now)
    assert ("unclear", "reason", "draft") == (told.value.refusal.code, told.value.refusal.field, draft.state)

    gate.release(db, anna, draft.id, reason="The fair opens tomorrow, texts follow.", now=now)
    kept = db.exec(select(UnclearPublication)).one()
    assert (draft.id, 60, "The fair opens tomorrow, texts follow.") == (kept.technology_id, kept.threshold, kept.reason)
    assert kept.score < 60
    assert ["catalog:listing:published", "catalog:listing:excused"] == tags(db, draft)[-2:]


def test_the_institution_chooses_its_threshold(db, anna, olga, now):
    """An institution that asks for nothing lets everything out; only who manages it may say so."""
    with pytest.raises(Forbidden):
        gate.set_policy(db, anna, PolicyForm(clarity_threshold=0), now=now)
    gate.set_policy(db, olga, PolicyForm(clarity_threshold=0), now=now)
    draft = written(db, anna, now, **UNCLEAR)
    assert "published" == gate.release(db, anna, draft.id, now=now).state


def test_every_listing_is_scored_however_it_came(db, anna, now):
    """The job scores what has no score or has changed since, and then finds nothing more to do."""
    clear, unclear = written(db, anna, now), written(db, anna, now, **UNCLEAR)
    assert [2, 0] == [gate.score_some(db, now=now), _flushed(db) or gate.score_some(db, now=now)]
    before = editorial.scores(db, [clear.id, unclear.id])
    assert before[clear.id] > 80 > before[unclear.id]

    listing.save(db, anna, clear.id, ListingForm(**(CLEAR | {"version": clear.version, "problem": ""})), now=now)
    assert 1 == gate.score_some(db, now=now)
    db.flush()
    assert editorial.scores(db, [clear.id])[clear.id] < before[clear.id]


def _flushed(db):
    db.flush()


# --- versions


def test_each_save_keeps_a_version(db, anna, now):
    """Older words stay readable, and nothing can change them."""
    draft = written(db, anna, now)
    first = draft.version
    listing.save(db, anna, draft.id, ListingForm(**(CLEAR | {"version": first, "title": "Silent pump"})), now=now)

    kept = editorial.versions(db, draft.id)
    assert [first + 1, first] == [row.number for row in kept]
    assert "Quiet pump" == editorial.version(db, draft.id, first).fields["title"]
    assert "Anna Rossi" == kept[0].person_name
    with pytest.raises(DatabaseError), db.begin_nested():
        db.exec(select(ListingVersion)).first().person_name = "Nobody"
        db.flush()


def test_an_imported_listing_keeps_its_first_words(db, anna, now):
    """What was there before the first change here is kept too."""
    row = listing.create_draft(db, anna, NewListing(title="From the file"), now=now)
    row.summary = "As the file said."
    db.flush()
    listing.save(db, anna, row.id, ListingForm(title="Ours", version=1), now=now)
    assert ["Ours", "From the file"] == [
        editorial.version(db, row.id, each.number).fields["title"] for each in editorial.versions(db, row.id)
    ]


def test_an_older_version_comes_back(db, anna, now):
    """Restoring saves the old words as a new version; nothing is lost."""
    draft = written(
        db, anna, now, price_kind="fixed", price_low="5,000", inventors="Jean Dupré", keywords="pump, quiet"
    )
    first = draft.version
    listing.save(db, anna, draft.id, ListingForm(title="Loud pump", version=first), now=now)
    versions.restore(db, anna, draft.id, first, shown=draft.version, now=now)

    assert ("Quiet pump", 500_000, ["pump", "quiet"], first + 2) == (
        draft.title,
        draft.price_low,
        draft.keywords,
        draft.version,
    )
    assert ["Jean Dupré"] == queries.inventors(db, draft.id)
    assert "catalog:listing:restored" == tags(db, draft)[-1]


def test_restoring_over_a_newer_version_is_told(db, anna, now):
    """Who restores while a colleague saves is told so."""
    draft = written(db, anna, now)
    with pytest.raises(Stale):
        versions.restore(db, anna, draft.id, draft.version, shown=draft.version - 1, now=now)


def test_a_stranger_restores_nothing(db, anna, now):
    """Other institutions cannot even tell that it is there."""
    draft = written(db, anna, now)
    stranger = officer(db, institution(db, now, slug="others", name="Others"), now)
    with pytest.raises(NotFound):
        versions.restore(db, stranger, draft.id, draft.version, shown=draft.version, now=now)
    with pytest.raises(NotFound):
        versions.keep_draft(db, stranger, draft.id, {"title": "x"}, 1, now=now)


def test_what_is_typed_is_kept_for_each_editor(db, anna, olga, now):
    """Two editors type at once: each keeps the own words; saving forgets one's own alone."""
    draft = written(db, anna, now)
    versions.keep_draft(db, anna, draft.id, {"title": "Anna's words"}, draft.version, now=now)
    versions.keep_draft(db, olga, draft.id, {"title": "Olga's words"}, draft.version, now=now)
    versions.keep_draft(db, anna, draft.id, {"title": "Anna's new words"}, draft.version, now=now)
    assert "Anna's new words" == editorial.draft(db, draft.id, anna.person_id).fields["title"]

    listing.save(db, anna, draft.id, ListingForm(title="Anna's new words", version=draft.version), now=now)
    assert editorial.draft(db, draft.id, anna.person_id) is None
    assert "Olga's words" == editorial.draft(db, draft.id, olga.person_id).fields["title"]


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        (
            "A quiet pump",
            "A silent pump",
            [("same", "A "), ("gone", "quiet"), ("new", "silent"), ("same", " pump")],
        ),
        ("Much faster", "Half the noise", [("gone", "Much faster"), ("new", "Half the noise")]),
        ("", "New", [("new", "New")]),
        ("Same", "Same", [("same", "Same")]),
    ],
)
def test_differences_are_told_by_word(before, after, pieces):
    """What stays, what went and what is new; words changed in a row stay together."""
    assert pieces == word_differences(before, after)


@given(st.text(max_size=60), st.text(max_size=60))
def test_differences_lose_nothing(before, after):
    """Leaving out what is new gives the old text, leaving out what went gives the new one."""
    pieces = word_differences(before, after)
    assert before == "".join(text for kind, text in pieces if kind != "new")
    assert after == "".join(text for kind, text in pieces if kind != "gone")


# --- four eyes


@pytest.fixture
def strict(db, olga, now):
    """The institute wants two people to look."""
    return gate.set_policy(db, olga, PolicyForm(review=True), now=now)


def test_two_people_look_before_it_goes_out(db, anna, olga, strict, now):
    """Written and submitted by one, approved by the other, then published; not before."""
    draft = written(db, anna, now)
    with pytest.raises(Refused) as told:
        gate.release(db, olga, draft.id, now=now)
    assert "not_reviewed" == told.value.refusal.code

    review.submit(db, anna, draft.id, now=now)
    review.approve(db, olga, draft.id, version=draft.version, now=now)
    assert "published" == gate.release(db, anna, draft.id, now=now).state


def test_nobody_approves_the_own_work(db, anna, olga, strict, now):
    """Neither who submitted nor who wrote the last words may approve; the database itself refuses it."""
    draft = written(db, anna, now)
    review.submit(db, olga, draft.id, now=now)
    for actor in (olga, anna):
        with pytest.raises(Refused) as told:
            review.approve(db, actor, draft.id, version=draft.version, now=now)
        assert "own_work" == told.value.refusal.code
    with pytest.raises(DatabaseError), db.begin_nested():
        row = db.get(ListingReview, draft.id)
        row.state, row.decided_by = "approved", row.submitted_by
        db.flush()


def test_a_change_after_approval_needs_a_new_look(db, anna, olga, strict, now):
    """The approval holds for the words that were read."""
    draft = written(db, anna, now)
    review.submit(db, anna, draft.id, now=now)
    review.approve(db, olga, draft.id, version=draft.version, now=now)
    listing.save(db, anna, draft.id, ListingForm(**(CLEAR | {"version": draft.version, "title": "Other"})), now=now)
    with pytest.raises(Refused):
        gate.release(db, anna, draft.id, now=now)


def test_a_listing_is_sent_back_with_a_comment(db, anna, olga, strict, now):
    """The author reads what should change, and can submit again."""
    draft = written(db, anna, now)
    review.submit(db, anna, draft.id, now=now)
    with pytest.raises(Refused):
        review.send_back(db, olga, draft.id, " ", version=draft.version, now=now)
    review.send_back(db, olga, draft.id, "Name the noise in decibels.", version=draft.version, now=now)
    row = editorial.review(db, draft.id)
    assert ("returned", "Olga Bianchi", "Name the noise in decibels.") == (row.state, row.decider, row.comment)
    assert "submitted" == review.submit(db, anna, draft.id, now=now).state


# --- the schedule


@pytest.mark.parametrize(
    ("day", "at", "zone", "expected"),
    [
        (date(2027, 7, 1), time(9), "Europe/Rome", datetime(2027, 7, 1, 7, tzinfo=UTC)),
        (date(2027, 12, 1), time(9), "Europe/Rome", datetime(2027, 12, 1, 8, tzinfo=UTC)),
        (date(2028, 2, 29), time(0), "Asia/Seoul", datetime(2028, 2, 28, 15, tzinfo=UTC)),
        (date(2027, 3, 28), time(2, 30), "Europe/Rome", datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),
        (date(2027, 10, 31), time(2, 30), "Europe/Rome", datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
    ],
)
def test_a_time_is_the_institutions_own(day, at, zone, expected):
    """Summer and winter time, the hour that is skipped and the one that comes twice, 29 February."""
    assert expected == moment(day, at, zone)


def plan(db, actor, technology, now, **given):
    """Let it go out on 4 March at nine."""
    form = ScheduleForm(**({"day": date(2027, 3, 4), "time": time(9)} | given))
    return schedule.plan(db, actor, technology.id, form, now=now)


def test_a_time_that_is_over_is_refused(db, anna, now):
    """Nobody publishes into the past."""
    draft = written(db, anna, now)
    with pytest.raises(Refused) as told:
        plan(db, anna, draft, now, day=date(2027, 3, 3), time=time(12))
    assert "past" == told.value.refusal.code


def test_a_listing_goes_out_at_its_time(wired, now):
    """Not a moment before; once; in the name of who planned it; also by a worker that was started later."""
    with wired.db.write() as db:
        anna = officer(db, institution(db, now), now)
        draft = written(db, anna, now)
        plan(db, anna, draft, now)
    for at, state in ((now + timedelta(hours=20), "draft"), (now + timedelta(hours=21), "published")):
        with clock.frozen(at):
            _run(wired, "catalog.publish")
            with wired.db.read() as db:
                assert state == db.get(Technology, draft.id).state
    with wired.db.read() as db:
        last = next(row for row in audit.trail(db, ("technology", draft.id)) if row.tag == "catalog:listing:published")
        assert "Anna Rossi" == last.person_name
        assert editorial.schedule(db, draft.id) is None


def test_what_cannot_go_out_at_its_time_says_why(wired, now):
    """A listing that has become incomplete stays, with the reason; the others go out."""
    with wired.db.write() as db:
        anna = officer(db, institution(db, now), now)
        broken, good = written(db, anna, now), written(db, anna, now)
        for each in (broken, good):
            plan(db, anna, each, now)
        form = ListingForm(**(CLEAR | {"version": broken.version, "sector": None, "contact_id": anna.person_id}))
        listing.save(db, anna, broken.id, form, now=now)
    with clock.frozen(now + timedelta(days=2)):
        _run(wired, "catalog.publish")
        _run(wired, "catalog.publish")
    with wired.db.read() as db:
        assert ("draft", "published") == (db.get(Technology, broken.id).state, db.get(Technology, good.id).state)
        assert "sector" in editorial.schedule(db, broken.id).problem
        assert 1 == tags(db, broken).count("catalog:schedule:failed")


def _run(wired, kind):
    worker = wired.worker()
    wired.registry.handlers[kind](worker.run, {})
