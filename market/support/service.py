"""What people do with support: learn, and keep the figures."""

from datetime import datetime

from sqlmodel import Session

from market.accounts.policy import require_operator
from market.kit import audit
from market.kit.actor import Actor
from market.kit.errors import Refusal, Refused
from market.kit.i18n import _
from market.support import figures
from market.support.forms import FigureForm
from market.support.models import CostFigure, GuideProgress
from market.support.rules.guide import Guide, Mark


def keep_progress(db: Session, actor: Actor, guide: Guide, marks: list[Mark], *, now: datetime) -> None:
    """Keep a person's answers if they are their best; a visitor's are not kept."""
    if not actor.person_id:
        return
    score = sum(mark.good for mark in marks)
    row = db.get(GuideProgress, (actor.person_id, guide.slug))
    if row is not None and (row.score, row.questions) == (max(score, row.score), len(marks)):
        return
    row = row or GuideProgress(person_id=actor.person_id, guide=guide.slug, score=0, questions=0, answered_at=now)
    row.score, row.questions, row.answered_at = score, len(marks), now
    db.add(row)
    audit.record(
        db, actor, "support:guide:answered", ("person", actor.person_id), now=now, guide=guide.slug, score=score
    )


def add_figure(db: Session, actor: Actor, form: FigureForm, *, now: datetime) -> CostFigure:
    """Let a newer figure follow an older one from a day on; Forbidden, Refused."""
    require_operator(actor)
    if all(form.key != figure.key for figure in figures.shipped()):
        raise Refused(Refusal("unknown_figure", _("Choose one of the figures of the table."), field="key"))
    row = CostFigure(
        key=form.key,
        value=form.value,
        valid_from=form.valid_from,
        source=form.source,
        person_id=actor.person_id or "",
        created_at=now,
    )
    db.add(row)
    db.flush()
    audit.record(db, actor, "support:figure:added", ("cost_figure", row.id), now=now, key=row.key, value=str(row.value))
    return row
