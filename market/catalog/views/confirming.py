"""The one click that confirms: a page behind the link of a mail, with one button, without signing in."""

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts.rules import Permission
from market.catalog import editorial
from market.catalog.forms import ConfirmForm
from market.catalog.pages import ConfirmationPage
from market.catalog.rules.listing import confirm_by
from market.catalog.service import freshness
from market.kit import clock
from market.kit.actor import Actor
from market.kit.forms import FormState
from market.kit.i18n import _, ntranslate, translate
from market.kit.web import action, page, redirect, render


@page(permission=Permission.PUBLIC)
def ask_confirmation(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """The listings that wait for a word, all ticked; looking changes nothing."""
    del actor
    asked = freshness.request_of(db, request.path_params["token"], now=clock.now())
    rows = editorial.confirmable(db, asked.technology_ids)
    return render(
        request,
        ConfirmationPage(
            title=translate(_("Does this still hold?")),
            token=request.path_params["token"],
            rows=[(row.id, row.title, confirm_by(row.confirmed_on), row.state) for row in rows],
            form=form or FormState({"listing": [row.id for row in rows]}),
        ),
    )


@action(ConfirmForm, permission=Permission.PUBLIC, again=ask_confirmation)
def confirm_listings(request: Request, db: Session, actor: Actor, form: ConfirmForm) -> Response:
    """Confirm what is ticked."""
    del actor
    done = freshness.confirm_all(db, request.path_params["token"], form.listing, now=clock.now())
    told = ntranslate("Confirmed: one listing. Thank you.", "Confirmed: {n} listings. Thank you.", done)
    return redirect(request, "home:show_home", flash=told)
