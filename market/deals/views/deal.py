"""The deal's own pages: asking, the list, the record, messages, and the way out."""

from math import ceil
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts.rules import Permission
from market.catalog import queries as catalog
from market.catalog.rules.listing import technology_id
from market.deals import policy, queries
from market.deals.forms import AnswerForm, CloseForm, EnquiryForm, MessageForm, NoteForm
from market.deals.pages import steps, terms, timeline
from market.deals.pages.deal import AskPage, DealPage, DealsPage, ListRow, ReasonPage
from market.deals.pages.timeline import Link, Record
from market.deals.process import BEFORE_SIGNING, CLOSED, LICENCE, LOST_REASONS, RUNNING, STATE_LABELS
from market.deals.queries import PER_PAGE, DealLine, DealRow, OfferRow
from market.deals.service import enquire, talk
from market.deals.views import showing
from market.kit import audit, clock
from market.kit.actor import Actor
from market.kit.errors import NotFound
from market.kit.forms import FormState
from market.kit.i18n import _, format_date, translate
from market.kit.runtime import runtime
from market.kit.web import action, page, page_number, query, redirect, render
from market.payments import queries as payments

# --- asking


@page(permission=Permission.ENQUIRE)
def ask(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """The form of the first question."""
    listing = catalog.listing(db, actor, technology_id(request.path_params["technology"]))
    if not listing.visible:
        raise NotFound
    title = translate(_("Ask {institution}"), institution=listing.organisation)
    already = queries.open_deal(db, listing.id, actor.organisation_id)
    return render(request, AskPage(title, listing, form or FormState(), showing.countries(), already))


@action(EnquiryForm, permission=Permission.ENQUIRE, again=ask)
def send_enquiry(request: Request, db: Session, actor: Actor, form: EnquiryForm) -> Response:
    """Send the first question."""
    technology = technology_id(request.path_params["technology"])
    deal = enquire.send_enquiry(db, actor, technology, form, now=clock.now())
    told = _("Your enquiry is sent. The institution has 5 working days to answer.")
    return redirect(request, "deals:show_deal", deal=deal.id, flash=told)


# --- the list

_TABS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("", _("All"), ()),
    ("talking", _("In conversation"), BEFORE_SIGNING),
    ("closing", _("Signing and payment"), ("signing", "awaiting_payment")),
    ("running", _("Licences"), RUNNING),
    ("closed", _("Closed"), CLOSED),
)


@page(permission=Permission.SEE_DEALS)
def list_deals(request: Request, db: Session, actor: Actor) -> Response:
    """What waits for me first, then all others."""
    chosen, number = query(request, "show"), page_number(request)
    found = {key: states for key, _label, states in _TABS}
    states = found.get(chosen, ())
    lines, total = queries.deals(db, actor, states=states, mine=chosen == "mine", page=number)
    by_state, waiting = queries.counts(db, actor)
    path = runtime(request).templates.addresses.path
    tabs = [
        (path("deals:list_deals", show="mine"), translate(_("Waiting for us")), chosen == "mine", waiting),
        *(
            (path("deals:list_deals", show=key), translate(label), chosen == key, _sum(by_state, states))
            for key, label, states in _TABS
        ),
    ]
    return render(
        request,
        DealsPage(
            title=translate(_("Deals")),
            rows=[_row(line) for line in lines],
            total=total,
            waiting=waiting,
            tabs=tabs,
            number=number,
            last=max(1, ceil(total / PER_PAGE)),
            chosen=chosen,
        ),
    )


def _sum(by_state: dict[str, int], states: tuple[str, ...]) -> int:
    return sum(n for state, n in by_state.items() if not states or state in states)


def _row(line: DealLine) -> ListRow:
    late = line.due_at is not None and line.turn != "" and clock.now() >= line.due_at
    due = format_date(line.due_on) if line.due_on and line.turn else ""
    kind = "danger" if late else steps.state_kind(line.state, mine=line.mine)
    return ListRow(line, translate(STATE_LABELS[line.state]), kind, due, late)


# --- the record


