"""Who may do what with money."""

from market.kit.actor import Actor
from market.kit.errors import Forbidden, NotFound
from market.payments.models import Invoice
from market.payments.rules.ledger import licensor_book


def require_payer(actor: Actor, invoice: Invoice) -> None:
    """Only the licensee pays; NotFound for strangers, Forbidden for the licensor."""
    if actor.organisation_id not in (invoice.licensor_id, invoice.licensee_id) or actor.organisation_id is None:
        raise NotFound
    if actor.organisation_id != invoice.licensee_id or not actor.may("pay"):
        raise Forbidden


def own_book(actor: Actor) -> str:
    """The ledger that the actor may read: the own organisation's, if it licenses out; NotFound."""
    if actor.organisation_id is None or actor.organisation_kind not in ("university", "institute"):
        raise NotFound
    return licensor_book(actor.organisation_id)
