"""The words of the trade, each explained in a sentence or two."""

from dataclasses import dataclass

from market.kit.i18n import _, translate


@dataclass(frozen=True)
class Term:
    """A word, what it means, and the guide that says more."""

    name: str
    text: str
    guide: str = ""


TERMS: dict[str, Term] = {
    "licence": Term(
        _("Licence"),
        _("Permission to use what somebody else owns, for a purpose, in a place, for a time and at a price."),
        "what-a-licence-is",
    ),
    "licensor": Term(_("Licensor"), _("Who owns the technology and gives the licence; here usually a university.")),
    "licensee": Term(_("Licensee"), _("Who takes the licence and uses the technology; here usually a company.")),
    "grant": Term(
        _("Grant"),
        _(
            "How exclusive the licence is: you alone (exclusive), you and the owner (sole), or others too (non-exclusive)."
        ),
        "exclusive-or-not",
    ),
    "field_of_use": Term(
        _("Field of use"),
        _("The products or purposes for which you may use the technology. Others may get a licence for other fields."),
        "what-a-licence-is",
    ),
    "territory": Term(
        _("Territory"),
        _("The countries in which you may use the technology. A patent holds only where it is in force."),
    ),
    "term": Term(_("Term"), _("How long the licence lasts, often until the last of its patents ends.")),
    "upfront_fee": Term(
        _("Upfront fee"), _("A sum paid once, at or soon after the signature."), "reading-a-term-sheet"
    ),
    "royalty": Term(
        _("Royalty"),
        _("A share of what you sell with the technology, usually a percentage of net sales."),
        "royalty-rates",
    ),
    "net_sales": Term(
        _("Net sales"),
        _(
            "What you invoice for licensed products, less what the contract takes off: taxes, freight, returns, discounts."
        ),
        "royalty-reports",
    ),
    "minimum_royalty": Term(
        _("Minimum royalty"),
        _("The least to be paid each year. As a rule you pay the royalty, and only what is missing up to the minimum."),
        "reading-a-term-sheet",
    ),
    "milestone": Term(
        _("Milestone"), _("A sum due when something happens, such as the first sale."), "reading-a-term-sheet"
    ),
    "tier": Term(
        _("Tier"),
        _("A rate for a part of the sales: for instance 4% up to a limit and 3% of what is above it."),
        "royalty-rates",
    ),
    "stacking": Term(
        _("Stacking"),
        _("If you must pay several owners for one product, the royalty to each falls."),
        "freedom-to-operate",
    ),
    "sublicence": Term(
        _("Sublicence"), _("A licence that the licensee gives to somebody else, if the contract allows it.")
    ),
    "diligence": Term(
        _("Diligence"),
        _("What the licensee promises to do, and until when, so that the technology does not lie in a drawer."),
        "exclusive-or-not",
    ),
    "option": Term(
        _("Option"), _("For some months the owner talks to nobody else, while you test and decide."), "exclusive-or-not"
    ),
    "term_sheet": Term(
        _("Term sheet"),
        _("The terms of a licence on a page or two, before the contract is written."),
        "reading-a-term-sheet",
    ),
    "nda": Term(
        _("Non-disclosure agreement"),
        _("A promise to keep secret what is shown, and to use it only for the purpose named."),
        "non-disclosure-agreements",
    ),
    "know_how": Term(
        _("Know-how"), _("What the inventors know beyond the patent: recipes, settings, what failed."), "trade-secrets"
    ),
    "trade_secret": Term(
        _("Trade secret"), _("Knowledge with value because it is secret, and that is really kept so."), "trade-secrets"
    ),
    "patent": Term(
        _("Patent"),
        _("A right to stop others from using an invention in one country, for 20 years at most."),
        "patents-in-short",
    ),
    "priority": Term(
        _("Priority date"),
        _("The day of the first filing. For twelve months, filings abroad count as if made on it."),
        "patents-in-short",
    ),
    "pct": Term(
        _("PCT application"),
        _(
            "One international application that keeps most countries open until 30 or 31 months after the priority date."
        ),
        "patents-in-short",
    ),
    "claim": Term(
        _("Claim"), _("The numbered sentences at a patent's end that say what is protected."), "freedom-to-operate"
    ),
    "opposition": Term(
        _("Opposition"), _("Anybody may attack a European patent within nine months of its grant."), "patents-in-short"
    ),
    "unitary_patent": Term(
        _("Unitary patent"),
        _("One patent for those states of the European Union that take part, with one renewal fee."),
        "patents-in-short",
    ),
    "renewal_fee": Term(
        _("Renewal fee"),
        _("What keeps a patent in force, paid every year in most countries, and rising."),
        "patents-in-short",
    ),
    "freedom_to_operate": Term(
        _("Freedom to operate"),
        _("Whether a product can be made and sold without using somebody else's patent."),
        "freedom-to-operate",
    ),
    "trl": Term(
        _("Technology readiness level"),
        _("How far a technology has come, from 1 (principle observed) to 9 (proven in operation)."),
        "technology-readiness",
    ),
    "background": Term(
        _("Background"), _("Patents and know-how that a partner brings into joint work from before."), "joint-research"
    ),
    "foreground": Term(_("Foreground"), _("The results of joint work."), "joint-research"),
    "mediation": Term(
        _("Mediation"),
        _("A neutral person helps both sides to agree, and decides nothing."),
        "mediation-and-arbitration",
    ),
    "arbitration": Term(
        _("Arbitration"),
        _("A private decision that binds both sides, in place of a court."),
        "mediation-and-arbitration",
    ),
    "withholding_tax": Term(
        _("Withholding tax"),
        _("Tax on a royalty paid abroad that the payer keeps back; a form filed in time often lowers it."),
        "before-you-sign",
    ),
}


def explained(key: str) -> tuple[str, str, str]:
    """A term's name and meaning in the reader's language, and its guide; KeyError for an unknown one."""
    term = TERMS[key]
    return translate(term.name), translate(term.text), term.guide
