"""Marking what matched, in the text as it stands: every piece is escaped first, then marked."""

from collections.abc import Callable

from markupsafe import Markup, escape

from market.discovery.rules import typos
from market.discovery.rules.question import Question, parts
from market.discovery.rules.words import placed

Matches = Callable[[str], bool]
WINDOW = 36  # words of a snippet


def matcher(question: Question) -> Matches:
    """A test whether a folded word of a listing is one that was asked for: itself, begun, mistyped, or a synonym."""
    whole = set(question.words)
    prefixes: tuple[str, ...] = ()
    if question.mode == "keyword":
        for part in parts(question):
            whole.update(word for phrase in part.same for word in phrase)
        prefixes = question.words[-1:]
    forgiving = [word for word in question.words if typos.allowed(word)]
    seen: dict[str, bool] = {}

    def look(word: str) -> bool:
        if word in whole or (prefixes and word.startswith(prefixes)):
            return True
        if question.mode == "need":
            return any(_same_stem(word, asked) for asked in whole if asked[:4] == word[:4])
        return any(typos.is_close(asked, word, prefix=asked in prefixes) for asked in forgiving)

    def matches(word: str) -> bool:
        if word not in seen:
            seen[word] = look(word)
        return seen[word]

    return matches


def _same_stem(word: str, asked: str) -> bool:
    """Roughly one stem: they differ in no more than their endings."""
    shared = next((i for i, (a, b) in enumerate(zip(word, asked, strict=False)) if a != b), min(len(word), len(asked)))
    return shared >= 4 and len(word) - shared <= 3 and len(asked) - shared <= 3


def marked(text: str, matches: Matches) -> Markup:
    """The whole text, escaped, with `<mark>` around the words that match."""
    pieces, at = [], 0
    for start, end, word in placed(text):
        if matches(word):
            pieces += [escape(text[at:start]), Markup("<mark>"), escape(text[start:end]), Markup("</mark>")]
            at = end
    return Markup("").join([*pieces, escape(text[at:])])


def count(text: str, matches: Matches) -> int:
    """How many words of `text` match."""
    return sum(1 for _start, _end, word in placed(text) if matches(word))


def snippet(text: str, matches: Matches) -> Markup | None:
    """The stretch of some 36 words in which most matches stand, marked; None when nothing matches."""
    found = list(placed(text))
    hits = [matches(word) for _start, _end, word in found]
    if not any(hits):
        return None
    first = _densest(hits)
    start = 0 if first == 0 else found[first][0]
    last = min(first + WINDOW, len(found)) - 1
    end = len(text) if last == len(found) - 1 else found[last][1]
    inside = marked(" ".join(text[start:end].split()), matches)
    return Markup("{}{}{}").format("… " if start else "", inside, " …" if end < len(text) else "")


def telling(title: str, texts: tuple[str, ...], matches: Matches) -> Markup:
    """What to quote under a title: the first text whole, unless only a later one says more of what was asked for."""
    first = count(texts[0], matches)
    if first == 0 and count(title, matches) == 0:
        found = next((quoted for text in texts[1:] if (quoted := snippet(text, matches))), None)
        if found is not None:
            return found
    return marked(texts[0], matches)


def _densest(hits: list[bool]) -> int:
    """Where the best window begins: a few words before the first match in it."""
    inside = sum(hits[:WINDOW])
    best, first = inside, 0
    for begin in range(1, max(1, len(hits) - WINDOW + 1)):
        inside += hits[begin + WINDOW - 1] - hits[begin - 1]
        if inside > best:
            best, first = inside, begin
    lead = next((i for i in range(first, min(first + WINDOW, len(hits))) if hits[i]), first)
    return 0 if lead <= 8 else min(lead - 6, max(0, len(hits) - WINDOW // 2))
