"""The `market` command: run and serve, work, migrate, seed, import, reindex, check, bench."""

import contextlib
import json
import logging
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
import uvicorn
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn
from sqlalchemy.exc import OperationalError

from market import reference as reference_page
from market.accounts.rules import slug
from market.accounts.service import people
from market.app import create_app
from market.bench.command import app as bench
from market.catalog.rules.letting_out import AS_THE_SOURCE
from market.catalog.service import command as catalog_import
from market.config import Settings, WrongSettings, load
from market.deals.process import LICENCE
from market.discovery import jobs as discovery_jobs
from market.discovery.gateway import IndexUnavailable
from market.kit import audit, clock, schema
from market.kit.actor import SYSTEM
from market.kit.errors import NotFound, Refused
from market.needs.rules.sources import SOURCES as NEED_SOURCES
from market.needs.service import importing as needs_import
from market.payments.gateway import PaymentGateway
from market.payments.service import proof as ledger_proof
from market.payments.service.paying import wrong_mode
from market.routes import all_routes, described
from market.wiring import Wired, wire

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Ponte, the technology-transfer licensing marketplace."
)
app.add_typer(bench, name="bench")
notes = Console(stderr=True)


def _settings(**given: Any) -> Settings:
    try:
        return load(**given)
    except WrongSettings as error:
        notes.print(f"Ponte does not start: {error}", style="bold red", highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(2) from None


def _wired(*, migrated: bool = True, **given: Any) -> Wired:
    wired = _reached(_settings(**given))
    if migrated and not schema.is_current(wired.db):
        notes.print("[bold red]The tables are not those of this code.[/] Run `market migrate` first.")
        raise typer.Exit(2)
    return wired


def _reached(settings: Settings) -> Wired:
    """Put the application together over a database that answers."""
    try:
        wired = wire(settings)
        wired.db.ping()
    except (OSError, OperationalError) as error:
        reason = str(getattr(error, "orig", None) or error).partition("\n")[0]
        which = "the database of DATABASE_URL" if settings.database_url else f"DATA_DIR ({settings.data_dir})"
        _refuse(f"Ponte does not start: {which} cannot be used: {reason}", code=2)
    return wired


def _serve(wired: Wired, *, with_worker: bool) -> None:
    settings = wired.settings
    mixed = wrong_mode(wired.db, wired.gateways[PaymentGateway].mode)
    if mixed:
        _refuse(mixed)
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
    wired = _reached(settings)
    schema.upgrade(wired.db)
    if sample:
        _fill(wired)
    notes.print(f"Ponte answers at [bold]{settings.site}[/] (stop with Ctrl+C)")
    _serve(wired, with_worker=True)


def _fill(wired: Wired, *, again: bool = False) -> None:
    """Play the sample world in where it is wanted, or anyway."""
    from seed.play import is_wanted, play  # noqa: PLC0415 - only who fills a database reads the sample world

    if again or is_wanted(wired):
        with _progress("Filling with the sample world") as tell:
            play(wired, tell)


@app.command("make-operator")
def make_operator(
    email: Annotated[str, typer.Argument(help="The e-mail address of somebody who has registered.")],
) -> None:
    """Open the operator's desk to a person: they check organisations and look after the running of the site."""
    try:
        with _wired().db.write() as db:
            people.make_operator(db, SYSTEM, email, now=clock.now())
    except NotFound:
        _refuse(f"Nobody has registered as {email}.")
    notes.print(f"{email} is an operator now.", highlight=False, markup=False)


@app.command()
def seed(
    listings: Annotated[
        int, typer.Option(help="Generate so many further listings, for trying out size and speed.", min=0)
    ] = 0,
) -> None:
    """Bring in the sample world: fictional institutions, companies, technologies and deals. Twice doubles nothing.

    Stop web processes and workers meanwhile, and set SAMPLE_WORLD=true for them, so that every page says what it is.
    """
    wired = _wired()
    _fill(wired, again=True)
    if listings:
        _generate(wired, listings)
    notes.print("The sample world is there.")


def _generate(wired: Wired, count: int) -> None:
    """Write generated listings until there are `count`, then make the search index anew."""
    from seed.generate import generate  # noqa: PLC0415 - only who fills a database reads the sample world

    with _progress("Generating listings") as tell:
        generate(wired.db, count, tell)
    with _progress("Indexing") as tell:
        discovery_jobs.reindex(wired.db, wired.gateways, tell)


@app.command()
def reindex() -> None:
    """Make the search index anew from the tables. Searches go on in the old one until it is done."""
    wired = _wired()
    with _progress("Indexing") as tell:
        try:
            count = discovery_jobs.reindex(wired.db, wired.gateways, tell)
        except (discovery_jobs.IndexBusy, IndexUnavailable) as error:
            _refuse(f"The search index cannot be made now: {error}. Try again in a minute.")
    notes.print(f"{count} technologies can be found.")


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
def worker(
    name: Annotated[str, typer.Option(help="A name of its own for each worker process of a machine.")] = "worker",
) -> None:
    """Do the background jobs until stopped."""
    name = f"{name}@{socket.gethostname()}"  # who starts again takes up what it had in hand, and nobody else's
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


@app.command()
def reference() -> None:
    """Print the reference page: every address, permission, setting, job and step of a process."""
    print(reference_page.text(), end="")


@app.command("import")
def import_listings(
    source: Annotated[str, typer.Argument(help="What the file is: nasa-t2, csv, xlsx or json.")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    organisation: Annotated[
        str, typer.Option(help="Whose listings they are: the institution's short name (slug).")
    ] = "",
    create_organisation: Annotated[str, typer.Option(help="Make the institution of this name on the spot.")] = "",
    country: Annotated[str, typer.Option(help="Country of an institution made on the spot, such as IT.")] = "",
    publish: Annotated[bool, typer.Option(help="Publish complete new listings; otherwise they become drafts.")] = True,
    reason: Annotated[
        str, typer.Option(help="Why listings go out that are less clear than asked for; '' leaves those as drafts.")
    ] = AS_THE_SOURCE,
    dry_run: Annotated[bool, typer.Option(help="Say what would happen and write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="A last line of JSON with the numbers and problems.")] = False,
) -> None:
    """Import a catalogue. The same file again doubles nothing and updates what has changed."""
    if source not in catalog_import.SOURCES:
        _refuse(f"{source!r} is no kind of file that we know. Choose one of {', '.join(catalog_import.SOURCES)}.")
    if not organisation and not create_organisation:
        _refuse("Say whose listings these are: --organisation SLUG, or --create-organisation NAME.")
    order = catalog_import.Order(
        source=source,
        file=file,
        organisation=organisation or slug(create_organisation),
        create_organisation=create_organisation or None,
        country=country.upper() or None,
        publish=publish,
        reason=reason,
        dry_run=dry_run,
    )
    with _progress("Importing") as tell:
        try:
            result = catalog_import.import_file(_wired().db, order, now=clock.now(), progress=tell)
        except Refused as error:
            _refuse(error.sentence)
    _report(result.plain(), as_json=as_json)


@app.command("import-needs")
def import_needs(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    source: Annotated[str, typer.Option(help="What the file is: sbir, challenges or csv.")],
    organisation: Annotated[str, typer.Option(help="Who posts the needs: the organisation's short name (slug).")] = "",
    create_organisation: Annotated[str, typer.Option(help="Make the organisation of this name on the spot.")] = "",
    country: Annotated[str, typer.Option(help="Country of an organisation made on the spot, such as IT.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="A last line of JSON with the numbers and problems.")] = False,
) -> None:
    """Import others' technology requests. They open at once, or come in as expired; the same file again doubles nothing."""
    if source not in NEED_SOURCES:
        _refuse(f"{source!r} is no kind of file that we know. Choose one of {', '.join(NEED_SOURCES)}.")
    if not organisation and not create_organisation:
        _refuse("Say who posts these needs: --organisation SLUG, or --create-organisation NAME.")
    order = needs_import.Order(source, file, organisation, create_organisation, country.upper())
    with _progress("Importing") as tell:
        try:
            result = needs_import.import_file(_wired().db, order, now=clock.now(), tell=tell)
        except Refused as error:
            _refuse(error.sentence)
    _report(result, as_json=as_json)


def _report(result: dict[str, Any], *, as_json: bool) -> None:
    for problem in result["problems"][:200]:
        notes.print(f"row {problem['row']}: {problem['sentence']}", highlight=False, markup=False)
    counts = {name: value for name, value in result.items() if name != "problems"} | {
        "problems": len(result["problems"])
    }
    notes.print(", ".join(f"{name} {value}" for name, value in counts.items()))
    if as_json:
        print(json.dumps(result, ensure_ascii=False))


def _refuse(sentence: str, code: int = 1) -> NoReturn:
    notes.print(sentence, style="bold red", highlight=False, markup=False, soft_wrap=True)
    raise typer.Exit(code)


@contextlib.contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error; gives the function that moves it: `tell(done, total)`."""
    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=notes, transient=False) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@app.command("check-ledger")
def check_ledger() -> None:
    """Prove that the books balance and explain every debt; tells what is wrong and ends with 1 when they do not."""
    with _wired().db.read() as db:
        proof = ledger_proof.check_ledger(db)
    for name, value in proof.facts:
        print(f"{name}: {value}")
    for fault in proof.faults:
        print(f"FAULT {fault}")
    print("The books are right." if proof.holds else f"{len(proof.faults)} faults.")
    raise typer.Exit(0 if proof.holds else 1)


@app.command()
def process(
    mermaid: Annotated[bool, typer.Option("--mermaid", help="The diagram, in Mermaid's notation.")] = False,
) -> None:
    """Show the process of a deal: every state, and who may take which step."""
    if mermaid:
        print(LICENCE.mermaid())
        return
    for step in LICENCE.transitions:
        print(f"{step.name:22} {step.by:10} {', '.join(step.since) or '-'} -> {step.to}")


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
