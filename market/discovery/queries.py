"""Every SELECT of the search: texts to show, titles to fall back on, names to suggest, how far the index is behind;
saved searches, whom to tell of what, shortlists."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, func, select
from sqlmodel import Session

from market.accounts.models import Membership, Organisation, Person
from market.catalog.models import Technology
from market.catalog.rules.vocabulary import VISIBLE
from market.discovery.gateway import Hit
from market.discovery.models import AlertMatch, AlertOutbox, AlertSent, SavedSearch, SearchOutbox, ShortlistEntry
from market.discovery.rules.alerts import Frequency
from market.discovery.rules.filters import Filter, In
from market.kit.actor import Actor
from market.kit.errors import NotFound

_T: Any = Technology.__table__  # type: ignore[attr-defined]
_O: Any = Organisation.__table__  # type: ignore[attr-defined]
_X: Any = SearchOutbox.__table__  # type: ignore[attr-defined]
_P: Any = Person.__table__  # type: ignore[attr-defined]
_M: Any = Membership.__table__  # type: ignore[attr-defined]
_V: Any = SavedSearch.__table__  # type: ignore[attr-defined]
_N: Any = AlertOutbox.__table__  # type: ignore[attr-defined]
_A: Any = AlertMatch.__table__  # type: ignore[attr-defined]
_D: Any = AlertSent.__table__  # type: ignore[attr-defined]
_K: Any = ShortlistEntry.__table__  # type: ignore[attr-defined]

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


# --- saved searches


@dataclass(frozen=True)
class SavedRow:
    """A saved search as its person sees it; `query` is the address's query."""

    id: str
    name: str
    query: str
    frequency: str
    created_at: datetime


_SAVED = select(_V.c.id, _V.c.name, _V.c.query, _V.c.frequency, _V.c.created_at).where(
    _V.c.person_id == bindparam("person")
)
_ALL_SAVED = _SAVED.order_by(_V.c.created_at.desc(), _V.c.id.desc())
_ONE_SAVED = _SAVED.where(_V.c.id == bindparam("id"))


def saved_searches(db: Session, person_id: str) -> list[SavedRow]:
    """Somebody's saved searches, the newest first."""
    return [SavedRow(**row._mapping) for row in db.execute(_ALL_SAVED, {"person": person_id})]


def saved_search(db: Session, person_id: str, search_id: str) -> SavedRow:
    """One saved search of this person; NotFound for another's."""
    row = db.execute(_ONE_SAVED, {"person": person_id, "id": search_id}).first()
    if row is None:
        raise NotFound
    return SavedRow(**row._mapping)


_ZONES = (
    select(_O.c.timezone)
    .join(_M, _M.c.organisation_id == _O.c.id)
    .where(_M.c.person_id == bindparam("person"))
    .order_by(_M.c.created_at, _M.c.id)
    .limit(1)
)


def timezone_of(db: Session, person_id: str) -> str:
    """Where the person's morning is: the time zone of the first organisation joined, UTC for who has none."""
    return db.execute(_ZONES, {"person": person_id}).scalar() or "UTC"


# --- new listings, and whom to tell


@dataclass(frozen=True)
class Listener:
    """A saved search that waits for new listings, and when it was saved."""

    id: str
    person_id: str
    query: str
    frequency: Frequency
    timezone: str
    created_at: datetime


_FIRST = select(_M.c.person_id, func.min(_M.c.id).label("id")).group_by(_M.c.person_id).subquery()
_LISTENERS = (
    select(_V.c.id, _V.c.person_id, _V.c.query, _V.c.frequency, _V.c.created_at, _O.c.timezone)
    .select_from(
        _V.join(_P, _P.c.id == _V.c.person_id)
        .outerjoin(_FIRST, _FIRST.c.person_id == _V.c.person_id)
        .outerjoin(_M, _M.c.id == _FIRST.c.id)
        .outerjoin(_O, _O.c.id == _M.c.organisation_id)
    )
    .where(_V.c.frequency != "off", _P.c.disabled_at.is_(None), _P.c.email_verified_at.is_not(None))
)


