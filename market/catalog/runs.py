"""Every SELECT of imports: runs and their rows, remembered mappings, what a source said last."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, bindparam, func, or_, select
from sqlmodel import Session

from market.catalog import policy
from market.catalog.models import (
    ImportMapping,
    ImportRow,
    ImportRun,
    IpRight,
    Technology,
    TechnologyInventor,
    TechnologySource,
)
from market.catalog.rules.imported import REFUSED, Problem, SourceTable
from market.catalog.rules.merging import FIELDS
from market.kit.actor import Actor
from market.kit.errors import NotFound

_T: Any = Technology.__table__  # type: ignore[attr-defined]
_SRC: Any = TechnologySource.__table__  # type: ignore[attr-defined]
_RUN: Any = ImportRun.__table__  # type: ignore[attr-defined]
_ROW: Any = ImportRow.__table__  # type: ignore[attr-defined]
_R: Any = IpRight.__table__  # type: ignore[attr-defined]
_I: Any = TechnologyInventor.__table__  # type: ignore[attr-defined]
_MAP: Any = ImportMapping.__table__  # type: ignore[attr-defined]

PER_PAGE = 50


@dataclass(frozen=True)
class Known:
    """A listing that a source has told us of before."""

    technology_id: str
    digest: str


_KNOWN = (
    select(_T.c.id, _T.c.source_id, _SRC.c.digest)
    .join(_SRC, _SRC.c.technology_id == _T.c.id)
    .where(_T.c.organisation_id == bindparam("organisation"), _T.c.source == bindparam("source"))
)


def known_sources(db: Session, organisation_id: str, source: str) -> dict[str, Known]:
    """The listings that the institution has from a source, by the source's own id."""
    rows = db.execute(_KNOWN, {"organisation": organisation_id, "source": source})
    return {row.source_id: Known(row.id, row.digest) for row in rows}


@dataclass(frozen=True)
class Own:
    """A listing as it stands here: its fields, the numbers of its rights, its inventors."""

    fields: dict[str, Any]
    numbers: frozenset[str]
    inventors: tuple[str, ...]


_IDS: Any = bindparam("ids", expanding=True)
_OWN_FIELDS = select(_T.c.id, *(_T.c[name] for name in FIELDS)).where(
    _T.c.organisation_id == bindparam("organisation"), _T.c.id.in_(_IDS)
)
_OWN_NUMBERS = select(_R.c.technology_id, _R.c.office, _R.c.number, _R.c.kind_code).where(_R.c.technology_id.in_(_IDS))
_OWN_INVENTORS = (
    select(_I.c.technology_id, _I.c.name)
    .where(_I.c.technology_id.in_(_IDS))
    .order_by(_I.c.technology_id, _I.c.position)
)
AT_ONCE = 900
"""How many ids one statement names; SQLite takes some thousands at most."""


def own(db: Session, organisation_id: str, ids: Iterable[str]) -> dict[str, Own]:
    """The listings of the institution among `ids`; others' do not come back."""
    wanted = sorted(set(ids))
    fields: dict[str, dict[str, Any]] = {}
    numbers: defaultdict[str, set[str]] = defaultdict(set)
    inventors: defaultdict[str, list[str]] = defaultdict(list)
    for start in range(0, len(wanted), AT_ONCE):
        some = {"ids": wanted[start : start + AT_ONCE]}
        found = db.execute(_OWN_FIELDS, some | {"organisation": organisation_id}).mappings()
        fields |= {row["id"]: {name: row[name] for name in FIELDS} for row in found}
        for row in db.execute(_OWN_NUMBERS, some):
            numbers[row.technology_id].add(f"{row.office}{row.number}{row.kind_code}")
        for row in db.execute(_OWN_INVENTORS, some):
            inventors[row.technology_id].append(row.name)
    return {each: Own(fields[each], frozenset(numbers[each]), tuple(inventors[each])) for each in fields}


_LAST_WORDS = select(_SRC.c.technology_id, _SRC.c.told).where(
    _SRC.c.technology_id.in_(bindparam("ids", expanding=True))
)


