"""The clauses of the further terms. Where a term is not named, the agreement's usual clause stands. English only.

The wording is a starting point and needs a lawyer's review before it is used for real; the document says so.
"""

from market.deals.rules.further import (
    Assignment,
    AuditBasis,
    Combination,
    Credit,
    DeductionKind,
    Improvements,
    Indemnity,
    InsuranceKind,
    InterestKind,
    LiabilityCap,
    Proration,
    Remedy,
    Survival,
    Warranties,
)
from market.deals.rules.terms import TermSheet
from market.kit.i18n import country_name, format_date, format_money, format_percent

Paragraphs = tuple[str, ...]


def n_of(number: int, unit: str) -> str:
    """A number with its unit: `1 day`, `30 days`."""
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


_DEDUCTIONS = {
    DeductionKind.DISCOUNTS: "trade discounts",
    DeductionKind.RETURNS: "returns and refunds",
    DeductionKind.TAXES: "sales taxes and customs duties",
    DeductionKind.FREIGHT: "freight and insurance",
    DeductionKind.COMMISSION: "commissions of outside sellers",
}


def net_sales(sheet: TermSheet) -> str:
    """The definition of net sales: with the deductions agreed, or the usual ones."""
    if not sheet.deductions:
        off = "trade discounts, returns, sales taxes, and freight and insurance that are shown on the invoice"
    else:
        off = ", ".join(
            _DEDUCTIONS[each.kind]
            + (f" (at most {format_percent(each.cap)} of the amount invoiced)" if each.cap is not None else "")
            for each in sheet.deductions
        )
        off += ", each as shown on the invoice or in the books, and nothing else"
    return f"“Net Sales” means the amounts invoiced for Licensed Products in the Territory, less {off}."


def instalments(sheet: TermSheet) -> Paragraphs:
    """The parts of the upfront fee, one by one."""
    if sheet.upfront is None:
        return ()
    return tuple(
        f"{format_money(part.amount)} within {n_of(part.days_due, 'day')} after the Effective Date"
        for part in sheet.upfront.instalments
    )


def royalty_rules(sheet: TermSheet) -> Paragraphs:
    """What makes the royalty smaller: others' royalties, and other parts of a product."""
    found = []
    if sheet.stacking:
        found.append(
            f"Where the Licensee must pay royalties to third parties to use the Licensed Rights, it may take off "
            f"{format_percent(sheet.stacking.offset)} of them from the royalty of the same period, but the royalty is never "
            f"less than {format_percent(sheet.stacking.floor)} of Net Sales."
        )
    if sheet.combination == Combination.SHARE:
        found.append(
            "If a Licensed Product is sold together with other parts for one price, Net Sales are multiplied by A / (A + B): "
            "A is the price of the Licensed Product sold alone, B that of the other parts sold alone."
        )
    elif sheet.combination == Combination.NONE:
        found.append("If a Licensed Product is sold together with other parts for one price, the whole price counts.")
    return tuple(found)


_FIRST_YEAR = {
    Proration.FULL_MONTHS: (
        "The minimum of a first or last year that is not complete is reduced in proportion to its full months."
    ),
    Proration.WITH_FIRST_MONTH: (
        "The minimum of a first year that is not complete is reduced in proportion to its months, and the month in which it "
        "begins counts as a whole one; that of a last year in proportion to its full months."
    ),
    Proration.WHOLE: "The minimum of a first or last year is due in full, also when that year is not complete.",
}


def minimum(sheet: TermSheet) -> Paragraphs:
    """The minimum: from when, how it changes, how it is paid, and what a broken year costs."""
    if sheet.minimum is None:
        return ()
    terms = sheet.minimum
    steps = "".join(f"; from year {each.year} on {format_money(each.amount)}" for each in terms.schedule)
    pays = "The Licensee pays what is missing with the last report of the year."
    if terms.credit == Credit.PREPAID:
        pays = (
            "The Licensee pays it by the end of February of the year; it is set off against the royalties of that year only, "
            "and what is not used up is not paid back."
        )
    return (
        f"From year {terms.from_year} of this agreement on, the royalties of each calendar year are at least "
        f"{format_money(terms.amount)}{steps}. {pays}",
        _FIRST_YEAR[terms.first_year],
    )


def milestone_points(sheet: TermSheet) -> Paragraphs:
    """Each milestone with its payment."""
    return tuple(
        f"{each.event}: {format_money(each.amount)}"
        + (f", expected by {format_date(each.due)}" if each.due else "")
        + (f" (shown by {each.evidence})" if each.evidence else "")
        for each in sheet.milestones
    )


def interest(sheet: TermSheet) -> Paragraphs:
    """What late money costs."""
    if sheet.late_interest is None:
        return ()
    rate = format_percent(sheet.late_interest.rate)
    if sheet.late_interest.kind == InterestKind.SIMPLE:
        return (f"Late amounts bear simple interest of {rate} a year for each day, a year having 365 days.",)
    return (f"Late amounts bear interest of {rate} for each full period of 30 days, added to the amount owed.",)


