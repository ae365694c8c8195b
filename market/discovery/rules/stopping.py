"""The link in a mail by which its reader gets no more of them, without signing in: a person and a seal."""

import base64
import hashlib
import hmac


def stop_token(secret: str, person_id: str) -> str:
    """What stands in the address: whose mails, and that we have said so. It holds as long as the secret does."""
    return f"{person_id}.{_seal(secret, person_id)}"


def person_to_stop(secret: str, token: str) -> str | None:
    """Whose mails the token stops; None for one that is not ours."""
    person_id, _dot, seal = token.partition(".")
    wanted = _seal(secret, person_id)
    return person_id if hmac.compare_digest(seal.encode(), wanted.encode()) else None


def _seal(secret: str, person_id: str) -> str:
    digest = hmac.new(secret.encode(), b"stop alerts:" + person_id.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:18]).decode()
