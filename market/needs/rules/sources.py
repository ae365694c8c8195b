"""Needs out of others' tables: SBIR topics, prize challenges, or a CSV of one's own. Every row becomes a need, or is
refused with a reason; what could not be read is said."""

import csv
import gzip
import hashlib
import io
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from market.catalog.rules import vocabulary as catalogue
from market.catalog.rules.imported import REFUSED, Problem
from market.catalog.rules.text import looks_garbled, mend, one_line, shorten, tidy
from market.kit.errors import Refusal, Refused
from market.kit.i18n import _
from market.needs.rules.dates import is_nothing, read_day
from market.needs.rules.posting import LONGEST_TEXT
from market.needs.rules.vocabulary import BUDGETS, STAGES, budget_of

SOURCES = ("sbir", "challenges", "csv")
MAX_BYTES = 64 * 1024 * 1024
MAX_ROWS = 50_000
EXCEL_CELL = 32_767
SHORTEST = 40

_MUST: dict[str, frozenset[str]] = {
    "sbir": frozenset({"id", "title", "description", "close_date"}),
    "challenges": frozenset({"id", "title", "description", "submission_end"}),
    "csv": frozenset({"title", "text"}),
}
_LIQUID = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->|&lt;!--.*?--&gt;", re.DOTALL)
_STYLE = re.compile(r"<(style|script|xml)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_CSS = re.compile(
    r"(?m)^\s*(?:[.@#/][\w .,@/*-]+|[\w-]+\s*:\s*[^;\n{}]+;)\s*\{[^}]*\}\s*$|\{mso-[^}]*\}|\bmso-[\w-]+:[^;\"]*;?"
)
_NONE = frozenset(("none", "null", "nan", "n/a", "[]"))
_LABEL = re.compile(r"^\s*(?:TECHNOLOGY AREA\(S\)|OBJECTIVE|DESCRIPTION)\s*:\s*", re.IGNORECASE)


@dataclass(frozen=True)
class ImportedNeed:
    """A need as a source tells it; texts are plain, unknown things are empty."""

    source_id: str
    title: str
    text: str
    sector: str | None = None
    cluster: str = ""
    country: str = ""
    region: str = ""
    stage: str = "any"
    kinds: tuple[str, ...] = ("licence",)
    budget: str = "open"
    currency: str = ""
    deadline: date | None = None
    on_behalf_of: str = ""
    source_url: str = ""

    @property
    def digest(self) -> str:
        """A mark of all that the source says; where it is the same, nothing has changed there."""
        plain = json.dumps(asdict(self), sort_keys=True, default=str)
        return hashlib.sha256(plain.encode()).hexdigest()


@dataclass(frozen=True)
class Row:
    """A row of the file: its number as a spreadsheet counts, the need in it or None, what there is to say of it."""

    number: int
    need: ImportedNeed | None
    problems: tuple[Problem, ...] = ()
    duplicate_of: int | None = None


# --- from bytes to rows


def read(source: str, data: bytes) -> list[Row]:
    """The rows of a file (packed by gzip or not); raises Refused with a reason for one that is no such file."""
    return _each_once([_Reader(source, number, cells).row() for number, cells in _table(source, data)])


def _each_once(rows: list[Row]) -> list[Row]:
    """Mark rows whose id stood in an earlier one; and of those with the same title and text all but the one that is
    open longest: sources publish a call again and again."""
    by_id: dict[str, Row] = {}
    by_text: dict[str, Row] = {}
    for row in rows:
        if row.need is not None and by_id.setdefault(row.need.source_id, row) is row:
            mark = _mark(row.need)
            best = by_text.setdefault(mark, row)
            if _lasts(row) > _lasts(best):
                by_text[mark] = row
    return [_marked(row, by_id, by_text) for row in rows]


def _marked(row: Row, by_id: dict[str, Row], by_text: dict[str, Row]) -> Row:
    if row.need is None:
        return row
    kept = by_id[row.need.source_id]
    if kept is row:
        kept = by_text[_mark(row.need)]
    if kept is row:
        return row
    told = Problem(row.number, "", "duplicate", _("The same as row {other}; taken once."), {"other": kept.number})
    return replace(row, problems=(*row.problems, told), duplicate_of=kept.number)


def _mark(need: ImportedNeed) -> str:
    said = " ".join((need.title, need.text)).casefold()
    return hashlib.sha256(" ".join(said.split()).encode()).hexdigest()


def _lasts(row: Row) -> date:
    """How long the need of a row is open; without a deadline for ever."""
    return (row.need.deadline if row.need else None) or date.max


