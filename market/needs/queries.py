"""Every SELECT of needs: statements built once, rows out. What the actor may not see, or may not know, does not come back."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Integer, String, and_, bindparam, case, cast, exists, func, or_, select
from sqlmodel import Session

from market.accounts.models import Organisation
from market.catalog.models import Technology
from market.catalog.rules.vocabulary import VISIBLE
from market.kit.actor import Actor
from market.kit.errors import NotFound
from market.needs import policy
from market.needs.models import Need, NeedAnswer, NeedChoice, NeedMatch, NeedSketch
from market.needs.process import AFTER_OPENING, LIVING, PUBLIC
from market.needs.rows import ForUs, NeedRow, Open, OwnNeed, Proposal, Wanted
from market.needs.rules.matching import STRONG, Profile

_N: Any = Need.__table__  # type: ignore[attr-defined]
_A: Any = NeedAnswer.__table__  # type: ignore[attr-defined]
_M: Any = NeedMatch.__table__  # type: ignore[attr-defined]
_C: Any = NeedChoice.__table__  # type: ignore[attr-defined]
_S: Any = NeedSketch.__table__  # type: ignore[attr-defined]
_T: Any = Technology.__table__  # type: ignore[attr-defined]
_O: Any = Organisation.__table__  # type: ignore[attr-defined]

PER_PAGE = 20


_SHOWN = (
    "id", "slug", "state", "title", "text", "sector", "cluster", "technology_field", "country", "region", "stage", "budget",
    "currency", "deadline", "anonymous", "opened_at", "created_at", "updated_at", "version",
)  # fmt: skip
_TELLING = ("organisation", "organisation_id", "on_behalf_of", "source_url", "person_id")
_NEED = select(*_N.c, _O.c.name.label("organisation")).join(_O, _O.c.id == _N.c.organisation_id)
_ONE = _NEED.where(_N.c.id == bindparam("id"))
_CHOSEN = select(_C.c.organisation_id).where(_C.c.need_id == bindparam("id"))
_ANSWERED_BY = select(_A.c.organisation_id).where(_A.c.need_id == bindparam("id"))


def need(db: Session, actor: Actor, need_id: str) -> NeedRow:
    """One need that the actor may see; NotFound."""
    row = db.execute(_ONE, {"id": need_id}).first()
    if row is None:
        raise NotFound
    chosen = set(db.execute(_CHOSEN, {"id": need_id}).scalars())
    involved = chosen | set(db.execute(_ANSWERED_BY, {"id": need_id}).scalars())
    if not policy.may_see(actor, row.state, row.organisation_id, involved):
        raise NotFound
    return _seen(row, actor, chosen)


def _seen(row: Any, actor: Actor, chosen: Collection[str]) -> NeedRow:
    """A row as the actor may see it: who asks is left out where the actor may not know."""
    own = policy.is_own(actor, row.organisation_id)
    more: dict[str, Any] = {}
    if policy.may_know(actor, row.organisation_id, chosen, anonymous=row.anonymous):
        more |= {name: getattr(row, name) for name in _TELLING}
    if own or actor.is_operator:
        more |= {"refusal": row.refusal, "outcome": row.outcome}
    return NeedRow(**{name: getattr(row, name) for name in _SHOWN}, kinds=tuple(row.kinds), own=own, **more)


# --- the public list


def _text(name: str) -> Any:
    return bindparam(name, type_=String)


_FILTERS = (
    _N.c.state.in_(PUBLIC),
    or_(_text("sector") == "", _N.c.sector == _text("sector")),
    or_(_text("country") == "", _N.c.country == _text("country")),
    or_(_text("stage") == "", _N.c.stage == _text("stage")),
    or_(_text("kind") == "", cast(_N.c.kinds, String).like(_text("kind_pattern"), escape="\\")),
    or_(
        _text("pattern") == "",
        func.lower(_N.c.title).like(_text("pattern"), escape="\\"),
        func.lower(_N.c.cluster).like(_text("pattern"), escape="\\"),
        func.lower(_N.c.text).like(_text("pattern"), escape="\\"),
    ),
)
_OPEN = (
    _NEED.where(*_FILTERS)
    .order_by(_N.c.opened_at.desc(), _N.c.id.desc())
    .limit(bindparam("limit"))
    .offset(bindparam("skip"))
)
_OPEN_COUNT = select(func.count()).select_from(_N).where(*_FILTERS)
_CHOSEN_OF = select(_C.c.need_id, _C.c.organisation_id).where(_C.c.need_id.in_(bindparam("ids", expanding=True)))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def open_needs(
    db: Session, actor: Actor, wanted: Wanted, page: int, per_page: int = PER_PAGE
) -> tuple[list[NeedRow], int]:
    """A page of the needs that everybody sees, newest first, and how many there are."""
    given = {
        "sector": wanted.sector,
        "country": wanted.country,
        "stage": wanted.stage,
        "kind": wanted.kind,
        "kind_pattern": f'%"{_escaped(wanted.kind)}"%',
        "pattern": f"%{_escaped(wanted.text.lower())}%" if wanted.text else "",
    }
    total = int(db.execute(_OPEN_COUNT, given).scalar_one())
    rows = db.execute(_OPEN, given | {"limit": per_page, "skip": (page - 1) * per_page}).all()
    return _all_seen(db, actor, rows), total


def _all_seen(db: Session, actor: Actor, rows: Iterable[Any]) -> list[NeedRow]:
    found = list(rows)
    chosen = defaultdict(set)
    if found and actor.organisation_id:
        for row in db.execute(_CHOSEN_OF, {"ids": [each.id for each in found]}):
            chosen[row.need_id].add(row.organisation_id)
    return [_seen(row, actor, chosen[row.id]) for row in found]


_COUNTRIES = (
    select(_N.c.country).where(_N.c.state.in_(PUBLIC), _N.c.country != "").distinct().order_by(_N.c.country).limit(260)
)


def countries(db: Session) -> list[str]:
    """The countries of open needs."""
    return [str(code) for code in db.execute(_COUNTRIES).scalars()]


# --- the company's own


_OWN = (
    _NEED.where(_N.c.organisation_id == bindparam("organisation"))
    .order_by(_N.c.updated_at.desc(), _N.c.id.desc())
    .limit(PER_PAGE)
    .offset(bindparam("skip"))
)
_OWN_COUNT = select(func.count()).where(_N.c.organisation_id == bindparam("organisation"))
_ANSWERS_OF = (
    select(_A.c.need_id, func.count().label("n"))
    .where(_A.c.need_id.in_(bindparam("ids", expanding=True)))
    .group_by(_A.c.need_id)
)
_MATCHES_OF = (
    select(_M.c.need_id, func.count().label("n"))
    .join(_T, _T.c.id == _M.c.technology_id)
    .where(_M.c.need_id.in_(bindparam("ids", expanding=True)), _T.c.state.in_(VISIBLE))
    .group_by(_M.c.need_id)
)


def own(db: Session, actor: Actor, page: int) -> tuple[list[OwnNeed], int]:
    """A page of the own organisation's needs, the latest first, and how many there are."""
    given = {"organisation": actor.organisation_id}
    total = int(db.execute(_OWN_COUNT, given).scalar_one())
    rows = db.execute(_OWN, given | {"skip": (page - 1) * PER_PAGE}).all()
    ids = {"ids": [row.id for row in rows]}
    answers = {row.need_id: row.n for row in db.execute(_ANSWERS_OF, ids)} if rows else {}
    matches = {row.need_id: row.n for row in db.execute(_MATCHES_OF, ids)} if rows else {}
    return [OwnNeed(_seen(row, actor, ()), answers.get(row.id, 0), matches.get(row.id, 0)) for row in rows], total


