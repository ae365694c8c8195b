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
            "valid_until",
            "rules",
            _("Offer open until"),
            _("The last day on which the other side can accept this offer."),
            _("Usual: 90 days."),
        ),
    )
}
