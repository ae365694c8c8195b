"""Importing: a file becomes an import run, is looked at, and is carried out in one transaction.

The same file again doubles nothing: a listing is known by its institution, source and reference, and is written only
where the source says something new. What was edited here since the last import is kept, and the report says so.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from babel.numbers import get_territory_currencies
from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session

from market.accounts import queries as accounts
from market.accounts.rules import Permission
from market.catalog import policy, runs
from market.catalog.events import TechnologiesChanged
from market.catalog.models import (
    ImportMapping,
    ImportRow,
    ImportRun,
)
from market.catalog.rules import columns, nasa
from market.catalog.rules.imported import ImportedListing, ParsedRow, Problem, SourceTable
from market.catalog.rules.merging import FIELDS, same_listing
from market.catalog.service import gate
from market.catalog.service.listing import TOPIC
from market.catalog.service.writing import BATCH, Outcome, Progress, Writer, silent
from market.kit import audit, cache
from market.kit.actor import Actor
from market.kit.errors import NotFound, Refusal, Refused, refuse
from market.kit.events import emit
from market.kit.i18n import _
from market.kit.ids import new_id

_ROW: Any = ImportRow.__table__  # type: ignore[attr-defined]
_MAP: Any = ImportMapping.__table__  # type: ignore[attr-defined]
_MAPPING = select(ImportMapping).where(
    _MAP.c.organisation_id == bindparam("organisation"), _MAP.c.signature == bindparam("signature")
)
_MARK_ROW = (
    update(_ROW)
    .where(_ROW.c.id == bindparam("row_id"))
    .values(
        outcome=bindparam("new_outcome"),
        technology_id=bindparam("new_technology"),
        title=bindparam("new_title"),
        problems=bindparam("new_problems"),
        noted=bindparam("new_noted"),
        before=bindparam("new_before"),
    )
)


@dataclass(frozen=True)
class ImportResult:
    """What an import came to; `problems` in the order of the rows.

    `unclear` stay drafts though they are complete, since nobody said why they should go out; `excused` went out for a
    stated reason.
    """

    read: int
    created: int
    updated: int
    unchanged: int
    duplicates: int
    refused: int
    published: int
    unclear: int = 0
    excused: int = 0
    problems: tuple[Problem, ...] = field(default=(), repr=False)
    run_id: str | None = None

    def counts(self) -> dict[str, int]:
        """The numbers alone."""
        names = ("read", "created", "updated", "unchanged", "duplicates", "refused", "published", "unclear", "excused")
        return {name: getattr(self, name) for name in names} | {"problems": len(self.problems)}

    def plain(self) -> dict[str, Any]:
        """As JSON for `market import --json`: the numbers, and each problem with its row and sentence."""
        told = [
            {
                "row": each.row,
                "field": each.field,
                "code": each.code,
                "refused": each.refuses,
                "sentence": each.sentence,
            }
            for each in self.problems
        ]
        return self.counts() | {"problems": told}


def result_of(
    outcomes: Sequence[Outcome], published: int, run_id: str | None = None, *, unclear: int = 0, excused: int = 0
) -> ImportResult:
    """Count outcomes."""
    verdicts = [outcome.verdict for outcome in outcomes]
    return ImportResult(
        read=len(outcomes),
        created=verdicts.count("created"),
        updated=verdicts.count("updated"),
        unchanged=verdicts.count("unchanged"),
        duplicates=verdicts.count("duplicate"),
        refused=verdicts.count("refused"),
        published=published,
        unclear=unclear,
        excused=excused,
        problems=tuple(problem for outcome in outcomes for problem in (*outcome.row.problems, *outcome.problems)),
        run_id=run_id,
    )


# --- from file to run


def source_of(table: SourceTable) -> str:
    """The name under which a table's listings are known: CSV and XLSX of the same table are one source."""
    return table.kind


