"""Words that keep a buyer away: jargon, chains of nouns, short forms nobody explains, claims without a figure, passive."""

import re
from collections.abc import Iterator

from market.catalog.rules.clarity.language import words

# What specialists and lawyers write, and what a shop owner says; written down by us from real listings.
JARGON: dict[str, str] = {
    "utilize": "use",
    "utilizes": "uses",
    "utilized": "used",
    "utilizing": "using",
    "utilise": "use",
    "utilises": "uses",
    "utilised": "used",
    "utilising": "using",
    "utilization": "use",
    "leverage": "use",
    "leverages": "uses",
    "leveraging": "using",
    "plurality": "several",
    "embodiment": "version",
    "embodiments": "versions",
    "wherein": "in which",
    "whereby": "by which",
    "thereof": "of it",
    "therein": "in it",
    "thereby": "so",
    "comprises": "has",
    "comprising": "with",
    "aforementioned": "this",
    "facilitate": "help",
    "facilitates": "helps",
    "facilitating": "helping",
    "methodology": "method",
    "methodologies": "methods",
    "functionality": "what it does",
    "functionalities": "what it does",
    "paradigm": "way",
    "synergy": "joint effect",
    "synergistic": "joint",
    "holistic": "whole",
    "modality": "kind",
    "modalities": "kinds",
    "ameliorate": "ease",
    "endeavor": "try",
    "endeavour": "try",
    "commence": "begin",
    "subsequently": "then",
    "in order to": "to",
    "prior to": "before",
    "with respect to": "about",
    "a multitude of": "many",
    "due to the fact that": "because",
    "in situ": "on the spot",
    "ex situ": "elsewhere",
    "in silico": "by computer",
    "instantiation": "example",
    "configured to": "made to",
    "adapted to": "made to",
    "operably": "",
    "novel": "",
    "innovative": "",
    "cutting-edge": "",
    "state-of-the-art": "",
    "groundbreaking": "",
    "revolutionary": "",
    "next-generation": "",
    "best-in-class": "",
    "world-class": "",
    "seamless": "",
    "seamlessly": "",
    "disruptive": "",
    "unprecedented": "",
    "game-changing": "",
}
"""Word -> the plain one; empty where it says nothing and can go."""

_JARGON = re.compile(
    r"\b(?:" + "|".join(re.escape(word) for word in sorted(JARGON, key=len, reverse=True)) + r")\b", re.IGNORECASE
)
_CLAIM = re.compile(
    r"\b(?:better|faster|quicker|cheaper|lighter|stronger|smaller|thinner|safer|longer|higher|lower|less|fewer|greater|"
    r"more (?:efficient|accurate|precise|durable|reliable|sensitive|economical|affordable)|superior|"
    r"(?:significant|substantial|considerabl|dramatic|drastic|great|vast|marked)(?:ly|y)? (?:\w+ )?"
    r"(?:improv|reduc|increas|lower|higher|better|faster|less|more|sav|cut|extend|shorten)\w*|"
    r"significantly|substantially|considerably|dramatically|drastically|"
    r"(?:reduced?|improved?|increased?|enhanced?|low|high) (?:cost|costs|efficiency|speed|weight|accuracy|performance|"
    r"durability|sensitivity|energy|power|strength|throughput|lifetime|yield|quality))\b",
    re.IGNORECASE,
)
_NUMBER_WORD = re.compile(
    r"\d|[½¼¾⅓⅔]|\b(?:half|halves|halved|double|doubles|doubled|twice|triple|tenth|tenfold|third|quarter|one|two|three|"
    r"four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty|hundred|thousand|million|no|none|"
    r"zero|without|never)\b",
    re.IGNORECASE,
)
_PASSIVE = re.compile(
    r"\b(?:is|are|was|were|be|been|being)\s+(?:\w+ly\s+)?(?:\w{3,}ed|made|built|given|known|shown|done|found|held|kept|"
    r"taken|written|chosen|driven|grown|drawn|sent|brought|put|set|cut|bound|wound|spun)\b",
    re.IGNORECASE,
)
_SHORT = re.compile(r"(?<![\w-])[A-Z][A-Z&]{1,5}s?(?![\w])")
_NOUN_LIKE = re.compile(
    r"\w{2,}(?:tion|sion|ment|ity|ness|ance|ence|ism|ics|ogy|ure|age|tor|ter|ser|zer|ysis|graphy|metry|scope|meter|tron|"
    r"tic|nal|ive|ing)s?$",
    re.IGNORECASE,
)
_KNOWN_TEXT = """
AC AI AM API BBQ CAD CD CEO CET CMOS CNC CO CPU CT DC DIN DIY DNA DVD EEA EN EP EPA EPO ESA EU EUR FAQ FDA FM GB GBP
GMT GPS GPU HD HDMI HIV HTML HTTP ICT ID IEC IEEE II III IP IPC IR ISO IT IV JP JPO KG KR LCD LED LLC LTD MB ML MRI
NASA NATO NFC OECD OK PC PCB PCT PDF PH PHD PIN PVC PR QR RAM RF RFID RNA RPM SIM SME SMS TRL TV UAV UK UN US USA
USB USD USPTO UV VAT VI VII VIII VOC WHO WIPO WO XI XII XML XPS
"""
_KNOWN = frozenset(_KNOWN_TEXT.split())


def jargon(sentence: str) -> Iterator[tuple[str, str]]:
    """Each word or phrase of the list in a sentence, as it stands there, with the plain one."""
    for match in _JARGON.finditer(sentence):
        yield match.group(), JARGON[match.group().lower()]


def claim_without_figure(sentence: str) -> str:
    """The claim, such as `faster`, of a sentence that has no number in it; empty when there is none."""
    match = _CLAIM.search(sentence)
    return match.group() if match and not has_figure(sentence) else ""


def has_figure(text: str) -> bool:
    """Whether a text holds a number, in digits or as a word such as `half`."""
    return bool(_NUMBER_WORD.search(text))


def passive(sentence: str) -> str:
    """The first passive verb of an English sentence; empty when there is none."""
    match = _PASSIVE.search(sentence)
    return match.group() if match else ""


def noun_chain(sentence: str, least: int = 4) -> str:
    """A run of at least `least` words that all look like nouns, with nothing between them; empty when there is none."""
    for clause in re.split(r"[^\w\s'’-]", sentence):
        run: list[str] = []
        for word in [*words(clause), ""]:
            if word and _NOUN_LIKE.match(word):
                run.append(word)
            elif len(run) >= least:
                return " ".join(run)
            else:
                run = []
    return ""


def unexplained(text: str) -> list[str]:
    """Short forms such as `SOFC` that the text never spells out, in the order of their first use.

    `solid oxide fuel cell (SOFC)` and `SOFC (solid oxide fuel cell)` explain it. Headings in capitals are let alone.
    """
    found: list[str] = []
    for match in _SHORT.finditer(text):
        short = match.group().removesuffix("s")
        if short in _KNOWN or short in found or _shouted(text, match.start(), match.end()):
            continue
        if not re.search(rf"\(\s*{re.escape(short)}s?\b|\b{re.escape(short)}s?\s*\(", text):
            found.append(short)
    return found


def _shouted(text: str, start: int, end: int) -> bool:
    """Whether the words before or after are in capitals too: a heading, not a short form."""
    before, after = text[max(0, start - 30) : start].split(), text[end : end + 30].split()
    return any(len(word) > 3 and word.isalpha() and word.isupper() for word in (*before[-1:], *after[:1]))
