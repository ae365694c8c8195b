"""The words of a need: stage wanted, budget, and why one is closed. Keys are stored, labels (msgids) are shown."""

from market.kit.i18n import _

STAGES = {
    "any": _("Any stage"),
    "idea": _("An idea or a laboratory result is enough (TRL 1 to 3)"),
    "laboratory": _("Tested in the laboratory or later (TRL 4 and up)"),
    "prototype": _("A prototype or later (TRL 6 and up)"),
    "ready": _("Ready to use (TRL 8 and 9)"),
}
STAGE_FROM = {"any": 1, "idea": 1, "laboratory": 4, "prototype": 6, "ready": 8}
"""The lowest readiness level that a stage asks for."""

BUDGETS = {
    "open": _("To be talked about"),
    "to_5k": _("Up to 5,000"),
    "to_25k": _("5,000 to 25,000"),
    "to_100k": _("25,000 to 100,000"),
    "to_500k": _("100,000 to 500,000"),
    "above": _("More than 500,000"),
}
_BOUNDS = ((5_000, "to_5k"), (25_000, "to_25k"), (100_000, "to_100k"), (500_000, "to_500k"))

OUTCOMES = {
    "found_here": _("We found a technology here"),
    "found_elsewhere": _("We found a solution elsewhere"),
    "no_longer": _("We do not need it any longer"),
    "nothing_fits": _("Nothing that was offered fits"),
}

CLUSTERS = (
    _("Food processing"),
    _("Wine and olive oil"),
    _("Fishing and fish farming"),
    _("Dairy"),
    _("Bakery"),
    _("Textiles and clothing"),
    _("Leather and shoes"),
    _("Wood and furniture"),
    _("Paper and packaging"),
    _("Ceramics and glass"),
    _("Plastics and rubber"),
    _("Metalworking"),
    _("Vehicle parts"),
    _("Boats and harbours"),
    _("Medical devices"),
    _("Cosmetics"),
    _("Heating and cooling"),
    _("Solar and wind power"),
    _("Water supply"),
    _("Recycling"),
    _("Tourism"),
    _("Games and education"),
)
"""Suggestions only: a cluster is what those in it call it."""


def budget_of(amount: float | None) -> str:
    """The band that an amount in major units falls into."""
    if amount is None or amount <= 0:
        return "open"
    return next((band for bound, band in _BOUNDS if amount <= bound), "above")
