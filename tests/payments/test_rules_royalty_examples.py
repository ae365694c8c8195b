"""The worked examples of royalties and fees, and what must hold for any report."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.kit.money import CurrencyMismatch, Money
from market.payments.rules import extras, royalties
from market.payments.rules.periods import periods
from market.payments.rules.royalty_terms import (
    COMPOUND_30_DAYS,
    PREPAID,
    Deduction,
    LateInterest,
    Minimum,
    RoyaltyTerms,
    Stacking,
    from_plain,
    to_plain,
)
from market.payments.rules.working import Sale, Sales, Told, charge, owed_in_all, work_out, work_out_all

M = 100
TIERS = ((0, Decimal("0.04")), (1_000_000 * M, Decimal("0.03")), (5_000_000 * M, Decimal("0.02")))
FOUR = RoyaltyTerms("EUR", tiers=((0, Decimal("0.04")),))


def eur(amount: str | int) -> Money:
    return Money.of(amount, "EUR")


def sold(amount: Money, **more: object) -> Sale:
    return Sale("Pump", "DE", amount, **more)  # type: ignore[arg-type]


def told(*quarters: Money, year: int = 2027) -> list[Told]:
    return [Told(year, Sales((sold(each),))) for each in quarters]


# --- the twelve examples


def test_example_1_marginal_tiers_over_a_calendar_year() -> None:
    """Four quarters walk up the tiers; the next year begins at the first again, a lifetime does not."""
    terms = RoyaltyTerms("EUR", tiers=TIERS, months=3)
    year = told(eur(600_000), eur(700_000), eur(4_000_000), eur(0))
    following = told(eur(100_000), year=2028)

    workings = work_out_all(terms, year + following)
    assert [eur(24_000), eur(25_000), eur(117_000), eur(0), eur(4_000)] == [each.royalty for each in workings]
    assert eur(166_000) == owed_in_all(terms, year)
    assert [(eur(400_000), Decimal("0.04")), (eur(300_000), Decimal("0.03"))] == list(workings[1].parts)
    assert eur(2_000) == work_out_all(replace(terms, lifetime=True), year + following)[-1].royalty


def test_example_2_a_prepaid_minimum_is_credited_in_its_year_and_never_comes_back() -> None:
    """Extra 0, 0, 3,000, 2,000, as reports are approved one after the other; with 12,000 earned nothing comes back."""
    quarters, charged, extra = told(eur(150_000), eur(225_000), eur(200_000), eur(50_000)), eur(20_000), []
    for number in range(1, 5):
        now = charge(owed_in_all(FOUR, quarters[:number], {2027: eur(20_000)}), charged)
        extra.append(now.invoiced)
        charged += now.invoiced
    assert [eur(0), eur(0), eur(3_000), eur(2_000)] == extra
    assert eur(20_000) == owed_in_all(FOUR, told(eur(300_000)), {2027: eur(20_000)})


def test_example_3_a_true_up_fills_the_year() -> None:
    """Earned 12,000 of 20,000: 8,000 at the end of the year."""
    assert eur(8_000) == royalties.true_up(eur(20_000), eur(12_000))
    assert eur(8_000) == charge(owed_in_all(FOUR, told(eur(300_000)), {2027: eur(20_000)}), eur(12_000)).invoiced


@pytest.mark.parametrize(("counts", "amount"), [(True, 8_000), (False, 6_000)])
def test_example_4_the_first_year_counts_by_months(counts: bool, amount: int) -> None:
    """First sale on 10 September; the term says whether September counts. Later years count whole."""
    minimum = Minimum(eur(24_000), prorate=True, count_first_month=counts)
    begins, first_sale = date(2027, 2, 1), date(2027, 9, 10)
    assert eur(amount) == royalties.minimum_of(minimum, 2027, begins, first_sale)
    assert eur(24_000) == royalties.minimum_of(minimum, 2028, begins, first_sale)
    assert royalties.minimum_of(replace(minimum, from_year=3), 2028, begins) is None


@pytest.mark.parametrize(
    ("year", "ends_on", "amount"),
    [
        (2027, None, 24_000),  # begun on 1 January: every month is full
        (2030, None, 36_000),  # from the fourth year on
        (2031, date(2031, 6, 30), 18_000),
        (2031, date(2031, 6, 29), 15_000),  # June is not full
        (2031, date(2031, 12, 31), 36_000),
    ],
)
def test_a_minimum_grows_by_its_schedule_and_a_broken_last_year_counts_full_months(
    year: int, ends_on: date | None, amount: int
) -> None:
    """As the clause of the agreement says."""
    minimum = Minimum(eur(24_000), prorate=True, count_first_month=False, later=((4, 3_600_000),))
    assert eur(amount) == royalties.minimum_of(minimum, year, date(2027, 1, 1), ends_on=ends_on)
    assert royalties.minimum_of(minimum, 2032, date(2027, 1, 1), ends_on=date(2031, 12, 31)) is None
    assert royalties.minimum_of(minimum, 2026, date(2027, 1, 1)) is None


@pytest.mark.parametrize(("others", "royalty"), [(30_000, 25_000), (60_000, 20_000), (0, 40_000)])
def test_example_5_stacking_has_a_floor(others: int, royalty: int) -> None:
    """Half of what others get is taken off, down to 2 % of sales."""
    terms = replace(FOUR, stacking=Stacking(Decimal("0.5"), Decimal("0.02")))
    assert eur(royalty) == work_out(terms, Sales((sold(eur(1_000_000)),), eur(others))).royalty


def test_example_6_a_combination_counts_by_its_licensed_part() -> None:
    """45,000 x 60 / (60 + 40) x 4 %; where no combination is agreed, all of it counts."""
    sale = sold(eur(45_000), own=Decimal(60), other=Decimal(40))
    assert eur(1_080) == work_out(replace(FOUR, combination=True), Sales((sale,))).royalty
    assert eur(1_800) == work_out(FOUR, Sales((sale,))).royalty


def test_example_7_late_interest() -> None:
    """46 days of a simple 10 %; two whole 30 days compound, and the days begun count in proportion."""
    due, paid = date(2027, 4, 30), date(2027, 6, 15)
    assert eur("315.07") == extras.late_interest(eur(25_000), LateInterest(Decimal("0.10")), due_on=due, paid_on=paid)
    compound = LateInterest(Decimal("0.01"), COMPOUND_30_DAYS)
    assert eur("201.00") == extras.late_interest(eur(10_000), compound, due_on=due, paid_on=date(2027, 6, 29))
    assert eur("252.01") == extras.late_interest(eur(10_000), compound, due_on=due, paid_on=date(2027, 7, 14))
    assert eur(0) == extras.late_interest(eur(25_000), compound, due_on=due, paid_on=due)
    assert eur(0) == extras.late_interest(eur(25_000), None, due_on=due, paid_on=paid)


def test_example_8_patent_costs_are_shared_to_the_cent() -> None:
    """Three share 10,000."""
    assert [eur("3333.34"), eur("3333.33"), eur("3333.33")] == extras.patent_cost_shares(eur(10_000), 3)
    assert [eur(5_000), eur(3_000), eur(2_000)] == extras.patent_cost_parts(eur(10_000), [50, 30, 20])


def test_example_9_humanitarian_sales_have_their_own_rate() -> None:
    """30,000 of 100,000 qualify at 0; where nothing is agreed about them they bear the royalty like all others."""
    sales = Sales((sold(eur(70_000)), sold(eur(30_000), humanitarian=True)))
    assert eur(2_800) == work_out(replace(FOUR, humanitarian_rate=Decimal(0)), sales).royalty
    assert eur(3_100) == work_out(replace(FOUR, humanitarian_rate=Decimal("0.01")), sales).royalty
    assert eur(4_000) == work_out(FOUR, sales).royalty


def test_example_10_sublicence_income() -> None:
    """10 % of 200,000 less 50,000 reimbursed."""
    assert eur(15_000) == extras.sublicence_income(eur(200_000), eur(50_000), Decimal("0.10"))
    assert eur(0) == extras.sublicence_income(eur(10_000), eur(50_000), Decimal("0.10"))


@pytest.mark.parametrize(
    ("due", "reported", "shifts"), [(101_000, 95_000, True), (101_000, 96_000, False), (100_000, 95_000, False)]
)
def test_example_11_the_cost_of_an_audit_shifts_above_the_threshold(due: int, reported: int, shifts: bool) -> None:
    """5.94 % shifts, 4.95 % does not, exactly 5 % does not; without a threshold it never does."""
    assert shifts is extras.audit_cost_shifts(eur(due), eur(reported), Decimal("0.05"))
    assert not extras.audit_cost_shifts(eur(due), eur(reported), None)


def test_example_12_a_correction_adds_or_leaves_a_credit() -> None:
    """A corrected quarter charges the difference, through the tiers of the quarters after it; too much stays as credit."""
    terms = RoyaltyTerms("EUR", tiers=TIERS, months=3)
    first, corrected = told(eur(600_000), eur(700_000)), told(eur(900_000), eur(700_000))
    charged = owed_in_all(terms, first)
    more = charge(owed_in_all(terms, corrected), charged)
    assert (eur(9_000), eur(0)) == (more.invoiced, more.credit)

    back = charge(owed_in_all(terms, first), charged + more.invoiced)
    assert (eur(0), eur(9_000)) == (back.invoiced, back.credit)


# --- deductions, currencies, periods


def test_deductions_count_up_to_their_caps_and_only_where_agreed() -> None:
    """Freight up to 5 % of gross, returns without a cap, and nothing for what was not agreed."""
    terms = replace(FOUR, deductions=(Deduction("freight", Decimal("0.05")), Deduction("returns")))
    given = {"freight": eur(9_000), "returns": eur(20_000), "commission": eur(50_000)}
    assert eur(75_000) == work_out(terms, Sales((sold(eur(100_000), deductions=given),))).bearing
    assert eur(0) == work_out(terms, Sales((sold(eur(100), deductions={"returns": eur(500)}),))).bearing


@pytest.mark.parametrize(
    ("currency", "amount", "rate", "counted"),
    [("JPY", "100000", "0.0061", "610.00"), ("KWD", "10.500", "3.02", "31.71"), ("USD", "1000", "0.925", "925.00")],
)
def test_sales_in_other_currencies_count_by_their_stated_rate(
    currency: str, amount: str, rate: str, counted: str
) -> None:
    """Currencies with no, two and three decimals become euros."""
    sale = sold(Money.of(amount, currency), rate=Decimal(rate))
    assert eur(counted) == work_out(FOUR, Sales((sale,))).bearing


def test_currencies_never_mix() -> None:
    """Royalties to others in another currency are no sum to take off."""
    terms = replace(FOUR, stacking=Stacking(Decimal("0.5"), Decimal(0)))
    with pytest.raises(CurrencyMismatch):
        work_out(terms, Sales((sold(eur(100)),), Money.of(5, "USD")))


def test_periods_are_parts_of_calendar_years_within_the_licence() -> None:
    """A licence from mid-February to the end of October of the next year."""
    found = list(
        periods(date(2027, 2, 15), date(2028, 10, 31), months=6, grace_days=30, until=date(2030, 1, 1)),
    )
    assert ["2027-H1", "2027-H2", "2028-H1", "2028-H2"] == [each.key for each in found]
    assert (date(2027, 2, 15), date(2027, 6, 30), date(2027, 7, 30)) == (
        found[0].starts_on,
        found[0].ends_on,
        found[0].due_on,
    )
    assert date(2028, 10, 31) == found[-1].ends_on
    assert ["2027-Q1", "2027-Q2"] == [
        each.key for each in periods(date(2027, 3, 31), None, months=3, grace_days=0, until=date(2027, 4, 1))
    ]


def test_terms_come_back_from_the_database_as_they_were() -> None:
    """Whole or bare."""
    whole = RoyaltyTerms(
        "KWD",
        TIERS,
        lifetime=True,
        months=3,
        grace_days=45,
        minimum=Minimum(
            Money.of("1.250", "KWD"), 2, PREPAID, prorate=True, count_first_month=False, later=((4, 2_000),)
        ),
        stacking=Stacking(Decimal("0.5"), Decimal("0.02")),
        combination=True,
        deductions=(Deduction("freight", Decimal("0.05")), Deduction("returns")),
        humanitarian_rate=Decimal(0),
        sublicence_share=Decimal("0.1"),
        late_interest=LateInterest(Decimal("0.1")),
        audit_threshold=Decimal("0.05"),
    )
    assert whole == from_plain(to_plain(whole))
    assert FOUR == from_plain(to_plain(FOUR))


def test_a_prepaid_minimum_is_due_by_the_end_of_february() -> None:
    """As the clause says; who begins later has the usual time."""
    prepaid = Minimum(eur(20_000), mode=PREPAID)
    assert date(2028, 2, 1) == royalties.minimum_day(prepaid, 2028, date(2027, 5, 1), 30)
    assert date(2028, 2, 29) == royalties.minimum_due(prepaid, 2028, date(2028, 2, 1))
    assert royalties.minimum_due(prepaid, 2027, date(2027, 5, 1)) is None
    assert royalties.minimum_due(Minimum(eur(20_000)), 2027, date(2028, 1, 31)) is None


# --- for any report


def sums() -> st.SearchStrategy[Money]:
    return st.integers(0, 10**9).map(lambda minor: Money(minor, "EUR"))


def fractions() -> st.SearchStrategy[Decimal]:
    return st.integers(0, 999).map(lambda n: Decimal(n).scaleb(-3))


@given(st.lists(sums(), max_size=8), st.one_of(st.none(), sums()), st.data())
def test_what_is_charged_in_any_order_of_corrections_comes_to_what_is_owed(
    quarters: list[Money], minimum: Money | None, data: st.DataObject
) -> None:
    """First told wrong, corrected in any order: invoices less the credit left are what the right reports owe."""
    terms = RoyaltyTerms("EUR", tiers=TIERS, months=3)
    minimums = {2027: minimum} if minimum is not None else {}
    wrong = [data.draw(sums()) for _quarter in quarters]
    now, charged, credit = [], eur(0), eur(0)

    def settle() -> None:
        nonlocal charged, credit
        step = charge(owed_in_all(terms, told(*now), minimums), charged)
        charged, credit = charged + step.invoiced, step.credit

    for each in wrong:
        now.append(each)
        settle()
    for index in data.draw(st.permutations(range(len(quarters)))):
        now[index] = quarters[index]
        settle()
    settle()

    owed = owed_in_all(terms, told(*quarters), minimums)
    assert owed == charged - credit
    assert owed >= (minimum or eur(0))


@given(sums(), sums(), fractions(), fractions())
def test_stacking_never_adds_and_never_falls_below_its_floor(
    sales: Money, others: Money, offset: Decimal, floor: Decimal
) -> None:
    """Between the floor (or the royalty, where that is lower) and the royalty."""
    plain = work_out(FOUR, Sales((sold(sales),))).royalty
    less = work_out(replace(FOUR, stacking=Stacking(offset, floor)), Sales((sold(sales),), others)).royalty
    assert min(plain, sales * floor) <= less <= plain


@given(sums(), st.dictionaries(st.sampled_from(["freight", "returns", "tax"]), sums()), fractions())
def test_deductions_never_add_and_never_pass_their_caps(gross: Money, given_: dict[str, Money], cap: Decimal) -> None:
    """Net sales lie between nothing and gross, and three kinds at most take three caps."""
    net = royalties.net_of(gross, given_, dict.fromkeys(("freight", "returns"), cap))
    assert max(eur(0), gross - gross * cap - gross * cap) <= net <= gross


@given(sums(), st.integers(1, 60))
def test_shares_of_a_cost_add_up(cost: Money, licensees: int) -> None:
    """To the cent, whoever shares."""
    assert cost == sum(extras.patent_cost_shares(cost, licensees), eur(0))


@given(sums(), st.lists(sums(), min_size=1, max_size=6))
def test_a_prepaid_minimum_is_credited_once_at_most(minimum: Money, quarters: list[Money]) -> None:
    """What comes on top of it is what the year earned above it."""
    earned, charged = eur(0), minimum
    for quarter in quarters:
        earned += quarter
        owed = royalties.owed_for_year(earned, minimum, minimum_charged=True)
        charged += charge(owed, charged).invoiced
    assert charged == max(minimum, earned)


@given(sums(), st.integers(0, 4000), st.integers(0, 4000), st.sampled_from(["simple_yearly", COMPOUND_30_DAYS]))
def test_interest_grows_with_the_days(owed: Money, days: int, more: int, method: str) -> None:
    """Who pays later pays no less, by either way of counting."""
    terms, due = LateInterest(Decimal("0.01"), method), date(2027, 1, 1)
    first = extras.late_interest(owed, terms, due_on=due, paid_on=date.fromordinal(due.toordinal() + days))
    then = extras.late_interest(owed, terms, due_on=due, paid_on=date.fromordinal(due.toordinal() + days + more))
    assert eur(0) <= first <= then