def open_run(
    db: Session,
    actor: Actor,
    organisation_id: str,
    table: SourceTable,
    *,
    file_name: str,
    data: bytes,
    publish: bool,
    now: datetime,
) -> ImportRun:
    """Keep a file's rows with the mapping that the institution chose last for such headings, or a suggested one."""
    policy.require(actor, Permission.IMPORT_LISTINGS, organisation_id)
    known = runs.remembered_mapping(db, organisation_id, columns.signature(table.header)) if table.header else None
    mapping = known or columns.suggest(table.header)
    run = ImportRun(
        organisation_id=organisation_id,
        person_id=actor.person_id,
        source=source_of(table),
        file_name=file_name[:200],
        sha256=hashlib.sha256(data).hexdigest(),
        state="mapping" if table.header else "ready",
        publish=publish,
        created_at=now,
        header=list(table.header),
        mapping=mapping,
        notes=dict(table.notes),
    )
    db.add(run)
    db.flush()
    values = [
        {
            "id": new_id(),
            "run_id": run.id,
            "position": n,
            "line": line,
            "outcome": "waiting",
            "title": "",
            "noted": False,
            "problems": [],
            "cells": cells,
            "before": {},
        }
        for n, (line, cells) in enumerate((line, [storable(cell) for cell in cells]) for line, cells in table.rows)
    ]
    for start in range(0, len(values), BATCH):
        db.execute(insert(_ROW), values[start : start + BATCH])
    audit.record(
        db, actor, "catalog:import:opened", run, now=now, file=run.file_name, sha256=run.sha256, rows=len(values)
    )
    return run


def storable(cell: str) -> str:
    """A cell without what no database keeps: NUL and halves of surrogate pairs."""
    return "".join(c for c in cell if c != "\x00" and not "\ud800" <= c <= "\udfff") if not cell.isprintable() else cell


def run_for_update(db: Session, actor: Actor, run_id: str) -> ImportRun:
    """An import of the actor's institution, to be changed."""
    run = db.get(ImportRun, run_id, with_for_update=True)
    if run is None:
        raise NotFound
    policy.require(actor, Permission.IMPORT_LISTINGS, run.organisation_id)
    return run


def choose_columns(db: Session, actor: Actor, run_id: str, mapping: dict[str, str], *, now: datetime) -> ImportRun:
    """Say which column means what, and remember it for files with the same headings; raises Refused without a title."""
    run = run_for_update(db, actor, run_id)
    refuse(not_open(run))
    chosen = {key: heading for key, heading in mapping.items() if key in columns.TARGETS and heading in run.header}
    if "title" not in chosen:
        raise Refused(Refusal("no_title_column", _("Choose the column that holds the title."), "title"))
    run.mapping = chosen
    run.state = "ready"
    db.flush()
    _remember(db, run.organisation_id, columns.signature(run.header), chosen, now)
    return run


def _remember(db: Session, organisation_id: str, signature: str, mapping: dict[str, str], now: datetime) -> None:
    found = db.execute(_MAPPING, {"organisation": organisation_id, "signature": signature}).scalars().first()
    kept = found or ImportMapping(organisation_id=organisation_id, signature=signature, updated_at=now)
    kept.mapping, kept.updated_at = mapping, now
    db.add(kept)
    db.flush()


def not_open(run: ImportRun) -> Refusal | None:
    """Why this run cannot be changed or carried out any more."""
    if run.state in ("done", "undone"):
        return Refusal("import_done", _("This file has been imported already. Its report is below."))
    if run.started_at is not None:
        return Refusal("import_running", _("This file is being imported at this moment."))
    return None


# --- what would happen


def interpret(table: SourceTable, mapping: dict[str, str], country: str) -> list[ParsedRow]:
    """Listings of a table, in the way its kind asks for."""
    if table.kind == nasa.KIND:
        return nasa.interpret(table, country=country)
    currency = next(iter(get_territory_currencies(country)), "EUR") if country else "EUR"
    return columns.interpret(table, mapping, country=country, currency=currency)


def forecast(db: Session, organisation_id: str | None, source: str, rows: Iterable[ParsedRow]) -> list[Outcome]:
    """Say for each row what importing it would do, writing nothing. Without an institution everything is new."""
    listed = list(rows)
    if not organisation_id:
        return [_verdict(row, {}, {}) for row in listed]
    known = runs.known_sources(db, organisation_id, source)
    named = (row.listing.known_id for row in listed if row.listing is not None and row.listing.known_id)
    own = runs.own(db, organisation_id, named)
    return [_verdict(row, known, own) for row in listed]


def _verdict(row: ParsedRow, known: dict[str, runs.Known], own: dict[str, runs.Own]) -> Outcome:
    if row.duplicate_of is not None:
        return Outcome(row, "duplicate")
    if row.listing is None:
        return Outcome(row, "refused")
    here = own.get(row.listing.known_id)
    if here is not None:
        return Outcome(row, "updated" if _differs(row.listing, here) else "unchanged", row.listing.known_id)
    if row.listing.known_id:
        row = replace(row, listing=replace(row.listing, known_id=""))
    return _by_source(row, known)


