"""What every search engine must do alike; `make` (conftest.py) makes tantivy, and Meilisearch where there is a server."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from market.discovery.gateway import SearchIndex, SearchRequest, SearchResult, filterable
from market.discovery.rules import filters as f
from market.discovery.rules.facets import VISIBLE
from market.discovery.rules.question import Question, understand
from market.integrations.meilisearch_engine import engine as meilisearch
from market.integrations.meilisearch_engine.engine import MeilisearchIndex
from market.integrations.tantivy_engine.engine import TantivyIndex
from market.kit.ids import new_id
from tests.discovery.documents import document
from tests.integrations.conftest import Make

LISTINGS = [
    document("t01", "Quiet pump for heat exchangers", sectors=["machinery"], trl=7, country="DE", published_at=1_000,
             licences=["exclusive", "non_exclusive"], price_band="to_5k", description="Runs without noise in a cellar."),
    document("t02", "Photovoltaic roof tile", sectors=["energy", "construction"], trl=4, country="IT", published_at=2_000,
             licences=["non_exclusive"], price_band="free", keywords=["roof", "power"]),
    document("t03", "Inspection of bridges by drone", sectors=["robotics"], trl=7, country="DE", published_at=3_000,
             ip_status="granted", summary="Finds cracks without a scaffold."),
    document("t04", "Battery with a solid electrolyte", sectors=["energy"], trl=3, country="FR", published_at=4_000,
             technology_fields=[1, 20], summary="Does not burn when it is pierced."),
    document("t05", "Battery housing of flax fibre", sectors=["materials"], country="IT", published_at=5_000,
             technology_fields=[20], has_prototype=True, inventors=["Zoë Größe"]),
    document("t06", "Catalyst 9000 for clean exhaust", sectors=["chemistry"], trl=9, country="DE", published_at=6_000,
             description="A catalyst that lowers the temperature. It is said to be a catalyst of catalysts."),
    document("t07", "Sorting waste with a camera", sectors=["environment"], country="IT", published_at=7_000,
             organisation="Politecnico di Esempio", state="stale", applications="Recycling plants, internet of things"),
    document("t08", "Hidden battery", sectors=["energy"], country="FR", published_at=8_000, state="withdrawn"),
]  # fmt: skip


@pytest.fixture(scope="module")
def index(make: Make) -> SearchIndex:
    """An engine that holds the listings; nobody may change them."""
    engine = make()
    engine.rebuild([LISTINGS[:3], LISTINGS[3:]])
    return engine


def ask(index: SearchIndex, text: str = "", **given: Any) -> SearchResult:
    """Search as a visitor does."""
    mode = given.pop("mode", None)
    return index.search(SearchRequest(understand(text, mode), base=given.pop("base", VISIBLE), **given))


def found(index: SearchIndex, text: str, **given: Any) -> set[str]:
    """The ids that a visitor finds."""
    return {hit.id for hit in ask(index, text, **given).hits}


# --- words


def test_all_words_must_match(index: SearchIndex) -> None:
    """Two words narrow the results; a listing with one of them only is not shown."""
    assert {"t04", "t05"} == found(index, "battery")
    assert {"t04"} == found(index, "battery electrolyte")
    assert set() == found(index, "battery exhaust")


def test_words_are_found_in_every_text(index: SearchIndex) -> None:
    """Title, summary, description, keywords, applications, organisation and inventors are searched."""
    assert {"t01"} == found(index, "cellar")
    assert {"t02"} == found(index, "power")
    assert {"t03"} == found(index, "scaffold")
    assert {"t07"} == found(index, "politecnico")
    assert {"t07"} == found(index, "recycling")


def test_accents_and_capitals_do_not_matter(index: SearchIndex) -> None:
    """`GROSSE zoe` finds Zoë Größe."""
    assert {"t05"} == found(index, "GROSSE zoe")
    assert {"t05"} == found(index, "Zoë Größe")


def test_only_the_last_word_may_be_a_beginning(index: SearchIndex) -> None:
    """While one types, the last word counts as begun; the words before it are finished."""
    assert {"t04"} == found(index, "battery elec")
    assert {"t03"} == found(index, "insp")
    assert set() == found(index, "elec battery")


def test_one_error_is_forgiven_from_five_letters(index: SearchIndex) -> None:
    """`exhuast` finds exhaust, `dronne` finds drone; in four letters everything must be right."""
    assert {"t06"} == found(index, "exhuast clean")
    assert {"t03"} == found(index, "dronne bridges")
    assert set() == found(index, "raof tile")
    assert set() == found(index, "baterri housing")


def test_two_errors_are_forgiven_from_nine_letters(index: SearchIndex) -> None:
    """`elektrolite` finds electrolyte; eight letters forgive one only."""
    assert {"t04"} == found(index, "elektrolite battery")
    assert {"t06"} == found(index, "catalist exhaust")
    assert set() == found(index, "cetalist exhaust")


def test_a_wrong_first_letter_counts_twice(index: SearchIndex) -> None:
    """`vattery` does not find battery; `vlectrolyte`, long enough for two errors, finds electrolyte, but with no other."""
    assert set() == found(index, "vattery housing")
    assert {"t04"} == found(index, "vlectrolyte battery")
    assert set() == found(index, "vlektrolyte battery")


def test_an_error_in_the_begun_word_is_forgiven(index: SearchIndex) -> None:
    """`photovotl` finds photovoltaic before it is finished."""
    assert {"t02"} == found(index, "photovotl")


def test_numbers_must_be_right(index: SearchIndex) -> None:
    """9000 is not 9001, though it has five digits with its neighbours."""
    assert {"t06"} == found(index, "9000 catalyst")
    assert set() == found(index, "90000 catalyst")


def test_synonyms_find_each_other(index: SearchIndex) -> None:
    """PV finds photovoltaic, unmanned aerial vehicle finds drone, IoT finds internet of things, fiber finds fibre."""
    assert {"t02"} == found(index, "PV roof")
    assert {"t03"} == found(index, "unmanned aerial vehicle bridges")
    assert {"t07"} == found(index, "IoT waste")
    assert {"t07"} == found(index, "internet of things waste")
    assert {"t05"} == found(index, "fiber battery")


def test_stop_words_do_not_have_to_match(index: SearchIndex) -> None:
    """`a pump for the cellar` is a pump and a cellar."""
    assert {"t01"} == found(index, "a pump for the cellar")


@pytest.mark.parametrize(
    "text",
    [
        '"',
        "'",
        "title:*",
        "pump AND (",
        "a\\",
        "[* TO *]",
        "+-!",
        "pump~2^9",
        "\x00pump",
        "😀 pump",
        "pump" * 900,
        "{{7*7}}",
    ],
)
def test_no_input_is_an_error(index: SearchIndex, text: str) -> None:
    """Whatever is typed is looked for, and never understood as a command."""
    assert ask(index, text).total >= 0


# --- totals, pages, order


def test_nothing_asked_shows_everything_newest_first(index: SearchIndex) -> None:
    """Without words the newest listings come first; the total is that of what may be seen."""
    answer = ask(index)

    assert ["t07", "t06", "t05", "t04", "t03", "t02", "t01"] == [hit.id for hit in answer.hits]
    assert 7 == answer.total


def test_pages_follow_each_other_without_gap_or_repetition(index: SearchIndex) -> None:
    """Three to a page: 3, 3, 1, then none; the total stays."""
    pages = [ask(index, page=page, per_page=3) for page in (1, 2, 3, 4)]

    assert [3, 3, 1, 0] == [len(page.hits) for page in pages]
    assert 7 == len({hit.id for page in pages for hit in page.hits})
    assert {7} == {page.total for page in pages}


def test_only_the_total_may_be_asked_for(index: SearchIndex) -> None:
    """No hits are sent when none are wanted."""
    answer = ask(index, "battery", per_page=0)

    assert () == answer.hits
    assert 2 == answer.total


def test_newest_first_is_strict(index: SearchIndex) -> None:
    """By date, closeness does not matter."""
    answer = ask(index, "battery", sort="newest")

    assert ["t05", "t04"] == [hit.id for hit in answer.hits]


def test_the_title_weighs_more_than_the_description(make: Make) -> None:
    """A word in the title brings a listing before one that has it in its description."""
    engine = make()
    engine.rebuild([[document("body", "Valve", description="With a membrane."), document("title", "Membrane")]])

    assert ["title", "body"] == [hit.id for hit in ask(engine, "membrane").hits]


def test_right_words_come_before_mistyped_ones(make: Make) -> None:
    """Who writes `sensor` sees sensors before censors."""
    engine = make()
    engine.rebuild([[document("near", "Tensor sensoring sensxr"), document("exact", "Sensor")]])

    assert "exact" == ask(engine, "sensor").hits[0].id


def test_the_most_responsive_come_first(make: Make) -> None:
    """By working days until an answer, the newest first among equals, the unknown last; words or not."""
    engine = make()
    days = {"slow": 9, "quick": 1, "quick, newer": 1, "same day": 0, "unknown": None, "ages": 4000}
    engine.rebuild([[
        document(name.replace(", ", "_").replace(" ", "_"), "Valve", response_days=each, published_at=1_700_000_000 + at)
        for at, (name, each) in enumerate(days.items())
    ]])  # fmt: skip
    expected = ["same_day", "quick_newer", "quick", "slow", "ages", "unknown"]

    assert expected == [hit.id for hit in ask(engine, sort="responsive").hits]
    assert expected == [hit.id for hit in ask(engine, "valve", sort="responsive").hits]


def test_how_fast_one_answers_is_counted_and_narrowed_by(make: Make) -> None:
    """In steps; who is not known yet has one too."""
    engine = make()
    engine.rebuild([[document(f"d{days}", "Valve", response_days=days) for days in (0, 2, 3, 5, 6, None)]])

    answer = ask(engine, facets=("response_band",), refine={"response_band": f.In("response_band", ("to_2",))})

    assert {"d0", "d2"} == {hit.id for hit in answer.hits}
    assert {"to_2": 2, "to_5": 2, "longer": 1, "unknown": 1} == {**answer.facets["response_band"]}


# --- filters and counts


def test_nobody_finds_what_may_not_be_seen(index: SearchIndex) -> None:
    """A withdrawn listing is in no result, no total and no count."""
    answer = ask(index, "hidden battery", facets=("sectors",))

    assert () == answer.hits
    assert 0 == answer.total
    assert {} == answer.facets["sectors"]


def test_counts_are_of_what_was_found(index: SearchIndex) -> None:
    """Each value is counted over all results, a list once for each of its values."""
    answer = ask(index, facets=("sectors", "country", "trl", "technology_fields"))

    assert {
        "energy": 2,
        "construction": 1,
        "machinery": 1,
        "robotics": 1,
        "materials": 1,
        "chemistry": 1,
        "environment": 1,
    } == {**answer.facets["sectors"]}
    assert {"DE": 3, "IT": 3, "FR": 1} == {**answer.facets["country"]}
    assert {"3": 1, "4": 1, "7": 2, "9": 1} == {**answer.facets["trl"]}
    assert {"1": 1, "20": 2} == {**answer.facets["technology_fields"]}


def test_a_facet_s_own_filter_does_not_change_its_counts(index: SearchIndex) -> None:
    """With Germany ticked, the other countries keep their numbers, while sectors count German listings only."""
    answer = ask(index, facets=("sectors", "country"), refine={"country": f.In("country", ("DE",))})

    assert 3 == answer.total
    assert {"DE": 3, "IT": 3, "FR": 1} == {**answer.facets["country"]}
    assert {"machinery": 1, "robotics": 1, "chemistry": 1} == {**answer.facets["sectors"]}


def test_two_refined_facets_leave_each_other_in_force(index: SearchIndex) -> None:
    """Countries are counted within the ticked sectors, sectors within the ticked countries."""
    refine = {"country": f.In("country", ("DE", "IT")), "sectors": f.In("sectors", ("energy", "robotics"))}
    answer = ask(index, facets=("sectors", "country", "trl"), refine=refine)

    assert {"t02", "t03"} == {hit.id for hit in answer.hits}
    assert {"DE": 1, "IT": 1, "FR": 1} == {**answer.facets["country"]}
    assert 1 == answer.facets["sectors"]["materials"]
    assert {"4": 1, "7": 1} == {**answer.facets["trl"]}


def test_values_of_a_facet_can_be_searched(index: SearchIndex) -> None:
    """Only values that begin so, the most frequent first."""
    assert [("machinery", 1), ("materials", 1)] == index.facet_values("sectors", "MA", SearchRequest(base=VISIBLE))
    assert [("DE", 3), ("IT", 3)] == index.facet_values("country", "", SearchRequest(base=VISIBLE), limit=2)


SAID = [
    (f.Eq("trl", 7), {"t01", "t03"}),
    (f.In("trl", (3, 9)), {"t04", "t06"}),
    (f.In("trl", ()), set()),
    (f.Range("trl", 4, 7), {"t01", "t02", "t03"}),
    (f.Range("trl", None, 4), {"t02", "t04"}),
    (f.Range("published_at", 5_000, None), {"t05", "t06", "t07", "t08"}),
    (f.Range("trl", 7, 4), set()),
    (f.Range("trl"), {"t01", "t02", "t03", "t04", "t06"}),
    (f.Not(f.Range("trl")), {"t05", "t07", "t08"}),
    (f.Eq("has_prototype", True), {"t05"}),
    (f.And((f.Eq("country", "DE"), f.Not(f.Eq("trl", 7)))), {"t06"}),
    (f.Or((f.Eq("licences", "exclusive"), f.Eq("technology_fields", 1))), {"t01", "t04"}),
    (f.Not(f.In("country", ("DE", "IT"))), {"t04", "t08"}),
    (f.NOTHING, set()),
    (f.Eq("country", 'D"E OR country = "IT'), set()),
    (f.Eq("country", "\\8"), set()),
    (f.Not(f.In("country", ("DE", "IT", '\\"'))), {"t04", "t08"}),
]


@pytest.mark.parametrize(("tree", "expected"), SAID)
def test_filters_mean_the_same(index: SearchIndex, tree: f.Filter, expected: set[str]) -> None:
    """Equal, one of, between, and, or, not: one tree, one answer."""
    assert expected == found(index, "", base=tree)


_VALUES = st.sampled_from(["DE", "IT", "FR", "energy", "robotics", "", "x"]) | st.text(
    st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8
)
_LEAVES = st.one_of(
    st.builds(f.Eq, st.sampled_from(["country", "sectors", "licences"]), _VALUES),
    st.builds(f.Eq, st.sampled_from(["trl", "technology_fields"]), st.integers(0, 21)),
    st.builds(f.In, st.just("country"), st.lists(_VALUES, max_size=3).map(tuple)),
    st.builds(f.Range, st.just("trl"), st.none() | st.integers(0, 9), st.none() | st.integers(0, 9)),
    st.builds(f.Eq, st.just("has_prototype"), st.booleans()),
)
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.builds(f.Not, inner),
        st.builds(f.And, st.lists(inner, max_size=3).map(tuple)),
        st.builds(f.Or, st.lists(inner, max_size=3).map(tuple)),
    ),
    max_leaves=8,
)


@given(tree=_TREES)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_filter_finds_what_it_says(index: SearchIndex, tree: f.Filter) -> None:
    """Whatever the filter, the engine lets through exactly the listings for which it holds."""
    expected = {each.id for each in LISTINGS if f.holds(tree, filterable(each))}

    assert expected == found(index, "", base=tree)


# --- needs and neighbours

NEED = (
    "We run a small plant that sorts recyclable waste by hand. We are looking for cameras that recognise what lies on the belt, "
    "so that our people have less dirty work to do."
)


def test_a_described_need_finds_the_closest(index: SearchIndex) -> None:
    """A paragraph has words that no listing has; the listing that shares the telling ones comes first."""
    answer = ask(index, NEED)

    assert "need" == understand(NEED).mode
    assert "t07" == answer.hits[0].id


def test_similar_listings_are_others_that_may_be_seen(index: SearchIndex) -> None:
    """The other battery is similar; itself, and the withdrawn one, are not shown."""
    near = [hit.id for hit in index.similar("t04", VISIBLE)]

    assert "t05" in near
    assert not {"t04", "t08"} & set(near)
    assert () == index.similar("nobody", VISIBLE)


# --- changes


def test_changes_are_found_once_confirmed(make: Make) -> None:
    """A new listing, a changed one and one taken away: after the confirmation each is as it should be."""
    engine = make()
    engine.rebuild([[document("one", "Lathe"), document("two", "Mill")]])
    receipt = engine.apply([document("three", "Press"), document("one", "Grinder", version=2)], ["two", "never"])

    assert engine.confirm(receipt, wait=30)
    assert {"one", "three"} == found(engine, "")
    assert {"one"} == found(engine, "grinder")
    assert set() == found(engine, "lathe")


def test_the_same_change_twice_is_no_harm(make: Make) -> None:
    """Jobs run at least once; a listing is in the index once."""
    engine = make()
    engine.rebuild([[]])
    for _each in range(2):
        assert engine.confirm(engine.apply([document("one", "Lathe")], []), wait=30)

    assert 1 == ask(engine).total


def test_a_listing_both_changed_and_gone_is_changed(make: Make) -> None:
    """What is handed over as it is wins over its own deletion in the same batch."""
    engine = make()
    engine.rebuild([[]])

    assert engine.confirm(engine.apply([document("one", "Lathe")], ["one"]), wait=30)
    assert {"one"} == found(engine, "")


def test_a_rebuild_replaces_everything(make: Make) -> None:
    """What was in the old index only is gone; the count tells how many are in the new one."""
    engine = make()
    assert engine.needs_rebuild()
    assert engine.health()

    assert 1 == engine.rebuild([[document("old", "Lathe")]])
    assert not engine.needs_rebuild()
    assert engine.health() is None

    assert 2 == engine.rebuild([[document("new", "Mill")], [document("newer", "Press")]])
    assert {"new", "newer"} == found(engine, "")


def test_what_a_killed_rebuild_left_is_swept_away(make: Make) -> None:
    """The next one throws it away; what only looks like it stays."""
    engine = make()
    if not isinstance(engine, MeilisearchIndex):
        pytest.skip("folders are swept when a new one is used (test_search_tantivy.py)")
    left, other = (f"{engine._uid}_{new_id()}", f"{engine._uid}_other")
    for uid in (left, other):
        engine._create(uid)
    engine.rebuild([[document("one", "Lathe")]])

    end, there = time.monotonic() + 20, {left}
    while left in there and time.monotonic() < end:  # the server deletes when it comes to it
        with engine._server.feeding() as client:
            there = {each.uid for each in client.get_indexes({"limit": 1000})["results"]}
    assert left not in there
    assert {engine._uid, other} <= there
    engine._drop(other)


def test_who_waits_for_a_rebuild_is_called(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server takes its time over what it has taken; who waits can keep its turn meanwhile."""
    monkeypatch.setattr(meilisearch, "BEAT", 0.0)
    called: list[int] = []
    engine = make()

    assert 1 == engine.rebuild([[document("one", "Lathe")]], lambda: called.append(1))
    assert called or isinstance(engine, TantivyIndex)


def test_a_rebuild_that_fails_leaves_the_old_index(make: Make) -> None:
    """When the documents stop coming in the middle, searches go on in the old index."""
    engine = make()
    engine.rebuild([[document("old", "Lathe")]])

    def broken() -> Iterator[list[Any]]:
        yield [document("new", "Mill")]
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        engine.rebuild(broken())

    assert {"old"} == found(engine, "")


def test_a_question_may_be_as_long_as_it_likes(index: SearchIndex) -> None:
    """A page of text is cut where the engine would break down, not refused."""
    long = " ".join(f"word{n}" for n in range(3000)) + " camera"

    assert ask(index, long).total >= 0
    assert index.search(SearchRequest(replace(Question(), words=("pump",)), base=VISIBLE)).total == 1
