"""Tables as people keep them: CSV in any encoding with any separator, and what a spreadsheet gives. Pure reading."""

import csv
import io
from collections import Counter
from collections.abc import Sequence

from charset_normalizer import from_bytes

from market.catalog.rules.broken import broken, cut_off
from market.catalog.rules.imported import SourceTable
from market.kit.i18n import _

KIND = "table"
MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_CELL = 60_000
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig", "UTF-8"),
    (b"\xff\xfe\x00\x00", "utf-32", "UTF-32"),
    (b"\x00\x00\xfe\xff", "utf-32", "UTF-32"),
    (b"\xff\xfe", "utf-16", "UTF-16"),
    (b"\xfe\xff", "utf-16", "UTF-16"),
)
# Alphabets that Windows-1252 cannot be mistaken for.
_OTHER_ALPHABETS = {
    "cp1251": "Windows-1251",
    "koi8_r": "KOI8-R",
    "cp1253": "Windows-1253",
    "big5": "Big5",
    "gb18030": "GB 18030",
}

Rows = list[tuple[int, tuple[str, ...]]]


def decode(data: bytes) -> tuple[str, str]:
    """Give the text and the name of its encoding; raises Refused where there is no text at all."""
    for mark, codec, name in _BOMS:
        if data.startswith(mark):
            return _decoded(data, codec, name), name
    zeros = data[:2000].count(0)
    if zeros > len(data[:2000]) // 4:
        codec = "utf-16-le" if data[1:2000:2].count(0) > data[0:2000:2].count(0) else "utf-16-be"
        return _decoded(data, codec, "UTF-16"), "UTF-16"
    if zeros:
        raise broken("binary", _("This file is not text. Save it as CSV or XLSX and try again."))
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        return _legacy(data)


def _decoded(data: bytes, codec: str, name: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        line = data[: error.start].decode(codec, "ignore").count("\n") + 1
        raise cut_off(line, name) from error


def _legacy(data: bytes) -> tuple[str, str]:
    """One byte a character: Windows-1252, unless the letters are clearly of another alphabet."""
    best = from_bytes(data[:100_000], cp_isolation=["cp1252", *_OTHER_ALPHABETS]).best()
    codec = best.encoding if best is not None and best.encoding in _OTHER_ALPHABETS else "cp1252"
    return data.decode(codec, "replace"), _OTHER_ALPHABETS.get(codec, "Windows-1252")


def separator_of(text: str) -> str:
    """The separator that cuts the first lines into the most even table; a comma when nothing does."""
    sample = "\n".join(text.splitlines()[:60])
    best, best_score = ",", 0.0
    for separator in SEPARATORS:
        widths = Counter(len(row) for row in csv.reader(io.StringIO(sample), delimiter=separator) if any(row))
        if not widths:
            continue
        width, lines = max(widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]))
        score = (width > 1) * lines / widths.total() * (1 + min(width, 30) / 30)
        if score > best_score:
            best, best_score = separator, score
    return best


def read_csv(data: bytes) -> SourceTable:
    """Read a CSV file; raises Refused with the line where it is cut off or no table."""
    text, encoding = decode(data)
    told = text.partition("\n")[0].strip().lower()
    skip = 0
    if told.startswith("sep=") and len(told) == 5:
        separator, skip = told[4], 1
        text = text.partition("\n")[2]
    else:
        separator = separator_of(text)
    rows = _csv_rows(text, separator, skip)
    _refuse_cut_row(rows, text)
    return table_of(rows, {"encoding": encoding, "separator": SEPARATORS.get(separator, separator)})


def _csv_rows(text: str, separator: str, skip: int) -> Rows:
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: Rows = []
    start = 1 + skip
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((start, tuple(cells[:MAX_COLUMNS])))
            start = reader.line_num + 1 + skip
            if len(rows) > MAX_ROWS:
                raise too_many_rows()
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise cut_off(start, _("a quotation mark is opened and never closed")) from error
        raise broken(
            "not_csv",
            _("Line {line}: this cannot be read as CSV ({reason}). Nothing was imported."),
            line=start,
            reason=str(error),
        ) from error
    return rows


def too_many_rows() -> Exception:
    """The refusal of a table that is longer than we take at once."""
    return broken("too_many_rows", _("This table has more than {limit} rows. Please split it."), limit=MAX_ROWS)


def _refuse_cut_row(rows: Rows, text: str) -> None:
    """A last line that stops short, without a line end, after lines that were all full: the file was cut off."""
    if len(rows) < 3 or text.endswith(("\n", "\r")):
        return
    widths = {len(cells) for _line, cells in rows[1:-1]}
    line, last = rows[-1]
    if widths == {len(rows[0][1])} and len(last) < len(rows[0][1]):
        raise cut_off(line, _("the last row is not complete"))


def table_of(rows: Rows, notes: dict[str, str]) -> SourceTable:
    """Find the header in raw rows and give the table below it; raises Refused when there is nothing below it."""
    start = _header_at(rows)
    header = tuple(" ".join(cell.split()) for cell in rows[start][1]) if rows else ()
    body = tuple(rows[start + 1 :])
    if not body:
        raise broken("no_rows", _("There are no rows below the headings. Nothing was imported."))
    if len(header) < 2:
        raise broken("one_column", _("Only one column was found. Is this a table with headings?"))
    return SourceTable(KIND, _named(header), body, notes)


def _header_at(rows: Rows) -> int:
    """The first row that is as wide as the table usually is: titles above the table are narrower."""
    width = Counter(_width(cells) for _line, cells in rows[:50]).most_common(1)
    usual = width[0][0] if width else 0
    for position, (_line, cells) in enumerate(rows[:20]):
        if _width(cells) >= max(2, usual * 0.6):
            return position
    return 0


def _width(cells: Sequence[str]) -> int:
    return sum(1 for cell in cells if cell.strip())


def _named(header: tuple[str, ...]) -> tuple[str, ...]:
    """Give nameless columns a name and make equal names different, so that each column can be chosen."""
    names: list[str] = []
    for position, heading in enumerate(header, start=1):
        name = heading[:120] or f"Column {position}"
        names.append(f"{name} ({position})" if name in names else name)
    return tuple(names)
