"""The clauses of the licence agreement, in our own wording, chosen and filled by the terms. English is its language.

The wording is a starting point and needs a lawyer's review before it is used for real; the document says so.
"""

from collections.abc import Callable
from dataclasses import dataclass

from market.deals.rules import further_clauses, wording
from market.deals.rules.further_clauses import n_of
from market.deals.rules.terms import (
    Basis,
    Frequency,
    Grant,
    IpKind,
    Resolution,
    Royalty,
    Sublicence,
    TermKind,
    TermSheet,
    Territory,
    Tier,
)
from market.kit.i18n import country_name, format_date, format_money, format_percent
from market.kit.money import Money


@dataclass(frozen=True)
class Clause:
    """A clause: its heading and its numbered paragraphs; `points` stand as a list after the first paragraph."""

    title: str
    paragraphs: tuple[str, ...]
    points: tuple[str, ...] = ()


def clauses(sheet: TermSheet) -> tuple[Clause, ...]:
    """The clauses that these terms ask for, in their order; call it with English as the language in force."""
    return tuple(clause for make in _ORDER if (clause := make(sheet)) is not None)


def _definitions(sheet: TermSheet) -> Clause:
    points = [
        "“Licensed Rights” means the rights listed in Annex 1, with the know-how that the Licensor hands over to use them.",
        "“Licensed Product” means any product, process or service that would infringe, or makes use of, a Licensed Right.",
        "“Field” means the field of use in clause 3. “Territory” means the countries in clause 3.",
        "“Effective Date” means the day of the last signature under this agreement.",
    ]
    if sheet.royalty:
        points.append(further_clauses.net_sales(sheet))
    return Clause("Definitions", ("In this agreement:",), tuple(points))


_GRANTS = {
    Grant.EXCLUSIVE: "an exclusive licence, also as against the Licensor itself except for clause 4,",
    Grant.SOLE: "a sole licence: the Licensor may go on using the Licensed Rights, but licenses nobody else,",
    Grant.NON_EXCLUSIVE: "a non-exclusive licence",
}


def _grant(sheet: TermSheet) -> Clause:
    if sheet.option is not None:
        months, days = sheet.option.months, sheet.option.notice_days
        return Clause(
            "Option",
            (
                f"The Licensor grants the Licensee, for {n_of(months, 'month')} from the Effective Date, the right to call for a "
                "licence of the Licensed Rights in the Field and the Territory on the terms of this agreement.",
                f"The Licensee exercises the option by written notice at least {n_of(days, 'day')} before it ends. Until then "
                "the Licensee may use the Licensed Rights to evaluate them, and for nothing else.",
                f"The fee for the option is {format_money(sheet.option.fee)}. It is not refundable.",
            ),
        )
    return Clause(
        "Grant",
        (
            f"The Licensor grants the Licensee {_GRANTS[sheet.grant]} under the Licensed Rights to make, have made, use, "
            "offer, sell and import Licensed Products in the Field and in the Territory.",
            "No right is granted by implication. Everything that is not granted stays with the Licensor.",
        ),
    )


def _scope(sheet: TermSheet) -> Clause:
    field = sheet.field_of_use
    codes = f" (codes: {', '.join(field.codes)})" if field.codes else ""
    excluded = f" The Field does not include: {field.exclusions}." if field.exclusions else ""
    return Clause(
        "Field and Territory",
        (
            f"The Field is: {field.text.rstrip('.')}{codes}.{excluded}",
            f"The Territory is: {_place(sheet)}.",
        ),
    )


def _place(sheet: TermSheet) -> str:
    include = wording.territory(Territory(sheet.territory.include))[0]
    exclude = ", ".join(sorted(country_name(code) for code in sheet.territory.exclude))
    return f"{include}, except {exclude}" if exclude else include


def _reserved(sheet: TermSheet) -> Clause:
    return Clause("Rights that stay with the Licensor", further_clauses.reserved(sheet))


