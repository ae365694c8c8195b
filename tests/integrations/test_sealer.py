"""Seals: whoever changes a byte, or adds one, is found out; the bytes that were signed stay at the beginning."""

import stat
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from market.deals.gateway import SealState
from market.deals.rules import agreement, certificate
from market.deals.rules.certificate import Signed
from market.integrations.pdf_check import look
from market.integrations.pyhanko_sealer import PyHankoSealer
from market.integrations.typst_typesetter import TypstTypesetter
from tests.deals.sheets import PLAIN, TODAY
from tests.integrations.test_typst_agreement import FRAME

SIGNED = (
    Signed(
        role="Licensee",
        organisation="Nordhaven Coatings ApS",
        person="Carla Jensen",
        typed_name="carla jensen",
        consent="I have read this document.",
        at=datetime(2027, 3, 4, 9, 30, tzinfo=UTC),
        address="203.0.113.7",
        session="0123456789abcdef",
    ),
)


@pytest.fixture(scope="module")
def sealer(tmp_path_factory: pytest.TempPathFactory) -> PyHankoSealer:
    """A sealer with a certificate of its own."""
    return PyHankoSealer(tmp_path_factory.mktemp("seal") / "seal.p12", "password", make=True)


@pytest.fixture(scope="module")
def document() -> bytes:
    """An agreement as both sides sign it."""
    return TypstTypesetter().typeset("licence-1", agreement.document(PLAIN, FRAME), dated=TODAY)


@pytest.fixture(scope="module")
def sealed(sealer: PyHankoSealer, document: bytes) -> bytes:
    """The same with the record of signatures, sealed."""
    sheet = certificate.certificate(
        agreement.document(PLAIN, FRAME), "ab" * 32, SIGNED, verify_at="https://ponte.example/verify"
    )
    return sealer.seal(document, TypstTypesetter().typeset("certificate-1", sheet, dated=TODAY), reason="Test")


def test_the_sealed_file_begins_with_the_bytes_signed_and_tells_who_signed(
    sealer: PyHankoSealer, document: bytes, sealed: bytes, tmp_path: Path
) -> None:
    """The fingerprint that both signed can be found in the sealed file, and a reader sees the record of signatures."""
    assert sealed.startswith(document)
    found = sealer.check(sealed)
    assert (SealState.WHOLE, "Ponte document seal") == (found.state, found.by)
    assert found.at is not None
    assert abs(datetime.now(UTC) - found.at) < timedelta(minutes=5)
    (tmp_path / "sealed.pdf").write_bytes(sealed)
    command = ["pdftotext", "-layout", tmp_path / "sealed.pdf", "-"]
    words = " ".join(subprocess.run(command, capture_output=True, check=True, text=True).stdout.split())
    assert "The agreement" in words
    for expected in ("Record of signatures", "carla jensen", "203.0.113.7", "2027-03-04 09:30:00 UTC", "ab" * 32):
        assert expected in words


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_one_changed_byte_is_found_anywhere(sealer: PyHankoSealer, sealed: bytes, data: st.DataObject) -> None:
    """No byte of the file can become another one under a whole seal."""
    at = data.draw(st.integers(0, len(sealed) - 1))
    other = data.draw(st.integers(1, 255))
    changed = bytearray(sealed)
    changed[at] ^= other
    ours = sealer._ready().signing_cert.dump()
    state = look(bytes(changed), ours)["state"]
    # the hexadecimal letters of the seal itself may be written large or small: the same seal
    same = sealed[at : at + 1].lower() == bytes(changed[at : at + 1]).lower()
    assert state != SealState.WHOLE or same


def test_what_is_added_or_cut_off_is_found(sealer: PyHankoSealer, document: bytes, sealed: bytes) -> None:
    """A file with more behind the seal, or with less, is not the one that was sealed."""
    assert sealer.check(sealed + b"\n% more").state in (SealState.ADDED, SealState.CHANGED)
    assert sealer.check(sealed[:-200]).state in (SealState.CHANGED, SealState.UNREADABLE, SealState.NONE)
    assert SealState.NONE == sealer.check(document).state


def test_another_s_seal_is_told_from_ours(sealed: bytes, tmp_path: Path) -> None:
    """A whole seal of somebody else is called so."""
    other = PyHankoSealer(tmp_path / "other.p12", "password", make=True)
    assert SealState.FOREIGN == other.check(sealed).state


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"PK\x03\x04", b"\x00" * 4096, b"%PDF-1.7\n" + b"<<" * 50_000])
def test_what_is_no_document_is_called_so(sealer: PyHankoSealer, data: bytes) -> None:
    """Whatever somebody brings, the answer is a sentence and not an error."""
    assert sealer.check(data).state in (SealState.UNREADABLE, SealState.NONE)


def test_the_certificate_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    """Two processes that start together seal with the same key; nobody else can read it."""
    path = tmp_path / "data" / "seal.p12"
    first, second = (PyHankoSealer(path, "password", make=True) for _ in range(2))
    assert first._ready().signing_cert.dump() == second._ready().signing_cert.dump()
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert [path] == list(path.parent.iterdir())


def test_a_certificate_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    """A wrong password is no reason to seal with another key."""
    PyHankoSealer(tmp_path / "seal.p12", "password", make=True)._ready()
    with pytest.raises(ValueError, match="cannot be read"):
        PyHankoSealer(tmp_path / "seal.p12", "another", make=False)._ready()
