"""The filter tree as Meilisearch's filter language."""

from typing import assert_never

from market.discovery import gateway
from market.discovery.rules import filters as f

NONE_FOUND = "id IN []"


def compiled(tree: f.Filter) -> str | None:
    """The filter as text; None lets everything through."""
    tree = f.simplified(tree)
    return None if tree == f.EVERYTHING else _text(tree)


def _text(tree: f.Filter) -> str:
    match tree:
        case f.Eq(field, value):
            return _in(field, (value,))
        case f.In(field, values):
            return _in(field, values)
        case f.Range(field, low, high):
            return _range(_known(field), low, high)
        case f.And(parts):
            return " AND ".join(f"({_text(part)})" for part in parts)
        case f.Or(parts):
            return " OR ".join(f"({_text(part)})" for part in parts) or NONE_FOUND
        case f.Not(part):
            return f"NOT ({_text(part)})"
        case _ as unknown:
            assert_never(unknown)


def _in(field: str, values: tuple[f.Value, ...]) -> str:
    said = [text for value in values if (text := _value(field, value)) is not None]
    return f"{_known(field)} IN [{', '.join(said)}]"


def _range(field: str, low: int | None, high: int | None) -> str:
    if low is not None and high is not None:
        return f"{field} {int(low)} TO {int(high)}" if low <= high else NONE_FOUND
    if low is None and high is None:
        return f"{field} EXISTS"
    return f"{field} >= {int(low)}" if low is not None else f"{field} <= {int(high or 0)}"


def _known(field: str) -> str:
    if field not in gateway.FILTERS:
        raise ValueError(f"{field} is no field to filter by")
    return field


def _value(field: str, value: f.Value) -> str | None:
    """The value in their words; None for a text that cannot be said, which no document of ours has."""
    if field in gateway.FLAG_FILTERS:
        return "true" if value else "false"
    if field in gateway.NUMBER_FILTERS:
        return str(int(value))
    return quoted(str(value))


def quoted(text: str) -> str | None:
    """A text between quotes, which nothing in it can end.

    A backslash cannot be said at all: their reader takes one before a quote as its mask, and a real server refuses some
    others (`"\\8"`). No value of ours has one.
    """
    if "\\" in text:
        return None
    return '"' + text.replace('"', '\\"') + '"'
