"""The operator's side: checking needs before they open."""

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts.rules import Permission
from market.kit import clock
from market.kit.actor import Actor
from market.kit.forms import FormState, NoForm
from market.kit.i18n import _, translate
from market.kit.web import action, page, redirect, render
from market.needs import pages, queries
from market.needs.forms import ReasonForm
from market.needs.rules.posting import need_id
from market.needs.service import moderating


@page(permission=Permission.OPERATE)
def review_need(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """A need with all that there is to check."""
    need = queries.need(db, actor, need_id(request.path_params["need"]))
    title = translate(_("Check the need"))
    waits = need.state == "submitted"
    return render(request, pages.ReviewPage(title, pages.shown(need), form or FormState(), waits))


@action(NoForm, permission=Permission.OPERATE, again=review_need)
def approve_need(request: Request, db: Session, actor: Actor, _form: NoForm) -> Response:
    """Open it."""
    moderating.approve(db, actor, need_id(request.path_params["need"]), now=clock.now())
    return redirect(request, "desk:show_desk", flash=_("The need is open, and its company gets a mail."))


@action(ReasonForm, permission=Permission.OPERATE, again=review_need)
def refuse_need(request: Request, db: Session, actor: Actor, form: ReasonForm) -> Response:
    """Send it back."""
    moderating.refuse(db, actor, need_id(request.path_params["need"]), form, now=clock.now())
    return redirect(request, "desk:show_desk", flash=_("The need went back to its company, with the reason."))
