"""Against forged requests: a masked token in each form, and the browser's own word on where a request comes from."""

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from starlette.requests import Request

FIELD = "csrf_token"
_LENGTH = 16


def _expected(secret: str, bound_to: str) -> bytes:
    return hmac.new(secret.encode(), b"csrf:" + bound_to.encode(), hashlib.sha256).digest()[:_LENGTH]


def token(secret: str, bound_to: str) -> str:
    """A token for the session (or visitor cookie) `bound_to`; masked anew each time, so that compression leaks nothing."""
    mask = secrets.token_bytes(_LENGTH)
    masked = bytes(a ^ b for a, b in zip(mask, _expected(secret, bound_to), strict=True))
    return (mask + masked).hex()


def valid(secret: str, bound_to: str, given: str) -> bool:
    """Whether `given` was made for `bound_to`."""
    try:
        raw = bytes.fromhex(given)
    except ValueError:
        return False
    if len(raw) != 2 * _LENGTH or not bound_to:
        return False
    plain = bytes(a ^ b for a, b in zip(raw[:_LENGTH], raw[_LENGTH:], strict=True))
    return hmac.compare_digest(plain, _expected(secret, bound_to))


def same_origin(request: Request) -> bool:
    """Whether the browser says that the request comes from a page of ours; one that says nothing is not believed."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is not None and origin != "null" and urlsplit(origin).netloc == request.headers.get("host", "")
