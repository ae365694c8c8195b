"""What a licence costs over the years: the rule, and the page that draws it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.deals.rules import costs
from market.deals.rules.terms import Basis, Royalty, Term, TermKind, Tier
from market.kit.money import Money
from tests.deals.sheets import PLAIN, TODAY, eur, sheets

STEADY = Decimal(0)


def test_the_upfront_fee_is_in_the_first_year_and_the_minimum_from_its_year_on() -> None:
    """Sales of 100,000 at 4 %: 4,000 a year; from the third year on 1,000 more, up to the minimum of 5,000."""
    years = costs.outlook(PLAIN, eur(100_000), STEADY, 5)

    assert [eur(15_000), eur(0), eur(0), eur(0), eur(0)] == [year.fees for year in years]
    assert [eur(4_000)] * 5 == [year.royalty for year in years]
    assert [eur(0), eur(0), eur(1_000), eur(1_000), eur(1_000)] == [year.top_up for year in years]
    assert (eur(19_000), eur(38_000)) == (costs.running_total(years)[0], costs.running_total(years)[-1])


def test_growth_is_compounded() -> None:
    """Ten per cent a year on 100,000."""
    years = costs.outlook(PLAIN, eur(100_000), Decimal("0.1"), 3)

    assert [eur(100_000), eur(110_000), eur(121_000)] == [year.sales for year in years]


def test_tiers_over_the_life_of_the_licence_do_not_begin_anew_each_year() -> None:
    """4 % on the first 150,000 of all sales, 2 % above: the second year is half dear, half cheap."""
    tiers = (Tier(0, Decimal("0.04")), Tier(15_000_000, Decimal("0.02")))
    sheet = replace(PLAIN, royalty=Royalty(tiers, Basis.LIFETIME), minimum=None)
    years = costs.outlook(sheet, eur(100_000), STEADY, 3)

    assert [eur(4_000), eur(3_000), eur(2_000)] == [year.royalty for year in years]


@pytest.mark.parametrize(
    ("term", "years"),
    [
        (Term(TermKind.YEARS, years=5), 5),
        (Term(TermKind.YEARS, years=99), costs.LONGEST),
        (Term(TermKind.UNTIL, until=date(2030, 1, 1)), 3),
        (Term(TermKind.UNTIL, until=date(2027, 12, 31)), 1),
        (Term(TermKind.LAST_PATENT), costs.WITHOUT_END),
    ],
)
def test_the_picture_is_as_long_as_the_licence(term: Term, years: int) -> None:
    """A number of years, until a date, or ten years where the last patent decides; never more than twenty."""
    assert years == costs.years_of(replace(PLAIN, term=term), TODAY)


@given(sheets(), st.integers(0, 10**10), st.integers(-90, 300))
def test_every_year_adds_up_and_the_total_never_falls(sheet: costs.TermSheet, sales: int, growth: int) -> None:
    """For any valid terms: no negative amount, each year is the sum of its parts, the running total rises."""
    years = costs.outlook(sheet, Money(sales, sheet.currency), Decimal(growth) / 100, 8)
    totals = costs.running_total(years)

    assert all(part.minor >= 0 for year in years for part in (year.sales, year.fees, year.royalty, year.top_up))
    assert sum(year.cost.minor for year in years) == totals[-1].minor
    assert sorted(totals) == list(totals)
