"""Whether a listing that an import brings may go out at once, and what keeps it a draft."""

from dataclasses import dataclass

from market.catalog.rules.clarity.score import THRESHOLD, Clarity, Told, below, clarity
from market.catalog.rules.imported import ImportedListing, Problem
from market.kit.i18n import _

SHORTEST_REASON = 10
MOST_NAMED = 3

AS_THE_SOURCE = "Taken over from the source as it is worded there."
"""The reason that `market import` states unless another is given: whoever commands the machine brings a whole catalogue."""


@dataclass(frozen=True)
class Letting:
    """What an import may publish: nothing unless `publish`; below `threshold` only with a `reason`; nothing where two
    people are to look (`review`). `contact`: the listings will name who answers."""

    publish: bool = False
    threshold: int = THRESHOLD
    reason: str = ""
    review: bool = False
    contact: bool = False

    @property
    def any(self) -> bool:
        """Whether anything may go out at once."""
        return self.publish and not self.review

    def clarity(self, listing: ImportedListing) -> Clarity:
        """How clear a listing will be as the source tells it."""
        return clarity(told_of(listing, contact=self.contact))

    def holds(self, found: Clarity) -> bool:
        """Whether a listing stays a draft for want of clarity."""
        return below(found.score, self.threshold) and not self.reason


def told_of(listing: ImportedListing, *, contact: bool) -> Told:
    """What the clarity of an imported listing is measured on."""
    return Told(
        summary=listing.summary,
        problem=listing.problem,
        advantages=listing.advantages,
        comparison=listing.comparison,
        applications=listing.applications,
        description=listing.description,
        has_stage=bool(listing.stage or listing.trl is not None),
        has_price=listing.price_kind != "on_request",
        has_contact=contact,
        has_picture=bool(listing.picture_url),
        has_right=bool(listing.ip_numbers),
    )


def held_back(row: int, found: Clarity, threshold: int) -> Problem:
    """The remark on a row whose listing stays a draft: its points, and the parts that lack most."""
    lacking = sorted((part for part in found.parts if part.points < part.of), key=lambda part: part.points - part.of)
    told = _(
        "Kept as a draft: {score} of 100 points for clarity, your institution asks for {threshold}. "
        "It lacks most: {parts}."
    )
    named = [part.name for part in lacking[:MOST_NAMED]]
    return Problem(row, "clarity", "unclear", told, {"score": found.score, "threshold": threshold, "parts": named})
