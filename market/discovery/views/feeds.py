"""What programs read: a feed of the newest technologies, the sitemaps, and what robots may visit."""

from dataclasses import replace
from datetime import UTC, datetime
from math import ceil
from xml.etree.ElementTree import Element, SubElement, tostring

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from market.accounts.rules import Permission
from market.catalog import queries as catalog
from market.discovery import forms
from market.discovery.gateway import SearchIndex
from market.discovery.service import finding
from market.discovery.views.saved import in_words
from market.kit.actor import Actor
from market.kit.errors import NotFound
from market.kit.i18n import _, current_locale, translate
from market.kit.runtime import gateway, runtime
from market.kit.web import page

ATOM = "http://www.w3.org/2005/Atom"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
A_SITEMAP = 20_000
"""Addresses in one sitemap; 50,000 are allowed, and a file that is quickly made is better."""

BEGINNING = datetime(2001, 2, 9, tzinfo=UTC)
"""What a feed without entries says of its last change: the day of the plan that asked for all this."""

CLOSED = ("/account", "/alerts/", "/calendar/", "/compare", "/deals", "/desk", "/exports", "/imports", "/insights", "/invoices",
          "/ledger", "/listings", "/money", "/needs-for-us", "/needs/*/", "/needs/new", "/organisation", "/our-needs",
          "/royalties", "/saved-searches", "/search", "/shortlist", "/sign-in", "/technologies/*/enquire")  # fmt: skip
"""Beginnings of addresses that are nobody's but their owner's, or endless (`*` stands for any part: RFC 9309)."""


@page(permission=Permission.PUBLIC, kept=True)
def feed(request: Request, db: Session, actor: Actor) -> Response:
    """The newest technologies that fit a search, or of all, as an Atom feed; the address says the search."""
    del actor  # a feed shows what everybody may see
    run = runtime(request)
    asked = replace(forms.asked(request.query_params.multi_items()), sort="newest", page=1)
    found = finding.find(db, gateway(request, SearchIndex), asked)
    request.state.passing = found.degraded
    cards = catalog.cards(db, [] if found.dropped else [hit.id for hit in found.result.hits])
    query = asked.query()
    path = run.templates.addresses.path
    here = run.base_url + path("discovery:feed") + f"?{query}" * bool(query)
    root = Element("feed", {"xmlns": ATOM, "xml:lang": current_locale().replace("_", "-")})
    _texts(root, id=here, title=translate(_("Ponte: {what}"), what=in_words(asked)))
    SubElement(root, "link", {"rel": "self", "type": "application/atom+xml", "href": here})
    results = run.base_url + path("discovery:search") + f"?{query}" * bool(query)
    SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": results})
    _texts(root, updated=_moment(max((card.updated_at for card in cards), default=BEGINNING)))
    for card in cards:
        address = run.base_url + path("catalog:show_listing", technology=card.address)
        entry = SubElement(root, "entry")
        _texts(entry, id=f"{run.base_url}/technologies/{card.id}", title=card.title, updated=_moment(card.updated_at))
        if card.published_at:
            _texts(entry, published=_moment(card.published_at))
        _texts(SubElement(entry, "author"), name=card.organisation)
        SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": address})
        _texts(entry, summary=card.summary)
    return _xml(root, "application/atom+xml")


@page(permission=Permission.PUBLIC, kept=True)
def list_sitemaps(request: Request, db: Session, actor: Actor) -> Response:
    """Where the sitemaps are: as many as the listings need."""
    del actor
    root = Element("sitemapindex", {"xmlns": SITEMAP})
    for number in range(1, _sitemaps(db) + 1):
        place = runtime(request).templates.addresses.path("discovery:sitemap", number=number)
        _texts(SubElement(root, "sitemap"), loc=runtime(request).base_url + place)
    return _xml(root, "application/xml")


@page(permission=Permission.PUBLIC, kept=True)
def sitemap(request: Request, db: Session, actor: Actor) -> Response:
    """The addresses of visible listings, some thousands a file; in the first also the start page and the institutions."""
    del actor
    written = request.path_params["number"]
    number = int(written) if written.isascii() and written.isdecimal() and len(written) < 7 else 0
    if not 1 <= number <= _sitemaps(db):
        raise NotFound
    run = runtime(request)
    path = run.templates.addresses.path
    root = Element("urlset", {"xmlns": SITEMAP})
    if number == 1:
        for place in ("home:show_home", "discovery:search"):
            _texts(SubElement(root, "url"), loc=run.base_url + path(place))
        for slug in catalog.institution_slugs(db):
            _texts(SubElement(root, "url"), loc=run.base_url + path("catalog:show_institution", slug=slug))
    for part, changed in catalog.addresses(db, number, A_SITEMAP):
        address = run.base_url + path("catalog:show_listing", technology=part)
        _texts(SubElement(root, "url"), loc=address, lastmod=_moment(changed))
    return _xml(root, "application/xml")


@page(permission=Permission.PUBLIC)
def robots(request: Request, db: Session, actor: Actor) -> Response:
    """What robots may visit: listings and institutions, none of the rooms behind the sign-in."""
    del db, actor
    run = runtime(request)
    lines = ["User-agent: *", *(f"Disallow: {part}" for part in CLOSED), ""]
    lines.append(f"Sitemap: {run.base_url}{run.templates.addresses.path('discovery:list_sitemaps')}")
    return PlainTextResponse("\n".join(lines) + "\n")


def _sitemaps(db: Session) -> int:
    return max(1, ceil(catalog.visible_count(db) / A_SITEMAP))


def _texts(parent: Element, **texts: str) -> None:
    for name, text in texts.items():
        SubElement(parent, name).text = _allowed(text)


def _allowed(text: str) -> str:
    """Text without the characters that XML forbids."""
    return "".join(
        c for c in text if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
    )


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _xml(root: Element, media_type: str) -> Response:
    return Response(tostring(root, encoding="utf-8", xml_declaration=True), media_type=media_type)