def equity(sheet: TermSheet) -> Paragraphs:
    """The share of the company, recorded."""
    if sheet.equity is None:
        return ()
    kind = f" of class {sheet.equity.share_class}" if sheet.equity.share_class else ""
    return (
        f"The parties intend that the Licensor receives {format_percent(sheet.equity.share)} of the Licensee’s shares{kind}. "
        "A contract of its own grants them; this agreement only records the intention.",
    )


def audit(sheet: TermSheet) -> Paragraphs:
    """The check of the books."""
    if sheet.audit is None:
        return (
            "The Licensee keeps the records behind its reports for five years. The Licensor may have them checked once a "
            "year by an independent accountant bound to secrecy, on 30 days’ notice.",
            "If more than 5 % of the amount due was missing, the Licensee pays for the check.",
        )
    terms = sheet.audit
    measured = "the time checked" if terms.basis == AuditBasis.PERIOD else "any one year of the time checked"
    return (
        f"The Licensee keeps the records behind its reports for {n_of(terms.years_back, 'year')}. The Licensor may have them "
        "checked once a year by an independent accountant bound to secrecy, on "
        f"{n_of(terms.notice_days, 'day')} notice and {n_of(terms.years_back, 'year')} back.",
        f"If more than {format_percent(terms.threshold)} of the amount due for {measured} was missing, the Licensee pays for "
        "the check.",
    )


def patent_costs(sheet: TermSheet) -> str:
    """Who pays for the patents."""
    costs = sheet.patent_costs
    if costs is None:
        return "The Licensor looks after the patents in Annex 1 at its own cost"
    text = (
        f"The Licensor looks after the patents in Annex 1; the Licensee pays {format_percent(costs.future_share)} of their "
        "costs from the Effective Date on, within 30 days after the invoice"
    )
    if costs.past:
        text += (
            f". The Licensee also pays {format_money(costs.past)} for costs before, in "
            f"{n_of(costs.instalments, 'equal yearly instalment')}, the first within 30 days after the "
            "Effective Date. The Licensor acts with care"
        )
    return text


_REMEDIES = {
    Remedy.TALK: "the parties agree on a new date",
    Remedy.NON_EXCLUSIVE: "the Licensor may make the licence non-exclusive",
    Remedy.TERMINATE: "the Licensor may end this agreement",
}


def diligence_points(sheet: TermSheet) -> Paragraphs:
    """Each task of the licensee."""
    return tuple(
        f"{each.task}, by {format_date(each.due)}; if this is missed and not made good within "
        f"{n_of(each.cure_days, 'day')} after notice, {_REMEDIES[each.remedy]}"
        for each in sheet.diligence
    )


_IMPROVEMENTS = {
    Improvements.NONE: "Later improvements by either party are its own and not part of this licence.",
    Improvements.OPTION: (
        "The Licensor tells the Licensee of its improvements of the Licensed Rights in the Field. The Licensee may call for "
        "a licence of each within 90 days, on terms to be agreed in good faith."
    ),
    Improvements.LICENCE: (
        "The Licensor’s improvements of the Licensed Rights in the Field, made in the first three years and free of rights "
        "of third parties, become Licensed Rights without another fee."
    ),
}


def improvements(sheet: TermSheet) -> Paragraphs:
    """Who has what of later work."""
    return () if sheet.improvements is None else (_IMPROVEMENTS[sheet.improvements],)


def publication(sheet: TermSheet) -> str:
    """The licensor's freedom to publish, with the licensee's look before it."""
    terms = sheet.publication
    days = n_of(terms.review_days, "day") if terms else "30 days"
    text = (
        "The Licensor may publish research results. It shows the Licensee a manuscript that touches the Licensed "
        f"Rights {days} before, and takes out the Licensee’s secrets."
    )
    if terms and terms.delay_days:
        text += (
            f" The Licensee may ask for a delay of up to {n_of(terms.delay_days, 'day')} so that patents can be filed."
        )
    return text


def reserved(sheet: TermSheet) -> Paragraphs:
    """What stays with the licensor."""
    research = (
        "The Licensor may always use the Licensed Rights for research and teaching, and may let other "
        "not-for-profit research institutions do so."
    )
    public = (
        "Where public money paid for the research, this agreement is subject to the rights that the law or the "
        "funding agreement gives to the public body."
    )
    if sheet.reserved and sheet.reserved.government:
        public = (
            "Public money paid for the research: the rights of the public bodies that paid come before this agreement."
        )
    found = [research, public]
    if sheet.reserved and sheet.reserved.countries:
        names = ", ".join(sorted(country_name(code) for code in sheet.reserved.countries))
        rate = sheet.reserved.rate
        price = f" The royalty on sales there is {format_percent(rate)} of Net Sales." if rate is not None else ""
        found.append(f"The Licensor may license humanitarian, not-for-profit use in: {names}.{price}")
    return tuple(found)


