"""Every SELECT of deals. A deal is only there for its two parties; for everybody else it does not exist."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, bindparam, case, func, or_, select
from sqlmodel import Session

from market.accounts.models import Organisation, Person
from market.deals.models import (
    AgreementDocument,
    Approval,
    Deal,
    Enquiry,
    Licence,
    Message,
    Note,
    Offer,
    Signature,
    reference,
)
from market.deals.policy import side_of
from market.deals.process import OFFERS, OPEN, Side
from market.deals.rules import codec
from market.deals.rules.offers import OfferFacts
from market.deals.rules.signing import Signing
from market.deals.rules.terms import TermSheet
from market.kit.actor import Actor
from market.kit.errors import NotFound

_D: Any = Deal.__table__  # type: ignore[attr-defined]
_E: Any = Enquiry.__table__  # type: ignore[attr-defined]
_F: Any = Offer.__table__  # type: ignore[attr-defined]
_A: Any = Approval.__table__  # type: ignore[attr-defined]
_X: Any = AgreementDocument.__table__  # type: ignore[attr-defined]
_S: Any = Signature.__table__  # type: ignore[attr-defined]
_M: Any = Message.__table__  # type: ignore[attr-defined]
_N: Any = Note.__table__  # type: ignore[attr-defined]
_L: Any = Licence.__table__  # type: ignore[attr-defined]
_P: Any = Person.__table__  # type: ignore[attr-defined]
_ONE: Any = Organisation.__table__.alias("licensor")  # type: ignore[attr-defined]
_TWO: Any = Organisation.__table__.alias("licensee")  # type: ignore[attr-defined]
_OFFICER: Any = Person.__table__.alias("officer")  # type: ignore[attr-defined]

PER_PAGE = 25


# --- the deal


@dataclass(frozen=True)
class DealRow:
    """A deal with its parties, as one of them sees it; `side` is the side of the actor who asked."""

    id: str
    technology_id: str
    title: str
    state: str
    turn: str
    due_on: date | None
    due_at: datetime | None
    reminded_at: datetime | None
    escalated_at: datetime | None
    officer_id: str | None
    officer: str | None
    asked_by_id: str
    asked_by: str
    offer_id: str | None
    nda_signed_at: datetime | None
    nda_ends_on: date | None
    nda_document_id: str | None
    lost_reason: str
    lost_by: str
    created_at: datetime
    answered_at: datetime | None
    updated_at: datetime
    closed_at: datetime | None
    version: int
    licensor_id: str
    licensor: str
    licensor_slug: str
    licensor_country: str
    licensor_city: str
    licensor_second_approver: bool
    licensee_id: str
    licensee: str
    licensee_country: str
    licensee_second_approver: bool
    intended_use: str
    field_of_use: str
    territory: tuple[str, ...]
    note: str
    side: str

    @property
    def reference(self) -> str:
        """The short name, such as `D-8K3F9D2A`."""
        return reference(self.id)

    @property
    def mine(self) -> bool:
        """Whether the deal waits for the actor's side."""
        return self.turn == self.side

    @property
    def other_side(self) -> str:
        """The name of the other party."""
        return self.licensee if self.side == Side.LICENSOR else self.licensor

    def late(self, now: datetime) -> bool:
        """Whether the day by which somebody had to act is over."""
        return self.due_at is not None and self.turn != "" and now >= self.due_at


_PLAIN = (
    "id", "technology_id", "title", "state", "turn", "due_on", "due_at", "reminded_at", "escalated_at", "officer_id",
    "asked_by_id", "offer_id", "nda_signed_at", "nda_ends_on", "nda_document_id",
    "lost_reason", "lost_by", "created_at", "answered_at", "updated_at",
    "closed_at", "version",
    "licensor_id", "licensee_id",
)  # fmt: skip
_WHOLE = select(
    *(_D.c[name] for name in _PLAIN),
    _P.c.name.label("asked_by"),
    _OFFICER.c.name.label("officer"),
    _ONE.c.name.label("licensor"),
    _ONE.c.slug.label("licensor_slug"),
    _ONE.c.country.label("licensor_country"),
    _ONE.c.city.label("licensor_city"),
    _ONE.c.second_approver.label("licensor_second_approver"),
    _TWO.c.name.label("licensee"),
    _TWO.c.country.label("licensee_country"),
    _TWO.c.second_approver.label("licensee_second_approver"),
    _E.c.intended_use,
    _E.c.field_of_use,
    _E.c.territory,
    _E.c.note,
).select_from(
    _D.join(_ONE, _ONE.c.id == _D.c.licensor_id)
    .join(_TWO, _TWO.c.id == _D.c.licensee_id)
    .join(_P, _P.c.id == _D.c.asked_by_id)
    .join(_E, _E.c.deal_id == _D.c.id)
    .outerjoin(_OFFICER, _OFFICER.c.id == _D.c.officer_id)
)
_BY_ID = _WHOLE.where(_D.c.id == bindparam("id"))


