"""Mail: queued in the transaction of the news it tells, sent by a job, once per key.

A mail is a pair of templates `<package>/mail/<name>.txt` (first line `Subject: ...`, an empty line, the text) and `.html`.
A second line `List-Unsubscribe: <address>` lets mail programs offer to stop such mails by one click (RFC 8058).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, Protocol

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session

from market.kit import clock, i18n, jobs
from market.kit.db import Table, json_column
from market.kit.ids import new_id


class Mail(Table, table=True):
    """A mail to send, as a template and its facts; `key` is what makes it unique for ever."""

    __tablename__ = "mail"

    id: str = Field(default_factory=new_id, primary_key=True)
    key: str = Field(unique=True)
    recipient: str = Field(index=True)
    template: str
    locale: str
    queued_at: datetime
    sent_at: datetime | None = None
    context: dict[str, Any] = json_column()


class Mailer(Protocol):
    """Hands a composed message over for delivery; the same Message-ID handed over twice is one mail."""

    def send(self, message: EmailMessage) -> None:
        """Deliver or raise."""


class MailTemplates(Protocol):
    """Renders a mail template; implemented by kit/templating."""

    def render_mail(self, template: str, context: dict[str, Any]) -> str: ...


@dataclass(frozen=True)
class Sender:
    """Who the mails come from."""

    name: str
    address: str


LONG_LINES = policy.default.clone(max_line_length=900)
"""An address in a header stays in one piece; the protocol allows 998 characters a line."""

_MAIL: Any = Mail.__table__  # type: ignore[attr-defined]
_BY_ID = select(*_MAIL.c).where(_MAIL.c.id == bindparam("id"))


def queue(db: Session, *, to: str, template: str, locale: str, context: dict[str, Any], key: str) -> str | None:
    """Queue a mail in the running transaction; None where a mail with this key was queued before.

    `context` holds what the template needs, as JSON: amounts as {"minor", "currency"}, times in ISO 8601.
    """
    mail_id = new_id()
    values = {
        "id": mail_id,
        "key": key,
        "recipient": to,
        "template": template,
        "locale": locale,
        "queued_at": clock.now(),
        "context": context,
    }
    try:
        with db.begin_nested():
            db.execute(insert(_MAIL), values)
    except IntegrityError:
        return None
    jobs.enqueue(db, "mail.send", {"mail": mail_id}, key=f"mail:{mail_id}")
    return mail_id


def one_line(text: str) -> str:
    """A header's value: no line breaks, no control characters, at most 200 characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200]


def compose(row: Any, templates: MailTemplates, sender: Sender, base_url: str) -> EmailMessage:
    """Make the message of a `mail` row: subject and text from .txt, the alternative from .html."""
    with i18n.speaking(row.locale):
        context = {**row.context, "base_url": base_url}
        head, _sep, body = templates.render_mail(f"{row.template}.txt", context).partition("\n\n")
        head, _sep, stop = head.partition("\nList-Unsubscribe: ")
        html = templates.render_mail(
            f"{row.template}.html", {**context, "subject": head.removeprefix("Subject:").strip()}
        )
    message = EmailMessage(LONG_LINES)
    message["Subject"] = one_line(head.removeprefix("Subject:"))
    if stop:
        message["List-Unsubscribe"] = one_line(stop)
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["From"] = str(Address(sender.name, addr_spec=sender.address))
    message["To"] = row.recipient
    message["Date"] = format_datetime(row.queued_at.astimezone(UTC))
    message["Message-ID"] = f"<{row.id}@{sender.address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body.strip() + "\n")
    message.add_alternative(html, subtype="html")
    return message


def send_job(templates: MailTemplates, sender: Sender) -> jobs.JobHandler:
    """The handler of `mail.send`."""

    def send(run: jobs.JobRun, payload: dict[str, Any]) -> None:
        """Write a mail in the reader's language and hand it over."""
        with run.db.read() as db:
            row = db.execute(_BY_ID, {"id": payload["mail"]}).first()
        if row is None or row.sent_at is not None:
            return
        run.gateway(Mailer).send(compose(row, templates, sender, run.base_url))
        with run.db.write() as db:
            db.execute(update(_MAIL).where(_MAIL.c.id == row.id).values(sent_at=run.now(), context=_kept(row)))

    return send


def _kept(row: Any) -> dict[str, Any]:
    """What stays of a sent mail's facts: a secret link is not kept a second longer than needed."""
    return {name: value for name, value in row.context.items() if name != "token"}


def recent(db: Session, limit: int = 200) -> list[Any]:
    """The newest mails, newest first."""
    return list(db.execute(select(*_MAIL.c).order_by(_MAIL.c.id.desc()).limit(limit)))
