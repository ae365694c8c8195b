"""The licence deal as a process: every situation, every step out of it, whose step it is, what it needs, and its timer.

Buttons, the picture of the path, permission checks, timers and the diagram in the documents come from this table.
Guards take the deal and the facts that the use case looked up; they look nothing up themselves.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from market.deals.rules import offers, signing
from market.deals.rules.offers import OfferFacts
from market.deals.rules.signing import Signing
from market.kit.errors import Refusal
from market.kit.i18n import _
from market.kit.process import Process, Transition


class Side(StrEnum):
    """Who takes a step: the company, the institution, or the clock and payments."""

    LICENSEE = "licensee"
    LICENSOR = "licensor"
    SYSTEM = "system"


EITHER = (Side.LICENSEE, Side.LICENSOR)

STATES = (
    "enquiry_sent",
    "qualified",
    "nda_pending",
    "evaluating",
    "offer_from_licensor",
    "offer_from_licensee",
    "terms_agreed",
    "approved",
    "signing",
    "awaiting_payment",
    "active",
    "amendment_pending",
    "breach_notified",
    "disputed",
    "terminated",
    "expired",
    "lost",
)
OFFERS = ("offer_from_licensor", "offer_from_licensee")
TALKING = ("enquiry_sent", "qualified", "nda_pending", "evaluating", *OFFERS)
BEFORE_SIGNING = (*TALKING, "terms_agreed", "approved")
OPEN = (*BEFORE_SIGNING, "signing", "awaiting_payment")
RUNNING = ("active", "amendment_pending", "breach_notified", "disputed")
CLOSED = ("terminated", "expired", "lost")

STATE_LABELS: dict[str, str] = {
    "enquiry_sent": _("Enquiry sent"),
    "qualified": _("In conversation"),
    "nda_pending": _("Non-disclosure agreement to sign"),
    "evaluating": _("Evaluating"),
    "offer_from_licensor": _("Offer from the institution"),
    "offer_from_licensee": _("Offer from the company"),
    "terms_agreed": _("Terms agreed"),
    "approved": _("Approved"),
    "signing": _("Signing"),
    "awaiting_payment": _("Waiting for payment"),
    "active": _("Licence active"),
    "amendment_pending": _("Amendment to sign"),
    "breach_notified": _("Breach notified"),
    "disputed": _("In dispute"),
    "terminated": _("Terminated"),
    "expired": _("Expired"),
    "lost": _("Closed without a licence"),
}

PATH: tuple[tuple[str, tuple[str, ...]], ...] = (
    (_("Enquiry"), ("enquiry_sent",)),
    (_("Conversation"), ("qualified", "nda_pending", "evaluating")),
    (_("Offers"), OFFERS),
    (_("Approval"), ("terms_agreed", "approved")),
    (_("Signatures"), ("signing",)),
    (_("Payment"), ("awaiting_payment",)),
    (_("Licence"), (*RUNNING, "terminated", "expired")),
)


def offer_state(side: str) -> str:
    """The situation after `side` has made an offer."""
    return f"offer_from_{side}"


def other(side: str) -> Side:
    """The other party."""
    return Side.LICENSOR if side == Side.LICENSEE else Side.LICENSEE


# --- guards


def _acceptable(_deal: Any, *, offer: OfferFacts | None, shown: str, now: datetime, **_facts: Any) -> Refusal | None:
    return offers.acceptable(offer, shown=shown, now=now)


def _over(_deal: Any, *, offer: OfferFacts | None, now: datetime, **_facts: Any) -> Refusal | None:
    return None if offers.expired(offer, now=now) else Refusal("not_over", _("The offer is still open."))


def _standing(_deal: Any, *, standing: bool, **_facts: Any) -> Refusal | None:
    if standing:
        return None
    return Refusal("no_standing", _("There is no signed non-disclosure agreement that still runs. Propose a new one."))


def _room_open(deal: Any, **_facts: Any) -> Refusal | None:
    return None if deal.nda_signed_at else Refusal("no_nda", _("No non-disclosure agreement is signed."))


def _no_room(deal: Any, **_facts: Any) -> Refusal | None:
    return Refusal("nda", _("A non-disclosure agreement is signed.")) if deal.nda_signed_at else None


def _over_with_room(deal: Any, **facts: Any) -> Refusal | None:
    return _over(deal, **facts) or _room_open(deal)


def _over_without_room(deal: Any, **facts: Any) -> Refusal | None:
    return _over(deal, **facts) or _no_room(deal)


def _complete(_deal: Any, *, faults: tuple[Refusal, ...], **_facts: Any) -> Refusal | None:
    return faults[0] if faults else None


def _last_approval(_deal: Any, *, missing: frozenset[str], side: str, **_facts: Any) -> Refusal | None:
    return Refusal("more_approvals", _("The other side has to approve too.")) if missing - {side} else None


def _may_go_out(_deal: Any, *, clash: str, **_facts: Any) -> Refusal | None:
    if not clash:
        return None
    return Refusal(
        "clash",
        _(
            "This grant cannot stand beside licence {number}: same field, place and time, and one of them keeps others "
            "out. Narrow the field of use (give codes), the territory or the kind of licence."
        ),
        params={"number": clash},
    )


def _signature(deal: Any, **facts: Any) -> Refusal | None:
    names = ("side", "shown", "typed_name", "person_name", "consent")
    return _may_go_out(deal, clash=facts["clash"]) or signing.signature_refusal(
        facts["signing"], **{name: facts[name] for name in names}
    )


def _signature_between(deal: Any, *, signing: Signing | None, side: str, **facts: Any) -> Refusal | None:
    last = signing is not None and signing.last_is(side)
    reason = _signature(deal, signing=signing, side=side, **facts)
    return reason or (Refusal("last", _("This is the last signature.")) if last else None)


def _signature_last(deal: Any, *, fee_due: bool, want_fee: bool, **facts: Any) -> Refusal | None:
    reason = _signature(deal, **facts)
    if reason is None and not facts["signing"].last_is(facts["side"]):
        reason = Refusal("not_last", _("More signatures are needed."))
    return reason or (None if fee_due == want_fee else Refusal("fee", _("The upfront fee decides what comes next.")))


def _last_with_fee(deal: Any, **facts: Any) -> Refusal | None:
    return _signature_last(deal, want_fee=True, **facts)


def _last_without_fee(deal: Any, **facts: Any) -> Refusal | None:
    return _signature_last(deal, want_fee=False, **facts)


def _reason_given(_deal: Any, *, reason: str, **_facts: Any) -> Refusal | None:
    return None if reason else Refusal("no_reason", _("Choose a reason. The other side sees it."), "reason")


def _reason_with_room(deal: Any, **facts: Any) -> Refusal | None:
    return _reason_given(deal, **facts) or _room_open(deal)


def _reason_without_room(deal: Any, **facts: Any) -> Refusal | None:
    return _reason_given(deal, **facts) or _no_room(deal)


# --- timers: when the system takes the step by itself


def _response_due(deal: Any) -> datetime | None:
    due: datetime | None = deal.due_at
    return due


# --- the table


def _each(name: str, since: tuple[str, ...], to: str, label: str, **kwargs: Any) -> tuple[Transition, ...]:
    """One row for each party."""
    return tuple(Transition(name, since, to, by=side, label=label, **kwargs) for side in EITHER)


_SEND_OFFER = _("Make an offer")
_BACK = _("Go back to the terms")

LICENCE = Process(
    "licence",
    STATES,
    # the first question
    Transition("remind_enquiry", ("enquiry_sent",), "enquiry_sent", by=Side.SYSTEM, due=_response_due),
    Transition("escalate_enquiry", ("enquiry_sent",), "enquiry_sent", by=Side.SYSTEM, due=_response_due),
    Transition("acknowledge", ("enquiry_sent",), "qualified", by=Side.LICENSOR, label=_("Answer the enquiry")),
    Transition("decline", ("enquiry_sent",), "lost", by=Side.LICENSOR, guard=_reason_given, label=_("Decline")),
    # secrets
    *_each("propose_nda", ("qualified",), "nda_pending", _("Propose a non-disclosure agreement")),
    *_each(
        "sign_nda", ("nda_pending",), "nda_pending", _("Sign the non-disclosure agreement"), guard=_signature_between
    ),
    *_each("sign_nda", ("nda_pending",), "evaluating", _("Sign the non-disclosure agreement"), guard=_last_without_fee),
    *_each("use_standing_nda", ("qualified",), "evaluating", _("Go on under it"), guard=_standing),
    *_each("withdraw_nda", ("nda_pending",), "qualified", _("Go on without it")),
    # offers
    *(
        Transition(
            "make_offer", ("qualified", "evaluating"), offer_state(side), side, guard=_complete, label=_SEND_OFFER
        )
        for side in EITHER
    ),
    *(
        Transition(
            "counter",
            (offer_state(other(side)),),
            offer_state(side),
            side,
            guard=_complete,
            label=_("Change the offer"),
        )
        for side in EITHER
    ),
    *(
        Transition(
            "accept_offer",
            (offer_state(other(side)),),
            "terms_agreed",
            side,
            guard=_acceptable,
            label=_("Accept the offer"),
        )
        for side in EITHER
    ),
    *(
        Transition("withdraw_offer", (offer_state(side),), to, side, guard=guard, label=_("Withdraw the offer"))
        for side in EITHER
        for to, guard in (("evaluating", _room_open), ("qualified", _no_room))
    ),
    Transition("expire_offer", OFFERS, "evaluating", Side.SYSTEM, guard=_over_with_room, due=_response_due),
    Transition("expire_offer", OFFERS, "qualified", Side.SYSTEM, guard=_over_without_room, due=_response_due),
    # approval
    *(
        Transition("approve", ("terms_agreed",), to, side, guard=guard, label=_("Approve the terms"))
        for side in EITHER
        for to, guard in (("approved", _last_approval), ("terms_agreed", None))
    ),
    Transition("approve", ("terms_agreed",), "approved", Side.SYSTEM),
    *_each("reopen", ("terms_agreed", "approved"), "evaluating", _BACK, guard=_reason_with_room),
    *_each("reopen", ("terms_agreed", "approved"), "qualified", _BACK, guard=_reason_without_room),
    # signatures
    Transition(
        "send_for_signature",
        ("approved",),
        "signing",
        Side.LICENSOR,
        guard=_may_go_out,
        label=_("Send the agreement for signature"),
    ),
    *_each("sign", ("signing",), "signing", _("Sign the agreement"), guard=_signature_between),
    *_each("sign", ("signing",), "awaiting_payment", _("Sign the agreement"), guard=_last_with_fee),
    *_each("sign", ("signing",), "active", _("Sign the agreement"), guard=_last_without_fee),
    *_each("refuse_signature", ("signing",), "terms_agreed", _("Do not sign"), guard=_reason_given),
    # the fee
    Transition("settle", ("awaiting_payment",), "active", Side.SYSTEM),
    # the running licence
    *_each("propose_amendment", ("active",), "amendment_pending", _("Propose an amendment")),
    *_each(
        "sign_amendment", ("amendment_pending",), "amendment_pending", _("Sign the amendment"), guard=_signature_between
    ),
    *_each("sign_amendment", ("amendment_pending",), "active", _("Sign the amendment"), guard=_last_without_fee),
    *_each("refuse_amendment", ("amendment_pending",), "active", _("Refuse the amendment"), guard=_reason_given),
    *_each("notify_breach", ("active",), "breach_notified", _("Give notice of a breach"), guard=_reason_given),
    *_each("cure", ("breach_notified",), "active", _("Confirm that the breach is cured")),
    *_each("open_dispute", ("active", "breach_notified"), "disputed", _("Open a dispute"), guard=_reason_given),
    *_each("settle_dispute", ("disputed",), "active", _("Record the settlement")),
    *_each("end_by_dispute", ("disputed",), "terminated", _("Record the end of the licence")),
    *_each("terminate", ("active", "breach_notified"), "terminated", _("Terminate the licence"), guard=_reason_given),
    Transition("expire", ("active", "breach_notified"), "expired", Side.SYSTEM, due=_response_due),
    # the way out
    *_each("close_lost", BEFORE_SIGNING, "lost", _("Close the deal"), guard=_reason_given),
)

LOST_REASONS: dict[str, str] = {
    "no_fit": _("The technology does not fit our need"),
    "price": _("We could not agree on the price"),
    "terms": _("We could not agree on other terms"),
    "not_available": _("The technology is no longer available"),
    "already_licensed": _("It is licensed to somebody else in this field"),
    "resources": _("We lack the people or the money now"),
    "no_answer": _("The other side did not answer"),
    "other": _("Another reason"),
}


def turn_of(state: str, *, missing_approval: frozenset[str] = frozenset(), signer: str = "") -> str:
    """Whose move the situation waits for; empty where nobody must act."""
    if state == "terms_agreed":
        return next((side for side in (Side.LICENSOR, Side.LICENSEE) if side in missing_approval), Side.LICENSOR)
    if state in ("signing", "nda_pending", "amendment_pending"):
        return signer
    return _TURNS.get(state, "")


_TURNS: dict[str, str] = {
    "enquiry_sent": Side.LICENSOR,
    "qualified": Side.LICENSOR,
    "evaluating": Side.LICENSEE,
    "offer_from_licensor": Side.LICENSEE,
    "offer_from_licensee": Side.LICENSOR,
    "approved": Side.LICENSOR,
    "awaiting_payment": Side.LICENSEE,
}

# Working days that a side has, where no other date is agreed.
PATIENCE: dict[str, int] = {
    "enquiry_sent": 5,
    "qualified": 10,
    "nda_pending": 10,
    "evaluating": 20,
    "terms_agreed": 5,
    "approved": 5,
    "signing": 10,
    "amendment_pending": 10,
}

MAIN_STEP: dict[str, tuple[str, ...]] = {
    "enquiry_sent": ("acknowledge",),
    "qualified": ("make_offer",),
    "nda_pending": ("sign_nda",),
    "evaluating": ("make_offer",),
    "offer_from_licensor": ("accept_offer",),
    "offer_from_licensee": ("accept_offer",),
    "terms_agreed": ("approve",),
    "approved": ("send_for_signature",),
    "signing": ("sign",),
}
