"""What a visitor typed, understood: a few words to find, or a need described in sentences."""

from dataclasses import dataclass, replace
from typing import Literal

from market.discovery.rules import synonyms
from market.discovery.rules.words import NEED_STOP_WORDS, STOP_WORDS, words

Mode = Literal["keyword", "need"]
Sort = Literal["relevance", "newest", "responsive"]

NEED_FROM = 13  # words; more than a dozen is a description, and no listing has them all
MOST_KEYWORDS = 10
MOST_NEED_WORDS = 120
MOST_TEXT = 6_000


@dataclass(frozen=True)
class Question:
    """`words` are folded, without stop words. In `keyword` mode all must match, the last one also as a beginning;
    in `need` mode any may match and closeness decides. No words: everything is asked for."""

    words: tuple[str, ...] = ()
    mode: Mode = "keyword"

    def without(self, *dropped: str) -> "Question":
        """The same question with some words left out."""
        return replace(self, words=tuple(word for word in self.words if word not in dropped))


@dataclass(frozen=True)
class Part:
    """Words that stand or fall together in a keyword search, and phrases that mean the same. `prefix`: the last word of
    the question, which may be unfinished."""

    words: tuple[str, ...]
    same: tuple[tuple[str, ...], ...]
    prefix: bool


def understand(text: str, mode: Mode | None = None) -> Question:
    """Read what was typed. A text of more than a dozen words is a need, unless `mode` says otherwise."""
    typed = words(text[:MOST_TEXT])
    chosen: Mode = mode or ("need" if len(typed) >= NEED_FROM else "keyword")
    silent = NEED_STOP_WORDS if chosen == "need" else STOP_WORDS
    telling = [word for word in typed if word not in silent] or typed[-1:]
    if chosen == "need":
        return Question(tuple(dict.fromkeys(telling))[:MOST_NEED_WORDS], "need")
    return Question(tuple(dict.fromkeys(telling))[:MOST_KEYWORDS])


def parts(question: Question) -> tuple[Part, ...]:
    """Split the words of a keyword question where synonyms begin and end, the longest known phrase first."""
    known, longest, asked = synonyms.known(), synonyms.longest(), question.words
    found: list[Part] = []
    at = 0
    while at < len(asked):
        lengths = range(min(longest, len(asked) - at), 0, -1)
        size = next((size for size in lengths if asked[at : at + size] in known), 1)
        phrase = asked[at : at + size]
        at += size
        found.append(Part(phrase, known.get(phrase, ()), prefix=at == len(asked)))
    return tuple(found)
