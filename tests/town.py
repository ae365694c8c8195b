"""A small town: somebody for every role, and a record for every address of the route table.

The tests that go through all routes live on it. Whoever adds a route with a new parameter adds its record to `records`.
"""

import hashlib
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from market.accounts.forms import InviteForm
from market.accounts.models import Organisation, SignInSession
from market.accounts.queries import acting, token_hash
from market.accounts.service import members, password, people, tokens
from market.catalog import reader
from market.catalog.forms import RightForm, TermsForm
from market.catalog.models import ConfirmationRequest, IpRight, Technology, TechnologyFile
from market.catalog.service import importing, keeping, parts
from market.deals import queries as deals
from market.deals.forms import CloseForm, MessageForm, NoteForm
from market.deals.models import Deal, RoomDocument
from market.deals.service import enquire, negotiate, sign, talk
from market.deals.service.seal import SEAL
from market.desk.gateway import Outbox
from market.discovery.forms import SaveSearchForm
from market.discovery.rules.stopping import stop_token
from market.discovery.service import saving
from market.kit import clock, cookies, csrf
from market.kit.actor import Actor
from market.kit.db import Database
from market.kit.files import FileStore, save_bytes
from market.kit.jobs import Job
from market.kit.money import Money
from market.needs.forms import AnswerForm
from market.needs.service import answering, moderating, posting
from market.payments.models import Invoice, RoyaltyReport
from market.payments.service import feeding, royalty_clock
from market.wiring import Wired
from tests.browserless import Browser
from tests.catalog.samples import csv_file
from tests.catalog.test_pages import png
from tests.deals import world as making
from tests.deals.sheets import PLAIN
from tests.needs.world import WORDS, a_form

VISITOR = "visitor"
INSTITUTION = ("institution_owner", "officer", "approver", "finance", "institution_signatory")
COMPANY = ("company_owner", "member", "company_signatory")
ELSEWHERE = ("other_company_owner", "other_institution_owner", "adviser")
ALONE = ("removed_member", "operator")
ROLES = (VISITOR, *INSTITUTION, *COMPANY, *ELSEWHERE, *ALONE)
STATES = (
    "asked", "answered", "proposed", "secret", "offered", "countered", "agreed", "approved", "sent", "signed", "active", "closed",
)  # fmt: skip


@dataclass
class Town:
    """The town's application; `actors` and `keys` (session tokens) by role, `records` by the parameters of a path."""

    wired: Wired
    actors: dict[str, Actor]
    keys: dict[str, str]
    records: dict[str, list[dict[str, str]]]
    untouched: Path = field(default_factory=Path)

    def paths(self, row: dict[str, Any]) -> list[str]:
        """The addresses of a route (a row of `described`), one for each record that it can show; KeyError for a new kind."""
        names = re.findall(r"\{(\w+)", row["path"])
        if not names:
            return [row["path"]]
        key = f"{row['path'].split('/')[1]}:{','.join(names)}" if names == ["token"] else ",".join(names)
        return [row["path"].format_map(record) for record in self.records[key]]

    def may(self, role: str, permission: str) -> bool:
        """Whether the role's permissions hold this one."""
        actor = self.actors.get(role)
        return permission == "public" if actor is None else actor.may(permission)

    @contextmanager
    def browser(self, role: str) -> Iterator[Browser]:
        """A browser without JavaScript in which the role is signed in; it does not follow redirects."""
        with Browser(self.wired) as browser:
            browser.client.follow_redirects = False
            self.enter(browser, role)
            yield browser

    def enter(self, browser: Browser, role: str) -> None:
        """Give the browser the role's cookies, and no others."""
        browser.client.cookies.clear()
        if role == VISITOR:
            browser.client.cookies.set(cookies.VISITOR, VISITOR)
        else:
            browser.client.cookies.set(cookies.session_cookie(False), self.keys[role])

    def form_token(self, role: str) -> str:
        """A form token as a page would carry it for this role."""
        bound = VISITOR if role == VISITOR else hashlib.sha256(self.keys[role].encode()).hexdigest()
        return csrf.token(self.wired.settings.secret, bound)

    def keep(self, path: Path) -> None:
        """Remember the database as it is now (SQLite only)."""
        self.untouched = path
        with sqlite3.connect(self._file) as now, sqlite3.connect(path) as copy:
            now.backup(copy)

    def restore(self) -> None:
        """Put the database back as it was kept."""
        with sqlite3.connect(self.untouched) as copy, sqlite3.connect(self._file) as now:
            copy.backup(now)
        self.wired.runtime.pages = type(self.wired.runtime.pages)()

    @property
    def _file(self) -> str:
        return self.wired.db.url.removeprefix("sqlite:///")


