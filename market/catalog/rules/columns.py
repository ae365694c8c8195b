"""Which column of a table means what: suggestions from the headings, and listings from the cells."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from hashlib import sha256

from market.catalog.rules.cells import armed
from market.catalog.rules.days import month_first, parse_day
from market.catalog.rules.imported import (
    REFUSED,
    ImportedListing,
    ParsedRow,
    Problem,
    SourceTable,
    merge_duplicates,
    summarised,
)
from market.catalog.rules.ip import IpNumber, parse_numbers
from market.catalog.rules.nasa import web_address
from market.catalog.rules.price import parse_price
from market.catalog.rules.technology_fields import SECTORS, technology_field, technology_fields
from market.catalog.rules.text import looks_garbled, mend, one_line, slug, tidy
from market.catalog.rules.vocabulary import LICENCES, OFFERS, sector_of
from market.kit.i18n import _


@dataclass(frozen=True)
class Target:
    """A field that a column can fill, its label, and the headings under which others keep it (folded, joined by bars)."""

    key: str
    label: str
    headings: str
    long: bool = False

    @property
    def names(self) -> list[str]:
        """The known headings, the likeliest first."""
        return self.headings.split("|")


TARGETS: dict[str, Target] = {
    target.key: target
    for target in (
        Target("title", _("Title"), "title|name|technology|technology title|titel|titre|titolo|titulo"),
        Target(
            "reference",
            _("Your reference"),
            "reference|ref|reference number|id|tech id|technology id|technology number|case id|case number|docket number"
            "|case|source id|referenz|aktenzeichen|reference interne|referencia",
        ),
        Target(
            "summary",
            _("One-sentence summary"),
            "summary|short description|subtitle|meta description|tagline|kurzbeschreibung|resume|resumen",
            True,
        ),
        Target(
            "description",
            _("Description"),
            "description|abstract|full description|overview|text|details|beschreibung|descrizione|descripcion|descricao",
            True,
        ),
        Target("problem", _("Problem"), "problem|technical problem|background|need|challenge|problemstellung", True),
        Target(
            "advantages",
            _("Advantages"),
            "advantages|advantage|benefits|benefit|key points|vorteile|avantages|vantaggi|ventajas",
            True,
        ),
        Target("comparison", _("Comparison"), "comparison|state of the art|competition|alternatives", True),
        Target(
            "applications",
            _("Applications"),
            "applications|application|market application|market applications|uses|anwendungen|applicazioni",
            True,
        ),
        Target(
            "sector",
            _("Sector"),
            "sector|category|categories|industry|technology area|technology areas|field|branche|secteur|settore",
        ),
        Target("keywords", _("Keywords"), "keywords|keyword|tags|flintbox tags|detail keywords|schlagworte"),
        Target(
            "inventors",
            _("Inventors"),
            "inventors|inventor|researchers|researcher|investigators|author|authors|erfinder|inventeurs",
        ),
        Target("trl", _("Readiness level (TRL)"), "trl|technology readiness level|readiness level|readiness"),
        Target("stage", _("Stage in words"), "stage|development stage|stage of development|status|entwicklungsstand"),
        Target(
            "ip_numbers",
            _("Patent numbers"),
            "ip numbers|patent number|patent numbers|patents|patent|ip number|publication number|linked patent numbers"
            "|patentnummer|brevets",
        ),
        Target("ipc", _("Classes (IPC)"), "ipc|ipc classes|ipcr|international classification|classification"),
        Target("filed_on", _("Filed on"), "filed on|filing date|filed|application date|anmeldetag|date de depot"),
        Target("offers", _("What is offered"), "offer|offers|offered|collaboration|desired partnerships|angebot"),
        Target("licences", _("Kinds of licence"), "licence|license|licences|licence type|license type|exclusivity"),
        Target("price", _("Price"), "price|license price|licence price|fee|upfront fee|preis|prix"),
        Target("currency", _("Currency"), "currency|wahrung|devise|moneda"),
        Target("country", _("Country"), "country|land|pays|paese|pais"),
        Target(
            "department",
            _("Department"),
            "department|departments|client departments|centre|center|institute|campus|faculty|org name",
        ),
        Target(
            "source_url",
            _("Web address"),
            "source url|url|web address|link|source link|listing url|source page|website",
        ),
        Target("picture_url", _("Address of a picture"), "picture url|image|image url|picture|picture url|photo|bild"),
        Target("known_id", _("Number on Ponte"), "ponte id|number on ponte"),
    )
}

Mapping_ = Mapping[str, str]
"""Target key -> heading of the column."""


def fold(text: str) -> str:
    """A heading for comparing: ASCII, lower case, words apart by one space."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join(re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", ascii_text).lower()))


