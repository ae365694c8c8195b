"""What has happened in a deal, read from its audit trail, with messages, versions, documents and money in their places."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any

from market.deals.process import LOST_REASONS
from market.deals.queries import DealRow, DocumentRow, OfferRow
from market.kit.i18n import _, format_money, translate
from market.payments.queries import InvoiceRow


@dataclass(frozen=True)
class Link:
    """Where something is found: a route's name with its parameters, and the words to click on."""

    route: str
    text: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """One thing that happened. `kind`: mine, good, danger or empty; texts are in the reader's language."""

    at: datetime
    title: str
    who: str = ""
    icon: str = "dot"
    kind: str = ""
    message: str = ""
    links: tuple[Link, ...] = ()


@dataclass(frozen=True)
class Record:
    """All that the timeline is made of."""

    deal: DealRow
    trail: list[Any]
    offers: list[OfferRow]
    messages: list[Any]
    documents: list[DocumentRow]
    invoices: list[InvoiceRow]
    signed_at: datetime | None


_TITLES: dict[str, tuple[str, str, str]] = {
    "send_enquiry": (_("Enquiry sent"), "send", ""),
    "remind_enquiry": (_("Reminder sent to the institution"), "clock", ""),
    "escalate_enquiry": (_("Not answered in time: the owner of the institution was told"), "alert", "danger"),
    "acknowledge": (_("Enquiry answered: in conversation"), "check", ""),
    "decline": (_("Enquiry declined"), "cross", "danger"),
    "make_offer": (_("Offer, version {number}"), "scales", ""),
    "counter": (_("Offer changed, version {number}"), "scales", ""),
    "accept_offer": (_("Offer accepted: terms agreed"), "check", "good"),
    "withdraw_offer": (_("Offer withdrawn"), "back", ""),
    "expire_offer": (_("Offer ended: nobody accepted it in time"), "clock", "danger"),
    "approve": (_("Terms approved"), "check", "good"),
    "reopen": (_("Back to the terms"), "back", ""),
    "propose_nda": (_("Non-disclosure agreement proposed"), "file", ""),
    "sign_nda": (_("Non-disclosure agreement signed"), "sign", "good"),
    "withdraw_nda": (_("Non-disclosure agreement not signed"), "back", ""),
    "use_standing_nda": (_("Placed under the non-disclosure agreement of the two parties"), "check", "good"),
    "send_for_signature": (_("Agreement sent for signature"), "file", ""),
    "sign": (_("Agreement signed"), "sign", "good"),
    "refuse_signature": (_("Agreement not signed"), "cross", "danger"),
    "settle": (_("Fee paid: the licence is active"), "check", "good"),
    "expire": (_("The licence has ended"), "clock", ""),
    "close_lost": (_("Deal closed"), "cross", "danger"),
}


def entries(record: Record) -> tuple[Entry, ...]:
    """Everything that happened, the newest first."""
    found = [*_steps(record), *_money(record)]
    return tuple(sorted(found, key=lambda entry: entry.at)[::-1])


def _steps(record: Record) -> Iterator[Entry]:
    offers = iter(record.offers)
    bodies = {message.id: message for message in record.messages}
    for event in record.trail:
        kind, name = event.tag.split(":")[1:]
        who = ", ".join(part for part in (event.person_name, event.organisation_name) if part)
        mine = "mine" if event.organisation_id == _own(record.deal) else ""
        if kind == "message":
            body = bodies[event.data["message"]].body if event.data.get("message") in bodies else ""
            yield Entry(event.at, translate(_("Message")), who, "message", mine, body)
        elif kind == "document":
            yield _ready(record, event, who)
        elif name in _TITLES:
            offer = next(offers, None) if name in ("make_offer", "counter") else None
            yield _step(record, event, name, who=who, mine=mine, offer=offer)


def _step(record: Record, event: Any, name: str, *, who: str, mine: str, offer: OfferRow | None) -> Entry:
    title, icon, kind = _TITLES[name]
    text = translate(title, number=offer.number) if offer else translate(title, number="")
    if name == "send_enquiry":
        return Entry(event.at, text, who, icon, mine, record.deal.intended_use)
    message = _reason(event.data.get("reason", ""))
    links: tuple[Link, ...] = ()
    if offer:
        message = offer.note
        links = _versions(record, offer)
    return Entry(event.at, text, who, icon, kind or mine, message, links)


def _reason(reason: str) -> str:
    return translate(LOST_REASONS[reason]) if reason in LOST_REASONS else reason


def _versions(record: Record, offer: OfferRow) -> tuple[Link, ...]:
    params = {"deal": record.deal.id, "version": offer.number}
    shown = Link("deals:show_offer", translate(_("Read version {number}"), number=offer.number), params)
    if offer.number == 1:
        return (shown,)
    compare = {"deal": record.deal.id, "older": offer.number - 1, "newer": offer.number}
    return (
        shown,
        Link("deals:compare_offers", translate(_("What changed since version {n}"), n=offer.number - 1), compare),
    )


def _ready(record: Record, event: Any, who: str) -> Entry:
    if event.data.get("kind") != "nda":
        title = translate(_("The agreement is ready to be signed"))
        return Entry(event.at, title, who, "file", "", "", _document(record))
    title = translate(_("The non-disclosure agreement is ready to be signed"))
    link = Link("deals:show_nda", translate(_("Open it")), {"deal": record.deal.id})
    return Entry(event.at, title, who, "file", "", "", (link,))


def _document(record: Record) -> tuple[Link, ...]:
    return (Link("deals:show_agreement", translate(_("Open the agreement")), {"deal": record.deal.id}),)


def _money(record: Record) -> Iterator[Entry]:
    for invoice in record.invoices:
        issued = record.signed_at or datetime.combine(invoice.issued_on, time(), UTC)
        link = (Link("payments:show_invoice", translate(_("Open the invoice")), {"invoice": invoice.id}),)
        total = format_money(invoice.total)
        title = translate(_("Invoice {number} over {total}"), number=invoice.label, total=total)
        yield Entry(issued, title, "", "coins", "", "", link)
        if invoice.paid_at:
            paid = translate(_("Invoice {number} paid"), number=invoice.label)
            yield Entry(invoice.paid_at, paid, "", "coins", "good", "", link)


def _own(deal: DealRow) -> str:
    return deal.licensor_id if deal.side == "licensor" else deal.licensee_id
