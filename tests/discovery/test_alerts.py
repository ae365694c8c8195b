"""From a new listing to the mail of who waits for it: once, to the right people, and nothing that is hidden."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from market.accounts import queries as accounts
from market.accounts.service import people
from market.catalog.events import TechnologiesChanged
from market.catalog.forms import ListingForm, NewListing
from market.catalog.service import listing as catalog
from market.desk.gateway import Outbox
from market.discovery import queries
from market.discovery.forms import SavedSearchForm, SaveSearchForm
from market.discovery.models import AlertMatch, AlertSent
from market.discovery.service import saving
from market.kit import clock, jobs
from market.kit.actor import SYSTEM
from market.kit.errors import NotFound, Refused
from market.kit.events import emit
from market.kit.mail import Mail
from tests.accounts.people import a_person, an_organisation
from tests.catalog.samples import LONG
from tests.discovery.world import an_officer, publish


@pytest.fixture
def officer(wired, now):
    """Who publishes."""
    with wired.db.write() as db:
        return an_officer(db, now, name="Institute of Bari", slug="bari")


@pytest.fixture
def maria(wired, now):
    """Who looks for something, in Rome."""
    with wired.db.write() as db:
        person = a_person(db, "Maria Verdi", password=None)
        an_organisation(db, person.id, "Verdi Pumps")
        return accounts.acting(db, person.id)


@pytest.fixture
def save(wired, now, maria):
    """Saves a search of Maria's (or of another person's)."""

    def keep(query, frequency="at_once", name="Pumps", actor=maria):
        with wired.db.write() as db:
            return saving.save(db, actor, SaveSearchForm(name=name, frequency=frequency, query=query), now=clock.now())

    return keep


@pytest.fixture
def put_out(wired, officer, now):
    """Publishes a listing."""

    def put(title, **given):
        with wired.db.write() as db:
            return publish(db, officer, title, now=clock.now(), **given)

    return put


def told(wired, at=None):
    """Run the worker, with the minute's own calls; give subject and text of every mail about new listings so far."""
    with clock.frozen(at or clock.now()):
        with wired.db.write() as db:
            for kind in ("discovery.match", "discovery.tell"):
                jobs.enqueue(db, kind, {}, key=kind)
        wired.worker().drain()
    mails = [message for _name, message in wired.gateways[Outbox].newest(100) if message["List-Unsubscribe"]]
    return [f"{mail['Subject']}\n{mail.get_body(('plain',)).get_content()}" for mail in mails]


def rows(wired, table):
    """How many rows a table has."""
    with wired.db.read() as db:
        return db.execute(select(func.count()).select_from(table)).scalar_one()


def test_who_waits_is_told_of_what_fits(wired, save, put_out, maria):
    """A mail with the listing, the name of the search, and nothing that does not fit."""
    save("q=pump&sector=machinery", name="Pumps for us")
    put_out("Quiet pump")
    put_out("Solar pump", sector="energy")
    put_out("Drone for bridges")

    [mail] = told(wired)

    assert mail.startswith("1 new technology for you")
    assert "Your search: Pumps for us" in mail
    assert "Quiet pump" in mail
    assert "Solar pump" not in mail
    assert "Drone" not in mail


def test_nobody_is_told_of_what_was_there_before(wired, save, put_out, now):
    """A search hears of what becomes visible after it was saved, however late the worker is."""
    put_out("Quiet pump")
    with clock.frozen(now + timedelta(minutes=1)):
        save("q=pump")

    assert [] == told(wired, now + timedelta(minutes=2))


def test_nobody_is_told_twice(wired, save, put_out, officer, now):
    """Not by two searches, not when it is edited, not when it is hidden and opened again, not when jobs run again."""
    save("q=pump")
    save("q=quiet", name="Quiet things")
    pump = put_out("Quiet pump")
    [mail] = told(wired)
    assert 1 == mail.count("/technologies/quiet-pump-")

    with wired.db.write() as db:
        fields = {"version": 3, "title": "Quiet pump, better", "summary": "It saves time.", "sector": "machinery"}
        form = ListingForm(**fields, description=LONG, offers=["licence"], contact_id=officer.person_id)
        catalog.save(db, officer, pump.id, form, now=now)
    with wired.db.write() as db:
        catalog.withdraw(db, officer, pump.id, now=now)
    with wired.db.write() as db:
        catalog.publish(db, officer, pump.id, now=now)
    with wired.db.write() as db:
        emit(db, TechnologiesChanged((pump.id,)))

    assert [mail] == told(wired)
    assert 1 == rows(wired, AlertSent)


