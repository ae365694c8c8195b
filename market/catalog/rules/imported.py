"""What an import makes of a file: listings, row by row, with every problem said in a sentence."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from dataclasses import field as default
from typing import Any

from market.catalog.rules.ip import IpNumber, kind_and_status
from market.catalog.rules.text import telling_sentence
from market.kit.i18n import _, translate

REFUSED = "refused"
WARNING = "warning"


@dataclass(frozen=True)
class Problem:
    """Something about row `row` (as the file counts) that its owner should know; `refused` rows are not imported.

    A list among `params` holds msgids, told one after the other.
    """

    row: int
    field: str
    code: str
    message: str
    params: Mapping[str, Any] = default(default_factory=dict)
    severity: str = WARNING

    @property
    def sentence(self) -> str:
        """The problem in the reader's language."""
        params = {name: _listed(value) if isinstance(value, list) else value for name, value in self.params.items()}
        return translate(self.message, **params)

    @property
    def refuses(self) -> bool:
        """Whether the row cannot be imported because of it."""
        return self.severity == REFUSED

    def plain(self) -> dict[str, Any]:
        """As JSON, for the record of the import."""
        return {
            "row": self.row,
            "field": self.field,
            "code": self.code,
            "message": self.message,
            "params": dict(self.params),
            "severity": self.severity,
        }


def _listed(msgids: list[str]) -> str:
    return "; ".join(translate(each) for each in msgids)


@dataclass(frozen=True)
class ImportedListing:
    """A technology as a source tells it; texts are plain, unknown things are empty."""

    source_id: str
    title: str
    reference: str = ""
    summary: str = ""
    sector: str = ""
    category: str = ""
    department: str = ""
    country: str = ""
    trl: int | None = None
    stage: str = ""
    offers: tuple[str, ...] = ("licence",)
    licences: tuple[str, ...] = ()
    price_kind: str = "on_request"
    price_low: int | None = None
    price_high: int | None = None
    currency: str = ""
    keywords: tuple[str, ...] = ()
    inventors: tuple[str, ...] = ()
    ip_numbers: tuple[IpNumber, ...] = ()
    filed_on: str = ""
    ipc: tuple[str, ...] = ()
    picture_url: str = ""
    source_url: str = ""
    known_id: str = ""
    problem: str = ""
    advantages: str = ""
    comparison: str = ""
    applications: str = ""
    description: str = ""

    def values(self) -> dict[str, Any]:
        """The fields as JSON, the shape in which a source's last word is remembered."""
        told = {**asdict(self), "ip_numbers": [number.text for number in self.ip_numbers]}
        for name in ("filed_on", "ipc", "known_id"):  # came later: what is remembered from before stays comparable
            if not told[name] or name == "known_id":
                del told[name]
        return told

    @property
    def digest(self) -> str:
        """SHA-256 of everything the source says: equal digests mean that nothing has changed."""
        text = json.dumps(self.values(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def complete(self) -> bool:
        """Whether it has what a published listing needs from its source."""
        return bool(self.title and self.summary and self.description and self.sector and self.offers)

    def ip_rights(self) -> list[tuple[IpNumber, str, str]]:
        """Each number with the kind of right and the status that the number itself tells."""
        return [(number, *kind_and_status(number)) for number in self.ip_numbers]


@dataclass(frozen=True)
class ParsedRow:
    """One row of a file: its listing, or none when it was refused or repeats another row (then `title` names it)."""

    row: int
    listing: ImportedListing | None
    problems: tuple[Problem, ...] = ()
    duplicate_of: int | None = None
    title: str = ""


@dataclass(frozen=True)
class SourceTable:
    """A file's rows before they are understood.

    `kind` is `nasa-t2` (cells are the API's positional items) or `table` (cells belong to `header`). `rows` pairs the
    line of the file with its cells. `notes` says how the file was read: encoding, separator, sheet.
    """

    kind: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    notes: Mapping[str, str] = default(default_factory=dict)


def summarised(listing: ImportedListing) -> ImportedListing:
    """Give a listing without summary the first sentence of its description."""
    if listing.summary or not listing.description:
        return listing
    return replace(listing, summary=telling_sentence(listing.description))


def _filled(kept: ImportedListing, other: ImportedListing) -> ImportedListing:
    """Let `kept` take from `other` what it lacks."""
    blanks = {
        each.name: getattr(other, each.name) for each in fields(kept) if getattr(kept, each.name) in ("", (), None)
    }
    return replace(kept, **blanks)


def merge_duplicates(rows: Iterable[ParsedRow]) -> list[ParsedRow]:
    """Keep the first of the rows that share a `source_id`, filled with what the later ones add; mark the others.

    Rows of an export that name different listings of ours stay apart, whatever reference they share.
    """
    seen: dict[str, int] = {}
    result: list[ParsedRow] = []
    for row in rows:
        listing = row.listing
        if listing is not None and listing.known_id and _others_reference(listing, seen, result):
            listing = replace(listing, source_id=f"{listing.source_id}#{listing.known_id}")
            row = replace(row, listing=listing)  # noqa: PLW2901
        if listing is None or listing.source_id not in seen:
            if listing is not None:
                seen[listing.source_id] = len(result)
            result.append(row)
            continue
        first = result[seen[listing.source_id]]
        if first.listing is not None:
            result[seen[listing.source_id]] = replace(first, listing=_filled(first.listing, listing))
        told = Problem(
            row.row,
            "reference",
            "duplicate",
            _("The same technology as row {other} ({reference}). It is imported once."),
            {"other": first.row, "reference": listing.reference or listing.source_id},
        )
        result.append(ParsedRow(row.row, None, (*row.problems, told), duplicate_of=first.row, title=listing.title))
    return note_same_titles(result)


def _others_reference(listing: ImportedListing, seen: Mapping[str, int], result: list[ParsedRow]) -> bool:
    """Whether another listing of ours has used this reference in an earlier row."""
    first = result[seen[listing.source_id]].listing if listing.source_id in seen else None
    return first is not None and first.known_id not in ("", listing.known_id)


def note_same_titles(rows: list[ParsedRow]) -> list[ParsedRow]:
    """Point out different technologies under one title; both are kept, the owner decides."""
    titles: dict[str, int] = {}
    result: list[ParsedRow] = []
    for row in rows:
        title = row.listing.title.casefold() if row.listing else ""
        if title and title in titles:
            told = Problem(
                row.row,
                "title",
                "same_title",
                _("Row {other} has the same title under another reference."),
                {"other": titles[title]},
            )
            result.append(replace(row, problems=(*row.problems, told)))
            continue
        if title:
            titles[title] = row.row
        result.append(row)
    return result
