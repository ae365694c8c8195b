"""Words as both engines and the highlighter see them: folded, in small letters, parted at everything else."""

import re
import unicodedata
from collections.abc import Iterator

LONGEST = 40
_WORD = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_FOLDS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i", "ħ": "h"}
)

_STOPS = """
a an and are as at be been but by can could do does for from had has have how i if in into is it its itself me my no nor
not of on or our ours so some such than that the their them then there these they this those to too us very was we were
what when where which who why will with would you your
"""
STOP_WORDS = frozenset(_STOPS.split())

_NEED_STOPS = """
also always anybody anything business buy came come company customer customers day days everybody everything find firm
get help here just know like look looking need needed needs nobody nothing people please problem put quite really
search see seek seeking sell sells should since solution somebody someone something take technology thing things think
though today together until want wanted wants week weeks whole year years yet
"""
NEED_STOP_WORDS = STOP_WORDS | frozenset(_NEED_STOPS.split())
"""Words that say nothing of what somebody is in need of, however rare they are among listings."""


def fold(word: str) -> str:
    """Small letters without accents: `Größe` becomes `grosse`."""
    if word.isascii():
        return word.lower()
    lowered = unicodedata.normalize("NFKC", word).casefold().translate(_FOLDS)
    return "".join(c for c in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(c))


def words(text: str) -> list[str]:
    """The folded words of `text` in order, each cut to 40 characters."""
    if text.isascii():
        return [word[:LONGEST] for word in _ASCII_WORD.findall(text.lower())]
    found = _WORD.findall(unicodedata.normalize("NFKC", text))
    return [folded for word in found if (folded := fold(word)[:LONGEST])]


def placed(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and folded form of every word of `text`, for marking in the text as it stands."""
    for match in _WORD.finditer(text):
        yield match.start(), match.end(), fold(match.group())[:LONGEST]