def build(wired: Wired) -> Town:
    """Make the town in a fresh database, by the services."""
    now = clock.now()
    with wired.db.write() as db:
        world = making.make_world(db, now)
        actors = _people(db, world)
    deal_ids = _deals(wired, world, actors)
    records = _records(wired, world, actors, deal_ids) | _kept(wired, world, actors)
    keys = {role: f"key-of-{role}" for role in actors}
    with wired.db.write() as db:
        for role, actor in actors.items():
            session = _session(actor, keys[role])
            db.add(session)
            db.flush()
            if role == "company_owner":
                other = _session(actor, "another-key")
                db.add(other)
                db.flush()
                records["session"] = [{"session": other.id}]
    wired.worker().drain()
    records["mail"] = [{"mail": name} for name, _message in wired.gateways[Outbox].newest(1)]
    with wired.db.write() as db:
        job = Job(kind="mail.send", state="dead", run_at=now, created_at=now, error="OSError: no way", payload={})
        db.add(job)
        db.flush()
        records["job"] = [{"job": job.id}]
    return Town(wired, actors, keys, records)


# --- people


def _people(db: Session, world: making.World) -> dict[str, Actor]:
    now = world.now
    other = making.organisation(db, "institute", "Institut Lointain", "FR", now, city="Lyon")
    help_desk = making.organisation(db, "support", "Chamber of Kolding", "DK", now)
    found = {"institution_owner": world.boss, "officer": world.officer, "company_owner": world.buyer}
    for role in ("approver", "finance", "signatory"):
        name = role if role != "signatory" else "institution_signatory"
        found[name] = making.member(db, world.institution, f"Uli {role.title()}", role, now=now)
    found["member"] = making.member(db, world.company, "Mia Holm", "member", now=now)
    found["company_signatory"] = making.member(db, world.company, "Sif Krogh", "signatory", now=now)
    found["other_company_owner"] = world.stranger
    found["other_institution_owner"] = making.member(db, other, "Odile Petit", "owner", now=now)
    found["adviser"] = making.member(db, help_desk, "Ada Raad", "owner", "adviser", now=now)
    removed = making.member(db, world.company, "Rolf Vaek", "member", now=now)
    members.remove(db, world.buyer, world.company.id, removed.person_id or "", now=now)
    operator = people.enrol(db, name="Otto Perez", email="otto@example.com", is_operator=True, now=now)
    ids = {role: (actor.person_id or "", actor.organisation_id) for role, actor in found.items()}
    ids |= {"removed_member": (removed.person_id or "", None), "operator": (operator.id, None)}
    return {role: acting(db, *who) for role, who in ids.items()}


def _session(actor: Actor, key: str) -> SignInSession:
    now = clock.now()
    return SignInSession(
        token_hash=token_hash(key),
        person_id=actor.person_id or "",
        organisation_id=actor.organisation_id,
        created_at=now,
        authenticated_at=now,
        expires_at=now + timedelta(days=14),
        address="192.0.2.7",
        user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    )


# --- deals


def _technology(db: Session, world: making.World, number: int, state: str = "published") -> Technology:
    technology = Technology(
        organisation_id=world.institution.id,
        source_id=f"town-{number}",
        slug=f"town-technology-{number}",
        state=state,
        title=f"Quiet Pump Number {number}",
        summary="A Pump That You Do Not Hear.",
        description="It Hums At 20 Decibels. The Rotor Hangs In A Magnetic Field.",
        advantages="Half The Noise\nNo Seal",
        sector="machinery",
        keywords=["Quiet Pump"],
        offers=["licence"],
        trl=6,
        country="CH",
        contact_id=world.officer.person_id,
        created_at=world.now,
        updated_at=world.now,
        published_at=world.now if state == "published" else None,
        confirmed_on=world.now.date(),
    )
    db.add(technology)
    db.flush()
    return technology


