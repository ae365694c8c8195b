"""How close a technology is to a need, and why: shared words, the sector, the technology field, the way of working.

One rule for both directions, so that a pair has one score: whether the need was posted first or the technology.
A word counts by its rarity in the catalogue, found out once when the need opens (`Profile`).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log

from market.discovery.rules.words import STOP_WORDS, words

MOST_WORDS = 60
HALF_AT = 0.16
"""The share of a need's telling words at which a listing has half of the points that words can give."""
FOR_WORDS, FOR_SECTOR, FOR_FIELD, FOR_KIND = 70, 15, 10, 5
LEAST = 25
STRONG = 50
SHOWN_WORDS = 8

# Words of every need and every listing, which tell nothing about the matter.
_COMMON_TEXT = """
able about after again all also always any around available based because before being below better between both bring
came cannot come companies company cost costs customer customers day days different does done down each easy enough
etc even every example few first five four full get give goes good help high hour hours into just keep kind know large
last less like little long look looking lot made make makes making many market may might month months more most much
must need needed needs never new next non novel now number often old one only other others over own part parts people
per place possible present problem process product production products project provide put quite really require
required research result results same save second see several should since single small sme solution solutions
something still suitable system systems take technologies technology ten than think three through time times today
together two under until up use used useful user users uses using very want way ways week weeks well while wish within
without work working works would year years
"""
_COMMON = frozenset(_COMMON_TEXT.split())
_ENDINGS = re.compile(r"(?:ations?|ings?|edly|ed|ies|ers?|ors?|ly|es|s|e|y)$")


def stem(word: str) -> str:
    """Roughly the stem of an English word: `coatings`, `coated` and `coating` are one; short words stay."""
    if len(word) < 5 or not word.isalpha():
        return word[:-1] if len(word) == 4 and word.endswith("s") and not word.endswith("ss") else word
    cut = _ENDINGS.sub("", word)
    return cut if len(cut) >= 4 else word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def telling(text: str) -> dict[str, str]:
    """Stem -> the first word with it, of the words of `text` that say something."""
    found: dict[str, str] = {}
    for word in words(text):
        if len(word) > 2 and word not in STOP_WORDS and word not in _COMMON and not word.isdecimal():
            found.setdefault(stem(word), word)
    return found


def weight(frequency: int, total: int) -> float:
    """How much a word tells that `frequency` of `total` listings have."""
    return round(log(1 + (total + 1) / (frequency + 1)), 4)


@dataclass(frozen=True)
class Profile:
    """A need as it is compared: the weight of each stem, its sector, technology field and kinds."""

    weights: Mapping[str, float]
    sector: str | None = None
    technology_field: int | None = None
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Listing:
    """A technology as it is compared; `stems` maps each stem to a word that shows it."""

    stems: Mapping[str, str]
    title: frozenset[str] = frozenset()
    sector: str | None = None
    technology_fields: frozenset[int] = frozenset()
    offers: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Match:
    """How close, from 0 to 100, and the reasons: shared words, the most telling first; what else agrees."""

    score: int
    words: tuple[str, ...]
    sector: bool
    field: bool
    kinds: tuple[str, ...]


def weights(text: str, frequencies: Mapping[str, int], total: int) -> dict[str, float]:
    """The most telling stems of a need with their weights, at most MOST_WORDS; words of the title should stand first."""
    found = telling(text)
    weighed = {each: weight(frequencies.get(word, 0), total) for each, word in found.items()}
    chosen = sorted(weighed, key=lambda each: -weighed[each])[:MOST_WORDS]
    return {each: weighed[each] for each in found if each in set(chosen)}


def listing(
    title: str, texts: Iterable[str], *, sector: str | None, fields: Iterable[int], offers: Iterable[str]
) -> Listing:
    """A technology's texts, ready to be compared."""
    stems = telling("\n".join((title, *texts)))
    return Listing(stems, frozenset(telling(title)), sector, frozenset(fields), frozenset(offers))


def compare(need: Profile, other: Listing) -> Match | None:
    """How close a technology is; None where it is not worth telling.

    Two shared words at least, or one of them in the title of the technology and the sector too: a sector alone is no
    reason.
    """
    shared = [each for each in need.weights if each in other.stems]
    same_sector = need.sector is not None and need.sector == other.sector
    in_title = any(each in other.title for each in shared)
    if not shared or (len(shared) == 1 and not (in_title and same_sector)):
        return None
    same_field = need.technology_field is not None and need.technology_field in other.technology_fields
    kinds = tuple(sorted(need.kinds & other.offers))
    got = sum(need.weights[each] * (1.5 if each in other.title else 1.0) for each in shared)
    share = got / sum(need.weights.values())
    points = FOR_WORDS * share / (share + HALF_AT)
    score = points + FOR_SECTOR * same_sector + FOR_FIELD * same_field + FOR_KIND * bool(kinds)
    best = sorted(shared, key=lambda each: -need.weights[each])[:SHOWN_WORDS]
    match = Match(min(100, round(score)), tuple(other.stems[each] for each in best), same_sector, same_field, kinds)
    return match if match.score >= LEAST else None
