"""Offers: made, changed by field, accepted, withdrawn, ended. Every version stays as it was sent."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlmodel import Session

from market.catalog import queries as catalog
from market.catalog.rows import RightRow
from market.deals import forms, mails, policy, queries
from market.deals.events import OfferAccepted, OfferCountered, OfferMade
from market.deals.forms import OfferForm
from market.deals.models import Deal, Offer
from market.deals.process import OFFERS, Side, other
from market.deals.rules import codec, completeness
from market.deals.rules.differences import differences, same_terms
from market.deals.rules.fields import FIELDS
from market.deals.rules.terms import (
    WORLD,
    Disputes,
    FieldOfUse,
    Grant,
    IpKind,
    LicensedIp,
    Reports,
    Resolution,
    Royalty,
    Term,
    TermKind,
    TermSheet,
    Territory,
    Tier,
    UpfrontFee,
)
from market.deals.rules.working_days import end_of
from market.deals.service import approve, steps
from market.kit.actor import SYSTEM, Actor
from market.kit.errors import Forbidden, Invalid, Refusal, Stale, refuse
from market.kit.events import emit
from market.kit.i18n import _, translate

_KINDS = {
    "patent": IpKind.PATENT,
    "application": IpKind.APPLICATION,
    "software": IpKind.SOFTWARE,
    "design": IpKind.DESIGN,
    "plant_variety": IpKind.PLANT_VARIETY,
    "material": IpKind.MATERIAL,
}


def known_rights(db: Session, deal: Deal | queries.DealRow) -> tuple[LicensedIp, ...]:
    """The rights that an offer may tick: those of the last offer, then those of the listing that it lacks."""
    last = queries.offer(db, deal.offer_id)
    before = last.terms.licensed_ip if last else ()
    listed = [_licensed(right) for right in catalog.ip_rights(db, deal.technology_id)]
    known = {right.key: right for right in (*before, *listed) if right.number or right.title}
    return tuple(known.values())


def _licensed(right: RightRow) -> LicensedIp:
    return LicensedIp(
        kind=_KINDS.get(right.kind, IpKind.KNOW_HOW),
        title=right.title,
        number=right.text if right.number else "",
        country=right.office,
        status=right.status,
    )


def starting_terms(db: Session, deal: queries.DealRow, *, today: date) -> TermSheet:
    """Where the first offer's form starts: the terms offered on the listing, completed by what the company asked for."""
    offered = catalog.offered_terms(db, deal.technology_id)
    rate = offered.royalty_rate if offered else None
    upfront = offered.upfront if offered else None
    return TermSheet(
        grant=Grant(offered.grant_kind) if offered and offered.grant_kind != Grant.OPTION else Grant.NON_EXCLUSIVE,
        licensed_ip=known_rights(db, deal),
        field_of_use=FieldOfUse((offered.field_of_use if offered else "") or deal.field_of_use),
        territory=_starting_territory(offered.territory if offered else (), deal.territory),
        term=Term(TermKind.YEARS, years=(offered.term_years if offered else None) or 5),
        currency=upfront.currency if upfront else "EUR",
        valid_until=default_end(today, offered.valid_days if offered else 90),
        disputes=_starting_disputes(deal),
        upfront=UpfrontFee(upfront) if upfront else None,
        royalty=Royalty((Tier(0, rate),)) if rate else None,
        reports=Reports() if rate else None,
    )


def _starting_disputes(deal: queries.DealRow) -> Disputes:
    """The law of the institution; arbitration in its city, where we know one."""
    if deal.licensor_city:
        return Disputes(deal.licensor_country, seat=deal.licensor_city)
    return Disputes(deal.licensor_country, Resolution.MEDIATION_COURTS)


def default_end(today: date, days: int = 90) -> date:
    """The last day of an offer when nobody says otherwise."""
    return today + timedelta(days=days)


def _starting_territory(offered: tuple[str, ...], asked: tuple[str, ...]) -> Territory:
    include = offered or asked
    return Territory((WORLD,)) if not include or WORLD in include else Territory(tuple(sorted(include)))


def send_offer(db: Session, actor: Actor, deal_id: str, form: OfferForm, *, now: datetime) -> Deal:
    """Make or change an offer from its form; raises Invalid with a sentence by field, and as `make_offer`."""
    deal = queries.deal_for_update(db, actor, deal_id)
    sheet = forms.terms(form, known_rights(db, deal))
    return make_offer(db, actor, deal_id, sheet, answers=form.answers, note=form.note, now=now)


