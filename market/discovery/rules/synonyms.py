"""Words that mean the same in the trade, from the data file `synonyms.txt` beside this module."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from market.discovery.rules.words import STOP_WORDS, words

Phrase = tuple[str, ...]
FILE = Path(__file__).with_name("synonyms.txt")


def read(lines: Iterable[str]) -> Mapping[Phrase, tuple[Phrase, ...]]:
    """Each line lists phrases of one meaning, parted by commas; `#` begins a remark.

    They are found under their telling words, as questions lose their stop words; the phrases themselves stay whole.
    """
    found: defaultdict[Phrase, dict[Phrase, None]] = defaultdict(dict)
    for line in lines:
        phrases = [tuple(words(part)) for part in line.partition("#")[0].split(",")]
        group = [phrase for phrase in phrases if phrase]
        for phrase in group:
            found[telling(phrase)] |= dict.fromkeys(other for other in group if other != phrase)
    return {phrase: tuple(others) for phrase, others in found.items()}


def telling(phrase: Phrase) -> Phrase:
    """The phrase without its stop words; as it is when it has nothing else."""
    return tuple(word for word in phrase if word not in STOP_WORDS) or phrase


@cache
def known() -> Mapping[Phrase, tuple[Phrase, ...]]:
    """The synonyms that the market goes by."""
    return read(FILE.read_text(encoding="utf-8").splitlines())


@cache
def longest() -> int:
    """The number of words of the longest phrase that has synonyms."""
    return max((len(phrase) for phrase in known()), default=1)
