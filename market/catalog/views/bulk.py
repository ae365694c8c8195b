"""One act on several of the own listings."""

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts.rules import Permission
from market.catalog.forms import BulkForm
from market.catalog.pages import BulkPage
from market.catalog.service import several
from market.catalog.views.editor import list_own_listings
from market.kit import clock
from market.kit.actor import Actor
from market.kit.i18n import _, ntranslate, translate
from market.kit.web import action, redirect, render


@action(BulkForm, permission=Permission.EDIT_LISTINGS, again=list_own_listings)
def act_on_several(request: Request, db: Session, actor: Actor, form: BulkForm) -> Response:
    """Do what was chosen; says for each listing why it could not be done."""
    done, failed = several.act(db, actor, form, now=clock.now())
    if not failed:
        told = ntranslate(_("Done: one listing."), _("Done: {n} listings."), done)
        return redirect(request, "catalog:list_own_listings", flash=told)
    return render(request, BulkPage(title=translate(_("Not everything could be done")), done=done, failed=failed))
