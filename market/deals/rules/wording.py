"""A term sheet in words: for each term the lines that a person reads, in the language in force."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from market.deals.rules import regions
from market.deals.rules.further import CREDIT_LABELS, PRORATION_LABELS, Credit, Instalment, Proration
from market.deals.rules.further_words import FURTHER_WORDING
from market.deals.rules.terms import (
    BASIS_LABELS,
    FREQUENCY_LABELS,
    GRANT_LABELS,
    IP_LABELS,
    RESOLUTION_LABELS,
    SUBLICENCE_LABELS,
    Disputes,
    FieldOfUse,
    Grant,
    LicensedIp,
    MinimumRoyalty,
    OptionTerms,
    Reports,
    Resolution,
    Royalty,
    Sublicensing,
    Term,
    TermKind,
    TermSheet,
    Territory,
    Tier,
    UpfrontFee,
)
from market.kit.i18n import _, country_name, format_date, format_money, format_percent, ntranslate, translate
from market.kit.money import Money

Lines = tuple[str, ...]


def lines(sheet: TermSheet, key: str) -> Lines:
    """The words of one term; empty when it was not agreed."""
    value = getattr(sheet, key)
    if value is None:
        return ()
    return FURTHER_WORDING[key](value) if key in FURTHER_WORDING else _WORDING[key](value, sheet)


def grant(value: Grant, _sheet: TermSheet | None = None) -> Lines:
    """The kind of grant."""
    return (translate(GRANT_LABELS[value]),)


def option(value: OptionTerms, _sheet: TermSheet | None = None) -> Lines:
    """The option's time, fee and notice."""
    return (
        ntranslate("{n} month to decide", "{n} months to decide", value.months),
        translate(_("Fee: {fee}"), fee=value.fee),
        ntranslate("Notice: {n} day before the end", "Notice: {n} days before the end", value.notice_days),
    )


def right(value: LicensedIp) -> str:
    """One right, such as `Patent US10514454B1 - Turbine blade (granted)`."""
    name = " ".join(part for part in (translate(IP_LABELS[value.kind]), value.number) if part)
    return f"{name} – {value.title}" if value.title else name


def licensed_ip(value: tuple[LicensedIp, ...], _sheet: TermSheet | None = None) -> Lines:
    """Every right on its line."""
    return tuple(right(each) for each in value)


def field_of_use(value: FieldOfUse, _sheet: TermSheet | None = None) -> Lines:
    """The field, its codes, and what is left out."""
    found = [value.text]
    if value.codes:
        found.append(translate(_("Codes: {codes}"), codes=", ".join(value.codes)))
    if value.exclusions:
        found.append(translate(_("Not for: {text}"), text=value.exclusions))
    return tuple(found)


def territory(value: Territory, _sheet: TermSheet | None = None) -> Lines:
    """The countries, or the name of a group of them, and the exceptions."""
    group = regions.group_of(frozenset(value.include))
    if value.worldwide:
        found = [translate(_("Worldwide"))]
    elif group:
        found = [translate(regions.GROUPS[group][0]) + f" ({_countries(value.include)})"]
    else:
        found = [_countries(value.include)]
    if value.exclude:
        found.append(translate(_("Except: {countries}"), countries=_countries(value.exclude)))
    return tuple(found)


def _countries(codes: tuple[str, ...]) -> str:
    return ", ".join(sorted(country_name(code) for code in codes))


def term(value: Term, _sheet: TermSheet | None = None) -> Lines:
    """How long."""
    if value.kind == TermKind.YEARS:
        return (ntranslate("{n} year from the last signature", "{n} years from the last signature", value.years or 0),)
    if value.kind == TermKind.UNTIL and value.until:
        return (translate(_("Until {date}"), date=value.until),)
    return (translate(_("Until the last licensed patent ends")),)


def sublicensing(value: Sublicensing, _sheet: TermSheet | None = None) -> Lines:
    """Whether, and for which share."""
    found = [translate(SUBLICENCE_LABELS[value.kind])]
    if value.share is not None:
        found.append(translate(_("The institution gets {share} of the income"), share=format_percent(value.share)))
    return tuple(found)


