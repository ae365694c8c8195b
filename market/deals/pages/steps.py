"""Where a deal is and what comes next: the picture of the path, and the one next action of the reader."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from market.deals import policy
from market.deals.process import CLOSED, LICENCE, OFFERS, PATH, STATE_LABELS, Side
from market.deals.queries import DealRow, DocumentRow
from market.kit.actor import Actor
from market.kit.i18n import _, format_date, relative, translate
from market.payments.queries import InvoiceRow


@dataclass(frozen=True)
class Step:
    """Something the reader can do: a link (`get`) or a button that acts at once (`post`)."""

    text: str
    route: str
    params: dict[str, Any] = field(default_factory=dict)
    method: str = "get"
    kind: str = "secondary"


@dataclass(frozen=True)
class Next:
    """Who must act by when, in words; `whose` is yours, theirs, late or done. `answer`: show the answer's form."""

    title: str
    text: str
    whose: str
    main: Step | None = None
    others: tuple[Step, ...] = ()
    answer: bool = False


@dataclass(frozen=True)
class Situation:
    """What the next step depends on."""

    deal: DealRow
    actor: Actor
    now: datetime
    document: DocumentRow | None
    invoices: list[InvoiceRow]
    missing: tuple[str, ...]


def state_kind(state: str, *, mine: bool) -> str:
    """The shape that goes with a state's word."""
    if state == "active":
        return "good"
    if state in CLOSED:
        return "plain"
    return "warn" if mine else "active"


def path_steps(state: str, stopped_in: str = "") -> tuple[tuple[str, str], ...]:
    """The path as (text, done|current|upcoming|stopped); `stopped_in` is the state in which a lost deal was left."""
    here = stopped_in if state == "lost" else state
    reached = next((n for n, (_label, states) in enumerate(PATH) if here in states), 0)
    shown = []
    for number, (label, _states) in enumerate(PATH):
        if number == reached:
            mark = "stopped" if state == "lost" else "done" if state in ("active", "expired") else "current"
        else:
            mark = "done" if number < reached else "upcoming"
        shown.append((translate(label), mark))
    return tuple(shown)


def next_step(at: Situation) -> Next:
    """The one next action of the reader, or who else must act."""
    deal = at.deal
    if deal.state in CLOSED:
        return Next(translate(STATE_LABELS[deal.state]), "", "done")
    if not deal.turn:
        return Next(translate(STATE_LABELS[deal.state]), translate(_DONE_TEXT), "done", _agreement(at), ())
    say = _MINE if deal.mine else _THEIRS
    title = translate(say[deal.state], them=deal.other_side)
    main, answer = (_main(at), deal.state == "enquiry_sent") if deal.mine else (None, False)
    if deal.mine and main is None and not (answer and policy.may(at.actor, "acknowledge")):
        return Next(title, _due(at) + " " + translate(_waiting_text(at)), _whose(at), None, _others(at))
    return Next(title, _due(at), _whose(at), main, _others(at), answer)


_DONE_TEXT = _("The licence runs. Everything about it stays here.")
_MINE: dict[str, str] = {
    "enquiry_sent": _("Your turn: answer the enquiry"),
    "qualified": _("Your turn: make an offer"),
    "evaluating": _("Your turn: make an offer"),
    "offer_from_licensor": _("Your turn: answer the offer"),
    "offer_from_licensee": _("Your turn: answer the offer"),
    "terms_agreed": _("Your turn: approve the terms"),
    "approved": _("Your turn: send the agreement for signature"),
    "signing": _("Your turn: sign the agreement"),
    "awaiting_payment": _("Your turn: pay the upfront fee"),
    "nda_pending": _("Your turn: sign the non-disclosure agreement"),
    "amendment_pending": _("Your turn: sign the amendment"),
}
_THEIRS: dict[str, str] = {
    "enquiry_sent": _("{them} has to answer the enquiry"),
    "qualified": _("{them} will make an offer"),
    "evaluating": _("{them} is evaluating and will make an offer"),
    "offer_from_licensor": _("{them} has to answer the offer"),
    "offer_from_licensee": _("{them} has to answer the offer"),
    "terms_agreed": _("{them} has to approve the terms"),
    "approved": _("{them} sends the agreement for signature"),
    "signing": _("{them} has to sign the agreement"),
    "awaiting_payment": _("{them} has to pay the upfront fee"),
    "nda_pending": _("{them} has to sign the non-disclosure agreement"),
    "amendment_pending": _("{them} has to sign the amendment"),
}


def _waiting_text(at: Situation) -> str:
    if at.deal.state == "signing" and (at.document is None or not at.document.ready):
        return _("The document is being made. It takes a few seconds; load the page again.")
    return _("A colleague with the right to do this has to act. They got a mail.")


