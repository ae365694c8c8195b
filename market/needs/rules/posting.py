"""What a need must hold before it goes to the desk, and what an anonymous one must not say."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from market.catalog.rules.vocabulary import SECTORS
from market.discovery.rules.words import words
from market.kit.errors import Refusal
from market.kit.i18n import _

ID_LENGTH = 26
SHORTEST_TEXT = 60
LONGEST_TEXT = 8_000
LONGEST_DEADLINE = timedelta(days=2 * 366)
_LEGAL_TEXT = """
gmbh ag kg ohg ug sa sas sarl srl spa ltd limited llc inc plc bv nv ab as oy sp zoo sl slu the and und et co company
"""
_LEGAL_FORMS = frozenset(_LEGAL_TEXT.split())


@dataclass(frozen=True)
class Facts:
    """What the rules look at; `organisation` is the name of who posts."""

    title: str
    text: str
    sector: str | None
    kinds: tuple[str, ...]
    deadline: date | None
    anonymous: bool
    organisation: str
    others: tuple[str, ...] = ()


def missing(facts: Facts, *, today: date) -> list[Refusal]:
    """Say what keeps a need from being sent to the desk, in the order of the form."""
    faults = []
    if len(facts.title) < 8:
        faults.append(Refusal("title", _("Say in one line what you need."), "title"))
    if len(facts.text) < SHORTEST_TEXT:
        faults.append(Refusal("text", _("Describe it in two or three sentences at least."), "text"))
    if facts.sector not in SECTORS:
        faults.append(Refusal("sector", _("Choose a sector."), "sector"))
    if not facts.kinds:
        faults.append(Refusal("kinds", _("Choose at least one way of working together."), "kinds"))
    faults += deadline_faults(facts.deadline, today=today)
    if facts.anonymous and names_itself(facts.organisation, (facts.title, facts.text, *facts.others)):
        faults.append(
            Refusal(
                "names_itself",
                _("You wish to stay anonymous, but the text names your organisation. Take the name out."),
                "text",
            )
        )
    return faults


def deadline_faults(deadline: date | None, *, today: date) -> list[Refusal]:
    """A deadline lies ahead, and within two years; none at all is fine."""
    if deadline is None:
        return []
    if deadline <= today:
        return [Refusal("deadline_past", _("Choose a day after today."), "deadline")]
    if deadline > today + LONGEST_DEADLINE:
        return [Refusal("deadline_far", _("Choose a day within the next two years."), "deadline")]
    return []


def names_itself(organisation: str, texts: Iterable[str]) -> bool:
    """Whether a text holds the organisation's name, with or without its legal form, in any spelling of capitals."""
    name = [word for word in words(organisation) if word not in _LEGAL_FORMS]
    if not name or (len(name) == 1 and len(name[0]) < 4):
        return False
    wanted = f" {' '.join(name)} "
    for text in texts:
        said = " ".join(word for word in words(text) if word not in _LEGAL_FORMS)
        if wanted in f" {said} ":
            return True
    return False


def need_id(path_part: str) -> str:
    """The id at the end of an address such as `/needs/quiet-pump-01j...`."""
    return path_part[-ID_LENGTH:]
