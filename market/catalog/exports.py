"""All of an institution's data on its way out: read in batches, written as CSV, XLSX or JSON.

The headings are those that an import understands, and each row names the listing's number here: a file that went out
comes back to the same listings.
"""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from sqlalchemy import bindparam, select
from sqlmodel import Session

from market.accounts.models import Organisation
from market.catalog.models import IpRight, IpRightCountry, OfferedTerms, Technology, TechnologyInventor
from market.catalog.rules import vocabulary as words
from market.catalog.rules.cells import disarmed, several
from market.catalog.rules.columns import TARGETS
from market.catalog.rules.ip import IpNumber
from market.kit.money import Money

BATCH = 500
FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}

_T: Any = Technology.__table__  # type: ignore[attr-defined]
_R: Any = IpRight.__table__  # type: ignore[attr-defined]
_C: Any = IpRightCountry.__table__  # type: ignore[attr-defined]
_I: Any = TechnologyInventor.__table__  # type: ignore[attr-defined]
_X: Any = OfferedTerms.__table__  # type: ignore[attr-defined]
_O: Any = Organisation.__table__  # type: ignore[attr-defined]

_LISTINGS = (
    select(*_T.c)
    .where(_T.c.organisation_id == bindparam("organisation"), _T.c.id > bindparam("after"))
    .order_by(_T.c.id)
    .limit(BATCH)
)
_IDS: Any = bindparam("ids", expanding=True)
_RIGHTS = select(*_R.c).where(_R.c.technology_id.in_(_IDS)).order_by(_R.c.technology_id, _R.c.position, _R.c.id)
_COUNTRIES = select(*_C.c).join(_R, _R.c.id == _C.c.right_id).where(_R.c.technology_id.in_(_IDS)).order_by(_C.c.country)
_INVENTORS = (
    select(_I.c.technology_id, _I.c.name)
    .where(_I.c.technology_id.in_(_IDS))
    .order_by(_I.c.technology_id, _I.c.position)
)
_TERMS = select(*_X.c).where(_X.c.technology_id.in_(_IDS))
_ORGANISATION = select(*_O.c).where(_O.c.id == bindparam("organisation"))
_LEFT_OUT = ("ip_status", "technology_fields", "slug", "organisation_id", "contact_id")
_TERM_HEADINGS = (
    "Terms: grant",
    "Terms: field of use",
    "Terms: territory",
    "Terms: years",
    "Terms: upfront",
    "Terms: royalty",
)
_RIGHT_HEADINGS = ("Ponte id", "Kind", "Status", "Number", "Family", "Title of the right", "Filed", "Granted", "Expires",
                   "Country", "Status there", "Since", "Source", "Stated on")  # fmt: skip


@dataclass(frozen=True)
class Exported:
    """A listing with everything that hangs on it; rows as the database gives them."""

    row: dict[str, Any]
    rights: list[dict[str, Any]]
    inventors: list[str]
    terms: dict[str, Any] | None


def listings(db: Session, organisation_id: str) -> Iterator[Exported]:
    """Every listing of an institution, in every state, oldest first; five statements for each 500."""
    after = ""
    while rows := db.execute(_LISTINGS, {"organisation": organisation_id, "after": after}).mappings().all():
        ids = {"ids": [row["id"] for row in rows]}
        countries: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for each in db.execute(_COUNTRIES, ids).mappings():
            countries[each["right_id"]].append(dict(each))
        rights: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for each in db.execute(_RIGHTS, ids).mappings():
            rights[each["technology_id"]].append({**each, "countries": countries[each["id"]]})
        inventors: defaultdict[str, list[str]] = defaultdict(list)
        for each in db.execute(_INVENTORS, ids).mappings():
            inventors[each["technology_id"]].append(each["name"])
        terms = {each["technology_id"]: dict(each) for each in db.execute(_TERMS, ids).mappings()}
        for row in rows:
            yield Exported(dict(row), rights[row["id"]], inventors[row["id"]], terms.get(row["id"]))
        after = rows[-1]["id"]


def organisation(db: Session, organisation_id: str) -> dict[str, Any]:
    """What is kept of the institution itself."""
    return dict(db.execute(_ORGANISATION, {"organisation": organisation_id}).mappings().one())


def written(db: Session, organisation_id: str, kind: str) -> bytes:
    """The whole export as a file of `kind` (a key of FORMATS)."""
    return {"csv": _csv, "xlsx": _xlsx, "json": _json}[kind](db, organisation_id)


# --- tables


def headings() -> list[str]:
    """The headings of the table of listings: one for each field that an import can fill, then the terms."""
    return [target.names[0].capitalize() for target in TARGETS.values()] + ["State", *_TERM_HEADINGS]


