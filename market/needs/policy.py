"""Who sees a need, who sees who asks, and who may take a step."""

from collections.abc import Collection

from market.accounts.rules import LICENSORS, OrganisationKind, Permission
from market.kit.actor import Actor
from market.kit.errors import Forbidden, NotFound
from market.needs.process import AFTER_OPENING, PUBLIC, Side

PERMISSIONS: dict[Side, Permission] = {
    Side.POSTER: Permission.ENQUIRE,
    Side.INSTITUTION: Permission.EDIT_LISTINGS,
    Side.OPERATOR: Permission.OPERATE,
}


def is_own(actor: Actor, organisation_id: str) -> bool:
    """Whether the actor acts for the organisation that posted the need."""
    return actor.is_system or (actor.organisation_id is not None and actor.organisation_id == organisation_id)


def is_institution(actor: Actor) -> bool:
    """Whether the actor acts for somebody who lists technologies."""
    return actor.organisation_kind in {kind.value for kind in LICENSORS}


def is_company(actor: Actor) -> bool:
    """Whether the actor acts for a company."""
    return actor.organisation_kind == OrganisationKind.SME


def may_see(actor: Actor, state: str, organisation_id: str, involved: Collection[str]) -> bool:
    """Whether a need in `state` comes back for the actor. `involved`: institutions that answered or were chosen.

    Everybody sees open ones; what came before or after is for the organisation itself, the operator, and, after it was
    open, for those involved.
    """
    if state in PUBLIC or is_own(actor, organisation_id):
        return True
    if actor.is_operator:
        return state != "draft"
    return state in AFTER_OPENING and actor.organisation_id in involved


def may_know(actor: Actor, organisation_id: str, chosen: Collection[str], *, anonymous: bool) -> bool:
    """Whether the actor may know who posted a need that it sees. `chosen`: institutions whose technology was chosen."""
    return not anonymous or is_own(actor, organisation_id) or actor.is_operator or actor.organisation_id in chosen


def require_own(actor: Actor, organisation_id: str) -> None:
    """Raise NotFound for strangers and Forbidden for colleagues who may not act for the company."""
    if not is_own(actor, organisation_id):
        raise NotFound
    if not actor.may(Permission.ENQUIRE):
        raise Forbidden
