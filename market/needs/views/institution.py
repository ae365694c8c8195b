"""The institution's side: needs that fit its technologies, and answering one."""

from math import ceil

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts.rules import Permission
from market.kit import clock
from market.kit.actor import Actor
from market.kit.errors import NotFound
from market.kit.forms import FormState
from market.kit.i18n import _, translate
from market.kit.web import action, page, page_number, query, redirect, render
from market.needs import pages, queries
from market.needs.forms import AnswerForm
from market.needs.queries import PER_PAGE
from market.needs.rules.posting import need_id
from market.needs.service import answering


@page(permission=Permission.EDIT_LISTINGS)
def list_needs_for_us(request: Request, db: Session, actor: Actor) -> Response:
    """Open needs that come close to the institution's technologies, the closest first; or those it answered."""
    number, answered = page_number(request), query(request, "show") == "answered"
    found, total = queries.for_us(db, actor, number, answered=answered)
    return render(
        request,
        pages.ForUsPage(
            title=translate(_("Needs for us")),
            needs=[(pages.shown(each.need), each, [pages.beside(row) for row in each.proposals]) for each in found],
            total=total,
            answered=answered,
            number=number,
            last=max(1, ceil(total / PER_PAGE)),
        ),
    )


@page(permission=Permission.EDIT_LISTINGS)
def write_answer(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """The form of an answer; technologies that fit stand first."""
    need = queries.need(db, actor, need_id(request.path_params["need"]))
    if not need.public:
        raise NotFound
    ours = queries.proposals(db, need.id, of=actor.organisation_id)
    given = {each.technology_id for each in ours if each.answered_at}
    close = [(each.technology_id, each.title) for each in ours if each.visible and not each.answered_at]
    known = given | {key for key, _title in close}
    others = [(key, title) for key, title in queries.own_listings(db, actor) if key not in known]
    groups = [(translate(_("Come close")), close), (translate(_("Your other technologies")), others)]
    chosen = query(request, "technology") or (close[0][0] if close else "")
    return render(
        request,
        pages.AnswerPage(
            title=translate(_("Answer with a technology")),
            need=pages.shown(need),
            form=form or FormState({"technology": chosen}),
            listings=[group for group in groups if group[1]],
        ),
    )


@action(AnswerForm, permission=Permission.EDIT_LISTINGS, again=write_answer)
def send_answer(request: Request, db: Session, actor: Actor, form: AnswerForm) -> Response:
    """Answer the need."""
    need = answering.answer(db, actor, need_id(request.path_params["need"]), form, now=clock.now())
    told = _("Your answer is sent. You hear from us when the company marks it as fitting.")
    return redirect(request, "needs:show_need", need=f"{need.slug}-{need.id}", flash=told)