_PROPOSAL = (
    select(
        _T.c.id.label("technology_id"),
        _T.c.slug,
        _T.c.title,
        _T.c.summary,
        _T.c.state,
        _O.c.name.label("institution"),
        _O.c.slug.label("institution_slug"),
        _O.c.id.label("institution_id"),
        _A.c.message,
        _A.c.created_at.label("answered_at"),
        _M.c.score,
        _M.c.words,
        _M.c.same_sector,
        _M.c.same_field,
        _M.c.kinds,
        _C.c.chosen_at,
        _C.c.deal_id,
    )
    .select_from(
        _T.join(_O, _O.c.id == _T.c.organisation_id)
        .outerjoin(_A, and_(_A.c.technology_id == _T.c.id, _A.c.need_id == bindparam("need")))
        .outerjoin(_M, and_(_M.c.technology_id == _T.c.id, _M.c.need_id == bindparam("need")))
        .outerjoin(_C, and_(_C.c.technology_id == _T.c.id, _C.c.need_id == bindparam("need")))
    )
    .where(
        _T.c.id.in_(
            select(_A.c.technology_id)
            .where(_A.c.need_id == bindparam("need"))
            .union(
                select(_M.c.technology_id).where(_M.c.need_id == bindparam("need")),
                select(_C.c.technology_id).where(_C.c.need_id == bindparam("need")),
            )
        )
    )
    .order_by(
        case((_C.c.chosen_at.is_not(None), 0), else_=1),
        case((_A.c.created_at.is_not(None), 0), else_=1),
        func.coalesce(_M.c.score, 0).desc(),
        _T.c.id,
    )
    .limit(80)
)


