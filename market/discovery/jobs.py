"""Keeping the index in step: rows of the outbox go to the engine, and go away when it has confirmed them.

And telling people: new listings are held against the saved searches, and what fits goes out when it is due.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from market.catalog import queries as catalog
from market.discovery import queries
from market.discovery.gateway import BatchRefused, IndexDocument, IndexUnavailable, Percolator, SearchIndex
from market.discovery.rules.stopping import stop_token
from market.discovery.service import alerting, outbox, reconciling
from market.discovery.service.outbox import JOB, Row
from market.kit import clock
from market.kit.db import Database
from market.kit.gateways import Gateways
from market.kit.ids import new_id
from market.kit.jobs import JobHandler, JobRun, Registry, Retry

log = logging.getLogger("market.discovery")

CONFIRM = 30.0  # seconds that a run waits for the engine's confirmation
AGAIN = 5.0
LOOK_EVERY = 60.0
PAGE = 500
RECONCILE = "discovery.reconcile"
NIGHTLY = 86_400.0

Tell = Callable[[int, int], None]
"""Told how many documents are done, of how many."""


class IndexBusy(Exception):
    """Another worker writes to the index."""


def register(registry: Registry, secret: str) -> None:
    """Put rows into the index when there are some; and look every minute, in case a call was lost or the index is gone.

    Match and tell in the same way. `secret` seals the link by which mails can be stopped.
    """
    registry.handle(JOB, put_into_index)
    registry.every(LOOK_EVERY, JOB)
    registry.handle(alerting.MATCH, match_new)
    registry.every(LOOK_EVERY, alerting.MATCH)
    registry.handle(alerting.TELL, tell_people(secret))
    registry.every(LOOK_EVERY, alerting.TELL)
    registry.handle(RECONCILE, reconcile)
    registry.every(NIGHTLY, RECONCILE)


def put_into_index(run: JobRun, payload: dict[str, object]) -> None:
    """Work off the outbox; rebuild an index that is missing or of an older make. The replica is fed first, so that it has
    the news though the engine be down."""
    del payload
    index = run.gateway(SearchIndex)
    try:
        if index.replica:
            with _turn(run.db, run.worker) as keep:
                _follow(run.db, index.replica, keep)
        if index.needs_rebuild():
            rebuild(run.db, index, run.worker)
        with _turn(run.db, run.worker) as keep:
            _settle(run.db, index)
            while rows := _waiting(run.db):
                if index.replica:
                    _follow(run.db, index.replica, keep)
                _hand_over(run.db, index, rows)
                keep()
    except (IndexUnavailable, IndexBusy) as error:
        raise Retry(AGAIN) from error


def reconcile(run: JobRun, payload: dict[str, object]) -> None:
    """Compare the index and its replica with the tables, and note what differs; put into both like any change."""
    del payload
    index = run.gateway(SearchIndex)
    wrong: dict[str, None] = {}
    try:
        for each in filter(None, (index, index.replica)):
            if not each.needs_rebuild():  # else the other job is about to make it whole
                with run.db.read() as session:
                    wrong |= dict.fromkeys(reconciling.differences(session, each))
    except IndexUnavailable as error:
        raise Retry(LOOK_EVERY) from error
    if wrong:
        log.warning("the search index differed from the tables in %s listings", len(wrong))
        with run.db.write() as session:
            outbox.note(session, wrong, now=clock.now())


def rebuild(db: Database, index: SearchIndex, holder: str = "") -> int:
    """Make the index anew from the tables; searches go on in the old one meanwhile.

    Changes noted before are in it; those made meanwhile stay in the outbox and follow. Raises IndexBusy while another
    writes to the index.
    """
    return _rebuild(db, index, holder, lambda _done, _total: None, with_replica=False)


def reindex(db: Database, gateways: Gateways, tell: Tell = lambda _done, _total: None) -> int:
    """What `market reindex` does: rebuild what the settings chose, the replica first, which answers if the server is down."""
    return _rebuild(db, gateways[SearchIndex], "", tell, with_replica=True)


def _rebuild(db: Database, index: SearchIndex, holder: str, tell: Tell, *, with_replica: bool) -> int:
    replica = index.replica if with_replica else None
    with _turn(db, holder) as keep:
        with db.read() as session:
            covered = outbox.all_waiting(session)
            progress = _Progress(tell, queries.visible_count(session) * (2 if replica else 1))
        if replica:
            replica.rebuild(_pages(db, keep, progress.moved), keep)
        count = index.rebuild(_pages(db, keep, progress.moved), keep)
        if index.replica:
            _follow(db, index.replica, keep)
        with db.write() as session:
            outbox.done(session, covered)
        return count


class _Progress:
    """Tells how many documents are done, of how many; there may be more in the end than were counted."""

    def __init__(self, tell: Tell, total: int) -> None:
        self._tell, self._done, self._total = tell, 0, total
        tell(0, total)

    def moved(self, number: int) -> None:
        """So many more are done."""
        self._done += number
        self._tell(self._done, max(self._done, self._total))


def _pages(
    db: Database, keep: Callable[[], None], moved: Callable[[int], None] = lambda _number: None
) -> Iterator[Sequence[IndexDocument]]:
    """All that an index should hold, in pages; the turn is kept meanwhile."""
    with db.read() as session:
        for page in catalog.all_documents(session, PAGE):
            yield page
            keep()
            moved(len(page))


# --- alerts


def match_new(run: JobRun, payload: dict[str, object]) -> None:
    """Hold new listings against all saved searches; needs no engine but the one in memory."""
    del payload
    while True:
        with run.db.read() as db:
            opened = queries.new_listings(db, alerting.BATCH)
            if not opened:
                return
            documents = catalog.documents(db, opened)
            listeners = queries.listeners(db)
        pairs = alerting.fitting(run.gateway(Percolator), documents, listeners, opened)
        with run.db.write() as db:
            alerting.keep_matches(db, pairs, opened, now=run.now())


def tell_people(secret: str) -> JobHandler:
    """The handler that tells people; `secret` seals the link by which they stop it."""

    def tell(run: JobRun, payload: dict[str, object]) -> None:
        """Send what is due, one mail a person, each in a unit of its own."""
        del payload
        while True:
            now = run.now()
            with run.db.read() as db:
                people = queries.people_to_tell(db, now)
            if not people:
                return
            for person_id in people:
                with run.db.write() as db:
                    alerting.tell(db, person_id, stop_token(secret, person_id), now=now)

    return tell


# --- the replica


def _follow(db: Database, replica: SearchIndex, keep: Callable[[], None]) -> None:
    """Give the replica what it lacks, before the rows go; Retry while it cannot be written."""
    try:
        if replica.needs_rebuild():
            replica.rebuild(_pages(db, keep), keep)
        while rows := _uncopied(db):
            _copy(db, replica, list(dict.fromkeys(row.technology_id for row in rows)))
            with db.write() as session:
                outbox.copied(session, [row.seq for row in rows], now=clock.now())
            keep()
    except IndexUnavailable as error:
        log.warning("the replica of the search index is behind: %s", error)
        raise Retry(AGAIN) from error


def _uncopied(db: Database) -> list[Row]:
    with db.read() as session:
        return outbox.uncopied(session)


def _copy(db: Database, replica: SearchIndex, ids: list[str]) -> None:
    """A batch that is refused is halved; the one listing that the replica cannot hold is told in the log and left out."""
    with db.read() as session:
        upserts = catalog.documents(session, ids)
    shown = {document.id for document in upserts}
    try:
        replica.apply(upserts, [each for each in ids if each not in shown])
    except BatchRefused as error:
        if len(ids) == 1:
            log.warning("the replica refuses %s: %s", ids[0], error)
            return
        _copy(db, replica, ids[: len(ids) // 2])
        _copy(db, replica, ids[len(ids) // 2 :])


# --- one batch


def _waiting(db: Database) -> list[Row]:
    with db.read() as session:
        return outbox.waiting(session)


def _settle(db: Database, index: SearchIndex) -> None:
    """Ask for what an earlier run handed over and did not see confirmed."""
    with db.read() as session:
        left = outbox.remembered(session)
    if left is None:
        return
    receipt, rows = left
    try:
        if not index.confirm(receipt, CONFIRM):
            raise Retry(AGAIN)
    except BatchRefused:
        with db.write() as session:
            outbox.forget(session)
        return
    with db.write() as session:
        outbox.done(session, rows)


def _hand_over(db: Database, index: SearchIndex, rows: list[Row]) -> None:
    """Hand a batch over and see it confirmed; one that is refused is halved until the guilty row stands alone."""
    seqs = [row.seq for row in rows]
    try:
        with db.read() as session:
            ids = list(dict.fromkeys(row.technology_id for row in rows))
            upserts = catalog.documents(session, ids)
        shown = {document.id for document in upserts}
        receipt = index.apply(upserts, [each for each in ids if each not in shown])
        if receipt.tasks:
            with db.write() as session:
                outbox.remember(session, receipt, seqs)
        confirmed = index.confirm(receipt, CONFIRM)
    except BatchRefused as error:
        _halve(db, index, rows, str(error))
        return
    if not confirmed:
        raise Retry(AGAIN)
    with db.write() as session:
        outbox.done(session, seqs)


def _halve(db: Database, index: SearchIndex, rows: list[Row], reason: str) -> None:
    ids = list(dict.fromkeys(row.technology_id for row in rows))
    if len(ids) == 1:
        with db.write() as session:
            outbox.refuse(session, [row.seq for row in rows], reason, now=clock.now())
            outbox.forget(session)
        return
    first = set(ids[: len(ids) // 2])
    _hand_over(db, index, [row for row in rows if row.technology_id in first])
    _hand_over(db, index, [row for row in rows if row.technology_id not in first])


@contextmanager
def _turn(db: Database, holder: str = "") -> Iterator[Callable[[], None]]:
    """The only one who writes to the index; call what it gives now and then to stay so.

    A worker takes turns under its own name: killed and started again, it goes on at once and waits for no dead one.
    """
    holder = holder or new_id()

    def keep() -> None:
        with db.write() as session:
            if not outbox.take_turn(session, holder, now=clock.now()):
                raise IndexBusy("another worker writes to the index")

    keep()
    try:
        yield keep
    finally:
        with db.write() as session:
            outbox.end_turn(session, holder)
