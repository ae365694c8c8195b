"""Importing in the browser: choose a file, say what the columns mean, look at every problem, import, read the report."""

import csv
import io
from math import ceil

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts import queries as accounts
from market.accounts.rules import Permission
from market.catalog import editorial, runs
from market.catalog.forms import ColumnsForm, ImportForm, UploadForm
from market.catalog.pages import ColumnsPage, ImportPage, PreviewRow, StartImportPage, UndoImportPage
from market.catalog.reader import read_table
from market.catalog.rules.cells import disarmed
from market.catalog.rules.columns import TARGETS
from market.catalog.service import importing as service
from market.catalog.service import long_import, undoing
from market.kit import clock
from market.kit.actor import Actor
from market.kit.errors import NotFound, Refusal, Refused
from market.kit.files import safe_name
from market.kit.forms import Form, FormState, NoForm
from market.kit.i18n import _, format_number, translate
from market.kit.runtime import Work
from market.kit.web import action, page, page_number, query, redirect, render, steps

_IMPORT = Permission.IMPORT_LISTINGS
SAMPLE_ROWS = 3
AFTERWARDS = ("published", "unclear")

VERDICTS = {
    "waiting": (_("Waiting"), "plain"),
    "created": (_("New"), "good"),
    "updated": (_("Changed"), "active"),
    "unchanged": (_("Unchanged"), "plain"),
    "duplicate": (_("Duplicate"), "plain"),
    "refused": (_("Not imported"), "danger"),
}
COUNTS = {
    "read": _("Rows read"),
    "created": _("New"),
    "updated": _("Changed"),
    "unchanged": _("Unchanged"),
    "duplicates": _("Duplicates"),
    "refused": _("Not imported"),
    "published": _("Published"),
    "unclear": _("Drafts, not clear enough"),
}
"""What the numbers of an import are called; the last two are known only after it."""


