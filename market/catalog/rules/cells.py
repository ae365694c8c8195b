"""Cells on their way into spreadsheets and back: no text may become a formula in a program that opens our file."""

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")


def disarmed(text: str) -> str:
    """A cell that begins with `=`, `+`, `-`, `@` or a control character gets an apostrophe before it (OWASP, CSV injection).

    A text that begins with apostrophes before such a character gets one more, so that `armed` gives back what was there.
    """
    return f"'{text}" if text.lstrip("'").startswith(_DANGEROUS) else text


def armed(text: str) -> str:
    """The text as it was before `disarmed`."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(_DANGEROUS) else text
