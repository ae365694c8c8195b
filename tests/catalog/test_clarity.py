"""How clear a listing is: what costs points, what is told, and that no text whatever upsets the measure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.catalog.rules.clarity import language, wording
from market.catalog.rules.clarity.score import Told, clarity
from seed import world

CLEAR = Told(
    summary="A pump that you do not hear, for houses and ships.",
    problem="Pumps in cellars wake people up. Walls of foam are dear and keep the heat in.",
    advantages="Half the noise of the best pump on sale\n30 % less current",
    comparison="Rubber feet take 3 decibels away; this takes 12.",
    applications="Heating of houses\nShips",
    description="The wheel has no blades. Water sticks to a smooth disc and is carried along. We built four of them.",
    has_stage=True,
    has_price=True,
    has_contact=True,
    has_picture=True,
    has_right=True,
)
HARD = (
    "The aforementioned embodiment comprises a plurality of photolithographically microfabricated electromechanical "
    "transduction measurement instrumentation performance, configured to facilitate interferometric characterisation "
    "methodologies."
)


def codes(told):
    """What is told of a listing, as field and code."""
    return {(finding.field, finding.code) for finding in clarity(told).findings}


def test_a_clear_listing_has_nothing_to_mend():
    """Plain words, figures and every part: a hundred points."""
    assert (100, ()) == (clarity(CLEAR).score, clarity(CLEAR).findings)


def test_an_empty_listing_is_told_each_part():
    """Every part that a buyer looks for is named, and there are no points."""
    found = clarity(Told())
    assert 0 == found.score
    assert [
        "summary", "problem", "advantages", "comparison", "applications", "description", "stage", "price", "contact",
        "picture", "rights",
    ] == [finding.field for finding in found.findings]  # fmt: skip


def test_a_claim_without_a_figure_is_named_with_its_sentence():
    """`faster` asks: by how much? The sentence is quoted, and it costs points."""
    told = Told(**(vars(CLEAR) | {"advantages": "It is much faster.\n30 % less current"}))
    finding = next(each for each in clarity(told).findings if each.code == "claim")

    assert ("advantages", "It is much faster", {"claim": "faster"}) == (
        finding.field,
        finding.sentence.rstrip("."),
        finding.params,
    )
    assert 96 == clarity(told).score


def test_hard_language_costs_points():
    """A patent claim is told word by word, and loses the points for language."""
    told = Told(**(vars(CLEAR) | {"description": HARD}))
    parts = {part.key: part.points for part in clarity(told).parts}

    assert 0 == parts["language"]
    assert parts["words"] < 4
    assert {("description", "jargon"), ("description", "chain"), ("description", "hard")} <= codes(told)


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("A SOFC gives heat.", ["SOFC"]),
        ("A solid oxide fuel cell (SOFC) gives heat. The SOFC is small.", []),
        ("SOFCs (solid oxide fuel cells) give heat.", []),
        ("Sold in the EU and the US with a USB plug.", []),
        ("THIS LISTING SHOUTS LOUD TODAY.", []),
    ],
)
def test_short_forms_are_explained_once(text, short):
    """A short form that is spelled out anywhere, or that everybody knows, is let alone."""
    assert short == wording.unexplained(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It uses less power, e.g. in ships. It floats.", ["It uses less power, e.g. in ships.", "It floats."]),
        ("- Half the noise\n- 30 % less current", ["Half the noise", "30 % less current"]),
        ("Version 2.5 is out.", ["Version 2.5 is out."]),
        ("", []),
    ],
)
def test_sentences_end_where_they_end(text, expected):
    """Lists are read by line; a short form or a decimal point ends nothing."""
    assert expected == language.sentences(text)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("The wheel has no blades. Water sticks to a disc and is carried along.", "everyday language"),
        (HARD, "very hard language"),
        ("Die Pumpe ist leise. Man hört sie im Haus nicht.", "everyday language"),
        ("静かなポンプです。家や船で使えます。", "not measured"),
        ("", "not measured"),
    ],
)
def test_the_level_of_language_is_measured(text, level):
    """English by syllables, other languages by long words; scripts without spaces are not measured."""
    assert level == language.level(language.ease(text))


def test_what_cannot_be_measured_costs_nothing():
    """A Japanese description keeps its points for language."""
    told = Told(summary="静かなポンプです。", description="家や船で使えます。音がしません。")
    assert {"summary": 20, "language": 16} == {
        part.key: part.points for part in clarity(told).parts if part.key in ("summary", "language")
    }


ANY = st.builds(
    Told,
    **{
        name: st.text(max_size=300)
        for name in ("summary", "problem", "advantages", "comparison", "applications", "description")
    },
    **{name: st.booleans() for name in ("has_stage", "has_price", "has_contact", "has_picture", "has_right")},
)


@given(ANY)
def test_any_text_has_a_score(told):
    """Whatever is typed, the score lies between 0 and 100, no part above its own most, and every advice can be written."""
    found = clarity(told)
    assert 0 <= found.score <= 100
    assert all(0 <= part.points <= part.of for part in found.parts)
    assert 100 == sum(part.of for part in found.parts)
    assert all(finding.advice.format(**finding.params) for finding in found.findings)


WORDS = st.lists(
    st.sampled_from(
        ["It", "is", "faster", "better.", "e.g.", "than", "low", "cost", "steel", "SOFC", "half", "vs.", "novel", "12",
         "utilizes", "significantly", "reduced", "noise;", "\n-", "\n", "Inc.", "Every", "month."]
    ),
    max_size=25,
)  # fmt: skip


@given(before=WORDS, after=WORDS, number=st.integers(0, 10**6), unit=st.sampled_from(["", " %", " kg", " times"]))
def test_a_figure_more_never_costs_a_point(before, after, number, unit):
    """Adding a number to an advantage never lowers the score, wherever it stands."""
    without = Told(summary="A quiet pump.", advantages=" ".join([*before, *after]))
    adding = Told(summary="A quiet pump.", advantages=" ".join([*before, f"{number}{unit}", *after]))
    assert clarity(adding).score >= clarity(without).score


def test_the_sample_listings_are_clear():
    """What we show as an example does what we ask for."""
    scores = []
    for each in world.listings():
        texts = {
            name: each.text(name)
            for name in ("summary", "problem", "advantages", "comparison", "applications", "description")
        }
        facts = {"has_price": each.price[0] != "on_request", "has_right": bool(each.rights)}
        scores.append(clarity(Told(**texts, **facts, has_stage=True, has_contact=True, has_picture=True)).score)
    assert 126 == len(scores)
    assert min(scores) >= 80
