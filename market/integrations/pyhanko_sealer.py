"""Seals by pyHanko: PAdES baseline signatures with a certificate of our own making, or a real one by SEAL_CERTIFICATE.

Files that strangers bring are checked in a child process with limits (`pdf_check`), never in ours.
"""

import io
import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from market.deals.gateway import SealFound, SealState
from market.kit.ids import new_id

FIELD = "PonteSeal"
YEARS = 10
CHILD_SECONDS = 15


class PyHankoSealer:
    """Implements `market.deals.gateway.Sealer` with the key and certificate of a PKCS #12 file.

    Where `path` does not exist yet, it is made: a key of 3072 bits and a certificate that nobody vouches for, so that
    PDF readers say 'unchanged' and 'signer not known'. A real certificate makes them say both.
    """

    def __init__(self, path: Path, password: str, *, make: bool) -> None:
        self._path, self._password, self._make = path, password.encode(), make
        self._lock = threading.Lock()
        self._signer: Any = None

    def seal(self, pdf: bytes, sheet: bytes, *, reason: str) -> bytes:
        """See the Protocol. ValueError when the certificate cannot be read."""
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415 - a second of imports
        from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415
        from pyhanko.sign.fields import SigSeedSubFilter  # noqa: PLC0415
        from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner  # noqa: PLC0415

        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        _add_pages(writer, PdfFileReader(io.BytesIO(sheet)))
        meta = PdfSignatureMetadata(
            field_name=FIELD, reason=reason, md_algorithm="sha256", certify=True, subfilter=SigSeedSubFilter.PADES
        )
        signer = PdfSigner(meta, signer=self._ready())
        with ThreadPoolExecutor(1) as apart:  # pyHanko runs an event loop of its own, and ours may run in this thread
            return bytes(apart.submit(signer.sign_pdf, writer).result().getvalue())

    def check(self, pdf: bytes) -> SealFound:
        """See the Protocol."""
        certificate = self._ready().signing_cert.dump()
        command = [sys.executable, "-m", "market.integrations.pdf_check", certificate.hex()]
        try:
            done = subprocess.run(command, input=pdf, capture_output=True, timeout=CHILD_SECONDS, check=False)  # noqa: S603
            told = json.loads(done.stdout)
            at = datetime.fromisoformat(told["at"]).astimezone(UTC) if told["at"] else None
            return SealFound(SealState(told["state"]), told["by"], at)
        except (subprocess.TimeoutExpired, ValueError, KeyError, TypeError):
            return SealFound(SealState.UNREADABLE)

    def _ready(self) -> Any:
        from pyhanko.sign.signers import SimpleSigner  # noqa: PLC0415

        with self._lock:
            if self._signer is None:
                if self._make and not self._path.exists():
                    _make_certificate(self._path, self._password)
                data = self._path.read_bytes()
                try:
                    self._signer = SimpleSigner.load_pkcs12_data(data, [], passphrase=self._password)
                except ValueError as error:
                    raise ValueError(f"{self._path} cannot be read as a PKCS #12 file with this password") from error
            return self._signer


def _add_pages(writer: Any, sheet: Any) -> None:
    """Put each page of `sheet` behind the last one of the document, as a picture of its own."""
    from pyhanko.pdf_utils import generic  # noqa: PLC0415

    name = generic.pdf_name
    for number in range(int(sheet.root["/Pages"]["/Count"])):
        form = writer.import_page_as_xobject(sheet, number)
        shown = generic.DictionaryObject({name("/XObject"): generic.DictionaryObject({name("/Sheet"): form})})
        page = {
            name("/Type"): name("/Page"),
            name("/MediaBox"): generic.ArrayObject(generic.FloatObject(edge) for edge in form.get_object()["/BBox"]),
            name("/Resources"): shown,
            name("/Contents"): writer.add_object(generic.StreamObject(stream_data=b"q /Sheet Do Q")),
        }
        writer.insert_page(generic.DictionaryObject(page))


def _make_certificate(path: Path, password: bytes) -> None:
    """A key and its self-signed certificate in `path`, readable by the owner only; whoever comes second uses the first's."""
    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12  # noqa: PLC0415

    key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Ponte document seal")])
    now = datetime.now(UTC)
    use = dict.fromkeys(
        (
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(x509.KeyUsage(digital_signature=True, content_commitment=True, **use), critical=True)
        .sign(key, hashes.SHA256())
    )
    data = pkcs12.serialize_key_and_certificates(b"seal", key, certificate, None, BestAvailableEncryption(password))
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{new_id()}")
    draft.touch(mode=0o600)
    draft.write_bytes(data)
    try:
        path.hardlink_to(draft)  # fails where another process was first: then theirs is the seal
    except FileExistsError:
        pass
    finally:
        draft.unlink()
