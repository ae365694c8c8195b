"""Every SELECT of the search: texts to show, titles to fall back on, names to suggest, and how far the index is behind."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, func, select
from sqlmodel import Session

from market.accounts.models import Organisation
from market.catalog.models import Technology
from market.catalog.rules.vocabulary import VISIBLE
from market.discovery.gateway import Hit
from market.discovery.models import SearchOutbox
from market.discovery.rules.filters import Filter, In

_T: Any = Technology.__table__  # type: ignore[attr-defined]
_O: Any = Organisation.__table__  # type: ignore[attr-defined]
_X: Any = SearchOutbox.__table__  # type: ignore[attr-defined]

_SEEN = _T.c.state.in_(VISIBLE)


@dataclass(frozen=True)
class Texts:
    """The longer texts of a listing, to quote from, and the country it is offered from."""

    country: str
    texts: tuple[str, ...]


_TEXTS = select(
    _T.c.id, _T.c.country, _T.c.applications, _T.c.advantages, _T.c.problem, _T.c.description, _T.c.keywords
).where(_T.c.id.in_(bindparam("ids", expanding=True)), _SEEN)


def texts(db: Session, ids: Iterable[str]) -> dict[str, Texts]:
    """The longer texts of visible listings, the most telling first."""
    wanted = list(ids)
    if not wanted:
        return {}
    return {
        row.id: Texts(
            row.country, (row.applications, row.advantages, row.problem, row.description, ", ".join(row.keywords))
        )
        for row in db.execute(_TEXTS, {"ids": wanted})
    }


_COLUMNS = {"sectors": _T.c.sector, "country": _T.c.country, "trl": _T.c.trl, "ip_status": _T.c.ip_status}


def by_title(
    db: Session, words: Iterable[str], refine: Mapping[str, Filter], page: int, per_page: int
) -> tuple[tuple[Hit, ...], int]:
    """Visible listings with all words in the title, newest first, and how many; for when the engine is down.

    Filters that the table cannot answer quickly are passed over.
    """
    where = [_SEEN]
    where += [func.lower(_T.c.title).like(f"%{_escaped(word)}%", escape="\\") for word in list(words)[:10]]
    where += [
        _COLUMNS[field].in_(tree.values) for field, tree in refine.items() if field in _COLUMNS and isinstance(tree, In)
    ]
    total = int(db.execute(select(func.count()).select_from(_T).where(*where)).scalar_one())
    found = (
        select(_T.c.id)
        .where(*where)
        .order_by(_T.c.published_at.desc(), _T.c.id.desc())
        .limit(per_page)
        .offset((page - 1) * per_page)
    )
    return tuple(Hit(each, 0.0) for each in db.execute(found).scalars()), total


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


_INSTITUTIONS = (
    select(_O.c.name, _O.c.slug)
    .where(
        _O.c.verified_at.is_not(None),
        func.lower(_O.c.name).like(bindparam("begin"), escape="\\")
        | func.lower(_O.c.name).like(bindparam("inside"), escape="\\"),
        exists().where(_T.c.organisation_id == _O.c.id, _SEEN),
    )
    .order_by(_O.c.name, _O.c.id)
    .limit(bindparam("limit"))
)


def institutions(db: Session, text: str, limit: int) -> list[tuple[str, str]]:
    """Name and address part of verified institutions with listings, in whose name a word begins like `text`."""
    begin = f"{_escaped(text.lower())}%"
    rows = db.execute(_INSTITUTIONS, {"begin": begin, "inside": f"% {begin}", "limit": limit})
    return [(row.name, row.slug) for row in rows]


_COUNT = select(func.count()).select_from(_T).where(_SEEN)


def visible_count(db: Session) -> int:
    """How many listings everybody may see; what a whole index holds."""
    return int(db.execute(_COUNT).scalar_one())


_VERSIONS = select(_T.c.id, _T.c.version).where(_SEEN).order_by(_T.c.id)


def visible_versions(db: Session) -> list[tuple[str, int]]:
    """Id and version of all that everybody may see, by id."""
    return [(row.id, row.version) for row in db.execute(_VERSIONS)]


@dataclass(frozen=True)
class Backlog:
    """How far the index is behind: rows waiting, rows refused, and since when the oldest waits."""

    waiting: int
    refused: int
    since: datetime | None


_BACKLOG = select(
    func.count(_X.c.seq).filter(_X.c.refused_at.is_(None)).label("waiting"),
    func.count(_X.c.refused_at).label("refused"),
    func.min(_X.c.requested_at).filter(_X.c.refused_at.is_(None)).label("since"),
)


def backlog(db: Session) -> Backlog:
    """How far the index is behind the tables; for the operator and for alarms."""
    return Backlog(**db.execute(_BACKLOG).one()._mapping)
