"""What the templates of the desk see."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from typing import ClassVar

from market.accounts.queries import OrganisationRow
from market.accounts.rules import KIND_LABELS, ROLE_LABELS, OrganisationKind
from market.desk.queries import DeadJob, EventRow, MailRow, PersonAtDesk
from market.kit.audit import Break, canonical
from market.kit.forms import FormState
from market.kit.web import Page
from market.needs.rows import NeedRow


@dataclass(frozen=True)
class OrganisationView:
    """An organisation in a list; `kind` is a msgid."""

    row: OrganisationRow
    kind: str


def organisation_view(row: OrganisationRow) -> OrganisationView:
    """An organisation in words."""
    return OrganisationView(row, KIND_LABELS[OrganisationKind(row.kind)])


@dataclass(frozen=True)
class DeskPage(Page):
    """What waits for the operator, and how the machine does."""

    template: ClassVar[str] = "desk/desk.html"
    waiting: list[OrganisationView]
    needs: list[NeedRow]
    jobs: list[tuple[str, int]]
    last_beat: datetime | None
    late: bool
    dead: list[DeadJob]
    mails: list[MailRow]
    unsent: int
    has_outbox: bool


@dataclass(frozen=True)
class OrganisationsPage(Page):
    """All organisations, those that wait first."""

    template: ClassVar[str] = "desk/organisations.html"
    organisations: list[OrganisationView]


@dataclass(frozen=True)
class PersonView:
    """A person of an organisation; `roles` are msgids."""

    row: PersonAtDesk
    roles: tuple[str, ...]


def person_view(row: PersonAtDesk) -> PersonView:
    """A person in words."""
    return PersonView(row, tuple(label for role, label in ROLE_LABELS.items() if role in row.roles))


@dataclass(frozen=True)
class OrganisationPage(Page):
    """All that an operator checks before saying that an organisation is what it says."""

    template: ClassVar[str] = "desk/organisation.html"
    form: FormState
    organisation: OrganisationRow
    kind: str
    people: list[PersonView]
    events: list[EventRow]


@dataclass(frozen=True)
class MailHead:
    """A mail of the outbox in the list."""

    name: str
    subject: str
    to: str
    at: datetime | None


def mail_head(name: str, message: EmailMessage) -> MailHead:
    """The head of a mail; a date that cannot be read is left out."""
    try:
        at = parsedate_to_datetime(str(message["Date"]))
    except (TypeError, ValueError):
        at = None
    return MailHead(name, str(message["Subject"] or ""), str(message["To"] or ""), at)


@dataclass(frozen=True)
class OutboxPage(Page):
    """The mails of the folder; `kept` is false where mails are really sent."""

    template: ClassVar[str] = "desk/outbox.html"
    kept: bool
    mails: list[MailHead]


@dataclass(frozen=True)
class MailPage(Page):
    """One mail: its text in pieces, each with the address it links to or None; its HTML half stands in a frame."""

    template: ClassVar[str] = "desk/mail.html"
    mail: MailHead
    text: list[tuple[str, str | None]]
    has_html: bool


_ADDRESS = re.compile(r"https?://[^\s<>\"]+")


def linked(text: str, site: str) -> list[tuple[str, str | None]]:
    """Text in pieces; addresses of our own site become links, others stay text."""
    pieces: list[tuple[str, str | None]] = []
    end = 0
    for found in _ADDRESS.finditer(text):
        if found.group() == site or found.group().startswith(f"{site}/"):
            pieces += [(text[end : found.start()], None), (found.group(), found.group())]
            end = found.end()
    return [piece for piece in [*pieces, (text[end:], None)] if piece[0]]


def body_of(message: EmailMessage, kind: str) -> str:
    """The `plain` or `html` half of a mail, or nothing."""
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""


@dataclass(frozen=True)
class EventView:
    """An event of the trail; `data` as one line of JSON."""

    row: EventRow
    data: str


def event_view(row: EventRow) -> EventView:
    """An event in words."""
    return EventView(row, canonical(row.data) if row.data else "")


@dataclass(frozen=True)
class EventsPage(Page):
    """The audit trail; `checked` is the number of events proved and where a chain does not hold, when that was asked."""

    template: ClassVar[str] = "desk/events.html"
    form: FormState
    events: list[EventView]
    older: str
    checked: tuple[int, list[Break]] | None
