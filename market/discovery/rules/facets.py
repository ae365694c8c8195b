"""The filters beside the results: which there are, what their values are called, in what order they stand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from market.catalog.rules import response
from market.catalog.rules import vocabulary as catalogue
from market.discovery.rules.filters import And, Filter, In, Value
from market.discovery.rules.wipo import TECHNOLOGY_FIELDS
from market.kit.i18n import _, country_name, gettext_now

Order = Literal["count", "given"]


@dataclass(frozen=True)
class Facet:
    """One group of filters. `name` stands in the address, `field` is the document's; `label` is a msgid.

    `words` names each value in the reader's language; `values` are those that are known, in their order, or None where
    any value of a pattern may come.
    """

    name: str
    field: str
    label: str
    words: Callable[[str], str]
    values: tuple[str, ...] | None
    order: Order = "count"
    number: bool = False
    open: bool = True

    def typed(self, text: str) -> Value | None:
        """The value meant by a text of the address; None for what it can't be."""
        if self.values is not None and text not in self.values:
            return None
        if self.values is None and not (len(text) == 2 and text.isascii() and text.isalpha() and text.isupper()):
            return None
        return int(text) if self.number else text


def _named(labels: Mapping[str, str]) -> Callable[[str], str]:
    return lambda value: gettext_now(labels[value]) if value in labels else value


def _level(value: str) -> str:
    label = catalogue.TRL.get(int(value), "") if value.isdecimal() else ""
    return f"{value} – {gettext_now(label)}" if label else value


_SECTORS = {key: sector.label for key, sector in catalogue.SECTORS.items()}
_IP = {**catalogue.IP_STATUS, "none": _("Nothing registered")}
_FIELDS = {str(number): label for number, label in TECHNOLOGY_FIELDS.items()}

FACETS: tuple[Facet, ...] = (
    Facet("sector", "sectors", _("Sector"), _named(_SECTORS), tuple(_SECTORS)),
    Facet("offer", "offers", _("What is offered"), _named(catalogue.OFFERS), tuple(catalogue.OFFERS)),
    Facet("licence", "licences", _("Kind of licence"), _named(catalogue.LICENCES), tuple(catalogue.LICENCES)),
    Facet("price", "price_band", _("Price"), _named(catalogue.BANDS), tuple(catalogue.BANDS), "given"),
    Facet("trl", "trl", _("Readiness (TRL)"), _level, tuple(map(str, catalogue.TRL)), "given", number=True),
    Facet("country", "country", _("Country"), country_name, None),
    Facet("answers", "response_band", _("Answers enquiries"), _named(response.BANDS), tuple(response.BANDS), "given"),
    Facet("ip", "ip_status", _("IP status"), _named(_IP), tuple(_IP), "given", open=False),
    Facet(
        "field", "technology_fields", _("Technology field"), _named(_FIELDS), tuple(_FIELDS), number=True, open=False
    ),
)
FIELDS = tuple(facet.field for facet in FACETS)

Chosen = Mapping[str, tuple[str, ...]]
"""The values ticked, by the facet's name."""


def refinements(chosen: Chosen) -> dict[str, Filter]:
    """One filter for each facet in which something is ticked, by field: any of the ticked values will do."""
    filters: dict[str, Filter] = {}
    for facet in FACETS:
        values = tuple(value for text in chosen.get(facet.name, ()) if (value := facet.typed(text)) is not None)
        if values:
            filters[facet.field] = In(facet.field, values)
    return filters


VISIBLE: Filter = And((In("state", catalogue.VISIBLE),))
"""What every visitor may see; set by the server with every search, never from the address."""