def test_two_workers_tell_once(wired, save, put_out):
    """Whoever is faster writes the mail; the other finds that it was told."""
    save("q=pump")
    put_out("Quiet pump")
    with wired.db.write() as db:
        jobs.enqueue(db, "discovery.match", {}, key="again")
    threads = [threading.Thread(target=wired.worker(f"worker {n}").drain) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert 1 == len(told(wired))
    with wired.db.read() as db:
        mails = select(func.count()).select_from(Mail).where(Mail.template == "discovery/mail/new_listings")
        assert 1 == db.execute(mails).scalar_one()


def test_a_worker_that_dies_before_the_commit_has_told_nothing(wired, save, put_out, monkeypatch):
    """Mail and note are one unit: either both are there or none, and the next worker tells."""
    from market.discovery.service import alerting

    save("q=pump")
    put_out("Quiet pump")
    told_really = alerting.audit.record

    def die(*args, **kwargs):
        told_really(*args, **kwargs)
        raise SystemError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(alerting.audit, "record", die)
        assert [] == told(wired)
    assert 0 == rows(wired, AlertSent)
    assert 1 == rows(wired, AlertMatch)
    with clock.frozen(clock.now() + timedelta(hours=2)):
        assert 1 == len(told(wired))


def test_what_is_hidden_before_the_mail_is_left_out(wired, save, put_out, officer, now):
    """A daily digest does not name what was withdrawn in the meantime; with nothing left there is no mail."""
    save("q=pump", "daily")
    gone, stays = put_out("Secret pump"), put_out("Quiet pump")
    assert [] == told(wired)
    assert 2 == rows(wired, AlertMatch)
    with wired.db.write() as db:
        catalog.withdraw(db, officer, gone.id, now=now)

    [mail] = told(wired, now + timedelta(days=1))

    assert "Quiet pump" in mail
    assert "Secret" not in mail
    with wired.db.read() as db:
        assert [stays.id] == list(db.execute(select(AlertSent.technology_id)).scalars())


def test_a_digest_comes_once_in_the_morning_with_everything(wired, save, put_out, now):
    """Found at one in the afternoon in Rome: nothing on that day, one mail at eight of the next, for both searches."""
    save("q=pump", "daily")
    save("q=drone", "daily", name="Drones")
    put_out("Quiet pump")
    put_out("Drone for bridges")

    assert [] == told(wired, now.replace(hour=23))
    eight_in_rome = now.replace(hour=7) + timedelta(days=1)
    assert [] == told(wired, eight_in_rome - timedelta(seconds=1))
    [mail] = told(wired, eight_in_rome)
    assert mail.startswith("2 new technologies for you")


def test_a_search_without_mail_is_silent(wired, save, put_out):
    """It is kept and found again, and nobody is written to."""
    save("q=pump", "off")
    put_out("Quiet pump")

    assert [] == told(wired)
    assert 0 == rows(wired, AlertMatch)


def test_silencing_or_deleting_a_search_drops_what_waits(wired, save, put_out, maria, now):
    """What it found and did not tell is not told any more; a later frequency tells it later."""
    search = save("q=pump", "daily")
    put_out("Quiet pump")
    told(wired)
    with wired.db.write() as db:
        saving.change(db, maria, search.id, SavedSearchForm(name="Pumps", frequency="weekly", text="pump"), now=now)
    assert [] == told(wired, now + timedelta(days=1))
    with wired.db.write() as db:
        saving.throw_away(db, maria, search.id, now=now)

    assert [] == told(wired, now + timedelta(days=10))
    assert 0 == rows(wired, AlertMatch)


def test_who_was_shut_out_gets_no_mail(wired, save, put_out, maria, now):
    """A disabled person is not written to, even when the match was there before."""
    save("q=pump", "daily")
    put_out("Quiet pump")
    told(wired)
    with wired.db.write() as db:
        people.disable(db, SYSTEM, maria.person_id, now=now)

    assert [] == told(wired, now + timedelta(days=1))


def test_an_import_makes_one_mail(wired, save, put_out, now):
    """Thirty new listings at once: one mail, which shows twenty and tells the number of the others."""
    save("q=pump")
    for number in range(30):
        put_out(f"Pump {number}")

    [mail] = told(wired)

    assert mail.startswith("30 new technologies for you")
    assert 20 == mail.count("/technologies/")
    assert "And 10 more" in mail
    assert 30 == rows(wired, AlertSent)


def test_drafts_and_hidden_listings_reach_nobody(wired, save, officer, now):
    """Of a draft, and of what was withdrawn before the worker came, nobody hears."""
    save("q=pump")
    with wired.db.write() as db:
        catalog.create_draft(db, officer, NewListing(title="Draft pump"), now=now)
        gone = publish(db, officer, "Secret pump", now=now)
        catalog.withdraw(db, officer, gone.id, now=now)
        emit(db, TechnologiesChanged((gone.id,)))

    assert [] == told(wired)
    assert 0 == rows(wired, AlertMatch)


def test_a_saved_search_is_ones_own(wired, save, officer, maria, now):
    """Nobody changes, deletes or sees another's."""
    search = save("q=pump")
    form = SavedSearchForm(name="Mine", frequency="off")
    with wired.db.write() as db:
        with pytest.raises(NotFound):
            saving.change(db, officer, search.id, form, now=now)
        with pytest.raises(NotFound):
            saving.throw_away(db, officer, search.id, now=now)
        with pytest.raises(NotFound):
            queries.saved_search(db, officer.person_id, search.id)
        assert [] == queries.saved_searches(db, officer.person_id)


def test_the_same_search_is_kept_once(wired, save, maria, now):
    """Saved again in another spelling it gets the new name; changed into a twin it is refused; fifty are enough."""
    first = save("sector=energy&q=pump&page=3&nonsense=1")
    again = save("q=pump&sector=energy", name="Again")
    other = save("q=drone", name="Drones")

    assert first.id == again.id
    with wired.db.write() as db, pytest.raises(Refused) as told_so:
        twin = SavedSearchForm(name="Drones", frequency="off", text="pump")
        saving.change(db, maria, save_plain(db, maria, now).id, twin, now=now)
    assert "twice" == told_so.value.refusal.code
    for number in range(46):
        save(f"q=thing{number}", name=str(number))
    with pytest.raises(Refused) as full:
        save("q=onemore")
    assert "too_many" == full.value.refusal.code
    assert other.query == "q=drone"


def save_plain(db, maria, now):
    """Two searches without filters; gives the second."""
    saving.save(db, maria, SaveSearchForm(name="a", frequency="off", query="q=pump"), now=now)
    return saving.save(db, maria, SaveSearchForm(name="b", frequency="off", query="q=valve"), now=now)
