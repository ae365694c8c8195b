"""How hard a text is to read: its sentences, words and syllables, and the level that they come to.

English is measured by Flesch's reading ease (206.835 - 1.015 words a sentence - 84.6 syllables a word; Flesch 1948),
other languages in letters by LIX (words a sentence + share of words over six letters in percent; Björnsson 1968),
put on the same scale. Scripts that do not part words by spaces are not measured.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from market.kit.i18n import _

_END = re.compile(r"(?<=[.!?;])[\"'”’)\]]?\s+|\s*\n+\s*(?:[-•*·]\s+)?|(?<=[。！？])")
_SHORT_FORM = re.compile(
    r"(?:\b(?:e\.g|i\.e|u\.s|dr|mr|ms|no|fig|vs|approx|prof|st|inc|etc|ca|z\.b|p\.ex|cf|al|max|min|resp|[a-z]))\.$",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_VOWELS = re.compile(r"[aeiouyàáâãäåæèéêëìíîïòóôõöøœùúûüýÿ]+")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SMALL = "the of and to a in is are that for it with as on by be this an or from at which can has have was not its"
_ENGLISH = frozenset(_SMALL.split())

LEVELS = (
    (60, _("everyday language")),
    (45, _("newspaper language")),
    (30, _("college language")),
    (12, _("specialist language")),
    (-1000, _("very hard language")),
)
NOT_MEASURED = _("not measured")


def sentences(text: str) -> list[str]:
    """The sentences of a text; each line of a list is one, and a short form such as `e.g.` ends none."""
    found: list[str] = []
    for piece in _END.split(text.strip()):
        stripped = piece.strip(" \t-•*·")
        if not stripped:
            continue
        if found and _SHORT_FORM.search(found[-1]):
            found[-1] = f"{found[-1]} {stripped}"
        else:
            found.append(stripped)
    return found


def words(text: str) -> list[str]:
    """The words of a text, without numbers."""
    return _WORD.findall(text)


@lru_cache(maxsize=20_000)
def syllables(word: str) -> int:
    """About how many syllables an English word has; at least one."""
    lowered = word.lower()
    count = len(_VOWELS.findall(lowered))
    silent = lowered.endswith("e") and not lowered.endswith(("le", "ee", "ye"))
    mute = lowered.endswith("ed") and len(lowered) > 4 and lowered[-3] not in "dt"
    return max(1, count - int(count > 1 and (silent or mute)))


def is_english(found: Iterable[str]) -> bool:
    """Whether enough of the words are the small ones without which English cannot be written."""
    lowered = [word.lower() for word in found]
    return bool(lowered) and sum(word in _ENGLISH for word in lowered) >= 0.18 * len(lowered)


def ease(text: str) -> float | None:
    """How easy a text is to read, about 0 (a patent claim) to 100 (a children's book); None when it cannot be told."""
    found = words(text)
    if len(found) < 4 or len(_UNSPACED.findall(text)) > 0.2 * len(text):
        return None
    per_sentence = len(found) / max(1, len([each for each in sentences(text) if words(each)]))
    if is_english(found):
        return 206.835 - 1.015 * per_sentence - 84.6 * sum(map(syllables, found)) / len(found)
    lix = per_sentence + 100 * sum(len(word) > 6 for word in found) / len(found)
    return 125 - 1.55 * lix


def level(value: float | None) -> str:
    """The name of a level of language, a msgid."""
    if value is None:
        return NOT_MEASURED
    return next(name for least, name in LEVELS if value >= least)
