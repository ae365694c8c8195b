"""Every SELECT about the editing of listings: clarity, versions, drafts, review, schedule, confirmation. Rows out."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, exists, or_, select
from sqlmodel import Session

from market.accounts.models import Organisation, Person
from market.catalog.models import (
    ConfirmationRequest,
    IpRight,
    ListingClarity,
    ListingDraft,
    ListingPolicy,
    ListingReview,
    ListingSchedule,
    ListingVersion,
    OfferedTerms,
    Technology,
    TechnologyFile,
)
from market.catalog.rules.clarity.score import THRESHOLD, Told
from market.catalog.rules.vocabulary import VISIBLE

_T: Any = Technology.__table__  # type: ignore[attr-defined]
_O: Any = Organisation.__table__  # type: ignore[attr-defined]
_P: Any = Person.__table__  # type: ignore[attr-defined]
_C: Any = ListingClarity.__table__  # type: ignore[attr-defined]
_L: Any = ListingPolicy.__table__  # type: ignore[attr-defined]
_V: Any = ListingVersion.__table__  # type: ignore[attr-defined]
_D: Any = ListingDraft.__table__  # type: ignore[attr-defined]
_W: Any = ListingReview.__table__  # type: ignore[attr-defined]
_S: Any = ListingSchedule.__table__  # type: ignore[attr-defined]
_Q: Any = ConfirmationRequest.__table__  # type: ignore[attr-defined]
_F: Any = TechnologyFile.__table__  # type: ignore[attr-defined]
_R: Any = IpRight.__table__  # type: ignore[attr-defined]
_X: Any = OfferedTerms.__table__  # type: ignore[attr-defined]

# --- clarity

_TEXTS = ("summary", "problem", "advantages", "comparison", "applications", "description")
_TOLD = select(
    _T.c.id,
    _T.c.version,
    *(_T.c[name] for name in _TEXTS),
    or_(_T.c.stage != "", _T.c.trl.is_not(None)).label("has_stage"),
    or_(_T.c.price_kind != "on_request", exists().where(_X.c.technology_id == _T.c.id)).label("has_price"),
    _T.c.contact_id.is_not(None).label("has_contact"),
    or_(_T.c.picture_url != "", exists().where(_F.c.technology_id == _T.c.id, _F.c.kind == "picture")).label(
        "has_picture"
    ),
    exists().where(_R.c.technology_id == _T.c.id).label("has_right"),
)
_TOLD_OF = _TOLD.where(_T.c.id == bindparam("id"))
_UNSCORED = (
    _TOLD.select_from(_T.outerjoin(_C, _C.c.technology_id == _T.c.id))
    .where(or_(_C.c.version.is_(None), _C.c.version != _T.c.version))
    .order_by(_T.c.id)
    .limit(bindparam("limit"))
)
_SCORES = select(_C.c.technology_id, _C.c.score).where(_C.c.technology_id.in_(bindparam("ids", expanding=True)))
_POLICY = select(_L.c.clarity_threshold, _L.c.review).where(_L.c.organisation_id == bindparam("organisation"))


@dataclass(frozen=True)
class Policy:
    """What an institution asks of its listings before they go out."""

    threshold: int = THRESHOLD
    review: bool = False


def policy_of(db: Session, organisation_id: str) -> Policy:
    """The institution's settings for its listings; the usual ones where it has set none."""
    row = db.execute(_POLICY, {"organisation": organisation_id}).first()
    return Policy(row.clarity_threshold, row.review) if row else Policy()


def _told(row: Any) -> Told:
    given: dict[str, Any] = {name: getattr(row, name) for name in Told.__dataclass_fields__}
    return Told(**given)


def told(db: Session, technology_id: str) -> Told:
    """What the clarity of a listing is measured on, as it is saved."""
    return _told(db.execute(_TOLD_OF, {"id": technology_id}).one())


def unscored(db: Session, limit: int) -> list[tuple[str, int, Told]]:
    """Listings that have changed since they were scored: id, version and what is told."""
    return [(row.id, row.version, _told(row)) for row in db.execute(_UNSCORED, {"limit": limit})]


def scores(db: Session, ids: list[str]) -> dict[str, int]:
    """The scores of these listings, as far as they are known."""
    return {row.technology_id: row.score for row in db.execute(_SCORES, {"ids": ids})} if ids else {}


# --- versions and drafts

_VERSIONS = (
    select(_V.c.number, _V.c.person_id, _V.c.person_name, _V.c.saved_at, _V.c.fields)
    .where(_V.c.technology_id == bindparam("id"))
    .order_by(_V.c.number.desc())
)
_VERSION = _VERSIONS.where(_V.c.number == bindparam("number"))
_BEFORE = _VERSIONS.where(_V.c.number < bindparam("number")).limit(1)
_NEWEST_VERSION = _VERSIONS.limit(1)
_VERSION_LIST = (
    select(_V.c.number, _V.c.person_name, _V.c.saved_at)
    .where(_V.c.technology_id == bindparam("id"))
    .order_by(_V.c.number.desc())
    .limit(200)
)
_DRAFT = select(_D.c.base_version, _D.c.saved_at, _D.c.fields).where(
    _D.c.technology_id == bindparam("id"), _D.c.person_id == bindparam("person")
)