def _likeness(heading: str, target: Target) -> float:
    folded = fold(heading)
    if not folded:
        return 0.0
    if folded in target.names:
        return 2.0 - target.names.index(folded) / 100
    return max(SequenceMatcher(None, folded, name).ratio() for name in target.names)


def suggest(header: Sequence[str]) -> dict[str, str]:
    """Suggest a column for each target: the best likeness first, each column once, nothing below 0.85."""
    scored = sorted(
        ((_likeness(heading, target), -position, heading, target.key)
         for position, heading in enumerate(header) for target in TARGETS.values()),
        reverse=True,
    )  # fmt: skip
    mapping: dict[str, str] = {}
    for likeness, _position, heading, key in scored:
        if likeness >= 0.85 and key not in mapping and heading not in mapping.values():
            mapping[key] = heading
    return mapping


def signature(header: Sequence[str]) -> str:
    """The same for files with the same headings, in whatever order: under it a mapping is remembered."""
    return sha256("\x1f".join(sorted(fold(heading) or heading for heading in header)).encode()).hexdigest()


def interpret(table: SourceTable, mapping: Mapping_, *, country: str = "", currency: str = "EUR") -> list[ParsedRow]:
    """Turn the rows of a table into listings; rows with the same reference become one listing."""
    columns = {
        key: table.header.index(heading)
        for key, heading in mapping.items()
        if key in TARGETS and heading in table.header
    }
    filed = columns.get("filed_on")
    days = (cells[filed] for _line, cells in table.rows if filed is not None and filed < len(cells))
    swapped = month_first(days)
    rows = (
        _Reader(number, cells, columns, len(table.header), swapped).row(country, currency)
        for number, cells in table.rows
    )
    return merge_duplicates(rows)


