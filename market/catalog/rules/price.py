"""Prices as people write them in a table."""

import re

from market.kit.money import Money, currencies

Price = tuple[str, int | None, int | None, str]
"""Kind, lowest and highest amount in minor units, ISO 4217 currency (empty without an amount)."""

_SIGNS = {"€": "EUR", "£": "GBP", "$": "USD", "US$": "USD", "¥": "JPY"}
_REQUEST = re.compile(
    r"(?:price )?(?:up)?on request|negotiable|tbd|n/?a|-|contact us|auf anfrage|sur demande", re.IGNORECASE
)
_FREE = re.compile(r"free(?: of charge)?|0(?:[.,]0+)?|none|no fee|kostenlos|gratuit", re.IGNORECASE)
_AMOUNT = re.compile(r"\d[\d.,'’\u00a0\u202f ]*")


def parse_price(text: str, currency: str) -> Price | None:
    """Read `on request`, `free`, `€5,000`, `1,000 - 5,000 USD`; empty means on request; None when it is no price."""
    text = text.strip()
    if not text or _REQUEST.fullmatch(text):
        return "on_request", None, None, ""
    if _FREE.fullmatch(text):
        return "free", None, None, ""
    currency = _currency(text) or _SIGNS.get(currency.strip(), currency.strip().upper())
    if currency not in currencies():
        return None
    try:
        amounts = [Money.parse(match.strip(" .,'’"), currency).minor for match in _AMOUNT.findall(text)]
    except ValueError:
        return None
    if len(amounts) == 1 and amounts[0] > 0:
        return "fixed", amounts[0], None, currency
    if len(amounts) == 2 and 0 <= amounts[0] < amounts[1]:
        return "range", amounts[0], amounts[1], currency
    return None


def _currency(text: str) -> str:
    for sign, code in sorted(_SIGNS.items(), key=lambda item: -len(item[0])):
        if sign in text:
            return code
    match = re.search(r"\b([A-Z]{3})\b", text)
    return match.group(1) if match and match.group(1) in currencies() else ""
