"""What people send in about money: reports of sales, and what licensors answer."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import Field, create_model

from market.accounts.rules import COUNTRIES
from market.kit.errors import Invalid
from market.kit.forms import Form
from market.kit.i18n import _, translate
from market.kit.money import Money, currencies
from market.payments.rules.royalty_terms import RoyaltyTerms
from market.payments.rules.working import Sale, Sales

ROWS = 24
COLUMNS = (
    "product",
    "country",
    "currency",
    "gross",
    "deduction",
    "deduction_kind",
    "humanitarian",
    "own",
    "other",
    "rate",
    "rate_on",
    "rate_source",
)


class _Sending(Form):
    """What belongs to the report as a whole; `step` is `check` or `send`."""

    step: str = "send"
    note: Annotated[str, Field(max_length=2000)] = ""
    third_party: Annotated[str, Field(max_length=40)] = ""


_CELLS: dict[str, Any] = {
    f"{column}_{row}": (Annotated[str, Field(max_length=200)], "") for row in range(1, ROWS + 1) for column in COLUMNS
}
ReportForm: type[_Sending] = create_model("ReportForm", __base__=_Sending, **_CELLS)


class VersionForm(Form):
    """Approve the version on the screen."""

    version: int


class QuestionForm(Form):
    """Ask about the version on the screen."""

    version: int
    question: Annotated[str, Field(min_length=1, max_length=2000)]


def sales_of(form: Form, terms: RoyaltyTerms) -> Sales:
    """The lines that were filled in; raises Invalid with a sentence at each field to mend."""
    reader = _Reader(form, terms)
    lines = [reader.line(row) for row in range(1, ROWS + 1) if reader.text("product", row) or reader.text("gross", row)]
    third_party = reader.money("third_party", getattr(form, "third_party", ""), terms.currency)
    for row in range(1, ROWS + 1):
        if reader.text("rate_on", row):
            reader.rate_day(row)
    if reader.errors:
        raise Invalid(reader.errors)
    return Sales(tuple(lines), third_party)


class _Reader:
    """Reads cells and keeps what is wrong with them."""

    def __init__(self, form: Form, terms: RoyaltyTerms) -> None:
        self.form, self.terms = form, terms
        self.errors: dict[str, str] = {}

    def text(self, column: str, row: int) -> str:
        return str(getattr(self.form, f"{column}_{row}", ""))

    def line(self, row: int) -> Sale:
        currency = self.text("currency", row).upper() or self.terms.currency
        if currency not in currencies():
            self.errors[f"currency_{row}"] = translate(_("Choose one of the options."))
            currency = self.terms.currency
        product, country = self.text("product", row), self.text("country", row).upper()
        if not product:
            self.errors[f"product_{row}"] = translate(_("Say what was sold."))
        if country not in COUNTRIES:
            self.errors[f"country_{row}"] = translate(_("Say in which country it was sold."))
        gross = self.money(f"gross_{row}", self.text("gross", row), currency)
        if gross is None:
            self.errors.setdefault(f"gross_{row}", translate(_("Say for how much it was sold, 0 for nothing.")))
        deduction = self.money(f"deduction_{row}", self.text("deduction", row), currency)
        own, other = self.decimal("own", row), self.decimal("other", row)
        foreign = currency != self.terms.currency
        return Sale(
            product=product,
            country=country,
            gross=gross or Money(0, currency),
            deductions={self.text("deduction_kind", row): deduction} if deduction else {},
            humanitarian=bool(self.text("humanitarian", row)),
            own=own,
            other=other,
            rate=(self._rate(row) if foreign else Decimal(1)),
            rate_on=self.rate_day(row) if foreign else None,
            rate_source=self._rate_source(row) if foreign else "",
        )

    def money(self, name: str, text: str, currency: str) -> Money | None:
        if not text:
            return None
        try:
            amount = Money.parse(text, currency)
        except ValueError:
            self.errors[name] = translate(_("Write an amount, such as 1250.00."))
            return None
        if amount.minor < 0:
            self.errors[name] = translate(_("An amount cannot be below nothing."))
        return amount

    def decimal(self, column: str, row: int) -> Decimal | None:
        text = self.text(column, row).replace(",", ".")
        if not text:
            return None
        try:
            value = Decimal(text)
        except InvalidOperation:
            value = Decimal(-1)
        if not value.is_finite() or not 0 <= value <= 10**12 or len(text) > 30:
            self.errors[f"{column}_{row}"] = translate(_("Write a number, such as 3.5."))
            return None
        return value

    def _rate(self, row: int) -> Decimal:
        rate = self.decimal("rate", row)
        if not rate:
            self.errors.setdefault(
                f"rate_{row}",
                translate(_("Say how many {currency} one unit was worth."), currency=self.terms.currency),
            )
        return rate or Decimal(1)

    def rate_day(self, row: int) -> date | None:
        try:
            return date.fromisoformat(self.text("rate_on", row))
        except ValueError:
            self.errors[f"rate_on_{row}"] = translate(_("Write a date as year-month-day, such as 2027-03-31."))
            return None

    def _rate_source(self, row: int) -> str:
        source = self.text("rate_source", row)
        if not source:
            self.errors[f"rate_source_{row}"] = translate(_("Say whose rate it is, such as ECB."))
        return source


def filled(sales: Sales, *, amounts: bool = True) -> dict[str, str]:
    """The cells of `sales`; without `amounts` only what stays the same from one period to the next."""
    values: dict[str, str] = {}
    for row, sale in enumerate(sales.lines[:ROWS], start=1):
        cells = {"product": sale.product, "country": sale.country, "currency": sale.gross.currency}
        if amounts:
            kind, taken = next(iter(sale.deductions.items()), ("", None))
            cells |= {
                "gross": sale.gross.plain,
                "deduction": taken.plain if taken else "",
                "deduction_kind": kind,
                "humanitarian": "on" if sale.humanitarian else "",
                "rate": str(sale.rate) if sale.rate_on else "",
                "rate_on": sale.rate_on.isoformat() if sale.rate_on else "",
            }
        cells |= {
            "own": "" if sale.own is None else str(sale.own),
            "other": "" if sale.other is None else str(sale.other),
            "rate_source": sale.rate_source,
        }
        values |= {f"{column}_{row}": text for column, text in cells.items() if text}
    if amounts and sales.third_party:
        values["third_party"] = sales.third_party.plain
    return values
