"""The typesetter with Typst: PDF/A-2a with tags, fonts from the wheel only, no clock, no packages, no network."""

import json
import threading
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Final

from market.kit.templating import TEMPLATES

STANDARD: Final = "a-2a"
SOURCES = {
    "licence-1": "deals/agreement.typ",
    "nda-1": "deals/agreement.typ",
    "certificate-1": "deals/certificate.typ",
}


class TypstTypesetter:
    """Implements `market.deals.gateway.Typesetter`. The data goes in as one JSON string and is only ever shown as text."""

    def __init__(self, templates: Path = TEMPLATES) -> None:
        self._templates = templates
        self._lock = threading.Lock()
        self._fonts: Any = None

    def typeset(self, template: str, data: dict[str, Any], *, dated: date) -> bytes:
        """Set `data` with the template `template`; KeyError for one that does not exist, typst.TypstError when it fails."""
        import typst  # noqa: PLC0415 - 30 MB of compiler that most requests do not need

        source = self._templates / SOURCES[template]
        with self._lock:
            if self._fonts is None:
                self._fonts = typst.Fonts(include_system_fonts=False)
            compiler = typst.Compiler(
                source.read_bytes(),
                root=str(source.parent),
                font_paths=self._fonts,
                sys_inputs={"data": json.dumps(data, ensure_ascii=False, sort_keys=True)},
            )
            made = compiler.compile(
                format="pdf", pdf_standards=[STANDARD], timestamp=datetime.combine(dated, time(), UTC)
            )
        if not isinstance(made, bytes):
            raise TypeError("Typst gave no PDF")
        return made
