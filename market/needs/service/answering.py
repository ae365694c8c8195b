"""Institutions answer with a technology, the company marks one that fits and goes on to its enquiry."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from market.accounts import queries as accounts
from market.accounts.policy import person_of, require_verified
from market.accounts.rules import Permission
from market.kit import audit
from market.kit.actor import Actor
from market.kit.errors import Forbidden, NotFound, Refusal, Refused
from market.kit.events import emit
from market.kit.i18n import _
from market.needs import mails, policy, queries
from market.needs.events import NeedAnswered, NeedMatched
from market.needs.forms import AnswerForm
from market.needs.models import Need, NeedAnswer, NeedChoice
from market.needs.process import Side
from market.needs.service import steps

MOST_ANSWERS = 10
_C: Any = NeedChoice.__table__  # type: ignore[attr-defined]
_LINK = (
    update(_C)
    .where(
        _C.c.technology_id == bindparam("technology"),
        _C.c.deal_id.is_(None),
        _C.c.need_id.in_(bindparam("needs", expanding=True)),
    )
    .values(deal_id=bindparam("deal"))
)


def answer(db: Session, actor: Actor, need_id: str, form: AnswerForm, *, now: datetime) -> Need:
    """Answer an open need with one of the institution's published technologies; the company gets a mail."""
    need = steps.for_update(db, actor, need_id)
    if not policy.is_institution(actor) or not actor.may(Permission.EDIT_LISTINGS):
        raise Forbidden
    require_verified(actor)
    technology = queries.technology(db, form.technology)
    if technology.organisation_id != actor.organisation_id:
        raise NotFound
    given = [each for each in queries.proposals(db, need.id, of=actor.organisation_id) if each.answered_at]
    if any(each.technology_id == technology.id for each in given):
        raise Refused(ANSWERED)
    if len(given) >= MOST_ANSWERS:
        raise Refused(Refusal("many", _("Your institution has answered this need ten times. That is enough.")))
    facts = {"today": now.date()}
    steps.take(db, actor, need, "answer", by=Side.INSTITUTION, now=now, facts=facts, technology=technology.id)
    _write(db, actor, need, technology, form.message, now=now)
    emit(db, NeedAnswered(need.id, technology.id))
    mails.tell(
        db,
        need,
        mails.posters(db, need),
        "answered",
        key=f"answered:{technology.id}",
        institution=actor.organisation_name,
        technology=technology.title,
        words=form.message[:600],
    )
    return need


ANSWERED = Refusal("answered", _("Your institution has answered with this technology already."), "technology")


def _write(db: Session, actor: Actor, need: Need, technology: Any, message: str, *, now: datetime) -> None:
    row = NeedAnswer(
        need_id=need.id,
        technology_id=technology.id,
        organisation_id=technology.organisation_id,
        person_id=person_of(actor),
        message=message,
        created_at=now,
    )
    try:
        with db.begin_nested():
            db.add(row)
            db.flush()
    except IntegrityError as error:  # a colleague was faster by a moment
        raise Refused(ANSWERED) from error


def choose(db: Session, actor: Actor, need_id: str, technology_id: str, *, now: datetime) -> Need:
    """Mark a technology, answered with or found, as fitting: its institution learns who asks. Twice changes nothing."""
    need = steps.own_for_update(db, actor, need_id)
    technology = queries.technology(db, technology_id)
    if not queries.is_beside(db, need.id, technology.id):
        raise NotFound
    if queries.is_chosen(db, need.id, technology.id):
        return need
    steps.take(db, actor, need, "choose", by=Side.POSTER, now=now, technology=technology.id)
    db.add(
        NeedChoice(
            need_id=need.id,
            technology_id=technology.id,
            organisation_id=technology.organisation_id,
            person_id=person_of(actor),
            chosen_at=now,
        )
    )
    db.flush()
    emit(db, NeedMatched(need.id, technology.id))
    company = accounts.organisation(db, need.organisation_id).name
    people = mails.institution(db, technology.organisation_id, technology.contact_id)
    key = f"chosen:{technology.id}"
    mails.tell(db, need, people, "chosen", key=key, company=company, technology=technology.title)
    return need


def link_deal(db: Session, actor: Actor, deal_id: str, technology_id: str, company_id: str, *, now: datetime) -> None:
    """Note which deal came of a choice, when the company has sent its enquiry about a technology that it marked."""
    needs = queries.chosen_by(db, company_id, technology_id)
    if not needs:
        return
    db.execute(_LINK, {"technology": technology_id, "needs": needs, "deal": deal_id})
    for need_id in needs:
        audit.record(db, actor, "needs:deal:begun", ("need", need_id), now=now, deal=deal_id, technology=technology_id)