def versions(db: Session, technology_id: str) -> list[Any]:
    """The kept versions of a listing, newest first, at most 200: number, person_name, saved_at."""
    return list(db.execute(_VERSION_LIST, {"id": technology_id}))


def version(db: Session, technology_id: str, number: int) -> Any:
    """One kept version with its fields, or None."""
    return db.execute(_VERSION, {"id": technology_id, "number": number}).first()


def version_before(db: Session, technology_id: str, number: int) -> Any:
    """The kept version before `number`, or None."""
    return db.execute(_BEFORE, {"id": technology_id, "number": number}).first()


def newest_version(db: Session, technology_id: str) -> Any:
    """The version kept last, or None."""
    return db.execute(_NEWEST_VERSION, {"id": technology_id}).first()


def draft(db: Session, technology_id: str, person_id: str) -> Any:
    """What this person has typed and not saved, or None: base_version, saved_at, fields."""
    return db.execute(_DRAFT, {"id": technology_id, "person": person_id}).first()


# --- review and schedule

_SUBMITTER: Any = _P.alias("submitter")
_DECIDER: Any = _P.alias("decider")
_REVIEW = (
    select(
        _W.c.state,
        _W.c.version,
        _W.c.submitted_by,
        _W.c.submitted_at,
        _W.c.decided_by,
        _W.c.decided_at,
        _W.c.comment,
        _SUBMITTER.c.name.label("submitter"),
        _DECIDER.c.name.label("decider"),
    )
    .select_from(
        _W.join(_SUBMITTER, _SUBMITTER.c.id == _W.c.submitted_by).outerjoin(_DECIDER, _DECIDER.c.id == _W.c.decided_by)
    )
    .where(_W.c.technology_id == bindparam("id"))
)
_SCHEDULE = select(_S.c.publish_at, _S.c.problem, _S.c.reason, _S.c.person_id).where(
    _S.c.technology_id == bindparam("id")
)
_DUE_SCHEDULES = (
    select(_S.c.technology_id)
    .where(_S.c.publish_at <= bindparam("now"), _S.c.problem == "")
    .order_by(_S.c.publish_at, _S.c.technology_id)
)


def review(db: Session, technology_id: str) -> Any:
    """The last review of a listing, or None."""
    return db.execute(_REVIEW, {"id": technology_id}).first()


def schedule(db: Session, technology_id: str) -> Any:
    """When the listing goes out by itself, or None."""
    return db.execute(_SCHEDULE, {"id": technology_id}).first()


def due_schedules(db: Session, now: datetime) -> list[str]:
    """The listings whose time to go out has come."""
    return list(db.execute(_DUE_SCHEDULES, {"now": now}).scalars())


# --- freshness

_AGING = (
    select(_T.c.id, _T.c.state, _T.c.confirmed_on, _O.c.timezone)
    .join(_O, _O.c.id == _T.c.organisation_id)
    .where(_T.c.state.in_(VISIBLE), _T.c.confirmed_on <= bindparam("before"))
    .order_by(_T.c.id)
)
_ASKABLE = (
    select(_T.c.id, _T.c.title, _T.c.confirmed_on, _T.c.organisation_id, _T.c.contact_id, _O.c.timezone)
    .join(_O, _O.c.id == _T.c.organisation_id)
    .join(_P, _P.c.id == _T.c.contact_id)
    .where(
        _T.c.state.in_(VISIBLE),
        _T.c.confirmed_on <= bindparam("before"),
        _P.c.disabled_at.is_(None),
        ~exists().where(
            _Q.c.person_id == _T.c.contact_id,
            _Q.c.organisation_id == _T.c.organisation_id,
            _Q.c.created_at > bindparam("asked_since"),
        ),
    )
    .order_by(_T.c.contact_id, _T.c.organisation_id, _T.c.confirmed_on, _T.c.id)
)
_CONFIRMABLE = (
    select(_T.c.id, _T.c.title, _T.c.state, _T.c.slug, _T.c.confirmed_on)
    .where(_T.c.id.in_(bindparam("ids", expanding=True)), _T.c.state.in_((*VISIBLE, "hidden")))
    .order_by(_T.c.confirmed_on, _T.c.id)
)
_REQUEST = select(
    _Q.c.id, _Q.c.person_id, _Q.c.organisation_id, _Q.c.expires_at, _Q.c.used_at, _Q.c.technology_ids
).where(_Q.c.token_hash == bindparam("hash"))


def aging(db: Session, before: date) -> list[Any]:
    """Open listings that were last confirmed on or before a day: id, state, confirmed_on, timezone."""
    return list(db.execute(_AGING, {"before": before}))


def askable(db: Session, before: date, asked_since: datetime) -> dict[tuple[str, str], list[Any]]:
    """(contact, institution) -> open listings last confirmed on or before a day, unless asked since then."""
    found: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in db.execute(_ASKABLE, {"before": before, "asked_since": asked_since}):
        found[row.contact_id, row.organisation_id].append(row)
    return dict(found)


def confirmation_request(db: Session, token_hash: str) -> Any:
    """The request behind a link, or None."""
    return db.execute(_REQUEST, {"hash": token_hash}).first()


def confirmable(db: Session, ids: list[str]) -> list[Any]:
    """Those of the listings that can be confirmed, longest unconfirmed first."""
    return list(db.execute(_CONFIRMABLE, {"ids": ids})) if ids else []
