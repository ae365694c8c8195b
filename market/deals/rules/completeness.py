"""Whether a term sheet can be offered: complete, consistent, and within what the trade and the law allow."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from market.deals.rules import further_faults, regions
from market.deals.rules.further_faults import amount_faults
from market.deals.rules.terms import (
    LONGEST_YEARS,
    MOST_TIERS,
    WORLD,
    Grant,
    IpKind,
    Resolution,
    TermKind,
    TermSheet,
    rate_fits,
)
from market.kit.errors import Refusal
from market.kit.i18n import _

LONGEST_OFFER = timedelta(days=366)
_CODE = re.compile(r"[A-Z]\d{0,2}(\.\d{1,2}){0,2}|[A-HY]\d{2}[A-Z](\d{1,4}(/\d{2,6})?)?")


def faults(sheet: TermSheet, *, today: date) -> tuple[Refusal, ...]:
    """Everything that keeps `sheet` from being offered today, each with a sentence and the field it belongs to."""
    checks = (_object, _field_of_use, _territory, _term, _option, _sublicensing, _fees, _royalty, _minimum, _disputes)
    found = [refusal for check in checks for refusal in check(sheet)]
    return (*found, *further_faults.faults(sheet), *_validity(sheet, today))


def normal_code(text: str) -> str:
    """A NACE or IPC code as we keep it: upper case, without spaces."""
    return re.sub(r"\s+", "", text.upper())


def _object(sheet: TermSheet) -> Iterator[Refusal]:
    if not sheet.licensed_ip:
        yield Refusal("no_ip", _("Say what is licensed: at least one patent, know-how or other right."), "ip")
    keys = [right.key for right in sheet.licensed_ip]
    if len(keys) != len(set(keys)):
        yield Refusal("ip_twice", _("The same right is listed twice."), "ip")
    for right in sheet.licensed_ip:
        if right.kind in (IpKind.PATENT, IpKind.APPLICATION) and not right.number:
            yield Refusal("ip_number", _("A patent or application needs its number."), "ip")
        if not (right.number or right.title):
            yield Refusal("ip_name", _("Give each right a number or a name."), "ip")


def _field_of_use(sheet: TermSheet) -> Iterator[Refusal]:
    if len(sheet.field_of_use.text.strip()) < 3:
        yield Refusal("no_field", _("Say in a few words for what the technology may be used."), "field_text")
    for code in sheet.field_of_use.codes:
        if not _CODE.fullmatch(code):
            yield Refusal(
                "bad_code", _("{code} is not a NACE or IPC code, such as C20.1 or A61K."), "field_codes", {"code": code}
            )


def _territory(sheet: TermSheet) -> Iterator[Refusal]:
    territory = sheet.territory
    if WORLD in territory.include and len(territory.include) > 1:
        yield Refusal("world_and", _("Choose either the whole world or single countries."), "territory")
    unknown = {*territory.include, *territory.exclude} - regions.countries() - {WORLD}
    if unknown:
        yield Refusal(
            "no_country", _("{code} is not a country we know."), "countries", {"code": ", ".join(sorted(unknown))}
        )
    elif not regions.covered(territory):
        yield Refusal("empty_territory", _("No country is left. Choose at least one."), "countries")


def _term(sheet: TermSheet) -> Iterator[Refusal]:
    term = sheet.term
    if term.kind == TermKind.YEARS and not (term.years and 1 <= term.years <= LONGEST_YEARS):
        yield Refusal("years", _("Write a number of years from 1 to {most}."), "years", {"most": LONGEST_YEARS})
    if term.kind == TermKind.UNTIL and (term.until is None or term.until <= sheet.valid_until):
        yield Refusal("until", _("Choose an end date that is later than the end of this offer."), "until")
    patents = any(right.kind in (IpKind.PATENT, IpKind.APPLICATION) for right in sheet.licensed_ip)
    if term.kind == TermKind.LAST_PATENT and not patents:
        yield Refusal("no_patent", _("No patent is licensed, so choose another way to fix the end."), "term")


def _option(sheet: TermSheet) -> Iterator[Refusal]:
    if (sheet.option is not None) != (sheet.grant == Grant.OPTION):
        yield Refusal("option", _("An option needs its months and fee, and only an option has them."), "option_months")
    elif sheet.option is not None:
        if not 1 <= sheet.option.months <= 60:
            yield Refusal("option_months", _("Write a number of months from 1 to 60."), "option_months")
        yield from amount_faults(sheet.option.fee, sheet.currency, "option_fee")


def _sublicensing(sheet: TermSheet) -> Iterator[Refusal]:
    share = sheet.sublicensing.share
    if share is not None and not rate_fits(share, most=Decimal(1)):
        yield Refusal("share", _("Write a share from 0 to 100 per cent."), "sublicence_share")


def _fees(sheet: TermSheet) -> Iterator[Refusal]:
    if sheet.upfront is None:
        return
    yield from amount_faults(sheet.upfront.amount, sheet.currency, "upfront")
    if not 0 <= sheet.upfront.days_due <= 365:
        yield Refusal("days_due", _("Write a number of days from 0 to 365."), "upfront_days")


def _royalty(sheet: TermSheet) -> Iterator[Refusal]:
    royalty = sheet.royalty
    if royalty is None:
        return
    bounds = [tier.over for tier in royalty.tiers]
    if not bounds or bounds[0] != 0 or len(bounds) > MOST_TIERS:
        yield Refusal("first_tier", _("The first tier of the royalty starts at 0 of net sales."), "tier_1_rate")
    if any(later <= earlier for earlier, later in pairwise(bounds)):
        yield Refusal("tiers", _("Each tier must start at higher sales than the one before."), "tier_2_over")
    if not all(rate_fits(tier.rate, most=Decimal("0.999999")) for tier in royalty.tiers):
        yield Refusal(
            "rate", _("A royalty rate is from 0 to below 100 per cent, with at most 4 decimals."), "tier_1_rate"
        )
    if sheet.reports is None:
        yield Refusal("reports", _("A royalty needs sales reports. Say how often."), "reports")
    elif not 1 <= sheet.reports.grace_days <= 180:
        yield Refusal("grace", _("Write a number of days from 1 to 180."), "report_days")


def _minimum(sheet: TermSheet) -> Iterator[Refusal]:
    if sheet.minimum is None:
        return
    yield from amount_faults(sheet.minimum.amount, sheet.currency, "minimum")
    if sheet.royalty is None:
        yield Refusal("minimum_alone", _("A minimum royalty needs a royalty that it is the minimum of."), "minimum")
    if not 1 <= sheet.minimum.from_year <= LONGEST_YEARS:
        yield Refusal(
            "from_year", _("Write the year of the licence from which it is due: 1 is the first."), "minimum_from"
        )


def _disputes(sheet: TermSheet) -> Iterator[Refusal]:
    if sheet.disputes.law not in regions.countries():
        yield Refusal("law", _("Choose the country whose law applies."), "law")
    if sheet.disputes.resolution == Resolution.MEDIATION_ARBITRATION and not sheet.disputes.seat.strip():
        yield Refusal("seat", _("Arbitration needs a place. Name a city."), "seat")
    if not 0 <= sheet.confidentiality_months <= 240:
        yield Refusal("confidential", _("Write a number of months from 0 to 240."), "confidentiality")


def _validity(sheet: TermSheet, today: date) -> Iterator[Refusal]:
    if sheet.valid_until < today:
        yield Refusal("over", _("Choose a day from today on."), "valid_until")
    elif sheet.valid_until > today + LONGEST_OFFER:
        yield Refusal("too_long", _("An offer can stay open for one year at most."), "valid_until")
