"""The further terms as inputs of the offer's form: what each asks for, how it is read, and how it is typed in again.

A term is agreed when one of its leading inputs is filled; the others then take what stands in them, or the usual.
"""

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, create_model

from market.deals.rules import further
from market.deals.rules.further import MOST_ROWS, Deduction, DeductionKind, Survival
from market.deals.rules.terms import TermSheet
from market.deals.rules.wording import percent_text
from market.kit.forms import Form
from market.kit.i18n import _, translate
from market.kit.money import Money

YES = "on"


@dataclass(frozen=True)
class Input:
    """One input: the attribute it fills, its label, and its kind.

    Kinds: money, number, percent, date, text, hidden, choice (one of `options`), choices (several), flag, countries.
    """

    name: str
    label: str
    kind: str = "text"
    options: Mapping[Any, str] = field(default_factory=dict)
    suffix: str = ""


@dataclass(frozen=True)
class Part:
    """The inputs of one term. `make` is its type; `lead` names the inputs that say that it is agreed; `rows` repeat."""

    key: str
    make: Any
    inputs: tuple[Input, ...]
    lead: tuple[str, ...]
    rows: int = 0

    def name(self, attribute: str, row: int = 0) -> str:
        """The name of an input in the form."""
        return f"{self.key}_{row}_{attribute}" if row else f"{self.key}_{attribute}"

    def usual(self, attribute: str) -> str:
        """What stands in an input until somebody changes it."""
        found = next(each.default for each in fields(self.make) if each.name == attribute)
        kind = next(each.kind for each in self.inputs if each.name == attribute)
        return "" if found is MISSING or attribute in self.lead else "".join(texts(found, kind)[:1])


_DAYS = _("days")
INSTALMENTS = Part(
    "instalments",
    further.Instalment,
    (Input("amount", _("Part"), "money"), Input("days_due", _("Due after"), "number", suffix=_DAYS)),
    ("amount",),
    MOST_ROWS,
)
SCHEDULE = Part(
    "schedule",
    further.YearMinimum,
    (Input("year", _("From year"), "number"), Input("amount", _("Yearly minimum"), "money")),
    ("year",),
    MOST_ROWS,
)
PARTS: tuple[Part, ...] = (
    Part(
        "milestones",
        further.Milestone,
        (
            Input("key", "", "hidden"),
            Input("event", _("What happens")),
            Input("amount", _("Payment"), "money"),
            Input("evidence", _("Shown by")),
            Input("due", _("Expected by"), "date"),
        ),
        ("event",),
        MOST_ROWS,
    ),
    Part(
        "stacking",
        further.Stacking,
        (
            Input("offset", _("Share of others’ royalties taken off"), "percent"),
            Input("floor", _("The rate stays at least"), "percent"),
        ),
        ("offset",),
    ),
    Part(
        "patent_costs",
        further.PatentCosts,
        (
            Input("past", _("Past costs"), "money"),
            Input("instalments", _("Yearly parts"), "number"),
            Input("future_share", _("Share of later costs"), "percent"),
        ),
        ("past", "future_share"),
    ),
    Part(
        "equity",
        further.Equity,
        (Input("share", _("Share of the company"), "percent"), Input("share_class", _("Class of shares"))),
        ("share",),
    ),
    Part(
        "diligence",
        further.DiligenceStep,
        (
            Input("task", _("What is reached")),
            Input("due", _("Until"), "date"),
            Input("cure_days", _("Time to catch up"), "number", suffix=_DAYS),
            Input("remedy", _("If it is missed"), "choice", further.REMEDY_LABELS),
        ),
        ("task",),
        MOST_ROWS,
    ),
    Part(
        "publication",
        further.Publication,
        (
            Input("review_days", _("Time to read"), "number", suffix=_DAYS),
            Input("delay_days", _("Longest delay"), "number", suffix=_DAYS),
        ),
        ("review_days",),
    ),
    Part(
        "reserved",
        further.ReservedRights,
        (
            Input("government", _("Public bodies that paid for the research keep their rights"), "flag"),
            Input("countries", _("Humanitarian use in"), "countries"),
            Input("rate", _("Royalty there"), "percent"),
        ),
        ("government", "countries", "rate"),
    ),
    Part(
        "late_interest",
        further.LateInterest,
        (Input("rate", _("Interest"), "percent"), Input("kind", _("Counted"), "choice", further.INTEREST_LABELS)),
        ("rate",),
    ),
    Part(
        "audit",
        further.Audit,
        (
            Input("notice_days", _("Notice"), "number", suffix=_DAYS),
            Input("years_back", _("Back"), "number", suffix=_("years")),
            Input("threshold", _("The licensee pays above"), "percent"),
            Input("basis", _("Measured"), "choice", further.AUDIT_LABELS),
        ),
        ("notice_days",),
    ),
    Part(
        "liability",
        further.Liability,
        (Input("cap", _("Limit"), "choice", further.LIABILITY_LABELS), Input("amount", _("Amount"), "money")),
        ("cap",),
    ),
    Part(
        "insurance",
        further.Insurance,
        (Input("kind", _("Insurance"), "choice", further.INSURANCE_LABELS), Input("amount", _("Amount"), "money")),
        ("kind",),
    ),
    Part(
        "termination",
        further.Termination,
        (
            Input("notice_days", _("Notice by the licensee"), "number", suffix=_DAYS),
            Input("cure_days", _("Time to cure a breach"), "number", suffix=_DAYS),
            Input("survivals", _("Stays after the end"), "choices", further.SURVIVAL_LABELS),
        ),
        ("notice_days",),
    ),
)
CHOICES: dict[str, tuple[type[StrEnum], Mapping[Any, str]]] = {
    "combination": (further.Combination, further.COMBINATION_LABELS),
    "improvements": (further.Improvements, further.IMPROVEMENT_LABELS),
    "warranties": (further.Warranties, further.WARRANTY_LABELS),
    "indemnity": (further.Indemnity, further.INDEMNITY_LABELS),
    "assignment": (further.Assignment, further.ASSIGNMENT_LABELS),
}
_MANY = ("choices", "flag", "countries")


