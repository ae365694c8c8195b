"""The agreement: what it says, and that its PDF is the same bytes for ever."""

import hashlib
import subprocess
from datetime import date
from pathlib import Path

import pytest

from market.deals.rules import agreement, codec
from market.deals.rules.agreement import Frame, Party
from market.deals.rules.terms import Disputes, FieldOfUse, Grant, OptionTerms, Resolution, TermSheet
from market.integrations.typst_typesetter import TypstTypesetter
from market.kit import i18n
from tests.deals.sheets import PLAIN, TODAY, eur, sheet

FRAME = Frame(
    reference="PD-2027-8K3F9D",
    title="Self-healing coating",
    version=2,
    dated=TODAY,
    parties=(
        Party("Licensor", "Lindenfels University of Technology", "CHE-123.456.789", "Lindenfels", "CH"),
        Party("Licensee", "Nordhaven Coatings ApS", "", "", "DK"),
    ),
    note="Sandbox – sample document",
)


def _text(pdf: bytes, folder: Path) -> str:
    path = folder / "agreement.pdf"
    path.write_bytes(pdf)
    out = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True, text=True).stdout
    return " ".join(out.split())


def test_the_agreement_is_typeset_to_the_same_bytes_each_time() -> None:
    """A document can be checked against its hash in twenty years, whoever speaks which language then."""
    data = agreement.document(PLAIN, FRAME)
    first = TypstTypesetter().typeset("licence-1", data, dated=TODAY)
    with i18n.speaking("de"):
        assert data == agreement.document(PLAIN, FRAME)
    again = TypstTypesetter().typeset("licence-1", data, dated=TODAY)
    assert hashlib.sha256(first).hexdigest() == hashlib.sha256(again).hexdigest()
    assert first.startswith(b"%PDF-1.7")
    assert b"pdfaid" in first or b"pdfaid" in first.replace(b"\x00", b"")


def test_the_document_names_parties_terms_hash_and_pages(tmp_path: Path) -> None:
    """Who opens the PDF finds what was agreed."""
    words = _text(TypstTypesetter().typeset("licence-1", agreement.document(PLAIN, FRAME), dated=TODAY), tmp_path)
    for expected in (
        "Lindenfels University of Technology",
        "Nordhaven Coatings ApS",
        codec.digest(PLAIN),
        "Page 1 of",
        "€15,000.00",
        "4% of Net Sales",
        "Sandbox – sample document",
        "lawyer’s review",
        "Denmark, Norway, Sweden",
        "3 March 2027",
    ):
        assert expected in words.replace("lawyer's", "lawyer’s")


def test_code_in_a_field_stays_text(tmp_path: Path) -> None:
    """Nobody can slip commands into the document."""
    evil = '#panic("x") $x$ *bold* `raw` @ref <label> \\ ] } // /* #read("/etc/passwd")'
    terms = sheet(field_of_use=FieldOfUse(evil))
    words = _text(TypstTypesetter().typeset("licence-1", agreement.document(terms, FRAME), dated=TODAY), tmp_path)
    assert evil in words


def test_only_embedded_fonts_are_used(tmp_path: Path) -> None:
    """The document looks the same on every machine."""
    path = tmp_path / "agreement.pdf"
    path.write_bytes(TypstTypesetter().typeset("licence-1", agreement.document(PLAIN, FRAME), dated=TODAY))
    fonts = subprocess.run(["pdffonts", path], capture_output=True, check=True, text=True).stdout.splitlines()[2:]
    assert fonts
    assert all("Libertinus" in line or "DejaVuSansMono" in line for line in fonts)


@pytest.mark.parametrize(
    ("terms", "present", "absent"),
    [
        (sheet(grant=Grant.EXCLUSIVE), "an exclusive licence", "non-exclusive licence"),
        (sheet(royalty=None, minimum=None, reports=None), "Upfront fee", "royalty"),
        (sheet(grant=Grant.OPTION, option=OptionTerms(6, eur(900))), "6 months from", "sell and import"),
        (sheet(disputes=Disputes("CH", Resolution.COURTS)), "The courts at", "Arbitration"),
        (sheet(licensed_ip=(PLAIN.licensed_ip[1],)), "General", "Patents"),
    ],
)
def test_the_terms_choose_the_clauses(terms: TermSheet, present: str, absent: str) -> None:
    """Only what was agreed is in the document."""
    found = agreement.document(terms, FRAME)["clauses"]
    text = " ".join([each["title"] + " " + " ".join((*each["paragraphs"], *each["points"])) for each in found])
    assert present in text
    assert absent not in text


def test_an_unknown_template_is_an_error() -> None:
    """A document is never made from something else than was asked for."""
    with pytest.raises(KeyError):
        TypstTypesetter().typeset("nda-9", {}, dated=date(2027, 1, 1))
