"""An import under the clock: a whole catalogue into an empty Ponte, and how soon the last of it can be found."""

import csv
import time
from pathlib import Path
from typing import Any

from market.bench.world import World
from market.catalog.service import command
from market.catalog.service.writing import Progress
from market.discovery.gateway import SearchIndex, SearchRequest
from market.discovery.queries import backlog, visible_count
from market.discovery.rules.facets import VISIBLE
from market.discovery.rules.question import Question
from market.kit import clock
from seed.generate import institutions, listing

PATIENCE = 300.0
COLUMNS = ("title", "summary", "description", "keywords", "sector", "trl", "reference", "inventors", "patents")


def generated_catalogue(path: Path, rows: int) -> Path:
    """Write a catalogue of generated technologies as an institution would send it: a CSV file."""
    owners = institutions()
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(COLUMNS)
        for number in range(rows):
            each = listing(number, owners)
            told = each.technology | {
                "keywords": "; ".join(each.technology["keywords"]),
                "inventors": "; ".join(inventor["name"] for inventor in each.inventors),
                "patents": "; ".join(
                    f"{right['office']} {right['number']} {right['kind_code']}"
                    for right in each.rights
                    if right["number"]
                ),
            }
            out.writerow([told[name] if told[name] is not None else "" for name in COLUMNS])
    return path


def measure(world: World, source: str, file: Path, progress: Progress) -> dict[str, Any]:
    """Import `file` for a new institution while a server with its worker runs.

    `seconds` is until the import is committed; `searchable_after_s` from there until the index holds every visible
    listing.
    """
    order = command.Order(
        source=source, file=file, organisation="bench-import", create_organisation="Bench import", country="US"
    )
    with world.serving():
        started = time.perf_counter()
        result = command.import_file(world.wired.db, order, now=clock.now(), progress=progress)
        seconds = time.perf_counter() - started
        waited = _until_searchable(world)
    return {
        "rows": result.read,
        "seconds": round(seconds, 2),
        "rows_per_s": round(result.read / seconds, 1),
        "searchable_after_s": round(waited, 2),
    }


def _until_searchable(world: World) -> float:
    started = time.perf_counter()
    while time.perf_counter() - started < PATIENCE:
        if _whole(world):
            return time.perf_counter() - started
        time.sleep(0.1)
    raise TimeoutError(f"not everything could be found within {PATIENCE:.0f} s")


def _whole(world: World) -> bool:
    """Whether the index holds every visible listing."""
    index = world.wired.gateways[SearchIndex]
    with world.wired.db.read() as db:
        waiting, visible = backlog(db).waiting, visible_count(db)
    if waiting or index.needs_rebuild():
        return False
    return index.search(SearchRequest(Question(()), base=VISIBLE, per_page=0)).total == visible
