"""The signed terms reach the money: what a licence says about royalties is what its reports are counted by."""

from datetime import date
from decimal import Decimal

from hypothesis import given

from market.deals.handlers import settle_deal
from market.deals.rules import further
from market.deals.rules.further import Combination, Credit, InterestKind, Proration, YearMinimum
from market.deals.rules.terms import MinimumRoyalty, Sublicence, Sublicensing, TermSheet, UpfrontFee
from market.deals.service.handover import royalty_terms
from market.kit.db import Database
from market.kit.files import FileStore
from market.payments import queries as payments
from market.payments.events import InvoicePaid
from market.payments.rules import royalty_terms as money
from market.payments.rules.royalty_terms import from_plain, to_plain
from tests.deals import world as making
from tests.deals.sheets import eur, sheet, sheets
from tests.deals.test_service import _state
from tests.deals.world import World


def test_every_term_that_royalties_are_counted_by_is_handed_over() -> None:
    """None is agreed, signed, and then forgotten when money is counted."""
    agreed = sheet(
        minimum=MinimumRoyalty(eur(10), 2, (YearMinimum(4, eur(20)),), Credit.PREPAID, Proration.WITH_FIRST_MONTH),
        sublicensing=Sublicensing(Sublicence.CONSENT, Decimal("0.1")),
        deductions=(further.Deduction(further.DeductionKind.FREIGHT, Decimal("0.05")),),
        stacking=further.Stacking(Decimal("0.5"), Decimal("0.02")),
        combination=Combination.SHARE,
        reserved=further.ReservedRights(countries=("KE",), rate=Decimal(0)),
        late_interest=further.LateInterest(Decimal("0.01"), InterestKind.COMPOUND),
        audit=further.Audit(30, threshold=Decimal("0.04")),
    )
    found = royalty_terms(agreed)
    assert money.Minimum(eur(10), 2, money.PREPAID, prorate=True, later=((4, eur(20).minor),)) == found.minimum
    assert (money.Deduction("freight", Decimal("0.05")),) == found.deductions
    assert money.Stacking(Decimal("0.5"), Decimal("0.02")) == found.stacking
    assert found.combination
    assert Decimal(0) == found.humanitarian_rate
    assert Decimal("0.1") == found.sublicence_share
    assert money.LateInterest(Decimal("0.01"), money.COMPOUND_30_DAYS) == found.late_interest
    assert Decimal("0.04") == found.audit_threshold


@given(agreed=sheets())
def test_any_sheet_can_be_handed_over_and_read_back(agreed: TermSheet) -> None:
    """Whatever may be signed can be counted."""
    found = royalty_terms(agreed)
    assert found == from_plain(to_plain(found))
    assert len(agreed.deductions) == len(found.deductions)
    assert (agreed.stacking is None) == (found.stacking is None)
    if agreed.minimum and agreed.royalty:
        assert found.minimum is not None
        assert [agreed.minimum.of_year(n) for n in range(agreed.minimum.from_year, 12)] == [
            found.minimum.of_year(n) for n in range(agreed.minimum.from_year, 12)
        ]


def test_a_later_part_of_the_fee_does_not_start_the_licence(database: Database, files: FileStore, world: World) -> None:
    """The fee comes in two parts; only the first one is what the licence waits for."""
    parts = (further.Instalment(eur(4_000), 30), further.Instalment(eur(6_000), 395))
    deal_id = making.signed(database, files, world, sheet(upfront=UpfrontFee(eur(10_000), instalments=parts)))
    with database.read() as db:
        invoices = {each.kind: each for each in payments.invoices_of_deal(db, world.buyer, deal_id)}
    assert {"upfront", "instalment"} == set(invoices)
    for kind, expected in (("instalment", "awaiting_payment"), ("upfront", "active")):
        with database.write() as db:
            settle_deal(db, InvoicePaid(invoices[kind].id, deal_id, kind))
        assert expected == _state(database, deal_id)
    assert date(2027, 4, 2) == invoices["upfront"].due_on
