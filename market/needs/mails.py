"""What needs write to people: at each hand-over a subject with the need's state, a few sentences and one button.

Nothing here names who posted an anonymous need, but to the institution whose technology was chosen, and to the operator.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from market.accounts import queries as accounts
from market.accounts.queries import PersonRow
from market.accounts.rules import Permission
from market.kit import i18n, mail
from market.kit.i18n import _, translate
from market.needs.models import Need
from market.needs.process import STATE_LABELS


@dataclass(frozen=True)
class News:
    """One kind of mail. Placeholders: title, and what the sender of the news adds. `route` is where its button leads."""

    headline: str
    lines: tuple[str, ...]
    button: str = _("Open the need")
    route: str = "needs:show_need"


NEWS: dict[str, News] = {
    "submitted": News(
        _("A need waits to be checked: “{title}”"),
        (_("{company} has sent it in. It is open to nobody until you open it, or send it back with a reason."),),
        _("Check the need"),
        "needs:review_need",
    ),
    "opened": News(
        _("Your need is open: “{title}”"),
        (
            _("Institutions can see it now and answer with one of their technologies."),
            _("We compare it with every technology on Ponte, and with each new one. You find the closest on its page."),
        ),
    ),
    "refused": News(
        _("Your need has to be changed: “{title}”"),
        (_("It is not open now. The reason: {reason}"), _("Change it and send it in again.")),
        _("Change the need"),
        "needs:edit_need",
    ),
    "fits": News(
        _("A company looks for something like yours: “{title}”"),
        (
            _("Their need comes close to “{technology}”. Words that both have: {words}."),
            _("Answer with this or another technology if you can help."),
        ),
        _("Read the need"),
    ),
    "found": News(
        _("A new technology comes close to your need: “{title}”"),
        (_("It is “{technology}”. Words that both have: {words}."),),
        _("See what comes close"),
    ),
    "answered": News(
        _("{institution} answers your need: “{title}”"),
        (_("They propose “{technology}”."), _("“{words}”")),
        _("Read the answer"),
    ),
    "chosen": News(
        _("Your technology fits a need: “{title}”"),
        (
            _("{company} has marked “{technology}” as fitting."),
            _("They may now send you an enquiry; a short answer is enough then."),
        ),
    ),
    "ended": News(
        _("A need that you answered has ended: “{title}”"),
        (_("Nothing more has to be done."),),
    ),
    "expired": News(
        _("The deadline of your need is over: “{title}”"),
        (_("It is no longer open. You keep its answers and the technologies that come close."),),
    ),
}


def tell(db: Session, need: Need, people: Iterable[PersonRow], news: str, *, key: str, **more: Any) -> None:
    """Queue the mail `news` to `people`; `key` makes it unique for ever, together with the reader."""
    for person in people:
        with i18n.speaking(person.locale):
            context = _context(need, NEWS[news], more)
        mail.queue(
            db,
            to=person.email,
            template="needs/mail/step",
            locale=person.locale,
            context={**context, "name": person.name},
            key=f"need:{need.id}:{key}:{person.id}",
        )


def _context(need: Need, news: News, more: dict[str, Any]) -> dict[str, Any]:
    given = {"title": need.title, **more}
    state = translate(STATE_LABELS[need.state])
    headline = translate(news.headline, **given)
    return {
        "subject": f"[{state}] {headline}",
        "headline": headline,
        "lines": [translate(line, **given) for line in news.lines],
        "button": translate(news.button),
        "route": news.route,
        "state": state,
        "need": need.id,
    }


def posters(db: Session, need: Need) -> list[PersonRow]:
    """Whom of the company to write to: who posted it, while still there, else everybody who may ask."""
    people = accounts.people_who_may(db, need.organisation_id, Permission.ENQUIRE)
    writer = [person for person in people if person.id == need.person_id]
    return writer or people


def institution(db: Session, organisation_id: str, contact_id: str | None = None) -> list[PersonRow]:
    """Whom of an institution to write to: the technology's contact, else everybody who edits listings."""
    people = accounts.people_who_may(db, organisation_id, Permission.EDIT_LISTINGS)
    contact = [person for person in people if person.id == contact_id]
    return contact or people
