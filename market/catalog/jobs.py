"""Background work of the catalogue: the patent office, long imports, fetched files; listings scored, published, grown old."""

import logging
from datetime import timedelta
from typing import Any

from market.catalog import editorial
from market.catalog import rights as reads
from market.catalog.gateway import Fetcher, FetchFault, NoSuchRight, OfficeBusy, OfficeFault, PatentOffice
from market.catalog.models import ImportSource, IpRight
from market.catalog.reader import read_table
from market.catalog.rules.ip import IpNumber
from market.catalog.service import freshness, gate, importing, long_import, pulling, rights, schedule
from market.kit import jobs
from market.kit.actor import SYSTEM
from market.kit.errors import PonteError, Refused
from market.kit.i18n import _
from market.kit.jobs import JobRun, Registry, Retry

log = logging.getLogger("market.catalog")

LOOK_ROUND = "catalog.pull.look_round"
REFRESH = "catalog.rights.refresh"
PUBLISH, SCORE, FRESHNESS = "catalog.publish", "catalog.score", "catalog.freshness"
MOST_BATCHES = 2  # a minute: some seconds of work, so that pages stay quick while a large catalogue is scored
OLD_AFTER = timedelta(days=30)
A_DAY = 500
BETWEEN = timedelta(seconds=3)
"""OPS lets some twenty questions a minute pass even when it is busy; a right takes two."""

NOT_KNOWN = _("The patent database does not know this number.")
NO_ANSWER = _("The patent database did not answer. What it said before still stands here with its day.")


def fetch_right(run: JobRun, payload: dict[str, Any]) -> None:
    """Ask the office about one right. What goes wrong leaves the older facts as they are."""
    office = run.gateway(PatentOffice)
    with run.db.read() as db:
        right = db.get(IpRight, payload["right"])
        if right is None or not rights.askable(right) or not office.available:
            return
        number = IpNumber(right.office, right.number, right.kind_code)
    try:
        facts = office.facts(number)
    except OfficeBusy as busy:
        raise Retry(busy.after) from busy
    except OfficeFault as fault:
        log.warning("asking about %s failed: %s", number.text, fault)
        with run.db.write() as db:
            rights.note_fault(db, payload["right"], NOT_KNOWN if isinstance(fault, NoSuchRight) else NO_ANSWER)
        return
    with run.db.write() as db:
        rights.record_facts(db, payload["right"], facts, office.name, now=run.now())


def refresh_rights(run: JobRun, _payload: dict[str, Any]) -> None:
    """Once a day: let jobs ask about rights that were not asked about for a month, a few seconds apart."""
    if not run.gateway(PatentOffice).available:
        return
    now = run.now()
    with run.db.write() as db:
        for n, right_id in enumerate(reads.due(db, before=now - OLD_AFTER, limit=A_DAY)):
            jobs.enqueue(db, rights.FETCH, {"right": right_id}, key=f"right:{right_id}", run_at=now + n * BETWEEN)


def carry_out(run: JobRun, payload: dict[str, Any]) -> None:
    """Import an ordered run batch by batch, from where it stands."""
    with run.db.read() as db:
        rows = importing.understood(db, SYSTEM, payload["run"])
    while True:
        with run.db.write() as db:
            if not long_import.step(db, payload["run"], rows, now=run.now()):
                return


def look_round(run: JobRun, _payload: dict[str, Any]) -> None:
    """Let jobs look at the addresses that are due."""
    with run.db.write() as db:
        for organisation_id in pulling.due(db, run.now()):
            jobs.enqueue(db, pulling.PULL, {"organisation": organisation_id}, key=f"pull:{organisation_id}")


def pull(run: JobRun, payload: dict[str, Any]) -> None:
    """Fetch a file from an institution's address and order its import; a failure is counted and tried again in time."""
    organisation_id = payload["organisation"]
    with run.db.read() as db:
        source = db.get(ImportSource, organisation_id)
        if source is None:
            return
        asked, known = {"address": source.address, "etag": source.etag, "modified": source.modified}, source.sha256
    try:
        fetched = run.gateway(Fetcher).fetch(**asked)
        news = fetched.data is not None and pulling.digest_of(fetched) != known
        table = read_table(fetched.name, fetched.data or b"") if news else None
        with run.db.write() as db:
            pulling.take(db, organisation_id, fetched, table, now=run.now())
    except FetchFault as fault:
        with run.db.write() as db:
            pulling.note_trouble(db, organisation_id, fault, now=run.now())
    except Refused as refused:
        with run.db.write() as db:
            pulling.note_trouble(db, organisation_id, refused.refusal, now=run.now())


def publish_due(run: JobRun, _payload: dict[str, Any]) -> None:
    """Publish the listings whose time has come; what is refused is kept with its reason and hinders no other."""
    now = run.now()
    with run.db.read() as db:
        waiting = editorial.due_schedules(db, now)
    for technology_id in waiting:
        try:
            with run.db.write() as db:
                schedule.carry_out(db, technology_id, now=now)
        except PonteError as error:
            with run.db.write() as db:
                schedule.note_problem(db, technology_id, error, now=now)


def score(run: JobRun, _payload: dict[str, Any]) -> None:
    """Score what has changed, in short units of work."""
    for _again in range(MOST_BATCHES):
        with run.db.read() as db:
            if not editorial.unscored(db, 1):
                return
        with run.db.write() as db:
            gate.score_some(db, now=run.now())


def freshen(run: JobRun, _payload: dict[str, Any]) -> None:
    """Mark and hide what nobody confirmed, then ask the contacts, one mail each."""
    now = run.now()
    with run.db.read() as db:
        old = freshness.old(db, now=now)
    for technology_id in old:
        with run.db.write() as db:
            freshness.age(db, technology_id, now=now)
    with run.db.read() as db:
        waiting = list(freshness.due(db, now=now))
    for who in waiting:
        with run.db.write() as db:
            rows = freshness.due(db, now=now).get(who)
            if rows:
                freshness.ask(db, *who, rows, now=now)


def register(registry: Registry) -> None:
    """Let the worker do what the catalogue needs done."""
    registry.handle(rights.FETCH, fetch_right)
    registry.handle(long_import.CARRY_OUT, carry_out)
    registry.handle(pulling.PULL, pull)
    registry.handle(LOOK_ROUND, look_round)
    registry.every(900, LOOK_ROUND)
    registry.handle(REFRESH, refresh_rights)
    registry.every(24 * 3600, REFRESH)
    registry.handle(PUBLISH, publish_due)
    registry.every(60, PUBLISH)
    registry.handle(SCORE, score)
    registry.every(60, SCORE)
    registry.handle(FRESHNESS, freshen)
    registry.every(3600, FRESHNESS)
