"""Publishing at a time chosen before, kept in the database so that no stop of a process loses it."""

from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session

from market.accounts import queries as accounts
from market.accounts.rules import Permission
from market.catalog.forms import ScheduleForm
from market.catalog.models import ListingSchedule, Technology
from market.catalog.rules.schedule import moment
from market.catalog.service import gate, listing
from market.kit import audit
from market.kit.actor import SYSTEM, Actor
from market.kit.errors import Forbidden, NotFound, PonteError, Refusal, Refused, refuse
from market.kit.i18n import _


def plan(db: Session, actor: Actor, technology_id: str, form: ScheduleForm, *, now: datetime) -> ListingSchedule:
    """Let the listing go out at a day and time of the institution's clock; the last plan counts. Refused."""
    technology = listing.for_update(db, actor, technology_id, Permission.PUBLISH_LISTINGS)
    if actor.person_id is None:
        raise Forbidden
    if technology.state not in ("draft", "withdrawn"):
        raise Refused(Refusal("is_out", _("This listing is out already.")))
    refuse(listing.not_publishable(db, technology))
    at = moment(form.day, form.time, accounts.organisation(db, technology.organisation_id).timezone)
    if at <= now:
        raise Refused(Refusal("past", _("Choose a time that is still to come."), "day"))
    planned = db.get(ListingSchedule, technology_id) or ListingSchedule(
        technology_id=technology_id, person_id=actor.person_id, publish_at=at
    )
    planned.person_id, planned.publish_at, planned.reason, planned.problem = actor.person_id, at, form.reason, ""
    db.add(planned)
    db.flush()
    audit.record(db, actor, "catalog:schedule:planned", technology, now=now, publish_at=at)
    return planned


def cancel(db: Session, actor: Actor, technology_id: str, *, now: datetime) -> None:
    """Let the listing stay where it is; without a plan no harm."""
    technology = listing.for_update(db, actor, technology_id, Permission.PUBLISH_LISTINGS)
    if db.get(ListingSchedule, technology_id) is None:
        return
    db.execute(delete(ListingSchedule).where(ListingSchedule.technology_id == technology_id))  # type: ignore[arg-type]
    audit.record(db, actor, "catalog:schedule:cancelled", technology, now=now)


def carry_out(db: Session, technology_id: str, *, now: datetime) -> None:
    """Publish what is due, in the name of who planned it; a PonteError says why it cannot be. Twice is no harm."""
    planned = db.get(ListingSchedule, technology_id, with_for_update=True)
    if planned is None or planned.problem or planned.publish_at > now:
        return
    technology = db.get(Technology, technology_id)
    if technology is None:
        raise NotFound
    actor = accounts.acting(db, planned.person_id, technology.organisation_id)
    gate.release(db, actor, technology_id, reason=planned.reason, now=now)


def note_problem(db: Session, technology_id: str, error: PonteError, *, now: datetime) -> None:
    """Keep why a listing did not go out at its time; a person decides what comes next."""
    planned = db.get(ListingSchedule, technology_id, with_for_update=True)
    if planned is None or planned.problem:
        return
    planned.problem = error.sentence
    db.add(planned)
    audit.record(db, SYSTEM, "catalog:schedule:failed", ("technology", technology_id), now=now, problem=planned.problem)
