"""Writing an import: plain rows in batches for what is new, field by field for what has changed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import Session

from market.catalog import runs
from market.catalog.models import (
    ImportRun,
    IpRight,
    ListingClarity,
    Technology,
    TechnologyInventor,
    TechnologySource,
    UnclearPublication,
)
from market.catalog.rules.clarity.score import Clarity
from market.catalog.rules.imported import ImportedListing, ParsedRow, Problem
from market.catalog.rules.letting_out import Letting, held_back
from market.catalog.rules.merging import FIELDS, merge, same_listing
from market.catalog.rules.technology_fields import technology_fields
from market.catalog.rules.text import slug
from market.catalog.rules.vocabulary import VISIBLE, ip_summary
from market.kit.i18n import _
from market.kit.ids import new_id

Progress = Callable[[int, int], None]
"""Told how many rows are done, and of how many."""
BATCH = 500

_T: Any = Technology.__table__  # type: ignore[attr-defined]
_SRC: Any = TechnologySource.__table__  # type: ignore[attr-defined]
_R: Any = IpRight.__table__  # type: ignore[attr-defined]
_K: Any = ListingClarity.__table__  # type: ignore[attr-defined]
_U: Any = UnclearPublication.__table__  # type: ignore[attr-defined]
_I: Any = TechnologyInventor.__table__  # type: ignore[attr-defined]


def silent(_done: int, _total: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class Outcome:
    """What becomes of one row."""

    row: ParsedRow
    verdict: str
    technology_id: str | None = None
    problems: tuple[Problem, ...] = ()
    before: dict[str, Any] = field(default_factory=dict)


class Writer:
    """Writes the outcomes of one import in batches; all inserts are plain rows, not objects."""

    def __init__(
        self, db: Session, run: ImportRun, organisation_id: str, letting: Letting, *, now: datetime, progress: Progress
    ) -> None:
        self.db, self.run, self.organisation_id = db, run, organisation_id
        self.letting, self.now, self.progress = letting, now, progress
        self.published = self.unclear = self.excused = 0
        self.visible: list[str] = []
        self._public: set[str] = set()

    def write(self, outcomes: list[Outcome]) -> list[Outcome]:
        """Write everything; gives the outcomes again, with what was noticed while writing."""
        total = len(outcomes)
        result: list[Outcome] = []
        for start in range(0, total, BATCH):
            batch = outcomes[start : start + BATCH]
            changed = self._create([each for each in batch if each.verdict == "created"])
            changed |= self._update({str(each.technology_id): each for each in batch if each.verdict == "updated"})
            written = ("created", "updated")
            result += [
                changed.get(str(each.technology_id), each) if each.verdict in written else each for each in batch
            ]
            self.progress(min(start + BATCH, total), total)
        return result

    def _create(self, new: list[Outcome]) -> dict[str, Outcome]:
        """Write new listings; gives the outcomes of those that stay drafts for want of clarity."""
        if not new:
            return {}
        clear = self._clarity(new)
        self._public = {key for key, found in clear.items() if not self.letting.holds(found)}
        pairs = [(str(each.technology_id), each.row.listing) for each in new if each.row.listing is not None]
        self.db.execute(insert(_T), [self._technology(technology_id, listing) for technology_id, listing in pairs])
        self.db.execute(insert(_SRC), [self._source(technology_id, listing) for technology_id, listing in pairs])
        self._insert(
            _R, [right for technology_id, listing in pairs for right in self._rights(technology_id, listing, ())]
        )
        self._insert(
            _I, [name for technology_id, listing in pairs for name in _inventors(technology_id, listing.inventors)]
        )
        self._insert(_K, [self._score(key, found) for key, found in clear.items()])
        below = {key: found for key, found in clear.items() if found.score < self.letting.threshold}
        if self.letting.reason:
            self.excused += len(below)
            self._insert(_U, [self._excuse(key, found) for key, found in below.items()])
            return {}
        self.unclear += len(below)
        return {key: self._held(each, below[key]) for each in new if (key := str(each.technology_id)) in below}

    def _clarity(self, new: list[Outcome]) -> dict[str, Clarity]:
        """How clear those are that could go out."""
        if not self.letting.any:
            return {}
        complete = ((each.technology_id, each.row.listing) for each in new)
        return {
            str(key): self.letting.clarity(listing)
            for key, listing in complete
            if listing is not None and listing.complete
        }

    def _held(self, outcome: Outcome, found: Clarity) -> Outcome:
        told = held_back(outcome.row.row, found, self.letting.threshold)
        return replace(outcome, problems=(*outcome.problems, told))

    def _score(self, technology_id: str, found: Clarity) -> dict[str, Any]:
        return {"technology_id": technology_id, "version": 1, "score": found.score, "scored_at": self.now}

    def _excuse(self, technology_id: str, found: Clarity) -> dict[str, Any]:
        return {
            "id": new_id(),
            "technology_id": technology_id,
            "person_id": self.run.person_id,
            "version": 1,
            "score": found.score,
            "threshold": self.letting.threshold,
            "at": self.now,
            "reason": self.letting.reason,
        }

    def _insert(self, table: Any, values: list[dict[str, Any]]) -> None:
        if values:
            self.db.execute(insert(table), values)

    def _technology(self, technology_id: str, listing: ImportedListing) -> dict[str, Any]:
        values = _columns(listing, FIELDS)
        public = technology_id in self._public
        if public:
            self.published += 1
            self.visible.append(technology_id)
        return values | {
            "id": technology_id,
            "organisation_id": self.organisation_id,
            "source": self.run.source,
            "source_id": listing.source_id,
            "slug": slug(listing.title),
            "state": "published" if public else "draft",
            "contact_id": self.run.person_id,
            "technology_fields": technology_fields(listing.ipc)[:3],
            "ip_status": _ip_status(listing),
            "created_at": self.now,
            "updated_at": self.now,
            "published_at": self.now if public else None,
            "confirmed_on": self.now.date() if public else None,
            "version": 1,
        }

    def _source(self, technology_id: str, listing: ImportedListing) -> dict[str, Any]:
        return {
            "technology_id": technology_id,
            "run_id": self.run.id,
            "digest": listing.digest,
            "seen_at": self.now,
            "told": listing.values(),
        }

    def _rights(self, technology_id: str, listing: ImportedListing, known: Iterable[str]) -> list[dict[str, Any]]:
        return [
            {
                "id": new_id(),
                "technology_id": technology_id,
                "position": position,
                "kind": kind,
                "status": status,
                "office": number.office,
                "number": number.number,
                "kind_code": number.kind,
                "family": "",
                "title": "",
                "fault": "",
                "filed_on": date.fromisoformat(listing.filed_on) if listing.filed_on else None,
                "ipc": list(listing.ipc),
                "source": self.run.source,
                "created_at": self.now,
            }
            for position, (number, kind, status) in enumerate(listing.ip_rights())
            if number.text not in known
        ]

    def _update(self, changed: dict[str, Outcome]) -> dict[str, Outcome]:
        """Merge the source's new words into the listings; gives the outcomes with what was kept against them."""
        ids = list(changed)
        told = runs.last_words(self.db, ids)
        own = runs.own(self.db, self.organisation_id, ids)
        digests = runs.digests(self.db, ids)
        result: dict[str, Outcome] = {}
        for technology in runs.technologies(self.db, ids):
            outcome = changed[technology.id]
            if outcome.row.listing is not None:
                listing = outcome.row.listing
                before = {name: getattr(technology, name) for name in FIELDS}
                if listing.known_id == technology.id:
                    kept: tuple[str, ...] = ()
                    added = self._take_over(technology, listing, own[technology.id])
                else:
                    kept, added = self._merge(technology, listing, told[technology.id])
                result[technology.id] = Outcome(
                    outcome.row,
                    "updated",
                    technology.id,
                    _kept_problems(outcome.row.row, kept),
                    {
                        "fields": {name: value for name, value in before.items() if value != getattr(technology, name)},
                        "told": None if listing.known_id == technology.id else told.get(technology.id),
                        "digest": digests.get(technology.id, ""),
                        "version": technology.version,
                        "added": added,
                    },
                )
        self.db.flush()
        return result

    def _take_over(self, technology: Technology, listing: ImportedListing, own: runs.Own) -> list[str]:
        """A file that was exported here comes back: what somebody wrote in it holds; gives the ids of added parts."""
        for name, value in same_listing(own.fields, _columns(listing, FIELDS)).items():
            setattr(technology, name, value)
        rights = self._rights(technology.id, listing, own.numbers)
        names = [name for name in listing.inventors if name not in own.inventors]
        inventors = _inventors(technology.id, names, len(own.inventors))
        self._insert(_R, rights)
        self._insert(_I, inventors)
        self._changed(technology)
        return [str(each["id"]) for each in (*rights, *inventors)]

    def _changed(self, technology: Technology) -> None:
        technology.updated_at = self.now
        technology.version += 1
        if technology.state in VISIBLE:
            technology.confirmed_on = self.now.date()
            self.visible.append(technology.id)

    def _merge(
        self, technology: Technology, listing: ImportedListing, told: dict[str, Any]
    ) -> tuple[tuple[str, ...], list[str]]:
        merged = merge({name: getattr(technology, name) for name in FIELDS}, told, _columns(listing, FIELDS))
        for name, value in merged.write.items():
            setattr(technology, name, value)
        rights = self._rights(technology.id, listing, told.get("ip_numbers", ()))
        known = told.get("inventors", ())
        inventors = _inventors(technology.id, [name for name in listing.inventors if name not in known], len(known))
        self._insert(_R, rights)
        self._insert(_I, inventors)
        self._changed(technology)
        self.db.execute(
            update(_SRC).where(_SRC.c.technology_id == technology.id).values(**self._source(technology.id, listing))
        )
        return merged.kept, [str(each["id"]) for each in (*rights, *inventors)]


def _columns(listing: ImportedListing, names: Iterable[str]) -> dict[str, Any]:
    values = {name: getattr(listing, name) for name in names}
    values |= {name: list(values[name]) for name in ("offers", "licences", "keywords")}
    values["sector"] = values["sector"] or None
    return values


def _ip_status(listing: ImportedListing) -> str:
    rights = listing.ip_rights()
    return ip_summary([status for _number, _kind, status in rights], [kind for _number, kind, _status in rights])


def _inventors(technology_id: str, names: Iterable[str], start: int = 0) -> list[dict[str, Any]]:
    return [
        {"id": new_id(), "technology_id": technology_id, "position": position, "name": name[:200], "affiliation": ""}
        for position, name in enumerate(names, start=start)
    ]


def _kept_problems(row: int, kept: tuple[str, ...]) -> tuple[Problem, ...]:
    if not kept:
        return ()
    told = _("The source has changed {fields}, but you have edited the same here. Your words were kept.")
    return (Problem(row, kept[0], "edited_here", told, {"fields": ", ".join(kept)}),)
