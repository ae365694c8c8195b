"""What the sample world is made of, read from `data/`: who there is, what they list, what happened between them.

Everything is fictional. Numbers of patents lie beyond what the offices have given out, addresses end in `.example`.
"""

import json
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class SamplePerson:
    """Somebody whom a visitor may play; `organisation` is the key of theirs, empty for operators."""

    name: str
    email: str
    roles: frozenset[str]
    organisation: str = ""

    @property
    def is_operator(self) -> bool:
        """Whether the person runs the marketplace."""
        return not self.organisation


@dataclass(frozen=True)
class SampleOrganisation:
    """An organisation with its people, owner first. `currency` is the one in which an institution names its prices."""

    key: str
    kind: str
    name: str
    city: str
    country: str
    timezone: str
    about: str
    registration: str
    people: tuple[SamplePerson, ...]
    currency: str = "EUR"
    answers_in_days: int = 3

    @property
    def website(self) -> str:
        """An address that nobody can own."""
        return f"https://{self.key}.example"

    def person(self, role: str) -> SamplePerson:
        """The first person with `role`, else the owner."""
        return next((each for each in self.people if role in each.roles), self.people[0])

    @property
    def second_approver(self) -> bool:
        """Whether agreed terms ask for a second person: where somebody has nothing else to do."""
        return any(each.roles == {"approver"} for each in self.people)


@dataclass(frozen=True)
class SampleRight:
    """An IP right as the form takes it; dates in ISO 8601 or empty."""

    kind: str
    number: str = ""
    title: str = ""
    filed_on: str = ""
    expires_on: str = ""


@dataclass(frozen=True)
class SampleListing:
    """A technology as it is written in `data/listings/<institution>.json`."""

    organisation: str
    key: str
    facts: dict[str, Any]

    @property
    def title(self) -> str:
        """The listing's title."""
        return str(self.facts["title"])

    @property
    def price(self) -> tuple[str, str, str]:
        """Kind, lowest and highest amount in major units, as typed."""
        price = self.facts.get("price", "on_request")
        if isinstance(price, str):
            return price, "", ""
        kind, low, *high = price
        return kind, str(low), str(high[0]) if high else ""

    @property
    def rights(self) -> list[SampleRight]:
        """The IP rights behind it."""
        return [read_right(text) for text in self.facts.get("rights", [])]

    def text(self, name: str) -> str:
        """A text field: paragraphs are parted by empty lines, points stand on lines of their own."""
        value = self.facts.get(name, "")
        if isinstance(value, str):
            return value
        return "\n\n".join(value) if name == "description" else "\n".join(f"• {point}" for point in value)


_NUMBERED = re.compile(r"(?P<number>[A-Z]{2} [\d/]+ [A-Z]\d?), (?P<filed>\d{4}-\d\d-\d\d)")
_WORDED = {
    "know-how": "know_how",
    "software": "software",
    "design": "design",
    "plant variety": "plant_variety",
    "material": "material",
}


def read_right(text: str) -> SampleRight:
    """Read `EP 9901101 B1, 2019-05-14` (number, day of filing) or `know-how: firing curves`; ValueError for others."""
    numbered = _NUMBERED.fullmatch(text)
    if numbered:
        number, filed = numbered["number"], numbered["filed"]
        granted = not number.rsplit(" ", 1)[1].startswith("A")
        expires = f"{int(filed[:4]) + 20}{filed[4:]}" if filed[4:] != "-02-29" else ""
        return SampleRight("patent" if granted else "application", number, "", filed, expires if granted else "")
    kind, _colon, title = text.partition(": ")
    if kind not in _WORDED or not title:
        raise ValueError(f"not a right: {text!r}")
    return SampleRight(_WORDED[kind], title=title)


def address(name: str, domain: str) -> str:
    """A mail address made of a name: `Dr Outi Särkilahti` at `suvilampi` is `outi.sarkilahti@suvilampi.example`."""
    plain = name.replace("ł", "l").replace("Ł", "L").replace("ø", "o").replace("Ø", "O").replace("ı", "i")
    plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode().lower()
    words = [word for word in re.sub(r"[^a-z -]", "", plain).split() if word not in ("dr", "prof")]
    return f"{'.'.join(words)}@{domain}.example"


def _read(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


@cache
def organisations() -> tuple[SampleOrganisation, ...]:
    """Everybody: institutions first, then companies, then those who help."""
    return tuple(_organisation(each) for each in _read("organisations.json"))


def _organisation(facts: dict[str, Any]) -> SampleOrganisation:
    key = facts["key"]
    members = tuple(
        SamplePerson(name, address(name, key), frozenset(roles.split()), key) for name, roles in facts["people"]
    )
    return SampleOrganisation(**{**facts, "people": members})


@cache
def operators() -> tuple[SamplePerson, ...]:
    """Those who run the marketplace."""
    return tuple(SamplePerson(name, email, frozenset()) for name, email in _read("operators.json"))


def people() -> tuple[SamplePerson, ...]:
    """Everybody whom a visitor of the sample world may play."""
    return (*operators(), *(person for each in organisations() for person in each.people))


def organisation(key: str) -> SampleOrganisation:
    """The organisation with `key`; KeyError."""
    found = next((each for each in organisations() if each.key == key), None)
    if found is None:
        raise KeyError(key)
    return found


@cache
def listings() -> tuple[SampleListing, ...]:
    """All technologies, in the order of their institutions."""
    found: list[SampleListing] = []
    for each in organisations():
        path = DATA / "listings" / f"{each.key}.json"
        if path.exists():
            found += [
                SampleListing(each.key, facts["key"], facts) for facts in json.loads(path.read_text(encoding="utf-8"))
            ]
    return tuple(found)


@cache
def stories() -> tuple[dict[str, Any], ...]:
    """What happened between companies and institutions; the fields are explained in deals.py."""
    return tuple(_read("deals.json"))


@cache
def questions() -> tuple[tuple[str, str, int, str, str, str], ...]:
    """Short enquiries that came to nothing: technology, company, days ago, question, answer, reason for the end."""
    return tuple((row[0], row[1], int(row[2]), row[3], row[4], row[5]) for row in _read("questions.json"))


@cache
def needs() -> tuple[dict[str, Any], ...]:
    """What companies look for; the fields are explained in needs.py."""
    return tuple(_read("needs.json"))
