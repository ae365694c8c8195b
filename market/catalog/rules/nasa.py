"""NASA's Technology Transfer catalogue (`nasa-t2`): JSON of positional rows, as its API at technology.nasa.gov gives them.

A row has 12 or 13 items: id, reference, title, abstract, reference, category, release type, notes, open-source link,
centre, image address, tags, and sometimes a relevance score. The file is `{"results": [row, ...]}`, `[row, ...]` or
`{"records": [{"raw": row}, ...]}`, plain or gzipped.
"""

import json
import re
import zlib
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from market.catalog.rules.broken import broken, cut_off
from market.catalog.rules.imported import (
    REFUSED,
    ImportedListing,
    ParsedRow,
    Problem,
    SourceTable,
    merge_duplicates,
    summarised,
)
from market.catalog.rules.ip import parse_number
from market.catalog.rules.text import looks_garbled, one_line, tidy
from market.catalog.rules.vocabulary import sector_of
from market.kit.i18n import _

KIND = "nasa-t2"
MAX_JSON = 64 * 1024 * 1024
LENGTHS = (12, 13)

CENTRES = {
    "ARC": "Ames Research Center",
    "DFRC": "Armstrong Flight Research Center",
    "AFRC": "Armstrong Flight Research Center",
    "FAA": "Federal Aviation Administration",
    "GRC": "Glenn Research Center",
    "GSFC": "Goddard Space Flight Center",
    "HQ": "NASA Headquarters",
    "JPL": "Jet Propulsion Laboratory",
    "JSC": "Johnson Space Center",
    "KSC": "Kennedy Space Center",
    "LARC": "Langley Research Center",
    "MSFC": "Marshall Space Flight Center",
    "SSC": "Stennis Space Center",
}


def inflate(data: bytes, limit: int = MAX_JSON) -> bytes:
    """Unpack gzip, at most `limit` bytes; data that is not gzipped comes back as it is. Refuses a file that is cut off."""
    if data[:2] != b"\x1f\x8b":
        return data
    unpacker = zlib.decompressobj(wbits=31)
    try:
        text = unpacker.decompress(data, limit)
    except zlib.error as error:
        raise broken("not_gzip", _("The compressed file is damaged. Nothing was imported.")) from error
    if unpacker.unconsumed_tail:
        raise broken(
            "too_large",
            _("The file is larger than {limit} MB when unpacked. Please split it."),
            limit=limit // 1024 // 1024,
        )
    if not unpacker.eof:
        raise cut_off(text.count(b"\n") + 1, "gzip")
    return text


def read(data: bytes) -> SourceTable:
    """Read the file into rows; raises Refused with line and reason when it is no such file."""
    text = _decoded(inflate(data))
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()) or "Unterminated" in error.msg:
            raise cut_off(error.lineno, error.msg) from error
        raise broken(
            "not_json",
            _("Line {line}: this is not JSON ({reason}). Nothing was imported."),
            line=error.lineno,
            reason=error.msg,
        ) from error
    except RecursionError as error:
        raise broken("not_json", _("This JSON is nested too deeply. Nothing was imported.")) from error
    return SourceTable(KIND, (), tuple(enumerate(map(_cells, _records(content)), start=1)), {"encoding": "UTF-8"})


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise broken("not_utf8", _("Line {line}: this is not UTF-8 text. Nothing was imported."), line=line) from error


def _records(content: Any) -> list[Any]:
    if isinstance(content, dict):
        content = content.get("records", content.get("results"))
    if not isinstance(content, list):
        raise broken(
            "not_nasa_t2",
            _("This file does not look like NASA's catalogue: it has no list of records. Nothing was imported."),
        )
    return content


def _cells(record: Any) -> tuple[str, ...]:
    """The positional items as text; a record of any other shape becomes an empty tuple and is refused as a row."""
    row = record.get("raw") if isinstance(record, dict) else record
    if not isinstance(row, list):
        return ()
    return tuple("" if item is None else str(item) for item in row)


def interpret(table: SourceTable, *, country: str = "") -> list[ParsedRow]:
    """Turn the rows into listings; the same reference under two id schemes becomes one listing."""
    return merge_duplicates(_row(number, cells, country) for number, cells in table.rows)


def _row(number: int, cells: Sequence[str], country: str) -> ParsedRow:
    if len(cells) not in LENGTHS:
        told = Problem(
            number,
            "",
            "row_shape",
            _("This row has {n} items; NASA's rows have 12 or 13."),
            {"n": len(cells)},
            REFUSED,
        )
        return ParsedRow(number, None, (told,))
    reference = " ".join((cells[1] or cells[4] or cells[0]).split())
    title = one_line(cells[2])
    refusals = _refusals(number, reference, title)
    if refusals:
        return ParsedRow(number, None, tuple(refusals), title=title)
    listing = _listing(cells, reference, title, country)
    return ParsedRow(number, listing, tuple(_warnings(number, listing)))


def _refusals(number: int, reference: str, title: str) -> list[Problem]:
    problems = []
    if not reference:
        problems.append(Problem(number, "reference", "no_reference", _("This row has no reference."), {}, REFUSED))
    if not title:
        problems.append(Problem(number, "title", "no_title", _("This row has no title."), {}, REFUSED))
    return problems


def _listing(cells: Sequence[str], reference: str, title: str, country: str) -> ImportedListing:
    category = one_line(cells[5])
    centre = one_line(cells[9])
    patent = parse_number(reference)
    tags = (one_line(tag) for tag in re.split(r"[,;]", cells[11]))
    return summarised(
        ImportedListing(
            source_id=reference.upper(),
            reference=reference,
            title=title,
            sector=sector_of(category) or "",
            category=category[:1].upper() + category[1:],
            department=CENTRES.get(centre.upper(), centre),
            country=country,
            keywords=tuple(tag for tag in tags if tag),
            ip_numbers=(patent,) if patent and patent.kind else (),
            picture_url=web_address(cells[10]),
            source_url=f"https://technology.nasa.gov/patent/{quote(reference)}",
            description=tidy(cells[3]),
        )
    )


def web_address(text: str) -> str:
    """A usable https or http address: spaces and other stray characters escaped; empty when it is none."""
    text = text.strip()
    if not re.match(r"https?://[\w.-]+(?:[:/]|$)", text):
        return ""
    return quote(text, safe=":/?#[]@!$&'()*+,;=%~")


def _warnings(number: int, listing: ImportedListing) -> list[Problem]:
    problems = []
    if not listing.description:
        problems.append(
            Problem(number, "description", "no_description", _("There is no description. The listing stays a draft."))
        )
    if not listing.sector:
        problems.append(
            Problem(
                number,
                "sector",
                "unknown_sector",
                _("“{category}” is no sector that we know. The listing stays a draft."),
                {"category": listing.category},
            )
        )
    if looks_garbled(listing.description) or looks_garbled(listing.title):
        problems.append(
            Problem(number, "description", "garbled", _("Some characters were read wrongly before they came here."))
        )
    return problems
