"""Which technologies fit which needs: reckoned by jobs when a need opens and when a technology appears or changes.

The search engine, in its mode for needs, proposes technologies; the rules say how close each is, and why. Results are
kept, the best of each need only; reckoning again gives the same.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlmodel import Session

from market.catalog import queries as catalog
from market.discovery.gateway import IndexDocument, SearchIndex, SearchRequest
from market.discovery.rules.facets import VISIBLE
from market.discovery.rules.question import Question, understand
from market.kit import cache
from market.kit.db import Database
from market.needs import mails, queries
from market.needs.models import Need, NeedMatch
from market.needs.process import LIVING, PUBLIC
from market.needs.rows import Open
from market.needs.rules import matching
from market.needs.rules.matching import STRONG, Listing, Match, Profile
from market.needs.service.steps import TOPIC

MATCH_NEED = "needs.match_need"
MATCH_LISTINGS = "needs.match_listings"
CANDIDATES = 80
KEPT = 40
MOST_FREQUENCIES = 160
MOST_MAILS = 20
BATCH = 200

_M: Any = NeedMatch.__table__  # type: ignore[attr-defined]
_N: Any = Need.__table__  # type: ignore[attr-defined]
_FORGET_NEED = delete(_M).where(_M.c.need_id == bindparam("need"))
_FORGET_LISTINGS = delete(_M).where(_M.c.technology_id.in_(bindparam("ids", expanding=True)))
_KNOWN_PAIRS = select(_M.c.need_id, _M.c.technology_id).where(_M.c.technology_id.in_(bindparam("ids", expanding=True)))
_BEYOND = (
    select(_M.c.technology_id)
    .where(_M.c.need_id == bindparam("need"))
    .order_by(_M.c.score.desc(), _M.c.technology_id)
    .offset(KEPT)
    .limit(10_000)
)
_CROWDED = select(_M.c.need_id).group_by(_M.c.need_id).having(func.count() > KEPT).limit(5_000)


def listing_of(document: IndexDocument) -> Listing:
    """A technology as the rules compare it."""
    texts = (
        document.summary,
        ", ".join(document.keywords),
        document.applications,
        document.problem,
        document.advantages,
        document.description,
    )
    sector = document.sectors[0] if document.sectors else None
    return matching.listing(
        document.title, texts, sector=sector, fields=document.technology_fields, offers=document.offers
    )


# --- one need with all technologies


def match_need(units: Database, index: SearchIndex, need_id: str, *, now: datetime) -> int:
    """Find the technologies that fit a need, and keep the best; give their number. Raises IndexUnavailable."""
    with units.read() as db:
        need = db.get(Need, need_id)
        if need is None or need.state not in LIVING:
            return 0
        text = f"{need.title}\n{need.text}"
        profile = Profile({}, need.sector, need.technology_field, frozenset(need.kinds))
        said = _said(need)
    weights = matching.weights(text, *_frequencies(index, text))
    hits = index.search(SearchRequest(understand(text, "need"), base=VISIBLE, per_page=CANDIDATES)).hits
    with units.read() as db:
        documents = catalog.documents(db, [hit.id for hit in hits])
    profile = Profile(weights, profile.sector, profile.technology_field, profile.kinds)
    found = [(each, matching.compare(profile, listing_of(each))) for each in documents]
    best = sorted(((d, m) for d, m in found if m), key=lambda each: (-each[1].score, each[0].id))[:KEPT]
    with units.write() as db:
        locked = db.get(Need, need_id, with_for_update=True)
        if locked is None or locked.state not in LIVING or _said(locked) != said:
            return 0  # changed meanwhile: when it opens again it is compared again
        db.execute(update(_N).where(_N.c.id == need_id).values(weights=weights))
        db.execute(_FORGET_NEED, {"need": need_id})
        if best:
            db.execute(insert(_M), [_row(need_id, document, match, now) for document, match in best])
        cache.touch(db, TOPIC)
        _tell_institutions(db, locked)
    return len(best)


def _said(need: Need) -> tuple[object, ...]:
    """What of a need matters for its matches."""
    return (need.title, need.text, need.sector, need.technology_field, sorted(need.kinds))


def _frequencies(index: SearchIndex, text: str) -> tuple[dict[str, int], int]:
    """How many technologies have each telling word of a text, and how many there are."""
    total = index.search(SearchRequest(base=VISIBLE, per_page=0)).total
    words = list(matching.telling(text).values())[:MOST_FREQUENCIES]
    return {
        word: index.search(SearchRequest(Question((word,), "need"), base=VISIBLE, per_page=0)).total for word in words
    }, total


def _row(need_id: str, document: IndexDocument, match: Match, now: datetime) -> dict[str, Any]:
    return {
        "need_id": need_id,
        "technology_id": document.id,
        "organisation_id": document.org_id,
        "score": match.score,
        "same_sector": match.sector,
        "same_field": match.field,
        "words": list(match.words),
        "kinds": list(match.kinds),
        "found_at": now,
    }


def _tell_institutions(db: Session, need: Need) -> None:
    """Write to the institutions that come closest; each gets one mail about a need, ever."""
    if need.state not in PUBLIC:
        return
    for organisation_id in queries.strongly_matched(db, need.id, MOST_MAILS):
        best = queries.proposals(db, need.id, of=organisation_id)
        if best and not best[0].answered_at:
            told = {"technology": best[0].title, "words": ", ".join(best[0].words)}
            people = mails.institution(db, organisation_id)
            mails.tell(db, need, people, "fits", key=f"fits:{organisation_id}", **told)


# --- some technologies with all needs


def match_listings(units: Database, ids: Sequence[str], *, now: datetime) -> int:
    """Compare technologies that are new or changed with every open need; give the number of pairs that fit."""
    with units.read() as db:
        documents = catalog.documents(db, ids)
        prepared = [(document, listing_of(document)) for document in documents]
        rows = list(_pairs(db, prepared, now))
    with units.write() as db:
        known = {tuple(row) for row in db.execute(_KNOWN_PAIRS, {"ids": list(ids)})}
        db.execute(_FORGET_LISTINGS, {"ids": list(ids)})
        living = _still_living(db, {row["need_id"] for row in rows})
        rows = [row for row in rows if row["need_id"] in living]
        for at in range(0, len(rows), 500):
            db.execute(insert(_M), rows[at : at + 500])
        _trim(db)
        cache.touch(db, TOPIC)
        fresh = [row for row in rows if (row["need_id"], row["technology_id"]) not in known]
        _tell_companies(db, fresh, now)
    return len(rows)


def _pairs(db: Session, prepared: list[tuple[IndexDocument, Listing]], now: datetime) -> Iterable[dict[str, Any]]:
    after = ""
    while needs := queries.living(db, after, BATCH):
        for need in needs:
            yield from _pairs_of(need, prepared, now)
        after = needs[-1].id


def _pairs_of(need: Open, prepared: list[tuple[IndexDocument, Listing]], now: datetime) -> Iterable[dict[str, Any]]:
    if not need.profile.weights:  # its own run is still to come, and will find these technologies
        return
    for document, listing in prepared:
        match = matching.compare(need.profile, listing)
        if match is not None:
            yield _row(need.id, document, match, now)


def _still_living(db: Session, ids: set[str]) -> set[str]:
    if not ids:
        return set()
    return set(db.execute(select(_N.c.id).where(_N.c.id.in_(ids), _N.c.state.in_(LIVING))).scalars())


def _trim(db: Session) -> None:
    """Keep the best of each need only."""
    for need_id in db.execute(_CROWDED).scalars().all():
        worst = db.execute(_BEYOND, {"need": need_id}).scalars().all()
        db.execute(delete(_M).where(_M.c.need_id == need_id, _M.c.technology_id.in_(worst)))


def _tell_companies(db: Session, rows: list[dict[str, Any]], now: datetime) -> None:
    """Tell the companies of needs that a new technology comes close to, at most once a day for each need; and write to
    the institution about the need."""
    best: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["score"] >= STRONG and row["score"] > best.get(row["need_id"], {"score": 0})["score"]:
            best[row["need_id"]] = row
    for need_id, row in sorted(best.items())[:500]:
        need = db.get(Need, need_id)
        if need is None or need.state not in PUBLIC:
            continue
        technology = queries.technology(db, row["technology_id"])
        told = {"technology": technology.title, "words": ", ".join(row["words"])}
        mails.tell(db, need, mails.posters(db, need), "found", key=f"found:{now.date()}", **told)
        people = mails.institution(db, row["organisation_id"], technology.contact_id)
        mails.tell(db, need, people, "fits", key=f"fits:{row['organisation_id']}", **told)
