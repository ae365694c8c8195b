"""JSON that holds a list of objects: one list, an object with one in it, or one object a line (JSON lines)."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from market.catalog.rules.broken import broken, cut_off
from market.catalog.rules.cells import kept_apostrophe, several
from market.catalog.rules.imported import SourceTable
from market.catalog.rules.sheet import KIND, MAX_CELL, MAX_COLUMNS, MAX_ROWS, too_many_rows
from market.kit.i18n import _

LISTS = ("listings", "records", "results", "items", "data", "technologies", "patents")


def read(text: str) -> SourceTable:
    """Read objects into a table whose headings are their names; raises Refused with line and reason."""
    objects = list(_lines(text) if _is_lines(text) else _listed(text))
    if not objects:
        raise broken("no_rows", _("There are no records in this file. Nothing was imported."))
    header: dict[str, None] = {}
    for _line, each in objects:
        header |= dict.fromkeys(" ".join(str(name).split())[:120] or "?" for name in each)
    names = tuple(header)[:MAX_COLUMNS]
    rows = tuple((line, _cells(each, names)) for line, each in objects)
    return SourceTable(KIND, names, rows, {"encoding": "UTF-8"})


def looks_like_objects(text: str) -> bool:
    """Whether the first record is an object: NASA's rows are lists."""
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith("["):
        return start[1:].lstrip().startswith("{") and '"raw"' not in start[:20_000]
    return _is_lines(text) or any(f'"{name}"' in start[:20_000] for name in LISTS if name not in ("records", "results"))


def _is_lines(text: str) -> bool:
    """Whether the first line is an object of its own."""
    first = next((line for line in text.split("\n", 50)[:50] if line.strip("\ufeff \t\r")), "").strip("\ufeff \t\r")
    if not (first.startswith("{") and first.endswith("}")):
        return False
    try:
        found = json.loads(first)
    except (json.JSONDecodeError, RecursionError):
        return False
    return not any(isinstance(found.get(name), list) for name in LISTS)


def _lines(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    lines = text.split("\n")
    last = next((n for n in range(len(lines), 0, -1) if lines[n - 1].strip()), 0)
    count = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip("\ufeff \t\r"):
            continue
        found = _parsed(line.strip("\ufeff \t\r"), number, is_last=number == last)
        if not isinstance(found, dict):
            raise broken("not_objects", _("Line {line}: this is no record with named fields."), line=number)
        count += 1
        if count > MAX_ROWS:
            raise too_many_rows()
        yield number, found


def _listed(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    found = _parsed(text.lstrip("\ufeff"), 1, is_last=True)
    if isinstance(found, dict):
        found = next((found[name] for name in LISTS if isinstance(found.get(name), list)), [found])
    if not isinstance(found, list):
        raise broken("not_objects", _("This JSON holds no list of records. Nothing was imported."))
    if len(found) > MAX_ROWS:
        raise too_many_rows()
    for number, each in enumerate(found, start=1):
        yield number, each if isinstance(each, dict) else {}


def _parsed(text: str, line: int, *, is_last: bool) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        at = line + error.lineno - 1
        if is_last and (error.pos >= len(text.rstrip()) or "Unterminated" in error.msg):
            raise cut_off(at, error.msg) from error
        told = _("Line {line}: this is not JSON ({reason}). Nothing was imported.")
        raise broken("not_json", told, line=at, reason=error.msg) from error
    except RecursionError as error:
        raise broken("not_json", _("This JSON is nested too deeply. Nothing was imported.")) from error


def _cells(record: Mapping[str, Any], names: tuple[str, ...]) -> tuple[str, ...]:
    given = {" ".join(str(name).split())[:120] or "?": value for name, value in record.items()}
    return tuple(kept_apostrophe(_cell(given.get(name))[:MAX_CELL]) for name in names)


def _cell(value: Any) -> str:
    """A value as a person would type it: lists parted by semicolons, an object by its telling name."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return several([text for text in map(_cell, value) if text])
    if isinstance(value, dict):
        telling = next((value[name] for name in ("name", "title", "number", "text", "value") if value.get(name)), None)
        return _cell(telling) if telling is not None else json.dumps(value, ensure_ascii=False)
    return str(value)
