"""What a request brings that is not believed as it stands: its form, and addresses that must lead into our own site."""

from urllib.parse import urlsplit

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from market.kit.files import Upload


async def read_form(request: Request) -> tuple[FormData, dict[str, list[Upload]]]:
    """The fields of a form, and the files sent with it."""
    try:
        data = await request.form(max_files=40, max_fields=2000, max_part_size=2 * 1024 * 1024)
    except HTTPException:
        raise
    except (ValueError, UnicodeDecodeError) as error:
        raise HTTPException(400) from error
    uploads: dict[str, list[Upload]] = {}
    for name, value in data.multi_items():
        if isinstance(value, UploadFile):
            uploads.setdefault(name, []).append(
                Upload(value.filename or "", value.content_type or "", await value.read())
            )
    return data, uploads


def came_from(request: Request, default: str = "/") -> str:
    """The path of our page that the request was sent from, with its query; `default` when the browser does not say."""
    parts = urlsplit(request.headers.get("referer", ""))
    if parts.netloc != request.headers.get("host", ""):
        return default
    return safe_path(parts.path + (f"?{parts.query}" if parts.query else ""), default)


def safe_path(path: str | None, default: str = "/") -> str:
    """`path` if it is an address inside this site, else `default`."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")):
        return default
    return default if any(ord(c) < 33 or c == "\\" for c in path) else path
