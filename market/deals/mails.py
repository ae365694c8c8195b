"""What deals write to people: for each hand-over a subject with the deal's state, a few sentences and one button."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from market.accounts import queries as accounts
from market.accounts.rules import Permission, Role
from market.deals.models import Deal
from market.deals.process import STATE_LABELS, Side
from market.kit import i18n, mail
from market.kit.i18n import _, translate


@dataclass(frozen=True)
class News:
    """One kind of mail. Placeholders: title, us, them, due, and what the sender of the news adds."""

    headline: str
    lines: tuple[str, ...]
    button: str = _("Open the deal")


NEWS: dict[str, News] = {
    "enquiry_sent": News(
        _("{them} asks about “{title}”"),
        (
            _("Please answer by {due}. A short answer is enough: yes, no, or a question."),
            _("They want to use it for: {use}"),
        ),
        _("Answer the enquiry"),
    ),
    "enquiry_reminder": News(
        _("An enquiry waits for your answer: “{title}”"),
        (_("{them} asked some days ago. The time to answer ends on {due}."),),
        _("Answer the enquiry"),
    ),
    "enquiry_escalated": News(
        _("An enquiry was not answered in time: “{title}”"),
        (
            _("{them} has waited since {asked}. The time to answer ended on {due}."),
            _("You get this as owner of {us}. Please see to it that somebody answers."),
        ),
        _("Answer the enquiry"),
    ),
    "acknowledged": News(
        _("{them} has answered your enquiry about “{title}”"),
        (_("You are now in conversation. {them} will make an offer by {due}, or you can make one."),),
    ),
    "offer": News(
        _("{them} has made an offer: “{title}”"),
        (_("Read the terms. You can accept them or change single ones until {due}."),),
        _("Read the offer"),
    ),
    "counter": News(
        _("{them} has changed the offer: “{title}”"),
        (_("Changed: {changes}."), _("You can accept it or change it again until {due}.")),
        _("Read the offer"),
    ),
    "offer_withdrawn": News(_("{them} has withdrawn the offer: “{title}”"), (_("You can make an offer of your own."),)),
    "offer_expired": News(
        _("The offer has ended: “{title}”"), (_("Nobody accepted it in time. Either side can make a new one."),)
    ),
    "accepted": News(
        _("Terms agreed: “{title}”"), (_("{them} has accepted your offer. The agreement is prepared next."),)
    ),
    "approval_needed": News(
        _("Please approve the terms: “{title}”"),
        (_("The terms with {them} are agreed. Your organisation asks for a second person’s approval by {due}."),),
        _("Read and approve"),
    ),
    "approved": News(
        _("Approved: “{title}”"), (_("Send the agreement for signature by {due}."),), _("Send the agreement")
    ),
    "reopened": News(_("Back to the terms: “{title}”"), (_("{them} wants to talk about the terms again: {reason}"),)),
    "sign": News(
        _("Please sign the agreement: “{title}”"),
        (_("The agreement with {them} is ready. Read it and sign it by {due}."),),
        _("Read and sign"),
    ),
    "signature_refused": News(
        _("The agreement was not signed: “{title}”"),
        (_("{them} has refused to sign: {reason}"), _("You are back at the agreed terms.")),
    ),
    "signed_fee": News(
        _("Signed by both: “{title}”"),
        (_("Licence {number} begins when the upfront fee of {fee} is paid, by {due}."),),
    ),
    "active": News(_("Your licence is active: “{title}”"), (_("Licence {number} runs from now on."),)),
    "nda_proposed": News(
        _("{them} proposes a non-disclosure agreement: “{title}”"),
        (_("Read it. When both sides have signed, secrets can be shown in the data room."),),
        _("Read the proposal"),
    ),
    "sign_nda": News(
        _("Please sign the non-disclosure agreement: “{title}”"),
        (_("The non-disclosure agreement with {them} is ready. Read it and sign it by {due}."),),
        _("Read and sign"),
    ),
    "nda_signed": News(
        _("Non-disclosure agreement in force: “{title}”"),
        (_("It binds you and {them} until {ends}. The data room of the deal is open."),),
    ),
    "room_added": News(
        _("{them} has put a document into the data room: “{title}”"),
        (_("It is called “{paper}”. Each page that you open bears your name."),),
    ),
    "nda_withdrawn": News(
        _("Going on without a non-disclosure agreement: “{title}”"),
        (_("{them} took the proposal back. You are in conversation as before."),),
    ),
    "message": News(_("{who} has written to you: “{title}”"), (_("“{body}”"),), _("Read and answer")),
    "closed": News(_("Closed: “{title}”"), (_("{them} has closed the deal. Reason: {reason}."),)),
}


def tell(
    db: Session, deal: Deal, side: str, news: str, *, key: str, to: str = Permission.NEGOTIATE, **more: Any
) -> None:
    """Queue the mail `news` to the people of `side` whose roles give the permission `to` (or who have the role `owner`).

    `key` makes it unique for ever, together with the reader. What `more` holds fills the placeholders; money and dates
    are written for each reader.
    """
    us, them = _parties(db, deal, side)
    for person in _readers(db, deal, us.id, to):
        with i18n.speaking(person.locale):
            context = _context(deal, NEWS[news], {"us": us.name, "them": them.name, **more})
        mail.queue(
            db,
            to=person.email,
            template="deals/mail/step",
            locale=person.locale,
            context={**context, "name": person.name},
            key=f"deal:{deal.id}:{key}:{person.id}",
        )


def _parties(db: Session, deal: Deal, side: str) -> tuple[accounts.OrganisationRow, accounts.OrganisationRow]:
    licensor, licensee = accounts.organisation(db, deal.licensor_id), accounts.organisation(db, deal.licensee_id)
    return (licensor, licensee) if side == Side.LICENSOR else (licensee, licensor)


def _readers(db: Session, deal: Deal, organisation_id: str, to: str) -> list[accounts.PersonRow]:
    if to == Role.OWNER:
        return accounts.people_with_role(db, organisation_id, Role.OWNER)
    people = accounts.people_who_may(db, organisation_id, to)
    in_charge = [person for person in people if person.id in (deal.officer_id, deal.asked_by_id)]
    return in_charge if in_charge and to == Permission.NEGOTIATE else people


def _context(deal: Deal, news: News, params: dict[str, Any]) -> dict[str, Any]:
    given = {"title": deal.title, "due": deal.due_on or "", **params}
    given = {key: translate(value) if key == "reason" else value for key, value in given.items()}
    state = translate(STATE_LABELS[deal.state])
    headline = translate(news.headline, **given)
    return {
        "subject": f"[{state}] {headline}",
        "headline": headline,
        "lines": [translate(line, **given) for line in news.lines],
        "button": translate(news.button),
        "state": state,
        "reference": deal.reference,
        "deal": deal.id,
    }
