"""The `market` command: run and serve, work, migrate, seed, import, reindex, check, bench."""

import json
import logging
import signal
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn
from rich.console import Console

from market.app import create_app
from market.config import Settings, WrongSettings, load
from market.kit import audit, schema
from market.routes import all_routes, described
from market.wiring import Wired, wire

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Ponte, the technology-transfer licensing marketplace."
)
notes = Console(stderr=True)


def _settings(**given: Any) -> Settings:
    try:
        return load(**given)
    except WrongSettings as error:
        notes.print(f"[bold red]Ponte does not start:[/] {error}", highlight=False)
        raise typer.Exit(2) from None


def _wired(*, migrated: bool = True, **given: Any) -> Wired:
    wired = wire(_settings(**given))
    if migrated and not schema.is_current(wired.db):
        notes.print("[bold red]The tables are not those of this code.[/] Run `market migrate` first.")
        raise typer.Exit(2)
    return wired


def _serve(wired: Wired, *, with_worker: bool) -> None:
    settings = wired.settings
    uvicorn.run(
        create_app(wired, with_worker=with_worker),
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=10,
    )


@app.command()
def run(
    sample: Annotated[bool, typer.Option(help="Fill an empty database with the sample world.")] = True,
) -> None:
    """Everything at once on this machine: migrate, fill an empty database with the sample world, serve, work."""
    settings = _settings(**({"SAMPLE_WORLD": True} if sample else {}))
    wired = wire(settings)
    schema.upgrade(wired.db)
    notes.print(f"Ponte answers at [bold]{settings.site}[/] (stop with Ctrl+C)")
    _serve(wired, with_worker=True)


@app.command()
def serve(
    workers: Annotated[int, typer.Option(help="Number of web processes.", min=1)] = 1,
    worker: Annotated[bool, typer.Option(help="Do the background jobs in a thread of this process.")] = False,
) -> None:
    """Serve the pages."""
    wired = _wired()
    if workers == 1:
        _serve(wired, with_worker=worker)
        return
    wired.db.close()
    uvicorn.run(
        "market.asgi:app",
        host=wired.settings.host,
        port=wired.settings.port,
        workers=workers,
        access_log=False,
        log_level="warning",
        server_header=False,
    )


@app.command()
def worker(name: Annotated[str, typer.Option(help="A name of its own for each worker process.")] = "worker") -> None:
    """Do the background jobs until stopped."""
    taking = _wired().worker(name)
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_args: taking.stop())
    notes.print(f"Worker {name} takes jobs (stop with Ctrl+C)")
    taking.forever()


@app.command()
def migrate() -> None:
    """Bring the tables up to date."""
    wired = _wired(migrated=False)
    schema.upgrade(wired.db)
    notes.print("The tables are up to date.")


@app.command("make-migration")
def make_migration(message: Annotated[str, typer.Argument(help="What changes, in a few words.")]) -> None:
    """For developers: write a migration of what differs between the models and the tables."""
    with tempfile.TemporaryDirectory() as folder:
        wired = wire(_settings(DATA_DIR=Path(folder)))
        schema.upgrade(wired.db)
        notes.print(f"Wrote {schema.make_migration(wired.db, message)}: read it before you commit it.")


@app.command()
def routes(as_json: Annotated[bool, typer.Option("--json", help="One JSON list.")] = False) -> None:
    """Show every address with its name, methods and permission."""
    rows = described(all_routes())
    if as_json:
        print(json.dumps(rows, indent=1))
        return
    for row in rows:
        print(f"{','.join(row['methods']):5} {row['path']:55} {row['name']:40} {row['permission']}")


@app.command("check-audit")
def check_audit() -> None:
    """Prove that no audit event was changed, removed or slipped in."""
    with _wired().db.read() as db:
        count, breaks = audit.verify(db)
    for found in breaks:
        print(f"{found.subject[0]} {found.subject[1]}, event {found.position}: {found.reason}")
    print(f"{count} events, {len(breaks)} breaks")
    raise typer.Exit(1 if breaks else 0)


def _quiet() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s", stream=sys.stderr)


_quiet()
