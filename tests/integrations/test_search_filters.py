"""Filters in Meilisearch's language: nothing in a value can end its quotes or say anything else.

Read back by a reader after the rules of the server's own (crates/filter-parser/src/value.rs of v1.50): a quote ends the
text, a backslash makes the next character pass, and only backslash-quote becomes a quote again.
"""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.discovery.rules import filters as f
from market.integrations.meilisearch_engine.filters import NONE_FOUND, compiled, quoted

TEXTS = st.text(st.sampled_from("\\\"'ab ()[]=,") | st.characters(codec="utf-8"), max_size=20)


def read(text: str) -> tuple[str, str]:
    """The first quoted text, as the server understands it, and what follows it."""
    assert '"' == text[0]
    at, escaped = 1, False
    while text[at] != '"':
        if text[at] == "\\":
            at += 1
            escaped = escaped or text[at] == '"'
        at += 1
    inside = text[1:at]
    return (inside.replace('\\"', '"') if escaped else inside), text[at + 1 :]


@given(TEXTS)
def test_a_value_is_read_as_it_was_meant(text: str) -> None:
    """Either it comes back letter by letter with nothing behind it, or it cannot be said and finds nothing."""
    said = quoted(text)

    if said is None:
        assert "\\" in text
        assert "country IN []" == compiled(f.Eq("country", text))
    else:
        assert (text, "") == read(said)


@given(st.lists(TEXTS, max_size=4).map(tuple))
def test_values_of_a_list_stay_apart(values: tuple[str, ...]) -> None:
    """Each value of a list is read as itself, in order, and nothing else is."""
    text = compiled(f.In("country", values)) or ""
    if not values:
        assert NONE_FOUND == text
        return
    inside = text.removeprefix("country IN [")
    found = []
    while inside != "]":
        value, inside = read(inside)
        found.append(value)
        inside = inside.removeprefix(", ")

    assert [value for value in values if quoted(value) is not None] == found


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        (f.EVERYTHING, None),
        (f.NOTHING, NONE_FOUND),
        (f.Eq("trl", 7), "trl IN [7]"),
        (f.Eq("has_prototype", True), "has_prototype IN [true]"),
        (f.Range("trl", 3, 5), "trl 3 TO 5"),
        (f.Range("trl", 5, 3), NONE_FOUND),
        (f.Range("published_at", 9, None), "published_at >= 9"),
        (f.Range("trl", None, 5), "trl <= 5"),
        (f.Range("trl"), "trl EXISTS"),
        (f.Not(f.Eq("country", "DE")), 'NOT (country IN ["DE"])'),
        (f.And((f.Eq("country", "DE"), f.Or((f.Eq("trl", 1), f.Eq("trl", 2))))),
         '(country IN ["DE"]) AND ((trl IN [1]) OR (trl IN [2]))'),
    ],
)  # fmt: skip
def test_filters_as_text(tree: f.Filter, text: str | None) -> None:
    """Each kind of filter in the server's words."""
    assert text == compiled(tree)


def test_only_known_fields_are_filtered_by() -> None:
    """A field that nobody declared is an error of ours, not a filter."""
    with pytest.raises(ValueError, match="no field"):
        compiled(f.Eq("country = 1 OR id", "x"))
    assert re.fullmatch(r"trl IN \[7\]", compiled(f.Eq("trl", "7")) or "")
    with pytest.raises(ValueError, match="invalid literal"):
        compiled(f.Eq("trl", "7] OR id EXISTS"))
