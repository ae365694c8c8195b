"""The record of signatures that is put behind a signed document: who signed what, when, and from where."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from market.deals.rules.agreement import LANGUAGE
from market.kit import i18n

TEMPLATE = "certificate-1"


@dataclass(frozen=True)
class Signed:
    """One signature: the side's role and organisation, the person, and what was recorded of the act. `at` in UTC."""

    role: str
    organisation: str
    person: str
    typed_name: str
    consent: str
    at: datetime
    address: str
    session: str


def certificate(
    document: dict[str, Any], sha256: str, signatures: tuple[Signed, ...], *, verify_at: str
) -> dict[str, Any]:
    """The sheet as JSON for the typesetter. `document` is the signed document's own data, `sha256` its fingerprint,
    `verify_at` the address of the page where anyone can check it."""
    with i18n.speaking(LANGUAGE):
        return {
            "template": TEMPLATE,
            "kind": document["kind"],
            "reference": document["reference"],
            "title": document["title"],
            "dated": document["dated"],
            "note": document["note"],
            "terms_sha256": document["digest"],
            "sha256": sha256,
            "verify_at": verify_at,
            "signatures": [_signature(each) for each in signatures],
        }


def _signature(signed: Signed) -> dict[str, str]:
    return {
        "role": signed.role,
        "organisation": signed.organisation,
        "person": signed.person,
        "typed_name": signed.typed_name,
        "consent": i18n.translate(signed.consent),
        "at": f"{signed.at:%Y-%m-%d %H:%M:%S} UTC",
        "address": signed.address or "not known",
        "session": signed.session[:12],
    }
