"""Which sentences of a listing answer a need: those with the most of its words, the rarer words counting more."""

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from market.catalog.rules.text import sentences, shorten
from market.discovery.rules.highlight import Matches, marked
from market.discovery.rules.words import STOP_WORDS, placed

MOST_SENTENCES = 40
LONGEST = 320


@dataclass(frozen=True)
class Passage:
    """A sentence of a listing: where it stands (0 is the first text given), and how much of the need is in it."""

    text: str
    weight: float
    words: frozenset[str]


def passages(texts: Iterable[str], matches: Matches, most: int = 3) -> list[Passage]:
    """The best sentences, the best first: each next one is judged by the words that those before it lack.

    A sentence needs two different matching words, or one where no sentence has more.
    """
    found = [_passage(sentence, matches) for text in texts if text for sentence in sentences(text, MOST_SENTENCES)]
    found = [each for each in dict.fromkeys(found) if each.words]
    seen: set[str] = set()
    chosen: list[Passage] = []
    while found and len(chosen) < most:
        best = max(found, key=lambda each: (len(each.words - seen), each.weight))
        fresh = best.words - seen
        if not fresh or (chosen and len(fresh) < 2):
            break
        chosen.append(best)
        seen |= best.words
        found.remove(best)
    return chosen


def quoted(passage: Passage, matches: Matches) -> Markup:
    """The sentence, escaped and marked; a very long one is cut after a whole word."""
    return marked(shorten(passage.text, LONGEST), matches)


def _passage(sentence: str, matches: Matches) -> Passage:
    every = [word for _start, _end, word in placed(sentence)]
    words = frozenset(word for word in every if word not in STOP_WORDS and matches(word))
    return Passage(sentence, len(words) / (8 + len(every)), words)
