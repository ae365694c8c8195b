"""Who may take a step in a deal: people of its two parties, with the permission that the step asks for."""

from market.accounts.rules import Permission
from market.deals.models import Deal
from market.deals.process import Side
from market.deals.queries import side_of
from market.kit.actor import Actor
from market.kit.errors import Forbidden, NotFound

PERMISSIONS: dict[str, Permission] = {
    "acknowledge": Permission.NEGOTIATE,
    "decline": Permission.NEGOTIATE,
    "propose_nda": Permission.NEGOTIATE,
    "sign_nda": Permission.SIGN,
    "withdraw_nda": Permission.NEGOTIATE,
    "make_offer": Permission.NEGOTIATE,
    "counter": Permission.NEGOTIATE,
    "accept_offer": Permission.NEGOTIATE,
    "withdraw_offer": Permission.NEGOTIATE,
    "approve": Permission.APPROVE,
    "reopen": Permission.NEGOTIATE,
    "send_for_signature": Permission.NEGOTIATE,
    "sign": Permission.SIGN,
    "refuse_signature": Permission.SIGN,
    "close_lost": Permission.NEGOTIATE,
    "propose_amendment": Permission.NEGOTIATE,
    "sign_amendment": Permission.SIGN,
    "refuse_amendment": Permission.SIGN,
    "notify_breach": Permission.NEGOTIATE,
    "cure": Permission.NEGOTIATE,
    "open_dispute": Permission.NEGOTIATE,
    "settle_dispute": Permission.SIGN,
    "end_by_dispute": Permission.SIGN,
    "terminate": Permission.SIGN,
}


def may(actor: Actor, step: str) -> bool:
    """Whether the actor's roles allow the step, on whichever side the actor stands."""
    return actor.is_system or (step in PERMISSIONS and actor.may(PERMISSIONS[step]))


def side(actor: Actor, deal: Deal) -> Side:
    """The side for which the actor acts in this deal; NotFound for a stranger."""
    found = side_of(actor, deal.licensor_id, deal.licensee_id)
    if found is None:
        raise NotFound
    return found


def require(actor: Actor, step: str, deal: Deal) -> Side:
    """The actor's side, if the actor may take `step`; NotFound for a stranger, Forbidden for a colleague without the right."""
    found = side(actor, deal)
    if not may(actor, step):
        raise Forbidden
    return found
