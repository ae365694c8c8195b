"""The non-disclosure agreement: proposed, read, signed, taken back, used again."""

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts.rules import Permission
from market.deals import policy, queries
from market.deals.forms import NdaForm, SignForm
from market.deals.pages.nda import NdaFormPage, NdaPage
from market.deals.process import LICENCE
from market.deals.queries import DealRow
from market.deals.rules import nda as rules
from market.deals.rules.signing import CONSENT
from market.deals.service import nda
from market.deals.standing import signed_nda, standing_nda
from market.deals.views.signing import note_of, signed_by, typeset_now
from market.kit import clock
from market.kit.actor import Actor
from market.kit.errors import NotFound, Refusal, refuse
from market.kit.forms import FormState, NoForm
from market.kit.i18n import _, translate
from market.kit.runtime import Work
from market.kit.web import action, page, redirect, render, steps


@page(permission=Permission.NEGOTIATE)
def write_nda(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """The form of a proposal, and what the two organisations have signed before."""
    deal = queries.deal(db, actor, request.path_params["deal"])
    policy.require(actor, "propose_nda", deal)
    _open(deal)
    start = {"discloser": "mutual", "months": "24", "purpose": _purpose(deal)}
    return render(
        request,
        NdaFormPage(
            title=translate(_("Propose a non-disclosure agreement")),
            deal=deal,
            standing=standing_nda(db, deal.licensor_id, deal.licensee_id, today=clock.now().date()),
            sides=_sides(deal),
            form=form or FormState(start),
        ),
    )


def _open(deal: DealRow) -> None:
    if not any(row.name == "propose_nda" for row in LICENCE.possible(deal.state, deal.side)):
        refuse(
            Refusal(
                "not_in_this_state",
                _(
                    "A non-disclosure agreement can be proposed while you are in conversation, before there is an offer."
                ),
            )
        )


def _purpose(deal: DealRow) -> str:
    text = translate(_("To find out whether {licensee} takes a licence of “{title}” for: {field}"))
    return text.format(licensee=deal.licensee, title=deal.title, field=deal.field_of_use)[:1000]


def _sides(deal: DealRow) -> list[tuple[str, str]]:
    return [
        ("mutual", translate(_("Both sides show secrets to each other"))),
        ("licensor", translate(_("Only {name} shows secrets"), name=deal.licensor)),
        ("licensee", translate(_("Only {name} shows secrets"), name=deal.licensee)),
    ]


@steps(NdaForm, permission=Permission.NEGOTIATE, again=write_nda)
def propose_nda(request: Request, work: Work, actor: Actor, form: NdaForm) -> Response:
    """Fix the text, then make its bytes at once; should that fail, the job does it."""
    with work.write() as db:
        deal = nda.propose(db, actor, request.path_params["deal"], form, now=clock.now(), note=note_of(request))
        document = queries.current_document(db, deal.id, "nda")
    if document is not None:
        typeset_now(work, document.id)
    told = _("Proposed. Your side signs first, then the other side.")
    return redirect(request, "deals:show_nda", deal=deal.id, flash=told)


@page(permission=Permission.SEE_DEALS)
def show_nda(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """The agreement, who has signed it, and the form to sign."""
    deal = queries.deal(db, actor, request.path_params["deal"])
    document = queries.current_document(db, deal.id, "nda")
    signed = signed_nda(db, deal.nda_document_id)
    if document is None and signed is None:
        raise NotFound
    pending = document is not None and deal.state == "nda_pending"
    return render(
        request,
        NdaPage(
            title=translate(_("Non-disclosure agreement")),
            deal=deal,
            document=document,
            signed=signed,
            running=rules.in_force(deal.nda_ends_on, clock.now().date()),
            parties=signed_by(deal, document) if document else [],
            my_turn=pending and document is not None and document.ready and document.signing.next_side == deal.side,
            may_sign=policy.may(actor, "sign_nda"),
            consent=translate(CONSENT),
            form=form or FormState(),
        ),
    )


@action(SignForm, permission=Permission.SIGN, again=show_nda)
def sign_nda(request: Request, db: Session, actor: Actor, form: SignForm) -> Response:
    """Sign the agreement on the screen."""
    deal = nda.sign_nda(db, actor, request.path_params["deal"], form, now=clock.now())
    waits = deal.state == "nda_pending"
    told = _("Signed. The other side signs next.") if waits else _("Signed by both sides. The data room is open.")
    return redirect(request, "deals:show_deal", deal=deal.id, flash=told)


@action(NoForm, permission=Permission.NEGOTIATE, again=write_nda)
def use_standing_nda(request: Request, db: Session, actor: Actor, form: NoForm) -> Response:
    """Go on under what the two have signed in another deal."""
    del form
    deal = nda.use_standing(db, actor, request.path_params["deal"], now=clock.now())
    told = _("Done. The non-disclosure agreement holds for this deal too.")
    return redirect(request, "deals:show_deal", deal=deal.id, flash=told)


@action(NoForm, permission=Permission.NEGOTIATE)
def withdraw_nda(request: Request, db: Session, actor: Actor, form: NoForm) -> Response:
    """Go on without it."""
    del form
    deal = nda.withdraw(db, actor, request.path_params["deal"], now=clock.now())
    told = _("Taken back. You are in conversation as before; the other side was told.")
    return redirect(request, "deals:show_deal", deal=deal.id, flash=told)
