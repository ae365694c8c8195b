"""What a card rail takes: the size of an amount, and how each currency is written on Stripe's wire.

Source: Stripe, "Supported currencies" (zero-decimal, three-decimal and special cases), API 2026-10-28.
"""

from market.kit.errors import Refusal
from market.kit.i18n import _
from market.kit.money import Money, minor_digits

# At most eight digits in the smallest unit that Stripe counts.
LARGEST_ON_WIRE = 99_999_999

ZERO_DECIMAL = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF")
)
THREE_DECIMAL = frozenset(("BHD", "JOD", "KWD", "OMR", "TND"))


def wire_digits(currency: str) -> int:
    """How many decimals Stripe gives the currency; two for ISK and UGX, although they have no smaller coin."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def to_wire(amount: Money) -> int:
    """`amount` as the integer that Stripe wants; ValueError when it cannot be written without loss."""
    shift = wire_digits(amount.currency) - minor_digits(amount.currency)
    if shift >= 0:
        return amount.minor * int(10**shift)
    whole, rest = divmod(amount.minor, int(10**-shift))
    if rest:
        raise ValueError(f"{amount.plain} {amount.currency} has more decimals than the card rail takes")
    return whole


def from_wire(number: int, currency: str) -> Money:
    """Stripe's integer as money of the ISO 4217 code `currency`; ValueError when it cannot be read without loss."""
    currency = currency.upper()
    shift = wire_digits(currency) - minor_digits(currency)
    if shift <= 0:
        return Money(number * int(10**-shift), currency)
    whole, rest = divmod(number, int(10**shift))
    if rest:
        raise ValueError(f"{number} is no whole amount of {currency}")
    return Money(whole, currency)


def payable_by_card(amount: Money) -> Refusal | None:
    """Say why `amount` cannot be paid on the card rail, or None."""
    if amount.minor <= 0:
        return Refusal("nothing_due", _("Nothing is due on this invoice."))
    try:
        number = to_wire(amount)
    except ValueError:
        return Refusal("too_fine", _("This amount has too many decimals for a card payment. Pay by bank transfer."))
    if number > LARGEST_ON_WIRE:
        return Refusal("too_large_for_card", _("This amount is too large for a card payment. Pay by bank transfer."))
    if amount.currency in THREE_DECIMAL and number % 10:
        return Refusal(
            "last_digit",
            _("Card payments in {currency} must end in 0. Pay by bank transfer."),
            params={"currency": amount.currency},
        )
    return None
