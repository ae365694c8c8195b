"""Fixtures of the tests of deals."""

from datetime import datetime
from pathlib import Path

import pytest

from market.kit.db import Database
from market.kit.files import FileStore
from tests.deals import world as making
from tests.deals.world import World


@pytest.fixture
def world(database: Database, now: datetime) -> World:
    """An institution with a listing and a company, in a database of each kind."""
    with database.write() as db:
        return making.make_world(db, now)


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    """A folder for documents."""
    return making.store(tmp_path)
