"""The shortlist: kept by a button on every card, before the sign-in in the browser, afterwards with the person."""

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts.rules import Permission
from market.catalog import queries as catalog
from market.catalog.rules.listing import technology_id
from market.catalog.views.listing import price_text
from market.discovery import queries
from market.discovery.forms import KeepForm, NoteForm
from market.discovery.pages import KeptCard, ShortlistPage
from market.discovery.queries import KeptRow
from market.discovery.rules.alerts import MOST_COMPARED
from market.discovery.service import shortlist
from market.kit import clock, cookies
from market.kit.actor import Actor
from market.kit.forms import FormState
from market.kit.i18n import _, translate
from market.kit.incoming import came_from
from market.kit.runtime import runtime
from market.kit.web import action, page, redirect, redirect_to, render


@page(permission=Permission.PUBLIC)
def show_shortlist(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """What somebody keeps in view, with own notes; what is no longer offered says only that."""
    rows = _kept(db, actor)
    cards = {card.id: card for card in catalog.cards(db, [row.technology_id for row in rows])}
    noted = request.path_params.get("technology", "")
    entries = [
        KeptCard(
            id=row.technology_id,
            card=(card := cards.get(row.technology_id)),
            price=price_text(card) if card else "",
            since=row.created_at if actor.signed_in else None,
            form=form if form and row.technology_id == noted else FormState({"note": row.note}),
        )
        for row in rows
    ]
    return render(request, ShortlistPage(translate(_("Your shortlist")), entries, len(cards), MOST_COMPARED))


def _kept(db: Session, actor: Actor) -> list[KeptRow]:
    if actor.person_id:
        return queries.kept(db, actor.person_id)
    return [KeptRow(each, "", clock.now()) for each in actor.marks]


@action(KeepForm, permission=Permission.PUBLIC, from_kept=True)
def keep_technology(request: Request, db: Session, actor: Actor, form: KeepForm) -> Response:
    """Keep a technology in view, and go back to where the button was."""
    wanted = technology_id(form.technology)
    if actor.signed_in:
        shortlist.keep(db, actor, wanted, now=clock.now())
        return _back(request, wanted)
    response = _back(request, wanted)
    cookies.set_marks(response, runtime(request), shortlist.put_aside(db, actor.marks, wanted))
    return response


@action(KeepForm, permission=Permission.PUBLIC, from_kept=True)
def remove_technology(request: Request, db: Session, actor: Actor, form: KeepForm) -> Response:
    """Keep it no longer."""
    wanted = technology_id(form.technology)
    response = _back(request, wanted)
    if actor.signed_in:
        shortlist.remove(db, actor, wanted, now=clock.now())
    else:
        cookies.set_marks(response, runtime(request), tuple(each for each in actor.marks if each != wanted))
    return response


def _back(request: Request, technology: str) -> Response:
    there = runtime(request).templates.addresses.path("discovery:show_shortlist")
    return redirect_to(request, f"{came_from(request, there)}#keep-{technology}")


@action(NoteForm, permission=Permission.SIGNED_IN, again=show_shortlist)
def write_note(request: Request, db: Session, actor: Actor, form: NoteForm) -> Response:
    """Write down what one thinks of it."""
    shortlist.write_note(db, actor, request.path_params["technology"], form.note, now=clock.now())
    return redirect(request, "discovery:show_shortlist", flash=_("Your note is saved."))
