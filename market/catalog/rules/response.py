"""How fast an institution answers: the figure that stands on its listings, once there is enough to tell."""

from collections.abc import Sequence

from market.kit.i18n import _, ntranslate, translate

ENOUGH = 5
"""Answered enquiries from which on a figure is shown: of fewer, one holiday would make the record."""

MOST_COUNTED = 200
"""The newest answers that count, so that an office which has become faster is seen to be."""

BANDS = {
    "to_2": _("Within 2 working days"),
    "to_5": _("Within 5 working days"),
    "longer": _("Takes longer"),
    "unknown": _("Not known yet"),
}
"""How an institution answers, in the few steps by which one filters; the quickest first."""


def band(days: int | None) -> str:
    """The step of a median in working days; `unknown` where there is none."""
    if days is None:
        return "unknown"
    return next((name for limit, name in ((2, "to_2"), (5, "to_5")) if days <= limit), "longer")


def median_days(days: Sequence[int]) -> int | None:
    """The median of answering times in working days, halves rounded up; None where too few are known."""
    if len(days) < ENOUGH:
        return None
    ordered = sorted(days)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle] + 1) // 2


def in_words(days: int | None) -> str:
    """The figure in the reader's language; nothing where there is none."""
    if days is None:
        return ""
    if days == 0:
        return translate(_("Answers the same day"))
    return ntranslate(_("Answers in {n} working day"), _("Answers in {n} working days"), days)
