"""What the catalogue needs of others: an IP office's database, addresses that files are fetched from, the search."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from market.catalog.rules.ip import IpNumber
from market.catalog.rules.legal import Member


class OfficeFault(Exception):
    """The office did not answer as it should; what we knew stays as it was. The message is for the operator's log."""


class OfficeBusy(OfficeFault):
    """The office asks us to wait `after` seconds: too many questions, or the day's share is used up."""

    def __init__(self, after: float, reason: str = "") -> None:
        self.after = after
        super().__init__(reason or f"asked to wait {after:.0f} s")


class NoSuchRight(OfficeFault):
    """The office does not know this number."""


@dataclass(frozen=True)
class RightFacts:
    """What an office's database says of one right. `family` is the INPADOC family, `members` its publications."""

    number: IpNumber
    family: str = ""
    title: str = ""
    filed_on: date | None = None
    priority_on: date | None = None
    granted_on: date | None = None
    ipc: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()


class PatentOffice(Protocol):
    """A database of patents with families and legal events."""

    name: str
    """How pages name the source."""

    available: bool
    """Whether it can be asked at all: without a key it cannot."""

    def facts(self, number: IpNumber) -> RightFacts:
        """Ask for one publication; raises NoSuchRight, OfficeBusy, OfficeFault."""
        ...


class FetchFault(Exception):
    """A file could not be fetched; `sentence` (a msgid) and `params` say why, for the people of the institution."""

    def __init__(self, code: str, sentence: str, params: Mapping[str, object] | None = None) -> None:
        self.code, self.sentence, self.params = code, sentence, dict(params or {})
        super().__init__(code)


@dataclass(frozen=True)
class Fetched:
    """A file from an address; `data` is None where the server says that nothing has changed since `etag` or `modified`."""

    name: str
    data: bytes | None
    etag: str = ""
    modified: str = ""


class Fetcher(Protocol):
    """Fetches files from addresses that people write down, from public addresses only, within limits."""

    def fetch(self, address: str, *, etag: str = "", modified: str = "") -> Fetched:
        """Fetch a file; raises FetchFault."""
        ...


class Neighbours(Protocol):
    """Knows which listings are close to another; the search does."""

    def near(self, technology_id: str, limit: int) -> Sequence[str] | None:
        """Ids of the closest visible listings, the closest first; None when nobody can tell at this moment."""
        ...
