"""The child process that looks at the seal of a PDF: bytes on standard input, one line of JSON out.

Whatever a file does to the parser, it does it here: memory, time and files are limited, nothing is written, nothing is
fetched. Run as `python -m market.integrations.pdf_check CERTIFICATE`, our certificate as DER in hexadecimal.
"""

import io
import json
import logging
import resource
import sys
from typing import Any

MEMORY = 768 * 1024 * 1024
SECONDS = 10


def look(data: bytes, certificate: bytes) -> dict[str, Any]:
    """State, name of the sealer and time of the last seal."""
    from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415 - loaded under the limits

    try:
        seals = PdfFileReader(io.BytesIO(data), strict=False).embedded_signatures
        if not seals:
            return _told("none")
        return _judged(seals[-1], certificate)
    except MemoryError:
        return _told("unreadable")
    except Exception:  # a broken file can break a parser in any way
        return _told("changed" if b"/Type /Sig" in data or b"/ETSI.CAdES.detached" in data else "unreadable")


def _judged(seal: Any, certificate: bytes) -> dict[str, Any]:
    from pyhanko.sign.validation import validate_pdf_signature  # noqa: PLC0415
    from pyhanko.sign.validation.status import SignatureCoverageLevel  # noqa: PLC0415
    from pyhanko_certvalidator import ValidationContext  # noqa: PLC0415

    theirs = seal.signer_cert
    context = ValidationContext(
        trust_roots=[theirs], allow_fetching=False, best_signature_time=seal.self_reported_timestamp
    )
    status = validate_pdf_signature(seal, signer_validation_context=context)
    by, at = str(theirs.subject.native.get("common_name", "")), seal.self_reported_timestamp
    if not (status.intact and status.valid) or _stuffed(seal.pkcs7_content):
        return _told("changed", by, at)
    if status.coverage < SignatureCoverageLevel.ENTIRE_FILE:
        return _told("added", by, at)
    return _told("whole" if theirs.dump() == certificate else "foreign", by, at)


def _stuffed(content: bytes) -> bool:
    """Whether the room that the signature leaves empty in its own place holds anything: no hash covers that room."""
    from asn1crypto.cms import ContentInfo  # noqa: PLC0415

    used = len(ContentInfo.load(content).dump())
    return any(content[used:])


def _told(state: str, by: str = "", at: Any = None) -> dict[str, Any]:
    return {"state": state, "by": by[:200], "at": at.isoformat() if at else ""}


def main() -> None:
    """Limit this process, then look."""
    logging.disable(logging.CRITICAL)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.write(json.dumps(look(sys.stdin.buffer.read(), bytes.fromhex(sys.argv[1]))))


if __name__ == "__main__":
    main()
