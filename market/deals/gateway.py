"""The outside thing that deals need: a typesetter."""

from datetime import date
from typing import Any, Protocol


class Typesetter(Protocol):
    """Makes a PDF of a document's data. The same data gives the same bytes, on every machine and at any time."""

    def typeset(self, template: str, data: dict[str, Any], *, dated: date) -> bytes:
        """Set `data` (JSON) with the template of that name, such as `licence-1`; raises when it cannot.

        `dated` is the document's date; no clock is read.
        """
