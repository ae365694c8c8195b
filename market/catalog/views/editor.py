"""The institution's own listings: the list, and the pages on which a listing is written."""

from collections.abc import Mapping
from math import ceil
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts import queries as accounts
from market.accounts.rules import Permission
from market.catalog import editorial, policy, queries
from market.catalog.forms import ListingForm, NewListing
from market.catalog.pages import EditListingPage, NewListingPage, Option, OwnListingsPage
from market.catalog.rows import ListingRow
from market.catalog.rules import vocabulary as words
from market.catalog.rules.listing import Readiness, missing, technology_id
from market.catalog.service import listing as service
from market.catalog.views.listing import address
from market.kit import clock
from market.kit.actor import Actor
from market.kit.errors import NotFound
from market.kit.forms import FormState, NoForm
from market.kit.i18n import _, format_number, translate
from market.kit.web import action, page, page_number, query, redirect, render

_EDIT = Permission.EDIT_LISTINGS

FIELD_LABELS = {
    "title": _("Title"),
    "summary": _("One-sentence summary"),
    "sector": _("Sector"),
    "reference": _("Your reference"),
    "department": _("Department"),
    "problem": _("Problem"),
    "advantages": _("Advantages"),
    "comparison": _("Comparison"),
    "applications": _("Applications"),
    "description": _("Description"),
    "trl": _("Readiness level (TRL)"),
    "stage": _("Stage in words"),
    "keywords": _("Keywords"),
    "inventors": _("Inventors"),
    "price_kind": _("Price"),
    "price_low": _("Amount"),
    "price_high": _("Highest amount"),
    "contact_id": _("Contact"),
}


def options(vocabulary: Mapping[str, str]) -> list[Option]:
    """A vocabulary for a select or for boxes, in the reader's language."""
    return [(key, translate(label)) for key, label in vocabulary.items()]


def currency_options(present: str = "") -> list[Option]:
    """The currencies to choose from, with the one in use."""
    codes = words.CURRENCIES if present in ("", *words.CURRENCIES) else (*words.CURRENCIES, present)
    return [(code, code) for code in codes]


def own_listing(request: Request, db: Session, actor: Actor) -> ListingRow:
    """The listing of the address, if it belongs to the actor's institution; NotFound."""
    listing = queries.listing(db, actor, technology_id(request.path_params["technology"]))
    policy.require(actor, _EDIT, listing.organisation_id)
    return listing


def lacking(listing: ListingRow) -> list[str]:
    """What the listing still needs before it can go out, as sentences."""
    facts = Readiness(
        title=listing.title,
        summary=listing.summary,
        description=listing.description,
        sector=listing.sector,
        offers=listing.offers,
        has_contact=listing.contact_id is not None,
        from_import=listing.source != "manual",
    )
    return [refusal.sentence for refusal in missing(facts)]


def may_publish(actor: Actor, listing: ListingRow) -> bool:
    """Whether the buttons to publish and withdraw are for this actor."""
    return policy.may(actor, Permission.PUBLISH_LISTINGS, listing.organisation_id)


