"""Bringing in others' needs from a file, for the operator: all rows in one transaction, the same file twice doubles
nothing. Who commands this machine has checked them, so they open at once; those whose deadline is over come in as expired."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session
from sqlmodel import select as pick

from market.accounts.models import Organisation
from market.accounts.rules import OrganisationKind
from market.accounts.rules import slug as organisation_slug
from market.catalog.rules.text import slug
from market.kit import audit, cache
from market.kit.actor import SYSTEM
from market.kit.db import Database
from market.kit.errors import Refusal, Refused
from market.kit.events import emit
from market.kit.i18n import _
from market.kit.ids import new_id
from market.needs.events import NeedOpened
from market.needs.models import Need
from market.needs.process import LIVING, PUBLIC
from market.needs.rules import sources
from market.needs.rules.sources import ImportedNeed, Row
from market.needs.service.steps import TOPIC

Tell = Callable[[int, int], None]
BATCH = 500
_N: Any = Need.__table__  # type: ignore[attr-defined]
_KNOWN = select(_N.c.id, _N.c.source_id, _N.c.digest, _N.c.state).where(
    _N.c.organisation_id == bindparam("organisation"), _N.c.source == bindparam("source")
)


@dataclass(frozen=True)
class Order:
    """What to import for whom. An organisation made on the spot is a support institution in `country`."""

    source: str
    file: Path
    organisation: str
    create_organisation: str = ""
    country: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a row: created, updated, unchanged, duplicate or refused; and the state of its need."""

    row: Row
    verdict: str
    state: str = ""


def import_file(units: Database, order: Order, *, now: datetime, tell: Tell = lambda _d, _t: None) -> dict[str, Any]:
    """Import a file: all of it or nothing. Gives the numbers and the problems, as JSON. Raises Refused with a reason."""
    rows = sources.read(order.source, order.file.read_bytes())
    with units.write() as db:
        organisation = _organisation(db, order, now)
        outcomes = _write(db, organisation, order.source, rows, now=now, tell=tell)
        counts = _counts(outcomes)
        audit.record(
            db,
            SYSTEM,
            "needs:import:done",
            organisation,
            now=now,
            file=order.file.name,
            source=order.source,
            **counts,
        )
        cache.touch(db, TOPIC)
    problems = [
        {"row": each.row, "field": each.field, "code": each.code, "refused": each.refuses, "sentence": each.sentence}
        for outcome in outcomes
        for each in outcome.row.problems
    ]
    return counts | {"problems": problems}


def _counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    verdicts = [outcome.verdict for outcome in outcomes]
    states = [outcome.state for outcome in outcomes]
    return {
        "read": len(outcomes),
        "created": verdicts.count("created"),
        "updated": verdicts.count("updated"),
        "unchanged": verdicts.count("unchanged"),
        "duplicates": verdicts.count("duplicate"),
        "refused": verdicts.count("refused"),
        "open": sum(state in LIVING for state in states),
        "expired": states.count("expired"),
    }


def _write(
    db: Session, organisation: Organisation, source: str, rows: list[Row], *, now: datetime, tell: Tell
) -> list[Outcome]:
    known = {
        row.source_id: row for row in db.execute(_KNOWN, {"organisation": organisation.id, "source": source}).all()
    }
    outcomes, fresh = [], []
    for row in rows:
        outcome, values = _verdict(db, organisation, source, row, known=known, now=now)
        outcomes.append(outcome)
        if values is not None:
            fresh.append(values)
    for at in range(0, len(fresh), BATCH):
        db.execute(insert(_N), fresh[at : at + BATCH])
        tell(min(at + BATCH, len(fresh)), len(fresh))
    for values in fresh:
        if values["state"] == "open":
            emit(db, NeedOpened(values["id"]))
    return outcomes


def _verdict(
    db: Session, organisation: Organisation, source: str, row: Row, *, known: dict[str, Any], now: datetime
) -> tuple[Outcome, dict[str, Any] | None]:
    """What becomes of a row; a new need comes back as the values to write, a changed one is written at once."""
    if row.duplicate_of is not None:
        return Outcome(row, "duplicate"), None
    if row.need is None:
        return Outcome(row, "refused"), None
    there = known.get(row.need.source_id)
    if there is None:
        values = _values(organisation, source, row.need, now)
        return Outcome(row, "created", values["state"]), values
    if there.digest == row.need.digest:
        return Outcome(row, "unchanged", there.state), None
    return Outcome(row, "updated", _change(db, there, row.need, now)), None


def _said(need: ImportedNeed, now: datetime) -> dict[str, Any]:
    over = need.deadline is not None and now.date() > need.deadline
    return {
        "title": need.title,
        "text": need.text,
        "sector": need.sector,
        "cluster": need.cluster,
        "country": need.country,
        "region": need.region,
        "stage": need.stage,
        "kinds": list(need.kinds),
        "budget": need.budget,
        "currency": need.currency,
        "deadline": need.deadline,
        "on_behalf_of": need.on_behalf_of,
        "source_url": need.source_url,
        "digest": need.digest,
        "updated_at": now,
        "state": "expired" if over else "open",
        "closed_at": now if over else None,
    }


def _values(organisation: Organisation, source: str, need: ImportedNeed, now: datetime) -> dict[str, Any]:
    return _said(need, now) | {
        "id": new_id(),
        "organisation_id": organisation.id,
        "person_id": None,
        "source": source,
        "source_id": need.source_id,
        "slug": slug(need.title),
        "technology_field": None,
        "anonymous": False,
        "refusal": "",
        "outcome": "",
        "created_at": now,
        "submitted_at": now,
        "opened_at": now,
        "version": 1,
        "weights": {},
    }


def _change(db: Session, there: Any, need: ImportedNeed, now: datetime) -> str:
    """Take over what the source says anew. A need with answers keeps its state, unless its deadline is over; one that
    was closed or withdrawn here stays so."""
    said = _said(need, now)
    if there.state in ("answered", "matched") and said["state"] == "open":
        said |= {"state": there.state, "closed_at": None}
    elif there.state not in (*PUBLIC, "expired"):
        said |= {"state": there.state}
        said.pop("closed_at")
    db.execute(update(_N).where(_N.c.id == there.id).values(**said, version=_N.c.version + 1))
    if said["state"] in LIVING:
        emit(db, NeedOpened(there.id))
    return str(said["state"])


def _organisation(db: Session, order: Order, now: datetime) -> Organisation:
    """Who posts the needs: an organisation that is there, or one made on the spot."""
    short = order.organisation or organisation_slug(order.create_organisation)
    found = db.exec(pick(Organisation).where(Organisation.slug == short)).first()
    if found is not None:
        return found
    if not order.create_organisation:
        raise Refused(
            Refusal(
                "no_organisation",
                _("There is no organisation “{slug}”. Name one that is there, or make it with --create-organisation."),
                None,
                {"slug": short},
            )
        )
    made = Organisation(
        kind=OrganisationKind.SUPPORT,
        name=order.create_organisation,
        slug=short,
        country=order.country or "US",
        created_at=now,
        verified_at=now,
    )
    db.add(made)
    db.flush()
    audit.record(db, SYSTEM, "organisation:created", made, now=now, name=made.name, by="market import-needs")
    return made
