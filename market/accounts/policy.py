"""May this actor do this? Right of the organisation acted for, and whether an operator has checked it."""

from market.accounts.rules import Permission
from market.kit.actor import Actor
from market.kit.errors import Forbidden, NotFound, Refusal, Refused
from market.kit.i18n import _

NOT_VERIFIED = Refusal(
    "organisation_unverified",
    _("Your organisation is still being checked. You can prepare everything; this step opens when the check is done."),
)


def require_verified(actor: Actor) -> None:
    """Raise Refused unless an operator has checked the organisation acted for: before publishing, enquiring, signing."""
    if not (actor.is_system or actor.organisation_verified):
        raise Refused(NOT_VERIFIED)


def own_organisation(actor: Actor) -> str:
    """The id of the organisation acted for; NotFound for who acts for none."""
    if actor.organisation_id is None:
        raise NotFound
    return actor.organisation_id


def require_manager(actor: Actor, organisation_id: str) -> None:
    """Raise NotFound for strangers and Forbidden for colleagues who do not manage the organisation."""
    if actor.is_system:
        return
    if actor.organisation_id != organisation_id:
        raise NotFound
    if not actor.may(Permission.MANAGE_ORGANISATION):
        raise Forbidden


def require_operator(actor: Actor) -> None:
    """Raise Forbidden for everybody but operators and the system itself."""
    if not (actor.is_system or actor.is_operator):
        raise Forbidden


def person_of(actor: Actor) -> str:
    """The id of the signed-in person; Forbidden for visitors."""
    if actor.person_id is None:
        raise Forbidden
    return actor.person_id