@page(permission=_EDIT)
def list_own_listings(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """The listings of the own institution, newest change first."""
    if actor.organisation_id is None:
        raise NotFound
    state = query(request, "state") if query(request, "state") in words.STATES else ""
    text, number = query(request, "q")[:100], page_number(request)
    cards, total = queries.own(db, actor, state=state, text=text, page=number)
    counts = queries.state_counts(db, actor.organisation_id)
    return render(
        request,
        OwnListingsPage(
            title=translate(_("Our listings")),
            cards=cards,
            total=total,
            number=number,
            last=max(1, ceil(total / queries.PER_PAGE)),
            state=state,
            text=text,
            tabs=_state_tabs(request, counts, state, text),
            any_at_all=bool(counts),
            verified=actor.organisation_verified,
            scores=editorial.scores(db, [card.id for card in cards]),
            threshold=editorial.policy_of(db, actor.organisation_id).threshold,
            contacts=[(person.id, person.name) for person in accounts.people(db, actor.organisation_id)],
            form=form or FormState(),
        ),
    )


def _state_tabs(request: Request, counts: dict[str, int], state: str, text: str) -> list[tuple[str, str, bool, str]]:
    """A tab for all listings and one for each state that occurs, with their numbers."""
    shown = {"": sum(counts.values())} | {key: counts[key] for key in words.STATES if key in counts}
    return [
        (
            address(request, "catalog:list_own_listings", state=key, q=text),
            translate(words.STATES[key]) if key else translate(_("All")),
            key == state,
            format_number(number),
        )
        for key, number in shown.items()
    ]


@page(permission=_EDIT)
def begin_listing(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """Ask for a title to begin a listing with."""
    del db, actor
    return render(request, NewListingPage(title=translate(_("New listing")), form=form or FormState()))


@action(NewListing, permission=_EDIT, again=begin_listing)
def create_listing(request: Request, db: Session, actor: Actor, form: NewListing) -> Response:
    """Begin a listing, and go on to its texts."""
    technology = service.create_draft(db, actor, form, now=clock.now())
    return redirect(
        request,
        "catalog:edit_listing",
        technology=technology.id,
        flash=_("The draft is kept. Nobody else sees it yet."),
    )


def _values(listing: ListingRow, inventors: list[str]) -> dict[str, Any]:
    """The listing as the form shows it."""
    copied = (
        "version",
        "title",
        "summary",
        "sector",
        "reference",
        "department",
        "trl",
        "stage",
        "price_kind",
        "contact_id",
    )
    texts = ("problem", "advantages", "comparison", "applications", "description")
    return {name: getattr(listing, name) for name in (*copied, *texts)} | {
        "keywords": ", ".join(listing.keywords),
        "inventors": "\n".join(inventors),
        "offers": listing.offers,
        "licences": listing.licences,
        "price_low": listing.price_low,
        "price_high": listing.price_high,
        "currency": listing.price_low.currency if listing.price_low else "EUR",
    }


def _saved_meanwhile(form: FormState, current: FormState) -> list[tuple[str, str]]:
    """What somebody else saved while this form was open: label and saved text of each field that differs."""
    if form.value("version") == current.value("version"):
        return []
    shown = {name: form.value(name).replace("\r\n", "\n") for name in FIELD_LABELS}
    saved = {name: current.value(name) for name in FIELD_LABELS}
    return [(translate(FIELD_LABELS[name]), text or "–") for name, text in service.differences(shown, saved).items()]


@page(permission=_EDIT)
def edit_listing(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """The texts and facts of a listing."""
    listing = own_listing(request, db, actor)
    current = FormState.of(_values(listing, queries.inventors(db, listing.id)))
    draft = None if form else editorial.draft(db, listing.id, actor.person_id or "")
    typed = FormState.of({**draft.fields, "version": draft.base_version}) if draft else form
    saved = _saved_meanwhile(typed, current) if typed else []
    shown = typed or current
    shown.values["version"] = [str(listing.version)]
    people = accounts.people(db, listing.organisation_id)
    return render(
        request,
        EditListingPage(
            title=listing.title,
            listing=listing,
            part="texts",
            form=shown,
            missing=lacking(listing),
            may_publish=may_publish(actor, listing),
            sectors=[(sector.key, translate(sector.label)) for sector in words.SECTORS.values()],
            offers=options(words.OFFERS),
            licences=options(words.LICENCES),
            prices=options(words.PRICES),
            levels=[(str(level), f"{level} – {translate(label)}") for level, label in words.TRL.items()],
            currencies=currency_options(current.value("currency")),
            contacts=[(person.id, person.name) for person in people],
            saved=saved,
            draft_at=draft.saved_at if draft else None,
        ),
    )


@action(ListingForm, permission=_EDIT, again=edit_listing)
def save_listing(request: Request, db: Session, actor: Actor, form: ListingForm) -> Response:
    """Keep what was typed."""
    technology = service.save(db, actor, technology_id(request.path_params["technology"]), form, now=clock.now())
    return redirect(request, "catalog:edit_listing", technology=technology.id, flash=_("Saved."))


@action(NoForm, permission=Permission.PUBLISH_LISTINGS)
def withdraw_listing(request: Request, db: Session, actor: Actor, form: NoForm) -> Response:
    """Take the listing off the market."""
    del form
    technology = service.withdraw(db, actor, technology_id(request.path_params["technology"]), now=clock.now())
    told = _("Withdrawn. Nobody outside your institution sees it any more.")
    return redirect(request, "catalog:edit_listing", technology=technology.id, flash=told)


@action(NoForm, permission=_EDIT)
def confirm_listing(request: Request, db: Session, actor: Actor, form: NoForm) -> Response:
    """Say that the listing still holds."""
    del form
    technology = service.confirm(db, actor, technology_id(request.path_params["technology"]), now=clock.now())
    return redirect(request, "catalog:edit_listing", technology=technology.id, flash=_("Confirmed. Thank you."))
