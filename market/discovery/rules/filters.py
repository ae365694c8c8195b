"""Filters as one small tree, which each engine compiles to its own language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Value: TypeAlias = str | int | bool


@dataclass(frozen=True)
class Eq:
    """The field has this value; of a list, one of its values."""

    field: str
    value: Value


@dataclass(frozen=True)
class In:
    """The field has one of these values; none given, none found."""

    field: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Range:
    """A number from `low` to `high`, both included; an end that is None is open. Without a number it does not match."""

    field: str
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True)
class And:
    """All of them; of nothing, everything."""

    parts: tuple["Filter", ...] = ()


@dataclass(frozen=True)
class Or:
    """Any of them; of nothing, nothing."""

    parts: tuple["Filter", ...] = ()


@dataclass(frozen=True)
class Not:
    """All but these."""

    part: "Filter"


Filter: TypeAlias = Eq | In | Range | And | Or | Not

EVERYTHING = And()
NOTHING = Or()


def simplified(tree: Filter) -> Filter:
    """The same filter without parts that say nothing; EVERYTHING and NOTHING stand only alone."""
    match tree:
        case In(_, ()):
            return NOTHING
        case Range(_, None, None) | Eq() | In() | Range():
            return tree
        case Not(part):
            inside = simplified(part)
            if inside in (EVERYTHING, NOTHING):
                return NOTHING if inside == EVERYTHING else EVERYTHING
            return inside.part if isinstance(inside, Not) else Not(inside)
        case And(given) | Or(given):
            return _joined(type(tree), given)


def _joined(kind: type[And] | type[Or], given: tuple[Filter, ...]) -> Filter:
    nothing_said, decisive = (EVERYTHING, NOTHING) if kind is And else (NOTHING, EVERYTHING)
    parts = [part for part in map(simplified, given) if part != nothing_said]
    if decisive in parts:
        return decisive
    return parts[0] if len(parts) == 1 else kind(tuple(parts))


def holds(tree: Filter, document: Mapping[str, Any]) -> bool:
    """Whether a document passes; what both engines must agree with."""
    match tree:
        case Eq(field, value):
            return value in _values(document, field)
        case In(field, values):
            return any(value in values for value in _values(document, field))
        case Range(field, low, high):
            numbers = _values(document, field)
            return any((low is None or low <= n) and (high is None or n <= high) for n in numbers)
        case And(parts):
            return all(holds(part, document) for part in parts)
        case Or(parts):
            return any(holds(part, document) for part in parts)
        case Not(part):
            return not holds(part, document)


def _values(document: Mapping[str, Any], field: str) -> list[Any]:
    value = document.get(field)
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
