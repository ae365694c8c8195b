"""What has changed between two texts, word by word."""

import re
from difflib import SequenceMatcher

Piece = tuple[str, str]
"""`same`, `gone` or `new`, and the words."""

_TOKENS = re.compile(r"\s+|\w+|[^\w\s]")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
MOST_WORDS = 6000


def word_differences(before: str, after: str) -> list[Piece]:
    """Both texts as one run of pieces; very long texts are compared by line. Words changed in a row stay together."""
    parts = _TOKENS if len(before) + len(after) < 4 * MOST_WORDS else _LINES
    old, new = parts.findall(before), parts.findall(after)
    pieces: list[Piece] = []
    gone = came = ""
    for verb, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        was, now = "".join(old[i:j]), "".join(new[k:m])
        if verb == "equal" and not (was.isspace() and (gone or came)):
            pieces += _changed(gone, came)
            pieces.append(("same", was))
            gone = came = ""
        else:
            gone, came = gone + was, came + now
    return pieces + _changed(gone, came)


def _changed(gone: str, came: str) -> list[Piece]:
    """What went, then what came; a space that only ends both is the same."""
    rest = gone[len(gone.rstrip()) :] if gone[len(gone.rstrip()) :] == came[len(came.rstrip()) :] else ""
    size = len(rest)
    found = (("gone", gone[: len(gone) - size]), ("new", came[: len(came) - size]), ("same", rest))
    return [(kind, text) for kind, text in found if text]
