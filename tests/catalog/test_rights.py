"""Rights with their facts: asked, kept with their day, said by hand, shown to the world."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from market.catalog import queries, rights
from market.catalog.forms import CountryForm, NewListing, RightForm
from market.catalog.gateway import NoSuchRight, OfficeBusy, OfficeFault, PatentOffice, RightFacts
from market.catalog.jobs import NO_ANSWER, NOT_KNOWN
from market.catalog.models import IpRight, Technology
from market.catalog.rules.ip import IpNumber
from market.catalog.rules.legal import LegalEvent, Member
from market.catalog.service import listing, parts
from market.catalog.service import rights as service
from market.kit import clock
from market.kit.errors import Forbidden, Invalid, NotFound, Refused
from market.kit.jobs import Job
from tests.catalog.samples import institution, officer
from tests.catalog.test_pages import complete, sign_in

FILED, GRANTED = date(2015, 7, 1), date(2020, 5, 6)
MEMBERS = (
    Member(
        "EP",
        "1234567",
        "B1",
        GRANTED,
        FILED,
        FILED,
        (
            LegalEvent("EP", "AK", GRANTED, "+", states=("DE", "IT"), of_grant=True),
            LegalEvent("EP", "PGFP", date(2026, 6, 1), "+", "DE", 11),
            LegalEvent("EP", "PG25", date(2021, 1, 1), "-", "IT"),
        ),
    ),
)


class Office:
    """A patent office that says what the test wants."""

    name, available = "EPO OPS", True

    def __init__(self):
        self.fault, self.asked = None, []

    def facts(self, number: IpNumber) -> RightFacts:
        self.asked.append(number.text)
        if self.fault:
            raise self.fault
        return RightFacts(number, "77000001", "Quiet pump", FILED, FILED, GRANTED, ("F04D 29/66",), MEMBERS)


@pytest.fixture
def office(wired):
    wired.gateways.put(PatentOffice, Office())
    return wired.gateways[PatentOffice]


@pytest.fixture
def anna(wired, now):
    with wired.db.write() as db:
        return officer(db, institution(db, now), now)


@pytest.fixture
def pump(wired, anna, now):
    """A published listing with one European patent: ids of listing and right."""
    with wired.db.write() as db:
        row = listing.create_draft(db, anna, NewListing(title="Quiet pump"), now=now)
        listing.save(db, anna, row.id, complete(anna), now=now)
        right = parts.add_right(db, anna, row.id, RightForm(kind="patent", number="EP1234567B1"), now=now)
        listing.publish(db, anna, row.id, now=now)
        return row.id, right.id


def ask(wired, anna, pump):
    with wired.db.write() as db:
        service.ask_office(db, anna, *pump, available=True)
    wired.worker().drain()


def held(wired, pump):
    with wired.db.read() as db:
        return {row.country: (row.status, row.source) for row in rights.countries(db, pump[0])}


def test_the_offices_word_is_kept_with_its_day(wired, office, anna, pump, now):
    """Family, dates, class, states: all at once; the listing gets its technology field; again is the same again."""
    for _twice in range(2):
        ask(wired, anna, pump)
        assert {"DE": ("in_force", "EPO OPS"), "IT": ("lapsed", "EPO OPS")} == held(wired, pump)
    with wired.db.read() as db:
        (right,) = queries.ip_rights(db, pump[0])
        technology = db.get(Technology, pump[0])

    assert ("77000001", FILED, GRANTED, now.date(), "") == (
        right.family,
        right.filed_on,
        right.granted_on,
        right.checked_on,
        right.fault,
    )
    assert (date(2035, 7, 1), [27], "granted") == (right.ends_on, technology.technology_fields, technology.ip_status)
    assert ["EP1234567B1", "EP1234567B1"] == office.asked


@pytest.mark.parametrize("case", [(OfficeFault("500"), NO_ANSWER), (NoSuchRight("404"), NOT_KNOWN)])
def test_a_fault_leaves_the_older_facts(wired, office, anna, pump, case):
    """What was known stays with its day, and the page says that the office did not answer."""
    fault, told = case
    ask(wired, anna, pump)
    before = held(wired, pump)
    office.fault = fault
    ask(wired, anna, pump)

    assert before == held(wired, pump)
    with wired.db.read() as db:
        assert [told] == [right.fault for right in queries.ip_rights(db, pump[0])]


def test_a_busy_office_is_asked_later(wired, office, anna, pump, now):
    """The job waits as long as it was told to, and counts no failure."""
    office.fault = OfficeBusy(3600)
    ask(wired, anna, pump)
    with wired.db.read() as db:
        (job,) = db.exec(select(Job).where(Job.kind == service.FETCH)).all()
        assert ("queued", now + timedelta(hours=1), 0) == (job.state, job.run_at, job.attempts)


def test_a_month_later_the_office_is_asked_again(wired, office, pump, now):
    """The daily round asks about what is old or was never asked, and about nothing else."""
    refresh = wired.registry.handlers["catalog.rights.refresh"]
    refresh(wired.worker().run, {})
    wired.worker().drain()
    refresh(wired.worker().run, {})
    wired.worker().drain()
    assert 1 == len(office.asked)
    with clock.frozen(now + timedelta(days=31)):
        refresh(wired.worker().run, {})
        wired.worker().drain()
    assert 2 == len(office.asked)


def test_what_is_said_by_hand_stays_where_the_office_is_silent(wired, office, anna, pump, now):
    """Germany is the office's to tell; Brazil it does not know, so the institution's word stays."""
    with wired.db.write() as db:
        for country, status in (("DE", "lapsed"), ("BR", "never_filed")):
            service.state_country(db, anna, *pump, CountryForm(country=country, status=status), now=now)
    ask(wired, anna, pump)
    assert {"BR": ("never_filed", "manual"), "DE": ("in_force", "EPO OPS"), "IT": ("lapsed", "EPO OPS")} == held(
        wired, pump
    )


def test_wrong_words_are_refused(wired, anna, pump, now):
    """No country of that name, a day still to come, another's right, a colleague without the right."""
    with wired.db.read() as db:
        with pytest.raises(Invalid):
            service.state_country(db, anna, *pump, CountryForm(country="XX", status="lapsed"), now=now)
        late = CountryForm(country="DE", status="lapsed", since=now.date() + timedelta(days=1))
        with pytest.raises(Invalid):
            service.state_country(db, anna, *pump, late, now=now)
        with pytest.raises(NotFound):
            service.forget_country(db, anna, pump[0], pump[1], "FR", now=now)
        with pytest.raises(NotFound):
            service.right_of(db, "another", pump[1])
        with pytest.raises(Refused):
            service.ask_office(db, anna, *pump, available=False)
    with wired.db.write() as db:
        other = officer(db, institution(db, now, slug="other"), now)
        finance = officer(db, db.get(Technology, pump[0]) and _organisation(db, anna), now, role="finance", name="Rosa")
        with pytest.raises(NotFound):
            service.state_country(db, other, *pump, CountryForm(country="DE", status="lapsed"), now=now)
        with pytest.raises(Forbidden):
            service.state_country(db, finance, *pump, CountryForm(country="DE", status="lapsed"), now=now)


