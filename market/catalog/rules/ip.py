"""Numbers of patents and applications: how people write them, how we keep them (the EPO's docdb form)."""

import re
import unicodedata
from dataclasses import dataclass

from market.catalog.rules.offices import NORMALISERS, japanese, other

_APPLICATION_A = ("CN", "IN", "JP", "KR", "TW")
"""Offices whose plain A is a published application."""


@dataclass(frozen=True)
class IpNumber:
    """A publication: two-letter office (WIPO ST.3), number in docdb form, kind code (WIPO ST.16, may be empty)."""

    office: str
    number: str
    kind: str = ""

    @property
    def text(self) -> str:
        """The number in one spelling, such as `US10514454B1`."""
        return f"{self.office}{self.number}{self.kind}"

    @property
    def docdb(self) -> str:
        """The EPO's docdb form, such as `EP.2400812.A1`; without a kind code it ends after the number."""
        return ".".join(part for part in (self.office, self.number, self.kind) if part)

    @property
    def epodoc(self) -> str:
        """The EPO's epodoc form, such as `EP2400812.A1`; applications to the EPO and by the PCT have years of 4 digits."""
        pct = re.fullmatch(r"PCT([A-Z]{2})(\d{4})(\d{6})", self.number)
        if pct:
            return f"WO{pct.group(2)}{pct.group(1)}{pct.group(3)}"
        number = self.number
        if self.office == "EP" and len(number) == 8:
            number = f"{'19' if int(number[:2]) >= 78 else '20'}{number[:2]}0{number[2:]}"
        return f"{self.office}{number}" + (f".{self.kind}" if self.kind else "")

    @property
    def is_application(self) -> bool:
        """Whether the kind code says that this is a published application; offices write A1, A2 for it."""
        if self.office == "WO" or (self.kind.startswith("A") and self.kind != "A"):
            return True
        return self.kind == "A" and (self.office in _APPLICATION_A or (self.office == "EP" and len(self.number) == 8))

    @property
    def is_grant(self) -> bool:
        """Whether the kind code says that a patent was granted; old US patents carry a plain A."""
        if self.office == "US":
            return self.kind in ("A", "B1", "B2", "E", "E1", "P", "P2", "P3", "S", "S1", "H", "H1") or (
                self.kind[:1] in ("B", "E", "S")
            )
        return self.kind[:1] in ("B", "C", "E")


_PUBLICATION = re.compile(r"([A-Z]{2})((?:ZL)?[A-Z]{0,2}\d[\dX/]*?(?:[A-Z]{1,5}/?\d{4,})?)([A-Z]\d?)?")
_PCT = re.compile(r"PCT/?([A-Z]{2})/?(\d{4}|\d{2})/?(\d{5,6})")
_PCT_EPODOC = re.compile(r"WO(\d{4})([A-Z]{2})(\d{5,6})W?")
_PIECES = re.compile(r"\s*(?:[;|\n]|,(?!\d{3}(?!\d))|\band\b|&)\s*")
_WORDS = re.compile(r"PATENTS?|PUBLICATION|NUMBER|N[O°º]\.?(?=[\s\d])")
_INDIAN = re.compile(r"\d{1,5}/(?:DEL|MUM|CHE|KOL|MAS|CAL|BOM)")
_CHECK = re.compile(r"(?<=\d)\.(\d|X)$")


def parse_number(text: str, default_office: str = "") -> IpNumber | None:
    """Read one number such as `US 10,514,454 B1`, `EP.1000000.A1`, `WO 2020/123456 A1`; None when it is none.

    `default_office` stands in where the text has digits alone.
    """
    given = _WORDS.sub("", unicodedata.normalize("NFKC", text).upper().strip())
    if "JP" in given or default_office == "JP" or re.match(r"特|実", given):
        given = japanese(given)
        default_office = default_office or "JP"
    checked = _CHECK.search(given)
    if checked and checked.group(1) == "X" and not given.startswith(("CN", "ZL")):
        checked = None  # a kind code; only China's check digit can be an X
    check = checked.group(1) if checked else ""
    folded = re.sub(r"[\s,.'’_()\-‐‑–]+", "", given[: checked.start()] if checked else given)
    pct = _pct(folded)
    if pct is not None:
        return pct
    if folded.startswith("ZL"):
        folded = "CN" + folded
    if _INDIAN.match(folded):
        folded = "IN" + folded
    if default_office and (folded[:1].isdigit() or re.match(r"[MTSHR]\d{3}", folded)):
        folded = default_office + folded
    match = _PUBLICATION.fullmatch(folded)
    if match is None:
        return None
    office, body, kind = match.group(1), match.group(2), match.group(3) or ""
    if office == "CN" and kind == "X":
        kind, check = "", "X"
    if office not in NORMALISERS and not check and body[:1].isalpha() and len(body) > 15:
        return None
    number = NORMALISERS.get(office, other)(body.replace("/", ""), check)
    return IpNumber(office, number, kind) if number else None


def _pct(folded: str) -> IpNumber | None:
    """A PCT application: `PCT/US2020/012345`, its older form `PCT/US99/12345`, or epodoc's `WO2020US12345`."""
    written, epodoc = _PCT.fullmatch(folded.removeprefix("WO")), _PCT_EPODOC.fullmatch(folded)
    if written:
        country, year, serial = written.groups()
    elif epodoc:
        year, country, serial = epodoc.groups()
    else:
        return None
    if len(year) == 2:
        year = ("19" if int(year) >= 78 else "20") + year
    return IpNumber("WO", f"PCT{country}{year}{serial.zfill(6)}")


def parse_numbers(text: str, default_office: str = "") -> tuple[list[IpNumber], list[str]]:
    """Read a list of numbers out of one cell; gives what was understood and the pieces that were not."""
    numbers: list[IpNumber] = []
    unread: list[str] = []
    for piece in _PIECES.split(text):
        if not piece:
            continue
        number = parse_number(piece, default_office)
        if number is None:
            unread.append(piece)
        elif number not in numbers:
            numbers.append(number)
    return numbers, unread


def kind_and_status(number: IpNumber) -> tuple[str, str]:
    """The kind and status that the number alone tells; an office's register may know better."""
    if number.office == "US" and (number.kind.startswith("S") or number.number.startswith("D")):
        return "design", "granted"
    if number.is_grant:
        return "patent", "granted"
    if number.is_application or number.number.startswith("PCT"):
        return "application", "pending"
    return "patent", "unknown"
