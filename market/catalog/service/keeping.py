"""Keeping every saved version of a listing, as a form that could be saved again."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from market.catalog import editorial
from market.catalog.models import ListingVersion, Technology
from market.kit.actor import Actor
from market.kit.money import Money

_COPIED = (
    "title",
    "summary",
    "sector",
    "reference",
    "department",
    "problem",
    "advantages",
    "comparison",
    "applications",
    "description",
    "trl",
    "stage",
    "price_kind",
    "contact_id",
)


def snapshot(technology: Technology, inventors: list[str]) -> dict[str, Any]:
    """The texts and facts of a listing, as `ListingForm` takes them."""
    return {name: getattr(technology, name) for name in _COPIED} | {
        "keywords": ", ".join(technology.keywords),
        "offers": list(technology.offers),
        "licences": list(technology.licences),
        "inventors": "\n".join(inventors),
        "price_low": _amount(technology.price_low, technology.currency),
        "price_high": _amount(technology.price_high, technology.currency),
        "currency": technology.currency or "EUR",
    }


def _amount(minor: int | None, currency: str) -> str:
    return Money(minor, currency).plain if minor is not None and currency else ""


def keep_first(db: Session, technology: Technology, inventors: list[str]) -> None:
    """Keep the listing as it stands before its first change here, such as an imported one."""
    if technology.version > 1 or technology.summary or technology.description:
        last = editorial.newest_version(db, technology.id)
        if last is None or last.fields != snapshot(technology, inventors):
            keep(db, None, technology, inventors, now=technology.updated_at)


def keep(db: Session, actor: Actor | None, technology: Technology, inventors: list[str], *, now: datetime) -> None:
    """Keep the listing as it is saved now; without an actor nobody is named."""
    if editorial.version(db, technology.id, technology.version) is not None:
        return
    db.add(
        ListingVersion(
            technology_id=technology.id,
            number=technology.version,
            person_id=actor.person_id if actor else None,
            person_name=actor.person_name if actor else "",
            saved_at=now,
            fields=snapshot(technology, inventors),
        )
    )
    db.flush()