def proposals(db: Session, need_id: str, *, of: str | None = None) -> list[Proposal]:
    """The technologies beside a need: chosen ones first, then answers, then what the system found, the closest first.

    `of` keeps those of one institution. Technologies that are no longer open to everybody come back only where they were
    answered with or chosen.
    """
    found = [_proposal(row) for row in db.execute(_PROPOSAL, {"need": need_id})]
    return [
        each
        for each in found
        if (of is None or each.institution_id == of) and (each.visible or each.answered_at or each.chosen_at)
    ]


def _proposal(row: Any) -> Proposal:
    names = (
        "technology_id", "slug", "title", "summary", "institution", "institution_slug", "institution_id", "answered_at",
        "score", "chosen_at", "deal_id",
    )  # fmt: skip
    return Proposal(
        **{name: getattr(row, name) for name in names},
        visible=row.state in VISIBLE,
        message=row.message or "",
        words=tuple(row.words or ()),
        same_sector=bool(row.same_sector),
        same_field=bool(row.same_field),
        kinds=tuple(row.kinds or ()),
    )


# --- for institutions


_BEST = (
    select(_M.c.need_id, func.max(_M.c.score).label("score"))
    .join(_N, _N.c.id == _M.c.need_id)
    .join(_T, _T.c.id == _M.c.technology_id)
    .where(_M.c.organisation_id == bindparam("organisation"), _N.c.state.in_(PUBLIC), _T.c.state.in_(VISIBLE))
    .group_by(_M.c.need_id)
)
_BEST_PAGE = _BEST.order_by(func.max(_M.c.score).desc(), _M.c.need_id.desc()).limit(PER_PAGE).offset(bindparam("skip"))
_BEST_COUNT = select(func.count()).select_from(_BEST.subquery())
_INVOLVED = (
    select(_N.c.id)
    .where(
        _N.c.state.in_(AFTER_OPENING),
        or_(
            exists().where(_A.c.need_id == _N.c.id, _A.c.organisation_id == bindparam("organisation")),
            exists().where(_C.c.need_id == _N.c.id, _C.c.organisation_id == bindparam("organisation")),
        ),
    )
    .order_by(_N.c.updated_at.desc(), _N.c.id.desc())
)
_INVOLVED_PAGE = _INVOLVED.limit(PER_PAGE).offset(bindparam("skip"))
_INVOLVED_COUNT = select(func.count()).select_from(_INVOLVED.subquery())
_MANY = _NEED.where(_N.c.id.in_(bindparam("ids", expanding=True)))
_OUR_PROPOSALS = (
    select(
        _N.c.id.label("need_id"),
        _T.c.id.label("technology_id"),
        _T.c.slug,
        _T.c.title,
        _T.c.summary,
        _T.c.state,
        _O.c.name.label("institution"),
        _O.c.slug.label("institution_slug"),
        _O.c.id.label("institution_id"),
        _A.c.message,
        _A.c.created_at.label("answered_at"),
        _M.c.score,
        _M.c.words,
        _M.c.same_sector,
        _M.c.same_field,
        _M.c.kinds,
        _C.c.chosen_at,
        _C.c.deal_id,
    )
    .select_from(
        _N.join(_T, _T.c.organisation_id == bindparam("organisation"))
        .join(_O, _O.c.id == _T.c.organisation_id)
        .outerjoin(_A, and_(_A.c.technology_id == _T.c.id, _A.c.need_id == _N.c.id))
        .outerjoin(_M, and_(_M.c.technology_id == _T.c.id, _M.c.need_id == _N.c.id))
        .outerjoin(_C, and_(_C.c.technology_id == _T.c.id, _C.c.need_id == _N.c.id))
    )
    .where(
        _N.c.id.in_(bindparam("ids", expanding=True)),
        or_(
            _A.c.created_at.is_not(None),
            _C.c.chosen_at.is_not(None),
            and_(_M.c.score.is_not(None), _T.c.state.in_(VISIBLE)),
        ),
    )
    .order_by(func.coalesce(_M.c.score, 0).desc(), _T.c.id)
)