_WARRANTIES = {
    Warranties.NONE: "The Licensed Rights are licensed as they are. The Licensor gives no warranty.",
    Warranties.TITLE: "The Licensor states that it is entitled to grant this licence.",
    Warranties.KNOWN_CLAIMS: (
        "The Licensor states that it is entitled to grant this licence and knows of no claim against the Licensed "
        "Rights on the date of its signature."
    ),
}
_INDEMNITIES = {
    Indemnity.NONE: "Each party answers to third parties as the law says.",
    Indemnity.LICENSEE: (
        "The Licensee keeps the Licensor free from claims of third parties about products that the Licensee makes or sells."
    ),
    Indemnity.MUTUAL: (
        "Each party keeps the other free from claims of third parties about what it has itself caused by a breach or a fault."
    ),
}
_NO_WARRANTY = (
    " It gives no warranty that a patent is valid, that the technology fits a purpose, or that no right of a third party "
    "is in the way."
)


def warranties(sheet: TermSheet) -> Paragraphs:
    """Warranties, indemnity, insurance and the limit of liability."""
    stated = _WARRANTIES[sheet.warranties or Warranties.KNOWN_CLAIMS] + _NO_WARRANTY
    answers = "The Licensee answers for the products it makes and sells"
    found = [stated, f"{answers}, {_insured(sheet)}." if _insured(sheet) else f"{answers}."]
    if sheet.indemnity is not None:
        found.append(_INDEMNITIES[sheet.indemnity])
    return (*found, _liability(sheet))


def _insured(sheet: TermSheet) -> str:
    if sheet.insurance is None or sheet.insurance.kind == InsuranceKind.USUAL:
        return "and keeps insurance that is usual in its trade"
    if sheet.insurance.amount is None:
        return ""
    return f"and keeps product liability insurance of at least {format_money(sheet.insurance.amount)} for each claim"


def _liability(sheet: TermSheet) -> str:
    cap = sheet.liability.cap if sheet.liability else LiabilityCap.TWO_YEARS
    amount = sheet.liability.amount if sheet.liability else None
    limit = {
        LiabilityCap.TWO_YEARS: " limited to the amounts paid and due under this agreement in the last two years",
        LiabilityCap.ALL_PAID: " limited to all amounts paid and due under this agreement",
        LiabilityCap.AMOUNT: f" limited to {format_money(amount)}" if amount else "",
        LiabilityCap.NONE: " not limited in amount",
    }[cap]
    return (
        f"Neither party is liable for lost profit or indirect loss. The liability of each is{limit}. Nothing limits liability "
        "for intent, gross negligence, personal injury or breach of confidentiality."
    )


_SURVIVALS = {
    Survival.PAYMENT: "payment",
    Survival.REPORTS: "reports and audit",
    Survival.CONFIDENTIALITY: "confidentiality",
    Survival.LIABILITY: "liability",
    Survival.DISPUTES: "disputes",
}
_STOCK = "The Licensee may sell its stock for six months, on the terms of this agreement."


def ending(sheet: TermSheet) -> Paragraphs:
    """How the licence is ended early, and what stays."""
    if sheet.termination is None:
        return (
            "The Licensee may end it by 60 days’ written notice. Either party may end it when the other has not cured a "
            "serious breach within 60 days (30 days for a payment) after written notice.",
            "What is due stays due. The clauses on payment, reports and audit, confidentiality, liability and disputes "
            f"outlive the end. {_STOCK}",
        )
    terms = sheet.termination
    kept = [text for key, text in _SURVIVALS.items() if key in terms.survivals]
    stays = f" These clauses outlive the end: {', '.join(kept)}." if kept else ""
    stock = f" {_STOCK}" if Survival.STOCK in terms.survivals else ""
    return (
        f"The Licensee may end it by written notice of {n_of(terms.notice_days, 'day')}. Either party may end it when the other "
        f"has not cured a serious breach within {n_of(terms.cure_days, 'day')} after written notice.",
        f"What is due stays due.{stays}{stock}",
    )


_ASSIGNMENTS = {
    Assignment.CONSENT: (
        "Neither party may assign this agreement without the other’s written consent, which may not be withheld without a "
        "good reason."
    ),
    Assignment.WITH_BUSINESS: (
        "The Licensee may assign this agreement only together with the business that uses it, and tells the Licensor "
        "30 days before."
    ),
    Assignment.FREE: "Either party may assign this agreement and tells the other 30 days before.",
}


def assignment(sheet: TermSheet) -> str:
    """Whether the licence may be handed on."""
    return _ASSIGNMENTS[sheet.assignment or Assignment.WITH_BUSINESS]