def _deals(wired: Wired, world: making.World, actors: dict[str, Actor]) -> dict[str, str]:
    """A deal in every situation, each about a technology of its own."""
    ids: dict[str, str] = {}
    for number, state in enumerate(STATES, start=1):
        with wired.db.write() as db:
            there = replace(world, technology=_technology(db, world, number))
            ids[state] = _begin(db, there, actors, state)
        if state in ("sent", "signed", "active"):
            making.typeset_all(wired.db, wired.gateways[FileStore], ids[state], world.now)
        if state in ("proposed", "secret"):
            making.typeset_all(wired.db, wired.gateways[FileStore], ids[state], world.now, "nda")
        if state == "secret":
            making.sign_nda(wired.db, world, ids[state])
            with wired.db.write() as db:
                making.paper(
                    db, wired.gateways[FileStore], world.boss, ids[state], world.now, tier="after_nda", download=True
                )
        if state in ("signed", "active"):
            _sign(wired.db, world, ids[state])
        if state == "active":
            with wired.db.write() as db:
                sign.settle(db, ids[state], now=world.now)
    return ids


def _begin(db: Session, world: making.World, actors: dict[str, Actor], state: str) -> str:
    steps: dict[str, Any] = {
        "asked": making.ask,
        "answered": making.answered,
        "closed": making.answered,
        "proposed": making.nda_proposed,
        "secret": making.nda_proposed,
        "offered": making.offered,
        "countered": making.offered,
        "agreed": making.agreed,
        "approved": making.approved,
    }
    deal: Deal = steps.get(state, making.sent)(db, world)
    if state == "answered":
        talk.send_message(db, actors["member"], deal.id, MessageForm(body="Which Steel Did You Try?"), now=world.now)
    if state == "countered":
        sheet = replace(PLAIN, currency="EUR", upfront=replace(PLAIN.upfront, amount=Money.of(9_000, "EUR")))
        shown = making.digest(db, deal)
        negotiate.make_offer(db, world.buyer, deal.id, sheet, answers=shown, now=world.now, note="A Smaller Fee.")
    if state == "closed":
        form = CloseForm(reason="already_licensed", message="Sorry About That.")
        enquire.close_lost(db, world.officer, deal.id, form, now=world.now)
    return deal.id


def _sign(database: Database, world: making.World, deal_id: str) -> None:
    for who in (world.buyer, world.boss):
        with database.write() as db:
            sign.sign(db, who, deal_id, making.signature(db, deal_id, who), now=world.now)


# --- records for the addresses


def _records(
    wired: Wired, world: making.World, actors: dict[str, Actor], deal_ids: dict[str, str]
) -> dict[str, list[dict[str, str]]]:
    owner, now = actors["institution_owner"], world.now
    store = wired.gateways[FileStore]
    picture = save_bytes(store, png(), "image/png", "pump.png")
    with wired.db.write() as db:
        draft = _technology(db, world, 90, "draft")
        full = world.technology.id
        parts.add_file(db, owner, full, picture, "A Grey Pump", now=now)
        parts.add_right(db, owner, full, RightForm(kind="know_how", title="Casting Notes"), now=now)
        terms = TermsForm(grant_kind="exclusive", field_of_use="Drinking Water", territory=["DK"], royalty_percent="3")
        parts.set_terms(db, owner, full, terms, now=now)
        runs = _runs(db, owner, world)
        invitation, links = _links(db, owner, actors)
        documents = {state: deals.current_document(db, deal_ids[state]) for state in ("sent", "signed", "active")}
        file_id = db.exec(select(TechnologyFile.id)).one()
        organisations = [
            {"organisation": each.id, "slug": each.slug, "kind": each.kind} for each in db.exec(select(Organisation))
        ]
        paper = {"deal": deal_ids["secret"], "paper": db.exec(select(RoomDocument.id)).one()}
    if signed := documents["active"]:
        wired.registry.handlers[SEAL](wired.worker().run, {"document": signed.id})
    royalty_clock.tick(wired.db, now=now + timedelta(days=500))
    with wired.db.write() as db:
        reports = [{"report": each} for each in db.exec(select(RoyaltyReport.id))]
        feed = feeding.new_address(db, owner, now=now)
        invoices = [{"invoice": each} for each in db.exec(select(Invoice.id))]
    mine = [each for each in organisations if each["organisation"] == world.institution.id]
    colleague = actors["officer"].person_id or ""
    with_offers = [state for state in STATES if state not in ("asked", "answered", "proposed", "secret", "closed")]
    return links | {
        "technology": [{"technology": full}, {"technology": draft.id}],
        "technology,file": [{"technology": full, "file": file_id}],
        "slug": mine,
        "run": runs,
        "organisation": mine,
        "organisation,person": [mine[0] | {"person": colleague}],
        "person": [{"person": colleague}],
        "invitation": [{"invitation": invitation}],
        "deal": [{"deal": deal_id} for deal_id in deal_ids.values()],
        "deal,version": [{"deal": deal_ids[state], "version": "1"} for state in with_offers],
        "deal,document": [{"deal": deal_ids[state], "document": doc.id} for state, doc in documents.items() if doc],
        "deal,paper": [paper],
        "deal,paper,number": [paper | {"number": "1"}],
        "invoice": invoices,
        "report": reports,
        "calendar:token": [{"token": feed}],
    }


