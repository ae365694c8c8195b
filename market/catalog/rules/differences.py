"""What has changed between two texts, word by word."""

import re
from difflib import SequenceMatcher

Piece = tuple[str, str]
"""`same`, `gone` or `new`, and the words."""

_TOKENS = re.compile(r"\s+|\w+|[^\w\s]")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
MOST_WORDS = 6000


def word_differences(before: str, after: str) -> list[Piece]:
    """Both texts as one run of pieces; very long texts are compared by line."""
    parts = _TOKENS if len(before) + len(after) < 4 * MOST_WORDS else _LINES
    old, new = parts.findall(before), parts.findall(after)
    pieces: list[Piece] = []
    for verb, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if verb == "equal":
            pieces.append(("same", "".join(old[i:j])))
            continue
        pieces += [(kind, text) for kind, text in (("gone", "".join(old[i:j])), ("new", "".join(new[k:m]))) if text]
    return pieces