def _differs(listing: ImportedListing, here: runs.Own) -> bool:
    """Whether a file that was exported here says something that does not stand here."""
    values = {name: getattr(listing, name) for name in FIELDS}
    return bool(
        same_listing(here.fields, values)
        or {number.text for number in listing.ip_numbers} - here.numbers
        or set(listing.inventors) - set(here.inventors)
    )


def _by_source(row: ParsedRow, known: dict[str, runs.Known]) -> Outcome:
    if row.listing is None:
        return Outcome(row, "refused")
    there = known.get(row.listing.source_id)
    if there is None:
        return Outcome(row, "created", new_id())
    return Outcome(row, "unchanged" if there.digest == row.listing.digest else "updated", there.technology_id)


# --- carrying it out


def understood(db: Session, actor: Actor, run_id: str) -> list[ParsedRow]:
    """The listings of a run by its mapping. It takes time for a long file: do it before the transaction that writes."""
    run = runs.run(db, actor, run_id)
    return interpret(runs.table(db, run), run.mapping, accounts.organisation(db, run.organisation_id).country)


def carry_out(
    db: Session,
    actor: Actor,
    run_id: str,
    rows: list[ParsedRow],
    *,
    publish: bool,
    reason: str = "",
    now: datetime,
    progress: Progress = silent,
) -> ImportResult:
    """Import a run that is ready: all of it or, when anything fails, nothing. `rows` is what `understood` gave.

    Complete new listings are published if `publish` and the institution is verified; below its threshold of clarity only
    with a `reason`. The others become drafts.
    """
    run = run_for_update(db, actor, run_id)
    refuse(not_open(run))
    if run.state != "ready":
        raise Refused(Refusal("not_ready", _("Choose first which column means what.")))
    organisation = accounts.organisation(db, run.organisation_id)
    row_ids = runs.row_ids(db, run_id)
    outcomes = forecast(db, organisation.id, run.source, rows)
    run.reason = gate.stated(reason)
    letting = gate.letting(db, run, publish=publish, verified=organisation.verified)
    writer = Writer(db, run, organisation.id, letting, now=now, progress=progress)
    outcomes = writer.write(outcomes)
    mark_rows(db, row_ids, outcomes)
    result = result_of(outcomes, writer.published, run.id, unclear=writer.unclear, excused=writer.excused)
    run.state, run.finished_at, run.counts, run.publish = "done", now, result.counts(), publish
    db.flush()
    told = {"file": run.file_name, "sha256": run.sha256, "reason": run.reason} | result.counts()
    audit.record(db, actor, "catalog:import:done", run, now=now, **told)
    if writer.visible:
        emit(db, TechnologiesChanged(tuple(writer.visible)))
        cache.touch(db, TOPIC)
    return result


def look(db: Session, actor: Actor, run_id: str, rows: list[ParsedRow]) -> ImportResult:
    """Note on each row of a run that is ready what importing it would do; nothing else is written."""
    run = run_for_update(db, actor, run_id)
    outcomes = [
        Outcome(each.row, each.verdict, None if each.verdict == "created" else each.technology_id)
        for each in forecast(db, run.organisation_id, run.source, rows)
    ]
    mark_rows(db, runs.row_ids(db, run_id), outcomes)
    result = result_of(outcomes, published=0, run_id=run_id)
    run.counts = result.counts()
    return result


def mark_rows(db: Session, row_ids: list[str], outcomes: list[Outcome]) -> None:
    """Note on the rows what became of them."""
    marks = [_mark(row_id, outcome) for row_id, outcome in zip(row_ids, outcomes, strict=True)]
    for start in range(0, len(marks), BATCH):
        db.execute(_MARK_ROW, marks[start : start + BATCH])


def _mark(row_id: str, outcome: Outcome) -> dict[str, Any]:
    listing = outcome.row.listing
    problems = [problem.plain() for problem in (*outcome.row.problems, *outcome.problems)]
    return {
        "row_id": row_id,
        "new_outcome": outcome.verdict,
        "new_technology": outcome.technology_id,
        "new_title": listing.title if listing else outcome.row.title,
        "new_problems": problems,
        "new_noted": bool(problems),
        "new_before": outcome.before,
    }
