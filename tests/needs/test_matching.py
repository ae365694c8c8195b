"""Which technologies fit which needs: found by jobs in both directions, kept once, with reasons."""

import pytest
from sqlmodel import select

from market.catalog.service import listing as catalog
from market.discovery.gateway import IndexUnavailable, SearchIndex
from market.kit import mail
from market.kit.jobs import JobRun, Retry
from market.needs import jobs, queries
from market.needs.models import Need, NeedMatch
from market.needs.service import matching, moderating
from tests.discovery.world import publish
from tests.needs import world as making


def kept(database):
    """What is kept, as pairs of technology and score."""
    with database.read() as db:
        return {row.technology_id: row.score for row in db.exec(select(NeedMatch))}


def letters(database, address):
    """The subjects of the mails to somebody."""
    with database.read() as db:
        return [row.context["subject"] for row in mail.recent(db) if row.recipient == address]


def test_an_opened_need_finds_the_technologies_that_fit(wired, database, world):
    """The close one is found with its reasons, the far one is not; its institution gets one mail, the far one none."""
    with database.write() as db:
        need = making.opened(db, world, anonymous=True)
    wired.worker().drain()
    with database.read() as db:
        best = queries.proposals(db, need.id)[0]
        (ours, *_rest), total = queries.for_us(db, world.officer, 1, answered=False)
        assert ([], 0) == queries.for_us(db, world.other, 1, answered=False)
    assert world.heat.id == best.technology_id
    assert {"heat", "waste", "water"} <= set(best.words)
    assert best.same_sector
    assert ("licence",) == best.kinds
    assert (1, need.id, "", best.score) == (total, ours.need.id, ours.need.organisation, ours.score)
    assert world.valve.id not in kept(database)
    assert [f"[Open] A company looks for something like yours: “{need.title}”"] == letters(
        database, "otto.officer@example.com"
    )


def test_reckoning_again_changes_nothing(wired, database, world):
    """However often the jobs run, what is kept and what was mailed stays."""
    with database.write() as db:
        need = making.opened(db, world)
    wired.worker().drain()
    readers = ("otto.officer@example.com", "bianca.bianchi@example.com")
    before, sent = kept(database), [letters(database, each) for each in readers]
    for _again in range(2):
        matching.match_need(database, wired.gateways[SearchIndex], need.id, now=world.now)
        matching.match_listings(database, [world.heat.id, world.pump.id], now=world.now)
        jobs.rematch(JobRun(wired.db, wired.gateways, "http://testserver"), {})
        wired.worker().drain()
    assert before == kept(database)
    assert sent == [letters(database, each) for each in readers]


def test_a_new_technology_finds_the_needs_that_wait(wired, database, world):
    """It is published after the need: both sides hear of it, with the same score as the other way round."""
    with database.write() as db:
        need = making.opened(db, world)
    wired.worker().drain()
    with database.write() as db:
        fresh = publish(
            db,
            world.other,
            "Heat exchanger for dairy waste water",
            now=world.now,
            sector="food",
            description=making.HEAT,
        )
    wired.worker().drain()
    score = kept(database)[fresh.id]
    assert any("new technology" in subject for subject in letters(database, "bianca.bianchi@example.com"))
    assert any("something like yours" in subject for subject in letters(database, "vera.valve@example.com"))
    with database.read() as db:
        weights = dict(db.get_one(Need, need.id).weights)
    matching.match_need(database, wired.gateways[SearchIndex], need.id, now=world.now)
    with database.read() as db:
        if weights == dict(db.get_one(Need, need.id).weights):
            assert score == kept(database)[fresh.id]
    assert abs(score - kept(database)[fresh.id]) <= 10


def test_a_technology_that_is_gone_is_no_match(wired, database, world):
    """Withdrawn by its institution, it leaves lists and counts; an answer with it is still told."""
    with database.write() as db:
        need = making.opened(db, world)
    wired.worker().drain()
    assert world.heat.id in kept(database)
    with database.write() as db:
        catalog.withdraw(db, world.officer, world.heat.id, now=world.now)
    wired.worker().drain()
    assert world.heat.id not in kept(database)
    with database.read() as db:
        assert [] == [each for each in queries.proposals(db, need.id) if each.technology_id == world.heat.id]


def test_only_the_best_are_kept(wired, database, world, monkeypatch):
    """However many technologies there are, a need keeps a few."""
    monkeypatch.setattr(matching, "KEPT", 2)
    with database.write() as db:
        need = making.opened(db, world)
        for number in range(5):
            publish(db, world.other, f"Heat exchanger {number} for dairy waste water", now=world.now, sector="food")
    wired.worker().drain()
    matching.match_need(database, wired.gateways[SearchIndex], need.id, now=world.now)
    assert 2 == len(kept(database))


def test_without_the_engine_it_is_tried_again(wired, database, world, monkeypatch):
    """The search engine is down: the job waits, nothing is lost."""
    with database.write() as db:
        need = making.opened(db, world)

    def down(_request):
        raise IndexUnavailable("pulled the plug")

    monkeypatch.setattr(wired.gateways[SearchIndex], "search", down)
    with pytest.raises(Retry):
        jobs.match_need(JobRun(wired.db, wired.gateways, "http://testserver"), {"need": need.id})
    assert {} == kept(database)


def test_a_need_that_is_not_open_is_not_compared(wired, database, world):
    """A draft or one at the desk finds nothing and is found by nothing."""
    with database.write() as db:
        need = making.submitted(db, world)
    assert 0 == matching.match_need(database, wired.gateways[SearchIndex], need.id, now=world.now)
    matching.match_listings(database, [world.heat.id], now=world.now)
    assert {} == kept(database)
    with database.write() as db:
        moderating.approve(db, world.operator, need.id, now=world.now)
    wired.worker().drain()
    assert world.heat.id in kept(database)
