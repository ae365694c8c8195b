"""What everybody sees: the list of open needs, each with its page, as a feed and as JSON."""

from dataclasses import asdict
from math import ceil
from typing import Any
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, SubElement, tostring

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts.rules import Permission
from market.catalog.rules.text import shorten
from market.catalog.rules.vocabulary import OFFERS, SECTORS
from market.kit import clock
from market.kit.actor import ANONYMOUS, Actor
from market.kit.forms import FormState
from market.kit.i18n import _, country_name, translate
from market.kit.runtime import runtime
from market.kit.web import json_answer, page, page_number, query, render
from market.needs import pages, policy, queries
from market.needs.process import PUBLIC
from market.needs.queries import PER_PAGE
from market.needs.rows import NeedRow, Wanted
from market.needs.rules.posting import need_id
from market.needs.rules.vocabulary import STAGES
from market.needs.views import showing

IN_FEED = 50
ATOM = "http://www.w3.org/2005/Atom"


def wanted(request: Request) -> Wanted:
    """The filters of the address; what they cannot mean is passed over."""
    country = query(request, "country").upper()
    sector, kind, stage = query(request, "sector"), query(request, "kind"), query(request, "stage")
    return Wanted(
        text=" ".join(query(request, "q")[:200].split()),
        sector=sector if sector in SECTORS else "",
        kind=kind if kind in OFFERS else "",
        country=country if len(country) == 2 and country.isascii() and country.isalpha() else "",
        stage=stage if stage in STAGES and stage != "any" else "",
    )


@page(permission=Permission.PUBLIC, kept=True)
def list_needs(request: Request, db: Session, actor: Actor) -> Response:
    """Open needs, newest first."""
    asked, number = wanted(request), page_number(request)
    found, total = queries.open_needs(db, actor, asked, number)
    values = {"q": asked.text, **{name: value for name, value in asdict(asked).items() if name != "text"}}
    here = runtime(request).templates.addresses.path("needs:list_needs")
    kept = urlencode([(name, value) for name, value in values.items() if value])
    choices = showing.options()
    return render(
        request,
        pages.NeedsPage(
            title=translate(_("Technology requests")),
            needs=[pages.shown(each) for each in found],
            total=total,
            form=FormState(values),
            options={
                "sector": choices["sector"],
                "kind": choices["kinds"],
                "stage": [each for each in choices["stage"] if each[0] != "any"],
                "country": [(code, country_name(code)) for code in queries.countries(db)],
            },
            filtered=bool(kept),
            number=number,
            last=max(1, ceil(total / PER_PAGE)),
            pager=f"{here}?{kept}&" if kept else f"{here}?",
        ),
    )


@page(permission=Permission.PUBLIC, kept=True)
def show_need(request: Request, db: Session, actor: Actor) -> Response:
    """One need, as far as the reader may see it."""
    need = queries.need(db, actor, need_id(request.path_params["need"]))
    institution = policy.is_institution(actor)
    sees_all = need.own or actor.is_operator
    proposals = queries.proposals(db, need.id) if sees_all else []
    ours = queries.proposals(db, need.id, of=actor.organisation_id) if institution else []
    may_answer = institution and actor.may(Permission.EDIT_LISTINGS) and need.state in PUBLIC
    return render(
        request,
        pages.NeedPage(
            title=need.title,
            need=pages.shown(need),
            path=pages.path_steps(need),
            beside=[pages.beside(each) for each in proposals],
            ours=[pages.beside(each) for each in ours],
            may_answer=may_answer,
            may_act=need.own and actor.may(Permission.ENQUIRE),
            outcome=pages.outcome_text(need),
        ),
    )


# --- for machines: what a visitor sees, whoever asks


@page(permission=Permission.PUBLIC)
def show_needs_json(request: Request, db: Session, _actor: Actor) -> Response:
    """Open needs as JSON, with the same filters and pages."""
    number = page_number(request)
    found, total = queries.open_needs(db, ANONYMOUS, wanted(request), number)
    needs = [_plain(request, each) for each in found]
    return json_answer({"total": total, "page": number, "per_page": PER_PAGE, "needs": needs})


def _plain(request: Request, need: NeedRow) -> dict[str, Any]:
    return {
        "id": need.id,
        "url": _address(request, need),
        "title": need.title,
        "text": need.text,
        "sector": need.sector,
        "cluster": need.cluster,
        "country": need.country,
        "region": need.region,
        "stage": need.stage,
        "kinds": list(need.kinds),
        "budget": need.budget,
        "currency": need.currency,
        "deadline": need.deadline.isoformat() if need.deadline else None,
        "opened_at": need.opened_at.isoformat() if need.opened_at else None,
        "state": need.state,
        "organisation": need.on_behalf_of or need.organisation or None,
    }


def _address(request: Request, need: NeedRow) -> str:
    run = runtime(request)
    return run.base_url + run.templates.addresses.path("needs:show_need", need=need.address)


@page(permission=Permission.PUBLIC)
def show_needs_feed(request: Request, db: Session, _actor: Actor) -> Response:
    """The newest open needs as an Atom feed, with the same filters."""
    found, _total = queries.open_needs(db, ANONYMOUS, wanted(request), 1, IN_FEED)
    run = runtime(request)
    here = run.base_url + request.url.path
    feed = Element("feed", xmlns=ATOM)
    SubElement(feed, "title").text = translate(_("Technology requests on Ponte"))
    SubElement(feed, "id").text = here
    SubElement(feed, "link", rel="self", href=here)
    moments = [each.opened_at for each in found if each.opened_at]
    SubElement(feed, "updated").text = max(moments, default=clock.now()).isoformat()
    for need in found:
        entry = SubElement(feed, "entry")
        address = _address(request, need)
        SubElement(entry, "title").text = need.title
        SubElement(entry, "id").text = address
        SubElement(entry, "link", href=address)
        SubElement(entry, "updated").text = (need.opened_at or need.updated_at).isoformat()
        who = SubElement(SubElement(entry, "author"), "name")
        who.text = pages.shown(need).who
        SubElement(entry, "summary").text = shorten(" ".join(need.text.split()), 400)
    body = b'<?xml version="1.0" encoding="utf-8"?>\n' + tostring(feed)
    return Response(body, media_type="application/atom+xml")
