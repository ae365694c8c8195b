"""The company's side: writing a need down, sending it in, changing it, closing or withdrawing it."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from market.accounts import queries as accounts
from market.accounts.policy import own_organisation, person_of, require_verified
from market.accounts.rules import Permission
from market.catalog.rules.text import single_spaced, slug
from market.kit import audit
from market.kit.actor import Actor
from market.kit.errors import Forbidden, Invalid, Refusal, Refused, stale_unless
from market.kit.events import emit
from market.kit.i18n import _
from market.kit.ids import new_id
from market.needs import mails, queries
from market.needs.events import NeedEnded
from market.needs.forms import CloseForm, NeedForm
from market.needs.models import Need
from market.needs.process import PUBLIC, Side
from market.needs.rules.posting import Facts, missing
from market.needs.service import steps


def create(db: Session, actor: Actor, form: NeedForm, *, now: datetime) -> Need:
    """Write a need down for the actor's company; with `then` also send it in. Raises Forbidden, Invalid, Refused."""
    if not actor.may(Permission.ENQUIRE):
        raise Forbidden
    organisation = accounts.organisation(db, own_organisation(actor))
    need_id = new_id()
    need = Need(
        id=need_id,
        organisation_id=organisation.id,
        person_id=person_of(actor),
        source_id=need_id,
        slug=slug(form.title),
        title=single_spaced(form.title),
        created_at=now,
        updated_at=now,
    )
    _fill(need, form, organisation.country)
    db.add(need)
    db.flush()
    audit.record(db, actor, "needs:need:created", need, now=now, title=need.title, anonymous=need.anonymous)
    if form.then:
        submit(db, actor, need.id, now=now)
    return need


def save(db: Session, actor: Actor, need_id: str, form: NeedForm, *, now: datetime) -> Need:
    """Keep what was typed. An open need goes back to the desk, and is open to nobody until it is checked again."""
    need = steps.own_for_update(db, actor, need_id)
    stale_unless(need.version == form.version)
    if need.state not in ("draft", "submitted", *PUBLIC):
        raise Refused(Refusal("over", _("This need has ended or found its match; it cannot be changed any longer.")))
    _fill(need, form, need.country)
    need.title = single_spaced(form.title)
    if need.opened_at is None:
        need.slug = slug(form.title)
    if need.state in PUBLIC:
        _send(db, actor, need, "revise", now=now)
        emit(db, NeedEnded(need.id))
        return need
    if need.state == "submitted":
        _refuse_incomplete(db, need, now)
    need.version += 1
    need.updated_at = now
    db.add(need)
    db.flush()
    audit.record(db, actor, "needs:need:saved", need, now=now, title=need.title, anonymous=need.anonymous)
    if form.then and need.state == "draft":
        submit(db, actor, need.id, now=now)
    return need


def submit(db: Session, actor: Actor, need_id: str, *, now: datetime) -> Need:
    """Send a need to the desk; raises Invalid with what is missing, Refused while the company is not checked itself."""
    need = steps.own_for_update(db, actor, need_id)
    require_verified(actor)
    _send(db, actor, need, "submit", now=now)
    return need


def withdraw(db: Session, actor: Actor, need_id: str, *, now: datetime) -> Need:
    """Take a need back."""
    need = steps.own_for_update(db, actor, need_id)
    before = steps.take(db, actor, need, "withdraw", by=Side.POSTER, now=now)
    _end(db, need, before, now)
    return need


def close(db: Session, actor: Actor, need_id: str, form: CloseForm, *, now: datetime) -> Need:
    """End a need that was open, and say what became of it; those who answered are told that it has ended."""
    need = steps.own_for_update(db, actor, need_id)
    need.outcome = form.outcome
    facts = {"reason": form.outcome}
    before = steps.take(db, actor, need, "close", by=Side.POSTER, now=now, facts=facts, outcome=form.outcome)
    _end(db, need, before, now)
    return need


def _end(db: Session, need: Need, before: str, now: datetime) -> None:
    need.closed_at = now
    db.add(need)
    db.flush()
    emit(db, NeedEnded(need.id))
    if before not in ("draft", "submitted"):
        tell_those_who_answered(db, need)


def tell_those_who_answered(db: Session, need: Need) -> None:
    """Write to every institution that answered: it is over."""
    for organisation_id in queries.answering(db, need.id):
        mails.tell(db, need, mails.institution(db, organisation_id), "ended", key=f"ended:{organisation_id}")


def _send(db: Session, actor: Actor, need: Need, step: str, *, now: datetime) -> None:
    _refuse_incomplete(db, need, now)
    need.submitted_at = now
    need.refusal = ""
    steps.take(db, actor, need, step, by=Side.POSTER, now=now, facts={"faults": ()})
    name = accounts.organisation(db, need.organisation_id).name
    operators = accounts.operators(db)
    mails.tell(db, need, operators, "submitted", key=f"submitted:{need.version}", company=name)


def _refuse_incomplete(db: Session, need: Need, now: datetime) -> None:
    facts = Facts(
        title=need.title,
        text=need.text,
        sector=need.sector,
        kinds=tuple(need.kinds),
        deadline=need.deadline,
        anonymous=need.anonymous,
        organisation=accounts.organisation(db, need.organisation_id).name,
        others=(need.cluster, need.region),
    )
    faults = missing(facts, today=now.date())
    if faults:
        raise Invalid({str(fault.field): fault.sentence for fault in reversed(faults)})


def _fill(need: Need, form: NeedForm, country: str) -> None:
    values: dict[str, Any] = form.model_dump(exclude={"version", "then", "title"})
    for name, value in values.items():
        setattr(need, name, value)
    need.country = form.country or country
    need.cluster, need.region = single_spaced(form.cluster), single_spaced(form.region)
    need.currency = "" if form.budget == "open" else form.currency or "EUR"
    need.technology_field = form.technology_field
