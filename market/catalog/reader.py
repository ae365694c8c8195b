"""From the bytes of an upload to a table of cells. Spreadsheets are opened in a child process with limits."""

import json
import subprocess
import sys
from typing import Any

from market.catalog.rules import nasa, objects, sheet
from market.catalog.rules.broken import broken, cut_off
from market.catalog.rules.imported import SourceTable
from market.kit.i18n import _

MAX_UPLOAD = 20 * 1024 * 1024
CHILD_SECONDS = 30


def read_table(name: str, data: bytes, source: str = "") -> SourceTable:
    """Read a file by its content: NASA's JSON, other JSON, CSV (each also gzipped), XLSX; raises Refused with the reason.

    `source` (`nasa-t2`, `csv`, `xlsx` or `json`) says what the file must be; without it the content decides.
    """
    if not data.strip():
        raise broken("empty_file", _("This file is empty. Choose another one."))
    if len(data) > MAX_UPLOAD:
        raise broken(
            "too_large", _("This file is larger than {limit} MB. Please split it."), limit=MAX_UPLOAD // 1024 // 1024
        )
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise broken(
            "old_excel",
            _("This is an old Excel file or it is locked by a password. Save it as XLSX without a password."),
        )
    if data[:2] == b"PK" or source == "xlsx":
        if source not in ("", "xlsx"):
            raise broken("wrong_kind", _("This is a spreadsheet. Import it as XLSX."))
        return _spreadsheet(data)
    data = nasa.inflate(data)
    kind = source or _kind_of(name, data)
    if kind == "json":
        return objects.read(sheet.decode(data)[0])
    return nasa.read(data) if kind == nasa.KIND else sheet.read_csv(data)


def _kind_of(name: str, data: bytes) -> str:
    head = data[:20_000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:1] not in (b"{", b"[") or name.lower().removesuffix(".gz").endswith(".csv"):
        return "csv"
    return "json" if objects.looks_like_objects(data.decode("utf-8", "replace")) else nasa.KIND


def _spreadsheet(data: bytes) -> SourceTable:
    answer = _asked_child(data)
    line = int(answer.get("line", 0))
    match answer.get("refused"):
        case None:
            rows = [(int(number), tuple(cells)) for number, cells in answer["rows"]]
            return sheet.table_of(rows, {"sheet": answer["sheet"]})
        case "too_many_rows":
            raise sheet.too_many_rows()
        case "too_large":
            raise broken(
                "too_large", _("This spreadsheet is too large when unpacked. Please split it or save it as CSV.")
            )
        case "encrypted":
            raise broken("encrypted", _("This spreadsheet is locked by a password. Save it without one."))
        case _:
            raise cut_off(line + 1, _("the spreadsheet is damaged"))


def _asked_child(data: bytes) -> dict[str, Any]:
    """Let the child read; whatever it dies of is a spreadsheet that we do not take."""
    command = [sys.executable, "-m", "market.catalog.spreadsheet"]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=CHILD_SECONDS, check=False)  # noqa: S603
        answer = json.loads(done.stdout) if done.returncode == 0 else {"refused": "too_large"}
    except subprocess.TimeoutExpired:
        answer = {"refused": "too_large"}
    except json.JSONDecodeError:
        answer = {"refused": "damaged"}
    return dict(answer)
