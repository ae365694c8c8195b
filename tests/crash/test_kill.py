"""kill -9 at any moment of the journey: nothing half, nothing lost, nothing twice."""

import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from market.deals.models import AgreementDocument, Deal, Licence, Offer, Signature
from market.kit import audit
from market.kit.audit import AuditEvent
from market.kit.jobs import Job
from market.kit.mail import Mail
from market.payments.models import Invoice, Obligation, Payment, PaymentAttempt
from market.payments.service.proof import check_ledger
from tests.crash.traders import CUT, NotYet, Traders, go_on, open_market

KILLS = 20
AFTER_OFFER = {"offer_from_licensor", "offer_from_licensee", "terms_agreed", "approved"}


@pytest.fixture
def traders(tmp_path: Path) -> Iterator[Traders]:
    """A market with real processes."""
    traders = open_market(tmp_path / "data")
    yield traders
    traders.live.stop()
    traders.wired.db.close()


def half_steps(db: Session) -> list[str]:
    """What does not fit together, in words; empty when every step is whole."""
    found = [f"audit: {each}" for each in audit.verify(db)[1]]
    found += [f"books: {fault}" for fault in check_ledger(db).faults]
    for deal in db.exec(select(Deal)):
        found += [f"deal {deal.id} in {deal.state}: {fault}" for fault in _deal_faults(db, deal)]
    return found


def _deal_faults(db: Session, deal: Deal) -> Iterator[str]:
    steps = [
        event.data
        for event in db.exec(select(AuditEvent).where(AuditEvent.subject_id == deal.id).order_by(AuditEvent.position))
        if event.tag.startswith("deal:step:") and "after" in event.data
    ]
    state = steps[-1]["after"] if steps else "enquiry_sent"
    if state != deal.state:
        yield f"the trail ends in {state}"
    for before, after in itertools.pairwise(steps):
        if before["after"] != after["before"]:
            yield f"the trail jumps from {before['after']} to {after['before']}"
    documents = db.exec(select(AgreementDocument).where(AgreementDocument.deal_id == deal.id)).all()
    signatures = db.exec(select(Signature).where(Signature.deal_id == deal.id)).all()
    licences = db.exec(select(Licence).where(Licence.deal_id == deal.id)).all()
    debts = db.exec(select(Obligation).where(Obligation.deal_id == deal.id)).all()
    invoices = db.exec(select(Invoice).where(Invoice.deal_id == deal.id)).all()
    signed = deal.state in ("awaiting_payment", "active")
    if (deal.state in AFTER_OFFER) and not db.exec(select(Offer).where(Offer.deal_id == deal.id)).all():
        yield "there is no offer"
    if (deal.state == "signing" or signed) != (len(documents) == 1):
        yield f"{len(documents)} documents"
    if signed and len(signatures) != 2:
        yield f"{len(signatures)} signatures"
    if [int(signed)] * 3 != [len(licences), len(debts), len(invoices)]:
        yield f"{len(licences)} licences, {len(debts)} debts, {len(invoices)} invoices"
    if (deal.state == "active") != any(invoice.paid_at for invoice in invoices):
        yield "active and paid do not go together"


def _kill_at_random(traders: Traders, chance: random.Random, busy: threading.Event) -> None:
    """Wait until somebody is at work, let a moment pass, kill."""
    busy.wait(30)
    time.sleep(chance.uniform(0.0, 1.2))
    traders.live.kill()


@pytest.mark.slow
@pytest.mark.timeout(420)
def test_a_market_killed_twenty_times_leaves_no_half_step(traders: Traders) -> None:
    """Twenty times the process dies at a random moment; each time the record is whole, and the trade goes on."""
    chance = random.Random(20261124)
    listings = iter(traders.listings)
    technology = next(listings)
    killed_in: Counter[str] = Counter()
    for _kill in range(KILLS):
        busy = threading.Event()
        killer = threading.Thread(target=_kill_at_random, args=(traders, chance, busy))
        killer.start()
        while killer.is_alive():
            deal = traders.deal(technology)
            state = deal.state if deal else "nothing"
            busy.set()
            try:
                if not traders.step(technology):
                    technology = next(listings)
            except NotYet:
                time.sleep(0.05)
            except CUT:
                killer.join()
        killed_in[state] += 1
        assert [] == traders.read(half_steps)
        traders.live.start()

    go_on(traders, technology)
    _settle(traders)
    assert [] == traders.read(half_steps)
    assert 3 <= len(killed_in), f"the kills hit only {killed_in}"
    assert [] == traders.read(_doubles)
    for invoice in traders.read(lambda db: db.exec(select(Invoice).where(col(Invoice.paid_at).is_not(None))).all()):
        assert 1 == traders.charges(invoice.id)
    sent = sorted((traders.live.folder / "outbox").glob("*.eml"))
    assert traders.read(lambda db: len(db.exec(select(Mail)).all())) == len(sent)


def _idle(db: Session) -> bool:
    """Whether no job waits that could be done now, and every mail is out."""
    waiting = db.exec(select(Job).where(Job.state != "done", Job.kind == "mail.send")).all()
    return not waiting and all(mail.sent_at for mail in db.exec(select(Mail)))


def _settle(traders: Traders) -> None:
    """Wait for the worker to come to rest."""
    end = time.monotonic() + 60
    while not traders.read(_idle):
        assert time.monotonic() < end, traders.read(
            lambda db: [(job.kind, job.error) for job in db.exec(select(Job).where(Job.state != "done"))]
        )
        time.sleep(0.2)


def _doubles(db: Session) -> list[str]:
    """What happened twice: charges, payments, invoices of a deal, given-up work."""
    found = [f"given up: {job.kind} {job.error}" for job in db.exec(select(Job).where(Job.state == "dead"))]
    for invoice in db.exec(select(Invoice)):
        paid = db.exec(select(Payment).join(PaymentAttempt).where(PaymentAttempt.invoice_id == invoice.id)).all()
        if invoice.paid_at and len(paid) != 1:
            found.append(f"invoice {invoice.id}: {len(paid)} payments")
    return found
