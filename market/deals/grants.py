"""The grants of a technology that are in force: what a new one must not overlap."""

from typing import Any

from sqlalchemy import bindparam, select, text
from sqlmodel import Session

from market.deals.models import Licence
from market.deals.rules import codec
from market.deals.rules.exclusivity import Granted

_L: Any = Licence.__table__  # type: ignore[attr-defined]

_LIVE = select(_L.c.number, _L.c.begins_on, _L.c.ends_on, _L.c.terms).where(
    _L.c.technology_id == bindparam("technology"),
    _L.c.status.in_(("awaiting_payment", "active")),
    _L.c.deal_id != bindparam("deal"),
)
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 1))")


def lock_grants(db: Session, technology_id: str) -> None:
    """Let nobody else grant rights in this technology until the transaction ends (SQLite has one writer anyway)."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(_LOCK, {"name": f"grants:{technology_id}"})


def live_grants(db: Session, technology_id: str, *, besides: str) -> tuple[Granted, ...]:
    """The grants of a technology that are in force, leaving out those of the deal `besides`."""
    return tuple(_granted(row) for row in db.execute(_LIVE, {"technology": technology_id, "deal": besides}))


def _granted(row: Any) -> Granted:
    sheet = codec.from_json(row.terms)
    return Granted(
        number=row.number,
        grant=sheet.grant,
        field=sheet.field_of_use,
        territory=sheet.territory,
        begins_on=row.begins_on,
        ends_on=row.ends_on,
        rights=frozenset(right.key for right in sheet.licensed_ip),
    )
