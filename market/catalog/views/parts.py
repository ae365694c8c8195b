"""The parts of a listing in the editor: IP rights, pictures and files, offered terms."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts.rules import Permission
from market.catalog import queries, rights
from market.catalog.forms import CountryForm, PictureForm, RemoveForm, RightForm, TermsForm
from market.catalog.gateway import PatentOffice
from market.catalog.pages import EditFilesPage, EditRightsPage, EditTermsPage, Option, RightPage
from market.catalog.rows import Terms
from market.catalog.rules import vocabulary as words
from market.catalog.rules.legal import COUNTRY_STATUS
from market.catalog.rules.listing import technology_id
from market.catalog.service import parts as service
from market.catalog.service import rights as rights_service
from market.catalog.views.editor import currency_options, lacking, may_publish, options, own_listing
from market.kit import clock
from market.kit.actor import Actor
from market.kit.errors import NotFound
from market.kit.files import FileStore, save_upload
from market.kit.forms import FormState, NoForm
from market.kit.i18n import _, country_name
from market.kit.runtime import gateway
from market.kit.web import action, page, redirect, render

_EDIT = Permission.EDIT_LISTINGS
MAX_PICTURE = 10 * 1024 * 1024


def _id(request: Request) -> str:
    return technology_id(request.path_params["technology"])


@page(permission=_EDIT)
def edit_rights(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """The IP rights of a listing, and a form to add one."""
    listing = own_listing(request, db, actor)
    return render(
        request,
        EditRightsPage(
            title=listing.title,
            listing=listing,
            part="rights",
            form=form or FormState.of({"kind": "patent", "status": "unknown"}),
            missing=lacking(listing),
            may_publish=may_publish(actor, listing),
            rights=queries.ip_rights(db, listing.id),
            kinds=options(words.IP_KINDS),
            statuses=options(words.IP_STATUS),
            office=_office(request),
        ),
    )


def _office(request: Request) -> str:
    """Who can be asked about a right; empty without a key."""
    office = gateway(request, PatentOffice)
    return office.name if office.available else ""


@action(RightForm, permission=_EDIT, again=edit_rights)
def add_right(request: Request, db: Session, actor: Actor, form: RightForm) -> Response:
    """Add an IP right."""
    service.add_right(db, actor, _id(request), form, now=clock.now())
    return redirect(request, "catalog:edit_rights", technology=_id(request), flash=_("Added."))


@action(RemoveForm, permission=_EDIT)
def remove_right(request: Request, db: Session, actor: Actor, form: RemoveForm) -> Response:
    """Take an IP right off the listing."""
    service.remove_right(db, actor, _id(request), form.part, now=clock.now())
    return redirect(request, "catalog:edit_rights", technology=_id(request), flash=_("Removed."))


@page(permission=_EDIT)
def show_right(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """Where one right holds, country by country, and a form to say it by hand."""
    listing = own_listing(request, db, actor)
    right_id = request.path_params["right"]
    right = next((each for each in queries.ip_rights(db, listing.id) if each.id == right_id), None)
    if right is None:
        raise NotFound
    return render(
        request,
        RightPage(
            title=listing.title,
            listing=listing,
            part="rights",
            form=form or FormState.of({"status": "in_force"}),
            missing=lacking(listing),
            may_publish=may_publish(actor, listing),
            right=right,
            rows=[row for row in rights.countries(db, listing.id) if row.right_id == right.id],
            countries=country_options()[1:],
            statuses=options(COUNTRY_STATUS),
            office=_office(request) if right.kind in rights.ASKABLE else "",
        ),
    )


@action(CountryForm, permission=_EDIT, again=show_right)
def state_country(request: Request, db: Session, actor: Actor, form: CountryForm) -> Response:
    """Say what holds in a country."""
    right = request.path_params["right"]
    rights_service.state_country(db, actor, _id(request), right, form, now=clock.now())
    return redirect(request, "catalog:show_right", technology=_id(request), right=right, flash=_("Saved."))


@action(RemoveForm, permission=_EDIT)
def forget_country(request: Request, db: Session, actor: Actor, form: RemoveForm) -> Response:
    """Take back what was said of a country."""
    right = request.path_params["right"]
    rights_service.forget_country(db, actor, _id(request), right, form.part, now=clock.now())
    return redirect(request, "catalog:show_right", technology=_id(request), right=right, flash=_("Removed."))


@action(NoForm, permission=_EDIT, again=show_right)
def ask_office(request: Request, db: Session, actor: Actor, form: NoForm) -> Response:
    """Ask the patent office's database about the right."""
    del form
    right = request.path_params["right"]
    rights_service.ask_office(db, actor, _id(request), right, available=bool(_office(request)))
    told = _("Asked. What the database says appears here in a minute.")
    return redirect(request, "catalog:show_right", technology=_id(request), right=right, flash=told)


