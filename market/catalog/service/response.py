"""The response record of an institution, told by those who know of enquiries."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from market.catalog.events import TechnologiesChanged
from market.catalog.models import InstitutionResponse, Technology
from market.catalog.rules.response import ENOUGH, median_days
from market.catalog.rules.vocabulary import VISIBLE
from market.catalog.service.listing import TOPIC
from market.kit import cache
from market.kit.db import upsert
from market.kit.events import emit

_Q: Any = InstitutionResponse.__table__  # type: ignore[attr-defined]
_T: Any = Technology.__table__  # type: ignore[attr-defined]


def record(db: Session, organisation_id: str, *, asked: int, answered: int, days: Sequence[int], now: datetime) -> None:
    """Keep how many enquiries an institution got and answered, and its median in working days of the newest `days`.

    Where the figure on the listings changes by that, search and kept pages are told; else nothing is made anew.
    """
    first = {"organisation_id": organisation_id, "asked": 0, "answered": 0, "updated_at": now}
    db.execute(upsert(db, _Q).values(first).on_conflict_do_nothing())
    row = db.get_one(InstitutionResponse, organisation_id, with_for_update=True)
    before = row.response_days
    row.asked, row.answered, row.updated_at = asked, answered, now
    row.response_days = median_days(days)
    db.add(row)
    db.flush()
    if answered >= ENOUGH:
        cache.touch(db, TOPIC)
    if row.response_days != before:
        shown = select(_T.c.id).where(_T.c.organisation_id == organisation_id, _T.c.state.in_(VISIBLE))
        technology_ids = tuple(db.execute(shown).scalars())
        if technology_ids:
            emit(db, TechnologiesChanged(technology_ids))
