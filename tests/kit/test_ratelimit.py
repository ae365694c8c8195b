"""How often something may be tried."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from market.kit import ratelimit
from market.kit.db import Database
from market.kit.errors import TooMany
from market.kit.ratelimit import Throttle

MINUTE = timedelta(minutes=1)


def _count(database: Database, now, limit: int = 3, key: str = "ada") -> None:
    with database.write() as db:
        ratelimit.count(db, key, limit=limit, per=MINUTE, now=now)


def test_three_tries_and_no_more(database, now):
    """The fourth try in a minute is refused with a sentence; another person's is not."""
    for _try in range(3):
        _count(database, now)
    with pytest.raises(TooMany, match="too often"):
        _count(database, now + timedelta(seconds=59))
    _count(database, now, key="bea")


def test_a_new_minute_is_a_new_start(database, now):
    """The window ends by itself, whoever hammered on."""
    for _try in range(3):
        _count(database, now)
    with pytest.raises(TooMany):
        _count(database, now)
    _count(database, now + MINUTE)
    with database.read() as db:
        assert 1 == ratelimit.used(db, "ada", per=MINUTE, now=now + MINUTE)


def test_a_success_starts_anew(database, now):
    """Who signs in at the third try has three tries again."""
    for _try in range(3):
        _count(database, now)
    with database.write() as db:
        ratelimit.forget(db, "ada")
    _count(database, now)


def test_old_counts_are_cleared_away(database, now):
    """The table does not grow for ever."""
    for number in range(5):
        _count(database, now, key=f"k{number}")
    _count(database, now + timedelta(days=3), key="new")
    with database.read() as db:
        assert 1 == db.execute(select(func.count()).select_from(Throttle)).scalar()


def test_tries_at_the_same_moment_count_each(database, now):
    """Twenty tries in parallel are twenty tries: five pass, none ends in an error."""
    together = threading.Barrier(20, timeout=20)
    told: list[str] = []

    def attempt() -> None:
        together.wait()
        try:
            _count(database, now, limit=5)
        except TooMany:
            told.append("too many")
        else:
            told.append("counted")

    threads = [threading.Thread(target=attempt) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (5, 15) == (told.count("counted"), told.count("too many"))
