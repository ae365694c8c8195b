"""Writing what was counted."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import Session

from market.catalog.models import Technology
from market.insights.models import ListingView
from market.kit.db import upsert

BATCH = 300

_T: Any = Technology.__table__  # type: ignore[attr-defined]
_W: Any = ListingView.__table__  # type: ignore[attr-defined]
_THERE = select(_T.c.id).where(_T.c.id.in_(bindparam("ids", expanding=True)))


def add_views(db: Session, seen: Mapping[tuple[str, date], int]) -> None:
    """Add to the views of listings by day (UTC); what is no listing (any more) is passed over.

    Several processes may add at once.
    """
    ids = list({about for about, _day in seen})
    there = {
        each for at in range(0, len(ids), BATCH) for each in db.execute(_THERE, {"ids": ids[at : at + BATCH]}).scalars()
    }
    rows = [
        {"technology_id": about, "day": day, "views": count}
        for (about, day), count in sorted(seen.items())
        if about in there and count > 0
    ]
    for at in range(0, len(rows), BATCH):
        added = upsert(db, _W).values(rows[at : at + BATCH])
        db.execute(
            added.on_conflict_do_update(
                index_elements=["technology_id", "day"], set_={"views": _W.c.views + added.excluded.views}
            )
        )