@page(permission=Permission.SEE_DEALS)
def show_deal(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """One deal: where it is, who must act, what was agreed, what has happened."""
    return _deal_page(request, db, actor, form=form)


@page(permission=Permission.SEE_DEALS)
def show_answer(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """The same page, with what was typed into the answer."""
    return _deal_page(request, db, actor, answer=form)


@page(permission=Permission.SEE_DEALS)
def show_note(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """The same page, with what was typed into the note."""
    return _deal_page(request, db, actor, note=form)


def _deal_page(
    request: Request,
    db: Session,
    actor: Actor,
    *,
    form: FormState | None = None,
    answer: FormState | None = None,
    note: FormState | None = None,
) -> Response:
    deal = queries.deal(db, actor, request.path_params["deal"])
    offers, documents = queries.offers(db, deal.id), queries.documents(db, deal.id)
    invoices = payments.invoices_of_deal(db, actor, deal.id)
    licence = queries.licence(db, deal.id)
    trail = audit.trail(db, ("deal", deal.id))
    document = documents[-1] if documents and documents[-1].refused_at is None else None
    offer, before = _last_two(offers)
    record = Record(
        deal, trail, offers, queries.messages(db, deal.id), documents, invoices, licence.signed_at if licence else None
    )
    situation = steps.Situation(deal, actor, clock.now(), document, invoices, ())
    return render(
        request,
        DealPage(
            title=deal.title,
            deal=deal,
            state=translate(STATE_LABELS[deal.state]),
            state_kind=steps.state_kind(deal.state, mine=deal.mine),
            path=steps.path_steps(deal.state, _stopped_in(trail)),
            next=steps.next_step(situation),
            offer=offer,
            offer_by=side_name(deal, offer.side) if offer else "",
            terms=terms.term_groups(offer.terms, before.terms if before else None) if offer else (),
            changed=terms.changed_labels(offer.terms, before.terms if before else None) if offer else (),
            compare=_compare(deal, offer) if offer and before else None,
            document=document,
            licence_number=licence.number if licence else "",
            entries=timeline.entries(record),
            lost_reason=translate(LOST_REASONS[deal.lost_reason]) if deal.lost_reason else "",
            may_write=_may_write(actor, deal),
            form=form or FormState(),
            answer=answer or FormState(),
            notes=queries.notes(db, actor, deal.id),
            note=note or FormState(),
        ),
    )


def _may_write(actor: Actor, deal: DealRow) -> bool:
    """Messages are open to negotiators until the deal is closed; an enquiry is answered first."""
    unanswered = deal.state == "enquiry_sent" and deal.side == "licensor"
    return actor.may(Permission.NEGOTIATE) and deal.state not in LICENCE.final() and not unanswered


def _last_two(offers: list[OfferRow]) -> tuple[OfferRow | None, OfferRow | None]:
    return (offers[-1] if offers else None, offers[-2] if len(offers) > 1 else None)


def _compare(deal: DealRow, offer: OfferRow) -> Link:
    params: dict[str, Any] = {"deal": deal.id, "older": offer.number - 1, "newer": offer.number}
    return Link("deals:compare_offers", translate(_("Compare versions")), params)


def side_name(deal: DealRow, side: str) -> str:
    """The name of the party on a side."""
    return deal.licensor if side == "licensor" else deal.licensee


def _stopped_in(trail: list[Any]) -> str:
    return next((str(event.data["before"]) for event in reversed(trail) if event.data.get("after") == "lost"), "")


@action(AnswerForm, permission=Permission.NEGOTIATE, again=show_answer)
def acknowledge(request: Request, db: Session, actor: Actor, form: AnswerForm) -> Response:
    """Answer an enquiry."""
    deal = enquire.acknowledge(db, actor, request.path_params["deal"], form, now=clock.now())
    told = _("Answered. You are in conversation now; the next step is an offer.")
    return redirect(request, "deals:show_deal", deal=deal.id, flash=told)


@action(MessageForm, permission=Permission.NEGOTIATE, again=show_deal)
def send_message(request: Request, db: Session, actor: Actor, form: MessageForm) -> Response:
    """Write to the other side."""
    deal = talk.send_message(db, actor, request.path_params["deal"], form, now=clock.now())
    return redirect(request, "deals:show_deal", deal=deal.id, flash=_("Your message is sent."))


@action(NoteForm, permission=Permission.SEE_DEALS, again=show_note)
def add_note(request: Request, db: Session, actor: Actor, form: NoteForm) -> Response:
    """Keep a note for the own side."""
    talk.add_note(db, actor, request.path_params["deal"], form, now=clock.now())
    told = _("Your note is kept. Only your organisation sees it.")
    return redirect(request, "deals:show_deal", deal=request.path_params["deal"], flash=told)


# --- the way out


@page(permission=Permission.NEGOTIATE)
def ask_reason(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """Ask why the deal is left."""
    deal = queries.deal(db, actor, request.path_params["deal"])
    policy.require(actor, "close_lost", deal)
    declines = deal.state == "enquiry_sent" and deal.side == "licensor"
    lead = _("{them} sees the reason. You can write a few words more.")
    return render(
        request,
        ReasonPage(
            title=translate(_("Decline the enquiry") if declines else _("Close the deal")),
            lead=translate(lead, them=deal.other_side),
            deal=deal,
            action="deals:close_deal",
            button=translate(_("Decline") if declines else _("Close the deal")),
            form=form or FormState(),
            reasons=[(key, translate(label)) for key, label in LOST_REASONS.items()],
        ),
    )


@action(CloseForm, permission=Permission.NEGOTIATE, again=ask_reason)
def close_deal(request: Request, db: Session, actor: Actor, form: CloseForm) -> Response:
    """Leave the deal with a reason."""
    deal = queries.deal(db, actor, request.path_params["deal"])
    declines = deal.state == "enquiry_sent" and deal.side == "licensor"
    close = enquire.decline if declines else enquire.close_lost
    close(db, actor, deal.id, form, now=clock.now())
    return redirect(request, "deals:show_deal", deal=deal.id, flash=_("The deal is closed."))
