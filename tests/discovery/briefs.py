"""Briefs as people bring them, good and bad, made by us."""

import io
import zipfile

from pypdf import PdfWriter

NEED = "We lose heat with the warm waste water of our dairy and look for an exchanger that cleans itself."
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def pdf(text: str = NEED) -> bytes:
    """One page with a line of text, written by hand."""
    stream = f"BT /F1 12 Tf 40 700 Td ({text}) Tj ET".encode("latin-1")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 6\n0000000000 65535 f \n%strailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF"
    return body + end % (table, len(body))


def locked_pdf() -> bytes:
    """A PDF that asks for a password."""
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.encrypt("secret", algorithm="RC4-128")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def empty_pdf() -> bytes:
    """A page without any text, as a scanner makes it."""
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def docx(xml: str | bytes | None = None, name: str = "word/document.xml") -> bytes:
    """A Word file with one document part; paragraphs of NEED unless `xml` says otherwise."""
    if xml is None:
        paragraphs = "".join(f"<w:p><w:r><w:t>{each}</w:t></w:r></w:p>" for each in NEED.split(" and "))
        xml = f'<?xml version="1.0"?><w:document xmlns:w="{W}"><w:body>{paragraphs}</w:body></w:document>'
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parcel:
        parcel.writestr("[Content_Types].xml", "<Types/>")
        parcel.writestr(name, xml)
    return file.getvalue()


def bomb() -> bytes:
    """60 MB of text in some 60 kB."""
    head, tail = f'<w:document xmlns:w="{W}"><w:body><w:p><w:r><w:t>', "</w:t></w:r></w:p></w:body></w:document>"
    return docx(head + "a" * 60_000_000 + tail)


def entities() -> bytes:
    """A laugh that doubles thirty times."""
    lines = "".join(f'<!ENTITY a{n} "&a{n - 1};&a{n - 1};">' for n in range(1, 31))
    return docx(
        f'<!DOCTYPE x [<!ENTITY a0 "ha">{lines}]><w:document xmlns:w="{W}"><w:p><w:t>&a30;</w:t></w:p></w:document>'
    )


OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 2000
LOCKED_WORD = OLD_WORD + "EncryptedPackage".encode("utf-16-le")