def _organisation(db, actor):
    from market.accounts.models import Organisation

    return db.get(Organisation, actor.organisation_id)


def test_a_right_goes_with_its_countries(wired, office, anna, pump, now):
    """Taken off the listing, nothing of it stays behind."""
    ask(wired, anna, pump)
    with wired.db.write() as db:
        parts.remove_right(db, anna, *pump, now=now)
    assert {} == held(wired, pump)
    with wired.db.read() as db:
        assert [] == db.exec(select(IpRight)).all()


def test_the_world_reads_where_it_is_free(wired, office, anna, pump, browser):
    """The listing says it in words, with source, day and caution; no query more for more countries."""
    ask(wired, anna, pump)
    page = browser.get(f"/technologies/x-{pump[0]}")
    for words in (
        "In force:",
        "Germany",
        "Lapsed:",
        "Italy",
        "everywhere else, free to use there.",
        "EPO OPS",
        "1 July 2035",
    ):
        assert words in page.text


def test_by_hand_in_the_browser(wired, anna, pump, browser):
    """Without a key the page asks for each country; what is wrong is said beside the field and stays typed."""
    desk = sign_in(browser, anna)
    desk.get(f"/listings/{pump[0]}/rights/{pump[1]}")
    here = f"/listings/{pump[0]}/rights/{pump[1]}"
    desk.submit(here, country="FR", status="lapsed", since="2021-01-01")
    assert "France" in desk.page.text
    refused = desk.submit(here, country="XX", status="lapsed")
    assert 422 == refused.status_code
    assert "Choose countries from the list." in refused.text
    assert "Ask EPO OPS now" not in refused.text
