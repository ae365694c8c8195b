"""Every SELECT of listings: statements built once, rows out. What the actor may not see does not come back."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import String, bindparam, exists, func, or_, select
from sqlmodel import Session

from market.accounts.models import Organisation, Person
from market.catalog import policy
from market.catalog.models import (
    InstitutionResponse,
    IpRight,
    OfferedTerms,
    Technology,
    TechnologyFile,
    TechnologyInventor,
)
from market.catalog.rows import (
    Card,
    ContactRow,
    FileRow,
    IndexDocument,
    ListingRow,
    ResponseRow,
    RightRow,
    Terms,
)
from market.catalog.rules import vocabulary as words
from market.kit.actor import Actor
from market.kit.errors import Gone, NotFound
from market.kit.files import StoredFile
from market.kit.i18n import _
from market.kit.money import Money

_T: Any = Technology.__table__  # type: ignore[attr-defined]
_O: Any = Organisation.__table__  # type: ignore[attr-defined]
_P: Any = Person.__table__  # type: ignore[attr-defined]
_R: Any = IpRight.__table__  # type: ignore[attr-defined]
_I: Any = TechnologyInventor.__table__  # type: ignore[attr-defined]
_F: Any = TechnologyFile.__table__  # type: ignore[attr-defined]
_S: Any = StoredFile.__table__  # type: ignore[attr-defined]
_X: Any = OfferedTerms.__table__  # type: ignore[attr-defined]
_Q: Any = InstitutionResponse.__table__  # type: ignore[attr-defined]

PER_PAGE = 24
UNCONFIRMED = _("Its institution has not confirmed this technology for eight months, so we no longer show it.")


def _money(minor: int | None, currency: str) -> Money | None:
    return Money(minor, currency) if minor is not None and currency else None


_LISTINGS = select(
    *_T.c,
    _O.c.name.label("organisation"),
    _O.c.slug.label("organisation_slug"),
    _O.c.country.label("organisation_country"),
    _O.c.verified_at,
    _P.c.name.label("contact"),
    _X.c.grant_kind,
    _X.c.field_of_use,
    _X.c.territory,
    _X.c.term_years,
    _X.c.upfront,
    _X.c.currency.label("terms_currency"),
    _X.c.royalty_rate,
    _X.c.valid_days,
    _Q.c.response_days,
).select_from(
    _T.join(_O, _O.c.id == _T.c.organisation_id)
    .outerjoin(_P, _P.c.id == _T.c.contact_id)
    .outerjoin(_X, _X.c.technology_id == _T.c.id)
    .outerjoin(_Q, _Q.c.organisation_id == _T.c.organisation_id)
)
_LISTING = _LISTINGS.where(_T.c.id == bindparam("id"))
_PLAIN = [name for name in ListingRow.__dataclass_fields__ if name in _T.c and not name.startswith("price_")] + [
    "organisation",
    "organisation_slug",
    "organisation_country",
    "price_kind",
    "response_days",
]
_TUPLES = ("offers", "licences", "keywords")


def listing(db: Session, actor: Actor, technology_id: str) -> ListingRow:
    """One listing that the actor may see: a published one, or any of the own institution's; NotFound.

    One that nobody confirmed for long is Gone: everybody knew it.
    """
    row = db.execute(_LISTING, {"id": technology_id}).mappings().first()
    if row is None or not (
        row["state"] in words.VISIBLE or policy.is_own(actor, row["organisation_id"]) or actor.is_operator
    ):
        raise Gone(UNCONFIRMED) if row is not None and row["state"] == "hidden" else NotFound
    return _listing_row(row)


_THESE_LISTINGS = _LISTINGS.where(_T.c.id.in_(bindparam("ids", expanding=True)))


def visible_listings(db: Session, ids: Iterable[str]) -> list[ListingRow]:
    """The listings of `ids` that everybody may see, in the order of `ids`; to compare them."""
    wanted = list(ids)
    rows = db.execute(_THESE_LISTINGS, {"ids": wanted}).mappings() if wanted else ()
    found = {row["id"]: _listing_row(row) for row in rows if row["state"] in words.VISIBLE}
    return [found[each] for each in wanted if each in found]


def _listing_row(row: Any) -> ListingRow:
    fields = {name: row[name] for name in _PLAIN}
    fields |= {name: tuple(row[name]) for name in _TUPLES}
    return ListingRow(
        **fields,
        organisation_verified=row["verified_at"] is not None,
        price_low=_money(row["price_low"], row["currency"]),
        price_high=_money(row["price_high"], row["currency"]),
        contact=row["contact"] or "",
        terms=_terms(row, row["terms_currency"]) if row["grant_kind"] else None,
    )


def _terms(row: Any, currency: str) -> Terms:
    return Terms(
        grant_kind=row["grant_kind"],
        field_of_use=row["field_of_use"],
        territory=tuple(row["territory"]),
        term_years=row["term_years"],
        upfront=_money(row["upfront"], currency),
        royalty_rate=row["royalty_rate"],
        valid_days=row["valid_days"],
    )


_TERMS = select(*_X.c).where(_X.c.technology_id == bindparam("id"))


def offered_terms(db: Session, technology_id: str) -> Terms | None:
    """The terms that the institution offers on the listing, to start a term sheet from; None when it names none."""
    row = db.execute(_TERMS, {"id": technology_id}).mappings().first()
    return _terms(row, row["currency"]) if row else None


_RIGHTS = (
    select(*(_R.c[name] for name in RightRow.__dataclass_fields__))
    .where(_R.c.technology_id == bindparam("id"))
    .order_by(_R.c.position, _R.c.id)
)


def ip_rights(db: Session, technology_id: str) -> list[RightRow]:
    """The IP rights behind a technology, in the institution's order."""
    return [RightRow(**row._mapping) for row in db.execute(_RIGHTS, {"id": technology_id})]


