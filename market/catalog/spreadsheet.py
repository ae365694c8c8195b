"""The child process that opens spreadsheets people bring: little memory, little time, no files, then gone.

Run as `python -m market.catalog.spreadsheet`: an XLSX on standard input, one JSON object on standard output, either
`{"sheet": name, "rows": [[line, [cell, ...]], ...]}` or `{"refused": code, "line": n}`.
"""

import contextlib
import io
import json
import resource
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from openpyxl import load_workbook

MEMORY = 768 * 1024 * 1024
SECONDS = 20
MAX_UNPACKED = 256 * 1024 * 1024
MAX_MEMBERS = 2_000
MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_CELL = 60_000
MAX_EMPTY = 2_000


class Refusal(Exception):
    """Why the file is not taken; `line` is the last row that could be read."""

    def __init__(self, code: str, line: int = 0) -> None:
        self.code, self.line = code, line
        super().__init__(code)


def bind() -> None:
    """Give up everything that reading a spreadsheet does not need."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def check_archive(data: bytes) -> None:
    """Refuse what is no sound archive, or unpacks to more than we take, before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise Refusal("damaged") from error
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
        raise Refusal("too_large")
    if any(member.flag_bits & 1 for member in members):
        raise Refusal("encrypted")


def cell_text(value: Any) -> str:
    """A cell as a person would read it: whole numbers without `.0`, dates as year-month-day."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    return "" if text.startswith("#") and text.rstrip("!?/0A").isupper() else text[:MAX_CELL]


def rows_of(sheet: Any) -> Iterator[list[Any]]:
    """The filled rows of a sheet with their numbers; stops after a long empty stretch."""
    empty = count = 0
    cells = sheet.iter_rows(max_row=MAX_ROWS * 4, max_col=MAX_COLUMNS, values_only=True)
    for line, values in enumerate(cells, start=1):
        row = [cell_text(value) for value in values]
        if not any(cell.strip() for cell in row):
            empty += 1
            if empty > MAX_EMPTY:
                return
            continue
        empty, count = 0, count + 1
        if count > MAX_ROWS:
            raise Refusal("too_many_rows", line)
        while row and not row[-1]:
            row.pop()
        yield [line, row]


def read(data: bytes) -> dict[str, Any]:
    """The rows of the first sheet that has any."""
    check_archive(data)
    line = 0
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            rows = []
            for row in rows_of(sheet):
                line = row[0]
                rows.append(row)
            if rows:
                return {"sheet": sheet.title, "rows": rows}
    except (Refusal, MemoryError):
        raise
    except Exception as error:
        raise Refusal("damaged", line) from error
    return {"sheet": "", "rows": []}


def main() -> None:
    """Read, answer, go."""
    bind()
    data = sys.stdin.buffer.read()
    try:
        answer = read(data)
    except Refusal as refusal:
        answer = {"refused": refusal.code, "line": refusal.line}
    except MemoryError:
        answer = {"refused": "too_large", "line": 0}
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
