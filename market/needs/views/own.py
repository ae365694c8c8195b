"""The company's side: writing needs, following them, marking what fits, going on to the enquiry."""

from math import ceil

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts.rules import Permission
from market.catalog import queries as catalog
from market.catalog.rules.text import sentences, shorten
from market.deals import queries as deals
from market.deals.pages.deal import AskPage
from market.deals.rules.enquiries import LONGEST_TEXT as LONGEST_USE
from market.deals.views import showing as deal_showing
from market.kit import clock
from market.kit.actor import Actor
from market.kit.errors import Forbidden, NotFound
from market.kit.forms import FormState, NoForm
from market.kit.i18n import _, translate
from market.kit.runtime import runtime
from market.kit.web import action, page, page_number, query, redirect, render
from market.needs import pages, policy, queries
from market.needs.forms import ChooseForm, CloseForm, NeedForm, TextForm
from market.needs.process import PUBLIC
from market.needs.queries import PER_PAGE
from market.needs.rows import NeedRow
from market.needs.rules.posting import need_id
from market.needs.rules.vocabulary import OUTCOMES
from market.needs.service import answering, posting, sketches
from market.needs.views import showing

SKETCH = "ponte_sketch"


@page(permission=Permission.ENQUIRE)
def list_own_needs(request: Request, db: Session, actor: Actor) -> Response:
    """The company's needs, the latest first."""
    number = page_number(request)
    found, total = queries.own(db, actor, number)
    rows = [(pages.shown(each.need), each) for each in found]
    last = max(1, ceil(total / PER_PAGE))
    return render(request, pages.OwnNeedsPage(translate(_("Our needs")), rows, total, number, last))


# --- writing