_RIGHTS_OF = (
    select(_R.c.technology_id, _R.c.office, _R.c.status)
    .where(_R.c.technology_id.in_(bindparam("ids", expanding=True)))
    .order_by(_R.c.technology_id, _R.c.position, _R.c.id)
)


def rights_by_office(db: Session, ids: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """Office and status of the rights behind each of these technologies, in the institution's order."""
    wanted = list(ids)
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in db.execute(_RIGHTS_OF, {"ids": wanted}) if wanted else ():
        found[row.technology_id].append((row.office, row.status))
    return found


_INVENTORS = select(_I.c.name).where(_I.c.technology_id == bindparam("id")).order_by(_I.c.position)


def inventors(db: Session, technology_id: str) -> list[str]:
    """The names of those who made it."""
    return [str(name) for name in db.execute(_INVENTORS, {"id": technology_id}).scalars()]


_FILE = select(_F.c.id, _F.c.kind, _F.c.alt, _S.c.name, _S.c.size, _S.c.content_type).join(
    _S, _S.c.id == _F.c.stored_file_id
)
_FILES = _FILE.where(_F.c.technology_id == bindparam("id")).order_by(_F.c.position, _F.c.id)


def files(db: Session, technology_id: str) -> list[FileRow]:
    """The pictures and files of a listing, in order."""
    return [FileRow(**row._mapping) for row in db.execute(_FILES, {"id": technology_id})]


_ONE_FILE = (
    select(_F.c.stored_file_id, _F.c.kind, _T.c.state, _T.c.organisation_id)
    .join(_T, _T.c.id == _F.c.technology_id)
    .where(_F.c.id == bindparam("file"), _F.c.technology_id == bindparam("id"))
)


def file_of(db: Session, actor: Actor, technology_id: str, file_id: str) -> Any:
    """The stored file behind a listing's picture or file, for who may see the listing; NotFound."""
    row = db.execute(_ONE_FILE, {"file": file_id, "id": technology_id}).first()
    if row is None or not (
        row.state in words.VISIBLE or policy.is_own(actor, row.organisation_id) or actor.is_operator
    ):
        raise NotFound
    return row


# --- lists


_CARD_NAMES = ("id", "slug", "title", "summary", "sector", "trl", "state", "price_kind", "updated_at", "published_at")
_CARD = select(
    *(_T.c[name] for name in _CARD_NAMES),
    _T.c.price_low,
    _T.c.currency,
    _T.c.offers,
    _O.c.name.label("organisation"),
    _O.c.slug.label("organisation_slug"),
    _Q.c.response_days,
).select_from(_T.join(_O, _O.c.id == _T.c.organisation_id).outerjoin(_Q, _Q.c.organisation_id == _T.c.organisation_id))


def _card(row: Any) -> Card:
    return Card(
        **{name: getattr(row, name) for name in _CARD_NAMES},
        price_low=_money(row.price_low, row.currency),
        offers=tuple(row.offers),
        organisation=row.organisation,
        organisation_slug=row.organisation_slug,
        response_days=row.response_days,
    )


_VISIBLE = _T.c.state.in_(words.VISIBLE)
_NEWEST = (
    _CARD.where(_T.c.state == "published").order_by(_T.c.published_at.desc(), _T.c.id.desc()).limit(bindparam("limit"))
)


def newest(db: Session, limit: int = 6) -> list[Card]:
    """The listings that went out last."""
    return [_card(row) for row in db.execute(_NEWEST, {"limit": limit})]


# By id alone: with the state in it SQLite would walk all visible listings instead.
_CARDS = _CARD.where(_T.c.id.in_(bindparam("ids", expanding=True)))


def cards(db: Session, ids: Iterable[str]) -> list[Card]:
    """The listings of `ids` that everybody may see, in the order of `ids`; for results of a search."""
    wanted = list(ids)
    rows = db.execute(_CARDS, {"ids": wanted}) if wanted else ()
    found = {row.id: _card(row) for row in rows if row.state in words.VISIBLE}
    return [found[each] for each in wanted if each in found]


_SECTORS = (
    select(_T.c.sector, func.count().label("n"))
    .where(_VISIBLE, _T.c.sector.is_not(None))
    .group_by(_T.c.state, _T.c.sector)  # the order of the index
)


def sector_counts(db: Session) -> dict[str, int]:
    """How many visible listings each sector has; sectors without any are left out."""
    counts: Counter[str] = Counter()
    for row in db.execute(_SECTORS):
        counts[row.sector] += row.n
    return dict(counts)


_SECTOR: Any = bindparam("sector", type_=String)
_OFFERED = (
    _T.c.organisation_id == bindparam("organisation"),
    _VISIBLE,
    or_(_SECTOR == "", _T.c.sector == _SECTOR),
)
_OF_ORGANISATION = (
    _CARD.where(*_OFFERED).order_by(_T.c.updated_at.desc(), _T.c.id.desc()).limit(PER_PAGE).offset(bindparam("skip"))
)
_COUNT_OF_ORGANISATION = select(func.count()).where(*_OFFERED)


def of_organisation(db: Session, organisation_id: str, page: int, sector: str = "") -> tuple[list[Card], int]:
    """A page of an institution's visible listings (of one sector), and how many there are."""
    given = {"organisation": organisation_id, "sector": sector}
    total = int(db.execute(_COUNT_OF_ORGANISATION, given).scalar_one())
    rows = db.execute(_OF_ORGANISATION, given | {"skip": (page - 1) * PER_PAGE})
    return [_card(row) for row in rows], total


_EXPRESS_OF = (
    _CARD.where(_T.c.organisation_id == bindparam("organisation"), _VISIBLE, _T.c.price_kind == "express")
    .order_by(_T.c.updated_at.desc(), _T.c.id.desc())
    .limit(bindparam("limit"))
)


def express_of_organisation(db: Session, organisation_id: str, limit: int = 6) -> list[Card]:
    """What an institution licenses at once, at a fixed price and on fixed terms."""
    return [_card(row) for row in db.execute(_EXPRESS_OF, {"organisation": organisation_id, "limit": limit})]


_SECTORS_OF = (
    select(_T.c.sector, func.count().label("n"))
    .where(_T.c.organisation_id == bindparam("organisation"), _VISIBLE, _T.c.sector.is_not(None))
    .group_by(_T.c.sector)
)


def sectors_of_organisation(db: Session, organisation_id: str) -> dict[str, int]:
    """How many visible listings an institution has in each sector."""
    return {row.sector: row.n for row in db.execute(_SECTORS_OF, {"organisation": organisation_id})}


_CONTACTS_OF = (
    select(_P.c.name, func.count().label("n"))
    .join(_T, _T.c.contact_id == _P.c.id)
    .where(_T.c.organisation_id == bindparam("organisation"), _VISIBLE, _P.c.disabled_at.is_(None))
    .group_by(_P.c.id, _P.c.name)
    .order_by(func.count().desc(), _P.c.name)
    .limit(12)
)


def contacts_of_organisation(db: Session, organisation_id: str) -> list[ContactRow]:
    """Who answers for an institution's visible listings, the busiest first."""
    return [ContactRow(row.name, row.n) for row in db.execute(_CONTACTS_OF, {"organisation": organisation_id})]


_RESPONSE = select(_Q.c.asked, _Q.c.answered, _Q.c.response_days).where(
    _Q.c.organisation_id == bindparam("organisation")
)


def response_of(db: Session, organisation_id: str) -> ResponseRow:
    """How an institution answers; zeros where nobody has asked yet."""
    row = db.execute(_RESPONSE, {"organisation": organisation_id}).first()
    return ResponseRow(row.asked, row.answered, row.response_days) if row else ResponseRow(0, 0, None)


_STATES = (
    select(_T.c.state, func.count().label("n"))
    .where(_T.c.organisation_id == bindparam("organisation"))
    .group_by(_T.c.state)
)
_STATE: Any = bindparam("state", type_=String)
_PATTERN: Any = bindparam("pattern", type_=String)
_MINE = (
    _T.c.organisation_id == bindparam("organisation"),
    or_(_STATE == "", _T.c.state == _STATE),
    or_(
        _PATTERN == "",
        func.lower(_T.c.title).like(_PATTERN, escape="\\"),
        func.lower(_T.c.reference).like(_PATTERN, escape="\\"),
    ),
)
_OWN = _CARD.where(*_MINE).order_by(_T.c.updated_at.desc(), _T.c.id.desc()).limit(PER_PAGE).offset(bindparam("skip"))
_OWN_COUNT = select(func.count()).select_from(_T).where(*_MINE)


def state_counts(db: Session, organisation_id: str) -> dict[str, int]:
    """How many listings an institution has in each state."""
    return {row.state: row.n for row in db.execute(_STATES, {"organisation": organisation_id})}


def own(db: Session, actor: Actor, *, state: str, text: str, page: int) -> tuple[list[Card], int]:
    """A page of the own institution's listings in `state` (empty: all) with `text` in title or reference, and the total."""
    escaped = text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    given = {"organisation": actor.organisation_id, "state": state, "pattern": f"%{escaped}%" if text else ""}
    total = int(db.execute(_OWN_COUNT, given).scalar_one())
    rows = db.execute(_OWN, given | {"skip": (page - 1) * PER_PAGE})
    return [_card(row) for row in rows], total


# --- for the search index

_DOCUMENT_NAMES = (
    "id", "title", "summary", "keywords", "description", "problem", "advantages", "applications", "technology_fields", "trl",
    "country", "ip_status", "offers", "licences", "state", "version",
)  # fmt: skip
_DOCUMENT = select(
    *(_T.c[name] for name in _DOCUMENT_NAMES),
    _T.c.organisation_id,
    _T.c.sector,
    _T.c.price_kind,
    _T.c.price_low,
    _T.c.currency,
    _T.c.published_at,
    _T.c.updated_at,
    _O.c.name.label("organisation"),
    _Q.c.response_days,
).select_from(_T.join(_O, _O.c.id == _T.c.organisation_id).outerjoin(_Q, _Q.c.organisation_id == _T.c.organisation_id))
_DOCUMENTS = _DOCUMENT.where(_T.c.id.in_(bindparam("ids", expanding=True)))
_DOCUMENTS_AFTER = _DOCUMENT.where(_T.c.id > bindparam("after")).order_by(_T.c.id).limit(bindparam("limit"))
_INVENTORS_OF = (
    select(_I.c.technology_id, _I.c.name)
    .where(_I.c.technology_id.in_(bindparam("ids", expanding=True)))
    .order_by(_I.c.technology_id, _I.c.position)
)


def documents(db: Session, ids: Iterable[str]) -> list[IndexDocument]:
    """What the index should hold of these technologies; an id that does not come back must leave the index."""
    wanted = list(ids)
    return _with_inventors(db, list(db.execute(_DOCUMENTS, {"ids": wanted}))) if wanted else []


def all_documents(db: Session, batch: int = 500, after: str = "") -> Iterator[list[IndexDocument]]:
    """Every visible technology in batches, by id; go on after a known id to resume."""
    while rows := list(db.execute(_DOCUMENTS_AFTER, {"after": after, "limit": batch})):
        if visible := _with_inventors(db, rows):
            yield visible
        after = rows[-1].id


def _with_inventors(db: Session, found: list[Any]) -> list[IndexDocument]:
    rows = [row for row in found if row.state in words.VISIBLE]
    named: defaultdict[str, list[str]] = defaultdict(list)
    for row in db.execute(_INVENTORS_OF, {"ids": [row.id for row in rows]}):
        named[row.technology_id].append(row.name)
    return [_document(row, named[row.id]) for row in rows]


def _document(row: Any, inventors: list[str]) -> IndexDocument:
    low = _money(row.price_low, row.currency)
    return IndexDocument(
        **{name: getattr(row, name) for name in _DOCUMENT_NAMES},
        organisation=row.organisation,
        inventors=inventors,
        sectors=[row.sector] if row.sector else [],
        price_band=words.price_band(row.price_kind, int(low.decimal) if low else None),
        has_prototype=row.trl is not None and row.trl >= words.PROTOTYPE_FROM,
        published_at=_epoch(row.published_at),
        updated_at=_epoch(row.updated_at),
        org_id=row.organisation_id,
        response_days=row.response_days,
    )


def _epoch(moment: datetime | None) -> int:
    return int(moment.astimezone(UTC).timestamp()) if moment else 0


# --- for sitemaps

_ADDRESSES = (
    select(_T.c.id, _T.c.slug, _T.c.updated_at)
    .where(_VISIBLE)
    .order_by(_T.c.id)
    .limit(bindparam("limit"))
    .offset(bindparam("skip"))
)
_INSTITUTIONS = (
    select(_O.c.slug)
    .where(_O.c.verified_at.is_not(None), exists().where(_T.c.organisation_id == _O.c.id, _VISIBLE))
    .order_by(_O.c.slug)
)
_VISIBLE_COUNT = select(func.count()).select_from(_T).where(_VISIBLE)


def addresses(db: Session, page: int, limit: int) -> list[tuple[str, datetime]]:
    """Address part and last change of visible listings, a page of them by id."""
    rows = db.execute(_ADDRESSES, {"limit": limit, "skip": (page - 1) * limit})
    return [(f"{row.slug}-{row.id}", row.updated_at) for row in rows]


def visible_count(db: Session) -> int:
    """How many listings everybody may see."""
    return int(db.execute(_VISIBLE_COUNT).scalar_one())


def institution_slugs(db: Session) -> list[str]:
    """The address parts of verified institutions that have listings."""
    return list(db.execute(_INSTITUTIONS).scalars())
