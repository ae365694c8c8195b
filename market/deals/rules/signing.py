"""Who signs an agreement, in which order, and what a signature must hold."""

from dataclasses import dataclass

from market.kit.errors import Refusal
from market.kit.i18n import _

ORDER = ("licensee", "licensor")
CONSENT = _(
    "I have read this document. I sign it for my organisation and have the authority to do so. "
    "I agree that my typed name is my signature."
)


@dataclass(frozen=True)
class Signing:
    """The document to sign: its hash (empty until it is typeset), the order of sides and those that have signed."""

    sha256: str
    order: tuple[str, ...]
    signed: tuple[str, ...]

    @property
    def next_side(self) -> str:
        """Whose signature is missing next; empty when all have signed."""
        return next((side for side in self.order if side not in self.signed), "")

    def last_is(self, side: str) -> bool:
        """Whether `side`'s signature is the only one missing."""
        return [each for each in self.order if each not in self.signed] == [side]


def signature_refusal(
    signing: Signing | None, *, side: str, shown: str, typed_name: str, person_name: str, consent: bool
) -> Refusal | None:
    """Say why this signature does not count, or None. `shown` is the hash of the document on the signatory's screen."""
    if signing is None or not signing.sha256:
        return Refusal("not_ready", _("The document is being made. Come back in a minute."))
    if signing.next_side != side:
        return Refusal("not_your_turn", _("The other side signs first. We write to you when it is your turn."))
    if signing.sha256 != shown:
        return Refusal(
            "document_changed", _("The document has changed since you opened it. Read it again before you sign.")
        )
    if not consent:
        return Refusal("no_consent", _("Tick the box to say that you agree."), "consent")
    if plain_name(typed_name) != plain_name(person_name):
        return Refusal(
            "other_name", _("Type your name as it stands in your account: {name}."), "typed_name", {"name": person_name}
        )
    return None


def plain_name(name: str) -> str:
    """A name without what fingers get wrong: case and spaces."""
    return " ".join(name.split()).casefold()
