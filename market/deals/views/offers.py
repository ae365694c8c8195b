"""Offers: the form, the versions, comparing, accepting, approving, going back."""

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts.rules import Permission
from market.deals import forms, policy, queries
from market.deals.forms import ROWS, AcceptForm, ApproveForm, OfferForm, ReasonForm
from market.deals.pages import offer_form, steps, terms
from market.deals.pages.deal import ConfirmPage, OfferFormPage, OfferPage, ReasonPage
from market.deals.queries import DealRow, OfferRow
from market.deals.rules import wording
from market.deals.service import approve, negotiate
from market.deals.views import showing
from market.deals.views.deal import side_name
from market.kit import clock
from market.kit.actor import Actor
from market.kit.errors import NotFound, Refusal, Refused
from market.kit.forms import FormState, NoForm
from market.kit.i18n import _, format_date, translate
from market.kit.web import action, page, query, redirect, render


@page(permission=Permission.NEGOTIATE)
def write_offer(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """The form of an offer: from the last version, else from the terms on the listing."""
    deal = queries.deal(db, actor, request.path_params["deal"])
    if not steps.can_offer(deal.state, deal.side):
        refusal = Refusal("no_offer_now", _("No offer can be made now. Look at the deal's page for the next step."))
        raise Refused(refusal)
    last = queries.offer(db, deal.offer_id)
    today = clock.now().date()
    start = last.terms if last else negotiate.starting_terms(db, deal, today=today)
    values = form or forms.filled(start)
    if form is None and start.valid_until <= today:
        values.values["valid_until"] = [str(negotiate.default_end(today))]
    counters = steps.in_offers(deal.state)
    currency = values.value("currency", start.currency)
    return render(
        request,
        OfferFormPage(
            title=translate(_("Change the offer") if counters else _("Make an offer")),
            deal=deal,
            form=values,
            answers=form.value("answers") if form else (last.digest if last and counters else ""),
            counters=counters,
            hints=showing.hints(),
            rights=[(right.key, wording.right(right)) for right in negotiate.known_rights(db, deal)],
            countries=showing.countries(),
            currencies=showing.currencies(currency),
            currency=currency,
            options=showing.options(),
            tiers=list(range(1, ROWS + 1)),
            parts=offer_form.parts(values),
        ),
    )


@action(OfferForm, permission=Permission.NEGOTIATE, again=write_offer)
def send_offer(request: Request, db: Session, actor: Actor, form: OfferForm) -> Response:
    """Send an offer, or change the other side's."""
    deal = negotiate.send_offer(db, actor, request.path_params["deal"], form, now=clock.now())
    told = _("Your offer is sent. The other side has to answer now.")
    return redirect(request, "deals:show_deal", deal=deal.id, flash=told)


@action(NoForm, permission=Permission.NEGOTIATE)
def withdraw_offer(request: Request, db: Session, actor: Actor, form: NoForm) -> Response:
    """Take the own offer back."""
    del form
    deal = negotiate.withdraw_offer(db, actor, request.path_params["deal"], now=clock.now())
    return redirect(request, "deals:show_deal", deal=deal.id, flash=_("Your offer is withdrawn."))


# --- versions


@page(permission=Permission.SEE_DEALS)
def show_offer(request: Request, db: Session, actor: Actor) -> Response:
    """One version of the terms."""
    deal = queries.deal(db, actor, request.path_params["deal"])
    offers = queries.offers(db, deal.id)
    return _versions(request, deal, offers, _version(offers, request.path_params["version"]), None)


@page(permission=Permission.SEE_DEALS)
def compare_offers(request: Request, db: Session, actor: Actor) -> Response:
    """Any two versions beside each other, term by term."""
    deal = queries.deal(db, actor, request.path_params["deal"])
    offers = queries.offers(db, deal.id)
    if not offers:
        raise NotFound
    newer = _version(offers, query(request, "newer", str(offers[-1].number)))
    older = _version(offers, query(request, "older", str(max(1, newer.number - 1))))
    return _versions(request, deal, offers, newer, older)


def _version(offers: list[OfferRow], number: str) -> OfferRow:
    found = next((offer for offer in offers if str(offer.number) == number), None)
    if found is None:
        raise NotFound
    return found


def _versions(
    request: Request, deal: DealRow, offers: list[OfferRow], newer: OfferRow, older: OfferRow | None
) -> Response:
    before = older.terms if older else None
    title = (
        translate(_("Version {newer} compared with version {older}"), newer=newer.number, older=older.number)
        if older
        else translate(_("Version {number}"), number=newer.number)
    )
    named = translate(_("Version {number}, {who}, {date}"))
    return render(
        request,
        OfferPage(
            title=title,
            deal=deal,
            offer=newer,
            older=older,
            offer_by=side_name(deal, newer.side),
            terms=terms.term_groups(newer.terms, before),
            changed=terms.changed_labels(newer.terms, before),
            versions=[
                (
                    str(each.number),
                    named.format(number=each.number, who=side_name(deal, each.side), date=format_date(each.created_at)),
                )
                for each in offers
            ],
        ),
    )


# --- yes


@page(permission=Permission.NEGOTIATE)
def confirm_accept(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """What is accepted, with its hash, before the click that counts."""
    deal = queries.deal(db, actor, request.path_params["deal"])
    return _confirm(
        request,
        db,
        deal,
        title=translate(_("Accept the offer")),
        lead=translate(_("Read the terms once more. With your click they are agreed.")),
        action_name="deals:accept_offer",
        button=translate(_("Accept these terms")),
        consequences=(
            translate(_("The terms are fixed as they stand here.")),
            translate(_("The agreement is made from them and both sides sign it. Nothing is owed before.")),
        ),
        form=form,
    )


@action(AcceptForm, permission=Permission.NEGOTIATE, again=confirm_accept)
def accept_offer(request: Request, db: Session, actor: Actor, form: AcceptForm) -> Response:
    """Accept the version that was on the screen."""
    deal = negotiate.accept_offer(db, actor, request.path_params["deal"], form.digest, now=clock.now())
    told = _("Terms agreed. Next: the agreement is sent for signature.")
    return redirect(request, "deals:show_deal", deal=deal.id, flash=told)


@page(permission=Permission.APPROVE)
def confirm_approval(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """The agreed terms, for the person who approves."""
    deal = queries.deal(db, actor, request.path_params["deal"])
    return _confirm(
        request,
        db,
        deal,
        title=translate(_("Approve the terms")),
        lead=translate(_("Your organisation asks for a second person’s approval.")),
        action_name="deals:approve_terms",
        button=translate(_("Approve")),
        consequences=(translate(_("The agreement can be sent for signature.")),),
        form=form,
        with_note=True,
    )


@action(ApproveForm, permission=Permission.APPROVE, again=confirm_approval)
def approve_terms(request: Request, db: Session, actor: Actor, form: ApproveForm) -> Response:
    """Approve the agreed terms."""
    deal = approve.approve(db, actor, request.path_params["deal"], form, now=clock.now())
    return redirect(request, "deals:show_deal", deal=deal.id, flash=_("The terms are approved."))


def _confirm(
    request: Request,
    db: Session,
    deal: DealRow,
    *,
    title: str,
    lead: str,
    action_name: str,
    button: str,
    consequences: tuple[str, ...],
    form: FormState | None,
    with_note: bool = False,
) -> Response:
    offers = queries.offers(db, deal.id)
    if not offers:
        raise NotFound
    before = offers[-2].terms if len(offers) > 1 else None
    return render(
        request,
        ConfirmPage(
            title=title,
            lead=lead,
            deal=deal,
            offer=offers[-1],
            terms=terms.term_groups(offers[-1].terms, before),
            changed=terms.changed_labels(offers[-1].terms, before),
            action=action_name,
            button=button,
            consequences=consequences,
            form=form or FormState(),
            with_note=with_note,
        ),
    )


# --- back to the terms


@page(permission=Permission.SEE_DEALS)
def ask_reopen(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """Ask why the agreed terms are opened again."""
    deal = queries.deal(db, actor, request.path_params["deal"])
    if not policy.may(actor, "approve"):
        policy.require(actor, "reopen", deal)
    return render(
        request,
        ReasonPage(
            title=translate(_("Go back to the terms")),
            lead=translate(_("{them} reads why. A new offer can be made then."), them=deal.other_side),
            deal=deal,
            action="deals:reopen_terms",
            button=translate(_("Go back to the terms")),
            form=form or FormState(),
            reasons=[],
        ),
    )


@action(ReasonForm, permission=Permission.SEE_DEALS, again=ask_reopen)
def reopen_terms(request: Request, db: Session, actor: Actor, form: ReasonForm) -> Response:
    """Open the agreed terms again."""
    deal = negotiate.reopen(db, actor, request.path_params["deal"], form.reason, now=clock.now())
    return redirect(request, "deals:show_deal", deal=deal.id, flash=_("You are back at the terms."))