@page(permission=_EDIT)
def edit_files(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """The pictures and files of a listing, and a form to add one."""
    listing = own_listing(request, db, actor)
    files = queries.files(db, listing.id)
    return render(
        request,
        EditFilesPage(
            title=listing.title,
            listing=listing,
            part="files",
            form=form or FormState(),
            missing=lacking(listing),
            may_publish=may_publish(actor, listing),
            pictures=[file for file in files if file.kind == "picture"],
            files=[file for file in files if file.kind == "file"],
        ),
    )


@action(PictureForm, permission=_EDIT, again=edit_files)
def add_file(request: Request, db: Session, actor: Actor, form: PictureForm) -> Response:
    """Put a picture or file on the listing."""
    own_listing(request, db, actor)
    blob = save_upload(gateway(request, FileStore), form.file, allowed=frozenset(service.FILE_TYPES), limit=MAX_PICTURE)
    service.add_file(db, actor, _id(request), blob, form.alt, now=clock.now())
    return redirect(request, "catalog:edit_files", technology=_id(request), flash=_("Added."))


@action(RemoveForm, permission=_EDIT)
def remove_file(request: Request, db: Session, actor: Actor, form: RemoveForm) -> Response:
    """Take a picture or file off the listing."""
    service.remove_file(db, actor, _id(request), form.part, now=clock.now())
    return redirect(request, "catalog:edit_files", technology=_id(request), flash=_("Removed."))


def country_options() -> list[Option]:
    """The world, then every country by its name in the reader's language."""
    named = sorted((country_name(code), code) for code in words.countries())
    return [("WORLD", country_name("WORLD")), *((code, name) for name, code in named)]


def _terms_values(terms: Terms | None) -> dict[str, Any]:
    if terms is None:
        return {"grant_kind": "non_exclusive", "territory": ["WORLD"], "valid_days": 90, "currency": "EUR"}
    percent = (terms.royalty_rate * Decimal(100)).normalize() if terms.royalty_rate is not None else None
    values = {name: value for name, value in asdict(terms).items() if name not in ("upfront", "royalty_rate")}
    return values | {
        "upfront": terms.upfront,
        "currency": terms.upfront.currency if terms.upfront else "EUR",
        "royalty_percent": f"{percent:f}" if percent is not None else None,
    }


@page(permission=_EDIT)
def edit_terms(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """The terms offered on a listing."""
    listing = own_listing(request, db, actor)
    return render(
        request,
        EditTermsPage(
            title=listing.title,
            listing=listing,
            part="terms",
            form=form or FormState.of(_terms_values(listing.terms)),
            missing=lacking(listing),
            may_publish=may_publish(actor, listing),
            grants=options(words.GRANTS),
            countries=country_options(),
            currencies=currency_options(
                listing.terms.upfront.currency if listing.terms and listing.terms.upfront else ""
            ),
        ),
    )


@action(TermsForm, permission=_EDIT, again=edit_terms)
def set_terms(request: Request, db: Session, actor: Actor, form: TermsForm) -> Response:
    """Keep the offered terms."""
    service.set_terms(db, actor, _id(request), form, now=clock.now())
    told = _("Saved. Term sheets will start from these terms.")
    return redirect(request, "catalog:edit_terms", technology=_id(request), flash=told)


@action(NoForm, permission=_EDIT)
def drop_terms(request: Request, db: Session, actor: Actor, form: NoForm) -> Response:
    """Offer no terms any more."""
    del form
    service.drop_terms(db, actor, _id(request), now=clock.now())
    told = _("Removed. Terms are now a matter of talking.")
    return redirect(request, "catalog:edit_terms", technology=_id(request), flash=told)
