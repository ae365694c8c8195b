"""Importing from the command line: read a file, find or make the institution, import, report."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session, select

from market.accounts.models import Organisation
from market.accounts.rules import OrganisationKind
from market.accounts.rules import slug as organisation_slug
from market.catalog.reader import read_table
from market.catalog.rules import columns, nasa
from market.catalog.rules.imported import SourceTable
from market.catalog.rules.letting_out import AS_THE_SOURCE
from market.catalog.service import importing
from market.catalog.service.writing import Progress, silent
from market.kit import audit
from market.kit.actor import SYSTEM
from market.kit.db import Database
from market.kit.errors import Refusal, Refused
from market.kit.i18n import _

SOURCES = (nasa.KIND, "csv", "xlsx", "json")


@dataclass(frozen=True)
class Order:
    """What to import for whom. `reason` is why listings go out that are less clear than the institution asks for; empty:
    they become drafts. `country` (ISO 3166) is used when the institution is made on the spot."""

    source: str
    file: Path
    organisation: str
    create_organisation: str | None = None
    country: str | None = None
    publish: bool = True
    reason: str = AS_THE_SOURCE
    dry_run: bool = False


def import_file(
    database: Database, order: Order, *, now: datetime, progress: Progress = silent
) -> importing.ImportResult:
    """Import a file in one transaction; with `dry_run` say what would happen and write nothing.

    Raises Refused with line and reason for a file that cannot be read, and for an institution that is not there.
    """
    data = order.file.read_bytes()
    table = read_table(order.file.name, data, order.source)
    if table.header and "title" not in columns.suggest(table.header):
        raise Refused(
            Refusal(
                "no_title_column",
                _("No column looks like a title. Import this file in the browser, where you can choose it."),
            )
        )
    if order.dry_run:
        with database.read() as db:
            return _look(db, order, table)
    with database.write() as db:
        organisation = _found(db, order.organisation) or _founded(db, order, now)
        run = importing.open_run(
            db, SYSTEM, organisation.id, table, file_name=order.file.name, data=data, publish=order.publish, now=now
        )
        if run.state == "mapping":
            importing.choose_columns(db, SYSTEM, run.id, run.mapping, now=now)
        rows = importing.interpret(table, run.mapping, organisation.country)
        return importing.carry_out(
            db, SYSTEM, run.id, rows, publish=order.publish, reason=order.reason, now=now, progress=progress
        )


def _look(db: Session, order: Order, table: SourceTable) -> importing.ImportResult:
    organisation = _found(db, order.organisation)
    if organisation is None and order.create_organisation is None:
        raise _unknown(order)
    country = organisation.country if organisation else order.country or ""
    rows = importing.interpret(table, columns.suggest(table.header), country)
    outcomes = importing.forecast(db, organisation.id if organisation else None, importing.source_of(table), rows)
    return importing.result_of(outcomes, published=0)


def _found(db: Session, slug: str) -> Organisation | None:
    return db.exec(select(Organisation).where(Organisation.slug == slug)).first()


def _unknown(order: Order) -> Refused:
    return Refused(
        Refusal(
            "no_organisation",
            _("There is no organisation “{slug}”. Name one that is there, or make it with --create-organisation."),
            None,
            {"slug": order.organisation},
        )
    )


def _founded(db: Session, order: Order, now: datetime) -> Organisation:
    """Make the institution, verified by whoever commands this machine."""
    if order.create_organisation is None:
        raise _unknown(order)
    country = order.country or ("US" if order.source == nasa.KIND else "")
    if not country:
        raise Refused(Refusal("no_country", _("Say in which country the new organisation is, with --country.")))
    organisation = Organisation(
        kind=OrganisationKind.INSTITUTE,
        name=order.create_organisation,
        slug=organisation_slug(order.organisation),
        country=country,
        created_at=now,
        verified_at=now,
    )
    db.add(organisation)
    db.flush()
    audit.record(db, SYSTEM, "organisation:created", organisation, now=now, name=organisation.name, by="market import")
    return organisation
