"""When an offer may be accepted, and until when it lasts."""

from dataclasses import dataclass
from datetime import datetime

from market.kit.errors import Refusal
from market.kit.i18n import _


@dataclass(frozen=True)
class OfferFacts:
    """What the rules need of an offer: the hash of its terms, and the moment (UTC) from which it is over."""

    digest: str
    ends_at: datetime


def acceptable(offer: OfferFacts | None, *, shown: str, now: datetime) -> Refusal | None:
    """Say why `offer` cannot be accepted at `now`, or None.

    `shown` is the hash of the version that the person had on the screen: a newer offer must be read first. The clock
    runs from the last offer, so an earlier one's longer validity does not help.
    """
    if offer is None:
        return Refusal("no_offer", _("There is no offer to accept."))
    if offer.digest != shown:
        return Refusal("offer_changed", _("The other side has sent a newer offer. Read it before you decide."))
    if now >= offer.ends_at:
        return Refusal(
            "offer_expired", _("This offer ended on {date}. Ask for it to be renewed."), params={"date": offer.ends_at}
        )
    return None


def expired(offer: OfferFacts | None, *, now: datetime) -> bool:
    """Whether the last offer is over at `now`."""
    return offer is not None and now >= offer.ends_at
