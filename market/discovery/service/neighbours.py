"""Similar listings, for the page of one."""

import logging
from collections.abc import Sequence

from market.discovery.gateway import IndexUnavailable, SearchIndex
from market.discovery.rules.facets import VISIBLE
from market.kit.gateways import Gateways

log = logging.getLogger("market.discovery")


class IndexNeighbours:
    """Implements catalog.gateway.Neighbours with whichever engine serves the site."""

    def __init__(self, gateways: Gateways) -> None:
        self._gateways = gateways

    def near(self, technology_id: str, limit: int) -> Sequence[str] | None:
        """The closest listings by their words; None when the engine does not answer."""
        try:
            return [hit.id for hit in self._gateways[SearchIndex].similar(technology_id, VISIBLE, limit)]
        except IndexUnavailable as error:
            log.warning("a listing is shown without similar ones: %s", error)
            return None
