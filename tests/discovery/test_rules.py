"""What was typed, understood; what was found, marked; what was ticked, made a filter."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from market.discovery import forms
from market.discovery.forms import Asked
from market.discovery.rules import filters as f
from market.discovery.rules import highlight, synonyms, typos
from market.discovery.rules.facets import FACETS, refinements
from market.discovery.rules.question import MOST_KEYWORDS, Question, parts, understand
from market.discovery.rules.words import placed, words

NEED = "we need to sort all the waste that comes in with one"
TEXTS = st.text(st.characters(codec="utf-8"), max_size=80) | st.text("<>&\"'ab é-_ ", max_size=40)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lithium-Ion  Battery", ["lithium", "ion", "battery"]),
        ("Größe naïve Øresund", ["grosse", "naive", "oresund"]),
        ("e\u0301lan", ["elan"]),
        ("CO₂ 3,5 mm²", ["co2", "3", "5", "mm2"]),
        ("a_b c.d/e", ["a", "b", "c", "d", "e"]),
        ("", []),
        ("...!?", []),
    ],
)
def test_words_are_folded_and_parted(text: str, expected: list[str]) -> None:
    """Accents, capitals, hyphens and typography make no difference to what is found."""
    assert expected == words(text)


@given(TEXTS)
def test_words_and_their_places_agree(text: str) -> None:
    """A place cuts the text where the word stands."""
    for start, end, word in placed(text):
        assert 0 <= start < end <= len(text)
        assert word in words(text[start:end]) or words(text[start:end]) != [word]


# --- typing errors


@pytest.mark.parametrize(
    ("word", "number"),
    [("pump", 0), ("valve", 1), ("catalyst", 1), ("batteries", 2), ("9000000", 0), ("polymer6", 0), ("", 0)],
)
def test_long_words_may_have_more_errors(word: str, number: int) -> None:
    """None below five letters, one from five, two from nine; numbers must be right."""
    assert number == typos.allowed(word)


@pytest.mark.parametrize(
    ("one", "other", "number"),
    [("valve", "valve", 0), ("valve", "vavle", 1), ("valve", "vale", 1), ("valve", "valves", 1), ("valve", "walves", 2),
     ("", "", 0), ("ca", "abc", 3), ("abc", "xyz", 3)],
)  # fmt: skip
def test_errors_are_counted(one: str, other: str, number: int) -> None:
    """A letter more, less, other, or swapped with its neighbour is one error; more than two are not told apart."""
    assert number == typos.distance(one, other)
    assert number == typos.distance(other, one)


def test_a_wrong_first_letter_counts_twice() -> None:
    """`walve` is not valve; `vlectrolyte` is electrolyte, since two errors are forgiven there."""
    assert not typos.is_close("walve", "valve")
    assert typos.is_close("vlectrolyte", "electrolyte")
    assert not typos.is_close("vlectrolite", "electrolyte")
    assert typos.is_close("electra", "electrolyte", prefix=True)
    assert not typos.is_close("electra", "electrolyte")


# --- synonyms


def test_every_group_of_synonyms_is_whole() -> None:
    """From each phrase one gets to all others of its line, and back."""
    known = synonyms.known()

    assert ("photovoltaic",) in known[("pv",)]
    for phrase, others in known.items():
        for other in others:
            assert any(synonyms.telling(back) == phrase for back in known[synonyms.telling(other)])


def test_remarks_and_single_phrases_are_no_synonyms() -> None:
    """A line of one phrase, an empty line and a remark say nothing."""
    found = synonyms.read(["# remark", "", "alone", "one thing, another # and a remark"])

    assert {("alone",): (), ("one", "thing"): (("another",),), ("another",): (("one", "thing"),)} == dict(found)


# --- questions


def test_a_few_words_are_keywords() -> None:
    """Stop words are left out, doubles too; the last word counts as begun."""
    question = understand("a Pump for the pump of heat")

    assert Question(("pump", "heat"), "keyword") == question
    assert [False, True] == [part.prefix for part in parts(question)]


def test_more_than_a_dozen_words_are_a_need() -> None:
    """Twelve words are looked for, thirteen describe something; the visitor may say otherwise."""
    text = "one two three four five six seven eight nine ten eleven twelve"

    assert "keyword" == understand(text).mode
    assert "need" == understand(text + " thirteen").mode
    assert "keyword" == understand(text + " thirteen", "keyword").mode
    assert MOST_KEYWORDS == len(understand(text).words)


def test_only_stop_words_are_still_something() -> None:
    """Who types `the` is on the way to `thermal`."""
    assert ("the",) == understand("of the").words


def test_synonyms_are_found_over_several_words() -> None:
    """`unmanned aerial vehicle` stands for one thing; `internet of things` is known without its stop word."""
    (drone,) = parts(understand("unmanned aerial vehicle"))
    iot, gardens = parts(understand("internet of things gardens"))

    assert ("drone",) in drone.same
    assert ("iot",) in iot.same
    assert () == gardens.same


# --- marks


def marks(text: str, asked: str) -> list[str]:
    """The words that are marked."""
    return re.findall("<mark>(.*?)</mark>", highlight.marked(text, highlight.matcher(understand(asked))))


@pytest.mark.parametrize(
    ("text", "asked", "expected"),
    [
        ("Battery for cold weather", "battery", ["Battery"]),
        ("Battery for cold weather", "batery", ["Battery"]),
        ("Battery for cold weather", "cold bat", ["Battery", "cold"]),
        ("Inspection by drone", "UAV", ["drone"]),
        ("Größe zählt", "grosse", ["Größe"]),
        ("Nothing of it", "pump", []),
        ("Sorting of waste with cameras", f"{NEED} camera on the belt", ["Sorting", "waste", "cameras"]),
    ],
)  # fmt: skip
def test_what_matched_is_marked(text: str, asked: str, expected: list[str]) -> None:
    """Words, beginnings, mistyped words, synonyms and, in a need, other forms."""
    assert expected == marks(text, asked)


@given(TEXTS, TEXTS)
def test_marking_changes_no_text_and_lets_no_markup_through(text: str, asked: str) -> None:
    """Without the marks, the escaped text is left: nothing that a listing says becomes markup."""
    shown = highlight.marked(text, highlight.matcher(understand(asked)))
    plain = str(shown).replace("<mark>", "").replace("</mark>", "")

    assert isinstance(shown, Markup)
    assert text == html.unescape(plain)
    assert not set("<>\"'") & set(plain)


@given(st.lists(TEXTS, max_size=30).map(" ".join), TEXTS)
def test_snippets_let_no_markup_through(text: str, asked: str) -> None:
    """A snippet is text with marks, or nothing."""
    quoted = highlight.snippet(text, highlight.matcher(understand(asked)))

    if quoted is not None:
        assert "<mark>" in quoted
        assert not set("<>\"'") & set(str(quoted).replace("<mark>", "").replace("</mark>", ""))


def test_a_snippet_shows_where_most_of_it_stands() -> None:
    """In a long text, the stretch with most of the words asked for."""
    text = "filler " * 100 + "a camera looks at waste on the belt " + "filler " * 100
    quoted = highlight.snippet(text, highlight.matcher(understand("camera waste")))

    assert quoted is not None
    assert quoted.startswith("… ")
    assert quoted.endswith(" …")
    assert "<mark>camera</mark> looks at <mark>waste</mark>" in quoted


# --- filters

DOCUMENTS = [{"a": value, "n": number} for value in (None, "x", "y", ["x", "y"]) for number in (None, 1, 5)]
LEAVES = st.one_of(
    st.builds(f.Eq, st.just("a"), st.sampled_from("xyz")),
    st.builds(f.In, st.just("a"), st.lists(st.sampled_from("xyz"), max_size=2).map(tuple)),
    st.builds(f.Range, st.just("n"), st.none() | st.integers(0, 6), st.none() | st.integers(0, 6)),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(f.Not, inner),
        st.builds(f.And, st.lists(inner, max_size=3).map(tuple)),
        st.builds(f.Or, st.lists(inner, max_size=3).map(tuple)),
    ),
    max_leaves=12,
)


@given(TREES)
def test_a_simplified_filter_means_the_same(tree: f.Filter) -> None:
    """Everything and nothing stand only alone, and each document passes as before."""
    simple = f.simplified(tree)

    assert [f.holds(tree, each) for each in DOCUMENTS] == [f.holds(simple, each) for each in DOCUMENTS]
    assert simple in (f.EVERYTHING, f.NOTHING) or not _says_nothing(simple)


def _says_nothing(tree: f.Filter) -> bool:
    match tree:
        case f.And(inner) | f.Or(inner):
            return not inner or any(_says_nothing(part) for part in inner)
        case f.Not(part):
            return _says_nothing(part)
        case _:
            return False


# --- addresses


def test_an_address_is_read_and_written_alike() -> None:
    """What a search is can be kept, shared and opened again."""
    asked = Asked("quiet pump", {"sector": ("energy", "food"), "country": ("DE",)}, "newest", 3)
    again = forms.asked([part.split("=") for part in asked.query(page=3).replace("+", " ").split("&")])  # type: ignore[misc]

    assert asked == again
    assert "q=quiet+pump&sort=newest&sector=food&country=DE" == asked.query(without=("sector", "energy"))


@given(
    st.lists(
        st.tuples(st.sampled_from(["q", "sort", "page", "trl", "country", "sector", "words", "price", "x"]), TEXTS)
    )
)
def test_no_address_is_an_error(pairs: list[tuple[str, str]]) -> None:
    """Whatever stands in an address, it is a search; unknown values are passed over."""
    asked = forms.asked(pairs)

    assert 1 <= asked.page <= forms.LAST_PAGE
    assert asked.sort in ("relevance", "newest", "responsive")
    for facet in FACETS:
        for value in asked.chosen.get(facet.name, ()):
            assert facet.typed(value) is not None
    assert set(refinements(asked.chosen)) <= {facet.field for facet in FACETS}
