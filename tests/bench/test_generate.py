"""Generated listings: the same everywhere, fit for the tables, found by the search."""

from sqlmodel import col, func, select

from market.catalog.models import Technology
from market.catalog.service import freshness
from market.discovery import jobs as discovery
from market.kit import clock
from market.wiring import Wired
from seed.generate import Zipf, generate, institutions, listing


def test_the_same_number_gives_the_same_listing() -> None:
    """Who repeats a benchmark on another day measures the same data."""
    owners = institutions()
    assert [listing(n, owners) for n in range(50)] == [listing(n, institutions()) for n in range(50)]
    assert 50 == len({listing(n, owners).technology["id"] for n in range(50)})


def test_words_follow_zipfs_law() -> None:
    """A few words are everywhere, most are rare."""
    import random

    chance, zipf = random.Random(3), Zipf(range(1000))
    drawn = [zipf.pick(chance) for _ in range(5000)]
    assert drawn.count(0) > drawn.count(20) > drawn.count(900)
    assert len(set(drawn)) > 500


def test_listings_are_written_once_and_continued(wired: Wired) -> None:
    """A second run adds what is missing to the number asked for, and doubles nothing."""
    assert 30 == generate(wired.db, 30)
    assert 0 == generate(wired.db, 30)
    assert 10 == generate(wired.db, 40)
    with wired.db.read() as db:
        assert 40 == db.exec(select(func.count(col(Technology.id)))).one()
    assert 40 == discovery.reindex(wired.db, wired.gateways)


def test_generated_listings_are_not_hidden_by_the_clock(wired: Wired) -> None:
    """What a benchmark asks for is there: fresh listings stay published, stale ones stay stale."""
    generate(wired.db, 40)
    with wired.db.read() as db:
        before = db.exec(select(Technology.id, Technology.state).order_by(Technology.id)).all()
        assert [] == freshness.old(db, now=clock.now())
    assert {"published"} <= {state for _id, state in before} <= {"published", "stale"}