def for_us(db: Session, actor: Actor, page: int, *, answered: bool) -> tuple[list[ForUs], int]:
    """A page of the needs for the actor's institution, and how many there are.

    Open ones that fit its technologies, the closest first; with `answered` those it answered or was chosen for.
    """
    given = {"organisation": actor.organisation_id}
    skip = {"skip": (page - 1) * PER_PAGE}
    count, listed = (_INVOLVED_COUNT, _INVOLVED_PAGE) if answered else (_BEST_COUNT, _BEST_PAGE)
    total = int(db.execute(count, given).scalar_one())
    ids = [row[0] for row in db.execute(listed, given | skip)]
    if not ids:
        return [], total
    needs = {row.id: row for row in _all_seen(db, actor, db.execute(_MANY, {"ids": ids}).all())}
    ours = defaultdict(list)
    for row in db.execute(_OUR_PROPOSALS, given | {"ids": ids}):
        ours[row.need_id].append(_proposal(row))
    return [ForUs(needs[each], tuple(ours[each][:3])) for each in ids], total


_LISTINGS = (
    select(_T.c.id, _T.c.title)
    .where(_T.c.organisation_id == bindparam("organisation"), _T.c.state.in_(VISIBLE))
    .order_by(_T.c.updated_at.desc(), _T.c.id.desc())
    .limit(500)
)


def own_listings(db: Session, actor: Actor) -> list[tuple[str, str]]:
    """Id and title of the institution's visible technologies, the latest first: what it can answer with."""
    rows = db.execute(_LISTINGS, {"organisation": actor.organisation_id})
    return [(row.id, row.title) for row in rows]


_LISTING = select(_T.c.id, _T.c.title, _T.c.organisation_id, _T.c.state, _T.c.contact_id).where(
    _T.c.id == bindparam("id")
)


def technology(db: Session, technology_id: str) -> Any:
    """Id, title, organisation and contact of a technology that everybody may see; NotFound."""
    row = db.execute(_LISTING, {"id": technology_id}).first()
    if row is None or row.state not in VISIBLE:
        raise NotFound
    return row


_BESIDE = select(
    exists().where(_A.c.need_id == bindparam("need"), _A.c.technology_id == bindparam("technology"))
    | exists().where(_M.c.need_id == bindparam("need"), _M.c.technology_id == bindparam("technology"))
)
_HAS_CHOSEN = select(_C.c.chosen_at).where(
    _C.c.need_id == bindparam("need"), _C.c.technology_id == bindparam("technology")
)


def is_beside(db: Session, need_id: str, technology_id: str) -> bool:
    """Whether a technology was answered with, or found by the system, for this need."""
    return bool(db.execute(_BESIDE, {"need": need_id, "technology": technology_id}).scalar())


def is_chosen(db: Session, need_id: str, technology_id: str) -> bool:
    """Whether the company has marked this technology."""
    return db.execute(_HAS_CHOSEN, {"need": need_id, "technology": technology_id}).first() is not None


_ANSWER_COUNT = select(func.count()).where(_A.c.need_id == bindparam("id"))


