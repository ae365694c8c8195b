"""Money: an integer of minor units and an ISO 4217 currency. Rounding is half up, once a line."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache, total_ordering
from typing import Self

from babel.numbers import get_currency_precision, list_currencies

# Sums above this are not taken from people: nine thousand million units of any two-digit currency.
MAX_MINOR = 10**12


class CurrencyMismatch(ValueError):
    """Two currencies met in one sum."""


@cache
def currencies() -> frozenset[str]:
    """All ISO 4217 codes."""
    return frozenset(list_currencies())


@cache
def minor_digits(currency: str) -> int:
    """How many decimals the currency has: 2 for EUR, 0 for JPY, 3 for KWD. Unknown codes raise ValueError."""
    if currency not in currencies():
        raise ValueError(f"{currency!r} is no ISO 4217 currency")
    return get_currency_precision(currency)


def round_half_up(value: Decimal) -> int:
    """The nearest integer, halves away from zero."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


@total_ordering
@dataclass(frozen=True)
class Money:
    """An amount in minor units (cents of EUR, whole yen of JPY, fils of KWD) with its currency."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.minor, int) or isinstance(self.minor, bool):
            raise TypeError("money counts whole minor units")
        minor_digits(self.currency)

    @classmethod
    def of(cls, amount: Decimal | int | str, currency: str) -> Self:
        """Make money of a decimal amount in major units: `Money.of("12.50", "EUR")`."""
        return cls(round_half_up(Decimal(amount) * 10 ** minor_digits(currency)), currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> Self:
        """Read what a person typed: `1,250.00`, `1.250,00`, `1 250`, `1250.5`; ValueError when it can't be one amount."""
        digits = minor_digits(currency)
        text = text.strip()
        # `1.250` is grouped in a currency of two decimals, but what `plain` writes in one of three
        amount = Decimal(text) if digits == 3 and re.fullmatch(r"[+-]?\d+\.\d{1,3}", text) else _decimal(text)
        scaled = amount * 10**digits
        if scaled != scaled.to_integral_value():
            raise ValueError("too many decimals")
        if abs(scaled) > MAX_MINOR:
            raise ValueError("too large")
        return cls(int(scaled), currency)

    @property
    def decimal(self) -> Decimal:
        """The amount in major units."""
        return Decimal(self.minor).scaleb(-minor_digits(self.currency))

    @property
    def plain(self) -> str:
        """The amount as a form field takes it: `1250.00`."""
        return f"{self.decimal:.{minor_digits(self.currency)}f}"

    def __add__(self, other: Self) -> Self:
        return type(self)(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: Self) -> Self:
        return type(self)(self.minor - self._same(other).minor, self.currency)

    def __neg__(self) -> Self:
        return type(self)(-self.minor, self.currency)

    def __mul__(self, rate: Decimal | int) -> Self:
        return type(self)(round_half_up(Decimal(self.minor) * rate), self.currency)

    __rmul__ = __mul__

    def __lt__(self, other: Self) -> bool:
        return self.minor < self._same(other).minor

    def __bool__(self) -> bool:
        return self.minor != 0

    def _same(self, other: Self) -> Self:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} do not add up")
        return other


def split_by(money: Money, weights: Sequence[int]) -> list[Money]:
    """Share `money` by `weights` so that the parts add up exactly (largest remainder, earlier parts first)."""
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("weights must be positive in sum and none negative")
    sign, amount = (-1, -money.minor) if money.minor < 0 else (1, money.minor)
    parts = [amount * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % total), i))
    for i in by_remainder[: amount - sum(parts)]:
        parts[i] += 1
    return [Money(sign * part, money.currency) for part in parts]


def split(money: Money, parts: int) -> list[Money]:
    """Share `money` into equal `parts` that add up exactly."""
    return split_by(money, [1] * parts)


# one mark between the thousands, another before the decimals: `1.234.56` is nobody's amount
_GROUPED = re.compile(r"^[+-]?\d{1,3}([., '’\u00a0\u202f])\d{3}(?:\1\d{3})*(?:(?!\1)[.,]\d{1,6})?$")
_PLAIN = re.compile(r"^[+-]?\d+([.,]\d{1,6})?$")


def _decimal(text: str) -> Decimal:
    text = text.strip()
    if _GROUPED.match(text):
        separator = next(c for c in text if not c.isdigit() and c not in "+-")
        head, _sep, tail = _last_mark(text, separator)
        text = re.sub(r"[^\d+-]", "", head) + ("." + tail if tail else "")
    elif _PLAIN.match(text):
        text = text.replace(",", ".")
    else:
        raise ValueError("not an amount")
    try:
        return Decimal(text)
    except InvalidOperation as error:  # pragma: no cover - the patterns above admit only digits
        raise ValueError("not an amount") from error


def _last_mark(text: str, group: str) -> tuple[str, str, str]:
    """Split at the decimal mark: the last mark, if it differs from the grouping one."""
    last = max(text.rfind("."), text.rfind(","))
    if last == -1 or text[last] == group:
        return text, "", ""
    return text[:last], text[last], text[last + 1 :]
