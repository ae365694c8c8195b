"""The further terms in words, as `wording` has it for the first ones."""

from collections.abc import Callable
from typing import Any

from market.deals.rules.further import (
    ASSIGNMENT_LABELS,
    AUDIT_LABELS,
    COMBINATION_LABELS,
    DEDUCTION_LABELS,
    IMPROVEMENT_LABELS,
    INDEMNITY_LABELS,
    INSURANCE_LABELS,
    LIABILITY_LABELS,
    REMEDY_LABELS,
    SURVIVAL_LABELS,
    WARRANTY_LABELS,
    Audit,
    Deduction,
    DiligenceStep,
    Equity,
    Insurance,
    InterestKind,
    LateInterest,
    Liability,
    Milestone,
    PatentCosts,
    Publication,
    ReservedRights,
    Stacking,
    Termination,
)
from market.kit.i18n import _, country_name, format_money, format_percent, ntranslate, translate

Lines = tuple[str, ...]


def milestones(value: tuple[Milestone, ...]) -> Lines:
    """Each payment on its line."""
    return tuple(_milestone(each) for each in value)


def _milestone(value: Milestone) -> str:
    text = f"{value.event}: {format_money(value.amount)}"
    if value.due:
        text += translate(_(", expected by {date}"), date=value.due)
    return text + (translate(_("; shown by: {evidence}"), evidence=value.evidence) if value.evidence else "")


def deductions(value: tuple[Deduction, ...]) -> Lines:
    """Each kind with its cap."""
    return tuple(
        translate(DEDUCTION_LABELS[each.kind])
        + (translate(_(", at most {cap}"), cap=format_percent(each.cap)) if each.cap is not None else "")
        for each in value
    )


def stacking(value: Stacking) -> Lines:
    """How much of others' royalties is taken off."""
    return (
        translate(_("{offset} of royalties to third parties are taken off"), offset=format_percent(value.offset)),
        translate(_("The rate never falls below {floor}"), floor=format_percent(value.floor)),
    )


def patent_costs(value: PatentCosts) -> Lines:
    """Past and future costs."""
    found = []
    if value.past is not None:
        times = ntranslate("in {n} yearly part", "in {n} yearly parts", value.instalments)
        found.append(translate(_("Past costs: {amount}"), amount=value.past) + f", {times}")
    found.append(translate(_("Share of later costs: {share}"), share=format_percent(value.future_share)))
    return tuple(found)


def equity(value: Equity) -> Lines:
    """The share of the company."""
    name = f" ({value.share_class})" if value.share_class else ""
    return (
        format_percent(value.share) + name,
        translate(_("Recorded only: the shares are given by a contract of their own")),
    )


def diligence(value: tuple[DiligenceStep, ...]) -> Lines:
    """Each task, until when, and what follows."""
    return tuple(
        translate(
            _("{task}, by {date}; {days} days to catch up; then: {remedy}"),
            task=each.task,
            date=each.due,
            days=each.cure_days,
            remedy=translate(REMEDY_LABELS[each.remedy]),
        )
        for each in value
    )


def publication(value: Publication) -> Lines:
    """Reading and delaying."""
    return (
        ntranslate("{n} day to read a manuscript", "{n} days to read a manuscript", value.review_days),
        ntranslate("delay of at most {n} day", "delay of at most {n} days", value.delay_days),
    )


def reserved(value: ReservedRights) -> Lines:
    """Research always; the others as agreed."""
    found = [translate(_("Research and teaching"))]
    if value.government:
        found.append(translate(_("The public bodies that paid for the research")))
    if value.countries:
        names = ", ".join(sorted(country_name(code) for code in value.countries))
        found.append(translate(_("Humanitarian use in {countries}"), countries=names))
    if value.rate is not None:
        found.append(translate(_("Royalty there: {rate}"), rate=format_percent(value.rate)))
    return tuple(found)


def late_interest(value: LateInterest) -> Lines:
    """The rate and how it counts."""
    if value.kind == InterestKind.SIMPLE:
        return (translate(_("{rate} a year, by the day (365 days)"), rate=format_percent(value.rate)),)
    return (translate(_("{rate} for each 30 days, compound"), rate=format_percent(value.rate)),)


def audit(value: Audit) -> Lines:
    """Notice, how far back, and who pays."""
    return (
        ntranslate("Notice: {n} day", "Notice: {n} days", value.notice_days),
        ntranslate("{n} year back", "{n} years back", value.years_back),
        translate(
            _("The licensee pays for it when more than {share} was missing. {basis}."),
            share=format_percent(value.threshold),
            basis=translate(AUDIT_LABELS[value.basis]),
        ),
    )


def liability(value: Liability) -> Lines:
    """The limit."""
    return (translate(LIABILITY_LABELS[value.cap]), *([format_money(value.amount)] if value.amount else []))


def insurance(value: Insurance) -> Lines:
    """What is insured."""
    return (translate(INSURANCE_LABELS[value.kind]), *([format_money(value.amount)] if value.amount else []))


def termination(value: Termination) -> Lines:
    """Notice, cure, and what stays."""
    names = ", ".join(translate(SURVIVAL_LABELS[each]) for each in value.survivals)
    found = [
        ntranslate("Notice by the licensee: {n} day", "Notice by the licensee: {n} days", value.notice_days),
        ntranslate("{n} day to cure a breach", "{n} days to cure a breach", value.cure_days),
    ]
    return (*found, translate(_("Stays after the end: {names}"), names=names)) if names else tuple(found)


FURTHER_WORDING: dict[str, Callable[[Any], Lines]] = {
    "milestones": milestones,
    "deductions": deductions,
    "stacking": stacking,
    "combination": lambda value: (translate(COMBINATION_LABELS[value]),),
    "patent_costs": patent_costs,
    "equity": equity,
    "diligence": diligence,
    "improvements": lambda value: (translate(IMPROVEMENT_LABELS[value]),),
    "publication": publication,
    "reserved": reserved,
    "late_interest": late_interest,
    "audit": audit,
    "warranties": lambda value: (translate(WARRANTY_LABELS[value]),),
    "indemnity": lambda value: (translate(INDEMNITY_LABELS[value]),),
    "liability": liability,
    "insurance": insurance,
    "assignment": lambda value: (translate(ASSIGNMENT_LABELS[value]),),
    "termination": termination,
}
