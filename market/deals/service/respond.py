"""The response record of an institution: counted anew whenever an enquiry comes in or is answered."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from market.accounts import queries as accounts
from market.catalog.rules.response import MOST_COUNTED
from market.catalog.service import response
from market.deals import queries
from market.deals.models import Deal
from market.deals.rules.working_days import working_days_between


def count(db: Session, deal: Deal, *, now: datetime) -> None:
    """Tell the catalogue how the licensor of `deal` answers by now: working days where the institution lives."""
    db.flush()
    zone = ZoneInfo(accounts.organisation(db, deal.licensor_id).timezone)
    days = [
        working_days_between(asked_at.astimezone(zone).date(), answered_at.astimezone(zone).date())
        for asked_at, answered_at in queries.answers(db, deal.licensor_id, MOST_COUNTED)
    ]
    asked, answered = queries.asked_and_answered(db, deal.licensor_id)
    response.record(db, deal.licensor_id, asked=asked, answered=answered, days=days, now=now)
