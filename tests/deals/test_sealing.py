"""After the last signature: one sealed file, for the parties alone, and a page where anyone can check a copy."""

from pathlib import Path

import pytest
from sqlalchemy import text

from market.deals import queries, seals
from market.deals.service import seal
from market.integrations.pyhanko_sealer import PyHankoSealer
from market.integrations.typst_typesetter import TypstTypesetter
from market.kit.db import Database
from market.kit.files import FileStore, storage_key
from market.wiring import Wired
from tests.browserless import Browser
from tests.deals import world as making
from tests.deals.test_web import sign_in
from tests.deals.world import World


def _seal(database: Database, files: FileStore, world: World, folder: Path, document_id: str) -> None:
    sealer = PyHankoSealer(folder / "seal.p12", "password", make=True)
    seal.seal_document(
        database,
        TypstTypesetter(),
        sealer,
        files,
        document_id,
        verify_at="https://ponte.example/verify",
        now=world.now,
    )


def test_a_signed_agreement_is_sealed_once(database: Database, files: FileStore, world: World, tmp_path: Path) -> None:
    """The last signature asks for it; asked twice, one file is kept, and it begins with the bytes signed."""
    deal_id = making.signed(database, files, world)
    with database.read() as db:
        document = queries.current_document(db, deal_id)
        asked = db.execute(text("SELECT count(*) FROM job WHERE kind = :kind"), {"kind": seal.SEAL}).scalar_one()
    assert document is not None
    assert 1 == asked
    for _ in range(2):
        _seal(database, files, world, tmp_path, document.id)
    with database.read() as db:
        kept = seals.sealed(db, document.id)
        count = db.execute(text("SELECT count(*) FROM sealed_document")).scalar_one()
    assert kept is not None
    assert 1 == count
    sealed = files.get(storage_key(kept.sha256))
    assert sealed.startswith(files.get(storage_key(document.sha256)))


def test_nothing_is_sealed_before_the_last_signature(
    database: Database, files: FileStore, world: World, tmp_path: Path
) -> None:
    """A document that one side has not signed stays without a seal."""
    with database.write() as db:
        deal_id = making.sent(db, world).id
    making.typeset_all(database, files, deal_id, world.now)
    with database.read() as db:
        document = queries.current_document(db, deal_id)
    assert document is not None
    _seal(database, files, world, tmp_path, document.id)
    with database.read() as db:
        assert seals.sealed(db, document.id) is None


# --- over HTTP


@pytest.fixture
def sealed(wired: Wired, now: object, tmp_path: Path) -> tuple[World, str, bytes, bytes]:
    """The world, the path of a signed deal's agreement, the document as signed and as sealed."""
    with wired.db.write() as db:
        world = making.make_world(db, now)  # type: ignore[arg-type]
    files = wired.gateways[FileStore]  # type: ignore[type-abstract]
    deal_id = making.signed(wired.db, files, world)
    with wired.db.read() as db:
        document = queries.current_document(db, deal_id)
    assert document is not None
    wired.registry.handlers[seal.SEAL](wired.worker().run, {"document": document.id})
    with wired.db.read() as db:
        kept = seals.sealed(db, document.id)
    assert kept is not None
    path = f"/deals/{deal_id}/agreement"
    return world, path, files.get(storage_key(document.sha256)), files.get(storage_key(kept.sha256))


def test_both_sides_can_open_the_sealed_agreement(wired: Wired, sealed: tuple[World, str, bytes, bytes]) -> None:
    """It is on the agreement's page; to others it does not exist."""
    world, path, _document, whole = sealed
    browser = sign_in(Browser(wired), wired.db, world.buyer, world)
    browser.get(path)
    assert "The sealed agreement" in browser.text
    address = next(part for part in browser.page.text.split('"') if part.endswith("/sealed"))
    assert whole == browser.get(address).content
    stranger = sign_in(Browser(wired), wired.db, world.stranger, world)
    assert 404 == stranger.get(address).status_code


def test_anyone_can_check_a_copy(wired: Wired, sealed: tuple[World, str, bytes, bytes]) -> None:
    """With the file in hand: the sealed one, the one that was signed, a changed one, something else."""
    _world, _path, document, whole = sealed
    visitor = Browser(wired)

    def checked(data: bytes) -> str:
        visitor.get("/verify")
        visitor.submit("/verify", files={"document": ("copy.pdf", data, "application/pdf")})
        return visitor.text

    assert "This is the sealed agreement, unchanged" in checked(whole)
    assert "Nordhaven Coatings" in visitor.text
    assert "This is the document that was made for signature, unchanged" in checked(document)
    middle = len(document) // 2
    assert "changed after it was sealed" in checked(whole[:middle] + b"XX" + whole[middle + 2 :])
    assert "We do not know this document" in checked(document + b"\n")
    assert "cannot be read as a PDF" in checked(b"no document at all")


def test_who_chooses_no_file_is_told(wired: Wired) -> None:
    """The form says what is missing."""
    visitor = Browser(wired)
    visitor.get("/verify")
    visitor.submit("/verify")
    assert 422 == visitor.page.status_code
    assert "Choose the PDF that you want to check." in visitor.text
