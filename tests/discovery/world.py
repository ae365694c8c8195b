"""Listings made through the catalogue's services, as an officer would make them."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from market.catalog.forms import ListingForm, NewListing
from market.catalog.models import Technology
from market.catalog.service import listing as catalog
from market.kit.actor import Actor
from tests.catalog.samples import LONG, institution, officer


def an_officer(db: Session, now: datetime, **given: Any) -> Actor:
    """A licensing officer of a verified institute."""
    return officer(db, institution(db, now, **given), now)


def publish(db: Session, actor: Actor, title: str, *, now: datetime, **given: Any) -> Technology:
    """A listing that everybody sees."""
    fields: dict[str, Any] = {
        "version": 1,
        "title": title,
        "summary": "It saves time and money.",
        "sector": "machinery",
        "description": LONG,
        "offers": ["licence"],
        "contact_id": actor.person_id,
    }
    draft = catalog.create_draft(db, actor, NewListing(title=title), now=now)
    catalog.save(db, actor, draft.id, ListingForm(**(fields | given)), now=now)
    return catalog.publish(db, actor, draft.id, now=now)
