"""What a first question to an institution must hold, and what it had better not hold."""

import re

from market.kit.errors import Refusal
from market.kit.i18n import _

SHORTEST_USE = 20
LONGEST_TEXT = 4000

_SECRET = re.compile(
    r"\b(confidential|strictly private|trade secret|secret (formula|recipe|process)|not (yet )?(published|patented)"
    r"|unpublished|under nda|nda applies|do not (share|disclose)|proprietary)\b",
    re.IGNORECASE,
)


def looks_confidential(*texts: str) -> bool:
    """Whether words in the texts suggest that somebody is telling a secret; a warning, never a refusal."""
    return any(_SECRET.search(text) for text in texts)


def enquiry_refusal(*, open_deal: bool, texts: tuple[str, ...], confirmed: bool) -> Refusal | None:
    """Say why the enquiry cannot go out, or None.

    `open_deal`: the company has one open for this technology already. `confirmed`: the person has read the warning
    about confidential text.
    """
    if open_deal:
        return Refusal("already_open", _("Your company has asked about this technology already. Go on in that deal."))
    if looks_confidential(*texts) and not confirmed:
        return Refusal(
            "confidential",
            _(
                "This reads as if it held a secret. An enquiry is not protected by a non-disclosure agreement. "
                "Take the secret out, or tick the box to say that nothing in it is confidential."
            ),
            "nothing_secret",
        )
    return None
