"""As many further listings as a benchmark wants, each a function of its number alone: the same everywhere, every time.

Words come from `data/generator.json` and follow Zipf's law, as in any language: few words everywhere, many words rarely.
Rows are written in batches, past the services; what is written is what an import would have written.
"""

import itertools
import json
import random
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import func, insert, select
from sqlmodel import Session

from market.accounts.models import Membership, Organisation, Person
from market.accounts.rules import OrganisationKind, Role, slug
from market.catalog.models import IpRight, OfferedTerms, Technology, TechnologyInventor
from market.catalog.rules import vocabulary as words
from market.catalog.rules.text import slug as title_slug
from market.catalog.service.listing import TOPIC
from market.kit import cache as pages
from market.kit import clock
from market.kit.db import Database
from market.kit.ids import encode
from market.kit.passwords import UNUSABLE
from seed.stage import Tell, silent
from seed.world import DATA

SOURCE = "generated"
START = datetime(2024, 1, 2, 9, 0, tzinfo=UTC)
APART = timedelta(seconds=70)
STALE_FOR = timedelta(days=205)  # more than the six months after which a listing is stale, less than the eight
BATCH = 1000
RARE_NAMES = 20_000
CURRENCY = {"GB": "GBP", "US": "USD", "JP": "JPY", "CH": "CHF", "SE": "SEK", "DK": "DKK", "PL": "PLN", "IN": "INR"}

_T: Any = Technology.__table__  # type: ignore[attr-defined]
_TABLES: tuple[Any, ...] = (
    _T,
    IpRight.__table__,  # type: ignore[attr-defined]
    TechnologyInventor.__table__,  # type: ignore[attr-defined]
    OfferedTerms.__table__,  # type: ignore[attr-defined]
)

Values = dict[str, Any]


class Zipf:
    """Chooses from a list by Zipf's law, with Mandelbrot's correction for the first: the n-th as often as 1 / (n + 2)."""

    def __init__(self, choices: Sequence[Any]) -> None:
        self.choices = choices
        self._up_to = list(itertools.accumulate(1 / (rank + 2) for rank in range(1, len(choices) + 1)))

    def pick(self, chance: random.Random) -> Any:
        """One of the choices."""
        return self.choices[bisect_right(self._up_to, chance.random() * self._up_to[-1])]


@dataclass(frozen=True)
class Listing:
    """A generated technology: its row, and the rows that hang on it."""

    technology: Values
    rights: list[Values]
    inventors: list[Values]
    terms: Values | None


@dataclass(frozen=True)
class Institution:
    """Who lists: the rows of the organisation, its officer, and the officer's role."""

    organisation: Values
    person: Values
    membership: Values


class Vocabulary:
    """The words of the generator, ready to be drawn from."""

    def __init__(self) -> None:
        told = json.loads((DATA / "generator.json").read_text(encoding="utf-8"))
        chance = random.Random(0)
        self.lists = {name: Zipf(told[name]) for name in ("quality", "material", "method", "general")}
        self.sentences, self.problems, self.advantages = (
            Zipf(told[name]) for name in ("sentences", "problems", "advantages")
        )
        self.sectors = Zipf(chance.sample(sorted(told["sectors"]), len(told["sectors"])))
        self.things = {key: Zipf(sector["things"]) for key, sector in told["sectors"].items()}
        self.uses = {key: Zipf(sector["uses"]) for key, sector in told["sectors"].items()}
        self.people = tuple(f"{first} {last}" for last in told["last_names"] for first in told["first_names"])
        self.towns: list[tuple[str, str]] = [(town, country) for town, country in told["towns"]]
        self.institutions: list[str] = told["institutions"]
        made = {"".join(chance.choices(told["syllables"], k=chance.choice((2, 3, 3, 4)))) for _ in range(RARE_NAMES)}
        self.rare = Zipf(sorted(made, key=lambda name: (len(name), name)))


@cache
def vocabulary() -> Vocabulary:
    """The words, read once."""
    return Vocabulary()


class Writer:
    """Writes the texts of one listing: whatever it says is about the same thing, made of the same stuff."""

    def __init__(self, chance: random.Random) -> None:
        known = vocabulary()
        self.chance, self.known = chance, known
        self.sector = str(known.sectors.pick(chance))
        self.thing = str(known.things[self.sector].pick(chance))
        self.use = str(known.uses[self.sector].pick(chance))
        self.quality, self.material, self.method = (
            str(known.lists[name].pick(chance)) for name in ("quality", "material", "method")
        )
        self.name = str(known.rare.pick(chance)) + chance.choice(("", "", f"-{chance.randrange(2, 900)}"))

    def title(self) -> str:
        """`Portable soil probe of cellulose for vineyards`."""
        plain = f"{self.quality} {self.thing}"
        form = self.chance.choice(
            (
                f"{plain} for {self.use}",
                f"{plain} of {self.material}",
                f"{plain} by {self.method}",
                f"{self.name} {plain}",
            )
        )
        return form[0].upper() + form[1:]

    def fill(self, pattern: str) -> str:
        """A pattern with words in its places."""
        pick = self.known.lists["general"].pick
        while "{general}" in pattern:
            pattern = pattern.replace("{general}", pick(self.chance), 1)
        own = {"thing": self.thing, "use": self.use, "quality": self.quality, "material": self.material}
        own |= {"method": self.method, "name": self.name}
        upper = {name.capitalize(): text[0].upper() + text[1:] for name, text in own.items()}
        return pattern.format(**own, **upper, number=self.chance.randrange(3, 98))

    def sentences(self, source: Zipf, count: int) -> list[str]:
        """Different sentences; fewer where the same are drawn again."""
        return [self.fill(each) for each in dict.fromkeys(source.pick(self.chance) for _ in range(count))]

    def keywords(self) -> list[str]:
        """What somebody would look under."""
        more = [str(self.known.lists["general"].pick(self.chance)) for _ in range(2)]
        return list(dict.fromkeys([self.thing, self.material, self.method, self.name.split("-")[0], *more]))