def _kept(wired: Wired, world: making.World, actors: dict[str, Actor]) -> dict[str, list[dict[str, str]]]:
    """What the listing has besides, what the company needs and has put aside, and the links in mails about it."""
    full, now = world.technology.id, world.now
    company, officer = actors["company_owner"], actors["officer"]
    with wired.db.write() as db:
        listing = db.get_one(Technology, full)
        listing.confirmed_on = now.date()
        keeping.keep(db, officer, listing, [], now=now)
        right = db.exec(select(IpRight.id).where(IpRight.technology_id == full)).first() or ""
        opened, chosen = (
            moderating.approve(db, actors["operator"], posting.create(db, company, a_form(), now=now).id, now=now).id
            for _need in range(2)
        )
        answering.answer(db, officer, chosen, AnswerForm(technology=full, message=WORDS), now=now)
        answering.choose(db, company, chosen, full, now=now)
        form = SaveSearchForm(name="Coatings", frequency="daily", query="q=Coatings")
        search = saving.save(db, company, form, now=now)
        deal = db.exec(select(Deal.id).where(Deal.state == "active")).first() or ""
        talk.add_note(db, company, deal, NoteForm(note="Ask again in spring"), now=now)
        db.add(
            ConfirmationRequest(
                token_hash=token_hash("listings-still-hold"), person_id=officer.person_id or "",
                organisation_id=world.institution.id, created_at=now, expires_at=now + timedelta(days=30),
                technology_ids=[full],
            )
        )  # fmt: skip
        stop = stop_token(wired.settings.secret, company.person_id or "")
        return {
            "technology,number": [{"technology": full, "number": str(listing.version)}],
            "technology,right": [{"technology": full, "right": right}],
            "need": [{"need": opened}, {"need": chosen}],
            "need,technology": [{"need": chosen, "technology": full}],
            "search": [{"search": search.id}],
            "guide": [{"guide": "what-a-licence-is"}],
            "number": [{"number": "1"}],
            "kind": [{"kind": each} for each in ("csv", "xlsx", "json")],
            "alerts:token": [{"token": stop}],
            "confirm-listings:token": [{"token": "listings-still-hold"}],
        }


def _runs(db: Session, owner: Actor, world: making.World) -> list[dict[str, str]]:
    """A table that was just brought, and one that was imported."""
    data = csv_file()
    made = []
    for name in ("waiting.csv", "done.csv"):
        table = reader.read_table(name, data)
        run = importing.open_run(
            db, owner, world.institution.id, table, file_name=name, data=data, publish=False, now=world.now
        )
        made.append(run)
    importing.choose_columns(db, owner, made[1].id, made[1].mapping, now=world.now)
    understood = importing.understood(db, owner, made[1].id)
    importing.carry_out(db, owner, made[1].id, understood, publish=False, now=world.now)
    return [{"run": run.id} for run in made]


def _links(db: Session, owner: Actor, actors: dict[str, Actor]) -> tuple[str, dict[str, list[dict[str, str]]]]:
    """Links as they stand in mails: to prove an address, to set a password, to join."""
    now = clock.now()
    member = actors["member"]
    _id, verify = tokens.issue(db, "verify", member.email, now=now, lasts=timedelta(days=3), person_id=member.person_id)
    password.send_reset(db, member.email, address="", key="town", now=now)
    _id, reset = tokens.issue(db, "reset", member.email, now=now, lasts=timedelta(hours=1), person_id=member.person_id)
    members.invite(
        db, owner, owner.organisation_id or "", InviteForm(email="new@example.com", roles=["officer"]), now=now
    )
    invitation, join = tokens.issue(
        db, "invite", "newest@example.com", now=now, lasts=timedelta(days=7),
        organisation_id=owner.organisation_id, roles=frozenset({"officer"}),
    )  # fmt: skip
    found = {"confirm:token": verify, "password:token": reset, "invitations:token": join}
    return invitation, {name: [{"token": secret}] for name, secret in found.items()}
