"""Fixtures of the tests of needs."""

import pytest

from tests.needs import world as making


@pytest.fixture
def world(wired, now):
    """Companies, institutes with listings in the index, an operator; nobody needs anything yet."""
    with wired.db.write() as db:
        made = making.make_world(db, now)
    wired.worker().drain()
    return made


@pytest.fixture
def database(wired):
    """The database of the application."""
    return wired.db
