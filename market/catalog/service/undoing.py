"""Undoing a whole import: what it made goes, what it changed goes back, what people have touched since stays and is named."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlmodel import Session, SQLModel

from market.catalog import runs
from market.catalog.events import TechnologiesChanged
from market.catalog.models import (
    ImportRow,
    IpRight,
    IpRightCountry,
    OfferedTerms,
    Technology,
    TechnologyFile,
    TechnologyInventor,
    TechnologySource,
)
from market.catalog.rules.imported import Problem
from market.catalog.rules.vocabulary import VISIBLE
from market.catalog.service.importing import run_for_update
from market.catalog.service.listing import TOPIC
from market.kit import audit, cache
from market.kit.actor import Actor
from market.kit.errors import Refusal, Refused
from market.kit.events import emit
from market.kit.i18n import _

_T: Any = Technology.__table__  # type: ignore[attr-defined]
_ROW: Any = ImportRow.__table__  # type: ignore[attr-defined]
_R: Any = IpRight.__table__  # type: ignore[attr-defined]
_C: Any = IpRightCountry.__table__  # type: ignore[attr-defined]
_I: Any = TechnologyInventor.__table__  # type: ignore[attr-defined]
_SRC: Any = TechnologySource.__table__  # type: ignore[attr-defined]

_OWN_TABLES = {
    each.__tablename__
    for each in (IpRight, TechnologyInventor, TechnologyFile, OfferedTerms, TechnologySource, ImportRow)
}
# what the machine notes about every listing by itself: nobody uses the listing by it, and it goes with it
_FOLLOWS = ("alert_match", "alert_outbox", "need_match", "listing_clarity", "unclear_publication", "listing_view")
_MADE = (
    select(_ROW.c.id, _ROW.c.line, _ROW.c.technology_id, _ROW.c.outcome, _ROW.c.before, _ROW.c.problems)
    .where(
        _ROW.c.run_id == bindparam("run"),
        _ROW.c.technology_id.is_not(None),
        _ROW.c.outcome.in_(("created", "updated")),
    )
    .order_by(_ROW.c.position.desc())
)


@dataclass(frozen=True)
class Undone:
    """What undoing came to: listings taken away, put back as they were, and left alone."""

    removed: int
    restored: int
    kept: int


def undo(db: Session, actor: Actor, run_id: str, *, now: datetime) -> Undone:
    """Undo an import that is done. A listing that was edited, published, offered terms or asked about since is kept."""
    run = run_for_update(db, actor, run_id)
    if run.state != "done":
        raise Refused(Refusal("not_done", _("Only an import that was carried out can be undone.")))
    rows = list(db.execute(_MADE, {"run": run_id}))
    used = _in_use([row.technology_id for row in rows])(db)
    changed: list[str] = []
    counts = {"removed": 0, "restored": 0, "kept": 0}
    for start in range(0, len(rows), runs.AT_ONCE):
        batch = rows[start : start + runs.AT_ONCE]
        there = {each.id: each for each in runs.technologies(db, [row.technology_id for row in batch])}
        for row in batch:
            technology = there.get(row.technology_id)
            if technology is None:
                continue
            verdict = _take_back(db, row, technology, used=technology.id in used)
            counts[verdict] += 1
            if verdict == "kept":
                _name_kept(db, row)
            elif technology.state in VISIBLE:
                changed.append(row.technology_id)
        db.flush()
    run.state, run.counts = "undone", {**run.counts, **counts}
    audit.record(db, actor, "catalog:import:undone", run, now=now, file=run.file_name, **counts)
    if changed:
        emit(db, TechnologiesChanged(tuple(dict.fromkeys(changed))))
        cache.touch(db, TOPIC)
    return Undone(**counts)


def _in_use(ids: Iterable[str]) -> Any:
    """Which of the technologies others have something on: any table outside the catalogue that refers to one."""
    wanted = sorted(set(ids))
    columns = [
        column
        for table in SQLModel.metadata.tables.values()
        if table.name not in _OWN_TABLES and table.name not in _FOLLOWS
        for column in table.columns
        if any(key.target_fullname == "technology.id" for key in column.foreign_keys)
    ]

    def found(db: Session) -> set[str]:
        return {
            str(each)
            for column in columns
            for start in range(0, len(wanted), runs.AT_ONCE)
            for each in db.execute(select(column).where(column.in_(wanted[start : start + runs.AT_ONCE]))).scalars()
        }

    return found


def _take_back(db: Session, row: Any, technology: Technology, *, used: bool) -> str:
    if row.outcome == "created":
        touched = technology.version != 1 or (technology.confirmed_on or technology.created_at.date()) != (
            technology.created_at.date()
        )
        touched = touched or technology.published_at not in (None, technology.created_at)
        if used or touched:
            return "kept"
        _remove(db, technology)
        return "removed"
    if technology.version != row.before.get("version"):
        return "kept"
    _restore(db, technology, row.before)
    return "restored"


def _remove(db: Session, technology: Technology) -> None:
    """Take a listing away with all that the import gave it."""
    db.execute(update(_ROW).where(_ROW.c.technology_id == technology.id).values(technology_id=None))
    rights = select(_R.c.id).where(_R.c.technology_id == technology.id)
    db.execute(delete(_C).where(_C.c.right_id.in_(rights)))
    for table in (_R, _I, _SRC):
        db.execute(delete(table).where(table.c.technology_id == technology.id))
    for name in _FOLLOWS:
        noted = SQLModel.metadata.tables[name]
        db.execute(delete(noted).where(noted.c.technology_id == technology.id))
    db.delete(technology)
    db.flush()


def _restore(db: Session, technology: Technology, before: dict[str, Any]) -> None:
    """Put back what the listing said, and what its source had said, before the import."""
    for name, value in before["fields"].items():
        setattr(technology, name, value)
    technology.version += 1
    added = before.get("added") or []
    if added:
        db.execute(delete(_C).where(_C.c.right_id.in_(added)))
        db.execute(delete(_R).where(_R.c.id.in_(added), _R.c.technology_id == technology.id))
        db.execute(delete(_I).where(_I.c.id.in_(added), _I.c.technology_id == technology.id))
    if before.get("told") is not None:
        values = {"told": before["told"], "digest": before.get("digest") or ""}
        db.execute(update(_SRC).where(_SRC.c.technology_id == technology.id).values(**values))


def _name_kept(db: Session, row: Any) -> None:
    """Say on the row why the listing is still there."""
    told = Problem(row.line, "", "kept", _("Kept: this listing was changed or used after the import."))
    problems = [*row.problems, told.plain()]
    db.execute(update(_ROW).where(_ROW.c.id == row.id).values(problems=problems, noted=True))
