"""What a listing must have before it goes out, and how long what it says holds."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from market.catalog.rules.vocabulary import OFFERS, SECTORS
from market.kit.errors import Refusal
from market.kit.i18n import _

CONFIRM_MONTHS = 6
HIDE_MONTHS = 8
ASK_BEFORE = timedelta(days=14)
ASK_AGAIN = timedelta(days=20)
LINK_LENGTH = timedelta(days=90)
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


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last: 31 August and six months are 28 or 29 February."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return day.replace(year=year, month=month, day=min(day.day, calendar.monthrange(year, month)[1]))


def confirm_by(confirmed_on: date) -> date:
    """The last day on which a listing still counts as confirmed."""
    return months_later(confirmed_on, CONFIRM_MONTHS)


def freshness(confirmed_on: date | None, today: date) -> str:
    """`published` while confirmed, `stale` when that is more than half a year ago, `hidden` two months later."""
    if confirmed_on is None or today <= confirm_by(confirmed_on):
        return "published"
    return "stale" if today <= months_later(confirmed_on, HIDE_MONTHS) else "hidden"


def to_be_asked(confirmed_on: date, today: date) -> bool:
    """Whether it is time to ask the contact if a listing still holds."""
    return today >= confirm_by(confirmed_on) - ASK_BEFORE


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
