"""Countries and the groups of them that people name in licences."""

from functools import cache

import pycountry

from market.deals.rules.terms import WORLD, Territory
from market.kit.i18n import _

_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
EU = frozenset(_EU.split())
GROUPS: dict[str, tuple[str, frozenset[str]]] = {
    "EU": (_("European Union"), EU),
    "EEA": (_("European Economic Area"), EU | {"IS", "LI", "NO"}),
    "USCA": (_("United States and Canada"), frozenset({"US", "CA"})),
}


@cache
def countries() -> frozenset[str]:
    """All ISO 3166-1 alpha-2 codes."""
    return frozenset(country.alpha_2 for country in pycountry.countries)


def covered(territory: Territory) -> frozenset[str]:
    """The countries in which the grant holds, exclusions taken off."""
    include = countries() if WORLD in territory.include else frozenset(territory.include)
    return include - set(territory.exclude)


def group_of(codes: frozenset[str]) -> str:
    """The key of the group that is exactly these countries, or nothing."""
    return next((key for key, (_label, members) in GROUPS.items() if members == codes), "")
