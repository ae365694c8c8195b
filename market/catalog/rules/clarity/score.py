"""The clarity of a listing: a score from 0 to 100 made of named parts, and what to mend, sentence by sentence."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from market.catalog.rules.clarity import language, wording
from market.kit.i18n import _

THRESHOLD = 60
LONG_SENTENCE = 30
MOST_FINDINGS = 40
_EASY, _HARD = 45.0, 5.0

FIELDS = {
    "summary": _("One-sentence summary"),
    "problem": _("Problem"),
    "advantages": _("Advantages"),
    "comparison": _("Comparison"),
    "applications": _("Applications"),
    "description": _("Description"),
    "stage": _("Stage"),
    "price": _("Price"),
    "contact": _("Contact"),
    "picture": _("Picture"),
    "rights": _("Patents and rights"),
}
"""The field that a finding belongs to -> its label, a msgid."""


@dataclass(frozen=True)
class Told:
    """All of a listing that the score looks at."""

    summary: str = ""
    problem: str = ""
    advantages: str = ""
    comparison: str = ""
    applications: str = ""
    description: str = ""
    has_stage: bool = False
    has_price: bool = False
    has_contact: bool = False
    has_picture: bool = False
    has_right: bool = False

    def texts(self) -> dict[str, str]:
        """Field -> text of the parts that are read sentence by sentence."""
        names = ("summary", "problem", "advantages", "comparison", "applications", "description")
        return {name: text for name in names if (text := getattr(self, name)).strip()}


@dataclass(frozen=True)
class Finding:
    """Something to mend: in which field, the sentence it is about (empty: the whole field), and how (a msgid)."""

    field: str
    code: str
    advice: str
    sentence: str = ""
    params: dict[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """A named reason of the score: `points` out of `of`. `name` is a msgid."""

    key: str
    name: str
    points: int
    of: int


@dataclass(frozen=True)
class Clarity:
    """What a listing comes to. `level` names the language of summary and description, a msgid."""

    parts: tuple[Part, ...]
    findings: tuple[Finding, ...]
    level: str

    @property
    def score(self) -> int:
        """0 to 100."""
        return sum(part.points for part in self.parts)


def clarity(told: Told) -> Clarity:
    """Score a listing; total for any text."""
    hard_words = list(_hard_words(told))
    prose = "\n".join(text for text in (told.summary, told.description) if text.strip())
    parts = (
        Part("summary", _("A summary of one plain sentence"), _summary_points(told.summary), 20),
        Part("problem", _("Says what is hard or expensive today"), 8 * _there(told.problem), 8),
        Part("advantages", _("Says what is better"), 6 * _there(told.advantages), 6),
        Part("figures", _("Advantages with figures"), _figure_points(told.advantages), 8),
        Part("comparison", _("Compares with what people use now"), 6 * _there(told.comparison), 6),
        Part("applications", _("Says what it can be used for"), 8 * _there(told.applications), 8),
        Part(
            "language", _("A description that can be read without your degree"), _ease_points(told.description, 16), 16
        ),
        Part("words", _("Plain words, short forms explained"), _word_points(told, hard_words), 8),
        Part("stage", _("Says how far it is"), 4 * told.has_stage, 4),
        Part("price", _("A price, a range or terms in sight"), 5 * told.has_price, 5),
        Part("contact", _("Names who answers"), 4 * told.has_contact, 4),
        Part("picture", _("A picture"), 4 * told.has_picture, 4),
        Part("rights", _("A patent or another right"), 3 * told.has_right, 3),
    )
    findings = (*_empty_parts(told), *_sentence_findings(told), *hard_words)
    return Clarity(parts, findings[:MOST_FINDINGS], language.level(language.ease(prose)))


def below(score: int, threshold: int) -> bool:
    """Whether a listing needs a reason to go out."""
    return score < threshold


# --- points


def _there(text: str) -> bool:
    return any(c.isalnum() for c in text)


def _ease_points(text: str, most: int) -> int:
    """Full points for newspaper language, none for a patent claim; what cannot be measured is let pass."""
    if not _there(text):
        return 0
    value = language.ease(text)
    if value is None:
        return most
    return round(most * min(1.0, max(0.0, (value - _HARD) / (_EASY - _HARD))))


def _summary_points(text: str) -> int:
    if not _there(text):
        return 0
    pieces = language.sentences(text)
    brief = len(pieces) <= 2 and max(len(language.words(piece)) for piece in pieces) <= LONG_SENTENCE
    return 8 + 4 * brief + _ease_points(text, 8)


def _figure_points(text: str) -> int:
    """Four for any figure, four more when no claim stands without one. A figure more never costs a point."""
    if not _there(text) or not wording.has_figure(text):
        return 0
    return 4 + 4 * (not any(wording.claim_without_figure(piece) for piece in language.sentences(text)))


def _word_points(told: Told, found: list[Finding]) -> int:
    """One point less for each hard word in a hundred; a listing without words has none."""
    count = sum(len(language.words(text)) for text in told.texts().values())
    return max(0, 8 - round(100 * len(found) / max(count, 50))) if count else 0


# --- what to mend

_WANTED = (
    ("summary", _("Say in one sentence what it does, and for whom.")),
    ("problem", _("Say what is hard or expensive today: a buyer looks for that first.")),
    ("advantages", _("Say what is better, in figures.")),
    ("comparison", _("Say how it compares with what people use now.")),
    ("applications", _("Say what it can be used for, and by whom.")),
    ("description", _("Describe in a few sentences how it works.")),
)
_FACTS = (
    ("stage", _("Say how far it is, such as: prototype runs in our laboratory.")),
    ("price", _("Name a price, a range or terms, so that nobody has to ask.")),
    ("contact", _("Name who answers enquiries.")),
    ("picture", _("Add a picture of the thing itself.")),
    ("rights", _("Name the patent, application or other right behind it.")),
)


def _empty_parts(told: Told) -> Iterator[Finding]:
    for name, advice in _WANTED:
        if not _there(getattr(told, name)):
            yield Finding(name, "empty", advice)
    facts = (told.has_stage, told.has_price, told.has_contact, told.has_picture, told.has_right)
    for (name, advice), present in zip(_FACTS, facts, strict=True):
        if not present:
            yield Finding(name, "empty", advice)


def _sentence_findings(told: Told) -> Iterator[Finding]:
    for name, text in told.texts().items():
        for piece in language.sentences(text):
            yield from _faults(name, piece)
    if _there(told.advantages) and not wording.has_figure(told.advantages):
        yield Finding(
            "advantages", "no_figure", _("There is no figure among the advantages. How much, how fast, how long?")
        )


def _faults(name: str, piece: str) -> Iterator[Finding]:
    shown = piece if len(piece) <= 240 else piece[:239] + "…"
    found = language.words(piece)
    if len(found) > LONG_SENTENCE:
        advice = _("This sentence has {n} words. Make two of it.")
        yield Finding(name, "long", advice, shown, {"n": len(found)})
    value = language.ease(piece) if name in ("summary", "description") and len(found) >= 8 else None
    if value is not None and value < _HARD and len(found) <= LONG_SENTENCE:
        yield Finding(name, "hard", _("These words are long. Say it as you would to a neighbour."), shown)
    if name == "advantages" and (claim := wording.claim_without_figure(piece)):
        yield Finding(name, "claim", _("“{claim}”: by how much? Add a figure."), shown, {"claim": claim})
    if name in ("summary", "problem", "advantages") and (verb := wording.passive(piece)):
        yield Finding(name, "passive", _("“{verb}”: say who or what does it."), shown, {"verb": verb})


def _hard_words(told: Told) -> Iterator[Finding]:
    """Jargon, chains of nouns and unexplained short forms; each word is told once."""
    seen: set[str] = set()
    whole = "\n".join(told.texts().values())
    short = set(wording.unexplained(whole))
    for name, text in told.texts().items():
        for piece in language.sentences(text):
            shown = piece if len(piece) <= 240 else piece[:239] + "…"
            for word, plain in wording.jargon(piece):
                if word.lower() not in seen:
                    seen.add(word.lower())
                    yield _plainer(name, word, plain, shown)
            if (chain := wording.noun_chain(piece)) and chain not in seen:
                seen.add(chain)
                yield Finding(
                    name,
                    "chain",
                    _("“{chain}”: part this with small words such as of, for, by."),
                    shown,
                    {"chain": chain},
                )
            for word in sorted(short - seen):
                if word in piece:
                    seen.add(word)
                    yield Finding(name, "short_form", _("What is {word}? Spell it out once."), shown, {"word": word})


def _plainer(name: str, word: str, plain: str, shown: str) -> Finding:
    if plain:
        return Finding(name, "jargon", _("Say “{plain}” instead of “{word}”."), shown, {"word": word, "plain": plain})
    return Finding(
        name, "jargon", _("“{word}” says nothing to a buyer. Leave it out, or say what is new."), shown, {"word": word}
    )
