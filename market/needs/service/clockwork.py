"""What the clock does to needs: those whose deadline is over end. Each need in a unit of its own."""

from datetime import datetime

from market.kit.actor import SYSTEM
from market.kit.db import Database
from market.kit.errors import Refused
from market.kit.events import emit
from market.needs import mails, queries
from market.needs.events import NeedEnded
from market.needs.process import Side
from market.needs.service import posting, sketches, steps


def tick(units: Database, *, now: datetime) -> int:
    """End what is over at `now`; give the number of needs that ended."""
    with units.read() as db:
        over = queries.over(db, now.date())
    done = 0
    for need_id in over:
        try:
            _expire(units, need_id, now)
            done += 1
        except Refused:  # somebody took a step in this moment
            continue
    with units.write() as db:
        sketches.forget_old(db, now=now)
    return done


def _expire(units: Database, need_id: str, now: datetime) -> None:
    with units.write() as db:
        need = steps.for_update(db, SYSTEM, need_id)
        before = steps.take(db, SYSTEM, need, "expire", by=Side.SYSTEM, now=now, facts={"today": now.date()})
        need.closed_at = now
        db.add(need)
        db.flush()
        emit(db, NeedEnded(need.id))
        mails.tell(db, need, mails.posters(db, need), "expired", key="expired")
        if before != "submitted":
            posting.tell_those_who_answered(db, need)
