"""What deals tell the others."""

from dataclasses import dataclass
from datetime import date

from market.kit.money import Money


@dataclass(frozen=True)
class EnquirySent:
    """A company has asked an institution about a technology."""

    deal_id: str
    technology_id: str


@dataclass(frozen=True)
class EnquiryAcknowledged:
    """The institution has answered."""

    deal_id: str


@dataclass(frozen=True)
class OfferMade:
    """A first offer, or a new one after a pause; `digest` names its terms."""

    deal_id: str
    digest: str


@dataclass(frozen=True)
class OfferCountered:
    """The other side has changed the offer."""

    deal_id: str
    digest: str


@dataclass(frozen=True)
class OfferAccepted:
    """The terms are agreed."""

    deal_id: str
    digest: str


@dataclass(frozen=True)
class LicenceSigned:
    """Both have signed. `upfront` is what is due on `due_on`; None when nothing is."""

    deal_id: str
    licensor_id: str
    licensee_id: str
    licence_number: str
    upfront: Money | None
    due_on: date
    title: str


@dataclass(frozen=True)
class LicenceActivated:
    """The licence runs."""

    deal_id: str


@dataclass(frozen=True)
class DealClosed:
    """The deal ended without a licence."""

    deal_id: str
