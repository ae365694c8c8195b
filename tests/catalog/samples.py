"""Small files with the defects that real catalogues have; written by us."""

import gzip
import io
import json
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from sqlmodel import Session

from market.accounts.models import Membership, Organisation, Person
from market.accounts.rules import permissions
from market.kit.actor import Actor

LONG = (
    "Hospitals lose heat through their ventilation. Our institute has developed an exchanger that keeps 85 % of it. "
    "It fits into existing shafts and has no moving parts."
)


def nasa_row(reference: str = "ABC-TOPS-1", **given: str) -> list[str]:
    """A row with 12 items; `score` adds the thirteenth."""
    row = [
        given.get("id", "5d15d7323ace94568d243441"),
        reference,
        given.get("title", f"Quiet pump {reference}"),
        given.get("abstract", LONG),
        reference,
        given.get("category", "Mechanical and Fluid Systems"),
        "",
        "",
        "",
        given.get("centre", "LARC"),
        given.get("image", "https://pictures.example/pump.jpg"),
        given.get("tags", ""),
    ]
    return [*row, given["score"]] if "score" in given else row


NASA_ROWS: list[Any] = [
    nasa_row("ABC-TOPS-1", title="Low-Temperature Oxidation/\nReduction Catalysts", category="materials and coatings"),
    nasa_row(
        "ABC-TOPS-2",
        title="Fill &amp; Drain\n Valve",
        abstract=f"<p>Melts at 370&#176;C.</p> CO<sub>2</sub> &#8212 none. {LONG}",
    ),
    nasa_row(
        "ABC-TOPS-3",
        category="Sensors",
        score="0",
        tags="advanced composites, resins",
        image="https://pictures.example/a b.jpg",
    ),
    nasa_row("US1234567B1", id="68d5dfa9fa7276846e1142d3", category="aerospace", centre="faa", abstract=""),
    nasa_row("US1234567B1", id="US1234567B1", category="aerospace", centre="faa", score="0"),
    nasa_row("ABC-TOPS-4", title=""),
    ["too", "short"],
    "not a row",
    nasa_row("ABC-TOPS-5", category="Gardening"),
]


def nasa_file(rows: list[Any] | None = None, *, packed: bool = True) -> bytes:
    """The rows as the crawler's file keeps them."""
    records = [{"raw": row} if isinstance(row, list) else row for row in (NASA_ROWS if rows is None else rows)]
    text = json.dumps({"records": records}, indent=1).encode()
    return gzip.compress(text) if packed else text


HEADINGS = ["Ref", "Titel", "Abstract", "Category", "TRL", "Patent number", "License price", "Inventors"]
ROWS = [
    ["A-1", "Quiet pump", f"<p>{LONG}</p>", "Mechanical", "4", "EP 1 234 567 B1", "€5,000", "Anna Rossi; Jean Dupré"],
    ["A-2", "Café lamp", LONG, "Optics", "TRL 5-6", "US 10,514,454 B1; nonsense", "on request", "Anna Rossi"],
    ["A-3", "", LONG, "Optics", "", "", "", ""],
    ["A-4", "Clever box", "", "Astrology", "12", "", "many", ""],
    ["a-1", "Quiet pump", LONG, "Mechanical", "4", "", "", ""],
]


def csv_file(
    rows: list[list[str]] | None = None, *, separator: str = ",", encoding: str = "utf-8", bom: bytes = b""
) -> bytes:
    """A CSV file, quoted where it must be."""
    lines = [HEADINGS, *(ROWS if rows is None else rows)]
    quoted = (separator.join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines)
    return bom + ("\r\n".join(quoted) + "\r\n").encode(encoding)


def xlsx_file(rows: list[list[str]] | None = None, title: str = "Catalogue of 2027") -> bytes:
    """A workbook with a title above the table."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([title])
    for line in [HEADINGS, *(ROWS if rows is None else rows)]:
        sheet.append(line)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


# --- people and institutions


def institution(
    db: Session, now: datetime, *, name: str = "Institute of Pumps", slug: str = "pumps", verified: bool = True
) -> Organisation:
    """An institute in Italy."""
    organisation = Organisation(
        kind="institute", name=name, slug=slug, country="IT", created_at=now, verified_at=now if verified else None
    )
    db.add(organisation)
    db.flush()
    return organisation


def officer(
    db: Session, organisation: Organisation, now: datetime, *, role: str = "officer", name: str = "Anna Rossi"
) -> Actor:
    """Somebody of the institution, acting for it."""
    person = Person(
        email=f"{role}@{organisation.slug}.example", name=name, password_hash="", email_verified_at=now, created_at=now
    )
    db.add(person)
    db.flush()
    db.add(Membership(person_id=person.id, organisation_id=organisation.id, role=role, created_at=now))
    db.flush()
    return Actor(
        person_id=person.id,
        person_name=name,
        email=person.email,
        organisation_id=organisation.id,
        organisation_name=organisation.name,
        organisation_kind=organisation.kind,
        organisation_verified=organisation.verified_at is not None,
        roles=frozenset({role}),
        permissions=permissions(organisation.kind, frozenset({role}), operator=False),
    )
