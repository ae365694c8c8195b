"""A small catalogue, in the index."""

import pytest

from market.catalog.forms import NewListing
from market.catalog.service import listing as catalog
from tests.discovery.world import an_officer, publish

NEED_ANSWER = "A heat exchanger for warm waste water of dairies and laundries. It cleans itself and runs for years."


@pytest.fixture
def world(wired, now):
    """Six listings of two institutes, in the index; and a draft and a withdrawn one, which are not."""
    with wired.db.write() as db:
        anna = an_officer(db, now)
        bert = an_officer(db, now, name="Pumpeninstitut Größe", slug="groesse")
        publish(db, anna, "Quiet pump", now=now, trl=7, licences=["exclusive"], price_kind="free")
        publish(db, anna, "Photovoltaic roof tile", now=now, sector="energy", trl=4)
        publish(db, anna, "Heat from waste water", now=now, sector="environment", description=NEED_ANSWER)
        publish(db, bert, "Drone for bridges", now=now, sector="robotics", offers=["licence", "joint_research"])
        publish(db, bert, "<b>Valve</b> & \"seal\" 'o' <script>alert(1)</script>", now=now)
        publish(db, bert, "Battery of sodium", now=now, sector="energy", summary="Cheap storage, without any lithium.")
        gone = publish(db, bert, "Secret battery", now=now, sector="energy")
        catalog.withdraw(db, bert, gone.id, now=now)
        catalog.create_draft(db, bert, NewListing(title="Draft battery"), now=now)
    wired.worker().drain()
    return wired