def generated_id(kind: str, number: int, part: int = 0) -> str:
    """The identifier of a generated row: in the order of the numbers, and the same every time."""
    mixed = random.Random(f"{kind}:{number}:{part}").getrandbits(40)
    return encode((int(START.timestamp() * 1000) + number) << 80 | part << 44 | mixed)


# --- who lists


def institutions() -> list[Institution]:
    """The institutions of the generated listings, all verified, each with one officer."""
    known = vocabulary()
    pairs = [
        (pattern.format(town=town), town, country) for pattern in known.institutions for town, country in known.towns
    ]
    return [_institution(number, *facts) for number, facts in enumerate(pairs)]


def _institution(number: int, name: str, town: str, country: str) -> Institution:
    organisation, person = generated_id("organisation", number), generated_id("person", number)
    kind = OrganisationKind.UNIVERSITY if name.startswith("University") else OrganisationKind.INSTITUTE
    key = slug(name)
    return Institution(
        {
            "id": organisation,
            "kind": kind,
            "name": name,
            "slug": f"{key}-generated",
            "country": country,
            "city": town,
            "website": f"https://{key}.example",
            "is_sample": True,
            "created_at": START,
            "verified_at": START,
        },
        {
            "id": person,
            "email": f"licensing@{key}.example",
            "name": vocabulary().people[number * 17 % len(vocabulary().people)],
            "password_hash": UNUSABLE,
            "email_verified_at": START,
            "is_sample": True,
            "created_at": START,
        },
        {
            "id": generated_id("membership", number),
            "person_id": person,
            "organisation_id": organisation,
            "role": Role.OWNER,
            "created_at": START,
        },
    )


# --- what is listed


def listing(number: int, owners: Sequence[Institution]) -> Listing:
    """The listing of this number, of one of `owners`."""
    chance = random.Random(number)
    writer = Writer(chance)
    owner = owners[min(int(chance.expovariate(0.08)), len(owners) - 1)]
    technology_id = generated_id("technology", number)
    rights = _rights(chance, technology_id, number)
    return Listing(
        technology=_technology(writer, technology_id, number, owner, rights),
        rights=rights,
        inventors=_inventors(chance, technology_id, number),
        terms=_terms(writer, technology_id, owner) if chance.random() < 0.5 else None,
    )


def _technology(writer: Writer, technology_id: str, number: int, owner: Institution, rights: list[Values]) -> Values:
    chance, country = writer.chance, owner.organisation["country"]
    title, at = writer.title(), START + APART * number
    kind, low, high = _price(chance)
    return {
        "id": technology_id,
        "organisation_id": owner.organisation["id"],
        "source": SOURCE,
        "source_id": str(number),
        "reference": f"G-{number:06}",
        "slug": title_slug(title),
        "state": "published" if chance.random() < 0.97 else "stale",
        "title": title,
        "summary": " ".join(writer.sentences(writer.known.sentences, 2)),
        "sector": writer.sector,
        "country": country,
        "trl": chance.choices((None, 2, 3, 4, 5, 6, 7, 8, 9), (8, 4, 14, 24, 18, 14, 9, 5, 4))[0],
        "offers": ["licence", *chance.sample(("option", "joint_research", "student_project"), chance.randrange(3))],
        "licences": chance.choice((["exclusive"], ["non_exclusive"], ["exclusive", "non_exclusive"], ["sole"])),
        "price_kind": kind,
        "price_low": low,
        "price_high": high,
        "currency": CURRENCY.get(country, "EUR") if low else "",
        "contact_id": owner.person["id"],
        "keywords": writer.keywords(),
        "technology_fields": [],
        "ip_status": words.ip_summary([each["status"] for each in rights], [each["kind"] for each in rights]),
        "created_at": at,
        "updated_at": at,
        "published_at": at,
        "confirmed_on": at.date(),
        "problem": " ".join(writer.sentences(writer.known.problems, 2)),
        "advantages": "\n".join(f"• {point}" for point in writer.sentences(writer.known.advantages, 4)),
        "comparison": " ".join(writer.sentences(writer.known.sentences, 2)),
        "applications": "\n".join(f"• {each}" for each in (writer.use, writer.known.uses[writer.sector].pick(chance))),
        "description": "\n\n".join(
            " ".join(writer.sentences(writer.known.sentences, 5)) for _ in range(chance.randrange(2, 6))
        ),
    }


