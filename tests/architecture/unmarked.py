"""Find what a page says that did not go through translation: in the pseudo-locale every sentence stands in ⟦ ⟧."""

import re
from functools import cache
from html.parser import HTMLParser
from typing import Any

from babel import Locale
from babel.core import get_global
from sqlalchemy import select
from sqlmodel import SQLModel

from market.kit.db import Database

SPOKEN = ("title", "aria-label", "placeholder", "alt", "aria-description", "data-confirm", "label")
SILENT = ("script", "style", "svg", "code", "template")
FIGURES = re.compile(
    r"\b[A-Z]{2,3}\b|\b\d[\w.,:/-]*|\b(?:[A-Z]{3}|[€$£¥])\s?[\d.,]+|\b(?:UTC|CET|CEST|EUR|PDF|CSV|XLSX|JSON|IPC|NACE|TRL|NDA|Ponte|ID)\b|"
    r"\bS[Hh][Aa]-?256\b|\b[0-9a-f]{8,}\b|\b01[0-9a-z]{24}\b|\b(?:INV|CRN)-\d+\b"
)


class Speech(HTMLParser):
    """The parts of a page's texts and spoken attributes that stand outside the marks."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.depth = 0
        self.silent = 0
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in SILENT
        given = dict(attrs)
        own = [given[name] or "" for name in SPOKEN if given.get(name)]
        if tag == "input" and given.get("type") in ("submit", "button"):
            own.append(given.get("value") or "")
        if tag == "meta" and given.get("name") == "description":
            own.append(given.get("content") or "")
        for text in own:
            self.found += outside(text, 0)[0]

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        if not self.silent:
            parts, self.depth = outside(data, self.depth)
            self.found += parts


def outside(text: str, depth: int) -> tuple[list[str], int]:
    """The pieces of `text` outside ⟦ ⟧, and the depth after it."""
    parts, piece = [], ""
    for c in text:
        if c == "⟦":
            depth += 1
        elif c == "⟧":
            depth -= 1
        elif depth == 0:
            piece += c
            continue
        parts, piece = [*parts, piece], ""
    return [part.strip() for part in (*parts, piece) if part.strip()], depth


@cache
def places() -> tuple[str, ...]:
    """Names that Babel gives: countries, months, units of time."""
    locale = Locale.parse("en_GB")
    months = locale.months["format"]["wide"].values()
    units = ("ago", "in", "now", "second", "minute", "hour", "day", "week", "month", "year")
    return (*locale.territories.values(), *months, *units, *(f"{unit}s" for unit in units))


@cache
def place_words() -> frozenset[str]:
    """Their single words."""
    zones = [zone.replace("_", " ") for zone in get_global("zone_territories")]
    return frozenset(re.findall(r"[^\W\d_]{2,}", " ".join((*places(), *zones))))


def data_of(database: Database) -> set[str]:
    """Everything that people wrote: the texts in the tables that no code could be."""
    found: set[str] = set()
    with database.read() as db:
        for table in SQLModel.metadata.sorted_tables:
            for row in db.execute(select(*table.c)):
                for value in row:
                    found |= set(texts(value))
    return {text for text in found if re.search(r"[A-Z\s@.\d/:-]", text) and len(text) > 1}


def texts(value: Any) -> list[str]:
    """The strings in a column's value, whole and by line."""
    if isinstance(value, str):
        return [value, *(line.strip() for line in value.splitlines())]
    if isinstance(value, dict):
        return [text for each in value.values() for text in texts(each)]
    return [text for each in value for text in texts(each)] if isinstance(value, list) else []


class Known:
    """What may stand without marks: data of people, names and figures."""

    def __init__(self, data: set[str], whole: frozenset[str] = frozenset()) -> None:
        """`data` may stand anywhere in a text; `whole` must be all that a tag holds."""
        self.data = data
        self.whole = whole
        self.by_length = sorted(data, key=len, reverse=True)
        self.all = "\n".join(data)
        self.judged: dict[str, bool] = {}

    def escaped(self, html: str) -> list[str]:
        """The words of a page that came through without marks and are nobody's data."""
        return [text for text in Speech(html).found if not self._allows(text)]

    def _allows(self, text: str) -> bool:
        if text not in self.judged:
            self.judged[text] = text in self.data or text in self.whole or self._cut(text) or not self._words(text)
        return self.judged[text]

    def _cut(self, text: str) -> bool:
        """Whether the text is the beginning of somebody's longer one."""
        return text.endswith(("…", "...")) and len(text) > 20 and text.rstrip(".… ") in self.all

    def _words(self, text: str) -> list[str]:
        rest = re.sub(r"https?://\S+", " ", text)
        for value in self.by_length:
            rest = rest.replace(value, " ")
        return [word for word in re.findall(r"[^\W\d_]{2,}", FIGURES.sub(" ", rest)) if word not in place_words()]
