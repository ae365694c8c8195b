"""`market bench`: measure Ponte on this machine. Progress goes to standard error, the last line of output is the result."""

import contextlib
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from market.bench import importing as import_bench
from market.bench import pages as pages_bench
from market.bench import relevance as relevance_bench
from market.bench import search as search_bench
from market.bench.world import world
from market.catalog.service.command import SOURCES
from market.kit.templating import ROOT

app = typer.Typer(no_args_is_help=True, help="Measure speed and memory on this machine, over data of its own.")
notes = Console(stderr=True)

Size = Annotated[int, typer.Option(help="Number of generated listings.", min=1)]
AsJson = Annotated[bool, typer.Option("--json", help="The result as one line of JSON, the last of the output.")]
Data = Annotated[
    Path | None, typer.Option(help="Keep the generated data in this folder, and use it again the next time.")
]


class Steps:
    """Bars on standard error, one for each thing that is done."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._known: dict[str, Any] = {}

    def tell(self, what: str, done: int, total: int) -> None:
        """Move the bar of `what`; it is made when it is first heard of."""
        if what not in self._known:
            self._known[what] = self._bars.add_task(what, total=total)
        self._bars.update(self._known[what], completed=done, total=total)


@contextlib.contextmanager
def showing() -> Iterator[Steps]:
    """Progress for the length of a block."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=notes) as bars:
        yield Steps(bars)


@app.command()
def pages(
    size: Size = 10_000,
    rounds: Annotated[int, typer.Option(help="How often each kind of page is measured.", min=1)] = 5,
    seconds: Annotated[float, typer.Option(help="How long each time.", min=0.1)] = 3.0,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Listing, search and enquiry over HTTP, next to a bare reply in the same minutes."""
    plan = pages_bench.Plan(rounds, seconds, warm_up=min(2.0, seconds), posts=min(512, int(200 * seconds) + 64))
    with showing() as steps, _world(size, data, steps) as made:
        result = pages_bench.measure(made, plan, lambda _what, turn, total: steps.tell("Measuring", turn, total))
    if as_json:
        print(json.dumps(result))
        return
    rows = {"hello": result["hello"], **result["pages"]}
    _show("Pages", rows)
    _show("Process", {"server": {name: result[name] for name in ("size", "rss_mb", "anonymous_mb")}})


@app.command("import")
def import_catalogue(
    rows: Annotated[int, typer.Option(help="Rows of the generated catalogue.", min=1)] = 1000,
    file: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Import this file instead.")] = None,
    source: Annotated[str, typer.Option(help=f"What the file is: {', '.join(SOURCES)}.")] = "csv",
    size: Annotated[int, typer.Option(help="Generated listings that are there before.", min=0)] = 0,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """A catalogue into an institution, and how soon the last of it can be found."""
    if source not in SOURCES:
        raise typer.BadParameter(f"choose one of {', '.join(SOURCES)}", param_hint="--source")
    with showing() as steps, _world(size, data, steps) as made, tempfile.TemporaryDirectory() as folder:
        wanted = file or import_bench.generated_catalogue(Path(folder) / "catalogue.csv", rows)
        result = import_bench.measure(
            made, source if file else "csv", wanted, lambda done, total: steps.tell("Importing", done, total)
        )
    if as_json:
        print(json.dumps(result))
        return
    _show("Import", {wanted.name: result})


@app.command()
def search(
    size: Size = 10_000,
    engine: Annotated[str, typer.Option(help=f"{' or '.join(search_bench.ENGINES)}.")] = "tantivy",
    url: Annotated[str, typer.Option(envvar="MEILI_URL", help="Address of the Meilisearch server.")] = "",
    key: Annotated[str, typer.Option(envvar="MEILI_KEY", help="Its key.")] = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Building the index and every kind of search: words, typing errors, filters with counts, needs, the whole page."""
    if engine not in search_bench.ENGINES:
        raise typer.BadParameter(f"choose one of {', '.join(search_bench.ENGINES)}", param_hint="--engine")
    if engine == "meilisearch" and not url:
        raise typer.BadParameter("say where the server is, here or in MEILI_URL", param_hint="--url")
    with showing() as steps, _world(size, data, steps) as made:
        index = search_bench.engine(engine, made, url, key)
        result = search_bench.measure(made, index, lambda done, total: steps.tell("Building", done, total))
        search_bench.tidy(index)
    if as_json:
        print(json.dumps(result))
        return
    _show(f"Search: {result['engine']}, {result['size']:,} listings", result["queries"])
    _show("Index", {"built": {name: result[name] for name in ("build_s", "disk_mb", "rss_mb")}})


@app.command()
def relevance(
    scifact: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="Folder of BEIR's SciFact (corpus, queries, qrels)."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """How well searches are answered: our judged topics, and SciFact where its folder is given or lies beside the project."""
    with showing() as steps:
        folder = scifact or relevance_bench.beside(ROOT.parent)
        result = relevance_bench.measure(folder, lambda done, total: steps.tell("Asking", done, total))
    if as_json:
        print(json.dumps(result))
        return
    _show("Our topics", result["own"])
    if result["scifact"]:
        _show("SciFact", result["scifact"])


@contextlib.contextmanager
def _world(size: int, data: Path | None, steps: Steps) -> Iterator[Any]:
    with world(
        size,
        data,
        lambda done, total: steps.tell("Generating listings", done, total),
        lambda done, total: steps.tell("Indexing", done, total),
    ) as made:
        yield made


def _show(title: str, rows: dict[str, dict[str, Any]]) -> None:
    """A table for people: one row a thing, one column a measure."""
    columns = list(dict.fromkeys(name for row in rows.values() for name in row))
    table = Table("", title=title)
    for name in columns:
        table.add_column(name, justify="right")
    for what, row in rows.items():
        table.add_row(
            what,
            *(
                f"{row[name]:,}" if isinstance(row.get(name), int | float) else str(row.get(name, ""))
                for name in columns
            ),
        )
    Console().print(table)
