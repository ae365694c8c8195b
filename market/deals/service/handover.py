"""A licence that runs, as payments must know it: its signed terms in payments' own types."""

from market.deals.models import Licence
from market.deals.rules import codec
from market.deals.rules.further import Combination, Credit, InterestKind, Proration
from market.deals.rules.terms import Basis, Frequency, MinimumRoyalty, TermSheet
from market.payments.rules import royalty_terms as payments
from market.payments.rules.royalty_terms import RoyaltyTerms, SignedLicence

MONTHS = {Frequency.QUARTERLY: 3, Frequency.HALF_YEARLY: 6, Frequency.ANNUAL: 12}
INTEREST = {InterestKind.SIMPLE: payments.SIMPLE_YEARLY, InterestKind.COMPOUND: payments.COMPOUND_30_DAYS}
MODES = {Credit.TRUE_UP: payments.TRUE_UP, Credit.PREPAID: payments.PREPAID}


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
    """What a sheet says about royalties, and all that is counted with them."""
    royalty, late = sheet.royalty, sheet.late_interest
    return RoyaltyTerms(
        currency=sheet.currency,
        tiers=tuple((tier.over, tier.rate) for tier in royalty.tiers) if royalty else (),
        lifetime=royalty is not None and royalty.basis == Basis.LIFETIME,
        months=MONTHS[sheet.reports.frequency] if sheet.reports else 12,
        grace_days=sheet.reports.grace_days if sheet.reports else 30,
        minimum=_minimum(sheet.minimum) if sheet.minimum and royalty else None,
        stacking=payments.Stacking(sheet.stacking.offset, sheet.stacking.floor) if sheet.stacking else None,
        combination=sheet.combination == Combination.SHARE,
        deductions=tuple(payments.Deduction(str(each.kind), each.cap) for each in sheet.deductions),
        humanitarian_rate=sheet.reserved.rate if sheet.reserved else None,
        sublicence_share=sheet.sublicensing.share,
        late_interest=payments.LateInterest(late.rate, INTEREST[late.kind]) if late else None,
        audit_threshold=sheet.audit.threshold if sheet.audit else None,
    )


def _minimum(agreed: MinimumRoyalty) -> payments.Minimum:
    return payments.Minimum(
        agreed.amount,
        agreed.from_year,
        MODES[agreed.credit],
        prorate=agreed.first_year != Proration.WHOLE,
        count_first_month=agreed.first_year == Proration.WITH_FIRST_MONTH,
        later=tuple((each.year, each.amount.minor) for each in agreed.schedule),
    )
