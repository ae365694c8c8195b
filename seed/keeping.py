"""What the people of the sample world look for and keep in view: saved searches and shortlists."""

from datetime import timedelta

from sqlmodel import Session, col, select

from market.catalog.models import Technology
from market.catalog.rules.vocabulary import VISIBLE
from market.discovery import queries
from market.discovery.forms import SaveSearchForm
from market.discovery.rules.alerts import Frequency
from market.discovery.service import saving, shortlist
from seed import world
from seed.stage import Stage

SEARCHES: tuple[tuple[str, Frequency, str], ...] = (
    ("Heat and energy for our works", "weekly", "q=heat&sector=energy"),
    ("What we can buy at once", "daily", "price=express"),
    ("Sensors of any kind", "off", "q=sensor"),
)
KEPT = 3
NOTE = "Ask what it costs to run. Show it to the workshop on Thursday."


def keep(stage: Stage) -> None:
    """The owners of the first three companies each save a search and keep some technologies of its sector."""
    companies = [each for each in world.organisations() if each.kind == "sme"][: len(SEARCHES)]
    for number, (company, (name, frequency, query)) in enumerate(zip(companies, SEARCHES, strict=True)):
        at = stage.start - timedelta(hours=number + 1)
        with stage.write(at) as db:
            actor = stage.actor(db, company.people[0])
            if actor.person_id and not queries.saved_searches(db, actor.person_id):
                saving.save(db, actor, SaveSearchForm(name=name, frequency=frequency, query=query), now=at)
                for technology_id in (chosen := _some(db, number)):
                    shortlist.keep(db, actor, technology_id, now=at)
                shortlist.write_note(db, actor, chosen[0], NOTE, now=at)
        stage.step()


def _some(db: Session, number: int) -> list[str]:
    """A few listings, others for each person."""
    visible = select(Technology.id).where(col(Technology.state).in_(VISIBLE)).order_by(col(Technology.slug))
    return list(db.exec(visible.offset(number * KEPT).limit(KEPT)))
