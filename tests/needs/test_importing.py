"""Others' needs from files: everything comes in or is refused with a reason, and the same file twice doubles nothing."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from market.kit.errors import Refused
from market.needs.models import Need
from market.needs.rules import sources
from market.needs.service.importing import Order, import_file
from tests.needs import samples


@pytest.fixture
def bring(wired, now, tmp_path):
    """Imports bytes as a source, and gives the report."""

    def import_bytes(data, source, **given):
        file = tmp_path / "needs.csv"
        file.write_bytes(data)
        fields = {"organisation": "", "create_organisation": "Pipe Agencies", "country": "US"} | given
        return import_file(wired.db, Order(source, file, **fields), now=now)

    return import_bytes


def needs(wired):
    """All needs, by the source's id."""
    with wired.db.read() as db:
        return {need.source_id: need for need in db.exec(select(Need))}


NUMBERS = ("read", "created", "updated", "unchanged", "duplicates", "refused", "open", "expired")


def numbers(report):
    """The numbers of a report, in order."""
    return tuple(report[name] for name in NUMBERS)


def test_topics_come_in_once(wired, bring):
    """Open ones open, past ones expired, the same call published again taken once, the later one; reasons by row."""
    assert (8, 4, 0, 0, 2, 2, 3, 1) == numbers(bring(samples.topics(), "sbir"))
    report = bring(samples.topics(), "sbir")
    assert (8, 0, 0, 4, 2, 2, 3, 1) == numbers(report)
    told = {(each["row"], each["code"]) for each in report["problems"]}
    assert {(4, "duplicate"), (7, "duplicate"), (6, "no_description"), (8, "no_title"), (5, "cut_off")} <= told
    found = needs(wired)
    assert {"T1", "T2", "T4", "T7"} == set(found)
    assert ("open", "expired") == (found["T1"].state, found["T7"].state)
    assert "Department of Water, Canal Office" == found["T1"].on_behalf_of
    drone = found["T2"]
    assert ("Quiet drone & nest", "prototype") == (drone.title, drone.stage)
    assert drone.text.startswith("A drone that birds do not fear\n\nTECHNOLOGY AREA(S): Air")
    assert all(len(need.text) <= 8_000 for need in found.values())


def test_challenges_lose_their_styling_and_keep_their_days(wired, bring):
    """Word's styling, scripts and template leftovers are gone, words stay; every layout of a day is the same day."""
    report = bring(samples.challenges(), "challenges")
    assert (11, 10, 0, 0, 0, 1, 9, 1) == numbers(report)
    found = needs(wired)
    text = found["1"].text
    assert "find leaks in old pipes" in text
    assert "- by sound" in text
    for rest in ("mso", "<", "{", "Wingdings", "secret settings", "alert", "include"):
        assert rest not in text, rest
    days = {found[str(number)].deadline for number in (1, 2, 3, 4, 5, 7)}
    assert {date(2028, 3, 31)} == days
    assert (None, None) == (found["6"].deadline, found["8"].deadline)
    assert ("to_500k", "USD", "Ideas, Scientific") == (found["1"].budget, found["1"].currency, found["1"].cluster)
    assert "expired" == found["22"].state
    told = {(each["row"], each["code"], each["refused"]) for each in report["problems"]}
    assert (10, "tagline_only", False) in told
    assert (11, "no_description", True) in told
    assert (9, "unread_day", False) in told
    assert (2, "leftovers", False) in told


def test_a_table_of_ones_own(wired, bring):
    """Title and text are enough; what is not understood is said and left open."""
    report = bring(samples.OWN, "csv")
    assert (3, 3, 0, 0, 0, 0, 3, 0) == numbers(report)
    cork = needs(wired)["a"]
    assert ("food", "PT", "to_25k", "EUR", "prototype") == (
        cork.sector, cork.country, cork.budget, cork.currency, cork.stage
    )  # fmt: skip
    assert ["licence", "option"] == cork.kinds
    assert "Café with a view" == needs(wired)["c"].title
    codes = {each["code"] for each in report["problems"]}
    assert {"unknown_kind", "unknown_country", "no_sector", "mended"} <= codes


def test_a_changed_row_changes_its_need(wired, bring):
    """The source says something new: that need alone is changed; one that was closed here stays closed."""
    row = {"id": "a", "title": "Cork without smell", "text": samples.LONG, "sector": "food"}
    header = ["id", "title", "text", "sector", "deadline"]
    bring(samples.table(header, [row]), "csv")
    later = bring(samples.table(header, [row | {"deadline": "2027-12-31"}]), "csv")
    assert (1, 0, 1, 0, 0, 0, 1, 0) == numbers(later)
    assert date(2027, 12, 31) == needs(wired)["a"].deadline
    over = bring(samples.table(header, [row | {"deadline": "2020-12-31"}]), "csv")
    assert (1, 0, 1, 0, 0, 0, 0, 1) == numbers(over)
    with wired.db.write() as db:
        need = db.exec(select(Need)).one()
        need.state, need.outcome = "closed", "no_longer"
        db.add(need)
    bring(samples.table(header, [row | {"title": "Cork with smell"}]), "csv")
    assert ("closed", "Cork with smell") == (needs(wired)["a"].state, needs(wired)["a"].title)


@pytest.mark.parametrize(
    ("data", "source", "code"),
    [
        (b"", "csv", "headings"),
        (b"name,words\na,b\n", "csv", "headings"),
        (b"\x1f\x8b\x08\x00cut", "sbir", "damaged"),
        (b"PK\x03\x04\x00\x00\x00\x00", "challenges", "no_text"),
        (samples.challenges(), "sbir", "headings"),
    ],
)
def test_what_is_no_such_file_is_refused_whole(bring, data, source, code):
    """Nothing is guessed, nothing is half imported."""
    with pytest.raises(Refused) as told:
        bring(data, source)
    assert code == told.value.refusal.code


def test_nobody_unknown_posts(bring):
    """Whose needs these are must be said."""
    with pytest.raises(Refused) as told:
        bring(samples.OWN, "csv", organisation="nobody", create_organisation="")
    assert "no_organisation" == told.value.refusal.code


@given(st.sampled_from(sources.SOURCES), st.lists(st.lists(st.text(max_size=60), min_size=1, max_size=16), max_size=5))
def test_no_cell_breaks_the_reading(source, rows):
    """Whatever stands in the cells, each row becomes a need, a duplicate, or is refused."""
    header = {"sbir": samples.TOPIC, "challenges": samples.CHALLENGE, "csv": ["id", "title", "text", "deadline"]}[
        source
    ]
    named = [dict(zip(header, cells, strict=False)) for cells in rows]
    data = samples.table(header, named)
    if b"\x00" in data[:4096]:
        return
    try:
        read = sources.read(source, data)
    except Refused:
        return
    for row in read:
        assert (row.need is not None) != any(each.refuses for each in row.problems)