@action(TextForm, permission=Permission.PUBLIC)
def carry_text(request: Request, db: Session, actor: Actor, form: TextForm) -> Response:
    """Take a description along into the form of a need, through signing in or registering if necessary."""
    token = sketches.keep(db, actor, form.text, now=clock.now())
    response = redirect(request, "needs:new_need", sketch=token)
    seconds = int(sketches.KEEP.total_seconds())
    secure = runtime(request).https
    response.set_cookie(SKETCH, token, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax")
    return response


@page(permission=Permission.SIGNED_IN)
def new_need(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """The form of a need; a description brought along stands in it."""
    if not actor.may(Permission.ENQUIRE):
        if actor.organisation_id is None:
            told = _("Choose the company that needs something, or register it. What you wrote is kept.")
            return redirect(request, "accounts:choose_organisation", flash=told, kind="info")
        raise Forbidden(_("Needs are posted by companies. You act for another kind of organisation."))
    return render(request, _form_page(actor, form or _begun(request, db), None))


def _begun(request: Request, db: Session) -> FormState:
    token = query(request, "sketch") or request.cookies.get(SKETCH, "")
    text = sketches.text_of(db, token[:100], now=clock.now())
    if not text:
        return FormState({"kinds": ["licence"]})
    first = sentences(text, 1)
    title = shorten(first[0], 120) if first else ""
    return FormState({"title": title, "text": text, "kinds": ["licence"]})


def _form_page(actor: Actor, form: FormState, need: NeedRow | None) -> pages.NeedFormPage:
    title = translate(_("Change the need") if need else _("Post a need"))
    return pages.NeedFormPage(title, form, need, showing.options(), showing.clusters(), actor.organisation_verified)


@action(NeedForm, permission=Permission.ENQUIRE, again=new_need)
def create_need(request: Request, db: Session, actor: Actor, form: NeedForm) -> Response:
    """Keep a need as a draft, or send it in at once."""
    need = posting.create(db, actor, form, now=clock.now())
    token = query(request, "sketch") or request.cookies.get(SKETCH, "")
    if token:
        sketches.forget(db, token[:100])
    response = redirect(request, "needs:show_need", need=f"{need.slug}-{need.id}", flash=_told(need.state))
    response.delete_cookie(SKETCH, path="/")
    return response


def _told(state: str) -> str:
    if state == "submitted":
        return _("Sent in. We look at it, usually within a working day, and write to you when it is open.")
    return _("Your draft is kept. Nobody else sees it until you send it in.")


@page(permission=Permission.ENQUIRE)
def edit_need(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """The form of a need that is there already."""
    need = _own(request, db, actor)
    if need.state not in ("draft", "submitted", *PUBLIC):
        raise NotFound
    names = (*NeedForm.model_fields,)
    values = {name: getattr(need, name) for name in names if hasattr(need, name)}
    return render(request, _form_page(actor, form or FormState(values), need))


@action(NeedForm, permission=Permission.ENQUIRE, again=edit_need)
def save_need(request: Request, db: Session, actor: Actor, form: NeedForm) -> Response:
    """Keep what was changed; an open need goes back to be checked."""
    need = posting.save(db, actor, _id(request), form, now=clock.now())
    return redirect(request, "needs:show_need", need=f"{need.slug}-{need.id}", flash=_told(need.state))


@action(NoForm, permission=Permission.ENQUIRE, again=edit_need)
def submit_need(request: Request, db: Session, actor: Actor, _form: NoForm) -> Response:
    """Send a draft in."""
    need = posting.submit(db, actor, _id(request), now=clock.now())
    return redirect(request, "needs:show_need", need=f"{need.slug}-{need.id}", flash=_told(need.state))


# --- the way out


@action(NoForm, permission=Permission.ENQUIRE)
def withdraw_need(request: Request, db: Session, actor: Actor, _form: NoForm) -> Response:
    """Take a need back."""
    posting.withdraw(db, actor, _id(request), now=clock.now())
    return redirect(request, "needs:list_own_needs", flash=_("The need is withdrawn."))


@page(permission=Permission.ENQUIRE)
def ask_outcome(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """Ask what became of a need."""
    need = _own(request, db, actor)
    outcomes = showing.named(OUTCOMES)
    return render(request, pages.CloseNeedPage(translate(_("Close the need")), need, form or FormState(), outcomes))


@action(CloseForm, permission=Permission.ENQUIRE, again=ask_outcome)
def close_need(request: Request, db: Session, actor: Actor, form: CloseForm) -> Response:
    """End a need."""
    need = posting.close(db, actor, _id(request), form, now=clock.now())
    return redirect(request, "needs:show_need", need=f"{need.slug}-{need.id}", flash=_("The need is closed."))


# --- what fits


@action(ChooseForm, permission=Permission.ENQUIRE)
def choose_technology(request: Request, db: Session, actor: Actor, form: ChooseForm) -> Response:
    """Mark a technology as fitting, and go on to the enquiry."""
    need = answering.choose(db, actor, _id(request), form.technology, now=clock.now())
    told = _("Marked. The institution knows now who you are. Next: ask them.")
    return redirect(request, "needs:enquire", need=need.id, technology=form.technology, flash=told)


@page(permission=Permission.ENQUIRE)
def enquire(request: Request, db: Session, actor: Actor) -> Response:
    """The form of the first question about a chosen technology, with the words of the need in it."""
    need = _own(request, db, actor)
    technology = request.path_params["technology"]
    if not queries.is_chosen(db, need.id, technology):
        raise NotFound
    listing = catalog.listing(db, actor, technology)
    if not listing.visible:
        raise NotFound
    form = FormState(
        {
            "intended_use": shorten(f"{need.title}\n\n{need.text}", LONGEST_USE),
            "field_of_use": need.cluster or translate(need.sector_label),
            "territory": [need.country] if need.country else [],
        }
    )
    title = translate(_("Ask {institution}"), institution=listing.organisation)
    already = deals.open_deal(db, listing.id, actor.organisation_id)
    return render(request, AskPage(title, listing, form, deal_showing.countries(), already))


def _id(request: Request) -> str:
    return need_id(request.path_params["need"])


def _own(request: Request, db: Session, actor: Actor) -> NeedRow:
    """The need of the address, if it is the company's own; NotFound for everybody else."""
    need = queries.need(db, actor, _id(request))
    if not policy.is_own(actor, need.organisation_id):
        raise NotFound
    return need
