"""Marks pages with their reader's name, in a child process: little memory, little time, then gone.

Run as `python -m market.integrations.watermark FOLDER`: the file to mark lies in FOLDER as `in.pdf`, `in.png` or `in.jpg`,
what is wanted as `wanted.json`; the answer comes on standard output. Exit code 0 is the only success.
"""

import contextlib
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from market.deals.gateway import Mark
from market.kit.errors import NotFound
from market.kit.i18n import _
from market.kit.templating import TEMPLATES

MEMORY: Final = 2 * 1024 * 1024 * 1024
SECONDS: Final = 20
SOURCE: Final = "deals/room_mark.typ"
NAMES: Final = {"application/pdf": "in.pdf", "image/png": "in.png", "image/jpeg": "in.jpg"}
MOST_POINTS: Final = 1400


class TypstWatermarker:
    """Implements `market.deals.gateway.Watermarker`: Typst draws the page and the reader's name over it."""

    def pages(self, data: bytes, content_type: str) -> int:
        """How many pages it has; 0 for what cannot be opened, is locked, or cannot be drawn."""
        try:
            count = int(self._ask(data, content_type, {"do": "pages"}))
            self.stamp(data, content_type, Mark("-", "-"), pages=count, only=1)
        except (NotFound, ValueError):
            return 0
        return count

    def stamp(self, data: bytes, content_type: str, mark: Mark, *, pages: int, only: int | None = None) -> bytes:
        """The whole file as a PDF, or `only` one page as a PNG, with the mark on it; NotFound when it cannot be drawn."""
        shown = {
            "file": NAMES[content_type],
            "pdf": content_type == "application/pdf",
            "pages": [only] if only else list(range(1, pages + 1)),
            "most": MOST_POINTS,
            "across": mark.across,
            "line": mark.line,
        }
        return self._ask(data, content_type, {"do": "png" if only else "pdf", "data": shown})

    def _ask(self, data: bytes, content_type: str, wanted: dict[str, Any]) -> bytes:
        with tempfile.TemporaryDirectory(prefix="ponte-mark-") as folder:
            Path(folder, NAMES[content_type]).write_bytes(data)
            Path(folder, "wanted.json").write_text(json.dumps(wanted | {"name": NAMES[content_type]}))
            with contextlib.suppress(subprocess.TimeoutExpired):
                done = subprocess.run(  # noqa: S603 - our own module
                    [sys.executable, "-m", "market.integrations.watermark", folder],
                    capture_output=True,
                    timeout=SECONDS * 2,
                    check=False,
                )
                if done.returncode == 0 and done.stdout:
                    return done.stdout
        raise NotFound(_("This document cannot be shown. Please tell the side that put it in."))


def _bind() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _count(path: Path) -> bytes:
    if path.suffix != ".pdf":
        return b"1"
    from pypdf import PdfReader  # noqa: PLC0415 - only in the child

    reader = PdfReader(path)
    return b"0" if reader.is_encrypted else str(len(reader.pages)).encode()


def _draw(folder: Path, wanted: dict[str, Any]) -> bytes:
    import typst  # noqa: PLC0415 - only in the child

    compiler = typst.Compiler(
        (TEMPLATES / SOURCE).read_bytes(),
        root=str(folder),
        font_paths=typst.Fonts(include_system_fonts=False),
        sys_inputs={"data": json.dumps(wanted["data"], ensure_ascii=False)},
    )
    if wanted["do"] == "pdf":
        made = compiler.compile(format="pdf")
    else:
        made = compiler.compile(format="png", ppi=110.0 if wanted["data"]["pdf"] else 72.0)
    if not isinstance(made, bytes):
        raise TypeError("Typst gave no page")
    return made


def main(folder: Path) -> None:
    """Do what is wanted, answer, go."""
    wanted = json.loads((folder / "wanted.json").read_text())
    _bind()
    made = _count(folder / wanted["name"]) if wanted["do"] == "pages" else _draw(folder, wanted)
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
