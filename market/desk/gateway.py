"""What the desk needs from outside: the folder of mails, where mail does not leave this machine."""

from email.message import EmailMessage
from typing import Protocol


class Outbox(Protocol):
    """The mails that were written to a folder instead of being sent."""

    def newest(self, limit: int) -> list[tuple[str, EmailMessage]]:
        """The newest mails with their names, newest first."""
        ...

    def message(self, name: str) -> EmailMessage | None:
        """One mail by its name, or None."""
        ...
