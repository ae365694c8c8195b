"""From an uploaded brief to its text. PDF and DOCX are opened in a child process with limits (document.py)."""

import json
import subprocess
import sys
from typing import Any

from charset_normalizer import from_bytes

from market.discovery.document import MOST_TEXT
from market.kit.errors import Refusal, Refused
from market.kit.files import Upload
from market.kit.forms import clean
from market.kit.i18n import _

MAX_UPLOAD = 5 * 1024 * 1024
CHILD_SECONDS = 12
SHORTEST = 20
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_SENTENCES = {
    "encrypted": _("This document is locked by a password. Save it without one, or paste its text."),
    "too_large": _("This document is too large when unpacked, or takes too long to read. Paste its text instead."),
    "damaged": _("This document is damaged and cannot be read. Save it again, or paste its text."),
    "unknown": _("We can read PDF, Word (DOCX) and plain text. Save your brief as one of these, or paste its text."),
    "no_text": _("We found no text in this document. It may be a scanned picture. Paste its text instead."),
    "too_many_bytes": _("This file is larger than 5 MB. A brief of a page is much smaller; or paste its text."),
}


def _refused(code: str) -> Refused:
    return Refused(Refusal(f"brief_{code}", _SENTENCES[code], "brief"))


def read_brief(upload: Upload) -> str:
    """The text of a brief by its content, tidied; raises Refused with a sentence for the person who brought it."""
    data = upload.data
    if len(data) > MAX_UPLOAD:
        raise _refused("too_many_bytes")
    if data[:8] == _OLD_OFFICE:  # an old .doc, or a DOCX behind a password
        raise _refused("encrypted" if b"E\x00n\x00c\x00r\x00y\x00p\x00t" in data else "unknown")
    packed = data[:1024].lstrip().startswith(b"%PDF-") or data[:2] == b"PK"
    text = tidied(_of_child(data) if packed else _plain(data))
    if len(text) < SHORTEST:
        raise _refused("no_text")
    return text


def tidied(text: str) -> str:
    """Text with one space between words; lines broken in the middle of a sentence are joined, paragraphs stay."""
    paragraphs = (" ".join(part.split()) for part in clean(text).replace("\xad", "").split("\n\n"))
    return "\n\n".join(part for part in paragraphs if part)[:MOST_TEXT]


def _plain(data: bytes) -> str:
    """A text file; anything that is no text is refused."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data[: MOST_TEXT * 4].decode("utf-16", errors="replace")
    if b"\x00" in data[:4096]:
        raise _refused("unknown")
    found = from_bytes(data[: MOST_TEXT * 4]).best()
    if found is None:
        raise _refused("unknown")
    text = str(found)
    if text.lstrip()[:1] == "<" or text.lstrip()[:5] == "{\\rtf":
        raise _refused("unknown")
    return text


def _of_child(data: bytes) -> str:
    answer = _asked_child(data)
    refused = answer.get("refused")
    if refused is not None:
        raise _refused(refused if refused in _SENTENCES else "damaged")
    return str(answer["text"])


def _asked_child(data: bytes) -> dict[str, Any]:
    """Let the child read; whatever it dies of is a document that we do not take."""
    command = [sys.executable, "-m", "market.discovery.document"]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=CHILD_SECONDS, check=False)  # noqa: S603
        answer = json.loads(done.stdout) if done.returncode == 0 else {"refused": "too_large"}
    except subprocess.TimeoutExpired:
        answer = {"refused": "too_large"}
    except json.JSONDecodeError:
        answer = {"refused": "damaged"}
    return dict(answer)