def _form_fields() -> dict[str, Any]:
    one = (Annotated[str, Field(max_length=300)], "")
    many: Any = (Annotated[list[str], Field(max_length=250)], Field(default_factory=list))
    found: dict[str, Any] = dict.fromkeys(CHOICES, one)
    for part in (INSTALMENTS, SCHEDULE, *PARTS):
        for row in range(1, part.rows + 1) if part.rows else (0,):
            for each in part.inputs:
                found[part.name(each.name, row)] = many if each.kind in _MANY else one
    found["deductions"] = many
    return found | {f"deduct_{kind}": one for kind in DeductionKind}


if TYPE_CHECKING:
    FurtherForm = Form
else:
    FurtherForm = create_model("FurtherForm", __base__=Form, **_form_fields())


# --- from the form


class Unread(ValueError):
    """What was typed is not of its kind; the sentence says what is."""


@dataclass
class Reader:
    """Reads what was typed, and collects what cannot be read by input."""

    currency: str
    errors: dict[str, str] = field(default_factory=dict)

    def money(self, name: str, text: str) -> Money | None:
        """An amount of 0 or more; None where nothing or nothing readable was typed."""
        return self._try(name, "money", [text]) if text else None

    def term(self, form: Any, part: Part, row: int = 0) -> Any:
        """One term or row; None when it is not agreed."""
        typed = {each.name: _list(getattr(form, part.name(each.name, row))) for each in part.inputs}
        if not any(typed[name] for name in part.lead):
            self._orphans(part, row, typed)
            return None
        values = {}
        for each in part.inputs:
            name, texts_ = part.name(each.name, row), typed[each.name]
            if texts_ or each.kind in _MANY:
                values[each.name] = self._try(name, each.kind, texts_, each.options)
            elif each.kind == "hidden":
                values[each.name] = _slug(typed[part.lead[0]][0])
            elif _required(part.make, each.name):
                self.errors[name] = translate(_("Fill in this field."))
        return None if any(name.startswith(f"{part.key}_") for name in self.errors) else part.make(**values)

    def rows(self, form: Any, part: Part) -> Any:
        """All rows that are filled."""
        found = [self.term(form, part, row) for row in range(1, part.rows + 1)]
        return tuple(each for each in found if each is not None)

    def choice(self, name: str, text: str) -> Any:
        """One of an enumeration, or None."""
        kind, options = CHOICES[name]
        return kind(found) if (found := text and self._try(name, "choice", [text], options)) else None

    def deductions(self, form: Any) -> tuple[Deduction, ...]:
        """The deductions ticked, with their caps."""
        caps = {kind: getattr(form, f"deduct_{kind}") for kind in DeductionKind}
        kinds = [kind for kind in DeductionKind if kind in form.deductions or caps[kind]]
        return tuple(
            Deduction(kind, self._try(f"deduct_{kind}", "percent", [caps[kind]]) if caps[kind] else None)
            for kind in kinds
        )

    def _orphans(self, part: Part, row: int, typed: dict[str, list[str]]) -> None:
        for each in part.inputs:
            if typed[each.name] and each.kind in ("money", "text", "date") and each.name not in part.lead:
                self.errors[part.name(part.lead[0], row)] = translate(
                    _("Fill in this field, or empty those beside it.")
                )

    def _try(self, name: str, kind: str, texts_: list[str], options: Mapping[Any, str] | None = None) -> Any:
        try:
            return _read(kind, texts_, options or {}, self.currency)
        except Unread as error:
            self.errors[name] = translate(str(error))
        return None