def make_offer(
    db: Session, actor: Actor, deal_id: str, sheet: TermSheet, *, now: datetime, answers: str = "", note: str = ""
) -> Deal:
    """Send `sheet` as a new version: the first offer, or a change of the other side's.

    `answers` is the hash of the offer that was on the screen; Stale when there is a newer one. Raises NotFound,
    Forbidden, Refused, and Invalid for terms that are not complete.
    """
    deal = queries.deal_for_update(db, actor, deal_id)
    counters = deal.state in OFFERS
    step = "counter" if counters else "make_offer"
    side = policy.require(actor, step, deal)
    last = queries.offer(db, deal.offer_id)
    if counters and last:
        _fresh(last, answers, sheet)
    faults = completeness.faults(sheet, today=now.date())
    if faults:
        raise Invalid(_by_field(faults))
    steps.take(db, actor, deal, step, by=side, now=now, facts={"faults": faults}, digest=codec.digest(sheet))
    offer = _write(db, actor, deal, side, sheet=sheet, note=note, now=now)
    steps.set_clock(db, deal, now=now)
    emit(db, OfferCountered(deal.id, offer.digest) if counters else OfferMade(deal.id, offer.digest))
    changes = _changes(last, sheet) if counters else ""
    mails.tell(db, deal, other(side), "counter" if counters else "offer", key=f"offer:{offer.number}", changes=changes)
    return deal


def _fresh(last: queries.OfferRow, answers: str, sheet: TermSheet) -> None:
    if answers != last.digest:
        raise Stale(
            Refusal("offer_changed", _("The other side has sent a newer offer. Read it before you send yours."))
        )
    if same_terms(last.terms, sheet):
        refuse(Refusal("nothing_changed", _("You have changed nothing. Accept the offer, or change a term.")))


def _by_field(faults: Sequence[Refusal]) -> dict[str, str]:
    found: dict[str, str] = {}
    for fault in faults:
        found.setdefault(fault.field or "field_text", fault.sentence)
    return found


def _changes(last: queries.OfferRow | None, sheet: TermSheet) -> str:
    if last is None:
        return ""
    return ", ".join(translate(FIELDS[each.key].label) for each in differences(last.terms, sheet))


def _write(db: Session, actor: Actor, deal: Deal, side: Side, *, sheet: TermSheet, note: str, now: datetime) -> Offer:
    offer = Offer(
        deal_id=deal.id,
        number=queries.last_number(db, deal.id) + 1,
        side=str(side),
        person_id=actor.person_id or "",
        created_at=now,
        ends_at=end_of(sheet.valid_until),
        digest=codec.digest(sheet),
        terms=codec.to_json(sheet),
        note=note,
    )
    db.add(offer)
    db.flush()
    deal.offer_id = offer.id
    deal.accepted_by_id = None
    return offer


def accept_offer(db: Session, actor: Actor, deal_id: str, digest: str, *, now: datetime) -> Deal:
    """Close the negotiation on the offer with this hash; raises NotFound, Forbidden, Refused.

    Where no policy asks for a second person, the terms are approved in the same step.
    """
    deal = queries.deal_for_update(db, actor, deal_id)
    side = policy.require(actor, "accept_offer", deal)
    last = queries.offer(db, deal.offer_id)
    facts = {"offer": last.facts if last else None, "shown": digest, "now": now}
    steps.take(db, actor, deal, "accept_offer", by=side, now=now, facts=facts, digest=digest)
    deal.accepted_by_id = actor.person_id
    steps.set_clock(db, deal, now=now)
    emit(db, OfferAccepted(deal.id, digest))
    mails.tell(db, deal, other(side), "accepted", key=f"accepted:{digest[:16]}:{deal.version}")
    approve.begin(db, deal, now=now)
    return deal


def withdraw_offer(db: Session, actor: Actor, deal_id: str, *, now: datetime) -> Deal:
    """Take one's own offer back before it is answered."""
    deal = queries.deal_for_update(db, actor, deal_id)
    side = policy.require(actor, "withdraw_offer", deal)
    steps.take(db, actor, deal, "withdraw_offer", by=side, now=now)
    steps.set_clock(db, deal, now=now)
    mails.tell(db, deal, other(side), "offer_withdrawn", key=f"withdrawn:{deal.version}")
    return deal


def expire_offer(db: Session, deal_id: str, *, now: datetime) -> Deal:
    """End the last offer when its time is over; Refused when it is still open or was answered meanwhile."""
    deal = queries.deal_for_update(db, SYSTEM, deal_id)
    if deal.state not in OFFERS:
        refuse(Refusal("answered", _("The offer was answered meanwhile.")))
    last = queries.offer(db, deal.offer_id)
    maker = Side(deal.state.removeprefix("offer_from_"))
    facts = {"offer": last.facts if last else None, "now": now}
    steps.take(db, SYSTEM, deal, "expire_offer", by=Side.SYSTEM, now=now, facts=facts)
    steps.set_clock(db, deal, now=now)
    for side in (maker, other(maker)):
        mails.tell(db, deal, side, "offer_expired", key=f"expired:{deal.version}")
    return deal


def reopen(db: Session, actor: Actor, deal_id: str, reason: str, *, now: datetime) -> Deal:
    """Go back from agreed terms to talking, with a reason that the other side reads."""
    deal = queries.deal_for_update(db, actor, deal_id)
    side = policy.side(actor, deal)
    if not (policy.may(actor, "reopen") or policy.may(actor, "approve")):
        raise Forbidden
    steps.take(db, actor, deal, "reopen", by=side, now=now, facts={"reason": reason}, reason=reason)
    deal.accepted_by_id = None
    steps.set_clock(db, deal, now=now)
    mails.tell(db, deal, other(side), "reopened", key=f"reopened:{deal.version}", reason=reason)
    return deal
