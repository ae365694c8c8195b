"""The data room: documents put in and shut again, and each opening written down."""

from datetime import datetime

from sqlmodel import Session

from market.accounts import queries as accounts
from market.accounts.rules import Permission
from market.deals import mails, papers, policy, queries
from market.deals.forms import PaperForm
from market.deals.models import RoomDocument
from market.deals.papers import PaperRow
from market.deals.process import CLOSED, other
from market.deals.rules import nda
from market.deals.rules.room import BEFORE, MOST_DOCUMENTS, MOST_PAGES, NAMED
from market.kit import audit, files
from market.kit.actor import Actor
from market.kit.errors import Forbidden, NotFound, Refusal, refuse
from market.kit.files import Blob
from market.kit.i18n import _


def check(form: PaperForm, pages: int) -> None:
    """Refuse what cannot be marked with its reader's name; before anything is written."""
    if pages == 0:
        unreadable = _(
            "We cannot open this file, or it is locked by a password. Save it as a new PDF without a password and try again."
        )
        refuse(Refusal("unreadable", unreadable, "file"))
    if pages > MOST_PAGES:
        refuse(Refusal("too_long", _("Use at most {n} pages. Split the document."), "file", {"n": MOST_PAGES}))
    if form.tier == NAMED and not form.readers:
        refuse(Refusal("nobody", _("Tick at least one person who may open it."), "readers"))


def add(
    db: Session, actor: Actor, deal_id: str, form: PaperForm, blob: Blob, *, pages: int, now: datetime
) -> RoomDocument:
    """Put a document into the room; the other side is told if it may open it at once. Raises Refused, Forbidden, NotFound."""
    deal = queries.deal_for_update(db, actor, deal_id)
    side = policy.side(actor, deal)
    if not actor.may(Permission.NEGOTIATE):
        raise Forbidden
    if deal.state in CLOSED:
        refuse(Refusal("closed", _("This deal is closed, and so is its data room.")))
    if papers.count(db, deal.id) >= MOST_DOCUMENTS:
        refuse(Refusal("too_many", _("A data room holds {n} documents at most."), "file", {"n": MOST_DOCUMENTS}))
    if form.ends_on is not None and form.ends_on < now.date():
        refuse(Refusal("past", _("This day is over. Choose a later one, or leave it empty."), "ends_on"))
    theirs = deal.licensee_id if actor.organisation_id == deal.licensor_id else deal.licensor_id
    readers = sorted({person.id for person in accounts.people(db, theirs)} & set(form.readers))
    if form.tier == NAMED and not readers:
        refuse(Refusal("nobody", _("Tick at least one person who may open it."), "readers"))
    file = files.remember(db, blob, now=now, organisation_id=actor.organisation_id, person_id=actor.person_id)
    row = RoomDocument(
        deal_id=deal.id,
        organisation_id=actor.organisation_id or "",
        person_id=actor.person_id or "",
        file_id=file.id,
        title=form.title or blob.name,
        tier=form.tier,
        readers=readers if form.tier == NAMED else [],
        download=form.download,
        pages=pages,
        ends_on=form.ends_on,
        created_at=now,
    )
    db.add(row)
    db.flush()
    audit.record(db, actor, "deal:room:added", row, now=now, tier=form.tier, sha256=blob.sha256, readers=readers)
    if form.tier == BEFORE or (form.tier != NAMED and nda.in_force(deal.nda_ends_on, now.date())):
        mails.tell(db, deal, other(side), "room_added", key=f"room:{row.id}", paper=row.title)
    return row


def open_paper(
    db: Session, actor: Actor, deal_id: str, paper_id: str, *, how: str, now: datetime, page: int | None = None
) -> PaperRow:
    """Find a document that the actor may open now and write down that it is: `how` is viewed or downloaded; NotFound else."""
    deal = queries.deal(db, actor, deal_id)
    paper = papers.paper(db, actor, deal, paper_id, today=now.date())
    if how == "downloaded" and not (paper.download or paper.own):
        raise NotFound
    if page is not None and not 1 <= page <= paper.pages:
        raise NotFound
    row = db.get_one(RoomDocument, paper.id)
    audit.record(db, actor, f"deal:room:{how}", row, now=now, page=page)
    return paper


def revoke(db: Session, actor: Actor, deal_id: str, paper_id: str, *, now: datetime) -> RoomDocument:
    """Shut a document for the other side, from its next request on; only the side that put it in may."""
    deal = queries.deal(db, actor, deal_id)
    paper = papers.paper(db, actor, deal, paper_id, today=now.date())
    if not paper.own:
        raise NotFound
    if not actor.may(Permission.NEGOTIATE):
        raise Forbidden
    row = db.get_one(RoomDocument, paper.id)
    if row.revoked_at is None:
        row.revoked_at = now
        db.add(row)
        db.flush()
        audit.record(db, actor, "deal:room:revoked", row, now=now)
    return row
