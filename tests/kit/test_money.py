"""Money in currencies of none, two and three decimals: nothing is lost, nothing is made."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.kit.money import MAX_MINOR, CurrencyMismatch, Money, minor_digits, round_half_up, split, split_by

DIGITS = {"JPY": 0, "KRW": 0, "EUR": 2, "USD": 2, "CHF": 2, "KWD": 3, "TND": 3}
currencies = st.sampled_from(sorted(DIGITS))
minors = st.integers(-MAX_MINOR, MAX_MINOR)
moneys = st.builds(Money, minors, currencies)


@pytest.mark.parametrize(("currency", "digits"), DIGITS.items())
def test_every_currency_has_its_own_cents(currency, digits):
    """Yen have none, euros two, Kuwaiti dinars three."""
    assert digits == minor_digits(currency)
    assert Money(10**digits, currency) == Money.of(1, currency)


@pytest.mark.parametrize("code", ["", "EURO", "eur", "XYZ1", "€"])
def test_what_is_no_currency_is_refused(code):
    """A code that ISO 4217 does not know never becomes money."""
    with pytest.raises(ValueError, match="ISO 4217"):
        Money(1, code)


@pytest.mark.parametrize("minor", [1.0, True, "1", Decimal(1), None])
def test_money_counts_in_whole_minor_units(minor):
    """A fraction of a cent cannot even be written down."""
    with pytest.raises(TypeError):
        Money(minor, "EUR")


@given(money=moneys)
def test_what_a_field_shows_is_read_back_as_it_was(money):
    """Opening and saving a form changes no amount, in any currency."""
    assert money == Money.parse(money.plain, money.currency)
    assert money == Money.of(money.decimal, money.currency)


@given(amount=st.decimals(-(10**6), 10**6, places=6), currency=currencies)
def test_rounding_goes_to_the_nearest_and_halves_away_from_nothing(amount, currency):
    """No rounding moves an amount by more than half a minor unit; the sign makes no difference."""
    money = Money.of(amount, currency)
    assert abs(money.decimal - amount) * 2 <= Decimal(1).scaleb(-DIGITS[currency])
    assert -money == Money.of(-amount, currency)


@pytest.mark.parametrize(("value", "rounded"), [("0.5", 1), ("1.5", 2), ("2.5", 3), ("-0.5", -1), ("2.4999", 2)])
def test_halves_are_rounded_up_as_in_school(value, rounded):
    """Not to the even neighbour, as machines like to do."""
    assert rounded == round_half_up(Decimal(value))


@given(money=moneys, weights=st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any))
def test_parts_always_add_up_to_the_whole(money, weights):
    """However a sum is shared, not a cent is lost; nobody is more than one minor unit off their exact share."""
    parts = split_by(money, weights)
    assert money.minor == sum(part.minor for part in parts)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.minor * sum(weights) - money.minor * weight) < sum(weights)
        assert part.minor == 0 or (part.minor < 0) == (money.minor < 0)


@given(money=moneys, number=st.integers(1, 50))
def test_equal_parts_differ_by_one_at_most(money, number):
    """Instalments are as equal as can be."""
    minors = [part.minor for part in split(money, number)]
    assert (money.minor, number) == (sum(minors), len(minors))
    assert max(minors) - min(minors) <= 1


@pytest.mark.parametrize(
    ("minor", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (100, [50, 30, 21], [49, 30, 21]),
        (1, [0, 1], [0, 1]),
        (5, [3, 3, 1], [2, 2, 1]),
    ],
)
def test_the_largest_remainder_gets_the_odd_cent(minor, weights, parts):
    """Whose share was cut the most gets the cent that is left; of equals, the first."""
    assert parts == [part.minor for part in split_by(Money(minor, "EUR"), weights)]


@pytest.mark.parametrize("weights", [[0, 0], [1, -1], [2, -1]])
def test_shares_that_make_no_sense_are_refused(weights):
    """Nothing is shared by nothing, and nobody has a negative share."""
    with pytest.raises(ValueError, match="weights"):
        split_by(Money(100, "EUR"), weights)


@pytest.mark.parametrize(
    "sum_up", [lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a < b, lambda a, b: a >= b], ids="+-<≥"
)
def test_two_currencies_never_meet_in_one_sum(sum_up):
    """Euros and yen do not add up, and cannot be compared."""
    with pytest.raises(CurrencyMismatch):
        sum_up(Money(1, "EUR"), Money(1, "JPY"))


@given(a=minors, b=minors, currency=currencies)
def test_sums_are_sums_of_whole_units(a, b, currency):
    """Adding and taking away come back to where they began."""
    one, other = Money(a, currency), Money(b, currency)
    assert one == one + other - other
    assert (a < b) == (one < other)
    assert bool(a) == bool(one)


@given(money=moneys, rate=st.decimals(0, 1, places=6))
def test_a_rate_is_rounded_once(money, rate):
    """3.5% of an amount is the exact amount, rounded to the nearest minor unit."""
    assert abs(Decimal((money * rate).minor) - money.minor * rate) <= Decimal("0.5")
    assert money * rate == rate * money


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("1,250.00", "EUR", 125000),
        ("1.250,00", "EUR", 125000),
        ("1 250", "EUR", 125000),
        ("1'250.50", "CHF", 125050),
        ("1\u202f250,5", "EUR", 125050),
        ("12,5", "EUR", 1250),
        ("1.250", "EUR", 125000),
        ("1.250", "KWD", 1250),
        ("1,250", "JPY", 1250),
        ("-3.00", "EUR", -300),
        (" 7 ", "EUR", 700),
    ],
)
def test_amounts_are_read_as_people_write_them(typed, currency, minor):
    """With points, commas, spaces or apostrophes, as it is done at home."""
    assert Money(minor, currency) == Money.parse(typed, currency)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "abc",
        "1.234.56",
        "12.345,6,7",
        "1e5",
        "NaN",
        "Infinity",
        "0x10",
        "1.0011",
        "1,234,56",
        "1,234.567,89",
        "10 000 000 001,00",
        "½",
        "１２,３4,5",
    ],
)
def test_what_is_no_amount_is_refused(typed):
    """Nothing is guessed: not more decimals than the currency has, not more than we take."""
    with pytest.raises(ValueError):
        Money.parse(typed, "EUR")


@pytest.mark.parametrize("typed", ["1.5", "0,01"])
def test_yen_have_no_decimals(typed):
    """A tenth of a yen is not money."""
    with pytest.raises(ValueError, match="decimals"):
        Money.parse(typed, "JPY")


@given(typed=st.text(max_size=30), currency=currencies)
def test_whatever_is_typed_is_an_amount_or_a_refusal(typed, currency):
    """No text that anybody can type ends in an error of ours."""
    try:
        money = Money.parse(typed, currency)
    except ValueError:
        return
    assert abs(money.minor) <= MAX_MINOR