def listeners(db: Session) -> list[Listener]:
    """Every saved search whose person wants mail and can get it."""
    return [
        Listener(row.id, row.person_id, row.query, row.frequency, row.timezone or "UTC", row.created_at)
        for row in db.execute(_LISTENERS)
    ]


STILL_LISTENING = (
    select(_V.c.id)
    .where(_V.c.id.in_(bindparam("ids", expanding=True)), _V.c.frequency != "off")
    .with_for_update(read=True)
)
"""Those of `ids` that nobody has deleted or silenced, held until the transaction ends."""


_NEW = (
    select(_N.c.technology_id, _N.c.visible_at)
    .where(_N.c.matched_at.is_(None))
    .order_by(_N.c.visible_at, _N.c.technology_id)
    .limit(bindparam("limit"))
)


def new_listings(db: Session, limit: int) -> dict[str, datetime]:
    """Technologies that were not held against the saved searches yet, with the moment they became visible."""
    return {row.technology_id: row.visible_at for row in db.execute(_NEW, {"limit": limit})}


_TO_TELL = (
    select(_V.c.person_id)
    .join(_A, _A.c.saved_search_id == _V.c.id)
    .where(_A.c.due_at <= bindparam("now"))
    .group_by(_V.c.person_id)
    .order_by(_V.c.person_id)
    .limit(bindparam("limit"))
)


def people_to_tell(db: Session, now: datetime, limit: int = 500) -> list[str]:
    """People for whom a mail is due."""
    return list(db.execute(_TO_TELL, {"now": now, "limit": limit}).scalars())


_DUE = (
    select(_A.c.technology_id, _A.c.saved_search_id, _V.c.name, _V.c.query, _T.c.state)
    .select_from(_A.join(_V, _V.c.id == _A.c.saved_search_id).join(_T, _T.c.id == _A.c.technology_id))
    .where(_V.c.person_id == bindparam("person"), _A.c.due_at <= bindparam("now"))
    .order_by(_V.c.name, _V.c.id, _T.c.published_at.desc(), _T.c.id)
)


def due_matches(db: Session, person_id: str, now: datetime) -> list[Any]:
    """What a person is to be told of now: technology_id, saved_search_id, its name and query, the listing's state."""
    return list(db.execute(_DUE, {"person": person_id, "now": now}))


# --- shortlists


@dataclass(frozen=True)
class KeptRow:
    """A technology on somebody's shortlist, with the note to it."""

    technology_id: str
    note: str
    created_at: datetime


_KEPT = (
    select(_K.c.technology_id, _K.c.note, _K.c.created_at)
    .where(_K.c.person_id == bindparam("person"))
    .order_by(_K.c.created_at.desc(), _K.c.id.desc())
)


def kept(db: Session, person_id: str) -> list[KeptRow]:
    """A person's shortlist, what was kept last first; also what is no longer offered."""
    return [KeptRow(**row._mapping) for row in db.execute(_KEPT, {"person": person_id})]


_KEPT_IDS = select(_K.c.technology_id).where(_K.c.person_id == bindparam("person"))


def kept_ids(db: Session, person_id: str) -> frozenset[str]:
    """The technologies on a person's shortlist."""
    return frozenset(db.execute(_KEPT_IDS, {"person": person_id}).scalars())


def marks_of(db: Session, actor: Actor) -> frozenset[str]:
    """What the cards of a page show as kept: a person's shortlist, or what a visitor's browser has put aside."""
    return kept_ids(db, actor.person_id) if actor.person_id else frozenset(actor.marks)


_THERE = select(_T.c.id).where(_T.c.id.in_(bindparam("ids", expanding=True)), _SEEN)


def visible_of(db: Session, ids: Iterable[str]) -> frozenset[str]:
    """Those of `ids` that everybody may see."""
    wanted = list(ids)
    return frozenset(db.execute(_THERE, {"ids": wanted}).scalars()) if wanted else frozenset()


_LEFT = select(_T.c.id).where(_T.c.id.in_(bindparam("ids", expanding=True)))


def still_there(db: Session, technology_ids: Sequence[str]) -> list[str]:
    """Those of the technologies that have not been taken away."""
    found = set(db.execute(_LEFT, {"ids": list(technology_ids)}).scalars())
    return [each for each in technology_ids if each in found]
