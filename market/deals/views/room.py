"""The data room: what is in it, putting something in, reading it page by page, taking a marked copy along."""

from urllib.parse import quote

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts import queries as accounts
from market.accounts.rules import Permission
from market.deals import papers, queries
from market.deals.forms import PaperForm
from market.deals.gateway import Mark, Watermarker
from market.deals.pages.room import PaperPage, RoomPage
from market.deals.papers import PaperRow
from market.deals.process import CLOSED
from market.deals.queries import DealRow
from market.deals.rules import nda
from market.deals.rules.room import SHORT_LABELS, TIER_LABELS, TYPES
from market.deals.service import room
from market.kit import audit, clock
from market.kit.actor import Actor
from market.kit.errors import NotFound
from market.kit.files import FileStore, save_upload, storage_key
from market.kit.forms import FormState, NoForm
from market.kit.i18n import _, translate
from market.kit.runtime import Work
from market.kit.web import action, page, page_number, redirect, render, steps


@page(permission=Permission.SEE_DEALS)
def show_room(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """The documents of the deal that the reader may open."""
    deal = queries.deal(db, actor, request.path_params["deal"])
    today = clock.now().date()
    found = papers.papers(db, actor, deal, today=today)
    return render(
        request,
        RoomPage(
            title=translate(_("Data room")),
            deal=deal,
            ours=[each for each in found if each.own],
            theirs=[each for each in found if not each.own],
            tiers={key: translate(label) for key, label in TIER_LABELS.items()},
            short={key: translate(label) for key, label in SHORT_LABELS.items()},
            running=nda.in_force(deal.nda_ends_on, today),
            may_add=actor.may(Permission.NEGOTIATE) and deal.state not in CLOSED,
            people=[(each.id, each.name) for each in accounts.people(db, _others(deal))],
            form=form or FormState({"tier": "after_nda"}),
        ),
    )


def _others(deal: DealRow) -> str:
    """The id of the other side's organisation."""
    return deal.licensee_id if deal.side == "licensor" else deal.licensor_id


@steps(PaperForm, permission=Permission.NEGOTIATE, again=show_room)
def add_paper(request: Request, work: Work, actor: Actor, form: PaperForm) -> Response:
    """Put a document in: its pages are counted in a process of its own before anything is written."""
    with work.read() as db:
        deal = queries.deal(db, actor, request.path_params["deal"])
    blob = save_upload(work.gateway(FileStore), form.file, allowed=TYPES)
    pages = work.gateway(Watermarker).pages(form.file.data, blob.content_type)
    room.check(form, pages)
    with work.write() as db:
        room.add(db, actor, deal.id, form, blob, pages=pages, now=clock.now())
    return redirect(request, "deals:show_room", deal=deal.id, flash=_("The document is in the data room."))


@page(permission=Permission.SEE_DEALS)
def show_paper(request: Request, db: Session, actor: Actor) -> Response:
    """A document, one page at a time; its own side sees who has opened it."""
    deal = queries.deal(db, actor, request.path_params["deal"])
    paper = papers.paper(db, actor, deal, request.path_params["paper"], today=clock.now().date())
    names = {each.id: each.name for each in accounts.people(db, _others(deal))} if paper.own else {}
    return render(
        request,
        PaperPage(
            title=paper.title,
            deal=deal,
            paper=paper,
            number=min(page_number(request), paper.pages),
            tier=translate(TIER_LABELS[paper.tier]),
            readers=[name for key, name in names.items() if key in paper.readers],
            log=_log(db, paper) if paper.own else [],
            may_revoke=paper.own and paper.revoked_at is None and actor.may(Permission.NEGOTIATE),
        ),
    )


_DONE = {
    "added": _("Put in"),
    "viewed": _("Page {page} read"),
    "downloaded": _("Marked copy downloaded"),
    "revoked": _("Shut for the other side"),
}


def _log(db: Session, paper: PaperRow) -> list[tuple[object, str]]:
    trail = audit.trail(db, ("room_document", paper.id))
    return [
        (event, translate(_DONE[event.tag.rpartition(":")[2]], page=event.data.get("page") or ""))
        for event in reversed(trail)
    ]


@page(permission=Permission.SEE_DEALS)
def show_page(request: Request, db: Session, actor: Actor) -> Response:
    """The picture of one page, marked with its reader's name; the opening is written down before it leaves."""
    del db
    number = request.path_params["number"]
    if not (number.isascii() and number.isdecimal() and len(number) < 5):
        raise NotFound
    png = _marked(request, actor, how="viewed", number=int(number))[1]
    return Response(png, media_type="image/png", headers=_PRIVATE)


@page(permission=Permission.SEE_DEALS)
def download_paper(request: Request, db: Session, actor: Actor) -> Response:
    """The document as PDF, each page marked with its reader's name; the opening is written down before it leaves."""
    del db
    paper, pdf = _marked(request, actor, how="downloaded", number=None)
    name = quote(f"{paper.title.removesuffix('.pdf')}.pdf", safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", **_PRIVATE}
    return Response(pdf, media_type="application/pdf", headers=headers)


_PRIVATE = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


def _marked(request: Request, actor: Actor, *, how: str, number: int | None) -> tuple[PaperRow, bytes]:
    work, now = Work(request), clock.now()
    deal_id, paper_id = request.path_params["deal"], request.path_params["paper"]
    with work.write() as db:
        paper = room.open_paper(db, actor, deal_id, paper_id, how=how, page=number, now=now)
    data = work.gateway(FileStore).get(storage_key(paper.sha256))
    mark = Mark(f"{actor.person_name} · {actor.organisation_name}", _line(actor, f"{now:%Y-%m-%d %H:%M} UTC"))
    return paper, work.gateway(Watermarker).stamp(data, paper.content_type, mark, pages=paper.pages, only=number)


def _line(actor: Actor, time: str) -> str:
    return f"Confidential. For {actor.person_name} ({actor.email}), {actor.organisation_name}, {time}"


@action(NoForm, permission=Permission.NEGOTIATE)
def revoke_paper(request: Request, db: Session, actor: Actor, form: NoForm) -> Response:
    """Shut a document for the other side."""
    del form
    paper = room.revoke(db, actor, request.path_params["deal"], request.path_params["paper"], now=clock.now())
    told = _("Shut. The other side cannot open it any more.")
    return redirect(request, "deals:show_paper", deal=paper.deal_id, paper=paper.id, flash=told)
