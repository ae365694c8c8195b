"""Numbers of patents and applications: how people write them, how we keep them."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class IpNumber:
    """A publication: two-letter office (WIPO ST.3), digits, kind code (WIPO ST.16, may be empty)."""

    office: str
    number: str
    kind: str = ""

    @property
    def text(self) -> str:
        """The number in one spelling, such as `US10514454B1`."""
        return f"{self.office}{self.number}{self.kind}"

    @property
    def is_application(self) -> bool:
        """Whether the kind code says that this is a published application; offices write A1, A2 for it."""
        return self.office == "WO" or (self.kind.startswith("A") and self.kind != "A")

    @property
    def is_grant(self) -> bool:
        """Whether the kind code says that a patent was granted; old US patents carry a plain A."""
        return self.kind[:1] in ("B", "C", "E") or (self.office == "US" and self.kind == "A")


_PUBLICATION = re.compile(r"([A-Z]{2})((?:\d{4}/)?\d{2,13})([A-Z]\d?)?")
_PCT = re.compile(r"PCT/?([A-Z]{2})(\d{4})/?(\d{5,6})")
_PIECES = re.compile(r"\s*(?:[;|\n]|,(?!\d{3}(?!\d))|\band\b|&)\s*")


def parse_number(text: str, default_office: str = "") -> IpNumber | None:
    """Read one number such as `US 10,514,454 B1`, `EP.1000000.A1`, `WO 2020/123456 A1`; None when it is none.

    `default_office` stands in where the text has digits alone.
    """
    folded = re.sub(r"[\s,.'’_-]+", "", text.upper().replace("PATENT", "").replace("NO.", ""))
    pct = _PCT.fullmatch(folded)
    if pct:
        return IpNumber("WO", f"PCT{pct.group(1)}{pct.group(2)}{pct.group(3).zfill(6)}")
    if folded[:1].isdigit() and default_office:
        folded = default_office + folded
    match = _PUBLICATION.fullmatch(folded)
    if match is None:
        return None
    return IpNumber(match.group(1), match.group(2).replace("/", ""), match.group(3) or "")


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
    if number.is_grant:
        return "patent", "granted"
    if number.is_application:
        return "application", "pending"
    return "patent", "unknown"