def _price(chance: random.Random) -> tuple[str, int | None, int | None]:
    """Kind, lowest and highest amount in minor units."""
    kind = chance.choices(("on_request", "free", "fixed", "range", "express"), (50, 8, 16, 18, 8))[0]
    if kind in ("on_request", "free"):
        return kind, None, None
    low = round(10 ** chance.uniform(2.7, 5.4) / 100) * 10_000 or 10_000
    return kind, low, low * 3 if kind == "range" else None


def _rights(chance: random.Random, technology_id: str, number: int) -> list[Values]:
    kinds = [
        chance.choices(("patent", "application", "know_how", "software"), (5, 3, 2, 1))[0]
        for _ in range(chance.choices((0, 1, 2, 3), (2, 5, 3, 1))[0])
    ]
    return [_right(chance, kind, technology_id, number, position) for position, kind in enumerate(kinds)]


def _right(chance: random.Random, kind: str, technology_id: str, number: int, position: int) -> Values:
    status = {"patent": "granted", "application": "pending"}.get(kind, "unregistered")
    filed = (START - timedelta(days=chance.randrange(200, 4000))).date() if status != "unregistered" else None
    return {
        "id": generated_id("right", number, position),
        "technology_id": technology_id,
        "position": position,
        "kind": kind,
        "status": status,
        "office": chance.choice(("EP", "US", "WO")) if filed else "",
        "number": f"99{number:07}{position}" if filed else "",  # beyond what the offices have given out
        "kind_code": {"patent": "B1", "application": "A1"}.get(kind, ""),
        "filed_on": filed,
        "expires_on": filed.replace(year=filed.year + 20, day=min(filed.day, 28))
        if filed and kind == "patent"
        else None,
        "ipc": [],
        "source": SOURCE,
        "created_at": START,
    }


def _inventors(chance: random.Random, technology_id: str, number: int) -> list[Values]:
    names = chance.sample(vocabulary().people, chance.randrange(1, 4))
    return [
        {
            "id": generated_id("inventor", number, position),
            "technology_id": technology_id,
            "position": position,
            "name": name,
        }
        for position, name in enumerate(names)
    ]


def _terms(writer: Writer, technology_id: str, owner: Institution) -> Values:
    chance, country = writer.chance, owner.organisation["country"]
    return {
        "technology_id": technology_id,
        "grant_kind": chance.choice(("exclusive", "non_exclusive", "sole")),
        "field_of_use": f"{writer.thing} for {writer.use}".capitalize(),
        "territory": chance.choice((["WORLD"], [country], [country, "DE", "FR"])),
        "term_years": chance.choice((5, 8, 10, None)),
        "upfront": chance.randrange(5, 400) * 50_000,
        "currency": CURRENCY.get(country, "EUR"),
        "royalty_rate": chance.randrange(10, 90) / 1000,
        "updated_at": START,
    }


# --- writing


def generate(database: Database, count: int, tell: Tell = silent) -> int:
    """Bring in listings until `count` generated ones are there; give how many were added. `tell(done, total)`.

    The search index is not told: make it anew afterwards.
    """
    owners, today = institutions(), clock.now().date()
    with database.write() as db:
        there = int(db.execute(select(func.count()).where(_T.c.source == SOURCE)).scalar_one())
        if there == 0:
            _write_institutions(db, owners)
    for start in range(there, count, BATCH):
        batch = [listing(number, owners) for number in range(start, min(start + BATCH, count))]
        with database.write() as db:
            _write(db, batch, today)
            pages.touch(db, TOPIC)
        tell(start + len(batch), count)
    return max(0, count - there)


def _write_institutions(db: Session, owners: Iterable[Institution]) -> None:
    for table, name in ((Organisation, "organisation"), (Person, "person"), (Membership, "membership")):
        for each in owners:
            db.add(table(**getattr(each, name)))
        db.flush()


def _confirmed(technology: Values, today: date) -> Values:
    """The listing as it would stand today: looked after, or stale since three weeks. Else the clock would hide them all."""
    return technology | {"confirmed_on": today if technology["state"] == "published" else today - STALE_FOR}


def _write(db: Session, batch: Sequence[Listing], today: date) -> None:
    rows = (
        [_confirmed(each.technology, today) for each in batch],
        [right for each in batch for right in each.rights],
        [inventor for each in batch for inventor in each.inventors],
        [each.terms for each in batch if each.terms is not None],
    )
    for table, values in zip(_TABLES, rows, strict=True):
        if values:
            db.execute(insert(table), [dict(_defaults(table)) | each for each in values])


def _defaults(table: Any) -> Iterator[tuple[str, Any]]:
    """What a column holds that says nothing."""
    for column in table.c:
        if column.default is not None and column.default.is_scalar:
            yield column.name, column.default.arg
