"""Every SELECT of support: statements built once, rows out."""

from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import Session

from market.kit.actor import Actor
from market.support import figures
from market.support.models import CostFigure, GuideProgress
from market.support.rules.patent_cost import Figure

_P: Any = GuideProgress.__table__  # type: ignore[attr-defined]
_F: Any = CostFigure.__table__  # type: ignore[attr-defined]

_PROGRESS = select(_P.c.guide, _P.c.score, _P.c.questions).where(_P.c.person_id == bindparam("person"))
_ADDED = select(_F.c.key, _F.c.value, _F.c.valid_from, _F.c.source).order_by(_F.c.created_at, _F.c.id)


def progress(db: Session, actor: Actor) -> dict[str, tuple[int, int]]:
    """The actor's best answers: right and all questions, by guide; nothing for visitors."""
    if not actor.person_id:
        return {}
    return {row.guide: (row.score, row.questions) for row in db.execute(_PROGRESS, {"person": actor.person_id})}


def all_figures(db: Session) -> list[Figure]:
    """The shipped figures, then the operator's, in the order in which they were added."""
    first = {figure.key: figure for figure in figures.shipped()}
    added = [
        replace(first[row.key], value=row.value, valid_from=row.valid_from, source=row.source, added=True)
        for row in db.execute(_ADDED)
        if row.key in first
    ]
    return [*figures.shipped(), *added]
