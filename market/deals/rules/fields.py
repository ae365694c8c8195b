"""The terms as a person meets them: a name, one sentence of explanation, what is usual. Forms, tables and comparisons use it."""

from dataclasses import dataclass

from market.kit.i18n import _


@dataclass(frozen=True)
class TermField:
    """One line of the term sheet. `key` is the attribute of TermSheet; all texts are msgids."""

    key: str
    group: str
    label: str
    explanation: str
    usual: str = ""


GROUPS: dict[str, str] = {
    "what": _("What you license"),
    "where": _("Where and how long"),
    "money": _("What it costs"),
    "rules": _("Rules of the game"),
}

FIELDS: dict[str, TermField] = {
    each.key: each
    for each in (
        TermField(
            "grant",
            "what",
            _("Kind of licence"),
            _("Whether others may use the technology beside the licensee."),
            _("Usual: non-exclusive, or exclusive in a narrow field."),
        ),
        TermField(
            "option",
            "what",
            _("Option"),
            _("Time to test the technology before taking a licence, for a fee."),
            _("Usual: 6 to 12 months."),
        ),
        TermField(
            "licensed_ip",
            "what",
            _("Licensed rights"),
            _("The patents, software or know-how that the licensee may use."),
        ),
        TermField(
            "field_of_use",
            "what",
            _("Field of use"),
            _("For which products or services the technology may be used."),
            _("Usual: as narrow as your business plan, as wide as your product line."),
        ),
        TermField(
            "territory",
            "where",
            _("Territory"),
            _("The countries in which the licensee may make and sell."),
            _("Usual: the countries where you will really sell."),
        ),
        TermField(
            "term",
            "where",
            _("Duration"),
            _("How long the licence runs from the last signature."),
            _("Usual: 5 to 10 years, or the life of the patents."),
        ),
        TermField(
            "sublicensing",
            "where",
            _("Sublicences"),
            _("Whether the licensee may let another company use the technology, and what share the institution gets."),
            _("Usual: with consent, 10 to 30 % of the income."),
        ),
        TermField(
            "upfront",
            "money",
            _("Upfront fee"),
            _("One payment after signing."),
            _("Usual for a small company: 0 to 25,000, due in 30 days."),
        ),
        TermField(
            "royalty",
            "money",
            _("Running royalty"),
            _("A share of net sales. Each rate counts only for the sales inside its own step."),
            _("Usual: 1 to 5 % of net sales."),
        ),
        TermField(
            "minimum",
            "money",
            _("Yearly minimum"),
            _("The least royalty of a year, so that the technology is not left unused."),
            _("Usual: none in the first two years."),
        ),
        TermField(
            "reports",
            "money",
            _("Sales reports"),
            _("How often the licensee reports sales; the royalty is computed from the report."),
            _("Usual: once a year, within 30 days."),
        ),
        TermField(
            "milestones",
            "money",
            _("Milestones"),
            _("Payments when something happens, such as the first sale or an approval. Each pays once."),
            _("Usual: none for a small licence, or 1 to 3 payments of 2,000 to 20,000."),
        ),
        TermField(
            "deductions",
            "money",
            _("Taken off sales"),
            _("What is taken off the invoiced amounts before the royalty is computed."),
            _("Usual: discounts, returns, taxes and freight, together 5 to 10 %."),
        ),
        TermField(
            "stacking",
            "money",
            _("Royalties to others"),
            _("How much of royalties that the licensee must pay to third parties is taken off."),
            _("Usual: 50 %, and never below half of the rate."),
        ),
        TermField(
            "combination",
            "money",
            _("Products with other parts"),
            _("How a product counts of which the technology is only one part."),
            _("Usual: the licensed part’s share, A / (A + B)."),
        ),
        TermField(
            "patent_costs",
            "money",
            _("Patent costs"),
            _("What the licensee pays of the costs of getting and keeping the patents."),
            _("Usual: all for an exclusive licence, a share or nothing otherwise."),
        ),
        TermField(
            "equity",
            "money",
            _("Shares of the company"),
            _("A share of the company in place of money; recorded here, given by a contract of its own."),
            _("Usual: only for start-ups, 1 to 10 %."),
        ),
        TermField(
            "late_interest",
            "money",
            _("Interest on late money"),
            _("What a late payment costs."),
            _("Usual: 5 to 10 % a year, simple."),
        ),
        TermField(
            "disputes",
            "rules",
            _("Law and disputes"),
            _("Which law applies and what happens when you cannot agree."),
            _("Usual: the law of the institution's country, mediation first."),
        ),
        TermField(
            "confidentiality_months",
            "rules",
            _("Confidentiality"),
            _("How long both sides keep secret what they learned, after the licence ends."),
            _("Usual: 36 to 60 months."),
        ),
        TermField(
            "diligence",
            "rules",
            _("Milestones of diligence"),
            _("What the licensee does by when to bring the technology to market, and what follows if not."),
            _("Usual for an exclusive licence: a prototype in 12 months, a first sale in 24 to 36."),
        ),
        TermField(
            "improvements",
            "rules",
            _("Improvements"),
            _("Whether later improvements by the institution belong to the licence."),
            _("Usual: the licensee is asked first."),
        ),
        TermField(
            "publication",
            "rules",
            _("Publications"),
            _(
                "How long the licensee may read a manuscript before it is published, and delay it so that a patent can be filed."
            ),
            _("Usual: 30 days to read, up to 60 of delay. At most 30 and 90."),
        ),
        TermField(
            "reserved",
            "rules",
            _("Rights that stay"),
            _("What the institution keeps for itself beside research and teaching."),
            _("Usual: rights of public bodies where public money paid for the research."),
        ),
        TermField(
            "audit",
            "rules",
            _("Check of the books"),
            _("How the institution may have the licensee’s reports checked."),
            _("Usual: 30 days of notice, 3 years back, paid by the licensee above 5 %."),
        ),
        TermField(
            "warranties",
            "rules",
            _("Warranties"),
            _("What the institution stands for."),
            _("Usual: it may grant the licence and knows of no claim."),
        ),
        TermField(
            "indemnity",
            "rules",
            _("Claims of third parties"),
            _("Who answers when somebody else claims damages."),
            _("Usual: the licensee, for the products it sells."),
        ),
        TermField(
            "liability",
            "rules",
            _("Limit of liability"),
            _("How much one side can owe the other for a mistake."),
            _("Usual: what was paid in the last two years."),
        ),
        TermField(
            "insurance",
            "rules",
            _("Insurance"),
            _("Which insurance the licensee keeps."),
            _("Usual: what is usual in the trade; 1 to 5 million for medical products."),
        ),
        TermField(
            "assignment",
            "rules",
            _("Handing the licence on"),
            _("Whether the licence can go to somebody else, such as a buyer of the company."),
            _("Usual: together with the business that uses it."),
        ),
        TermField(
            "termination",
            "rules",
            _("Ending it early"),
            _("How the licence can be ended before its time, and what stays."),
            _("Usual: 60 days of notice, 60 days to cure a breach."),
        ),
        TermField(
            "valid_until",
            "rules",
            _("Offer open until"),
            _("The last day on which the other side can accept this offer."),
            _("Usual: 90 days."),
        ),
    )
}
