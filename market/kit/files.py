"""Files that people bring: typed by their content, kept under the hash of their bytes."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import filetype
from sqlalchemy import bindparam, select
from sqlmodel import Field, Session

from market.kit.db import Table
from market.kit.errors import NotFound, Refusal, Refused, TooLarge
from market.kit.i18n import _
from market.kit.ids import new_id

MAX_FILE = 25 * 1024 * 1024

# What is shown in the page itself; everything else is an attachment.
INLINE = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif", "application/pdf"})
PICTURES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
_OFFICE = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}


class StoredFile(Table, table=True):
    """A file's record: the bytes lie in the file store under `sha256`, the rights are decided by whoever refers to it."""

    __tablename__ = "stored_file"

    id: str = Field(default_factory=new_id, primary_key=True)
    sha256: str = Field(index=True)
    size: int
    content_type: str
    name: str
    created_at: datetime
    organisation_id: str | None = Field(default=None, index=True)
    person_id: str | None = None


class FileStore(Protocol):
    """Where bytes lie: a folder or an S3-compatible store. Keys are relative paths of letters, digits, `-`, `.` and `/`."""

    def put(self, key: str, data: bytes) -> None:
        """Keep `data` under `key`; the same key again replaces it."""

    def get(self, key: str) -> bytes:
        """Give the bytes; raises NotFound."""

    def exists(self, key: str) -> bool:
        """Whether there is something under `key`."""

    def delete(self, key: str) -> None:
        """Forget `key`; nothing happens when it is not there."""


@dataclass(frozen=True)
class Upload:
    """A file as it came in a form: the name and type are the sender's claim, the bytes are all that counts."""

    filename: str
    content_type: str
    data: bytes


@dataclass(frozen=True)
class Blob:
    """Bytes that lie in the store: enough to make a StoredFile of."""

    sha256: str
    size: int
    content_type: str
    name: str


def sniff(data: bytes, name: str = "") -> str:
    """The media type by content; text that is no markup is `text/plain` or `text/csv` by name; else octet-stream."""
    if data[:5] == b"%PDF-":
        return "application/pdf"
    kind = filetype.guess(data[:8192])
    extension = name.rpartition(".")[2].lower()
    if kind is not None:
        mime = str(kind.mime)
        if mime == "application/zip" and extension in _OFFICE and b"[Content_Types].xml" in data[:65536]:
            return _OFFICE[extension]
        return mime
    if b"\x00" in data[:8192] or _looks_like_markup(data):
        return "application/octet-stream"
    return (
        {"csv": "text/csv", "json": "application/json"}.get(extension, "text/plain")
        if data
        else "application/octet-stream"
    )


def _looks_like_markup(data: bytes) -> bool:
    head = data[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return head.startswith((b"<!doctype", b"<html", b"<svg", b"<?xml", b"<script", b"<")) or b"<script" in head


def safe_name(name: str) -> str:
    """A file name without folders, control characters or names that some systems reserve; at most 120 characters."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    name = "".join(c for c in name if c.isprintable() and unicodedata.category(c) not in ("Cf", "Cs"))
    name = re.sub(r'[<>:"|?*]', "_", name).strip(" .")
    stem, dot, extension = name.rpartition(".")
    if re.fullmatch(r"(?i)con|prn|aux|nul|com\d|lpt\d", stem or extension):
        name, stem = f"_{name}", f"_{stem}"
    return (f"{stem[:100]}{dot}{extension[:19]}" if dot else name[:120]) or "file"


def save_upload(
    store: FileStore,
    upload: Upload,
    *,
    allowed: frozenset[str] | None = None,
    field: str = "file",
    limit: int = MAX_FILE,
) -> Blob:
    """Check type and size by content and keep the bytes under their hash; raises Refused or TooLarge.

    Call it before the first write: what a rolled-back transaction leaves behind is unreferenced and harmless.
    """
    if not upload.data:
        raise Refused(Refusal("empty_file", _("This file is empty. Choose another one."), field))
    if len(upload.data) > limit:
        raise TooLarge(_("This file is larger than {limit} MB."), limit=limit // 1024 // 1024)
    content_type = sniff(upload.data, upload.filename)
    if allowed is not None and content_type not in allowed:
        raise Refused(
            Refusal(
                "file_type",
                _("We cannot take this kind of file here. Allowed: {kinds}."),
                field,
                {"kinds": _kinds(allowed)},
            )
        )
    return save_bytes(store, upload.data, content_type, upload.filename)


def save_bytes(store: FileStore, data: bytes, content_type: str, name: str) -> Blob:
    """Keep bytes that we made ourselves."""
    digest = hashlib.sha256(data).hexdigest()
    key = storage_key(digest)
    if not store.exists(key):
        store.put(key, data)
    return Blob(digest, len(data), content_type, safe_name(name))


def storage_key(sha256: str) -> str:
    """Where the bytes of a hash lie."""
    return f"blobs/{sha256[:2]}/{sha256}"


def remember(
    db: Session, blob: Blob, *, now: datetime, organisation_id: str | None = None, person_id: str | None = None
) -> StoredFile:
    """Write the record of a blob in the running transaction."""
    row = StoredFile(
        sha256=blob.sha256,
        size=blob.size,
        content_type=blob.content_type,
        name=blob.name,
        created_at=now,
        organisation_id=organisation_id,
        person_id=person_id,
    )
    db.add(row)
    db.flush()
    return row


_FILE: Any = StoredFile.__table__  # type: ignore[attr-defined]
_BY_ID = select(*_FILE.c).where(_FILE.c.id == bindparam("id"))


def stored(db: Session, file_id: str) -> Any:
    """The record of a file; NotFound. Whether the actor may have it, the caller has decided before."""
    row = db.execute(_BY_ID, {"id": file_id}).first()
    if row is None:
        raise NotFound
    return row


def _kinds(allowed: frozenset[str]) -> str:
    names = {
        "image/jpeg": "JPEG",
        "text/csv": "CSV",
        "application/pdf": "PDF",
        _OFFICE["xlsx"]: "XLSX",
        _OFFICE["docx"]: "DOCX",
    }
    return ", ".join(sorted(names.get(kind, kind.rpartition("/")[2].upper()) for kind in allowed))
