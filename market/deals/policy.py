"""Who may take a step in a deal: people of its two parties, with the permission that the step asks for."""

from typing import Protocol

from market.accounts.rules import Permission
from market.deals.process import Side
from market.kit.actor import Actor
from market.kit.errors import Forbidden, NotFound

PERMISSIONS: dict[str, Permission] = {
    "acknowledge": Permission.NEGOTIATE,
    "decline": Permission.NEGOTIATE,
    "propose_nda": Permission.NEGOTIATE,
    "sign_nda": Permission.SIGN,
    "withdraw_nda": Permission.NEGOTIATE,
    "use_standing_nda": Permission.NEGOTIATE,
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


def side_of(actor: Actor, licensor_id: str, licensee_id: str) -> Side | None:
    """On which side of a deal the actor stands; None for a stranger, SYSTEM for the machine."""
    if actor.is_system:
        return Side.SYSTEM
    if actor.organisation_id is None:
        return None
    if actor.organisation_id == licensor_id:
        return Side.LICENSOR
    return Side.LICENSEE if actor.organisation_id == licensee_id else None


def may(actor: Actor, step: str) -> bool:
    """Whether the actor's roles allow the step, on whichever side the actor stands."""
    return actor.is_system or (step in PERMISSIONS and actor.may(PERMISSIONS[step]))


class Parties(Protocol):
    """Anything that names the two parties: a deal or a row of it."""

    @property
    def licensor_id(self) -> str: ...

    @property
    def licensee_id(self) -> str: ...


def side(actor: Actor, deal: Parties) -> Side:
    """The side for which the actor acts in this deal; NotFound for a stranger."""
    found = side_of(actor, deal.licensor_id, deal.licensee_id)
    if found is None:
        raise NotFound
    return found


def require(actor: Actor, step: str, deal: Parties) -> Side:
    """The actor's side, if the actor may take `step`; NotFound for a stranger, Forbidden for a colleague without the right."""
    found = side(actor, deal)
    if not may(actor, step):
        raise Forbidden
    return found
