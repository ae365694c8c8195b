"""Forms filled in without a page: something that fits each field, by the field's type."""

import types
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin

from market.kit.files import Upload
from market.kit.forms import Form
from market.kit.money import Money

WORDS = "Words that may well stand in a field of a form"
BY_NAME = {
    "email": "somebody@example.com",
    "country": "DK",
    "currency": "EUR",
    "website": "https://firm.example",
    "timezone": "Europe/Rome",
    "version": "1",
    "number": "EP1234567B1",
}


def bare(annotation: Any) -> Any:
    """A field's type without `| None` and `Annotated`."""
    while get_origin(annotation) in (Union, types.UnionType) or hasattr(annotation, "__metadata__"):
        if hasattr(annotation, "__metadata__"):
            annotation = annotation.__origin__
        else:
            annotation = next(arg for arg in get_args(annotation) if arg is not type(None))
    return annotation


def is_upload(annotation: Any) -> bool:
    """Whether the field takes files."""
    kind = bare(annotation)
    return kind is Upload or (get_origin(kind) is list and bare(get_args(kind)[0]) is Upload)


def fitting(name: str, annotation: Any) -> Any:
    """A value that a browser could send for this field."""
    kind = bare(annotation)
    if get_origin(kind) in (list, tuple, set, frozenset):
        return [fitting(name, get_args(kind)[0])]
    if get_origin(kind) is Literal:
        return str(get_args(kind)[0])
    if isinstance(kind, type) and issubclass(kind, Enum):
        return str(next(iter(kind)).value)
    if kind is bool:
        return "on"
    if name in BY_NAME:
        return BY_NAME[name]
    if name in ("digest", "sha256", "answers"):
        return "0" * 64
    if kind.__name__ in ("int", "Decimal", "float") or kind is Money:
        return "1"
    return "2027-12-31" if kind.__name__ == "date" else WORDS


def filled(model: type[Form]) -> tuple[dict[str, Any], list[str]]:
    """Values for every field of a form, and the names of those that take a file."""
    values: dict[str, Any] = {}
    files: list[str] = []
    for name, field in model.model_fields.items():
        if is_upload(field.annotation):
            files.append(name)
        else:
            value = fitting(name, field.annotation)
            longest = next((rule.max_length for rule in field.metadata if hasattr(rule, "max_length")), None)
            values[name] = value[:longest] if isinstance(value, str) else value
    return values, files