def answer_count(db: Session, need_id: str) -> int:
    """How many answers a need has."""
    return int(db.execute(_ANSWER_COUNT, {"id": need_id}).scalar_one())


def answering(db: Session, need_id: str) -> list[str]:
    """The institutions that answered a need or were chosen for it."""
    rows = [*db.execute(_ANSWERED_BY, {"id": need_id}).scalars(), *db.execute(_CHOSEN, {"id": need_id}).scalars()]
    return sorted(set(rows))


# --- for the operator


_WAITING = _NEED.where(_N.c.state == "submitted").order_by(_N.c.submitted_at, _N.c.id).limit(100)


def waiting(db: Session, actor: Actor) -> list[NeedRow]:
    """The needs that wait for the operator, those that wait longest first."""
    return [_seen(row, actor, ()) for row in db.execute(_WAITING)] if actor.is_operator else []


# --- for matching and the clock


_LIVING = (
    select(_N.c.id, _N.c.organisation_id, _N.c.weights, _N.c.sector, _N.c.technology_field, _N.c.kinds)
    .where(_N.c.state.in_(LIVING), _N.c.id > bindparam("after"))
    .order_by(_N.c.id)
    .limit(bindparam("limit"))
)


def living(db: Session, after: str, limit: int) -> list[Open]:
    """Open needs by id, after a known one: what a new technology is compared with."""
    return [
        Open(
            row.id,
            row.organisation_id,
            Profile(dict(row.weights), row.sector, row.technology_field, frozenset(row.kinds)),
        )
        for row in db.execute(_LIVING, {"after": after, "limit": limit})
    ]


_ANY_LIVING = select(exists().where(_N.c.state.in_(LIVING)))


def any_living(db: Session) -> bool:
    """Whether there is any need to compare technologies with."""
    return bool(db.execute(_ANY_LIVING).scalar())


_CHOSEN_BY = (
    select(_C.c.need_id)
    .join(_N, _N.c.id == _C.c.need_id)
    .where(
        _N.c.organisation_id == bindparam("organisation"),
        _C.c.technology_id == bindparam("technology"),
        _C.c.deal_id.is_(None),
    )
)


def chosen_by(db: Session, organisation_id: str, technology_id: str) -> list[str]:
    """The needs for which an organisation marked this technology, and no deal has begun yet."""
    given = {"organisation": organisation_id, "technology": technology_id}
    return [str(each) for each in db.execute(_CHOSEN_BY, given).scalars()]


_STRONG_FOR = (
    select(_M.c.need_id, _M.c.organisation_id, func.max(_M.c.score).label("score"))
    .join(_N, _N.c.id == _M.c.need_id)
    .where(_M.c.need_id == bindparam("need"), _M.c.score >= STRONG, _N.c.state.in_(PUBLIC))
    .group_by(_M.c.need_id, _M.c.organisation_id)
    .order_by(func.max(_M.c.score).desc(), _M.c.organisation_id)
    .limit(bindparam("limit", type_=Integer))
)


def strongly_matched(db: Session, need_id: str, limit: int) -> list[str]:
    """The institutions whose technologies come closest to a need, close enough to write to them."""
    return [row.organisation_id for row in db.execute(_STRONG_FOR, {"need": need_id, "limit": limit})]


_OVER = (
    select(_N.c.id)
    .where(_N.c.state.in_(("submitted", *PUBLIC)), _N.c.deadline.is_not(None), _N.c.deadline < bindparam("today"))
    .order_by(_N.c.deadline, _N.c.id)
    .limit(1000)
)


def over(db: Session, today: date) -> list[str]:
    """The needs whose deadline is behind them."""
    return [str(each) for each in db.execute(_OVER, {"today": today}).scalars()]


_SKETCH = select(_S.c.text).where(_S.c.token_hash == bindparam("hash"), _S.c.expires_at > bindparam("now"))


def sketch(db: Session, token_hash: str, *, now: datetime) -> str:
    """The text of a sketch that has not lapsed, or nothing."""
    return str(db.execute(_SKETCH, {"hash": token_hash, "now": now}).scalar() or "")
