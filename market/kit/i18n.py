"""Texts in the reader's language: gettext for sentences, Babel for money, dates and numbers.

In Python `_("...")` only marks a sentence; it is translated when it is shown, by `translate` or by the template.
English is the language of the sources. The pseudo-locale `qps` wraps every sentence in ⟦ ⟧ so that a test can find
what escaped translation.
"""

import gettext
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from babel import Locale, dates, negotiate_locale, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from market.kit.money import Money

LOCALE_DIR = Path(__file__).parents[1] / "locale"
PSEUDO = "qps"
DEFAULT = "en"

_locale: ContextVar[str] = ContextVar("locale", default=DEFAULT)


def _(message: str) -> str:
    """Mark `message` for translation; it is returned as it is and translated when shown."""
    return message


class _Pseudo(gettext.NullTranslations):
    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧" if message else message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


@cache
def available() -> tuple[str, ...]:
    """The locales that a person may choose: English and every folder of `locale/` with a catalogue."""
    return (DEFAULT, *sorted(path.parent.parent.name for path in LOCALE_DIR.glob("*/LC_MESSAGES/messages.po")))


@cache
def _translations(locale: str) -> gettext.NullTranslations:
    if locale == PSEUDO:
        return _Pseudo()
    source = LOCALE_DIR / locale / "LC_MESSAGES" / "messages.po"
    if not source.exists():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file, locale=locale))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@contextmanager
def speaking(locale: str) -> Iterator[None]:
    """Use `locale` for every text and format inside the block."""
    token = _locale.set(locale)
    try:
        yield
    finally:
        _locale.reset(token)


def use(locale: str) -> None:
    """Set the locale for the rest of this context (one request, one thread hop)."""
    _locale.set(locale)


def current_locale() -> str:
    """The locale in force, such as `en` or `pt_BR`."""
    return _locale.get()


@cache
def _babel(locale: str) -> Locale:
    return Locale.parse("en_GB" if locale in (DEFAULT, PSEUDO) else locale)


def direction() -> str:
    """`rtl` for right-to-left scripts, else `ltr`."""
    return _babel(current_locale()).text_direction


def gettext_now(message: str) -> str:
    """Translate `message` into the locale in force."""
    return _translations(current_locale()).gettext(message)


def ngettext_now(one: str, many: str, n: int) -> str:
    """Translate with the plural form that fits `n`."""
    return _translations(current_locale()).ngettext(one, many, n)


def translate(message: str, **params: Any) -> str:
    """Translate `message` and fill its {placeholders}; money and dates are written as the reader's country does."""
    text = gettext_now(message)
    return text.format_map({key: show(value) for key, value in params.items()}) if params else text


def ntranslate(one: str, many: str, n: int, **params: Any) -> str:
    """Like `translate`, choosing the plural form by `n`, which is also a placeholder."""
    text = ngettext_now(one, many, n)
    return text.format_map({"n": format_number(n), **{key: show(value) for key, value in params.items()}})


def show(value: Any) -> str:
    """Write any value for the reader: Money, dates and numbers by locale, text as it is."""
    if isinstance(value, Money):
        return format_money(value)
    if isinstance(value, datetime):
        return format_datetime(value)
    if isinstance(value, date):
        return format_date(value)
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, int | Decimal):
        return format_number(value)
    return str(value)


def format_money(money: Money) -> str:
    """`€1,250.00` in English, `1.250,00 €` in German; whole amounts lose their zeros only where the currency has none."""
    return str(numbers.format_currency(money.decimal, money.currency, locale=_babel(current_locale())))


def format_price(money: Money) -> str:
    """`€1,250` for whole amounts, else like `format_money`: for prices that people compare, not for sums that must add up."""
    if money.decimal != money.decimal.to_integral_value():
        return format_money(money)
    locale = _babel(current_locale())
    text = str(numbers.format_currency(money.decimal, money.currency, locale=locale))
    return re.sub(rf"{re.escape(numbers.get_decimal_symbol(locale))}0+(?!\d)", "", text)


def format_date(value: date | datetime | str) -> str:
    """`3 March 2027`."""
    return str(dates.format_date(_as_date(value), format="long", locale=_babel(current_locale())))


def format_month(value: date) -> str:
    """`March 2027`, as the reader's language writes it."""
    return str(dates.format_skeleton("yMMMM", value, locale=_babel(current_locale())))


def format_datetime(value: datetime | str, timezone: str = "UTC") -> str:
    """`3 March 2027, 14:05 UTC`: the day and the minute, with the zone named."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    zone = dates.get_timezone(timezone)
    locale = _babel(current_locale())
    time = dates.format_time(moment, "HH:mm", tzinfo=zone, locale=locale)
    return f"{dates.format_date(moment.astimezone(zone), 'long', locale=locale)}, {time} {moment.astimezone(zone).tzname()}"


def format_number(value: int | float | Decimal) -> str:
    """`12,500` or `12.500`, by locale."""
    return str(numbers.format_decimal(value, locale=_babel(current_locale())))


def format_percent(rate: Decimal | float) -> str:
    """A rate such as Decimal("0.035") as `3.5%`."""
    return (
        str(numbers.format_decimal(Decimal(str(rate)) * 100, format="#,##0.####", locale=_babel(current_locale())))
        + "%"
    )


def relative(value: datetime | str, now: datetime) -> str:
    """`3 days ago`, `in 2 hours`."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    delta: timedelta = moment - now
    return str(dates.format_timedelta(delta, add_direction=True, locale=_babel(current_locale())))


def _as_date(value: date | datetime | str) -> date:
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    return value.astimezone(UTC).date() if isinstance(value, datetime) else value


def country_name(code: str) -> str:
    """The reader's name of an ISO 3166 country; `WORLD` is the whole world; unknown codes come back as they are."""
    if code == "WORLD":
        return gettext_now("Worldwide")
    return str(_babel(current_locale()).territories.get(code, code))


@lru_cache(maxsize=256)
def negotiate(header: str, offered: tuple[str, ...] | None = None) -> str:
    """Choose a locale by the browser's Accept-Language header; English when nothing fits."""
    wanted = [part.split(";")[0].strip().replace("-", "_") for part in header[:200].split(",") if part.strip()]
    return negotiate_locale(wanted, list(offered or available()), sep="_") or DEFAULT
