"""The further terms in the offer's form: each folded away until it is wanted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from market.deals.further_form import CHOICES, INSTALMENTS, PARTS, SCHEDULE, Input, Part
from market.deals.rules.fields import FIELDS
from market.deals.rules.further import DEDUCTION_LABELS
from market.kit.forms import FormState
from market.kit.i18n import translate

Option = tuple[str, str]
FOLDS = {INSTALMENTS.key: "upfront", SCHEDULE.key: "minimum"}


@dataclass(frozen=True)
class InputView:
    """One input as it is shown."""

    name: str
    label: str
    kind: str
    options: tuple[Option, ...] = ()
    suffix: str = ""
    default: str = ""


@dataclass(frozen=True)
class PartView:
    """One term: its name, its sentence, and its inputs row by row. `open`: something is typed or to be mended."""

    key: str
    label: str
    hint: str
    rows: tuple[tuple[InputView, ...], ...]
    open: bool


def parts(form: FormState) -> dict[str, PartView]:
    """Every further term by its key."""
    found = {part.key: _part(part, form) for part in (INSTALMENTS, SCHEDULE, *PARTS)}
    for name, (_kind, labels) in CHOICES.items():
        view = InputView(name, translate(FIELDS[name].label), "choice", _options(labels))
        found[name] = _view(name, ((view,),), _touched(form, [name]))
    return found | {"deductions": _deductions(form)}


def _part(part: Part, form: FormState) -> PartView:
    numbers = range(1, part.rows + 1) if part.rows else (0,)
    rows = tuple(tuple(_input(part, each, row) for each in part.inputs) for row in numbers)
    leads = [part.name(name, row) for row in numbers for name in part.lead]
    names = [each.name for row in rows for each in row]
    return _view(part.key, rows, _touched(form, leads) or any(form.error(name) for name in names))


def _input(part: Part, each: Input, row: int) -> InputView:
    label = translate(each.label) if each.label else ""
    return InputView(
        part.name(each.name, row),
        f"{label} ({row})" if row > 1 else label,
        each.kind,
        _options(each.options),
        translate(each.suffix) if each.suffix else "",
        "" if each.kind in ("choices", "flag", "countries") else part.usual(each.name),
    )


def _deductions(form: FormState) -> PartView:
    boxes = InputView("deductions", translate(FIELDS["deductions"].label), "choices", _options(DEDUCTION_LABELS))
    caps = tuple(InputView(f"deduct_{kind}", translate(label), "percent") for kind, label in DEDUCTION_LABELS.items())
    names = ["deductions", *(each.name for each in caps)]
    return _view("deductions", ((boxes,), caps), _touched(form, names))


def _view(key: str, rows: tuple[tuple[InputView, ...], ...], is_open: bool) -> PartView:
    term = FIELDS[FOLDS.get(key, key)]
    hint = " ".join(translate(text) for text in (term.explanation, term.usual) if text)
    return PartView(key, translate(term.label), hint, rows, is_open)


def _touched(form: FormState, names: list[str]) -> bool:
    return any(form.value(name) or form.error(name) for name in names)


def _options(labels: Mapping[Any, str]) -> tuple[Option, ...]:
    return tuple((str(key), translate(label)) for key, label in labels.items())
