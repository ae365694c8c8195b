"""The arithmetic of royalties: the worked examples, and what must hold for any terms."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from market.kit.money import Money
from market.payments.rules.royalties import earned, true_up

M = 100  # minor units of a euro
TIERS = [(0, Decimal("0.04")), (1_000_000 * M, Decimal("0.03")), (5_000_000 * M, Decimal("0.02"))]


def eur(amount: str | int) -> Money:
    return Money.of(amount, "EUR")


@st.composite
def scales(draw: st.DrawFn) -> list[tuple[int, Decimal]]:
    """Valid tiers: the first from 0, bounds rising, rates below 1 with at most six places."""
    bounds = sorted(draw(st.sets(st.integers(1, 10**9), max_size=4)))
    rates = st.integers(0, 999_999).map(lambda n: Decimal(n).scaleb(-6))
    return [(over, draw(rates)) for over in (0, *bounds)]


def sums() -> st.SearchStrategy[Money]:
    return st.integers(0, 10**10).map(lambda minor: Money(minor, "EUR"))


def test_each_quarter_pays_the_tier_it_reaches() -> None:
    """4 % to a million, 3 % to five, 2 % above: the year's four quarters of the plan's example."""
    sales = [eur(600_000), eur(700_000), eur(4_000_000), eur(0)]
    paid, before = [], eur(0)
    for quarter in sales:
        paid.append(earned(TIERS, quarter, before))
        before += quarter

    assert [eur(24_000), eur(25_000), eur(117_000), eur(0)] == paid
    assert eur(166_000) == earned(TIERS, before)


def test_a_yearly_minimum_is_filled_up_at_the_end_of_the_year() -> None:
    """Minimum 20,000, earned 12,000: 8,000 follow; earned more: nothing."""
    assert eur(8_000) == true_up(eur(20_000), eur(12_000))
    assert eur(0) == true_up(eur(20_000), eur(25_000))


def test_halves_of_a_cent_are_rounded_up() -> None:
    """0.50 at 1 % is half a cent, and counts as one."""
    assert eur("0.01") == earned([(0, Decimal("0.01"))], eur("0.50"))


def test_yen_have_no_cents_and_dinars_have_three_digits() -> None:
    """The same rate in currencies of no and of three decimals."""
    assert Money(4, "JPY") == earned([(0, Decimal("0.04"))], Money(100, "JPY"))
    assert Money.of("0.040", "KWD") == earned([(0, Decimal("0.04"))], Money.of(1, "KWD"))


@given(scales(), sums(), sums())
def test_more_sales_never_earn_less(scale: list[tuple[int, Decimal]], one: Money, other: Money) -> None:
    """Who sells more owes at least as much."""
    fewer, more = sorted((one, other))

    assert earned(scale, fewer) <= earned(scale, more)


@given(scales(), st.lists(sums(), min_size=1, max_size=6))
def test_splitting_a_period_changes_nothing_but_the_rounding(
    scale: list[tuple[int, Decimal]], parts: list[Money]
) -> None:
    """However a year is cut into periods, the sum is that of the year, within half a cent for each line."""
    before, by_parts = eur(0), 0
    for part in parts:
        by_parts += earned(scale, part, before).minor
        before += part

    assert abs(by_parts - earned(scale, before).minor) <= (len(parts) + 1) / 2


@given(scales(), sums())
def test_a_royalty_is_never_more_than_the_sales(scale: list[tuple[int, Decimal]], sales: Money) -> None:
    """Rates lie below one."""
    assert eur(0) <= earned(scale, sales) <= sales


@given(sums(), sums())
def test_royalty_and_true_up_reach_the_minimum_exactly_or_pass_it(minimum: Money, royalties: Money) -> None:
    """Both together are the larger of the two."""
    assert max(minimum, royalties) == royalties + true_up(minimum, royalties)