def _sublicences(sheet: TermSheet) -> Clause:
    if sheet.sublicensing.kind == Sublicence.NONE:
        return Clause("Sublicences", ("The Licensee may not grant sublicences.",))
    how = (
        "with the Licensor’s prior written consent, which may not be withheld without a good reason"
        if sheet.sublicensing.kind == Sublicence.CONSENT
        else "without further consent, and tells the Licensor of each within 30 days"
    )
    paragraphs = [
        f"The Licensee may grant sublicences inside the Field and the Territory {how}.",
        "Each sublicence is in writing, goes no further than this agreement, and ends with it. The Licensee answers for "
        "its sublicensees as for itself.",
    ]
    if sheet.sublicensing.share is not None:
        paragraphs.append(
            f"The Licensee pays the Licensor {format_percent(sheet.sublicensing.share)} of what it receives for "
            "sublicences, within 30 days after receipt."
        )
    return Clause("Sublicences", tuple(paragraphs))


_TAX = "Amounts are net of value added tax and of similar taxes, which are added where the law asks for them."


def _upfront(sheet: TermSheet) -> Clause | None:
    if sheet.upfront is None or not sheet.upfront.amount:
        return Clause("Upfront fee", ("No upfront fee is due.",)) if sheet.royalty is None else None
    parts = further_clauses.instalments(sheet)
    if parts:
        fee = (
            f"The Licensee pays an upfront fee of {format_money(sheet.upfront.amount)} in parts. It is not refundable:"
        )
        return Clause("Upfront fee", (fee, _TAX), parts)
    return Clause(
        "Upfront fee",
        (
            f"The Licensee pays an upfront fee of {format_money(sheet.upfront.amount)} within "
            f"{n_of(sheet.upfront.days_due, 'day')} after the Effective Date. It is not refundable.",
            _TAX,
        ),
    )


def _royalties(sheet: TermSheet) -> Clause | None:
    royalty = sheet.royalty
    if royalty is None:
        return None
    over = "each calendar year" if royalty.basis == Basis.CALENDAR_YEAR else "the whole life of this agreement"
    return Clause(
        "Royalties",
        (
            "The Licensee pays the Licensor a running royalty on Net Sales:",
            f"Net Sales are added up over {over}. Each rate counts only for the part of Net Sales inside its own step.",
            "Amounts are rounded half up to the smallest unit of the currency, once for each invoice line. Sales in "
            "another currency are converted at the rate of the European Central Bank on the last day of the period.",
            *further_clauses.royalty_rules(sheet),
        ),
        _steps(royalty, sheet.currency),
    )


def _steps(royalty: Royalty, currency: str) -> tuple[str, ...]:
    ends: list[Tier | None] = [*royalty.tiers[1:], None]
    return tuple(
        f"{format_percent(tier.rate)} of Net Sales"
        + (f" above {format_money(Money(tier.over, currency))}" if tier.over else "")
        + (f" up to {format_money(Money(end.over, currency))}" if end else "")
        for tier, end in zip(royalty.tiers, ends, strict=True)
    )


def _minimum(sheet: TermSheet) -> Clause | None:
    paragraphs = further_clauses.minimum(sheet)
    return Clause("Minimum royalty", paragraphs) if paragraphs else None


def _milestones(sheet: TermSheet) -> Clause | None:
    points = further_clauses.milestone_points(sheet)
    if not points:
        return None
    return Clause(
        "Milestones",
        (
            "The Licensee pays once, within 30 days, when each of these happens for the first time:",
            "The Licensee tells the Licensor within 14 days that it has happened.",
        ),
        points,
    )


def _late(sheet: TermSheet) -> Clause | None:
    paragraphs = further_clauses.interest(sheet)
    return Clause("Late payment", paragraphs) if paragraphs else None


def _equity(sheet: TermSheet) -> Clause | None:
    paragraphs = further_clauses.equity(sheet)
    return Clause("Shares", paragraphs) if paragraphs else None


def _diligence(sheet: TermSheet) -> Clause | None:
    points = further_clauses.diligence_points(sheet)
    if not points:
        return None
    return Clause("Diligence", ("The Licensee works to bring Licensed Products to market, and reaches:",), points)


def _improvements(sheet: TermSheet) -> Clause | None:
    paragraphs = further_clauses.improvements(sheet)
    return Clause("Improvements", paragraphs) if paragraphs else None


