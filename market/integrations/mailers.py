"""Mail out: a folder of .eml files, or an SMTP server."""

import re
import smtplib
import ssl
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

TIMEOUT = 15
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class FolderMailer:
    """Implements kit.mail.Mailer and desk.gateway.Outbox: each mail is a file named after its Message-ID.

    Sending one twice leaves one.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, message: EmailMessage) -> None:
        """Write the mail aside, then move it into place."""
        name = re.sub(r"[^a-z0-9]", "", str(message["Message-ID"]).partition("@")[0].lower())
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self.folder / f".{name}.part"
        part.write_bytes(message.as_bytes())
        part.replace(self.folder / f"{name}.eml")

    def newest(self, limit: int) -> list[tuple[str, EmailMessage]]:
        """Implements desk.gateway.Outbox: names begin with the time, so that they sort by it."""
        paths = sorted(self.folder.glob("*.eml"), reverse=True)[:limit]
        return [(path.stem, self._read(path)) for path in paths]

    def message(self, name: str) -> EmailMessage | None:
        """One mail by its name; a name that is no plain one is nobody's."""
        path = self.folder / f"{name}.eml"
        return self._read(path) if re.fullmatch(r"[a-z0-9]{1,80}", name) and path.is_file() else None

    @staticmethod
    def _read(path: Path) -> EmailMessage:
        return message_from_bytes(path.read_bytes(), policy=policy.default)


class SmtpMailer:
    """Implements kit.mail.Mailer over SMTP: STARTTLS for `smtp://` where the server offers it, TLS for `smtps://`.

    A password is never sent in the clear, except to this very machine.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.host = parts.hostname or "localhost"
        self.secure = parts.scheme == "smtps"
        self.port = parts.port or (465 if self.secure else 587)
        self.user = unquote(parts.username or "")
        self.password = unquote(parts.password or "")

    def send(self, message: EmailMessage) -> None:
        """Hand the mail over; any refusal raises, and the job tries again."""
        context = ssl.create_default_context()
        if self.secure:
            with smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT, context=context) as server:
                self._deliver(server, message)
            return
        with smtplib.SMTP(self.host, self.port, timeout=TIMEOUT) as server:
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
            elif self.user and self.host not in LOOPBACK:
                raise smtplib.SMTPNotSupportedError(f"{self.host} offers no STARTTLS: no password is sent to it")
            self._deliver(server, message)

    def _deliver(self, server: smtplib.SMTP, message: EmailMessage) -> None:
        if self.user:
            server.login(self.user, self.password)
        server.send_message(message)
