"""Files on their way out: inline only what a browser shows harmlessly, everything else as attachment."""

import hashlib
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from market.kit.errors import NotFound
from market.kit.files import INLINE, FileStore, storage_key
from market.kit.i18n import _


def download(store: FileStore, row: Any, *, inline: bool = False, public: bool = False) -> Response:
    """Answer with a file: inline only for pictures and PDF, everything else as attachment; the bytes are checked again."""
    data = store.get(storage_key(row.sha256))
    if hashlib.sha256(data).hexdigest() != row.sha256:
        raise NotFound(_("This file is damaged. Please tell the institution."))
    shown = inline and row.content_type in INLINE
    disposition = f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(row.name, safe='')}"
    headers = {
        "Content-Disposition": disposition,
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "public, max-age=86400" if public else "private, no-store",
        "ETag": f'"{row.sha256[:32]}"',
    }
    if row.content_type == "application/pdf":
        headers["Content-Security-Policy"] = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'"
    return Response(data, media_type=row.content_type if shown else _attachment_type(row.content_type), headers=headers)


def _attachment_type(content_type: str) -> str:
    return "application/octet-stream" if content_type.startswith(("text/html", "image/svg")) else content_type