_PERIODS = {Frequency.QUARTERLY: "quarter", Frequency.HALF_YEARLY: "half-year", Frequency.ANNUAL: "calendar year"}


def _reports(sheet: TermSheet) -> Clause | None:
    if sheet.reports is None:
        return None
    period = _PERIODS[sheet.reports.frequency]
    return Clause(
        "Reports and audit",
        (
            f"Within {n_of(sheet.reports.grace_days, 'day')} after each {period} the Licensee reports its Net Sales by country "
            "and product, also when there were none. The royalty is invoiced from the report and due in 30 days.",
            *further_clauses.audit(sheet),
        ),
    )


def _patents(sheet: TermSheet) -> Clause | None:
    if not any(right.kind in (IpKind.PATENT, IpKind.APPLICATION) for right in sheet.licensed_ip):
        return None
    return Clause(
        "Patents",
        (
            f"{further_clauses.patent_costs(sheet)}, and tells the Licensee at least 60 days before it gives one up.",
            "Each party tells the other at once when it learns of an infringement in the Field and the Territory. They "
            "talk about what to do before either acts.",
        ),
    )


def _secrecy(sheet: TermSheet) -> Clause:
    return Clause(
        "Confidentiality and publication",
        (
            "Each party keeps secret what the other gives it in confidence, uses it for this agreement only, and lets "
            "only those see it who need it and are bound likewise.",
            f"This holds during this agreement and for {n_of(sheet.confidentiality_months, 'month')} after its end. It does not "
            "hold for what is or becomes public, was known before, or must be disclosed by law.",
            further_clauses.publication(sheet),
        ),
    )


def _warranties(sheet: TermSheet) -> Clause:
    return Clause("Warranties and liability", further_clauses.warranties(sheet))


def _duration(sheet: TermSheet) -> Clause:
    if sheet.term.kind == TermKind.YEARS:
        end = f"for {n_of(sheet.term.years or 0, 'year')}"
    elif sheet.term.kind == TermKind.UNTIL and sheet.term.until:
        end = f"until {format_date(sheet.term.until)}"
    else:
        end = "until the last of the patents in Annex 1 has ended"
    return Clause(
        "Duration and termination",
        (
            f"This agreement begins on the Effective Date and runs {end}.",
            *further_clauses.ending(sheet),
        ),
    )


def _disputes(sheet: TermSheet) -> Clause:
    law = f"The law of {country_name(sheet.disputes.law)} applies."
    mediate = (
        "A dispute that the parties cannot settle within 30 days goes to mediation under the WIPO Mediation Rules before "
        "anything else."
    )
    if sheet.disputes.resolution == Resolution.COURTS:
        return Clause("Law and disputes", (law, "The courts at the Licensor’s seat decide disputes."))
    if sheet.disputes.resolution == Resolution.MEDIATION_COURTS:
        return Clause(
            "Law and disputes",
            (law, mediate, "If it is not settled within 60 days, the courts at the Licensor’s seat decide."),
        )
    return Clause(
        "Law and disputes",
        (
            law,
            mediate,
            "If it is not settled within 60 days, it is decided finally by arbitration under the WIPO Expedited "
            f"Arbitration Rules. The seat is {sheet.disputes.seat}. The language is {sheet.disputes.language}.",
            "Payments go on while a dispute lasts.",
        ),
    )


def _general(sheet: TermSheet) -> Clause:
    return Clause(
        "General",
        (
            further_clauses.assignment(sheet),
            "Changes are valid when both parties have signed them. If a clause is invalid, the others stay, and the "
            "parties replace it by what comes nearest to it.",
            "The parties sign electronically. The document whose SHA-256 value both have signed is the agreement.",
        ),
    )


_ORDER: tuple[Callable[[TermSheet], Clause | None], ...] = (
    _definitions,
    _grant,
    _scope,
    _reserved,
    _sublicences,
    _upfront,
    _royalties,
    _minimum,
    _milestones,
    _reports,
    _late,
    _equity,
    _diligence,
    _patents,
    _improvements,
    _secrecy,
    _warranties,
    _duration,
    _disputes,
    _general,
)
