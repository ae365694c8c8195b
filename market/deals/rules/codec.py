"""Term sheets as JSON with one spelling, and their hash.

The JSON is what is stored, hashed, shown to the typesetter and compared; the dataclasses are its types. The codec
reads the types themselves, so that a new term needs no line here.
"""

import dataclasses
import hashlib
import json
import types
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from market.deals.rules.terms import TermSheet
from market.kit.money import Money

SCHEMA = 1

T = TypeVar("T")


def to_json(sheet: TermSheet) -> dict[str, Any]:
    """The sheet as plain JSON: rates as text without trailing zeros, dates in ISO 8601, money as minor and currency."""
    return {"schema": SCHEMA, **_plain(sheet)}


def from_json(data: dict[str, Any]) -> TermSheet:
    """Read a stored sheet; terms that it does not know yet take their defaults. Raises KeyError, TypeError, ValueError."""
    return _typed(TermSheet, data)


def canonical(data: Any) -> str:
    """JSON with one spelling: keys sorted, no spaces, text as it is."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest_of(data: Any) -> str:
    """SHA-256 of the canonical JSON, as 64 hexadecimal characters."""
    return hashlib.sha256(canonical(data).encode()).hexdigest()


def digest(sheet: TermSheet) -> str:
    """The name of exactly these terms."""
    return digest_of(to_json(sheet))


def decimal_text(value: Decimal) -> str:
    """A decimal with one spelling: no exponent, no trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") or "0" if "." in text else text


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency}
    if dataclasses.is_dataclass(value):
        kept = [each for each in dataclasses.fields(value) if not _left_out(value, each)]
        return {each.name: _plain(getattr(value, each.name)) for each in kept}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, StrEnum) else value


def _left_out(value: Any, each: dataclasses.Field[Any]) -> bool:
    """Whether a term came after sheets were signed and was not agreed: so an old sheet keeps its hash."""
    return bool(each.metadata.get("later")) and getattr(value, each.name) == each.default


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _typed(kind: type[T], data: dict[str, Any]) -> T:
    hints = _hints(kind)  # type: ignore[arg-type]
    known = {each.name for each in dataclasses.fields(kind)} & data.keys()  # type: ignore[arg-type]
    return kind(**{name: _read(hints[name], data[name]) for name in known})


def _read(kind: Any, value: Any) -> Any:
    if get_origin(kind) in (Union, types.UnionType):
        if value is None:
            return None
        kind = next(each for each in get_args(kind) if each is not type(None))
    if get_origin(kind) is tuple:
        return tuple(_read(get_args(kind)[0], item) for item in value)
    if kind is Money:
        return Money(value["minor"], value["currency"])
    if dataclasses.is_dataclass(kind):
        return _typed(kind, value)  # type: ignore[arg-type]
    if kind is date:
        return date.fromisoformat(value)
    if kind is int and not isinstance(value, int):
        raise TypeError(f"{value!r} is no whole number")
    return kind(value) if kind in (Decimal,) or issubclass(kind, StrEnum) else value
