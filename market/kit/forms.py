"""Forms: what a person typed becomes a checked model, or comes back with a sentence at each field that needs mending."""

import types
import unicodedata
from collections.abc import Mapping
from typing import Any, Protocol, Self, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from market.kit.errors import Refusal
from market.kit.files import Upload
from market.kit.i18n import _, translate
from market.kit.money import Money

MAX_TEXT = 20_000


class Form(BaseModel):
    """The base of all input models. Unknown fields are ignored; text is trimmed and normalised (NFC)."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True, arbitrary_types_allowed=True)


class NoForm(Form):
    """For actions that need nothing but the click."""


class FormState:
    """A form as it is shown: the values to put into the fields, and what is wrong with them.

    `errors` maps field names to sentences in the reader's language; `message` is about the form as a whole.
    """

    def __init__(
        self,
        values: Mapping[str, Any] | None = None,
        errors: Mapping[str, str] | None = None,
        message: str = "",
    ) -> None:
        self.values = {key: _as_list(value) for key, value in (values or {}).items()}
        self.errors = dict(errors or {})
        self.message = message
        # The field macros write theirs here, so that the error summary can name the fields.
        self.labels: dict[str, str] = {}

    @classmethod
    def of(cls, source: BaseModel | Mapping[str, Any] | None = None, **values: Any) -> Self:
        """Prefill a form from a model or a mapping."""
        known = source.model_dump() if isinstance(source, BaseModel) else dict(source or {})
        return cls({**known, **values})

    @classmethod
    def refused(cls, values: Mapping[str, Any], refusal: Refusal) -> Self:
        """What was typed, with the rule's sentence at its field or on top."""
        if refusal.field:
            return cls(values, {refusal.field: refusal.sentence})
        return cls(values, message=refusal.sentence)

    @property
    def failed(self) -> bool:
        """Whether there is anything to mend."""
        return bool(self.errors or self.message)

    def value(self, name: str, default: str = "") -> str:
        """The one value of a field, as text."""
        values = self.values.get(name)
        return values[0] if values else default

    def values_of(self, name: str) -> list[str]:
        """All values of a repeated field."""
        return list(self.values.get(name, ()))

    def checked(self, name: str, value: str = "on") -> bool:
        """Whether a box of `name` with `value` is ticked."""
        return value in self.values.get(name, ())

    def error(self, name: str) -> str:
        """The sentence at a field, or nothing."""
        return self.errors.get(name, "")


def _as_list(value: Any) -> list[str]:
    if value is None or value is False:
        return []
    if value is True:
        return ["on"]
    if isinstance(value, Money):
        return [value.plain]
    if isinstance(value, list | tuple | set | frozenset):
        return [str(item) for item in value]
    return [str(value)]


def clean(text: str) -> str:
    """Text as we keep it: NFC, line ends as \\n, without control characters, bidi overrides and lone surrogates."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(c for c in text if c in "\n\t" or not _unwanted(c))


def _unwanted(c: str) -> bool:
    return (
        unicodedata.category(c) in ("Cc", "Cs") or c in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
    )


class Sent(Protocol):
    """The fields of a form as they came in, in order; Starlette's FormData is one."""

    def multi_items(self) -> list[tuple[str, Any]]: ...

    def getlist(self, key: Any) -> list[Any]: ...


def typed(data: Sent) -> dict[str, list[str]]:
    """What was typed, to be shown again; files and passwords cannot be."""
    values: dict[str, list[str]] = {}
    for key, value in data.multi_items():
        if isinstance(value, str) and "password" not in key:
            values.setdefault(key, []).append(clean(value)[: MAX_TEXT * 2])
    return values


F = TypeVar("F", bound=Form)


def parse(model: type[F], data: Sent, uploads: Mapping[str, list[Upload]]) -> F | FormState:
    """Check `data` against `model`; give the model, or the form's state with a sentence for each fault."""
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, field in model.model_fields.items():
        kind = _bare(field.annotation)
        if kind is Upload or (get_origin(kind) is list and get_args(kind)[0] is Upload):
            files = [upload for upload in uploads.get(name, []) if upload.filename or upload.data]
            values[name] = files if get_origin(kind) is list else (files[0] if files else None)
            continue
        texts = [value for value in data.getlist(name) if isinstance(value, str)]
        if any(len(text) > MAX_TEXT for text in texts):
            errors[name] = translate(_("Use at most {limit} characters."), limit=MAX_TEXT)
            continue
        _take(values, name, kind, [clean(text).strip() for text in texts])
    try:
        form = model.model_validate(values)
    except ValidationError as error:
        for detail in error.errors():
            where = str(detail["loc"][0]) if detail["loc"] else ""
            errors.setdefault(where, sentence(detail))
        form = None
    if form is not None and not errors:
        return form
    message = errors.pop("", "")
    return FormState(typed(data), errors, message)


def _take(values: dict[str, Any], name: str, kind: Any, texts: list[str]) -> None:
    """Put the texts of one field into `values` in the shape that its type wants; an empty field is left out."""
    if kind is bool:
        values[name] = any(text.lower() in ("on", "true", "1", "yes") for text in texts)
    elif get_origin(kind) in (list, tuple, set, frozenset):
        values[name] = [text for text in texts if text]
    elif texts and texts[-1] != "":
        values[name] = texts[-1]


def _bare(annotation: Any) -> Any:
    """The type without its `| None` and `Annotated`."""
    while get_origin(annotation) in (Union, types.UnionType) or hasattr(annotation, "__metadata__"):
        rest = [arg for arg in get_args(annotation) if arg is not type(None)]
        annotation = annotation.__origin__ if hasattr(annotation, "__metadata__") else rest[0]
    return annotation


_SENTENCES = {
    "missing": _("Fill in this field."),
    "string_too_short": _("Use at least {min_length} characters."),
    "string_too_long": _("Use at most {max_length} characters."),
    "too_short": _("Choose at least {min_length}."),
    "too_long": _("Choose at most {max_length}."),
    "string_pattern_mismatch": _("This is not in the form we expect."),
    "int_parsing": _("Write a whole number, such as 12."),
    "int_from_float": _("Write a whole number, such as 12."),
    "decimal_parsing": _("Write a number, such as 3.5."),
    "decimal_max_places": _("Use at most {decimal_places} decimals."),
    "float_parsing": _("Write a number, such as 3.5."),
    "greater_than": _("This must be more than {gt}."),
    "greater_than_equal": _("This must be {ge} or more."),
    "less_than": _("This must be less than {lt}."),
    "less_than_equal": _("This must be {le} or less."),
    "date_from_datetime_parsing": _("Write a date as year-month-day, such as 2027-03-31."),
    "date_parsing": _("Write a date as year-month-day, such as 2027-03-31."),
    "literal_error": _("Choose one of the options."),
    "enum": _("Choose one of the options."),
}


def sentence(detail: ErrorDetails) -> str:
    """A fault that Pydantic found, as a sentence for the person who typed."""
    kind = detail["type"]
    if kind == "value_error":
        reason = (detail.get("ctx") or {}).get("error")
        if isinstance(reason, FieldFault):
            return translate(reason.message, **reason.params)
        return translate(str(reason))
    message = _SENTENCES.get(kind, _("This is not something we can read. Please check it."))
    return translate(message, **(detail.get("ctx") or {}))


class FieldFault(ValueError):
    """A fault with placeholders, for validators: `raise FieldFault(_("At most {n} tiers."), n=10)`."""

    def __init__(self, message: str, **params: Any) -> None:
        self.message, self.params = message, params
        super().__init__(message)
