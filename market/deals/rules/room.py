"""The data room: who may open which document, and when no longer."""

from dataclasses import dataclass
from datetime import date

from market.kit.i18n import _

BEFORE, AFTER, NAMED = "before_nda", "after_nda", "named"
TIERS = (BEFORE, AFTER, NAMED)
TIER_LABELS = {
    BEFORE: _("Everybody of the other side, at once"),
    AFTER: _("Everybody of the other side, while a non-disclosure agreement is in force"),
    NAMED: _("Only the people ticked below, while a non-disclosure agreement is in force"),
}
SHORT_LABELS = {
    BEFORE: _("everybody, at once"),
    AFTER: _("everybody, under the agreement"),
    NAMED: _("named people, under the agreement"),
}
MOST_DOCUMENTS = 100
MOST_PAGES = 200
TYPES = frozenset({"application/pdf", "image/png", "image/jpeg"})


@dataclass(frozen=True)
class Access:
    """What its owner has set for a document. `ends_on` is the last day for the other side; None where it has none."""

    tier: str
    readers: frozenset[str]
    ends_on: date | None
    revoked: bool


@dataclass(frozen=True)
class Reader:
    """Who asks, and how things stand: `own` of the side that put it in; the deal closed or not; the agreement in force."""

    person_id: str
    own: bool
    nda_in_force: bool
    deal_closed: bool
    today: date


def may_open(access: Access, reader: Reader) -> bool:
    """Whether the reader may see the document now. Its own side always may, also to read who has opened it."""
    if reader.own:
        return True
    if access.revoked or reader.deal_closed or (access.ends_on is not None and reader.today > access.ends_on):
        return False
    if access.tier == BEFORE:
        return True
    return reader.nda_in_force and (access.tier == AFTER or reader.person_id in access.readers)
