"""Older versions of a listing, what is typed but not saved, and the page as readers will see it."""

import dataclasses
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts import queries as accounts
from market.accounts.rules import Permission
from market.catalog import editorial
from market.catalog.forms import DraftForm, RestoreForm
from market.catalog.pages import ChangedField, VersionPage, VersionsPage
from market.catalog.rows import ListingRow
from market.catalog.rules import vocabulary as words
from market.catalog.rules.differences import word_differences
from market.catalog.rules.listing import technology_id
from market.catalog.service import versions as service
from market.catalog.views.editor import FIELD_LABELS, lacking, may_publish, own_listing
from market.catalog.views.listing import labels, listing_page
from market.kit import clock
from market.kit.actor import Actor
from market.kit.errors import NotFound
from market.kit.forms import FormState, NoForm
from market.kit.i18n import _, translate
from market.kit.money import Money
from market.kit.web import action, json_answer, page, redirect, render

_EDIT = Permission.EDIT_LISTINGS
_TEXTS = (
    "title", "summary", "problem", "advantages", "comparison", "applications", "description", "stage", "department",
    "reference",
)  # fmt: skip


@page(permission=_EDIT)
def list_versions(request: Request, db: Session, actor: Actor) -> Response:
    """Every kept version, newest first."""
    listing = own_listing(request, db, actor)
    return render(
        request,
        VersionsPage(
            title=listing.title,
            listing=listing,
            part="versions",
            form=FormState(),
            missing=lacking(listing),
            may_publish=may_publish(actor, listing),
            versions=editorial.versions(db, listing.id),
        ),
    )


@page(permission=_EDIT)
def show_version(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """What a version changed against the one before, word by word."""
    listing = own_listing(request, db, actor)
    version = editorial.version(db, listing.id, _number(request))
    if version is None:
        raise NotFound
    before = editorial.version_before(db, listing.id, version.number)
    people = {person.id: person.name for person in accounts.people(db, listing.organisation_id, with_disabled=True)}
    return render(
        request,
        VersionPage(
            title=listing.title,
            listing=listing,
            part="versions",
            form=form or FormState(),
            missing=lacking(listing),
            may_publish=may_publish(actor, listing),
            version=version,
            before=before.number if before else None,
            changes=_changes(before.fields if before else {}, version.fields, people),
            newest=version.number == listing.version,
        ),
    )


def _number(request: Request) -> int:
    text = str(request.path_params["number"])
    if not (text.isascii() and text.isdecimal() and len(text) < 9):
        raise NotFound
    return int(text)


def _changes(before: dict[str, Any], after: dict[str, Any], people: dict[str, str]) -> list[ChangedField]:
    """The fields that differ, each with the words that went and came."""
    shown = {**FIELD_LABELS, "offers": _("Offered"), "licences": _("Kinds of licence")}
    return [
        ChangedField(translate(label), word_differences(old, new))
        for name, label in shown.items()
        if (old := _text(name, before.get(name), people)) != (new := _text(name, after.get(name), people))
    ]


def _text(name: str, value: Any, people: dict[str, str]) -> str:
    """A kept value as a reader knows it."""
    if value in (None, "", []):
        return ""
    vocabulary = {"offers": words.OFFERS, "licences": words.LICENCES}.get(name)
    if vocabulary:
        return ", ".join(labels(tuple(value), vocabulary))
    known = {
        "sector": lambda: translate(words.sector_label(value)),
        "price_kind": lambda: translate(words.PRICES.get(value, value)),
        "contact_id": lambda: people.get(value, ""),
    }
    return known[name]() if name in known else str(value)


@action(RestoreForm, permission=_EDIT, again=show_version)
def restore_version(request: Request, db: Session, actor: Actor, form: RestoreForm) -> Response:
    """Save an older version anew."""
    wanted = technology_id(request.path_params["technology"])
    service.restore(db, actor, wanted, _number(request), shown=form.version, now=clock.now())
    return redirect(request, "catalog:edit_listing", technology=wanted, flash=_("The older version is back."))


@action(DraftForm, permission=_EDIT)
def keep_draft(request: Request, db: Session, actor: Actor, form: DraftForm) -> Response:
    """Keep what is typed so far; tells whether somebody else has saved meanwhile."""
    listing = own_listing(request, db, actor)
    fields = form.model_dump(exclude={"version"})
    service.keep_draft(db, actor, listing.id, fields, form.version, now=clock.now())
    return json_answer({"kept": True, "changed_meanwhile": listing.version != form.version})


@action(NoForm, permission=_EDIT)
def drop_draft(request: Request, db: Session, actor: Actor, form: NoForm) -> Response:
    """Throw away what was typed and not saved."""
    del form
    listing = own_listing(request, db, actor)
    service.drop_draft(db, actor, listing.id)
    return redirect(request, "catalog:edit_listing", technology=listing.id, flash=_("The saved words are back."))


@page(permission=_EDIT)
def preview_listing(request: Request, db: Session, actor: Actor) -> Response:
    """The listing as readers will see it, with what is typed and not saved yet."""
    listing = own_listing(request, db, actor)
    draft = editorial.draft(db, listing.id, actor.person_id or "")
    if draft is not None:
        listing = _with_draft(listing, draft.fields)
    return render(request, listing_page(request, db, actor, listing, preview=True))


def _with_draft(listing: ListingRow, fields: dict[str, Any]) -> ListingRow:
    """The listing with the typed words; what could not be saved as typed is shown as it was."""
    given: dict[str, Any] = {name: str(fields[name]) for name in _TEXTS if name in fields}
    given["title"] = given.get("title") or listing.title
    for name, vocabulary in (("offers", words.OFFERS), ("licences", words.LICENCES)):
        given[name] = tuple(key for key in vocabulary if key in fields.get(name, ()))
    if fields.get("sector") in words.SECTORS:
        given["sector"] = fields["sector"]
    if str(fields.get("trl", "")) in map(str, words.TRL):
        given["trl"] = int(fields["trl"])
    given["keywords"] = tuple(word.strip() for word in str(fields.get("keywords", "")).split(",") if word.strip())
    return dataclasses.replace(listing, **given, **_typed_price(fields))


def _typed_price(fields: dict[str, Any]) -> dict[str, Any]:
    kind, currency = fields.get("price_kind", ""), fields.get("currency", "")
    if kind not in words.PRICES:
        return {}
    if kind in ("on_request", "free"):
        return {"price_kind": kind, "price_low": None, "price_high": None}
    try:
        low = Money.parse(fields["price_low"], currency)
        high = Money.parse(fields["price_high"], currency) if kind == "range" else None
    except (ValueError, KeyError):
        return {}
    return {"price_kind": kind, "price_low": low, "price_high": high}