def deal(db: Session, actor: Actor, deal_id: str) -> DealRow:
    """One deal as a party sees it; NotFound for everybody else."""
    row = db.execute(_BY_ID, {"id": deal_id}).first()
    side = side_of(actor, row.licensor_id, row.licensee_id) if row else None
    if row is None or side is None:
        raise NotFound
    return DealRow(**{**row._mapping, "territory": tuple(row.territory), "side": str(side)})


def deal_for_update(db: Session, actor: Actor, deal_id: str) -> Deal:
    """The deal itself, locked until the transaction ends, for one of its parties; NotFound for everybody else."""
    found: Deal | None = db.execute(
        select(Deal).where(_D.c.id == deal_id).with_for_update().execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if found is None or side_of(actor, found.licensor_id, found.licensee_id) is None:
        raise NotFound
    return found


_OPEN_DEAL = select(_D.c.id).where(
    _D.c.technology_id == bindparam("technology"), _D.c.licensee_id == bindparam("licensee"), _D.c.state.in_(OPEN)
)


def open_deal(db: Session, technology_id: str, licensee_id: str | None) -> str | None:
    """The id of the company's open deal about a technology, if there is one."""
    if licensee_id is None:
        return None
    found = db.execute(_OPEN_DEAL, {"technology": technology_id, "licensee": licensee_id}).scalar()
    return str(found) if found else None


# --- lists


@dataclass(frozen=True)
class DealLine:
    """A deal in a list."""

    id: str
    title: str
    state: str
    turn: str
    due_on: date | None
    due_at: datetime | None
    updated_at: datetime
    licensor: str
    licensee: str
    side: str

    @property
    def reference(self) -> str:
        """The short name."""
        return reference(self.id)

    @property
    def mine(self) -> bool:
        """Whether it waits for the actor's side."""
        return self.turn == self.side

    @property
    def other_side(self) -> str:
        """The name of the other party."""
        return self.licensee if self.side == Side.LICENSOR else self.licensor


_OURS = or_(_D.c.licensor_id == bindparam("organisation"), _D.c.licensee_id == bindparam("organisation"))
_SIDE = case((_D.c.licensor_id == bindparam("organisation"), "licensor"), else_="licensee")
_FILTER = and_(
    _OURS,
    or_(bindparam("everything"), _D.c.state.in_(bindparam("states", expanding=True))),
    or_(bindparam("any_turn"), _SIDE == _D.c.turn),
)
_LINES = (
    select(
        *(_D.c[name] for name in ("id", "title", "state", "turn", "due_on", "due_at", "updated_at")),
        _ONE.c.name.label("licensor"),
        _TWO.c.name.label("licensee"),
        _SIDE.label("side"),
    )
    .select_from(_D.join(_ONE, _ONE.c.id == _D.c.licensor_id).join(_TWO, _TWO.c.id == _D.c.licensee_id))
    .where(_FILTER)
    .order_by(
        case((_SIDE == _D.c.turn, 0), (_D.c.turn != "", 1), else_=2),
        _D.c.due_at.is_(None),
        case((_D.c.turn != "", _D.c.due_at)),
        _D.c.updated_at.desc(),
        _D.c.id,
    )
    .limit(PER_PAGE)
    .offset(bindparam("skip"))
)
_COUNT = select(func.count()).select_from(_D).where(_FILTER)


def deals(
    db: Session, actor: Actor, *, states: tuple[str, ...] = (), mine: bool = False, page: int = 1
) -> tuple[list[DealLine], int]:
    """A page of the organisation's deals, those that wait for it first, the most urgent on top; and how many there are."""
    given = {
        "organisation": actor.organisation_id or "",
        "states": list(states) or [""],
        "everything": not states,
        "any_turn": not mine,
    }
    total = int(db.execute(_COUNT, given).scalar_one())
    rows = db.execute(_LINES, given | {"skip": (page - 1) * PER_PAGE})
    return [DealLine(**row._mapping) for row in rows], total


_BY_STATE = (
    select(_D.c.state, (_SIDE == _D.c.turn).label("mine"), func.count().label("n"))
    .where(_OURS)
    .group_by(_D.c.state, _SIDE == _D.c.turn)
)


def counts(db: Session, actor: Actor) -> tuple[dict[str, int], int]:
    """How many deals the organisation has in each state, and how many wait for it."""
    found: dict[str, int] = {}
    waiting = 0
    for row in db.execute(_BY_STATE, {"organisation": actor.organisation_id or ""}):
        found[row.state] = found.get(row.state, 0) + row.n
        waiting += row.n if row.mine else 0
    return found, waiting


# --- offers


@dataclass(frozen=True)
class OfferRow:
    """A version of the terms, read back to its types."""

    id: str
    deal_id: str
    number: int
    side: str
    person_id: str
    person: str
    created_at: datetime
    ends_at: datetime
    digest: str
    terms: TermSheet
    note: str

    @property
    def facts(self) -> OfferFacts:
        """What the rules need of it."""
        return OfferFacts(self.digest, self.ends_at)


_OFFER = select(*_F.c, _P.c.name.label("person")).join(_P, _P.c.id == _F.c.person_id)
_OFFERS = _OFFER.where(_F.c.deal_id == bindparam("deal")).order_by(_F.c.number)
_OFFER_BY_ID = _OFFER.where(_F.c.id == bindparam("id"))
_LAST_NUMBER = select(func.coalesce(func.max(_F.c.number), 0)).where(_F.c.deal_id == bindparam("deal"))


def _offer(row: Any) -> OfferRow:
    return OfferRow(**{**row._mapping, "terms": codec.from_json(row.terms)})


def offers(db: Session, deal_id: str) -> list[OfferRow]:
    """All versions of a deal's terms, the first one first. The caller has found the deal for its actor."""
    return [_offer(row) for row in db.execute(_OFFERS, {"deal": deal_id})]


def offer(db: Session, offer_id: str | None) -> OfferRow | None:
    """One version, or None."""
    row = db.execute(_OFFER_BY_ID, {"id": offer_id}).first() if offer_id else None
    return _offer(row) if row else None


def last_number(db: Session, deal_id: str) -> int:
    """The number of the newest version; 0 before the first."""
    return int(db.execute(_LAST_NUMBER, {"deal": deal_id}).scalar_one())


# --- approvals

_APPROVALS = select(*_A.c).where(_A.c.deal_id == bindparam("deal")).order_by(_A.c.at, _A.c.id)
_NEGOTIATORS = select(_F.c.person_id).where(_F.c.deal_id == bindparam("deal"), _F.c.side == bindparam("side"))


def approvals(db: Session, deal_id: str, offer_id: str | None, round_number: int) -> list[Any]:
    """The approvals of an accepted offer in one round."""
    found = db.execute(_APPROVALS, {"deal": deal_id})
    return [row for row in found if row.offer_id == offer_id and row.round == round_number]


def negotiators(db: Session, deal_id: str, side: str) -> frozenset[str]:
    """The people who made offers for a side; they are not the ones who approve."""
    return frozenset(db.execute(_NEGOTIATORS, {"deal": deal_id, "side": side}).scalars())


# --- documents, signatures, messages, the licence


@dataclass(frozen=True)
class DocumentRow:
    """A document to sign with its signatures."""

    id: str
    deal_id: str
    offer_id: str | None
    number: int
    kind: str
    offer_digest: str
    dated: date
    signing_order: tuple[str, ...]
    created_at: datetime
    refused_at: datetime | None
    file_id: str | None
    sha256: str
    typeset_at: datetime | None
    data: dict[str, Any]
    signatures: tuple[Any, ...]

    @property
    def ready(self) -> bool:
        """Whether its bytes are there."""
        return self.sha256 != ""

    @property
    def signing(self) -> Signing:
        """What the rules need of it."""
        return Signing(self.sha256, self.signing_order, tuple(each.side for each in self.signatures))


_DOCUMENTS = select(*_X.c).where(_X.c.deal_id == bindparam("deal")).order_by(_X.c.number)
_DOCUMENT = select(*_X.c).where(_X.c.id == bindparam("id"))
_SIGNATURES = select(*_S.c).where(_S.c.deal_id == bindparam("deal")).order_by(_S.c.at, _S.c.id)
_MESSAGES = (
    select(*_M.c, _P.c.name.label("person"))
    .join(_P, _P.c.id == _M.c.person_id)
    .where(_M.c.deal_id == bindparam("deal"))
    .order_by(_M.c.id)
)
_NOTES = (
    select(_N.c.body, _N.c.at, _P.c.name.label("person"))
    .join(_P, _P.c.id == _N.c.person_id)
    .where(_N.c.deal_id == bindparam("deal"), _N.c.organisation_id == bindparam("organisation"))
    .order_by(_N.c.id.desc())
)
_LICENCE = select(*_L.c).where(_L.c.deal_id == bindparam("deal"))


def documents(db: Session, deal_id: str, kind: str = "licence") -> list[DocumentRow]:
    """The documents of a deal of one kind (all where `kind` is empty) with their signatures, the first one first."""
    signed = list(db.execute(_SIGNATURES, {"deal": deal_id}))
    found = [_document(row, signed) for row in db.execute(_DOCUMENTS, {"deal": deal_id})]
    return [each for each in found if kind in ("", each.kind)]


def _document(row: Any, signed: list[Any]) -> DocumentRow:
    mine = tuple(each for each in signed if each.document_id == row.id)
    return DocumentRow(**{**row._mapping, "signing_order": tuple(row.signing_order), "signatures": mine})


def current_document(db: Session, deal_id: str, kind: str = "licence") -> DocumentRow | None:
    """The document that is to be signed or has been; None before it is asked for or after it was refused."""
    found = documents(db, deal_id, kind)
    return found[-1] if found and found[-1].refused_at is None else None


def document_by_id(db: Session, document_id: str) -> Any | None:
    """The bare row of a document; for the job that typesets it."""
    return db.execute(_DOCUMENT, {"id": document_id}).first()


def messages(db: Session, deal_id: str) -> list[Any]:
    """What the two sides said to each other."""
    return list(db.execute(_MESSAGES, {"deal": deal_id}))


def notes(db: Session, actor: Actor, deal_id: str) -> list[Any]:
    """What the actor's own organisation wrote for itself, newest first."""
    return list(db.execute(_NOTES, {"deal": deal_id, "organisation": actor.organisation_id or ""}))


def licence(db: Session, deal_id: str) -> Any | None:
    """The licence that came out of a deal, or None."""
    return db.execute(_LICENCE, {"deal": deal_id}).first()


# --- what is due

_UNANSWERED = select(_D.c.id).where(
    _D.c.state == "enquiry_sent",
    or_(
        and_(_D.c.reminded_at.is_(None), _D.c.due_at <= bindparam("soon")),
        and_(_D.c.escalated_at.is_(None), _D.c.due_at <= bindparam("now")),
    ),
)
_ENDED_OFFERS = (
    select(_D.c.id).join(_F, _F.c.id == _D.c.offer_id).where(_D.c.state.in_(OFFERS), _F.c.ends_at <= bindparam("now"))
)
_ENDED_LICENCES = (
    select(_D.c.id)
    .join(_L, _L.c.deal_id == _D.c.id)
    .where(_D.c.state.in_(("active", "breach_notified")), _L.c.ends_on < bindparam("today"))
)


def unanswered(db: Session, *, now: datetime, soon: datetime) -> list[str]:
    """Deals whose enquiry is to be reminded of (due by `soon`) or escalated (overdue)."""
    return list(db.execute(_UNANSWERED, {"now": now, "soon": soon}).scalars())


def ended_offers(db: Session, *, now: datetime) -> list[str]:
    """Deals whose last offer is over."""
    return list(db.execute(_ENDED_OFFERS, {"now": now}).scalars())


def ended_licences(db: Session, *, today: date) -> list[str]:
    """Deals whose licence has come to its last day."""
    return list(db.execute(_ENDED_LICENCES, {"today": today}).scalars())


# --- how an institution answers

_ASKED = select(
    func.count(_D.c.id).label("asked"),
    func.count(_D.c.answered_at).label("answered"),
).where(_D.c.licensor_id == bindparam("licensor"), or_(_D.c.answered_at.is_not(None), _D.c.state == "enquiry_sent"))
_ANSWERS = (
    select(_D.c.created_at, _D.c.answered_at)
    .where(_D.c.licensor_id == bindparam("licensor"), _D.c.answered_at.is_not(None))
    .order_by(_D.c.answered_at.desc(), _D.c.id.desc())
    .limit(bindparam("limit"))
)


def asked_and_answered(db: Session, licensor_id: str) -> tuple[int, int]:
    """How many enquiries an institution got and answered; one that the company took back unanswered counts as neither."""
    row = db.execute(_ASKED, {"licensor": licensor_id}).one()
    return row.asked, row.answered


def answers(db: Session, licensor_id: str, limit: int) -> list[tuple[datetime, datetime]]:
    """When the newest answered enquiries came in, and when they were answered."""
    return [
        (row.created_at, row.answered_at) for row in db.execute(_ANSWERS, {"licensor": licensor_id, "limit": limit})
    ]
