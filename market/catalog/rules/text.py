"""Plain text out of whatever a catalogue holds: tags, entities, lost line ends, wrongly decoded characters."""

import html
import re
import unicodedata

import nh3

_BREAKS = re.compile(r"<\s*(?:br|/p|/div|/h[1-6]|/ul|/ol|/tr)\b[^>]*>", re.IGNORECASE)
_ITEMS = re.compile(r"<\s*li\b[^>]*>", re.IGNORECASE)
_RAISED = re.compile(r"<\s*(sup|sub)\b[^>]*>(.*?)<\s*/\s*\1\s*>", re.IGNORECASE | re.DOTALL)
_ENTITY = re.compile(r"&(?:#\d{2,7}|#[xX][0-9a-fA-F]{1,6};|[a-zA-Z][a-zA-Z0-9]{1,30};)")
_TAG = re.compile(r"<\s*/?\s*[a-zA-Z!]")
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n{3,}")
_MOJIBAKE = re.compile(
    "[ÃÂ][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2122]|â€|ï»¿"
)
_SUPER = dict(zip("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ", strict=True))
_SUB = dict(zip("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎", strict=True))
_PLAIN = {"th": "th", "st": "st", "nd": "nd", "rd": "rd", "tm": "™", "r": "®", "®": "®", "™": "™"}
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
_SHORT_FORMS = (
    "e.g.",
    "i.e.",
    "u.s.",
    "dr.",
    "mr.",
    "ms.",
    "no.",
    "fig.",
    "vs.",
    "approx.",
    "prof.",
    "st.",
    "inc.",
    "etc.",
    "ca.",
)
_SENTENCE_END = re.compile(r"[.!?][\"'”’)]?(?=\s+[\"'“‘(]?[A-ZÀ-ÖØ-Þ0-9])")

SUMMARY_LENGTH = 280
_GOING_ON = ("However", "But ", "Therefore", "Thus", "Moreover", "Furthermore", "Additionally", "In addition", "Also,")
_TELLING = re.compile(
    r"\b(?:has|have|had|been) (?:\w+ )?(?:developed|invented|created|designed|built|devised|patented|produced)\b"
    r"|\bdeveloped (?:a|an|the|new|novel)\b"
    r"|\b(?:this|the|our) (?:\w+ )?(?:technology|invention|innovation|method|system|device|process)\b"
    r"|\bis an? (?:new|novel|innovative|unique)\b",
    re.IGNORECASE,
)


def _raise(match: re.Match[str]) -> str:
    """Write `<sup>2</sup>` as ² and `<sub>2</sub>` as ₂; where no such characters exist, `^text` and `_text`."""
    raised = match.group(1).lower() == "sup"
    inner = html.unescape(re.sub(r"<[^>]*>", "", match.group(2))).strip()
    table = _SUPER if raised else _SUB
    if inner and all(c in table for c in inner):
        return "".join(table[c] for c in inner)
    if not inner or (raised and inner.lower() in _PLAIN):
        return _PLAIN.get(inner.lower(), "")
    return ("^" if raised else "_") + inner


def strip_markup(text: str) -> str:
    """Take out tags and resolve entities, also those escaped twice; line breaks and list items stay visible."""
    if "<" in text and _TAG.search(text):
        text = _RAISED.sub(_raise, text)
        text = _ITEMS.sub("\n- ", _BREAKS.sub("\n", text))
        text = html.unescape(nh3.clean(text, tags=set()))
    for _again in range(2):
        if "&" in text and _ENTITY.search(text):
            text = html.unescape(text)
    return text


def _allowed(c: str) -> bool:
    return c in "\n\t" or (unicodedata.category(c) not in ("Cc", "Cs") and c not in _BIDI)


def tidy(text: str) -> str:
    """Plain text in paragraphs: no markup, no control characters, one space between words, NFC."""
    text = strip_markup(text.replace("\r\n", "\n").replace("\r", "\n"))
    text = unicodedata.normalize("NFC", text)
    if not text.isprintable():
        text = "".join(c for c in text if _allowed(c))
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def one_line(text: str) -> str:
    """Like `tidy`, on one line; a line end after a slash or hyphen joins the words without a space."""
    text = re.sub(r"(?<=[/\u2010-])\s*\n\s*", "", tidy(text))
    return " ".join(text.split())


def single_spaced(text: str) -> str:
    """Typed text on one line with one space between words; nothing is taken for markup."""
    return " ".join(text.split())


def looks_garbled(text: str) -> bool:
    """Whether letters were decoded wrongly (`cafÃ©`) or lost (`\N{REPLACEMENT CHARACTER}`)."""
    return "\ufffd" in text or bool(_MOJIBAKE.search(text))


def mend(text: str) -> str | None:
    """Undo UTF-8 that was read as Windows-1252, when that works for the whole text; otherwise None."""
    try:
        mended = text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return None
    return mended if mended != text else None


def sentences(text: str, most: int = 12) -> list[str]:
    """The first sentences of `text`; a very short one takes the next along, short forms such as `e.g.` end none."""
    flat = " ".join(text.split())
    found: list[str] = []
    start = 0
    for match in _SENTENCE_END.finditer(flat):
        piece = flat[start : match.end()]
        if len(piece) < 25 or piece.lower().endswith(_SHORT_FORMS) or re.search(r"(?:^|\s)[A-Z]\.$", piece):
            continue
        found.append(piece)
        start = match.end() + 1
        if len(found) == most:
            return found
    return [*found, flat[start:]] if flat[start:] else found


def telling_sentence(text: str, limit: int = SUMMARY_LENGTH) -> str:
    """Of the first five sentences the one that says what was made, else the first; at most `limit` characters."""
    first = sentences(text, 5)
    if not first:
        return ""
    telling = (each for each in first if _TELLING.search(each) and not each.startswith(_GOING_ON))
    return shorten(next(telling, first[0]), limit)


def shorten(text: str, limit: int) -> str:
    """Cut after a whole word so that the text, with its ellipsis, has at most `limit` characters."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    cut = head.rfind(" ")
    return (head[:cut] if cut > limit // 2 else head).rstrip(" ,;:-") + "…"


def slug(title: str, limit: int = 60) -> str:
    """A readable piece of an address: lower-case ASCII words joined by hyphens; `technology` when nothing is left."""
    folded = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", folded.lower()).strip("-")
    if len(words) > limit:
        words = words[: limit + 1].rpartition("-")[0] or words[:limit]
    return words or "technology"