def last_words(db: Session, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What the source said last about each technology."""
    wanted = list(ids)
    return {row.technology_id: row.told for row in db.execute(_LAST_WORDS, {"ids": wanted})} if wanted else {}


_DIGESTS = select(_SRC.c.technology_id, _SRC.c.digest).where(_SRC.c.technology_id.in_(bindparam("ids", expanding=True)))


def digests(db: Session, ids: Iterable[str]) -> dict[str, str]:
    """The digest of what the source said last about each technology."""
    wanted = list(ids)
    return {row.technology_id: row.digest for row in db.execute(_DIGESTS, {"ids": wanted})} if wanted else {}


def technologies(db: Session, ids: Iterable[str]) -> list[Technology]:
    """Technologies to be changed by an import."""
    wanted = list(ids)
    if not wanted:
        return []
    return list(db.execute(select(Technology).where(_T.c.id.in_(wanted)).with_for_update()).scalars())


_ROWS = select(_ROW.c.line, _ROW.c.cells).where(_ROW.c.run_id == bindparam("run")).order_by(_ROW.c.position)


def table(db: Session, run: Any) -> SourceTable:
    """The rows of a run as they were read."""
    cells = tuple((row.line, tuple(row.cells)) for row in db.execute(_ROWS, {"run": run.id}))
    return SourceTable(run.source, tuple(run.header), cells, run.notes)


_ROW_IDS = select(_ROW.c.id).where(_ROW.c.run_id == bindparam("run")).order_by(_ROW.c.position)


def row_ids(db: Session, run_id: str) -> list[str]:
    """The ids of a run's rows, in their order."""
    return [str(each) for each in db.execute(_ROW_IDS, {"run": run_id}).scalars()]


_MAPPING = select(_MAP.c.mapping).where(
    _MAP.c.organisation_id == bindparam("organisation"), _MAP.c.signature == bindparam("signature")
)


def remembered_mapping(db: Session, organisation_id: str, signature: str) -> dict[str, str] | None:
    """The mapping that the institution chose last for such headings."""
    row = db.execute(_MAPPING, {"organisation": organisation_id, "signature": signature}).first()
    return dict(row.mapping) if row else None


@dataclass(frozen=True)
class RunRow:
    """An import as its pages show it."""

    id: str
    organisation_id: str
    source: str
    file_name: str
    state: str
    publish: bool
    created_at: datetime
    finished_at: datetime | None
    header: list[str]
    mapping: dict[str, str]
    notes: dict[str, str]
    counts: dict[str, int]
    started_at: datetime | None
    done_rows: int

    @property
    def is_running(self) -> bool:
        """Whether a job is importing it."""
        return self.state == "ready" and self.started_at is not None


_RUN_COLUMNS = [_RUN.c[name] for name in RunRow.__dataclass_fields__]
_ONE_RUN = select(*_RUN_COLUMNS).where(_RUN.c.id == bindparam("id"))
_RUNS = (
    select(*_RUN_COLUMNS)
    .where(_RUN.c.organisation_id == bindparam("organisation"))
    .order_by(_RUN.c.id.desc())
    .limit(20)
)


def run(db: Session, actor: Actor, run_id: str) -> RunRow:
    """One import of the actor's institution; NotFound."""
    row = db.execute(_ONE_RUN, {"id": run_id}).first()
    if row is None or not policy.is_own(actor, row.organisation_id):
        raise NotFound
    return RunRow(**row._mapping)


def recent(db: Session, actor: Actor) -> list[RunRow]:
    """The last imports of the actor's institution."""
    return [RunRow(**row._mapping) for row in db.execute(_RUNS, {"organisation": actor.organisation_id})]


@dataclass(frozen=True)
class ReportRow:
    """A row of an import: what would become of it, or what became of it."""

    line: int
    outcome: str
    technology_id: str | None
    title: str
    problems: list[Problem]


_EVERY: Any = bindparam("every", type_=Boolean)
_TOLD = (_ROW.c.run_id == bindparam("run"), or_(_EVERY, _ROW.c.noted.is_(True)))
_REPORT = (
    select(_ROW.c.line, _ROW.c.outcome, _ROW.c.technology_id, _ROW.c.title, _ROW.c.problems)
    .where(*_TOLD)
    .order_by(_ROW.c.position)
    .limit(PER_PAGE)
    .offset(bindparam("skip"))
)
_REPORT_COUNT = select(func.count()).select_from(_ROW).where(*_TOLD)


def report(db: Session, run_id: str, page: int, *, only_problems: bool) -> tuple[list[ReportRow], int]:
    """A page of the rows, all or those with problems, and how many there are of them."""
    given = {"run": run_id, "every": not only_problems}
    total = int(db.execute(_REPORT_COUNT, given).scalar_one())
    rows = db.execute(_REPORT, given | {"skip": (page - 1) * PER_PAGE})
    return [
        ReportRow(row.line, row.outcome, row.technology_id, row.title, [_problem(each) for each in row.problems])
        for row in rows
    ], total


_WHOLE_REPORT = (
    select(_ROW.c.line, _ROW.c.outcome, _ROW.c.technology_id, _ROW.c.title, _ROW.c.problems)
    .where(_ROW.c.run_id == bindparam("run"))
    .order_by(_ROW.c.position)
)


def whole_report(db: Session, run_id: str) -> list[ReportRow]:
    """Every row of an import with what became of it."""
    return [
        ReportRow(row.line, row.outcome, row.technology_id, row.title, [_problem(each) for each in row.problems])
        for row in db.execute(_WHOLE_REPORT, {"run": run_id})
    ]


def noted(db: Session, run_id: str) -> int:
    """How many rows have problems."""
    return int(db.execute(_REPORT_COUNT, {"run": run_id, "every": False}).scalar_one())


def _problem(plain: dict[str, Any]) -> Problem:
    return Problem(**(plain | {"severity": plain.get("severity", REFUSED)}))


_SAMPLE = _ROWS.limit(bindparam("limit"))


def sample(db: Session, run_id: str, limit: int) -> list[tuple[int, tuple[str, ...]]]:
    """The first rows of a run, as they were read."""
    return [(row.line, tuple(row.cells)) for row in db.execute(_SAMPLE, {"run": run_id, "limit": limit})]
