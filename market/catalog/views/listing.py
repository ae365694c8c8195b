"""What everybody sees of the catalogue: a technology, its files, an institution."""

from math import ceil
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from market.accounts import queries as accounts
from market.accounts.queries import OrganisationRow
from market.accounts.rules import Permission
from market.catalog import policy, queries
from market.catalog.gateway import Neighbours
from market.catalog.pages import InstitutionPage, ListingPage
from market.catalog.rights import countries as rights_by_country
from market.catalog.rights import picture
from market.catalog.rows import Card, FileRow, ListingRow
from market.catalog.rules import vocabulary as words
from market.catalog.rules.listing import technology_id
from market.kit import clock
from market.kit.actor import Actor
from market.kit.downloads import download
from market.kit.errors import NotFound
from market.kit.files import FileStore, stored
from market.kit.i18n import _, format_price, translate
from market.kit.runtime import gateway, runtime
from market.kit.web import kept_from, page, page_number, query, render

SIMILAR = 3


def price_text(listing: ListingRow | Card) -> str:
    """The price in the reader's language: an amount where there is one, else what kind of price it is."""
    low = listing.price_low
    high = getattr(listing, "price_high", None)
    if listing.price_kind == "range" and low and high:
        return f"{format_price(low)} – {format_price(high)}"
    return format_price(low) if low else translate(listing.price_label)


def labels(keys: tuple[str, ...], vocabulary: dict[str, str]) -> list[str]:
    """The texts of vocabulary keys in the reader's language; unknown keys are left out."""
    return [translate(vocabulary[key]) for key in keys if key in vocabulary]


@page(permission=Permission.PUBLIC, for_all=True, counted="technology")
def show_listing(request: Request, db: Session, actor: Actor) -> Response:
    """A technology, for a busy owner: what it does, what it costs, whom to ask."""
    part = request.path_params["technology"]
    listing = queries.listing(db, actor, technology_id(part))
    if part != listing.address:
        return RedirectResponse(address(request, "catalog:show_listing", technology=listing.address), status_code=301)
    return render(request, listing_page(request, db, actor, listing))


def listing_page(
    request: Request, db: Session, actor: Actor, listing: ListingRow, *, preview: bool = False
) -> ListingPage:
    """All that the page of a listing shows; a preview shows nothing that only its institution would see."""
    files = queries.files(db, listing.id)
    rights = queries.ip_rights(db, listing.id)
    near = similar(request, db, listing)
    own = policy.is_own(actor, listing.organisation_id)
    kept_from(request, listing.organisation_id)
    return ListingPage(
        title=listing.title,
        listing=listing,
        rights=rights,
        protection=picture(rights, rights_by_country(db, listing.id), clock.now().date()),
        inventors=queries.inventors(db, listing.id),
        pictures=[file for file in files if file.kind == "picture"],
        files=[file for file in files if file.kind == "file"],
        offers=labels(listing.offers, words.OFFERS),
        licences=labels(listing.licences, words.LICENCES),
        price=price_text(listing),
        json_ld=_json_ld(request, listing, files),
        own=own,
        may_edit=not preview and policy.may(actor, Permission.EDIT_LISTINGS, listing.organisation_id),
        similar=near,
        prices={card.id: price_text(card) for card in near},
        preview=preview,
    )


def similar(request: Request, db: Session, listing: ListingRow) -> list[Card]:
    """Visible listings close to this one; none while the search does not answer, and then the page is not kept."""
    if not listing.visible:
        return []
    near = gateway(request, Neighbours).near(listing.id, SIMILAR)
    if near is None:
        request.state.passing = True
        return []
    return queries.cards(db, near)


def address(request: Request, name: str, **params: Any) -> str:
    return runtime(request).templates.addresses.path(name, **params)


