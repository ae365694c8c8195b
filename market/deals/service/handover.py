"""A licence that runs, as payments must know it: its signed terms in payments' own types."""

from market.deals.models import Licence
from market.deals.rules import codec
from market.deals.rules.terms import Basis, Frequency, TermSheet
from market.payments.rules.royalty_terms import Minimum, RoyaltyTerms, SignedLicence

MONTHS = {Frequency.QUARTERLY: 3, Frequency.HALF_YEARLY: 6, Frequency.ANNUAL: 12}


def signed(licence: Licence, title: str) -> SignedLicence:
    """The licence with what its terms say about royalties; a term that was not agreed is left out."""
    return SignedLicence(
        licence.deal_id,
        licence.licensor_id,
        licence.licensee_id,
        licence.number,
        title,
        licence.begins_on,
        licence.ends_on,
        royalty_terms(codec.from_json(licence.terms)),
    )


def royalty_terms(sheet: TermSheet) -> RoyaltyTerms:
    """What a sheet says about royalties."""
    royalty, minimum = sheet.royalty, sheet.minimum
    return RoyaltyTerms(
        currency=sheet.currency,
        tiers=tuple((tier.over, tier.rate) for tier in royalty.tiers) if royalty else (),
        lifetime=royalty is not None and royalty.basis == Basis.LIFETIME,
        months=MONTHS[sheet.reports.frequency] if sheet.reports else 12,
        grace_days=sheet.reports.grace_days if sheet.reports else 30,
        minimum=Minimum(minimum.amount, minimum.from_year) if minimum and royalty else None,
    )
