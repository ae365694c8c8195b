"""What the clock does about royalties: opens reports, counts minimums, reminds. Each licence in a unit of its own."""

from datetime import datetime, timedelta

from market.kit.db import Database
from market.payments import report_queries as queries
from market.payments.rules.reports import REMIND
from market.payments.service import reporting


def tick(database: Database, *, now: datetime) -> int:
    """Do everything that is due at `now`; give how many reports were opened and minimums counted."""
    with database.read() as db:
        licences = queries.licences(db)
    done = 0
    for licence in licences:
        with database.write() as db:
            done += reporting.open_reports(db, licence, now=now)
            done += reporting.charge_minimums(db, licence, now=now)
    with database.read() as db:
        waiting = queries.waiting(db, by=now.date() - timedelta(days=min(REMIND)))
    for report in waiting:
        with database.write() as db:
            reporting.remind(db, report, now=now)
    return done
