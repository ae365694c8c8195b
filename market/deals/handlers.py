"""How deals react to others' facts."""

from sqlmodel import Session

from market.deals.service import sign
from market.kit import clock
from market.payments.events import InvoicePaid


def settle_deal(db: Session, event: InvoicePaid) -> None:
    """When the upfront fee is paid, the licence begins."""
    if event.kind == "upfront":
        sign.settle(db, event.deal_id, now=clock.now())
