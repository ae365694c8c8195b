"""What can go wrong, as one tree. Each has a status and a sentence for the person who reads it.

PonteError
├── NotFound 404      it does not exist, or you may not know that it does
│   └── Gone 410      everybody could see it once, and nobody can any more
├── Forbidden 403     you may see it, but not do this
├── Refused 422       a rule of the trade says no; carries a Refusal
│   └── Stale 409     somebody was faster; what you saw is no longer true
├── Invalid 422       the form has faults; carries field -> sentence
├── TooMany 429       too often; try later
├── TooLarge 413      more bytes than we take
└── Unavailable 503   an outside part does not answer
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from market.kit.i18n import _, translate


@dataclass(frozen=True)
class Refusal:
    """A no with a reason: a stable `code`, and a `message` (msgid with {placeholders}) for the user.

    `field` names the form field it belongs to, if one does.
    """

    code: str
    message: str
    field: str | None = None
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """The message in the reader's language."""
        return translate(self.message, **self.params)


class PonteError(Exception):
    """The root: everything we raise on purpose."""

    status = 500
    message = _("Something went wrong on our side. Nothing was saved.")

    def __init__(self, message: str | None = None, **params: Any) -> None:
        self.message = message or type(self).message
        self.params = params
        super().__init__(self.message)

    @property
    def sentence(self) -> str:
        """The message in the reader's language."""
        return translate(self.message, **self.params)


class NotFound(PonteError):
    """It does not exist, or the actor may not know that it does."""

    status = 404
    message = _("There is no such page, or it is not open to you.")


class Gone(NotFound):
    """Everybody could see it once, and nobody can any more."""

    status = 410
    message = _("This was here once and is gone.")


class Forbidden(PonteError):
    """The actor sees it, but may not do this."""

    status = 403
    message = _("You do not have the right to do this.")


class Refused(PonteError):
    """A rule says no; `refusal` says why."""

    status = 422

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(refusal.message, **refusal.params)


class Stale(Refused):
    """Somebody else was faster; what the actor had on the screen is no longer true."""

    status = 409

    def __init__(self, refusal: Refusal | None = None) -> None:
        super().__init__(
            refusal
            or Refusal(
                "changed_meanwhile",
                _("Somebody changed this while you were working on it. Read the new version before you save yours."),
            )
        )


class Invalid(PonteError):
    """The form has faults; `errors` maps each field to a sentence already in the reader's language."""

    status = 422
    message = _("Please mend the fields marked below.")

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        super().__init__()


class TooMany(PonteError):
    """Too often in too short a time."""

    status = 429
    message = _("That was too often in a short time. Please wait a few minutes and try again.")


class TooLarge(PonteError):
    """More bytes than we take."""

    status = 413
    message = _("This is larger than we can take.")


class Unavailable(PonteError):
    """An outside part does not answer."""

    status = 503
    message = _("A service we depend on does not answer right now. Please try again in a minute.")


def refuse(refusal: Refusal | None) -> None:
    """Raise `Refused` when a rule answered with a refusal."""
    if refusal is not None:
        raise Refused(refusal)


def stale_unless(fresh: bool) -> None:
    """Raise `Stale` unless what the actor saw is still true."""
    if not fresh:
        raise Stale