def _list(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value] if value else []


def _required(make: Any, attribute: str) -> bool:
    return next(each.default is MISSING for each in fields(make) if each.name == attribute)


def _slug(text: str) -> str:
    return re.sub(r"\W+", "-", text.casefold()).strip("-")[:60] or text[:60]


def _read(kind: str, typed: list[str], options: Mapping[Any, str], currency: str) -> Any:
    if kind in ("choice", "choices"):
        found = [key for key in options if key in typed]
        if len(found) != len(set(typed)):
            raise Unread(_("Choose one of the options."))
        return found[0] if kind == "choice" else tuple(found)
    if kind == "flag":
        return bool(typed)
    if kind == "countries":
        return tuple(sorted(set(typed)))
    return _READ[kind](typed[0], currency)


def _money(text: str, currency: str) -> Money:
    try:
        amount = Money.parse(text, currency)
    except ValueError:
        raise Unread(_("Write an amount such as 12,500 or 12,500.00.")) from None
    if amount.minor < 0:
        raise Unread(_("Write an amount of 0 or more."))
    return amount


def _number(text: str, _currency: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise Unread(_("Write a whole number, such as 12."))
    return int(text)


def _percent(text: str, _currency: str) -> Decimal:
    try:
        rate = Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise Unread(_("Write a number, such as 3.5.")) from None
    if not (rate.is_finite() and 0 <= rate <= 100 and len(text) <= 12):
        raise Unread(_("Write a share from 0 to 100 per cent, with at most 4 decimals."))
    return rate / 100


def _date(text: str, _currency: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unread(_("Write a date as year-month-day, such as 2027-03-31.")) from None


_READ: dict[str, Any] = {
    "money": _money,
    "number": _number,
    "percent": _percent,
    "date": _date,
    "text": lambda text, _currency: text,
    "hidden": lambda text, _currency: text,
}


def read(form: Any, reader: Reader) -> dict[str, Any]:
    """All further terms that the form names, by the attribute of the sheet."""
    found = {part.key: (reader.rows if part.rows else reader.term)(form, part) for part in PARTS}
    found |= {name: reader.choice(name, getattr(form, name)) for name in CHOICES}
    return found | {"deductions": reader.deductions(form)}


# --- into the form


def texts(value: Any, kind: str) -> list[str]:
    """A value as it is typed."""
    if value is None or value is False:
        return []
    if isinstance(value, tuple):
        return [str(each) for each in value]
    if kind == "percent":
        return [percent_text(value)]
    return [YES if value is True else value.plain if isinstance(value, Money) else str(value)]


def filled(sheet: TermSheet) -> dict[str, list[str]]:
    """The further terms of `sheet` typed in; where one is not agreed, what is usual stands beside its empty lead."""
    found: dict[str, list[str]] = {"termination_survivals": [str(each) for each in Survival]}
    for name in CHOICES:
        found[name] = texts(getattr(sheet, name), "choice")
    for part in PARTS:
        _fill(found, part, getattr(sheet, part.key))
    _fill(found, INSTALMENTS, sheet.upfront.instalments if sheet.upfront else ())
    _fill(found, SCHEDULE, sheet.minimum.schedule if sheet.minimum else ())
    found["deductions"] = [str(each.kind) for each in sheet.deductions]
    for each in sheet.deductions:
        found[f"deduct_{each.kind}"] = texts(each.cap, "percent")
    return found


def _fill(found: dict[str, list[str]], part: Part, value: Any) -> None:
    rows = enumerate(value, start=1) if part.rows else [(0, value)]
    for row, term in rows:
        for each in part.inputs if term is not None else ():
            found[part.name(each.name, row)] = texts(getattr(term, each.name), each.kind)
