"""What a listing must have before it goes out, and how long what it says holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from market.catalog.rules.vocabulary import OFFERS, SECTORS
from market.kit.errors import Refusal
from market.kit.i18n import _

CONFIRM_EVERY = timedelta(days=183)
STALE_FOR = timedelta(days=61)
ID_LENGTH = 26


@dataclass(frozen=True)
class Readiness:
    """The facts of a listing that publishing looks at."""

    title: str
    summary: str
    description: str
    sector: str | None
    offers: tuple[str, ...]
    has_contact: bool
    from_import: bool = False


def missing(facts: Readiness) -> list[Refusal]:
    """Say what a listing still lacks, in the order of the form. An imported one may go out without a named contact:
    enquiries reach every officer of the institution."""
    wanted = (
        ("title", bool(facts.title.strip()), _("Give the technology a title.")),
        ("summary", bool(facts.summary.strip()), _("Say in one sentence what it does, and for whom.")),
        ("description", len(facts.description.strip()) >= 40, _("Describe it in a few sentences.")),
        ("sector", facts.sector in SECTORS, _("Choose a sector.")),
        ("offers", bool(set(facts.offers) & set(OFFERS)), _("Choose what you offer, such as a licence.")),
        ("contact_id", facts.has_contact or facts.from_import, _("Name a contact: who answers enquiries?")),
    )
    return [Refusal("missing", sentence, field) for field, present, sentence in wanted if not present]


def confirm_by(confirmed_on: date) -> date:
    """The day by which the institution must say again that the listing holds."""
    return confirmed_on + CONFIRM_EVERY


def freshness(confirmed_on: date | None, today: date) -> str:
    """`published` while confirmed, `stale` when that is half a year ago, `hidden` two months later."""
    if confirmed_on is None or today <= confirm_by(confirmed_on):
        return "published"
    return "stale" if today <= confirm_by(confirmed_on) + STALE_FOR else "hidden"


def price_faults(
    kind: str, low: int | None, high: int | None, currency: str, currencies: frozenset[str]
) -> Mapping[str, str]:
    """What is wrong with a price: field -> sentence (msgid). Amounts are minor units."""
    if kind in ("on_request", "free"):
        return {}
    faults = {}
    if currency not in currencies:
        faults["currency"] = _("Choose a currency.")
    if not low:
        faults["price_low"] = _("Write an amount, such as 5,000.")
    if kind == "range" and (not high or not low or high <= low):
        faults["price_high"] = _("Write the highest amount; it must be more than the lowest.")
    return faults


def technology_id(path_part: str) -> str:
    """The id at the end of an address such as `/technologies/quiet-pump-01j...`."""
    return path_part[-ID_LENGTH:]