def upfront(value: UpfrontFee, _sheet: TermSheet | None = None) -> Lines:
    """The fee and when it is due."""
    if not value.amount:
        return (translate(_("None")),)
    if value.instalments:
        return (format_money(value.amount), *(_instalment(each) for each in value.instalments))
    due = ntranslate("due {n} day after the last signature", "due {n} days after the last signature", value.days_due)
    return (f"{format_money(value.amount)}, {due}",)


def _instalment(part: Instalment) -> str:
    due = ntranslate("due {n} day after the last signature", "due {n} days after the last signature", part.days_due)
    return f"{format_money(part.amount)}, {due}"


def royalty(value: Royalty, sheet: TermSheet) -> Lines:
    """Each tier on its line, then over which time sales are added up."""
    if len(value.tiers) == 1:
        return (translate(_("{rate} of net sales"), rate=format_percent(value.tiers[0].rate)),)
    ends: list[int | None] = [*(tier.over for tier in value.tiers[1:]), None]
    steps = [_tier(tier, end, sheet.currency) for tier, end in zip(value.tiers, ends, strict=True)]
    return (*steps, translate(BASIS_LABELS[value.basis]))


def _tier(tier: Tier, end: int | None, currency: str) -> str:
    rate, start = format_percent(tier.rate), Money(tier.over, currency)
    if end is None:
        return translate(_("{rate} of net sales above {start}"), rate=rate, start=start)
    if not tier.over:
        return translate(_("{rate} of net sales up to {end}"), rate=rate, end=Money(end, currency))
    return translate(_("{rate} of net sales from {start} to {end}"), rate=rate, start=start, end=Money(end, currency))


def minimum(value: MinimumRoyalty, _sheet: TermSheet | None = None) -> Lines:
    """The least of a year, from when, how it changes and is paid."""
    text = _("{amount} a year, from year {year} of the licence")
    found = [translate(text, amount=value.amount, year=value.from_year)]
    found += [translate(text, amount=each.amount, year=each.year) for each in value.schedule]
    if value.credit != Credit.TRUE_UP:
        found.append(translate(CREDIT_LABELS[value.credit]))
    if value.first_year != Proration.FULL_MONTHS:
        found.append(
            translate(_("A first year that is not whole: {how}"), how=translate(PRORATION_LABELS[value.first_year]))
        )
    return tuple(found)


def reports(value: Reports, _sheet: TermSheet | None = None) -> Lines:
    """How often, how soon."""
    days = ntranslate("within {n} day", "within {n} days", value.grace_days)
    return (f"{translate(FREQUENCY_LABELS[value.frequency])}, {days}",)


def disputes(value: Disputes, _sheet: TermSheet | None = None) -> Lines:
    """The law and the way out of a quarrel."""
    found = [
        translate(_("Law of {country}"), country=country_name(value.law)),
        translate(RESOLUTION_LABELS[value.resolution]),
    ]
    if value.resolution == Resolution.MEDIATION_ARBITRATION:
        found.append(translate(_("Seat: {seat}; language: {language}"), seat=value.seat, language=value.language))
    return tuple(found)


def _months(value: int, _sheet: TermSheet | None = None) -> Lines:
    return (ntranslate("{n} month after the end", "{n} months after the end", value),)


_WORDING: dict[str, Callable[[Any, TermSheet], Lines]] = {
    "grant": grant,
    "option": option,
    "licensed_ip": licensed_ip,
    "field_of_use": field_of_use,
    "territory": territory,
    "term": term,
    "sublicensing": sublicensing,
    "upfront": upfront,
    "royalty": royalty,
    "minimum": minimum,
    "reports": reports,
    "disputes": disputes,
    "confidentiality_months": _months,
    "valid_until": lambda value, _sheet: (format_date(value),),
}


def percent_text(rate: Decimal) -> str:
    """A fraction as a person types it in a form: 0.035 is `3.5`."""
    text = format(rate * 100, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