class _Reader:
    """Reads one row, collecting its problems."""

    def __init__(
        self, number: int, cells: Sequence[str], columns: Mapping[str, int], width: int, month_comes_first: bool | None
    ) -> None:
        self.number, self.cells, self.columns, self.width = number, cells, columns, width
        self.month_comes_first = month_comes_first
        self.problems: list[Problem] = []

    def warn(self, field: str, code: str, message: str, **params: object) -> None:
        self.problems.append(Problem(self.number, field, code, message, params))

    def refuse(self, field: str, code: str, message: str, **params: object) -> ParsedRow:
        told = Problem(self.number, field, code, message, params, REFUSED)
        return ParsedRow(self.number, None, (*self.problems, told), title=one_line(self.raw("title"))[:300])

    def raw(self, key: str) -> str:
        position = self.columns.get(key)
        return armed(self.cells[position]) if position is not None and position < len(self.cells) else ""

    def text(self, key: str) -> str:
        """The cell as plain text; wrongly decoded letters are mended where that is certain, else pointed out."""
        target = TARGETS[key]
        text = tidy(self.raw(key)) if target.long else one_line(self.raw(key))
        if not looks_garbled(text):
            return text
        mended = mend(text)
        if mended is None or looks_garbled(mended):
            self.warn(
                key,
                "garbled",
                _("Some characters in “{column}” were read wrongly before they came here."),
                column=target.label,
            )
            return text
        self.warn(
            key, "mended", _("Wrong characters in “{column}” were mended. Please check them."), column=target.label
        )
        return mended

    def several(self, key: str) -> tuple[str, ...]:
        """A cell with several values: separated by semicolons, bars or lines, or else by commas."""
        text = tidy(self.raw(key)).strip("[]")
        pieces = re.split(r"[;|\n]", text)
        if len(pieces) == 1:
            pieces = text.split(",")
        return tuple(dict.fromkeys(piece.strip(" \"'-") for piece in pieces if piece.strip(" \"'-")))

    def row(self, country: str, currency: str) -> ParsedRow:
        if any(cell.strip() for cell in self.cells[self.width :]):
            return self.refuse(
                "",
                "too_many_cells",
                _("This row has more cells than there are headings. Is a separator inside a text?"),
            )
        title = self.text("title")
        if not title:
            return self.refuse("title", "no_title", _("This row has no title."))
        reference = self.text("reference")
        numbers = self._numbers(country)
        ipc = tuple(symbol for symbol in self.several("ipc") if technology_field(symbol))[:20]
        listing = ImportedListing(
            source_id=reference.upper() or (numbers[0].text if numbers else "") or f"title:{slug(title, 80)}",
            reference=reference,
            ip_numbers=numbers,
            ipc=ipc,
            filed_on=self._day("filed_on"),
            known_id=self.raw("known_id").strip()[:40],
            title=title[:300],
            summary=self.text("summary"),
            problem=self.text("problem"),
            advantages=self.text("advantages"),
            comparison=self.text("comparison"),
            applications=self.text("applications"),
            description=self.text("description"),
            category=self.text("sector"),
            department=self.text("department"),
            stage=self.text("stage"),
            keywords=self.several("keywords")[:40],
            inventors=self.several("inventors")[:40],
            picture_url=web_address(self.raw("picture_url")),
            source_url=web_address(self.raw("source_url")),
        )
        listing = self._classified(summarised(listing), country, currency)
        self._missing(listing)
        return ParsedRow(self.number, listing, tuple(self.problems))

    def _classified(self, listing: ImportedListing, country: str, currency: str) -> ImportedListing:
        price = parse_price(self.text("price"), self.text("currency") or currency)
        if price is None:
            self.warn(
                "price",
                "unread_price",
                _("“{text}” is no price that we can read: on request."),
                text=self.text("price")[:60],
            )
        kind, low, high, money = price or ("on_request", None, None, "")
        return replace(
            listing,
            sector=self._sector(listing.category, listing.ipc),
            country=self._country(country),
            trl=self._trl(),
            offers=_known(self.several("offers"), OFFERS) or ("licence",),
            licences=_known(self.several("licences"), LICENCES),
            price_kind=kind,
            price_low=low,
            price_high=high,
            currency=money,
        )

    def _numbers(self, country: str) -> tuple[IpNumber, ...]:
        numbers, unread = parse_numbers(self.text("ip_numbers"), country)
        if unread:
            self.warn(
                "ip_numbers", "unread_number", _("“{text}” is no patent number that we can read."), text=unread[0][:60]
            )
        return tuple(numbers)

    def _day(self, key: str) -> str:
        text = self.text(key)
        day, unsure = parse_day(text, month_comes_first=self.month_comes_first)
        if text and day is None:
            self.warn(key, "unread_day", _("“{text}” is no day that we can read."), text=text[:40])
        elif unsure:
            self.warn(key, "unsure_day", _("“{text}” is read as day, month, year. Please check it."), text=text[:40])
        return day.isoformat() if day else ""

    def _sector(self, category: str, ipc: Sequence[str]) -> str:
        if not category:
            return next((SECTORS[field] for field in technology_fields(ipc)), "")
        found = next(filter(None, (sector_of(part) for part in (category, *self.several("sector")))), "")
        if category and not found:
            self.warn(
                "sector",
                "unknown_sector",
                _("“{category}” is no sector that we know. The listing stays a draft."),
                category=category[:80],
            )
        return found

    def _country(self, default: str) -> str:
        text = self.text("country")
        if len(text) == 2 and text.isalpha():
            return text.upper()
        return default

    def _trl(self) -> int | None:
        text = self.text("trl") or self.text("stage")
        match = re.search(r"(?:TRL\D{0,3})([1-9])(?!\d)", text, re.IGNORECASE) or (
            re.match(r"([1-9])(?![\d.])", self.text("trl")) if self.text("trl") else None
        )
        if match is None and self.text("trl"):
            self.warn("trl", "unread_trl", _("“{text}” is no readiness level from 1 to 9."), text=text[:40])
        return int(match.group(1)) if match else None

    def _missing(self, listing: ImportedListing) -> None:
        if not listing.description:
            self.warn("description", "no_description", _("There is no description. The listing stays a draft."))
        if not listing.category and not listing.sector:
            self.warn("sector", "no_sector", _("There is no sector. The listing stays a draft."))


def _known(values: Sequence[str], vocabulary: Mapping[str, str]) -> tuple[str, ...]:
    """The keys of a vocabulary that a cell names, by key or label."""
    by_name = {
        fold(name).replace("license", "licence"): key for key, label in vocabulary.items() for name in (key, label)
    }
    found = (by_name.get(fold(value).replace("license", "licence").removesuffix(" licence")) for value in values)
    return tuple(dict.fromkeys(key for key in found if key))
