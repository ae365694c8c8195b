"""Twenty clicks at once: one step, one charge."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from market.deals.models import Deal
from market.deals.service import negotiate
from market.kit.audit import AuditEvent
from market.kit.db import Database
from market.kit.errors import PonteError
from market.payments.models import Invoice, PaymentAttempt
from tests.browserless import Visitor
from tests.crash.traders import NotYet, Traders, go_on, open_market
from tests.deals import world as making

CLICKS = 20


def at_once(many: int, do: Callable[[], str]) -> Counter[str]:
    """Do it in so many threads at the same moment; count what came out."""
    gate, told = threading.Barrier(many), []

    def click() -> None:
        gate.wait(30)
        told.append(do())

    threads = [threading.Thread(target=click) for _number in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert many == len(told)
    return Counter(told)


@pytest.fixture
def traders(tmp_path: Path) -> Iterator[Traders]:
    """A market with real processes."""
    traders = open_market(tmp_path / "data")
    yield traders
    traders.live.stop()
    traders.wired.db.close()


def _steps(traders: Traders, deal_id: str, tag: str) -> int:
    events = select(AuditEvent.id).where(AuditEvent.subject_id == deal_id, AuditEvent.tag == tag)
    return len(traders.read(lambda db: db.exec(events).all()))


def _twin(visitor: Visitor, url: str) -> Visitor:
    """Another tab of the same browser."""
    twin = Visitor.at(url)
    twin.client.cookies.update(visitor.client.cookies)
    twin.page = visitor.page
    return twin


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_twenty_services_accept_one_offer_once(kind: str, request: pytest.FixtureRequest, now) -> None:
    """Whoever comes second is told that the offer is accepted already."""
    database = Database(request.getfixturevalue("sqlite_url" if kind == "sqlite" else "postgres_url"))
    with database.write() as db:
        world = making.make_world(db, now)
        deal_id = making.offered(db, world).id
        offer_id = db.get_one(Deal, deal_id).offer_id
    with database.read() as db:
        from market.deals import queries

        digest = queries.offer(db, offer_id).digest

    def accept() -> str:
        try:
            with database.write() as db:
                negotiate.accept_offer(db, world.buyer, deal_id, digest, now=now)
        except PonteError:
            return "told"
        return "accepted"

    assert Counter(accepted=1, told=CLICKS - 1) == at_once(CLICKS, accept)
    with database.read() as db:
        tags = db.exec(select(AuditEvent.tag).where(AuditEvent.subject_id == deal_id)).all()
        assert 1 == tags.count("deal:step:accept_offer")
    database.close()


@pytest.mark.slow
def test_twenty_clicks_accept_once_and_pay_once(traders: Traders) -> None:
    """The same button in twenty tabs at the same moment: one acceptance, one page to pay on, one charge."""
    technology = traders.listings[0]
    while (deal := traders.deal(technology)) is None or deal.state != "offer_from_licensee":
        traders.step(technology)
    traders.officer.get(f"/deals/{deal.id}/accept")
    tabs = [_twin(traders.officer, traders.live.url) for _tab in range(CLICKS)]
    waiting = iter(tabs)
    told = at_once(CLICKS, lambda: str(next(waiting).submit("/accept").status_code))
    assert set(told) <= {"200", "409", "422"}, told
    assert 1 == _steps(traders, deal.id, "deal:step:accept_offer")

    while (deal := traders.deal(technology)) is None or deal.state != "awaiting_payment":
        try:
            traders.step(technology)
        except NotYet:
            continue
    invoice = traders.read(lambda db: db.exec(select(Invoice).where(Invoice.deal_id == deal.id)).one())
    traders.buyer.get(f"/invoices/{invoice.id}")
    tabs = [_twin(traders.buyer, traders.live.url) for _tab in range(CLICKS)]
    waiting = iter(tabs)
    told = at_once(CLICKS, lambda: str(next(waiting).submit("/pay").status_code))
    assert {"200"} == set(told), told
    pages = {str(tab.page.url) for tab in tabs}
    assert 1 == len([page for page in pages if "/c/pay/" in page]), pages
    waiting = iter([tab for tab in tabs if "/c/pay/" in str(tab.page.url)])
    paid = at_once(2, lambda: str(next(waiting).submit("", choice="card").status_code))
    assert {"200"} == set(paid), paid

    go_on(traders, technology)
    attempts = select(PaymentAttempt).where(
        PaymentAttempt.invoice_id == invoice.id, PaymentAttempt.state == "succeeded"
    )
    assert 1 == len(traders.read(lambda db: db.exec(attempts).all()))
    assert 1 == _steps(traders, deal.id, "deal:step:settle")
    assert 1 == traders.charges(invoice.id)
