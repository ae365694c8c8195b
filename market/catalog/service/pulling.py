"""Fetching an institution's catalogue from its own address, every day or week, and importing what has changed."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import Session

from market.accounts import queries as accounts
from market.accounts.rules import Permission, Role
from market.catalog import policy, runs
from market.catalog.forms import SourceForm
from market.catalog.gateway import Fetched, FetchFault
from market.catalog.models import ImportSource
from market.catalog.rules import columns
from market.catalog.rules.imported import SourceTable
from market.catalog.service import gate, importing, long_import
from market.kit import audit, jobs, mail
from market.kit.actor import SYSTEM, Actor
from market.kit.errors import NotFound, Refusal, Refused
from market.kit.i18n import _

PULL = "catalog.pull"
EVERY = {"daily": timedelta(days=1), "weekly": timedelta(days=7)}
TELL_AFTER = 3
AT_MOST = 100

_S: Any = ImportSource.__table__  # type: ignore[attr-defined]
_DUE = select(_S.c.organisation_id).where(_S.c.next_at <= bindparam("now")).order_by(_S.c.next_at).limit(AT_MOST)


def due(db: Session, now: datetime) -> list[str]:
    """The institutions whose addresses are to be looked at."""
    return [str(each) for each in db.execute(_DUE, {"now": now}).scalars()]


def source_of(db: Session, actor: Actor) -> ImportSource | None:
    """The address of the actor's institution, if it has named one."""
    if actor.organisation_id is None:
        raise NotFound
    return db.get(ImportSource, actor.organisation_id)


def set_source(db: Session, actor: Actor, form: SourceForm, *, now: datetime) -> ImportSource:
    """Name the address, or another one; it is looked at within minutes."""
    if actor.organisation_id is None:
        raise NotFound
    policy.require(actor, Permission.IMPORT_LISTINGS, actor.organisation_id)
    source = source_of(db, actor)
    if source is None:
        source = ImportSource(organisation_id=actor.organisation_id, address=form.address, next_at=now, created_at=now)
    if source.address != form.address:
        source.etag = source.modified = source.sha256 = ""
    source.address, source.every, source.person_id = form.address, form.every, actor.person_id
    source.publish, source.reason = form.publish, gate.stated(form.reason)
    source.next_at, source.failures, source.trouble, source.trouble_params = now, 0, "", {}
    db.add(source)
    db.flush()
    audit.record(db, actor, "catalog:source:set", source, now=now, address=form.address, every=form.every)
    jobs.enqueue(db, PULL, {"organisation": source.organisation_id}, key=f"pull:{source.organisation_id}")
    return source


def drop_source(db: Session, actor: Actor, *, now: datetime) -> None:
    """Fetch no more; what was imported stays."""
    source = source_of(db, actor)
    if source is None:
        return
    policy.require(actor, Permission.IMPORT_LISTINGS, source.organisation_id)
    audit.record(db, actor, "catalog:source:dropped", source, now=now, address=source.address)
    db.delete(source)


def digest_of(fetched: Fetched) -> str:
    """What tells whether a file is the one that was imported last; empty when the server sent none."""
    return hashlib.sha256(fetched.data).hexdigest() if fetched.data is not None else ""


def take(
    db: Session, organisation_id: str, fetched: Fetched, table: SourceTable | None, *, now: datetime
) -> str | None:
    """Keep a fetched file as an import and order it; None when nothing has changed. Raises Refused without a title.

    `table` is the file as it was read before this transaction.
    """
    source = db.get(ImportSource, organisation_id, with_for_update=True)
    if source is None:
        return None
    source.checked_at, source.next_at = now, now + EVERY[source.every]
    source.etag, source.modified = fetched.etag or source.etag, fetched.modified or source.modified
    sha256 = digest_of(fetched)
    if fetched.data is None or table is None or sha256 == source.sha256:
        _well(source)
        return None
    run = importing.open_run(
        db, SYSTEM, organisation_id, table, file_name=fetched.name, data=fetched.data, publish=source.publish, now=now
    )
    run.person_id = source.person_id
    if table.header:
        known = runs.remembered_mapping(db, organisation_id, columns.signature(table.header))
        if "title" not in (known or run.mapping):
            told = _("No column looks like a title. Import this file once by hand and choose it.")
            raise Refused(Refusal("no_title_column", told))
        run.state = "ready"
    run.counts = {"read": len(table.rows)}
    long_import.order(db, SYSTEM, run.id, publish=source.publish, reason=source.reason, now=now)
    source.sha256, source.changed_at, source.run_id = sha256, now, run.id
    _well(source)
    return run.id


def _well(source: ImportSource) -> None:
    source.failures, source.trouble, source.trouble_params = 0, "", {}


def note_trouble(db: Session, organisation_id: str, fault: FetchFault | Refusal, *, now: datetime) -> None:
    """Count a failure, try again in time, and write to the people of the institution after three in a row."""
    source = db.get(ImportSource, organisation_id, with_for_update=True)
    if source is None:
        return
    sentence, params = (
        (fault.sentence, fault.params) if isinstance(fault, FetchFault) else (fault.message, fault.params)
    )
    source.checked_at, source.next_at = now, now + EVERY[source.every]
    source.failures += 1
    source.trouble, source.trouble_params = sentence, {name: str(value) for name, value in dict(params or {}).items()}
    if source.failures != TELL_AFTER:
        return
    for owner in accounts.people_with_role(db, organisation_id, Role.OWNER):
        mail.queue(
            db,
            to=owner.email,
            template="catalog/mail/source_fails",
            locale=owner.locale,
            context={"address": source.address, "reason": sentence, "params": source.trouble_params},
            key=f"source-fails:{organisation_id}:{owner.id}:{now.isoformat()}",
        )
