"""The address from which an institution's listings are fetched."""

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts.rules import Permission
from market.catalog.forms import SourceForm
from market.catalog.pages import SourcePage
from market.catalog.service import pulling
from market.kit import clock
from market.kit.actor import Actor
from market.kit.forms import FormState, NoForm
from market.kit.i18n import _, translate
from market.kit.web import action, page, redirect, render

_IMPORT = Permission.IMPORT_LISTINGS


@page(permission=_IMPORT)
def show_source(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """The address, how it went last, and a form to change it."""
    source = pulling.source_of(db, actor)
    values = (
        {"address": source.address, "every": source.every, "publish": source.publish, "reason": source.reason}
        if source
        else {}
    )
    return render(
        request,
        SourcePage(
            title=translate(_("Fetch listings from an address")),
            form=form or FormState.of(values or {"every": "weekly", "publish": True}),
            source=source,
            trouble=translate(source.trouble, **source.trouble_params) if source and source.trouble else "",
        ),
    )


@action(SourceForm, permission=_IMPORT, again=show_source)
def set_source(request: Request, db: Session, actor: Actor, form: SourceForm) -> Response:
    """Keep the address."""
    pulling.set_source(db, actor, form, now=clock.now())
    return redirect(request, "catalog:show_source", flash=_("Saved. We look at the address in a minute."))


@action(NoForm, permission=_IMPORT)
def drop_source(request: Request, db: Session, actor: Actor, form: NoForm) -> Response:
    """Fetch no more."""
    del form
    pulling.drop_source(db, actor, now=clock.now())
    return redirect(request, "catalog:show_source", flash=_("Stopped. What was imported stays."))
