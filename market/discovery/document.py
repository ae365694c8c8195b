"""The child process that opens a PDF or DOCX brief: bytes on standard input, one line of JSON out.

It gives `{"text": ...}` or `{"refused": code}`. Whatever a file does to it, it does it here: memory, time and files are
limited, nothing is written, nothing is fetched. Run as `python -m market.discovery.document`.
"""

import io
import json
import resource
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

MEMORY = 512 * 1024 * 1024
SECONDS = 8
MOST_PAGES = 6
MOST_TEXT = 40_000
MOST_XML = 6 * 1024 * 1024
MOST_MEMBERS = 2_000
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


class _Refused(Exception):
    """The document cannot be taken; the first argument is the code."""


def _pdf(data: bytes) -> str:
    from pypdf import PdfReader  # noqa: PLC0415 - loaded under the limits
    from pypdf.errors import DependencyError, FileNotDecryptedError  # noqa: PLC0415

    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise _Refused("encrypted")
        pages = [page.extract_text() for _number, page in zip(range(MOST_PAGES), reader.pages, strict=False)]
    except (DependencyError, FileNotDecryptedError) as error:
        raise _Refused("encrypted") from error
    return "\n\n".join(pages)


def _docx(data: bytes) -> str:
    from defusedxml.ElementTree import fromstring  # noqa: PLC0415 - loaded under the limits

    with zipfile.ZipFile(io.BytesIO(data)) as parcel:
        if len(parcel.infolist()) > MOST_MEMBERS:
            raise _Refused("too_large")
        try:
            member = parcel.getinfo("word/document.xml")
        except KeyError as error:
            raise _Refused("unknown") from error
        if member.flag_bits & 1:
            raise _Refused("encrypted")
        with parcel.open(member) as file:
            xml = file.read(MOST_XML + 1)
    if len(xml) > MOST_XML:
        raise _Refused("too_large")
    return "\n".join(_paragraphs(fromstring(xml, forbid_dtd=True)))


def _paragraphs(root: Any) -> Iterator[str]:
    for paragraph in root.iter(f"{WORD}p"):
        pieces = []
        for node in paragraph.iter():
            if node.tag == f"{WORD}t":
                pieces.append(node.text or "")
            elif node.tag in (f"{WORD}tab", f"{WORD}br"):
                pieces.append(" ")
        yield "".join(pieces)


def read(data: bytes) -> dict[str, str]:
    """The text of a document, or why it cannot be had."""
    try:
        text = _pdf(data) if data[:1024].lstrip().startswith(b"%PDF-") else _docx(data)
    except _Refused as refused:
        return {"refused": str(refused)}
    except MemoryError:
        return {"refused": "too_large"}
    except Exception:  # a broken file can break a parser in any way
        return {"refused": "damaged"}
    return {"text": text[:MOST_TEXT]}


def main() -> None:
    """Limit this process, then read."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answer = read(sys.stdin.buffer.read())
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
