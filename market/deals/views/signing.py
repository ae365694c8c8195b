"""The agreement: made, shown, downloaded, signed or not."""

import logging

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts.rules import Permission
from market.deals import policy, queries, seals
from market.deals.forms import ReasonForm, SignForm
from market.deals.gateway import Typesetter
from market.deals.pages.deal import AgreementPage, ReasonPage
from market.deals.queries import DealRow, DocumentRow
from market.deals.rules.signing import CONSENT
from market.deals.service import sign as signing
from market.deals.service import typeset
from market.kit import clock
from market.kit.actor import Actor
from market.kit.downloads import download
from market.kit.errors import NotFound, Refusal, Stale
from market.kit.files import FileStore, stored
from market.kit.forms import FormState, NoForm
from market.kit.i18n import _, translate
from market.kit.runtime import Work, gateway, runtime
from market.kit.web import action, page, redirect, render, steps

log = logging.getLogger("market.deals")

SAMPLE_NOTE = "Sample world: fictional, without legal effect"
SANDBOX_NOTE = "Test mode: without legal effect"


@steps(NoForm, permission=Permission.NEGOTIATE)
def send_for_signature(request: Request, work: Work, actor: Actor, form: NoForm) -> Response:
    """Fix the document, then make its bytes at once; should that fail, the job of the same name does it."""
    del form
    note = note_of(request)
    with work.write() as db:
        deal = signing.send_for_signature(db, actor, request.path_params["deal"], now=clock.now(), note=note)
        document = queries.current_document(db, deal.id)
    if document is not None:
        typeset_now(work, document.id)
    told = _("The agreement is made. The company signs first; we have written to its signatories.")
    return redirect(request, "deals:show_deal", deal=deal.id, flash=told)


def note_of(request: Request) -> str:
    """What is printed on every page of a document where nothing is real."""
    run = runtime(request)
    return SAMPLE_NOTE if run.sample_world else SANDBOX_NOTE if run.sandbox else ""


def typeset_now(work: Work, document_id: str) -> None:
    """Make the bytes of a document at once; should that fail, its job does it."""
    try:
        typeset.make_document(work, work.gateway(Typesetter), work.gateway(FileStore), document_id, now=clock.now())
    except Exception:  # the intent is committed: the job makes it, and tells the operator if it cannot
        log.exception("document %s was not typeset at once", document_id)


@page(permission=Permission.SEE_DEALS)
def show_agreement(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """The document, who has signed it, and the form to sign."""
    deal = queries.deal(db, actor, request.path_params["deal"])
    document = queries.current_document(db, deal.id)
    if document is None:
        raise NotFound
    licence = queries.licence(db, deal.id)
    return render(
        request,
        AgreementPage(
            title=translate(_("The agreement")),
            deal=deal,
            document=document,
            parties=signed_by(deal, document),
            my_turn=deal.state == "signing" and document.ready and document.signing.next_side == deal.side,
            may_sign=policy.may(actor, "sign"),
            consent=translate(CONSENT),
            form=form or FormState(),
            licence_number=licence.number if licence else "",
            sealed=seals.sealed(db, document.id) is not None,
        ),
    )


def signed_by(deal: DealRow, document: DocumentRow) -> list[tuple[str, str, object | None]]:
    """For each side in the signing order: what it is, its name, its signature or None."""
    given = {each.side: each for each in document.signatures}
    names = {
        "licensor": (translate(_("Institution")), deal.licensor),
        "licensee": (translate(_("Company")), deal.licensee),
    }
    return [(*names[side], given.get(side)) for side in document.signing_order]


@page(permission=Permission.SEE_DEALS)
def download_agreement(request: Request, db: Session, actor: Actor) -> Response:
    """The PDF, for the parties only."""
    deal = queries.deal(db, actor, request.path_params["deal"])
    wanted = request.path_params["document"]
    document = next((each for each in queries.documents(db, deal.id, "") if each.id == wanted), None)
    if document is None or document.file_id is None:
        raise NotFound
    return download(gateway(request, FileStore), stored(db, document.file_id), inline=True)


@page(permission=Permission.SEE_DEALS)
def download_sealed(request: Request, db: Session, actor: Actor) -> Response:
    """The signed document with the record of its signatures, under our seal; for the parties only."""
    deal = queries.deal(db, actor, request.path_params["deal"])
    wanted = request.path_params["document"]
    if wanted not in {each.id for each in queries.documents(db, deal.id)}:
        raise NotFound
    sealed = seals.sealed(db, wanted)
    if sealed is None:
        raise Stale(
            Refusal("not_sealed", _("The sealed copy is made after the last signature. Try again in a minute."))
        )
    return download(gateway(request, FileStore), stored(db, sealed.file_id), inline=True)


@action(SignForm, permission=Permission.SIGN, again=show_agreement)
def sign_agreement(request: Request, db: Session, actor: Actor, form: SignForm) -> Response:
    """Sign the document on the screen."""
    deal = signing.sign(db, actor, request.path_params["deal"], form, now=clock.now())
    told = _("Signed. The other side signs next.") if deal.state == "signing" else _("Signed by both sides.")
    return redirect(request, "deals:show_deal", deal=deal.id, flash=told)


@page(permission=Permission.SIGN)
def ask_refusal(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """Ask why the agreement is not signed."""
    deal = queries.deal(db, actor, request.path_params["deal"])
    return render(
        request,
        ReasonPage(
            title=translate(_("Do not sign")),
            lead=translate(_("{them} reads why. You are back at the agreed terms then."), them=deal.other_side),
            deal=deal,
            action="deals:refuse_signature",
            button=translate(_("Do not sign")),
            form=form or FormState(),
            reasons=[],
        ),
    )


@action(ReasonForm, permission=Permission.SIGN, again=ask_refusal)
def refuse_signature(request: Request, db: Session, actor: Actor, form: ReasonForm) -> Response:
    """Do not sign, with a reason."""
    deal = signing.refuse_signature(db, actor, request.path_params["deal"], form.reason, now=clock.now())
    return redirect(request, "deals:show_deal", deal=deal.id, flash=_("You did not sign. The other side was told."))
