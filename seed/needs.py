"""What the companies of the sample world look for, played step by step on its day.

A need of `data/needs.json` names its `company`, how many days `ago` it was posted, its `deadline` in days from today, and
its `steps`: `[day, what, ...]`, days since it was posted. A need that is there is not played again.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, select

from market.catalog.models import Technology
from market.kit.actor import Actor
from market.needs.forms import AnswerForm, CloseForm, NeedForm, ReasonForm
from market.needs.models import Need
from market.needs.service import answering, clockwork, moderating, posting
from seed import world
from seed.stage import Stage

FIELDS = ("title", "text", "sector", "cluster", "region", "kinds", "stage", "budget", "anonymous")


def post_all(stage: Stage) -> None:
    """Play every need, then let the clock end what is over."""
    for number, facts in enumerate(world.needs()):
        _play(stage, facts, number)
        stage.step()
    clockwork.tick(stage.wired.db, now=stage.start)


def _play(stage: Stage, facts: dict[str, Any], number: int) -> None:
    posted = stage.moment(float(facts["ago"]), number)
    with stage.write(posted) as db:
        need_id = _post(stage, db, facts, posted)
    if need_id is None:
        return
    at = posted
    for day, *step in facts["steps"]:
        at = max(stage.moment(float(facts["ago"]) - day, number), at + timedelta(minutes=5))
        with stage.write(at) as db:
            _step(stage, db, need_id, step, at=at)


def _post(stage: Stage, db: Session, facts: dict[str, Any], at: datetime) -> str | None:
    """Post a need as its company's member; None where it was posted before."""
    company = world.organisation(facts["company"])
    organisation_id = stage.organisation_id(db, company.key)
    there = select(Need.id).where(Need.organisation_id == organisation_id, Need.title == facts["title"])
    if db.exec(there).first():
        return None
    form = NeedForm(
        **{name: facts[name] for name in FIELDS if name in facts},
        country=company.country,
        currency="EUR",
        deadline=(stage.start + timedelta(days=facts["deadline"])).date() if "deadline" in facts else None,
        then="" if facts.get("draft") else "send",
    )
    return posting.create(db, stage.actor(db, company.person("member")), form, now=at).id


def _step(stage: Stage, db: Session, need_id: str, step: list[str], *, at: datetime) -> None:
    operator = stage.actor(db, world.operators()[0])
    company = _company(stage, db, need_id)
    what, *rest = step
    match what:
        case "open":
            moderating.approve(db, operator, need_id, now=at)
        case "refuse":
            moderating.refuse(db, operator, need_id, ReasonForm(reason=rest[0]), now=at)
        case "answer":
            technology, officer = _technology(stage, db, rest[0])
            answering.answer(db, officer, need_id, AnswerForm(technology=technology, message=rest[1]), now=at)
        case "choose":
            answering.choose(db, company, need_id, _technology(stage, db, rest[0])[0], now=at)
        case "close":
            posting.close(db, company, need_id, CloseForm(outcome=rest[0]), now=at)
        case "withdraw":
            posting.withdraw(db, company, need_id, now=at)
        case _:
            raise ValueError(f"no step of a need: {what!r}")


def _company(stage: Stage, db: Session, need_id: str) -> Actor:
    """The member of the company that posted a need."""
    organisation_id = db.get_one(Need, need_id).organisation_id
    key = next(each for each in world.organisations() if stage.organisation_id(db, each.key) == organisation_id)
    return stage.actor(db, key.person("member"))


def _technology(stage: Stage, db: Session, key: str) -> tuple[str, Actor]:
    """The id of a sample listing, and the officer of its institution."""
    listing = next(each for each in world.listings() if each.key == key)
    institution = world.organisation(listing.organisation)
    organisation_id = stage.organisation_id(db, institution.key)
    found = select(Technology.id).where(Technology.organisation_id == organisation_id, Technology.reference == key)
    return db.exec(found).one(), stage.actor(db, institution.person("officer"))
