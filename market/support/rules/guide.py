"""A guide as it is written: front matter, text and quiz in one Markdown file; no I/O.

---
title: What a licence is
summary: One sentence.
minutes: 5
level: start
topic: licence
stands: looking, talking
picture: steps
picture_title: What the picture says in a sentence
picture_items: First box; Second box
---
Text in Markdown ...

## Quiz

### A question?

- [ ] A wrong answer
- [x] The right answer

> Why it is right.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from market.kit.i18n import _

LEVELS = {"start": _("First steps"), "practice": _("In practice"), "detail": _("In detail")}
TOPICS = {
    "licence": _("Licences and money"),
    "deal": _("Making the deal"),
    "rights": _("Rights: patents and the others"),
    "research": _("Working with research"),
    "world": _("Across borders and for the common good"),
}
STANDS = {
    "looking": _("I am looking around"),
    "talking": _("I have asked an institution"),
    "negotiating": _("I am negotiating terms"),
    "signing": _("I am about to sign"),
    "running": _("I have a licence"),
    "stuck": _("We disagree"),
    "inventing": _("I have an idea of my own"),
}
FRONT = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)
QUIZ = "\n## Quiz\n"


@dataclass(frozen=True)
class Picture:
    """What is drawn: `kind` is steps, bars or times; items are (text, value as written)."""

    kind: str
    title: str
    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Question:
    """A question, the answers to choose from, which of them is right (from 0), and why."""

    text: str
    answers: tuple[str, ...]
    right: int
    why: str


@dataclass(frozen=True)
class Guide:
    """A guide, its text still in Markdown."""

    slug: str
    title: str
    summary: str
    minutes: int
    level: str
    topic: str
    stands: tuple[str, ...]
    picture: Picture
    text: str
    questions: tuple[Question, ...]


def parse(slug: str, source: str) -> Guide:
    """Read a guide; ValueError says what its author forgot."""
    found = FRONT.match(source)
    if found is None:
        raise ValueError(f"{slug}: no front matter")
    front = dict(_pair(line, ":") for line in found[1].splitlines())
    text, _mark, quiz = found[2].partition(QUIZ)
    stands = tuple(part.strip() for part in front["stands"].split(","))
    if front["level"] not in LEVELS or front["topic"] not in TOPICS or not set(stands) <= set(STANDS):
        raise ValueError(f"{slug}: unknown level, topic or stand")
    items = tuple(_pair(part, "=") for part in front["picture_items"].split(";"))
    return Guide(
        slug=slug,
        title=front["title"],
        summary=front["summary"],
        minutes=int(front["minutes"]),
        level=front["level"],
        topic=front["topic"],
        stands=stands,
        picture=Picture(front["picture"], front["picture_title"], items),
        text=text.strip(),
        questions=tuple(_question(slug, part) for part in quiz.split("\n### ")[1:]),
    )


def _pair(text: str, sign: str) -> tuple[str, str]:
    name, _sign, value = text.partition(sign)
    return name.strip(), value.strip()


def _question(slug: str, part: str) -> Question:
    lines = [line.strip() for line in part.splitlines()]
    answers = [line[6:] for line in lines if line.startswith(("- [ ] ", "- [x] "))]
    right = [at for at, line in enumerate(each for each in lines if each.startswith("- [")) if line.startswith("- [x]")]
    why = " ".join(line[2:] for line in lines if line.startswith("> "))
    if len(right) != 1 or len(answers) < 2 or not why:
        raise ValueError(f"{slug}: a question wants answers, one of them right, and a reason: {lines[0]}")
    return Question(lines[0], tuple(answers), right[0], why)


# --- the quiz


@dataclass(frozen=True)
class Mark:
    """How one question was answered: by which answer, and whether it is the right one."""

    question: Question
    chosen: int

    @property
    def good(self) -> bool:
        """Whether the right answer was chosen."""
        return self.chosen == self.question.right


def unanswered(questions: Sequence[Question], chosen: Mapping[int, str]) -> list[int]:
    """The numbers (from 1) of the questions without one of their answers."""
    return [
        number
        for number, question in enumerate(questions, start=1)
        if chosen.get(number, "") not in {str(at) for at in range(len(question.answers))}
    ]


def marked(questions: Sequence[Question], chosen: Mapping[int, str]) -> list[Mark]:
    """Each question with the answer chosen; all must be answered."""
    return [Mark(question, int(chosen[number])) for number, question in enumerate(questions, start=1)]


# --- where somebody stands in a deal

STAND_OF_STATE = {
    "enquiry_sent": "talking",
    "qualified": "talking",
    "nda_pending": "talking",
    "evaluating": "talking",
    "offer_from_licensor": "negotiating",
    "offer_from_licensee": "negotiating",
    "terms_agreed": "signing",
    "approved": "signing",
    "signing": "signing",
    "awaiting_payment": "running",
    "active": "running",
    "amendment_pending": "negotiating",
    "breach_notified": "stuck",
    "disputed": "stuck",
    "terminated": "looking",
    "expired": "looking",
    "lost": "looking",
}
BEST_FOR_STATE = {
    "enquiry_sent": "first-question-to-a-university",
    "qualified": "first-question-to-a-university",
    "nda_pending": "non-disclosure-agreements",
    "evaluating": "reading-a-term-sheet",
    "offer_from_licensor": "reading-a-term-sheet",
    "offer_from_licensee": "reading-a-term-sheet",
    "terms_agreed": "before-you-sign",
    "approved": "before-you-sign",
    "signing": "before-you-sign",
    "awaiting_payment": "royalty-reports",
    "active": "royalty-reports",
    "amendment_pending": "reading-a-term-sheet",
    "breach_notified": "mediation-and-arbitration",
    "disputed": "mediation-and-arbitration",
}


def for_state(guides: Sequence[Guide], state: str, most: int = 2) -> list[Guide]:
    """The guides that help in a deal's situation: the one written for it first, then others for the same stand."""
    stand, best = STAND_OF_STATE.get(state, "looking"), BEST_FOR_STATE.get(state, "")
    fitting = [guide for guide in guides if stand in guide.stands or guide.slug == best]
    return sorted(fitting, key=lambda guide: guide.slug != best)[:most]
