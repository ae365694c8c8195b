"""The non-disclosure agreement: its wording as data for the typesetter, its last day, and whether it is in force.

The wording is ours; `TEMPLATE` names its version, which stands in every document made of it.
"""

import calendar
import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from market.deals.rules.agreement import LANGUAGE, Frame, Party
from market.kit import i18n

TEMPLATE = "nda-1"
MUTUAL = "mutual"
AFTER_YEARS = 3


@dataclass(frozen=True)
class NdaTerms:
    """What the two sides choose. `discloser` is mutual, licensor or licensee; it runs `months` from the last signature."""

    discloser: str
    purpose: str
    months: int


def last_day(signed_on: date, months: int) -> date:
    """The last day of an agreement that runs `months` from `signed_on`; at the end of a shorter month, its last day."""
    year, month = divmod(signed_on.year * 12 + signed_on.month - 1 + months, 12)
    return date(year, month + 1, min(signed_on.day, calendar.monthrange(year, month + 1)[1]))


def in_force(ends_on: date | None, today: date) -> bool:
    """Whether a signed agreement still runs on `today`; it does on its last day."""
    return ends_on is not None and today <= ends_on


def number(document_id: str, dated: date) -> str:
    """The name by which people call it, such as `NDA-2027-8K3F9D2A`."""
    return f"NDA-{dated.year}-{document_id[-8:].upper()}"


def document(terms: NdaTerms, frame: Frame) -> dict[str, Any]:
    """The whole agreement as JSON for the typesetter, in English whatever language the reader speaks."""
    with i18n.speaking(LANGUAGE):
        return {
            "template": TEMPLATE,
            "kind": "Mutual non-disclosure agreement" if terms.discloser == MUTUAL else "Non-disclosure agreement",
            "reference": frame.reference,
            "title": frame.title,
            "version": frame.version,
            "dated": frame.dated.isoformat(),
            "dated_text": i18n.format_date(frame.dated),
            "note": frame.note,
            "digest": digest(terms),
            "terms": asdict(terms),
            "parties": [asdict(each) | {"country": i18n.country_name(each.country)} for each in frame.parties],
            "plain": _plain(terms, frame.parties),
            "summary": _summary(terms, frame.parties),
            "clauses": [
                {"title": title, "paragraphs": list(paragraphs), "points": list(points)}
                for title, paragraphs, points in _clauses(terms, frame.parties)
            ],
            "rights": [],
        }


def digest(terms: NdaTerms) -> str:
    """The SHA-256 of what was chosen, as canonical JSON with the version of the wording."""
    text = json.dumps(asdict(terms) | {"template": TEMPLATE}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _sides(terms: NdaTerms, parties: tuple[Party, Party]) -> tuple[str, str]:
    """The names of who discloses and who receives."""
    licensor, licensee = parties
    return (licensee.name, licensor.name) if terms.discloser == "licensee" else (licensor.name, licensee.name)


def _plain(terms: NdaTerms, parties: tuple[Party, Party]) -> str:
    one, two = _sides(terms, parties)
    if terms.discloser == MUTUAL:
        return f"{one} and {two} show each other secrets for one purpose, and keep them secret."
    return f"{one} shows secrets to {two} for one purpose, and {two} keeps them secret."


def _summary(terms: NdaTerms, parties: tuple[Party, Party]) -> list[dict[str, Any]]:
    one, two = _sides(terms, parties)
    who = f"{one} and {two}, each to the other" if terms.discloser == MUTUAL else f"{one} to {two}"
    rows = (
        ("Who discloses", who),
        ("Purpose", terms.purpose),
        ("How long", f"{terms.months} months from the day of the last signature"),
        ("Secrecy afterwards", f"{AFTER_YEARS} more years"),
        ("No licence", "Nobody gets a right to use the technology by this agreement"),
    )
    return [{"label": label, "lines": [line]} for label, line in rows]


def _clauses(terms: NdaTerms, parties: tuple[Party, Party]) -> tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]:
    """Title, paragraphs and the points under the first paragraph of each clause."""
    one, two = _sides(terms, parties)
    if terms.discloser == MUTUAL:
        roles = "Each party is the “Discloser” of what it shows and the “Recipient” of what it is shown."
    else:
        roles = f"{one} is the “Discloser”. {two} is the “Recipient”."
    return (
        (
            "Purpose",
            (roles, f"The Discloser shows Confidential Information for this purpose only: {terms.purpose}"),
            (),
        ),
        (
            "Confidential Information",
            (
                "Confidential Information is everything not public that the Discloser shows the Recipient for the purpose:",
                "It need not be marked as confidential where a sensible person would see that it is.",
            ),
            (
                "documents put into the data room of the deal and whatever they say;",
                "samples, data, drawings, methods, prices and plans, in whatever form;",
                "that the parties talk with each other, and about what.",
            ),
        ),
        (
            "What the Recipient promises",
            ("The Recipient",),
            (
                "uses Confidential Information for the purpose alone;",
                "shows it only to its own people and advisers who need it for the purpose and are bound to secrecy;",
                "keeps it as safely as its own secrets, and with reasonable care at least;",
                "does not take samples or programs apart to find out how they are made;",
                "tells the Discloser at once when it learns of a loss or misuse.",
            ),
        ),
        (
            "What is not confidential",
            (
                "These duties do not hold for what the Recipient can show",
                "Where a court or an authority orders disclosure, the Recipient tells the Discloser first if the law lets "
                "it, and discloses no more than it must.",
            ),
            (
                "was public, or became public by no fault of the Recipient;",
                "was known to the Recipient before, or came from somebody free to tell it;",
                "was found by the Recipient on its own, without Confidential Information.",
            ),
        ),
        (
            "How long",
            (
                f"This agreement begins on the day of the last signature and runs for {terms.months} months.",
                f"The duties of the Recipient go on for {AFTER_YEARS} years after its end, and for a trade secret as long "
                "as it is one.",
                "At the end, and whenever the Discloser asks, the Recipient deletes or gives back what it was shown. It "
                "may keep one copy where the law makes it, under the same duties.",
            ),
            (),
        ),
        (
            "No licence, no promise",
            (
                "Everything shown stays the Discloser’s. Nobody gets a licence or the duty to agree on one.",
                "Information is given as it is, without a promise that it is complete or correct.",
            ),
            (),
        ),
        (
            "Other conversations",
            (
                "Either party may place another conversation between the same two parties in Ponte under this agreement. "
                "The record of that deal names this agreement; its duties then hold for that purpose too, until the same "
                "day.",
            ),
            (),
        ),
        (
            "Law",
            (
                f"The law of {i18n.country_name(parties[0].country)} applies. The parties first try to settle a dispute by "
                "talking; a court may be asked to stop a disclosure at any time.",
            ),
            (),
        ),
    )
