"""Argon2id at the cost that OWASP recommends as a minimum (19 MiB, 2 passes, 1 lane): some 22 ms a check."""

import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
# The hash of nothing anybody knows: an unknown address costs as long to check as a known one.
_DUMMY = _hasher.hash(secrets.token_urlsafe(24))
UNUSABLE = ""
"""Kept in place of a hash for people who cannot sign in by password."""
MAX_BYTES = 1024


def hashed(password: str) -> str:
    """Hash a password for keeping; NFKC, so that it may be typed on any keyboard."""
    return _hasher.hash(unicodedata.normalize("NFKC", password))


def matches(known_hash: str | None, password: str) -> bool:
    """Whether `password` is the one hashed; takes as long for None or UNUSABLE, and cuts overlong input short."""
    if len(password) > MAX_BYTES:
        password, known_hash = "", UNUSABLE
    try:
        return _hasher.verify(known_hash or _DUMMY, unicodedata.normalize("NFKC", password)) and bool(known_hash)
    except (VerificationError, InvalidHashError):
        return False
