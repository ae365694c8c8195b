"""The dated figures that come with the code: one row for each version of a fee, never changed, only followed by a newer one."""

import csv
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from market.support.rules.patent_cost import Figure

TABLE = Path(__file__).with_suffix(".csv")


@cache
def shipped() -> tuple[Figure, ...]:
    """All rows of the table."""
    with TABLE.open(encoding="utf-8", newline="") as rows:
        return tuple(_figure(row) for row in csv.DictReader(rows))


def _figure(row: dict[str, str]) -> Figure:
    return Figure(
        route=row["route"],
        kind=row["kind"],
        year=int(row["year"]),
        label=row["label"],
        value=Decimal(row["value"]),
        unit=row["unit"],
        valid_from=date.fromisoformat(row["valid_from"]),
        estimate=row["estimate"] == "yes",
        source=row["source"],
    )
