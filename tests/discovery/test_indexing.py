"""From a change in the catalogue to the index: nothing is lost, nothing is done twice to harm, nobody writes at once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from market.catalog import queries as documents
from market.catalog.service import listing as catalog
from market.discovery import gateway, jobs, queries
from market.discovery.gateway import BatchRefused, IndexUnavailable, Receipt, SearchIndex, SearchRequest
from market.discovery.models import SearchOutbox
from market.discovery.rules.facets import VISIBLE
from market.discovery.rules.question import understand
from market.discovery.service import outbox, reconciling
from market.integrations.fallback_engine import FallbackIndex
from market.integrations.tantivy_engine.engine import TantivyIndex
from market.kit import cache, clock
from market.kit.jobs import Job, JobRun, Retry
from tests.discovery.documents import document
from tests.discovery.world import an_officer, publish


class MoodyIndex(TantivyIndex):
    """A real index whose server can be down, slow to confirm, or set against some listings."""

    down = False
    unconfirmed = 0
    refused = frozenset()

    def __init__(self, folder):
        super().__init__(folder)
        self.batches = []

    def apply(self, upserts, deletes):
        if self.down:
            raise IndexUnavailable("pulled the plug")
        self.batches.append([document.id for document in upserts])
        if self.refused & {document.id for document in upserts}:
            raise BatchRefused("too strange")
        super().apply(upserts, deletes)
        return Receipt((len(self.batches),))

    def confirm(self, receipt, wait=0.0):
        if self.unconfirmed:
            self.unconfirmed -= 1
            return False
        return super().confirm(receipt, wait)


@pytest.fixture
def index(wired, tmp_path):
    """A moody index in place of the usual one, built while it is empty."""
    index = MoodyIndex(tmp_path / "moody")
    wired.gateways.put(SearchIndex, index)
    index.rebuild([])
    return index


@pytest.fixture
def run(wired):
    """What a job is given."""
    return JobRun(wired.db, wired.gateways, "http://testserver")


@pytest.fixture
def write(wired, now):
    """Publishes listings of one institute, each in a transaction of its own."""
    with wired.db.write() as db:
        anna = an_officer(db, now)

    def publish_one(title, **given):
        with wired.db.write() as db:
            return publish(db, anna, title, now=now, **given)

    publish_one.officer = anna
    return publish_one


def titles(index, text=""):
    """How many a visitor finds."""
    return index.search(SearchRequest(understand(text), base=VISIBLE)).total


def rows(wired):
    """How many rows wait, and how many were refused."""
    with wired.db.read() as db:
        backlog = queries.backlog(db)
    return backlog.waiting, backlog.refused


def test_a_published_listing_is_found(wired, index, write):
    """Once the worker has run, everybody finds it, and nothing waits."""
    write("Quiet pump")
    assert rows(wired)[0] > 0

    wired.worker().drain()

    assert 1 == titles(index, "quiet pump")
    assert (0, 0) == rows(wired)


def test_a_withdrawn_listing_is_not_found(wired, index, write, now):
    """It leaves the index as it leaves the catalogue."""
    pump = write("Quiet pump")
    wired.worker().drain()
    with wired.db.write() as db:
        catalog.withdraw(db, write.officer, pump.id, now=now)

    wired.worker().drain()

    assert 0 == titles(index)


def test_a_change_that_was_undone_is_never_indexed(wired, index, write, now):
    """When the transaction is rolled back, the note for the index is too."""
    with pytest.raises(RuntimeError), wired.db.write() as db:
        publish(db, write.officer, "Quiet pump", now=now)
        raise RuntimeError

    assert (0, 0) == rows(wired)


def test_many_changes_call_the_worker_once(wired, index, write):
    """Five published listings wait as rows, but as one job; they go to the engine as one batch."""
    for number in range(5):
        write(f"Pump {number}")

    with wired.db.read() as db:
        queued = select(func.count()).select_from(Job).where(Job.kind == outbox.JOB, Job.state == "queued")
        assert 1 == db.execute(queued).scalar_one()
    wired.worker().drain()

    assert [5] == [len(batch) for batch in index.batches]


def test_nothing_is_lost_while_the_engine_is_down(wired, index, write, run):
    """Rows wait for it; when it is back, they go in."""
    write("Quiet pump")
    index.down = True
    with pytest.raises(Retry):
        jobs.put_into_index(run, {})
    assert rows(wired)[0] > 0

    index.down = False
    jobs.put_into_index(run, {})

    assert 1 == titles(index)
    assert (0, 0) == rows(wired)


def test_rows_stay_until_the_engine_confirms(wired, index, write, run):
    """Taken is not indexed: the next run asks for the confirmation and does not send the listing again."""
    write("Quiet pump")
    index.unconfirmed = 2
    for _each in range(2):
        with pytest.raises(Retry):
            jobs.put_into_index(run, {})
        assert rows(wired)[0] > 0

    jobs.put_into_index(run, {})

    assert (0, 0) == rows(wired)
    assert 1 == len(index.batches)


def test_one_strange_listing_does_not_hold_up_the_others(wired, index, write, run):
    """The batch is halved until it stands alone; it is put aside with the reason, the others are found."""
    listings = [write(f"Pump {number}") for number in range(7)]
    index.refused = frozenset({listings[4].id})

    jobs.put_into_index(run, {})

    assert 6 == titles(index)
    waiting, refused = rows(wired)
    assert 0 == waiting
    assert refused > 0
    with wired.db.read() as db:
        assert {"too strange"} == set(db.execute(select(SearchOutbox.error)).scalars())


def test_only_one_writes_at_a_time(wired, index, write, run, now):
    """While another worker is at it, this one comes again later; a turn that was never ended lapses."""
    write("Quiet pump")
    with wired.db.write() as db:
        assert outbox.take_turn(db, "another", now=clock.now())
    with pytest.raises(Retry):
        jobs.put_into_index(run, {})

    with clock.frozen(now + 2 * outbox.HOLD):
        jobs.put_into_index(run, {})

    assert 1 == titles(index)


def test_a_worker_that_was_killed_and_started_again_takes_up_its_turn(wired, index, write):
    """It waits for no dead one: its own; another worker does wait."""
    write("Quiet pump")
    with wired.db.write() as db:
        assert outbox.take_turn(db, "worker", now=clock.now())

    wired.worker("other").drain()
    assert 0 == titles(index)
    wired.worker().drain()
    with wired.db.write() as db:
        assert outbox.take_turn(db, "worker", now=clock.now())
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        wired.worker().drain()
    assert 1 == titles(index)


def test_a_missing_index_is_built_by_itself(wired, write, run):
    """A new machine, a lost folder, another make of index: the next run builds it whole."""
    write("Quiet pump")
    index = wired.gateways[SearchIndex]
    assert index.needs_rebuild()

    wired.worker().drain()

    assert 1 == titles(index)
    assert index.health() is None


def test_a_rebuild_tells_how_far_it_is(wired, index, write):
    """From nothing to all; what it builds is what may be seen."""
    for number in range(3):
        write(f"Pump {number}")
    told = []

    assert 3 == jobs.reindex(wired.db, wired.gateways, lambda done, total: told.append((done, total)))
    assert [(0, 3), (3, 3)] == told
    assert 3 == titles(index)


class SlowIndex(MoodyIndex):
    """Takes everything at once, and works on it for six minutes."""

    def rebuild(self, batches, waiting=gateway.patient):
        count = super().rebuild(batches)
        for minutes in (2, 4, 6):
            with clock.frozen(clock.now() + timedelta(minutes=minutes)):
                waiting()
                with self.database.write() as db:
                    assert not outbox.take_turn(db, "another", now=clock.now() + timedelta(minutes=1))
        return count


def test_nobody_else_writes_while_a_rebuild_is_waited_for(wired, tmp_path, write):
    """What another worker put into the old index meanwhile would be lost when the new one takes its place."""
    write("Quiet pump")
    index = SlowIndex(tmp_path / "slow")
    index.database = wired.db
    wired.gateways.put(SearchIndex, index)

    assert 1 == jobs.reindex(wired.db, wired.gateways)


def test_pages_kept_before_are_not_shown_after(wired, index, write, run):
    """Once the index has changed, pages of results that were made before are made anew."""
    write("Quiet pump")
    with wired.db.read() as db:
        before = cache.stamp(db)
    jobs.put_into_index(run, {})

    with wired.db.read() as db:
        assert before != cache.stamp(db)


# --- the replica, and the nightly comparison


class ReplicatedIndex(MoodyIndex):
    """An engine with a replica beside it."""

    def __init__(self, folder, replica):
        super().__init__(folder)
        self.replica = replica


@pytest.fixture
def pair(wired, tmp_path):
    """An engine that can be down, and its replica, in place of the usual index."""
    first = MoodyIndex(tmp_path / "first")
    first.rebuild([])
    pair = FallbackIndex(first, TantivyIndex(tmp_path / "replica"))
    wired.gateways.put(SearchIndex, pair)
    return pair


def test_the_replica_has_the_news_though_the_engine_is_down(wired, pair, write, run):
    """A listing published while the server is away is found at once, in the replica; and later in the server too."""
    pair.first.down = True
    write("Tidal turbine")
    with pytest.raises(Retry):
        jobs.put_into_index(run, {})

    assert 1 == titles(pair.replica, "turbine")
    assert 0 == titles(pair.first, "turbine")

    pair.first.down = False
    write("Tidal lock")
    jobs.put_into_index(run, {})
    assert (2, 2) == (titles(pair.first, "tidal"), titles(pair.replica, "tidal"))
    assert (0, 0) == rows(wired)


def test_a_replica_that_was_lost_is_made_again_with_all_that_is_in_the_tables(pair, write, run, tmp_path):
    """Also what left the outbox long ago."""
    write("Tidal turbine")
    jobs.put_into_index(run, {})
    pair.replica = TantivyIndex(tmp_path / "another")
    jobs.put_into_index(run, {})

    assert 1 == titles(pair.replica, "turbine")


def test_a_rebuild_makes_the_replica_anew_too(wired, pair, write, run):
    """`market reindex` puts right what went wrong in either, and tells of the work on both."""
    kept = write("Tidal turbine")
    jobs.put_into_index(run, {})
    (document,) = documents_of(wired)
    for each in (pair.first, pair.replica):
        TantivyIndex.apply(each, [replace(document, id="ghost")], [kept.id])
    told = []

    assert 1 == jobs.reindex(wired.db, wired.gateways, lambda done, total: told.append((done, total)))
    assert [kept.id] == [*reconciling.all_ids(pair.first)] == [*reconciling.all_ids(pair.replica)]
    assert [(0, 2), (1, 2), (2, 2)] == told


def test_the_replica_is_made_anew_though_the_server_is_down(wired, pair, write, run, monkeypatch):
    """The command fails, and says so; what stands in for the server is whole meanwhile."""
    kept = write("Tidal turbine")

    def away(batches, waiting):
        raise IndexUnavailable("pulled the plug")

    monkeypatch.setattr(pair.first, "rebuild", away)
    with pytest.raises(IndexUnavailable):
        jobs.reindex(wired.db, wired.gateways)

    assert [kept.id] == [*reconciling.all_ids(pair.replica)]
    assert rows(wired)[0] > 0


def test_one_listing_that_the_replica_refuses_does_not_keep_the_others_out(pair, write, run, tmp_path):
    """It is left out of the replica, and in the index itself."""
    pair.replica = MoodyIndex(tmp_path / "moody replica")
    pair.replica.rebuild([])
    strange = write("Tidal turbine")
    pair.replica.refused = frozenset({strange.id})
    write("Tidal lock")
    jobs.put_into_index(run, {})

    assert 2 == titles(pair.first, "tidal")
    assert 1 == titles(pair.replica, "tidal")


def test_a_page_says_when_the_replica_answered(pair, write, run, browser, monkeypatch):
    """The visitor finds, filters and is told; nobody sees an error."""
    write("Tidal turbine")
    jobs.put_into_index(run, {})

    def away(request):
        raise IndexUnavailable("pulled the plug")

    monkeypatch.setattr(pair.first, "search", away)
    browser.get("/search?q=turbine")

    assert 200 == browser.page.status_code
    assert "Tidal" in browser.page.text
    assert 'name="sector"' in browser.page.text
    assert "A copy of the search answers" in browser.page.text


def test_at_night_the_index_is_compared_with_the_tables(wired, index, write, run):
    """A listing that is missing, one of an old version and one that should be gone are put right."""
    kept, missing, old = (write(f"Tidal {name}") for name in ("kept", "missing", "old"))
    jobs.put_into_index(run, {})
    (stale,) = [each for each in documents_of(wired) if each.id == old.id]
    TantivyIndex.apply(
        index, [replace(stale, version=0, title="Rusty"), replace(stale, id="ghost", title="Ghost")], [missing.id]
    )

    jobs.reconcile(run, {})
    assert {missing.id, old.id, "ghost"} == noted(wired)

    jobs.put_into_index(run, {})
    assert 3 == titles(index, "tidal")
    assert 0 == titles(index, "ghost")
    jobs.reconcile(run, {})
    assert (0, 0) == rows(wired)
    assert kept.id not in noted(wired)


def test_at_night_the_replica_is_compared_too(wired, pair, write, run):
    """What only the copy has wrong is noted as well, and put right in it."""
    kept, missing = write("Tidal kept"), write("Tidal missing")
    jobs.put_into_index(run, {})
    TantivyIndex.apply(pair.replica, [replace(documents_of(wired)[0], id="ghost")], [missing.id])

    jobs.reconcile(run, {})
    assert {missing.id, "ghost"} == noted(wired)

    jobs.put_into_index(run, {})
    assert {kept.id, missing.id} == {*reconciling.all_ids(pair.replica)}


def test_a_copy_is_not_taken_for_the_index_at_night(wired, pair, write, run, monkeypatch):
    """While only the replica answers, nothing is compared: it is done later."""
    write("Tidal turbine")
    jobs.put_into_index(run, {})

    def away(request):
        raise IndexUnavailable("pulled the plug")

    monkeypatch.setattr(pair.first, "search", away)
    with pytest.raises(Retry):
        jobs.reconcile(run, {})


class ShallowIndex(MoodyIndex):
    """Shows nothing beyond a depth, as a server does."""

    deepest = 20

    def search(self, request):
        answer = super().search(request)
        left = max(0, self.deepest - (request.page - 1) * request.per_page)
        return replace(answer, hits=answer.hits[:left])


def test_at_night_an_index_is_compared_however_large_it_is(wired, tmp_path, write, run, monkeypatch):
    """Ghosts deeper than any page leads to are found; also where many ids fall into one part."""
    monkeypatch.setattr(reconciling, "PAGE", 10)
    index = ShallowIndex(tmp_path / "shallow")
    wired.gateways.put(SearchIndex, index)
    index.rebuild([])
    kept = {write(f"Tidal {number}").id for number in range(15)}
    jobs.put_into_index(run, {})
    (sample, *_others) = documents_of(wired)
    ghosts = {f"ghost{number}" for number in range(90)}
    TantivyIndex.apply(index, [replace(sample, id=each) for each in ghosts], [])
    assert 105 == index.search(SearchRequest(page=3, per_page=10)).total
    assert () == index.search(SearchRequest(page=3, per_page=10)).hits

    jobs.reconcile(run, {})
    assert ghosts == noted(wired)

    jobs.put_into_index(run, {})
    assert kept == {*reconciling.all_ids(index)}


def test_a_part_of_more_than_a_page_is_paged_through(index, monkeypatch):
    """The last resort, for the day when there are four million listings."""
    monkeypatch.setattr(reconciling, "PAGE", 10)
    monkeypatch.setattr(gateway, "part", lambda _id: 7)
    index.rebuild([[document(f"t{number}", "Pump") for number in range(35)]])

    assert [f"t{number}" for number in range(35)] == sorted(reconciling.all_ids(index), key=lambda each: int(each[1:]))


def noted(wired):
    """The ids that the index has to be told about."""
    with wired.db.read() as db:
        return {row.technology_id for row in outbox.waiting(db)}


def documents_of(wired):
    """All that the index should hold."""
    with wired.db.read() as db:
        return [each for page in documents.all_documents(db) for each in page]