@page(permission=_IMPORT)
def start_import(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """Choose a file to import."""
    return render(
        request,
        StartImportPage(
            title=translate(_("Import listings")),
            form=form or FormState.of({"publish": True}),
            runs=runs.recent(db, actor),
            verified=actor.organisation_verified,
        ),
    )


@steps(UploadForm, permission=_IMPORT, again=start_import)
def upload_import(request: Request, work: Work, actor: Actor, form: UploadForm) -> Response:
    """Read the file and keep its rows; nothing is imported yet."""
    if actor.organisation_id is None:
        raise NotFound
    name = safe_name(form.file.filename)
    table = read_table(name, form.file.data)
    with work.read() as db:
        country = accounts.organisation(db, actor.organisation_id).country
    rows = None if table.header else service.interpret(table, {}, country)
    with work.write() as db:
        run = service.open_run(
            db,
            actor,
            actor.organisation_id,
            table,
            file_name=name,
            data=form.file.data,
            publish=form.publish,
            now=clock.now(),
        )
        if rows is not None:
            service.look(db, actor, run.id, rows)
    if rows is None:
        return redirect(request, "catalog:choose_columns", run=run.id)
    return redirect(request, "catalog:show_import", run=run.id)


@page(permission=_IMPORT)
def choose_columns(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """Ask which column means what, beside the first rows of the file."""
    run = runs.run(db, actor, request.path_params["run"])
    if not run.header:
        raise NotFound
    return render(
        request,
        ColumnsPage(
            title=translate(_("Which column means what?")),
            run=run,
            form=form or FormState.of(run.mapping),
            targets=[(key, translate(target.label), key == "title") for key, target in TARGETS.items()],
            headings=[(heading, heading) for heading in run.header],
            sample=runs.sample(db, run.id, SAMPLE_ROWS),
        ),
    )


@steps(ColumnsForm, permission=_IMPORT, again=choose_columns)
def save_columns(request: Request, work: Work, actor: Actor, form: Form) -> Response:
    """Keep the columns, and show what importing would do."""
    run_id = request.path_params["run"]
    chosen = {key: heading for key, heading in form.model_dump().items() if heading}
    _refuse_twice(chosen)
    with work.read() as db:
        run = runs.run(db, actor, run_id)
        rows = service.interpret(runs.table(db, run), chosen, accounts.organisation(db, run.organisation_id).country)
    with work.write() as db:
        service.choose_columns(db, actor, run_id, chosen, now=clock.now())
        service.look(db, actor, run_id, rows)
    return redirect(request, "catalog:show_import", run=run_id)


def _refuse_twice(chosen: dict[str, str]) -> None:
    for key, heading in chosen.items():
        if list(chosen.values()).count(heading) > 1:
            told = _("The column “{heading}” is chosen twice. Choose it for one field.")
            raise Refused(Refusal("column_twice", told, key, {"heading": heading}))


@page(permission=_IMPORT)
def show_import(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """What an import would do, or what it did, row by row."""
    run = runs.run(db, actor, request.path_params["run"])
    if run.state == "mapping":
        return redirect(request, "catalog:choose_columns", run=run.id)
    number, only = page_number(request), query(request, "show") == "problems"
    rows, total = runs.report(db, run.id, number, only_problems=only)
    return render(
        request,
        ImportPage(
            title=translate(_title(run)),
            run=run,
            figures=_figures(run),
            rows=[_preview_row(row) for row in rows],
            all_rows=run.counts.get("read", 0),
            noted=total if only else runs.noted(db, run.id),
            number=number,
            last=max(1, ceil(total / runs.PER_PAGE)),
            only_problems=only,
            verified=actor.organisation_verified,
            form=form or FormState.of({"publish": run.publish}),
            policy=editorial.policy_of(db, run.organisation_id),
        ),
    )


def _figures(run: runs.RunRow) -> list[tuple[str, str]]:
    shown = [key for key in COUNTS if run.state != "ready" or key not in AFTERWARDS]
    return [(format_number(run.counts.get(key, 0)), translate(COUNTS[key])) for key in shown]


def _title(run: runs.RunRow) -> str:
    if run.is_running:
        return _("Importing")
    return _("What importing will do") if run.state == "ready" else _("Import report")


@page(permission=_IMPORT)
def download_report(request: Request, db: Session, actor: Actor) -> Response:
    """What became of every row, as a table to send to whoever made the file."""
    run = runs.run(db, actor, request.path_params["run"])
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([translate(each) for each in (_("Row"), _("Title"), _("Result"), _("Remarks"))])
    for row in runs.whole_report(db, run.id):
        told = _preview_row(row)
        writer.writerow([row.line, disarmed(told.title), told.word, disarmed(" ".join(told.problems))])
    return Response(
        out.getvalue().encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="import-report-{run.id}.csv"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


@page(permission=_IMPORT)
def confirm_undo(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """Ask before an import is undone."""
    run = runs.run(db, actor, request.path_params["run"])
    if run.state != "done":
        return redirect(request, "catalog:show_import", run=run.id)
    return render(
        request,
        UndoImportPage(title=translate(_("Undo this import?")), run=run, form=form or FormState()),
    )


@action(NoForm, permission=_IMPORT, again=confirm_undo)
def undo_import(request: Request, db: Session, actor: Actor, form: NoForm) -> Response:
    """Take the import back."""
    del form
    run_id = request.path_params["run"]
    result = undoing.undo(db, actor, run_id, now=clock.now())
    told = translate(
        _("Undone: {removed} removed, {restored} put back, {kept} kept because they were used since."),
        removed=result.removed,
        restored=result.restored,
        kept=result.kept,
    )
    return redirect(request, "catalog:show_import", run=run_id, flash=told)


def _preview_row(row: runs.ReportRow) -> PreviewRow:
    word, kind = VERDICTS[row.outcome]
    return PreviewRow(
        line=row.line,
        title=row.title,
        verdict=row.outcome,
        word=translate(word),
        kind=kind,
        problems=[problem.sentence for problem in row.problems],
        technology_id=row.technology_id,
    )


@steps(ImportForm, permission=_IMPORT, again=show_import)
def carry_out_import(request: Request, work: Work, actor: Actor, form: ImportForm) -> Response:
    """Import what was looked at: all of it, or nothing."""
    run_id = request.path_params["run"]
    with work.read() as db:
        long = runs.run(db, actor, run_id).counts.get("read", 0) > long_import.AT_ONCE
        rows = [] if long else service.understood(db, actor, run_id)
    if long:
        with work.write() as db:
            long_import.order(db, actor, run_id, publish=form.publish, reason=form.reason, now=clock.now())
        return redirect(request, "catalog:show_import", run=run_id)
    with work.write() as db:
        result = service.carry_out(db, actor, run_id, rows, publish=form.publish, reason=form.reason, now=clock.now())
    if result.unclear:
        return redirect(request, "catalog:show_import", run=run_id, flash=_with_drafts(result))
    told = translate(
        _("Imported: {created} new, {updated} changed, {unchanged} unchanged."),
        created=result.created,
        updated=result.updated,
        unchanged=result.unchanged,
    )
    return redirect(request, "catalog:show_import", run=run_id, flash=told)


def _with_drafts(result: service.ImportResult) -> str:
    return translate(
        _("Imported: {created} new, of which {unclear} stay drafts until they are clearer; {updated} changed."),
        created=result.created,
        unclear=result.unclear,
        updated=result.updated,
    )
