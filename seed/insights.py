"""How often the sample world's listings were looked at: more in the week, more of what people keep, none of it real."""

import random
from datetime import timedelta

from sqlmodel import col, select

from market.catalog.models import Technology
from market.catalog.rules.vocabulary import VISIBLE
from market.insights.service import add_views
from seed.stage import Stage

DAYS = 120


def look_at(stage: Stage) -> None:
    """Some months of views of every open listing, the same in every play."""
    chance = random.Random("views")
    today = stage.start.date()
    with stage.write(stage.start) as db:
        visible = select(Technology).where(col(Technology.state).in_(VISIBLE)).order_by(col(Technology.slug))
        for listing in db.exec(visible):
            liked = chance.uniform(0.3, 3.0)
            since = min(DAYS, (today - (listing.published_at or stage.start).date()).days)
            days = [today - timedelta(days=n) for n in range(since)]
            views = ((day, int(chance.expovariate(1 / (liked * (2 if day.weekday() < 5 else 1))))) for day in days)
            add_views(db, {(listing.id, day): count for day, count in views if count})
    stage.step()
