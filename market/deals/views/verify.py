"""Is this document whole? Anybody may ask, with the file in hand; nothing of it is kept."""

import hashlib
from datetime import timedelta
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts.rules import Permission
from market.deals import seals
from market.deals.forms import VerifyForm
from market.deals.gateway import Sealer, SealFound, SealState
from market.deals.pages.deal import VerifyPage
from market.kit import clock, ratelimit
from market.kit.actor import Actor
from market.kit.errors import Refusal, Refused
from market.kit.files import MAX_FILE, Upload
from market.kit.forms import FormState
from market.kit.i18n import _, format_datetime, translate
from market.kit.runtime import Work
from market.kit.web import page, render, steps

CHECKS, CHECKS_PER = 30, timedelta(minutes=10)

_KNOWN = (
    "good",
    _("This is the sealed agreement, unchanged"),
    _("Every byte is as it was when Ponte sealed it after the last signature."),
)
_SIGNED = (
    "good",
    _("This is the document that was made for signature, unchanged"),
    _("The record of signatures is in the sealed copy, which both sides can download from their deal."),
)
_FOUND: dict[SealState, tuple[str, str, str]] = {
    SealState.WHOLE: (
        "info",
        _("The seal is whole, but we do not know this document"),
        _(
            "It was sealed with our certificate and not changed. No deal here has it: it may come from another database."
        ),
    ),
    SealState.CHANGED: (
        "danger",
        _("This document was changed after it was sealed"),
        _("Do not rely on it. Ask the other side for their copy, or download it again from the deal."),
    ),
    SealState.ADDED: (
        "danger",
        _("Something was added after the seal"),
        _("The sealed part is whole, but the file holds more than was sealed. Download it again from the deal."),
    ),
    SealState.FOREIGN: (
        "info",
        _("The seal is whole, but it is not ours"),
        _("Somebody else sealed this document. Ask them to confirm it."),
    ),
    SealState.NONE: (
        "info",
        _("We do not know this document"),
        _("It has no seal, and no deal here has it. A changed copy of a document looks just like this."),
    ),
    SealState.UNREADABLE: (
        "danger",
        _("This file cannot be read as a PDF"),
        _("It is damaged, or it is something else. Take the PDF as you downloaded it."),
    ),
}


@page(permission=Permission.PUBLIC)
def verify(request: Request, _db: Session, _actor: Actor, form: FormState | None = None) -> Response:
    """The form."""
    return render(request, VerifyPage(translate(_("Check a document")), form or FormState()))


@steps(VerifyForm, permission=Permission.PUBLIC, again=verify)
def verify_document(request: Request, work: Work, actor: Actor, form: VerifyForm) -> Response:
    """Look the bytes up, else look at the seal; tell what was found."""
    upload = form.document
    if upload is None or not upload.data:
        raise Refused(Refusal("no_file", _("Choose the PDF that you want to check."), "document"))
    if len(upload.data) > MAX_FILE:
        raise Refused(
            Refusal(
                "too_large",
                _("This file is larger than {limit} MB; our documents are much smaller."),
                "document",
                {"limit": MAX_FILE // 1024 // 1024},
            )
        )
    with work.write() as db:
        key = f"verify:{actor.person_id or actor.address}"
        ratelimit.count(db, key, limit=CHECKS, per=CHECKS_PER, now=clock.now())
    sha256 = hashlib.sha256(upload.data).hexdigest()
    with work.read() as db:
        known = seals.by_bytes(db, sha256)
    found = SealFound(SealState.NONE) if known else work.gateway(Sealer).check(upload.data)
    return render(request, _told(upload, sha256, known, found))


def _told(upload: Upload, sha256: str, known: Any | None, found: SealFound) -> VerifyPage:
    if known is None:
        kind, heading, verdict = _FOUND[found.state]
        facts = [(_("Sealed by"), found.by), (_("Sealed on"), format_datetime(found.at) if found.at else "")]
    else:
        sealed = known.sealed_sha256 == sha256
        kind, heading, verdict = _KNOWN if sealed else _SIGNED
        facts = [
            (_("Document"), f"{known.data['kind']}, {known.data['reference']}"),
            (_("Between"), " – ".join(party["name"] for party in known.data["parties"])),
            (_("Sealed on"), format_datetime(known.sealed_at) if known.sealed_at else ""),
        ]
    return VerifyPage(
        title=translate(_("Check a document")),
        form=FormState(),
        kind=kind,
        heading=translate(heading),
        verdict=translate(verdict),
        name=upload.filename[:120],
        sha256=sha256,
        facts=tuple((translate(label), value) for label, value in facts if value),
    )
