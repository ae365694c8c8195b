"""Files that cannot be read at all: refused as a whole, with the line and the reason."""

from market.kit.errors import Refusal, Refused
from market.kit.i18n import _


def broken(code: str, message: str, *, line: int | None = None, **params: object) -> Refused:
    """The refusal of a whole file; `line` is where reading stopped, counted from 1."""
    if line is not None:
        params["line"] = line
    return Refused(Refusal(code, message, "file", params))


def cut_off(line: int, reason: str) -> Refused:
    """The file ends in the middle of something."""
    return broken(
        "cut_off",
        _("Line {line}: the file ends too early ({reason}). It was probably cut off on the way. Nothing was imported."),
        line=line,
        reason=reason,
    )
