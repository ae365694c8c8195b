"""Exports in the browser: all of an institution's data as CSV, XLSX or JSON."""

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts import queries as accounts
from market.accounts.rules import Permission
from market.catalog import exports, queries
from market.catalog.pages import ExportsPage
from market.kit import clock
from market.kit.actor import Actor
from market.kit.errors import NotFound
from market.kit.i18n import _, translate
from market.kit.web import page, render

_EXPORT = Permission.EDIT_LISTINGS


@page(permission=_EXPORT)
def show_exports(request: Request, db: Session, actor: Actor) -> Response:
    """Which files can be taken along."""
    if actor.organisation_id is None:
        raise NotFound
    counts = queries.state_counts(db, actor.organisation_id)
    return render(request, ExportsPage(title=translate(_("Export our data")), total=sum(counts.values())))


@page(permission=_EXPORT)
def download_export(request: Request, db: Session, actor: Actor) -> Response:
    """One file with everything."""
    kind = request.path_params["kind"]
    if actor.organisation_id is None or kind not in exports.FORMATS:
        raise NotFound
    slug = accounts.organisation(db, actor.organisation_id).slug
    name = f"{slug}-{clock.now().date().isoformat()}.{kind}"
    return Response(
        exports.written(db, actor.organisation_id, kind),
        media_type=exports.FORMATS[kind],
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )
