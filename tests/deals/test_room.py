"""The data room: who may open what and until when, each opening written down, each page marked with its reader's name."""

import io
from datetime import date, datetime, timedelta
from itertools import product

import pypdf
import pytest
from sqlmodel import Session

from market.accounts.service import members
from market.deals import papers, queries
from market.deals.forms import CloseForm
from market.deals.gateway import Mark
from market.deals.models import Deal
from market.deals.rules.room import TIERS, Access, Reader, may_open
from market.deals.service import enquire, room
from market.integrations.watermark import TypstWatermarker
from market.kit import audit
from market.kit.actor import Actor
from market.kit.db import Database
from market.kit.errors import Forbidden, NotFound, Refused
from market.kit.files import FileStore
from market.wiring import Wired
from tests.browserless import Browser
from tests.catalog.test_pages import png
from tests.deals import world as making
from tests.deals.test_web import sign_in
from tests.deals.world import World

TODAY = date(2027, 3, 3)


@pytest.mark.parametrize(("tier", "own", "nda", "named"), list(product(TIERS, *[(True, False)] * 3)))
def test_tier_side_agreement_and_person_decide(tier: str, own: bool, nda: bool, named: bool) -> None:
    """Every combination; and nothing opens to the other side once it is shut, ended, or the deal is over."""
    readers = frozenset({"carla"}) if named else frozenset({"mia"})
    wanted = own or tier == "before_nda" or (nda and (tier == "after_nda" or named))
    reader = Reader("carla", own=own, nda_in_force=nda, deal_closed=False, today=TODAY)
    assert wanted == may_open(Access(tier, readers, None, revoked=False), reader)
    assert wanted == may_open(Access(tier, readers, TODAY, revoked=False), reader)
    assert own == may_open(Access(tier, readers, TODAY - timedelta(days=1), revoked=False), reader)
    assert own == may_open(Access(tier, readers, None, revoked=True), reader)
    closed = Reader("carla", own=own, nda_in_force=nda, deal_closed=True, today=TODAY)
    assert own == may_open(Access(tier, readers, None, revoked=False), closed)


def _deal(database: Database, files: FileStore, world: World, *, signed: bool = True) -> str:
    with database.write() as db:
        deal_id = making.nda_proposed(db, world).id
    if signed:
        making.typeset_all(database, files, deal_id, world.now, "nda")
        making.sign_nda(database, world, deal_id)
    return deal_id


def _sees(db: Session, who: Actor, deal_id: str, on: datetime) -> list[str]:
    return [each.id for each in papers.papers(db, who, queries.deal(db, who, deal_id), today=on.date())]


def test_the_signature_opens_the_room_and_the_last_day_shuts_it(
    database: Database, files: FileStore, world: World, now: datetime
) -> None:
    """Before, after, on the last day and on the day after it; a document's own last day; and the owner all the time."""
    deal_id = _deal(database, files, world, signed=False)
    with database.write() as db:
        early = making.paper(db, files, world.officer, deal_id, now, tier="before_nda").id
        late = making.paper(db, files, world.officer, deal_id, now, tier="after_nda").id
        assert {early} == set(_sees(db, world.buyer, deal_id, now))
    making.typeset_all(database, files, deal_id, world.now, "nda")
    making.sign_nda(database, world, deal_id)
    with database.write() as db:
        brief = making.paper(db, files, world.officer, deal_id, now, tier="after_nda", ends_on=now.date()).id
        ends = db.get_one(Deal, deal_id).nda_ends_on
        assert ends is not None
        last = now + (ends - now.date())
        assert {early, late, brief} == set(_sees(db, world.buyer, deal_id, now))
        assert {early, late} == set(_sees(db, world.buyer, deal_id, last))
        assert {early} == set(_sees(db, world.buyer, deal_id, last + timedelta(days=1)))
        assert {early, late, brief} == set(_sees(db, world.officer, deal_id, last + timedelta(days=1)))
        with pytest.raises(NotFound):
            room.open_paper(db, world.buyer, deal_id, late, how="viewed", page=1, now=last + timedelta(days=1))
        form = CloseForm(reason="price", message="")
        enquire.close_lost(db, world.officer, deal_id, form, now=now)
        assert [] == _sees(db, world.buyer, deal_id, now)


def test_named_people_alone_open_what_is_theirs(
    database: Database, files: FileStore, world: World, now: datetime
) -> None:
    """A colleague of theirs does not find it; only people of the other side can be named."""
    deal_id = _deal(database, files, world)
    with database.write() as db:
        colleague = making.member(db, world.company, "Mia Holm", "member", now=now)
        given = {"tier": "named", "readers": [colleague.person_id or "", world.stranger.person_id or ""]}
        paper = making.paper(db, files, world.officer, deal_id, now, **given)
        assert [colleague.person_id] == paper.readers
        assert [paper.id] == _sees(db, colleague, deal_id, now)
        assert [] == _sees(db, world.buyer, deal_id, now)
        with pytest.raises(Refused, match="Tick at least one"):
            making.paper(db, files, world.officer, deal_id, now, tier="named", readers=[world.stranger.person_id])


def test_each_opening_is_written_down_and_shutting_counts_at_once(
    database: Database, files: FileStore, world: World, now: datetime
) -> None:
    """Who, what and when, in a chain that nobody can mend; a stranger, another deal's id and a read-only copy are not found."""
    deal_id = _deal(database, files, world)
    with database.write() as db:
        paper = making.paper(db, files, world.officer, deal_id, now, tier="after_nda").id
        room.open_paper(db, world.buyer, deal_id, paper, how="viewed", page=2, now=now)
        for who, page, how in (
            (world.stranger, 1, "viewed"),
            (world.buyer, 3, "viewed"),
            (world.buyer, None, "downloaded"),
        ):
            with pytest.raises(NotFound):
                room.open_paper(db, who, deal_id, paper, how=how, page=page, now=now)
        with pytest.raises(NotFound):
            room.open_paper(db, world.buyer, deal_id, "another", how="viewed", page=1, now=now)
        with pytest.raises(NotFound):
            room.revoke(db, world.buyer, deal_id, paper, now=now)
        room.revoke(db, world.officer, deal_id, paper, now=now)
        with pytest.raises(NotFound):
            room.open_paper(db, world.buyer, deal_id, paper, how="viewed", page=1, now=now)
        trail = audit.trail(db, ("room_document", paper))
        told = [(event.tag, event.person_name, event.data.get("page")) for event in trail]
        assert [
            ("deal:room:added", "Ana Muster", None),
            ("deal:room:viewed", "Carla Jensen", 2),
            ("deal:room:revoked", "Ana Muster", None),
        ] == told
        assert [] == audit.verify(db)[1]


def test_what_cannot_be_put_in_is_refused(database: Database, files: FileStore, world: World, now: datetime) -> None:
    """A past day, a person without the right, a stranger, a closed deal."""
    deal_id = _deal(database, files, world, signed=False)
    with database.write() as db:
        signatory = making.member(db, world.company, "Sif Krogh", "signatory", now=now)
        with pytest.raises(Refused, match="This day is over"):
            making.paper(db, files, world.officer, deal_id, now, tier="before_nda", ends_on=TODAY - timedelta(days=1))
        with pytest.raises(Forbidden):
            making.paper(db, files, signatory, deal_id, now, tier="before_nda")
        with pytest.raises(NotFound):
            making.paper(db, files, world.stranger, deal_id, now, tier="before_nda")


def test_every_page_bears_its_readers_name() -> None:
    """In the text of the PDF, on each page, also of a picture; code in a name stays text; what is no document has no pages."""
    marker, mark = TypstWatermarker(), Mark('Carla #panic("x") Jensen', "For carla@example.com, 2027-03-03 12:00 UTC")
    assert 2 == marker.pages(making.pdf(), "application/pdf")
    marked = pypdf.PdfReader(io.BytesIO(marker.stamp(making.pdf(), "application/pdf", mark, pages=2)))
    texts = [page.extract_text() for page in marked.pages]
    assert 2 == len(texts)
    assert all("carla@example.com" in text and '#panic("x")' in text for text in texts)
    assert "The recipe" in texts[0]
    page = marker.stamp(making.pdf(), "application/pdf", mark, pages=2, only=2)
    assert page.startswith(b"\x89PNG")
    assert page != marker.stamp(making.pdf(), "application/pdf", Mark("-", "-"), pages=2, only=2)
    assert 1 == marker.pages(png(), "image/png")
    assert marker.stamp(png(), "image/png", mark, pages=1).startswith(b"%PDF")
    assert 0 == marker.pages(b"%PDF-1.7 nothing", "application/pdf")
    locked = pypdf.PdfWriter(io.BytesIO(making.pdf()))
    locked.encrypt("secret")
    stream = io.BytesIO()
    locked.write(stream)
    assert 0 == marker.pages(stream.getvalue(), "application/pdf")


def test_both_sides_in_the_browser(wired: Wired, now: datetime) -> None:
    """Propose, sign twice, put in, read a page, take a copy; then a removed member finds nothing with the next request."""
    with wired.db.write() as db:
        world = making.make_world(db, now)
        deal_id = making.answered(db, world).id
        mia = making.member(db, world.company, "Mia Holm", "member", now=now)
    people = {
        "officer": world.officer,
        "boss": world.boss,
        "buyer": world.buyer,
        "stranger": world.stranger,
        "mia": mia,
    }
    browsers = {name: sign_in(Browser(wired), wired.db, who, world) for name, who in people.items()}
    officer, boss, buyer = browsers["officer"], browsers["boss"], browsers["buyer"]
    path = f"/deals/{deal_id}"

    assert "Propose a non-disclosure agreement" in officer.get(path).text
    officer.get(f"{path}/nda/new")
    officer.submit("/nda/new", purpose="short", months="24", discloser="mutual")
    assert (422, True) == (officer.page.status_code, "Use at least 20 characters" in officer.text)
    officer.submit("/nda/new", purpose="To see whether the coating fits boats.", months="24", discloser="mutual")
    for browser, who in ((boss, world.boss), (buyer, world.buyer)):
        browser.get(f"{path}/nda")
        browser.submit("/nda/sign", typed_name="Somebody Else", consent="on")
        assert 422 == browser.page.status_code
        browser.submit("/nda/sign", typed_name=who.person_name, consent="on")
        assert 200 == browser.page.status_code
    assert "Signed by both sides" in buyer.text
    assert 404 == browsers["stranger"].get(f"{path}/nda").status_code
    assert "in force" in buyer.get(f"{path}/nda").text

    officer.get(f"{path}/room")
    upload = {"file": ("recipe.pdf", making.pdf(), "application/pdf")}
    officer.submit("/room", title="The Recipe", tier="after_nda", download="on", files=upload)
    assert (200, True) == (officer.page.status_code, "The Recipe" in officer.text)
    officer.get(f"{path}/room")
    officer.submit(
        "/room", title="Broken", tier="after_nda", files={"file": ("x.pdf", b"%PDF-1.7 no", "application/pdf")}
    )
    assert (422, True) == (officer.page.status_code, "We cannot open this file" in officer.text)

    assert "The Recipe" in buyer.get(f"{path}/room").text
    with wired.db.read() as db:
        paper = papers.papers(db, world.buyer, queries.deal(db, world.buyer, deal_id), today=now.date())[0].id
    there = f"{path}/room/{paper}"
    assert "Who has opened it" not in buyer.get(there).text
    page = buyer.get(f"{there}/pages/1")
    assert (200, "image/png", "private, no-store") == (
        page.status_code, page.headers["content-type"], page.headers["cache-control"],
    )  # fmt: skip
    text = pypdf.PdfReader(io.BytesIO(buyer.get(f"{there}/file").content)).pages[1].extract_text()
    assert "Carla Jensen" in text
    assert "2027-03-03 12:00 UTC" in text
    log = officer.get(there).text
    assert all(words in log for words in ("Who has opened it", "Page 1 read", "Marked copy downloaded", "Nordhaven"))
    assert [404] * 4 == [
        browsers["stranger"].get(address).status_code
        for address in (f"{path}/room", there, f"{there}/pages/1", f"{there}/file")
    ]

    assert 200 == browsers["mia"].get(f"{there}/pages/1").status_code
    with wired.db.write() as db:
        members.remove(db, world.buyer, world.company.id, mia.person_id or "", now=now)
    assert 200 != browsers["mia"].get(f"{there}/pages/1").status_code
    officer.get(there)
    officer.submit("/revoke")
    assert [404, 404] == [buyer.get(f"{there}/{part}").status_code for part in ("pages/1", "file")]
