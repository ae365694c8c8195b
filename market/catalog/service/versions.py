"""Older versions brought back, and what is typed but not saved yet."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session

from market.accounts import queries as accounts
from market.accounts.rules import Permission
from market.catalog import editorial, policy
from market.catalog.forms import ListingForm
from market.catalog.models import ListingDraft, Technology
from market.catalog.service import listing
from market.kit import audit
from market.kit.actor import Actor
from market.kit.errors import NotFound

_D: Any = ListingDraft.__table__  # type: ignore[attr-defined]
DRAFT_FIELDS = tuple(name for name in ListingForm.model_fields if name != "version")


def restore(db: Session, actor: Actor, technology_id: str, number: int, *, shown: int, now: datetime) -> Technology:
    """Save an older version anew, over the version `shown`; a contact who has left stays replaced. Stale, Invalid."""
    technology = listing.for_update(db, actor, technology_id, Permission.EDIT_LISTINGS)
    version = editorial.version(db, technology_id, number)
    if version is None:
        raise NotFound
    fields = {name: value for name, value in version.fields.items() if value is not None}
    if fields.get("contact_id") not in {person.id for person in accounts.people(db, technology.organisation_id)}:
        fields["contact_id"] = technology.contact_id
    technology = listing.save(db, actor, technology_id, ListingForm(**fields, version=shown), now=now)
    audit.record(db, actor, "catalog:listing:restored", technology, now=now, number=number)
    return technology


def keep_draft(
    db: Session, actor: Actor, technology_id: str, fields: Mapping[str, Any], base_version: int, *, now: datetime
) -> None:
    """Keep what the actor has typed so far, for the actor alone. It is no act on the listing, so no event tells of it."""
    technology = db.get(Technology, technology_id)
    if technology is None or actor.person_id is None:
        raise NotFound
    policy.require(actor, Permission.EDIT_LISTINGS, technology.organisation_id)
    last = editorial.newest_version(db, technology_id)
    if last is not None and last.person_id == actor.person_id and last.number > base_version:
        return  # sent before, but overtaken by, the actor's own save
    draft = db.get(ListingDraft, (technology_id, actor.person_id)) or ListingDraft(
        technology_id=technology_id, person_id=actor.person_id, base_version=base_version, saved_at=now
    )
    draft.base_version, draft.saved_at = base_version, now
    draft.fields = {name: fields[name] for name in DRAFT_FIELDS if name in fields}
    db.add(draft)
    db.flush()


def drop_draft(db: Session, actor: Actor, technology_id: str) -> None:
    """Forget what the actor has typed and not saved."""
    db.execute(delete(_D).where(_D.c.technology_id == technology_id, _D.c.person_id == actor.person_id))
