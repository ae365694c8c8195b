"""Identifiers: ULIDs, 26 lower-case characters that sort by the time they were made."""

import secrets
import threading
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 26
_turn = threading.Lock()
_last = 0


def encode(number: int) -> str:
    """Write a 128-bit number as 26 characters of Crockford's base 32."""
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -5, -5))


def new_id() -> str:
    """Give a new identifier: 48 bits of milliseconds since 1970, then 80 random bits.

    Those that a process makes in one millisecond follow each other too, in steps of up to 64 random bits: lists in the
    order of their ids are lists in the order of what happened.
    """
    global _last  # noqa: PLW0603 - one counter for the whole process, behind the lock
    with _turn:
        fresh = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
        _last = fresh if fresh >> 80 > _last >> 80 else _last + 1 + secrets.randbits(64)
        return encode(_last)