def cells(each: Exported) -> list[str]:
    """A listing as one row below `headings`, safe to open in any program."""
    return [disarmed(text) for text in [*(_cell(key, each) for key in TARGETS), each.row["state"], *_terms(each.terms)]]


def _cell(key: str, each: Exported) -> str:
    row = each.row
    match key:
        case "known_id":
            return str(row["id"])
        case "ip_numbers":
            return several([number for number in map(_number, each.rights) if number])
        case "ipc":
            return several(list(dict.fromkeys(symbol for right in each.rights for symbol in right["ipc"])))
        case "filed_on":
            return _text(next((right["filed_on"] for right in each.rights if right["filed_on"]), None))
        case "inventors":
            return several(each.inventors)
        case "keywords":
            return several(row["keywords"])
        case "sector":
            return words.sector_label(row["sector"]) or row["category"]
        case "offers" | "licences":
            labels = words.OFFERS if key == "offers" else words.LICENCES
            return several([labels.get(each, each) for each in row[key]])
        case "price":
            return _price(row)
    return _text(row[key])


def _number(right: dict[str, Any]) -> str:
    return IpNumber(right["office"], right["number"], right["kind_code"]).text if right["number"] else ""


def _price(row: dict[str, Any]) -> str:
    if row["price_low"] is None or not row["currency"]:
        return "free" if row["price_kind"] == "free" else "on request"
    low = Money(row["price_low"], row["currency"]).plain
    return f"{low} - {Money(row['price_high'], row['currency']).plain}" if row["price_high"] else low


def _terms(terms: dict[str, Any] | None) -> list[str]:
    if terms is None:
        return [""] * len(_TERM_HEADINGS)
    upfront = terms["upfront"]
    return [
        terms["grant_kind"],
        terms["field_of_use"],
        several(terms["territory"]),
        _text(terms["term_years"]),
        f"{Money(upfront, terms['currency']).plain} {terms['currency']}" if upfront is not None else "",
        _text(terms["royalty_rate"]),
    ]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _csv(db: Session, organisation_id: str) -> bytes:
    """The listings with terms, UTF-8 with a mark, so that spreadsheets read the letters rightly."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(headings())
    writer.writerows(cells(each) for each in listings(db, organisation_id))
    return out.getvalue().encode("utf-8-sig")


def _right_rows(each: Exported) -> Iterator[list[str]]:
    for right in each.rights:
        head = [each.row["id"], right["kind"], right["status"], _number(right), right["family"], right["title"]]
        days = [_text(right[name]) for name in ("filed_on", "granted_on", "expires_on")]
        for country in right["countries"] or [{}]:
            names = ("country", "status", "since", "source", "stated_on")
            yield [*head, *days, *(_text(country.get(name)) for name in names)]


def _xlsx(db: Session, organisation_id: str) -> bytes:
    """Three sheets: listings, their rights by country, the organisation. Texts stay texts."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    )
    sheet, rights = book.add_worksheet("Listings"), book.add_worksheet("Rights")
    sheet.write_row(0, 0, headings())
    rights.write_row(0, 0, _RIGHT_HEADINGS)
    line = 0
    for number, each in enumerate(listings(db, organisation_id), start=1):
        sheet.write_row(number, 0, [text[:32_767] for text in cells(each)])
        for row in _right_rows(each):
            line += 1
            rights.write_row(line, 0, [disarmed(text) for text in row])
    about = book.add_worksheet("Organisation")
    for number, (name, value) in enumerate(organisation(db, organisation_id).items()):
        about.write_row(number, 0, [name, disarmed(_text(value))])
    book.close()
    return out.getvalue()


# --- JSON


def _json(db: Session, organisation_id: str) -> bytes:
    """Everything as it is kept: organisation, and listings with the import's names, rights by country and terms."""
    found = {
        "organisation": organisation(db, organisation_id),
        "listings": [_object(each) for each in listings(db, organisation_id)],
    }
    return json.dumps(found, ensure_ascii=False, indent=1, default=_text).encode()


def _object(each: Exported) -> dict[str, Any]:
    told: dict[str, Any] = {key: _cell(key, each) for key in TARGETS}
    told |= {"keywords": each.row["keywords"], "inventors": each.inventors, "price_kind": each.row["price_kind"]}
    told |= {target.names[0].replace(" ", "_"): told.pop(key) for key, target in TARGETS.items()}
    rest = {
        name: value for name, value in each.row.items() if name not in told and name not in _LEFT_OUT and name != "id"
    }
    return told | rest | {"rights": each.rights, "terms": each.terms}
