"""The few cookies we set: the session, a visitor's mark for form tokens, a sentence to show once, the language, and what
a visitor has put aside."""

import base64
import hashlib
import hmac
import json
import secrets
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from market.kit import csrf, i18n

if TYPE_CHECKING:
    from market.kit.runtime import Runtime

FLASH = "ponte_flash"
VISITOR = "ponte_visitor"
LOCALE = "ponte_locale"
MARKS = "ponte_marks"
MOST_MARKS = 100
KEEP_MARKS = 180 * 24 * 3600


def session_cookie(https: bool) -> str:
    """The session cookie's name; under https the browser itself guarantees where it comes from."""
    return "__Host-ponte_session" if https else "ponte_session"


def set_session(response: Response, run: "Runtime", token: str, seconds: int) -> None:
    """Give the browser a session's token."""
    response.set_cookie(
        session_cookie(run.https), token, max_age=seconds, path="/", secure=run.https, httponly=True, samesite="lax"
    )


def clear_session(response: Response, run: "Runtime") -> None:
    """Take the session's token away."""
    response.delete_cookie(session_cookie(run.https), path="/", secure=run.https, httponly=True, samesite="lax")


def is_bare(request: Request) -> bool:
    """Whether the request carries nothing personal: no session, no sentence to show, nothing put aside."""
    return not any(name in (FLASH, MARKS) or name.endswith("ponte_session") for name in request.cookies)


def has_session(request: Request) -> bool:
    """Whether the request carries a session, living or not."""
    return any(name.endswith("ponte_session") for name in request.cookies)


def bound_to(request: Request) -> str:
    """What form tokens of this browser are bound to: its session, else its visitor mark."""
    for name in ("__Host-ponte_session", "ponte_session"):
        if request.cookies.get(name):
            return hashlib.sha256(request.cookies[name].encode()).hexdigest()
    return request.cookies.get(VISITOR, "")


def form_token(request: Request, secret: str) -> str:
    """A form token for the page being rendered; a new visitor is marked."""
    mark = bound_to(request) or getattr(request.state, "new_visitor", "")
    if not mark:
        mark = request.state.new_visitor = secrets.token_urlsafe(18)
    return csrf.token(secret, mark)


def set_visitor(response: Response, run: "Runtime", mark: str) -> None:
    """Mark a visitor for the length of the browser's session."""
    response.set_cookie(VISITOR, mark, path="/", secure=run.https, httponly=True, samesite="lax")


def locale_of(request: Request) -> str:
    """The language a visitor chose, else the one the browser asks for."""
    chosen = request.cookies.get(LOCALE, "")
    if chosen in i18n.available() or chosen == i18n.PSEUDO:
        return chosen
    return i18n.negotiate(request.headers.get("accept-language", ""))


def set_flash(response: Response, run: "Runtime", kind: str, text: str) -> None:
    """Have a sentence shown on the next page."""
    body = base64.urlsafe_b64encode(json.dumps([kind, text[:1500]]).encode())
    value = body.decode() + "." + _seal(run.secret, body)
    response.set_cookie(FLASH, value, max_age=60, path="/", secure=run.https, httponly=True, samesite="lax")


def flashes(request: Request, secret: str) -> list[tuple[str, str]]:
    """The sentence that the page before left, if it is ours."""
    value = request.cookies.get(FLASH, "")
    body, _dot, seal = value.partition(".")
    if not seal or not hmac.compare_digest(seal, _seal(secret, body.encode())):
        return []
    try:
        kind, text = _loads(body)
    except ValueError:
        return []
    return [(str(kind), str(text))]


def set_marks(response: Response, run: "Runtime", ids: tuple[str, ...]) -> None:
    """Remember what a visitor has put aside; nothing to remember takes the cookie away."""
    if not ids:
        response.delete_cookie(MARKS, path="/", secure=run.https, httponly=True, samesite="lax")
        return
    body = ".".join(ids[:MOST_MARKS])
    value = f"{body}.{_seal(run.secret, b'marks:' + body.encode())}"
    response.set_cookie(MARKS, value, max_age=KEEP_MARKS, path="/", secure=run.https, httponly=True, samesite="lax")


def marks(request: Request, secret: str) -> tuple[str, ...]:
    """What a visitor has put aside, if the cookie is ours."""
    body, _dot, seal = request.cookies.get(MARKS, "").rpartition(".")
    if not body or not hmac.compare_digest(seal.encode(), _seal(secret, b"marks:" + body.encode()).encode()):
        return ()
    return tuple(dict.fromkeys(body.split(".")))[:MOST_MARKS]


def _loads(body: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(body.encode()))


def _seal(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), b"flash:" + body, hashlib.sha256).hexdigest()[:32]
