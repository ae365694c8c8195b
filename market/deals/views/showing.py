"""What the views of deals share: option lists and hints in the reader's language."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from market.deals.rules import regions
from market.deals.rules.fields import FIELDS
from market.deals.rules.further import CREDIT_LABELS, PRORATION_LABELS
from market.deals.rules.terms import (
    BASIS_LABELS,
    FREQUENCY_LABELS,
    GRANT_LABELS,
    RESOLUTION_LABELS,
    SUBLICENCE_LABELS,
    TERM_LABELS,
    WORLD,
)
from market.kit.i18n import _, country_name, current_locale, translate

Option = tuple[str, str]

CURRENCIES = (
    "EUR", "USD", "GBP", "CHF", "AUD", "BRL", "CAD", "CNY", "CZK", "DKK", "HUF", "IDR", "ILS", "INR", "ISK", "JPY", "KRW",
    "KWD", "MAD", "MXN", "MYR", "NOK", "NZD", "PLN", "RON", "SEK", "SGD", "THB", "TRY", "VND", "ZAR",
)  # fmt: skip


def countries() -> list[Option]:
    """All countries by their name in the reader's language."""
    return list(_countries(current_locale()))


@cache
def _countries(_locale: str) -> tuple[Option, ...]:
    named = [(code, country_name(code)) for code in regions.countries()]
    return tuple(sorted(named, key=lambda each: each[1].casefold()))


def options() -> dict[str, list[Option]]:
    """The choices of the offer's form."""
    return {
        "grant": _labels(GRANT_LABELS),
        "term": _labels(TERM_LABELS),
        "sublicence": _labels(SUBLICENCE_LABELS),
        "basis": _labels(BASIS_LABELS),
        "reports": _labels(FREQUENCY_LABELS),
        "credit": _labels(CREDIT_LABELS),
        "first_year": _labels(PRORATION_LABELS),
        "resolution": _labels(RESOLUTION_LABELS),
        "territory": [
            (WORLD, translate(_("Worldwide"))),
            *((key, translate(label)) for key, (label, _members) in regions.GROUPS.items()),
            ("countries", translate(_("Only the countries chosen below"))),
        ],
    }


def _labels(labels: Mapping[Any, str]) -> list[Option]:
    return [(str(key), translate(label)) for key, label in labels.items()]


def hints() -> dict[str, str]:
    """For each term one sentence of explanation and what is usual."""
    return {
        key: " ".join(translate(text) for text in (each.explanation, each.usual) if text)
        for key, each in FIELDS.items()
    }


def currencies(chosen: str) -> list[Option]:
    """The usual currencies, and the chosen one."""
    return [(code, code) for code in dict.fromkeys((*CURRENCIES, chosen)) if code]
