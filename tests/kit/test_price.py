"""Prices as people compare them."""

import pytest

from market.kit import i18n
from market.kit.money import Money


@pytest.mark.parametrize(
    ("language", "amount", "currency", "said"),
    [
        ("en", "18000", "EUR", "€18,000"),
        ("en", "18000.50", "EUR", "€18,000.50"),
        ("de", "18000", "EUR", "18.000\xa0€"),
        ("en", "150000", "JPY", "JP¥150,000"),
        ("en", "5", "KWD", "KWD5"),
    ],
)
def test_whole_prices_lose_their_zeros(language: str, amount: str, currency: str, said: str) -> None:
    """A price of 18,000 euros is not written to the cent; one with cents keeps them."""
    with i18n.speaking(language):
        assert said == i18n.format_price(Money.of(amount, currency))
