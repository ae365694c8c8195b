"""An institution and a company that trade over HTTP, and go on with whatever the record says is next."""

import contextlib
import json
import secrets
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
from sqlmodel import Session, select

from market.accounts.models import SignInSession
from market.accounts.queries import token_hash
from market.catalog.models import Technology
from market.config import Settings
from market.deals.models import Deal, Offer
from market.kit import clock, schema
from market.kit.actor import Actor
from market.payments.models import Invoice
from market.wiring import Wired, wire
from tests.browserless import Visitor
from tests.deals import world as making
from tests.live import LiveServer

SECRET = "k" * 40
LISTINGS = 60


class NotYet(Exception):
    """The next step waits for the worker."""


@dataclass
class Traders:
    """Two people with open sessions on a live server, and a look into its database from beside it."""

    live: LiveServer
    wired: Wired
    officer: Visitor
    boss: Visitor
    buyer: Visitor
    listings: list[str]

    def read(self, look: Callable[[Session], Any]) -> Any:
        """Look at the tables."""
        with self.wired.db.read() as db:
            return look(db)

    def deal(self, technology: str) -> Deal | None:
        """The deal about a listing."""
        return self.read(lambda db: db.exec(select(Deal).where(Deal.technology_id == technology)).first())

    def step(self, technology: str) -> bool:
        """Take the next step of the deal about a listing, as its record says; False when the licence is active."""
        deal = self.deal(technology)
        if deal is not None and deal.state == "active":
            return False
        who = STEPS[deal.state](self, deal) if deal else self._ask(technology)
        assert who.page.status_code == 200, who.text[:1500]
        return True

    def charges(self, invoice_id: str) -> int:
        """How often the payment sandbox has taken money for an invoice, by its own books."""
        with contextlib.closing(sqlite3.connect(self.live.folder / "sandbox" / "stripe.sqlite3")) as books:
            bodies = [json.loads(row[0]) for row in books.execute("SELECT body FROM object WHERE kind = 'charge'")]
        return sum(body["metadata"].get("invoice") == invoice_id and body["status"] == "succeeded" for body in bodies)

    def _ask(self, technology: str) -> Visitor:
        self.buyer.get(f"/technologies/{technology}/enquire")
        self.buyer.submit("/enquire", intended_use=making.USE, field_of_use="Ship coatings", territory=["DK"])
        return self.buyer

    def answer(self, deal: Deal) -> Visitor:
        """The officer answers the enquiry."""
        self.officer.get(f"/deals/{deal.id}")
        self.officer.submit("/answer", message="Gladly.")
        return self.officer

    def offer(self, deal: Deal) -> Visitor:
        """The officer makes the first offer."""
        self.officer.get(f"/deals/{deal.id}/offer")
        self.officer.submit("/offer", upfront="15000", tier_1_rate="4", sublicence="consent", other_rights="Recipe")
        return self.officer

    def counter_or_accept(self, deal: Deal) -> Visitor:
        """The buyer asks for a lower fee once, then accepts."""
        offers = self.read(lambda db: db.exec(select(Offer.id).where(Offer.deal_id == deal.id)).all())
        if len(offers) == 1:
            self.buyer.get(f"/deals/{deal.id}/offer")
            self.buyer.submit("/offer", upfront="9000")
        else:
            self.buyer.get(f"/deals/{deal.id}/accept")
            self.buyer.submit("/accept")
        return self.buyer

    def accept(self, deal: Deal) -> Visitor:
        """The officer accepts the changed terms."""
        self.officer.get(f"/deals/{deal.id}/accept")
        self.officer.submit("/accept")
        return self.officer

    def send(self, deal: Deal) -> Visitor:
        """The officer sends the agreement for signature."""
        self.officer.get(f"/deals/{deal.id}")
        self.officer.submit("/agreement")
        return self.officer

    def sign(self, deal: Deal) -> Visitor:
        """Whoever is next signs, as soon as the document is there."""
        who, name = (self.buyer, "Carla Jensen") if deal.turn == "licensee" else (self.boss, "Beat Chef")
        who.get(f"/deals/{deal.id}/agreement")
        if "typed_name" not in who.page.text:
            raise NotYet
        who.submit("/sign", typed_name=name, consent="on")
        return who

    def pay(self, deal: Deal) -> Visitor:
        """The buyer pays by card on the hosted page, unless the money is on its way."""
        invoice = self.read(lambda db: db.exec(select(Invoice).where(Invoice.deal_id == deal.id)).one())
        self.buyer.get(f"/invoices/{invoice.id}")
        if invoice.paid_at or "/pay" not in self.buyer.page.text:
            raise NotYet
        self.buyer.submit("/pay")
        if 'value="card"' not in self.buyer.page.text:
            raise NotYet
        self.buyer.submit("", choice="card")
        return self.buyer


STEPS: dict[str, Callable[[Traders, Deal], Visitor]] = {
    "enquiry_sent": Traders.answer,
    "qualified": Traders.offer,
    "offer_from_licensor": Traders.counter_or_accept,
    "offer_from_licensee": Traders.accept,
    "approved": Traders.send,
    "signing": Traders.sign,
    "awaiting_payment": Traders.pay,
}


def _session(db: Session, who: Actor) -> str:
    token = secrets.token_hex(16)
    now = clock.now()
    db.add(
        SignInSession(
            token_hash=token_hash(token),
            person_id=who.person_id or "",
            organisation_id=who.organisation_id,
            created_at=now,
            authenticated_at=now,
            expires_at=now + timedelta(days=14),
        )
    )
    return token


def _copies(db: Session, listing: Technology) -> list[str]:
    """More listings of the same kind: one deal about each."""
    made = [listing.id]
    for number in range(LISTINGS):
        facts = listing.model_dump(exclude={"id"}) | {"source_id": f"t-{number + 2}", "title": f"Coating {number}"}
        copy = Technology(**facts)
        db.add(copy)
        made.append(copy.id)
    return made


def open_market(folder: Path, **environment: str) -> Traders:
    """A live server over a small world, its people signed in. Stop it with `traders.live.kill()`."""
    live = LiveServer(folder, SECRET_KEY=SECRET, **environment)
    wired = wire(Settings(DATA_DIR=folder, SECRET_KEY=SECRET, BASE_URL=live.url, PORT=live.port))
    schema.upgrade(wired.db)
    with wired.db.write() as db:
        world = making.make_world(db, clock.now())
        tokens = [_session(db, who) for who in (world.officer, world.boss, world.buyer)]
        listings = _copies(db, db.get_one(Technology, world.technology.id))
    live.start()
    visitors = []
    for token in tokens:
        visitor = Visitor.at(live.url)
        visitor.client.cookies.set("ponte_session", token)
        visitors.append(visitor)
    return Traders(live, wired, *visitors, listings=sorted(listings))


def go_on(traders: Traders, technology: str, *, within: float = 60) -> None:
    """Take step after step until the licence is active."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        try:
            if not traders.step(technology):
                return
        except NotYet:
            time.sleep(0.1)
    deal = traders.deal(technology)
    raise AssertionError(f"no licence in {within} s: {deal.state if deal else 'not asked'}; {traders.live.log()}")


CUT = httpx2.TransportError
"""What a visitor sees of a killed server."""
