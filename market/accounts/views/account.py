"""One's own account: name, language, sessions."""

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts import queries
from market.accounts.forms import DetailsForm
from market.accounts.pages import AccountPage, SessionView, browser_name, locale_options
from market.accounts.policy import person_of
from market.accounts.rules import Permission
from market.accounts.service import people, sessions
from market.kit import clock, i18n
from market.kit.actor import Actor
from market.kit.forms import FormState, NoForm
from market.kit.i18n import _
from market.kit.runtime import runtime
from market.kit.web import action, page, redirect, redirect_to, render


@page(permission=Permission.SIGNED_IN)
def show_account(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """One's own account."""
    person_id = person_of(actor)
    living = [
        SessionView(row.id, row.created_at, row.address, browser_name(row.user_agent), row.id == actor.session_id)
        for row in queries.sessions(db, person_id, now=clock.now())
    ]
    return render(
        request,
        AccountPage(
            form=form or FormState.of(name=actor.person_name, locale=actor.locale),
            email=actor.email,
            locales=locale_options(),
            sessions=living,
            memberships=queries.memberships(db, person_id),
        ),
    )


@action(DetailsForm, permission=Permission.SIGNED_IN, again=show_account)
def change_details(request: Request, db: Session, actor: Actor, form: DetailsForm) -> Response:
    """Save name and language."""
    people.change_details(db, actor, form, now=clock.now())
    i18n.use(form.locale)
    return redirect(request, "accounts:show_account", flash=_("Saved."))


@action(NoForm, permission=Permission.SIGNED_IN)
def end_other_sessions(request: Request, db: Session, actor: Actor, _form: NoForm) -> Response:
    """Sign out everywhere else."""
    sessions.end_others(db, actor, now=clock.now())
    return _to_sessions(request, _("Your other sessions have ended."))


@action(NoForm, permission=Permission.SIGNED_IN)
def end_session(request: Request, db: Session, actor: Actor, _form: NoForm) -> Response:
    """Sign out in one other place."""
    sessions.end_one(db, actor, request.path_params["session"], now=clock.now())
    return _to_sessions(request, _("That session has ended."))


def _to_sessions(request: Request, flash: str) -> Response:
    return redirect_to(request, runtime(request).templates.addresses.path("accounts:show_account") + "#sessions", flash)
