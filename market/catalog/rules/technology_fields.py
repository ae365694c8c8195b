"""From a symbol of the IPC to one of WIPO's 35 technology fields, by the longest prefix; data in `ipc_fields.txt`."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("ipc_fields.txt")
SECTORS = {
    1: "energy", 2: "electronics", 3: "communications", 4: "communications", 5: "electronics", 6: "software",
    7: "software", 8: "electronics", 9: "electronics", 10: "measurement", 11: "measurement", 12: "robotics",
    13: "health", 14: "chemistry", 15: "biotech", 16: "biotech", 17: "materials", 18: "food", 19: "chemistry",
    20: "materials", 21: "materials", 22: "materials", 23: "chemistry", 24: "environment", 25: "machinery",
    26: "manufacturing", 27: "machinery", 28: "manufacturing", 29: "machinery", 30: "energy", 31: "machinery",
    32: "transport", 33: "consumer", 34: "consumer", 35: "construction",
}  # fmt: skip
"""The sector of vocabulary.SECTORS that a field belongs to, for listings that name classes and no sector."""

_SYMBOL = re.compile(r"\s*([A-H])\s*(\d\d)\s*([A-Z])?\s*0*(\d{1,4})?(?:\s*/|\b)")


def read(lines: Iterable[str]) -> Mapping[str, int]:
    """Field by prefix: a class such as `H10`, a subclass such as `A01B`, or a main group such as `H04N 3`."""
    fields: dict[str, int] = {}
    for line in lines:
        told = line.partition("#")[0].split()
        for part in told[1:]:
            subclass, _colon, groups = part.partition(":")
            fields |= {f"{subclass} {group}" if group else subclass: int(told[0]) for group in groups.split(",")}
    return fields


@cache
def table() -> Mapping[str, int]:
    """WIPO's concordance as it is shipped."""
    return read(FILE.read_text("utf-8").splitlines())


def technology_field(symbol: str) -> int | None:
    """The field of an IPC (or CPC) symbol such as `H04N 3/14` or `H04N   3/00`; None where no prefix is known."""
    match = _SYMBOL.match(symbol.upper())
    if match is None:
        return None
    section, number, letter, group = match.groups()
    whole = f"{section}{number}{letter or ''}"
    prefixes = (f"{whole} {group}" if group else "", whole if letter else "", whole[:3])
    return next((table()[prefix] for prefix in prefixes if prefix in table()), None)


def technology_fields(symbols: Iterable[str]) -> list[int]:
    """The fields of several symbols, the commonest first."""
    found = Counter(field for field in map(technology_field, symbols) if field is not None)
    return [field for field, _count in sorted(found.items(), key=lambda item: (-item[1], item[0]))]
