"""The agreement as data: what the typesetter gets, all text already made, nothing to be interpreted."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from market.deals.rules import codec, wording
from market.deals.rules.clauses import clauses
from market.deals.rules.fields import FIELDS
from market.deals.rules.terms import IP_LABELS, Grant, TermSheet
from market.kit import i18n

LANGUAGE = "en"
TEMPLATE = "licence-1"
SUMMARY = (
    "licensed_ip",
    "field_of_use",
    "territory",
    "term",
    "sublicensing",
    "upfront",
    "royalty",
    "minimum",
    "milestones",
    "reports",
    "diligence",
)


@dataclass(frozen=True)
class Party:
    """One side as the agreement names it."""

    role: str
    name: str
    registration: str
    place: str
    country: str


@dataclass(frozen=True)
class Frame:
    """What surrounds the terms: names, dates and marks. `note` is printed on every page when it is not empty."""

    reference: str
    title: str
    version: int
    dated: date
    parties: tuple[Party, Party]
    note: str = ""


_KIND = {
    Grant.EXCLUSIVE: "Exclusive licence agreement",
    Grant.SOLE: "Sole licence agreement",
    Grant.NON_EXCLUSIVE: "Licence agreement",
    Grant.OPTION: "Option agreement",
}
_PLAIN = {
    Grant.EXCLUSIVE: "{licensor} lets {licensee}, and nobody else, use the technology as described below.",
    Grant.SOLE: "{licensor} lets {licensee} use the technology as described below, and licenses nobody else.",
    Grant.NON_EXCLUSIVE: "{licensor} lets {licensee} use the technology as described below. Others may be licensed too.",
    Grant.OPTION: "{licensor} gives {licensee} time to decide whether to take a licence of the technology.",
}


def document(sheet: TermSheet, frame: Frame) -> dict[str, Any]:
    """The whole agreement as JSON for the typesetter, in English whatever language the reader speaks."""
    with i18n.speaking(LANGUAGE):
        licensor, licensee = frame.parties
        return {
            "template": TEMPLATE,
            "kind": _KIND[sheet.grant],
            "reference": frame.reference,
            "title": frame.title,
            "version": frame.version,
            "dated": frame.dated.isoformat(),
            "dated_text": i18n.format_date(frame.dated),
            "note": frame.note,
            "digest": codec.digest(sheet),
            "parties": [_party(each) for each in frame.parties],
            "plain": _PLAIN[sheet.grant].format(licensor=licensor.name, licensee=licensee.name),
            "summary": _summary(sheet),
            "clauses": [asdict(clause) for clause in clauses(sheet)],
            "rights": _rights(sheet),
        }


def _party(party: Party) -> dict[str, str]:
    return {**asdict(party), "country": i18n.country_name(party.country)}


def _summary(sheet: TermSheet) -> list[dict[str, Any]]:
    rows = [(FIELDS[key].label, wording.lines(sheet, key)) for key in SUMMARY]
    return [{"label": label, "lines": list(found)} for label, found in rows if found]


def _rights(sheet: TermSheet) -> list[dict[str, str]]:
    return [
        {
            "kind": i18n.translate(IP_LABELS[right.kind]),
            "number": right.number,
            "title": right.title,
            "status": right.status.replace("_", " "),
        }
        for right in sheet.licensed_ip
    ]
