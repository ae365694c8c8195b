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


def kept_apostrophe(text: str) -> str:
    """A text that never went through `disarmed`, so that `armed` gives it back as it is."""
    return f"'{text}" if text.startswith("'") and text.lstrip("'").startswith(_DANGEROUS) else text


def several(values: list[str]) -> str:
    """Values in one cell; a single one that holds a comma is closed by a semicolon, so that it stays one."""
    joined = "; ".join(values)
    return f"{joined};" if len(values) == 1 and "," in joined else joined
