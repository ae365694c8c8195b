"""What the views of needs share: option lists in the reader's language."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from market.catalog.rules import vocabulary as catalogue
from market.discovery.rules.wipo import TECHNOLOGY_FIELDS
from market.kit.i18n import country_name, current_locale, translate
from market.needs.pages import Option
from market.needs.rules.vocabulary import BUDGETS, CLUSTERS, STAGES


def options() -> dict[str, list[Option]]:
    """The choices of the form of a need."""
    return {
        "sector": [(key, translate(sector.label)) for key, sector in catalogue.SECTORS.items()],
        "technology_field": named(TECHNOLOGY_FIELDS),
        "stage": named(STAGES),
        "kinds": named(catalogue.OFFERS),
        "budget": named(BUDGETS),
        "currency": [(code, code) for code in catalogue.CURRENCIES],
        "country": list(_countries(current_locale())),
    }


def clusters() -> list[str]:
    """Clusters to suggest."""
    return [translate(each) for each in CLUSTERS]


def named(labels: Mapping[Any, str]) -> list[Option]:
    """Keys with their labels in the reader's language."""
    return [(str(key), translate(label)) for key, label in labels.items()]


@cache
def _countries(_locale: str) -> tuple[Option, ...]:
    names = [(code, country_name(code)) for code in catalogue.countries()]
    return tuple(sorted(names, key=lambda each: each[1].casefold()))
