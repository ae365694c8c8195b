"""The outside things that deals need: a typesetter, who seals documents, and who marks pages with their reader's name."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol


class Typesetter(Protocol):
    """Makes a PDF of a document's data. The same data gives the same bytes, on every machine and at any time."""

    def typeset(self, template: str, data: dict[str, Any], *, dated: date) -> bytes:
        """Set `data` (JSON) with the template of that name, such as `licence-1`; raises when it cannot.

        `dated` is the document's date; no clock is read.
        """


class SealState(StrEnum):
    """What a look at the seal of a file shows."""

    WHOLE = "whole"  # the seal is ours, and covers every byte
    CHANGED = "changed"  # there is a seal, and the bytes it covers are others
    ADDED = "added"  # the sealed part is whole, but something was added behind it
    FOREIGN = "foreign"  # whole, but sealed by somebody else
    NONE = "none"  # no seal
    UNREADABLE = "unreadable"  # no PDF, or a broken or hostile one


@dataclass(frozen=True)
class SealFound:
    """What the seal says: its state, who sealed (the certificate's name) and when (UTC)."""

    state: SealState
    by: str = ""
    at: datetime | None = None


class Sealer(Protocol):
    """Puts an electronic seal on a PDF (PAdES, ETSI EN 319 142) and checks one."""

    def seal(self, pdf: bytes, sheet: bytes, *, reason: str) -> bytes:
        """Add the pages of `sheet` behind `pdf` and seal the whole.

        The answer begins with the bytes of `pdf`, unchanged: what was signed by hash can still be taken out of it.
        """

    def check(self, pdf: bytes) -> SealFound:
        """Look at the seal of a file that anybody may have brought; never raises for what the file holds."""


@dataclass(frozen=True)
class Mark:
    """What is written over a page: `across` it three times, and as a line at its foot."""

    across: str
    line: str


class Watermarker(Protocol):
    """Opens files that people bring and marks their pages. It trusts no file: it works apart, with limits."""

    def pages(self, data: bytes, content_type: str) -> int:
        """How many pages a PDF, PNG or JPEG has; 0 for what cannot be opened, is locked, or cannot be drawn."""

    def stamp(self, data: bytes, content_type: str, mark: Mark, *, pages: int, only: int | None = None) -> bytes:
        """The whole file as a PDF, or `only` one page as a PNG, with the mark; raises NotFound when it cannot be drawn."""
