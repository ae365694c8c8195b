"""The life of a need as a process: every situation, every step, whose step it is, and its timer."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from market.kit.errors import Refusal
from market.kit.i18n import _
from market.kit.process import Process, Transition


class Side(StrEnum):
    """Who takes a step: the company that needs something, the operator, an institution, or the clock."""

    POSTER = "poster"
    OPERATOR = "operator"
    INSTITUTION = "institution"
    SYSTEM = "system"


STATES = ("draft", "submitted", "open", "answered", "matched", "closed", "expired", "withdrawn")
PUBLIC = ("open", "answered")
"""Open to everybody, and to answers."""
LIVING = (*PUBLIC, "matched")
AFTER_OPENING = (*LIVING, "closed", "expired", "withdrawn")

STATE_LABELS: dict[str, str] = {
    "draft": _("Draft"),
    "submitted": _("Being checked"),
    "open": _("Open"),
    "answered": _("Answered"),
    "matched": _("Matched"),
    "closed": _("Closed"),
    "expired": _("Expired"),
    "withdrawn": _("Withdrawn"),
}

PATH: tuple[tuple[str, tuple[str, ...]], ...] = (
    (_("Written"), ("draft",)),
    (_("Checked"), ("submitted",)),
    (_("Open"), ("open",)),
    (_("Answered"), ("answered",)),
    (_("Matched"), ("matched",)),
    (_("Closed"), ("closed", "expired", "withdrawn")),
)


def _whole(_need: Any, *, faults: tuple[Refusal, ...], **_facts: Any) -> Refusal | None:
    return faults[0] if faults else None


def _reason_given(_need: Any, *, reason: str, **_facts: Any) -> Refusal | None:
    return None if reason else Refusal("no_reason", _("Say why, so that it can be mended."), "reason")


def _in_time(need: Any, *, today: date, **_facts: Any) -> Refusal | None:
    if need.deadline is None or today <= need.deadline:
        return None
    return Refusal("too_late", _("The deadline of this need is over."))


def _first(need: Any, *, answers: int, **facts: Any) -> Refusal | None:
    return _in_time(need, **facts) or (Refusal("answers", _("It has answers already.")) if answers else None)


def _again(need: Any, *, answers: int, **facts: Any) -> Refusal | None:
    return _in_time(need, **facts) or (None if answers else Refusal("no_answers", _("It has no answers yet.")))


def _over(need: Any, *, today: date, **_facts: Any) -> Refusal | None:
    over = need.deadline is not None and today > need.deadline
    return None if over else Refusal("not_over", _("The deadline is still ahead."))


def _deadline(need: Any) -> datetime | None:
    due: datetime | None = need.deadline
    return due


NEED = Process(
    "need",
    STATES,
    Transition("submit", ("draft",), "submitted", Side.POSTER, guard=_whole, label=_("Send it in")),
    Transition("approve", ("submitted",), "open", Side.OPERATOR, guard=_first, label=_("Open it")),
    Transition("approve", ("submitted",), "answered", Side.OPERATOR, guard=_again, label=_("Open it")),
    Transition("refuse", ("submitted", *PUBLIC), "draft", Side.OPERATOR, guard=_reason_given, label=_("Send it back")),
    Transition("revise", PUBLIC, "submitted", Side.POSTER, guard=_whole, label=_("Change it")),
    Transition("answer", PUBLIC, "answered", Side.INSTITUTION, guard=_in_time, label=_("Answer with a technology")),
    Transition("choose", LIVING, "matched", Side.POSTER, label=_("This fits")),
    Transition("close", LIVING, "closed", Side.POSTER, guard=_reason_given, label=_("Close the need")),
    Transition("withdraw", ("draft", "submitted", *PUBLIC), "withdrawn", Side.POSTER, label=_("Withdraw it")),
    Transition("expire", ("submitted", *PUBLIC), "expired", Side.SYSTEM, guard=_over, due=_deadline),
)