def _due(at: Situation) -> str:
    if at.deal.due_at is None or at.deal.due_on is None:
        return ""
    when = {"date": format_date(at.deal.due_on), "time": relative(at.deal.due_at, at.now)}
    return translate(_("It was due on {date}, {time}.") if at.deal.late(at.now) else _("By {date}, {time}."), **when)


def _whose(at: Situation) -> str:
    if at.deal.late(at.now):
        return "late"
    return "yours" if at.deal.mine else "theirs"


def _step(
    at: Situation, name: str, text: str, route: str, *, method: str = "get", kind: str = "primary"
) -> Step | None:
    if not policy.may(at.actor, name):
        return None
    return Step(translate(text), route, {"deal": at.deal.id}, method, kind)


def _offer(at: Situation) -> Step | None:
    return _step(at, "make_offer", _("Make an offer"), "deals:write_offer")


def _accept(at: Situation) -> Step | None:
    return _step(at, "accept_offer", _("Read and accept"), "deals:confirm_accept")


def _approve(at: Situation) -> Step | None:
    return _step(at, "approve", _("Read and approve"), "deals:confirm_approval")


def _send(at: Situation) -> Step | None:
    return _step(
        at, "send_for_signature", _("Send the agreement for signature"), "deals:send_for_signature", method="post"
    )


def _sign(at: Situation) -> Step | None:
    if at.document is None or not at.document.ready:
        return None
    return _step(at, "sign", _("Read and sign"), "deals:show_agreement")


def _sign_nda(at: Situation) -> Step | None:
    return _step(at, "sign_nda", _("Read and sign"), "deals:show_nda")


def _pay(at: Situation) -> Step | None:
    owed = [invoice for invoice in at.invoices if invoice.due]
    if not owed or not at.actor.may("see_money"):
        return None
    return Step(
        translate(_("Open the invoice and pay")), "payments:show_invoice", {"invoice": owed[0].id}, kind="primary"
    )


def _agreement(at: Situation) -> Step | None:
    return (
        Step(translate(_("Open the agreement")), "deals:show_agreement", {"deal": at.deal.id}) if at.document else None
    )


_MAIN: dict[str, Callable[[Situation], Step | None]] = {
    "qualified": _offer,
    "nda_pending": _sign_nda,
    "evaluating": _offer,
    "offer_from_licensor": _accept,
    "offer_from_licensee": _accept,
    "terms_agreed": _approve,
    "approved": _send,
    "signing": _sign,
    "awaiting_payment": _pay,
}


def _main(at: Situation) -> Step | None:
    make = _MAIN.get(at.deal.state)
    return make(at) if make else None


_OTHERS: tuple[tuple[str, str, str, str], ...] = (
    ("counter", _("Change the terms"), "deals:write_offer", "get"),
    ("make_offer", _("Make an offer"), "deals:write_offer", "get"),
    ("propose_nda", _("Propose a non-disclosure agreement"), "deals:write_nda", "get"),
    ("withdraw_nda", _("Go on without it"), "deals:withdraw_nda", "post"),
    ("withdraw_offer", _("Withdraw the offer"), "deals:withdraw_offer", "post"),
    ("refuse_signature", _("Do not sign"), "deals:ask_refusal", "get"),
    ("reopen", _("Go back to the terms"), "deals:ask_reopen", "get"),
    ("decline", _("Decline"), "deals:ask_reason", "get"),
    ("close_lost", _("Close the deal"), "deals:ask_reason", "get"),
)


def _others(at: Situation) -> tuple[Step, ...]:
    """The other steps that the table opens to the reader's side; those that end something stand last."""
    possible = {row.name for row in LICENCE.possible(at.deal.state, at.deal.side)}
    main = "make_offer" if at.deal.mine else ""
    if at.deal.state in ("enquiry_sent",) and at.deal.side == Side.LICENSOR:
        possible -= {"close_lost"}
    found = []
    for name, text, route, method in _OTHERS:
        if name in possible and name != main and policy.may(at.actor, name):
            kind = "quiet" if name in ("decline", "close_lost", "reopen", "refuse_signature") else "secondary"
            found.append(Step(translate(text), route, {"deal": at.deal.id}, method, kind))
    return tuple(found)


def can_offer(state: str, side: str) -> bool:
    """Whether the side may write an offer in this state."""
    return any(row.name in ("make_offer", "counter") for row in LICENCE.possible(state, side))


def in_offers(state: str) -> bool:
    """Whether an offer waits for an answer."""
    return state in OFFERS
