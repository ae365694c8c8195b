"""Identifiers: ULIDs, 26 lower-case characters that sort by the time they were made."""

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 26


def encode(number: int) -> str:
    """Write a 128-bit number as 26 characters of Crockford's base 32."""
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -5, -5))


def new_id() -> str:
    """Give a new identifier: 48 bits of milliseconds since 1970, then 80 random bits."""
    return encode((time.time_ns() // 1_000_000) << 80 | secrets.randbits(80))
