"""What may be wrong with the further terms. The field of each refusal is the input that mends it."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import pairwise

from market.deals.rules import regions
from market.deals.rules.further import MOST_ROWS, InsuranceKind, LiabilityCap
from market.deals.rules.terms import LONGEST_YEARS, TermSheet, rate_fits
from market.kit.errors import Refusal
from market.kit.i18n import _
from market.kit.money import MAX_MINOR, Money

LONGEST_REVIEW, LONGEST_DELAY = 30, 90


def faults(sheet: TermSheet) -> Iterator[Refusal]:
    """Everything that keeps the further terms of `sheet` from being offered."""
    for check in _CHECKS:
        yield from check(sheet)


def amount_faults(amount: Money, currency: str, name: str) -> Iterator[Refusal]:
    """An amount in another currency, below zero, or too large."""
    if amount.currency != currency:
        yield Refusal("currency", _("All amounts of a term sheet are in one currency."), name)
    elif not 0 <= amount.minor <= MAX_MINOR:
        yield Refusal("amount", _("Write an amount from 0 up to what a bank can transfer."), name)


def _percent(rate: Decimal | None, name: str) -> Iterator[Refusal]:
    if rate is not None and not rate_fits(rate, most=Decimal(1)):
        yield Refusal("percent", _("Write a share from 0 to 100 per cent, with at most 4 decimals."), name)


def _between(value: int, least: int, most: int, name: str) -> Iterator[Refusal]:
    if not least <= value <= most:
        limits = {"least": least, "most": most}
        yield Refusal("range", _("Write a number from {least} to {most}."), name, limits)


def _rows(rows: tuple[object, ...], name: str) -> Iterator[Refusal]:
    if len(rows) > MOST_ROWS:
        yield Refusal("rows", _("Use at most {n} lines."), name, {"n": MOST_ROWS})


def _instalments(sheet: TermSheet) -> Iterator[Refusal]:
    if sheet.upfront is None or not sheet.upfront.instalments:
        return
    parts, first = sheet.upfront.instalments, "instalments_1_amount"
    yield from _rows(parts, first)
    for number, part in enumerate(parts, start=1):
        yield from amount_faults(part.amount, sheet.currency, f"instalments_{number}_amount")
        if not part.amount:
            yield Refusal("part", _("Each part is more than 0."), f"instalments_{number}_amount")
        yield from _between(part.days_due, 0, 3650, f"instalments_{number}_days_due")
    whole = {"sum": Money(sum(part.amount.minor for part in parts), sheet.currency), "fee": sheet.upfront.amount}
    if whole["sum"] != whole["fee"]:
        yield Refusal("instalments", _("The parts add up to {sum}, but the upfront fee is {fee}."), first, whole)
    if any(later.days_due <= earlier.days_due for earlier, later in pairwise(parts)):
        yield Refusal("instalment_days", _("Each part is due later than the one before."), "instalments_1_days_due")


def _minimum(sheet: TermSheet) -> Iterator[Refusal]:
    if sheet.minimum is None:
        return
    rows = sheet.minimum.schedule
    yield from _rows(rows, "schedule_1_year")
    for number, row in enumerate(rows, start=1):
        yield from amount_faults(row.amount, sheet.currency, f"schedule_{number}_amount")
        yield from _between(row.year, 1, LONGEST_YEARS, f"schedule_{number}_year")
    years = [sheet.minimum.from_year, *(row.year for row in rows)]
    if any(later <= earlier for earlier, later in pairwise(years)):
        yield Refusal(
            "schedule", _("Each change of the minimum is in a later year than the one before."), "schedule_1_year"
        )


def _milestones(sheet: TermSheet) -> Iterator[Refusal]:
    yield from _rows(sheet.milestones, "milestones_1_event")
    for number, each in enumerate(sheet.milestones, start=1):
        yield from amount_faults(each.amount, sheet.currency, f"milestones_{number}_amount")
        if not each.event.strip():
            yield Refusal("event", _("Say what has to happen."), f"milestones_{number}_event")
    keys = [each.key for each in sheet.milestones]
    if len(set(keys)) != len(keys) or not all(keys):
        yield Refusal("milestone_twice", _("The same milestone is listed twice. Each pays once."), "milestones_1_event")


def _deductions(sheet: TermSheet) -> Iterator[Refusal]:
    for each in sheet.deductions:
        yield from _percent(each.cap, f"deduct_{each.kind}")
    if len({each.kind for each in sheet.deductions}) != len(sheet.deductions):
        yield Refusal("deduction_twice", _("Each deduction is listed once."), "deductions")
    if sheet.deductions and sheet.royalty is None:
        yield Refusal("deductions_alone", _("Deductions need a royalty that they are taken from."), "deductions")


def _royalty_rules(sheet: TermSheet) -> Iterator[Refusal]:
    if sheet.stacking:
        yield from _percent(sheet.stacking.offset, "stacking_offset")
        yield from _percent(sheet.stacking.floor, "stacking_floor")
        if sheet.royalty is None:
            yield Refusal("stacking_alone", _("This needs a royalty that it is taken from."), "stacking_offset")
        elif sheet.stacking.floor > min((tier.rate for tier in sheet.royalty.tiers), default=Decimal(0)):
            yield Refusal("floor", _("The floor may not be above the lowest royalty rate."), "stacking_floor")
    if sheet.combination and sheet.royalty is None:
        yield Refusal("combination_alone", _("This needs a royalty that it belongs to."), "combination")


def _patents_and_shares(sheet: TermSheet) -> Iterator[Refusal]:
    costs = sheet.patent_costs
    if costs:
        if costs.past is not None:
            yield from amount_faults(costs.past, sheet.currency, "patent_costs_past")
        yield from _between(costs.instalments, 1, 20, "patent_costs_instalments")
        yield from _percent(costs.future_share, "patent_costs_future_share")
    if sheet.equity:
        yield from _percent(sheet.equity.share, "equity_share")


def _duties(sheet: TermSheet) -> Iterator[Refusal]:
    yield from _rows(sheet.diligence, "diligence_1_task")
    for number, each in enumerate(sheet.diligence, start=1):
        yield from _between(each.cure_days, 0, 365, f"diligence_{number}_cure_days")
        if not each.task.strip():
            yield Refusal("task", _("Say what has to be reached."), f"diligence_{number}_task")
    if sheet.publication:
        yield from _between(sheet.publication.review_days, 0, LONGEST_REVIEW, "publication_review_days")
        yield from _between(sheet.publication.delay_days, 0, LONGEST_DELAY, "publication_delay_days")
    if sheet.reserved:
        yield from _percent(sheet.reserved.rate, "reserved_rate")
        if set(sheet.reserved.countries) - regions.countries():
            yield Refusal("no_country", _("Choose countries from the list."), "reserved_countries")
        if sheet.reserved.rate is not None and not sheet.reserved.countries:
            yield Refusal("where", _("Say in which countries this rate counts."), "reserved_countries")


def _trouble(sheet: TermSheet) -> Iterator[Refusal]:
    if sheet.late_interest:
        yield from _percent(sheet.late_interest.rate, "late_interest_rate")
    if sheet.audit:
        yield from _between(sheet.audit.notice_days, 1, 180, "audit_notice_days")
        yield from _between(sheet.audit.years_back, 1, 10, "audit_years_back")
        yield from _percent(sheet.audit.threshold, "audit_threshold")
    if sheet.termination:
        yield from _between(sheet.termination.notice_days, 0, 730, "termination_notice_days")
        yield from _between(sheet.termination.cure_days, 1, 365, "termination_cure_days")


def _limits(sheet: TermSheet) -> Iterator[Refusal]:
    if sheet.liability:
        wanted = sheet.liability.cap == LiabilityCap.AMOUNT
        yield from _limit(sheet, sheet.liability.amount, "liability_amount", wanted=wanted)
    if sheet.insurance:
        wanted = sheet.insurance.kind == InsuranceKind.AMOUNT
        yield from _limit(sheet, sheet.insurance.amount, "insurance_amount", wanted=wanted)


def _limit(sheet: TermSheet, amount: Money | None, name: str, *, wanted: bool) -> Iterator[Refusal]:
    if wanted != bool(amount):
        yield Refusal("limit", _("A fixed amount needs its number, and only a fixed amount has one."), name)
    elif amount:
        yield from amount_faults(amount, sheet.currency, name)


_CHECKS: tuple[Callable[[TermSheet], Iterator[Refusal]], ...] = (
    _instalments,
    _minimum,
    _milestones,
    _deductions,
    _royalty_rules,
    _patents_and_shares,
    _duties,
    _trouble,
    _limits,
)
