"""Files that people bring: known by their content, kept under their hash, given out so that no browser runs them."""

import io
import zipfile
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.integrations.storage import folder_store
from market.kit import files, passwords
from market.kit.downloads import download
from market.kit.errors import NotFound, Refused, TooLarge
from market.kit.files import PICTURES, Upload, safe_name, save_upload, sniff, storage_key

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20
PDF = b"%PDF-1.7\n%\xe2\xe3\n"


def _zip(*names: str) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return kept.getvalue()


@pytest.fixture
def store(tmp_path):
    """A folder for files."""
    return folder_store(tmp_path / "files")


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (PNG, "cat.exe", "image/png"),
        (PNG, "cat.html", "image/png"),
        (b"\xff\xd8\xff\xe0" + b"\x00" * 20, "cat.png", "image/jpeg"),
        (PDF, "offer.txt", "application/pdf"),
        (b"<html><script>alert(1)</script>", "cat.png", "application/octet-stream"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "cat.svg", "application/octet-stream"),
        (b"  \n<?xml version='1.0'?><x/>", "cat.txt", "application/octet-stream"),
        (b"hello <script>alert(1)</script>", "cat.txt", "application/octet-stream"),
        (b"a;b\n1;2\n", "list.csv", "text/csv"),
        (b"a;b\n1;2\n", "list.txt", "text/plain"),
        (b"\x00\x01\x02", "list.csv", "application/octet-stream"),
        (_zip("[Content_Types].xml", "word/document.xml"), "offer.zip", files._OFFICE["docx"]),
        (_zip("evil.exe"), "offer.docx", "application/zip"),
        (b"", "empty.txt", "application/octet-stream"),
    ],
)
def test_a_file_is_what_it_contains(data, name, kind):
    """Neither the name nor what the sender claims makes a picture of a page."""
    assert kind == sniff(data, name)


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\secret\\plan.pdf", "plan.pdf"),
        ('a"b<c>.pdf', "a_b_c_.pdf"),
        ("plan\r\nSet-Cookie: x.pdf", "planSet-Cookie_ x.pdf"),
        ("gpj\u202e.exe", "gpj.exe"),
        ("CON.txt", "_CON.txt"),
        ("nul", "_nul"),
        ("...", "file"),
        ("", "file"),
        ("x" * 500 + ".pdf", "x" * 100 + ".pdf"),
    ],
)
def test_a_file_name_is_only_a_name(given_name, kept):
    """No folders, no line breaks, no names that a system keeps for itself."""
    assert kept == safe_name(given_name)


@given(name=st.text(max_size=300))
def test_any_name_becomes_a_harmless_one(name):
    """Whatever a sender calls a file."""
    kept = safe_name(name)
    assert 0 < len(kept) <= 121
    assert not set(kept) & set('/\\<>:"|?*\r\n\x00')
    assert kept == safe_name(kept)


def test_a_file_is_kept_once_under_its_hash(store):
    """The same bytes under two names lie there once."""
    one = save_upload(store, Upload("a.png", "text/html", PNG))
    other = save_upload(store, Upload("b.png", "", PNG))
    assert (one.sha256, "image/png", "a.png", len(PNG)) == (other.sha256, one.content_type, one.name, one.size)
    assert PNG == store.get(storage_key(one.sha256))


def test_what_cannot_be_taken_is_said_at_its_field(store):
    """Empty, of a kind that does not fit, too large: each with its own sentence, and nothing is kept."""
    with pytest.raises(Refused, match="empty"):
        save_upload(store, Upload("a.png", "image/png", b""))
    with pytest.raises(Refused) as told:
        save_upload(store, Upload("a.png", "image/png", b"<html>"), allowed=PICTURES, field="picture")
    assert ("picture", "We cannot take this kind of file here. Allowed: GIF, JPEG, PNG, WEBP.") == (
        told.value.refusal.field, told.value.sentence,
    )  # fmt: skip
    with pytest.raises(TooLarge) as large:
        save_upload(store, Upload("a.png", "image/png", PNG + b"x" * 1024 * 1024), limit=1024 * 1024)
    assert "This file is larger than 1 MB." == large.value.sentence


def test_a_files_record_is_found_by_its_id(database, store, now):
    """A record that is not there is no page."""
    with database.write() as db:
        row = files.remember(db, save_upload(store, Upload("a.png", "", PNG)), now=now, person_id=None)
    with database.read() as db:
        assert "a.png" == files.stored(db, row.id).name
        with pytest.raises(NotFound):
            files.stored(db, "nothing")


def _row(store: Any, data: bytes, name: str, kind: str | None = None) -> Any:
    blob = save_upload(store, Upload(name, "", data))
    return SimpleNamespace(sha256=blob.sha256, name=name, content_type=kind or blob.content_type)


@pytest.mark.parametrize(
    ("data", "kind", "inline", "disposition", "told"),
    [
        (PNG, None, True, "inline", "image/png"),
        (PNG, None, False, "attachment", "image/png"),
        (PDF, None, True, "inline", "application/pdf"),
        (b"a,b", "text/csv", True, "attachment", "text/csv; charset=utf-8"),
        (b"<svg/>", "image/svg+xml", True, "attachment", "application/octet-stream"),
        (b"<p>", "text/html", True, "attachment", "application/octet-stream"),
    ],
)
def test_only_pictures_and_pdf_are_shown_in_the_page(store, *, data, kind, inline, disposition, told):
    """Everything else is saved, never run; no browser guesses at what it is."""
    answer = download(store, _row(store, data, "a file", kind), inline=inline)
    assert (disposition, told, "nosniff") == (
        answer.headers["content-disposition"].split(";")[0],
        answer.headers["content-type"],
        answer.headers["x-content-type-options"],
    )
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "private, no-store" == answer.headers["cache-control"]
    assert data == answer.body


def test_a_name_cannot_break_out_of_its_header(store):
    """Quotes, line breaks and other scripts are written so that every browser reads the name."""
    answer = download(store, _row(store, PNG, 'a"\r\nX-Evil: 1; é.png'))
    assert (
        "attachment; filename*=UTF-8''a%22%0D%0AX-Evil%3A%201%3B%20%C3%A9.png" == answer.headers["content-disposition"]
    )
    assert "x-evil" not in answer.headers


def test_a_damaged_file_is_not_given_out(store):
    """Bytes that are no longer those that were signed are not shown as if they were."""
    row = _row(store, PNG, "a.png")
    store.put(storage_key(row.sha256), PNG + b"!")
    with pytest.raises(NotFound, match="damaged"):
        download(store, row)


def test_a_password_is_checked_however_it_is_typed():
    """The same letters composed in another way are the same password; others are not."""
    known = passwords.hashed("Zu\u0308rich is fine, I say")
    assert passwords.matches(known, "Zürich is fine, I say")
    assert not passwords.matches(known, "Zurich is fine, I say")
    assert known.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize("known", [None, passwords.UNUSABLE, "no hash at all"])
def test_nobody_signs_in_without_a_password_of_their_own(known):
    """Unknown people, people without a password, damaged hashes."""
    assert not passwords.matches(known, "")
    assert not passwords.matches(known, "anything")


def test_a_password_of_a_megabyte_is_refused_cheaply():
    """And never matches, not even itself."""
    known = passwords.hashed("x" * 2000)
    assert not passwords.matches(known, "x" * 2000)