def _json_ld(request: Request, listing: ListingRow, files: list[FileRow]) -> dict[str, Any]:
    """What the page says, for search engines (schema.org Product)."""
    site = runtime(request).base_url
    told: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": listing.title,
        "description": listing.summary or listing.description[:300],
        "url": site + address(request, "catalog:show_listing", technology=listing.address),
        "brand": {"@type": "Organization", "name": listing.organisation},
    }
    if listing.sector:
        told["category"] = translate(listing.sector_label)
    if listing.keywords:
        told["keywords"] = ", ".join(listing.keywords)
    pictures = [file for file in files if file.kind == "picture"]
    if pictures:
        told["image"] = [
            site + address(request, "catalog:show_file", technology=listing.id, file=file.id) for file in pictures
        ]
    if listing.price_low and listing.price_kind in ("fixed", "express"):
        told["offers"] = {
            "@type": "Offer",
            "price": listing.price_low.plain,
            "priceCurrency": listing.price_low.currency,
            "availability": "https://schema.org/InStock",
        }
    return told


@page(permission=Permission.PUBLIC)
def show_file(request: Request, db: Session, actor: Actor) -> Response:
    """A picture or file of a listing, for who may see the listing at this moment."""
    listing_id = technology_id(request.path_params["technology"])
    found = queries.file_of(db, actor, listing_id, request.path_params["file"])
    row = stored(db, found.stored_file_id)
    return download(
        gateway(request, FileStore), row, inline=found.kind == "picture", public=found.state in words.VISIBLE
    )


@page(permission=Permission.PUBLIC, kept=True)
def show_institution(request: Request, db: Session, actor: Actor) -> Response:
    """An institution and what it offers: how it answers, what can be had at once, all its technologies by sector."""
    organisation = accounts.organisation_by_slug(db, request.path_params["slug"])
    if not organisation.verified and not policy.is_own(actor, organisation.id) and not actor.is_operator:
        raise NotFound
    counts = queries.sectors_of_organisation(db, organisation.id)
    sector = sector if (sector := query(request, "sector")) in counts else ""
    number = page_number(request)
    cards, total = queries.of_organisation(db, organisation.id, number, sector)
    express = [] if sector or number > 1 else queries.express_of_organisation(db, organisation.id)
    here = address(request, "catalog:show_institution", slug=organisation.slug)
    return render(
        request,
        InstitutionPage(
            title=organisation.name,
            organisation=organisation,
            cards=cards,
            express=express,
            prices={card.id: price_text(card) for card in (*express, *cards)},
            response=queries.response_of(db, organisation.id),
            contacts=queries.contacts_of_organisation(db, organisation.id),
            sectors=_sector_tabs(here, counts, sector),
            json_ld=_organisation_json_ld(request, organisation),
            total=total,
            number=number,
            last=max(1, ceil(total / queries.PER_PAGE)),
            pager=f"{here}?sector={sector}&" if sector else f"{here}?",
        ),
    )


def _sector_tabs(here: str, counts: dict[str, int], chosen: str) -> list[tuple[str, str, bool, int]]:
    named = [(translate(words.sector_label(key)), key, n) for key, n in counts.items()]
    tabs = [(f"{here}?sector={key}", text, key == chosen, n) for text, key, n in sorted(named)]
    return [(here, translate(_("All")), not chosen, sum(counts.values())), *tabs] if len(tabs) > 1 else []


def _organisation_json_ld(request: Request, organisation: OrganisationRow) -> dict[str, Any]:
    """Who it is, for search engines (schema.org Organization)."""
    told: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "CollegeOrUniversity" if organisation.kind == "university" else "Organization",
        "name": organisation.name,
        "url": runtime(request).base_url + address(request, "catalog:show_institution", slug=organisation.slug),
        "address": {"@type": "PostalAddress", "addressCountry": organisation.country},
    }
    if organisation.city:
        told["address"]["addressLocality"] = organisation.city
    if organisation.about:
        told["description"] = organisation.about
    if organisation.website:
        told["sameAs"] = [organisation.website]
    return told