def _table(source: str, data: bytes) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Number and cells of each row, by heading."""
    text = _decoded(_unpacked(data))
    csv.field_size_limit(1024 * 1024)
    lines = csv.reader(io.StringIO(text, newline=""), strict=False)
    try:
        header = [heading.strip().casefold() for heading in next(lines, [])]
        missing = sorted(_MUST[source] - set(header))
        if missing:
            raise _broken("headings", _("This file lacks the columns {columns}."), columns=", ".join(missing))
        for number, cells in enumerate(lines, start=2):
            if number > MAX_ROWS + 1:
                raise _broken("too_many_rows", _("This file has more than {limit} rows."), limit=MAX_ROWS)
            if any(cell.strip() for cell in cells):
                yield number, _named(header, cells)
    except csv.Error as error:
        raise _broken(
            "damaged", _("Line {line} cannot be read: {reason}."), line=lines.line_num, reason=str(error)
        ) from error


def _named(header: list[str], cells: list[str]) -> dict[str, str]:
    """Cells by heading; "+" holds what stands beyond the last heading."""
    named = dict(zip(header, cells, strict=False))
    return named | {"+": "".join(cells[len(header) :])}


def _unpacked(data: bytes) -> bytes:
    if data[:2] != b"\x1f\x8b":
        if len(data) > MAX_BYTES:
            raise _broken("too_large", _("This file is too large. Please split it."))
        return data
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            plain = packed.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise _broken("damaged", _("This packed file is damaged or cut off.")) from error
    if len(plain) > MAX_BYTES:
        raise _broken("too_large", _("This file is too large. Please split it."))
    return plain


def _decoded(data: bytes) -> str:
    if b"\x00" in data[:4096]:
        raise _broken("no_text", _("This is no text file. Save it as CSV in UTF-8."))
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _broken(code: str, message: str, **params: Any) -> Refused:
    return Refused(Refusal(code, message, None, params))


# --- from a row to a need


class _Reader:
    """Reads one row, collecting what there is to say of it."""

    def __init__(self, source: str, number: int, cells: Mapping[str, str]) -> None:
        self.source, self.number, self.cells = source, number, cells
        self.problems: list[Problem] = []

    def say(self, field: str, code: str, message: str, **params: object) -> None:
        self.problems.append(Problem(self.number, field, code, message, params))

    def refuse(self, field: str, code: str, message: str) -> Row:
        return Row(self.number, None, (*self.problems, Problem(self.number, field, code, message, {}, REFUSED)))

    def raw(self, *names: str) -> str:
        """The first cell of these that says something."""
        for name in names:
            cell = self.cells.get(name, "").strip()
            if cell and cell.casefold() not in _NONE:
                return cell
        return ""

    def plain(self, *names: str) -> str:
        """A cell as plain text, without the leftovers of Word and of page templates."""
        raw = self.raw(*names)
        if len(raw) >= EXCEL_CELL:
            self.say(names[0], "cut_off", _("This text was cut off before it came here: it ends at 32,767 characters."))
        text = _COMMENT.sub(" ", _STYLE.sub(" ", raw))
        if _LIQUID.search(text):
            text = _LIQUID.sub("", text)
            self.say(
                names[0], "leftovers", _("Leftovers of a page template were taken out of “{column}”."), column=names[0]
            )
        text = tidy(_CSS.sub(" ", tidy(text)))
        mended = mend(text) if looks_garbled(text) else None
        if mended and not looks_garbled(mended):
            self.say(
                names[0], "mended", _("Wrong characters in “{column}” were mended. Please check them."), column=names[0]
            )
            return mended
        return text

    def row(self) -> Row:
        if self.cells.get("+", "").strip():
            return self.refuse("", "too_many_cells", _("This row has more cells than there are headings."))
        title = shorten(one_line(self.plain("title")), 160)
        if len(title) < 3:
            return self.refuse("title", "no_title", _("This row has no title."))
        need = {"sbir": self._topic, "challenges": self._challenge, "csv": self._own}[self.source](title)
        if len(need.text) < SHORTEST:
            return self.refuse("description", "no_description", _("This row does not say what is needed."))
        if len(need.text) > LONGEST_TEXT:
            self.say(
                "description",
                "shortened",
                _("The text is longer than {n} characters; its end is cut."),
                n=LONGEST_TEXT,
            )
            need = replace(need, text=shorten(need.text, LONGEST_TEXT))
        if need.sector is None:
            self.say("sector", "no_sector", _("We found no sector for this need."))
        return Row(self.number, need, tuple(self.problems))

    def deadline(self, name: str) -> date | None:
        text = self.raw(name)
        day = read_day(text)
        if day is None and not is_nothing(text):
            self.say(name, "unread_day", _("“{text}” is no day that we can read: no deadline."), text=text[:40])
        return day

    def identity(self, title: str) -> str:
        """The source's own number of the need, else a mark of its title."""
        return self.raw("id")[:80] or f"title:{hashlib.sha256(title.casefold().encode()).hexdigest()[:24]}"

    def address(self, name: str) -> str:
        text = self.raw(name)
        return text[:500] if re.match(r"https?://\S+$", text) else ""

    def _topic(self, title: str) -> ImportedNeed:
        """An SBIR or STTR topic: an agency pays small companies to develop something."""
        objective = one_line(_LABEL.sub("", self.plain("objective")))
        description = self.plain("description")
        text = description if not objective or objective[:80] in description else f"{objective}\n\n{description}"
        areas, keywords = self.plain("technology_areas"), self.plain("keywords")
        phase = self.raw("phase").casefold()
        return ImportedNeed(
            source_id=self.identity(title),
            title=title,
            text=text,
            sector=_sector(areas, keywords, title),
            cluster=shorten(one_line(areas), 120),
            country="US",
            stage="prototype" if "phase ii" in phase and "phase i," not in phase else "idea",
            kinds=("contract_research", "joint_research"),
            deadline=self.deadline("close_date"),
            on_behalf_of=shorten(self._agency("agency", "branch"), 200),
            source_url=self.address("url"),
        )

    def _challenge(self, title: str) -> ImportedNeed:
        """A prize challenge; many say no more than their one-line description."""
        text, tagline = self.plain("description"), self.plain("tagline")
        if not text:
            text = tagline
            self.say(
                "description", "tagline_only", _("There is no description; the one-line summary stands in for it.")
            )
        elif tagline and tagline[:60] not in text:
            text = f"{tagline}\n\n{text}"
        kinds = re.sub(r"[\[\]'\"]", "", self.raw("type"))
        amount = _amount(self.raw("prize_usd", "prize_raw"))
        if amount is None and self.raw("prize_usd", "prize_raw"):
            self.say(
                "prize_usd",
                "unread_prize",
                _("“{text}” is no amount that we can read."),
                text=self.raw("prize_raw")[:40],
            )
        return ImportedNeed(
            source_id=self.identity(title),
            title=title,
            text=text,
            sector=_sector(title, tagline, kinds),
            cluster=shorten(one_line(kinds.replace(";", ",")), 120),
            country="US",
            kinds=("joint_research", "contract_research"),
            budget=budget_of(amount),
            currency="USD" if amount else "",
            deadline=self.deadline("submission_end"),
            on_behalf_of=shorten(self._agency("agency"), 200),
            source_url=self.address("url"),
        )

    def _own(self, title: str) -> ImportedNeed:
        """A row of one's own: title, text, and any of sector, cluster, country, region, stage, kinds, budget, currency,
        deadline, url."""
        kinds = tuple(each for each in re.split(r"[;,|\s]+", self.raw("kinds").casefold()) if each)
        unknown = [each for each in kinds if each not in catalogue.OFFERS]
        if unknown:
            self.say(
                "kinds", "unknown_kind", _("“{kind}” is no way of working together that we know."), kind=unknown[0][:40]
            )
        country = self.raw("country").upper()
        if country and country not in catalogue.countries():
            self.say("country", "unknown_country", _("“{given}” is no country code, such as IT."), given=country[:20])
            country = ""
        stage, budget = self.raw("stage").casefold() or "any", self.raw("budget").casefold() or "open"
        currency = self.raw("currency").upper()
        return ImportedNeed(
            source_id=self.identity(title),
            title=title,
            text=self.plain("text"),
            sector=_sector(self.raw("sector")),
            cluster=shorten(one_line(self.plain("cluster")), 120),
            country=country,
            region=shorten(one_line(self.plain("region")), 120),
            stage=stage if stage in STAGES else "any",
            kinds=tuple(each for each in kinds if each in catalogue.OFFERS) or ("licence",),
            budget=budget if budget in BUDGETS else budget_of(_amount(budget)),
            currency=currency if currency in catalogue.CURRENCIES else "",
            deadline=self.deadline("deadline"),
            source_url=self.address("url"),
        )

    def _agency(self, *names: str) -> str:
        """Who asks, each named once: some sources repeat the agency after its branch."""
        parts = [part.strip() for name in names for part in one_line(self.raw(name)).split(",")]
        return ", ".join(dict.fromkeys(part for part in parts if part))


def _sector(*texts: str) -> str | None:
    """The sector of the first text that names one."""
    return next((found for text in texts if text and (found := catalogue.sector_of(one_line(text)))), None)


def _amount(text: str) -> float | None:
    """An amount of money without its currency: `$425,000`, `Up to $20,000`, `1,000,000.00`."""
    found = re.search(r"\d[\d,]*(?:\.\d+)?", text)
    return float(found.group().replace(",", "")) if found else None
