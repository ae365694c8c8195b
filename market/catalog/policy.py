"""Who may work on listings: the people of the institution whose roles give the right."""

from market.accounts.rules import Permission
from market.kit.actor import Actor
from market.kit.errors import Forbidden, NotFound


def is_own(actor: Actor, organisation_id: str) -> bool:
    """Whether the actor acts for the institution that a listing belongs to."""
    return actor.is_system or (actor.organisation_id is not None and actor.organisation_id == organisation_id)


def may(actor: Actor, permission: Permission, organisation_id: str) -> bool:
    """Whether the actor may do this with a listing of the institution."""
    return is_own(actor, organisation_id) and actor.may(permission)


def require(actor: Actor, permission: Permission, organisation_id: str) -> None:
    """Raise NotFound for strangers, who may not know of drafts, and Forbidden for colleagues without the right."""
    if not is_own(actor, organisation_id):
        raise NotFound
    if not actor.may(permission):
        raise Forbidden
