"""Saved searches, the shortlist and the comparison as a visitor without JavaScript uses them."""

import pytest
from sqlalchemy import select

from market.catalog.models import Technology
from market.catalog.service import listing as catalog
from market.desk.gateway import Outbox
from market.discovery.models import SavedSearch
from market.kit import clock, jobs
from market.kit.audit import AuditEvent
from market.kit.cookies import MARKS
from tests.accounts.people import PASSWORD, a_person, an_organisation, another_browser, sign_in
from tests.discovery.world import an_officer, publish


@pytest.fixture
def maria(world):
    """Somebody with an account and a company."""
    with world.db.write() as db:
        person = a_person(db, "Maria Verdi")
        an_organisation(db, person.id, "Verdi Dairies")
        return person.id


@pytest.fixture
def ids(world):
    """Title -> id of every listing."""
    with world.db.read() as db:
        return {row.title: row.id for row in db.execute(select(Technology.title, Technology.id))}


def withdraw(world, technology_id, now):
    """Its institution takes a listing off the market."""
    with world.db.write() as db:
        owner = db.get(Technology, technology_id)
        from market.accounts import queries as accounts

        catalog.withdraw(db, accounts.acting(db, owner.contact_id, owner.organisation_id), technology_id, now=now)


def buttons(browser, action):
    """The technologies for which the page in hand has this button."""
    from tests.browserless import Form

    forms = Form(browser.page.text).forms
    return {dict(form["fields"])["technology"] for form in forms if form["action"] == action}


# --- the shortlist


def test_a_visitor_keeps_without_an_account(world, browser, ids):
    """Press Keep on a card: one comes back to the card, which says Kept; the shortlist has it; removing empties it."""
    came_from = {"Referer": "http://testserver/search?q=pump", "Accept": "text/html"}
    browser.post("/shortlist", {"technology": ids["Quiet pump"]}, headers=browser.same_origin | came_from)

    assert f"http://testserver/search?q=pump#keep-{ids['Quiet pump']}" == str(browser.page.url)
    assert {ids["Quiet pump"]} == buttons(browser, "/shortlist/remove")
    browser.get("/shortlist")
    assert "Quiet pump" in browser.text
    assert "Sign in to keep it with you" in browser.text
    browser.submit("/shortlist/remove")
    browser.get("/shortlist")
    assert "Nothing is on your shortlist yet" in browser.text


def test_pages_kept_for_everybody_stay_everybodys(world, browser, ids):
    """What one visitor keeps shows on his pages only, before and after, on every page with cards."""
    with another_browser(world) as stranger:
        for path in ("/", "/search", f"/technologies/x-{ids['Quiet pump']}", "/institutions/pumps"):
            stranger.get(path)
            assert "csrf_token" not in stranger.page.text
            assert set() == buttons(stranger, "/shortlist/remove")
        browser.get("/search?q=pump")
        browser.submit("/shortlist", technology=ids["Quiet pump"])
        for path in ("/", "/search", f"/technologies/x-{ids['Quiet pump']}", "/institutions/pumps"):
            browser.get(path)
            assert ids["Quiet pump"] in buttons(browser, "/shortlist/remove"), path
            stranger.get(path)
            assert set() == buttons(stranger, "/shortlist/remove"), path


def test_another_site_cannot_keep(world, browser, ids, maria):
    """A form of another site is refused: by the browser's word for a visitor, by the token too for a person."""
    foreign = {"Sec-Fetch-Site": "cross-site", "Accept": "text/html"}
    browser.get("/")
    assert 403 == browser.post("/shortlist", {"technology": ids["Quiet pump"]}, headers=foreign).status_code
    sign_in(browser, "maria.verdi@example.com")
    assert 403 == browser.post("/shortlist", {"technology": ids["Quiet pump"]}).status_code


def test_a_cookie_that_is_not_ours_keeps_nothing(world, browser, ids):
    """Ids without our seal are passed over."""
    browser.client.cookies.set(MARKS, f"{ids['Secret battery']}.{'0' * 32}")
    browser.get("/shortlist")

    assert "Nothing is on your shortlist yet" in browser.text


def test_what_was_kept_comes_along_to_the_account(world, browser, ids, maria):
    """Kept before the sign-in, it is there afterwards and in another browser; this browser remembers it no more."""
    browser.get("/search")
    browser.submit("/shortlist", technology=ids["Quiet pump"])
    sign_in(browser, "maria.verdi@example.com")
    browser.get("/shortlist")

    assert "Quiet pump" in browser.text
    assert MARKS not in browser.client.cookies
    browser.submit(f"/shortlist/{ids['Quiet pump']}/note", note="Ask about <noise> first.")
    assert "Ask about &lt;noise&gt; first." in browser.page.text
    with another_browser(world) as elsewhere:
        sign_in(elsewhere, "maria.verdi@example.com")
        elsewhere.get("/shortlist")
        assert "Quiet pump" in elsewhere.text
    browser.submit(f"/shortlist/{ids['Quiet pump']}/note", note="x" * 1001)
    assert 422 == browser.page.status_code
    assert "Use at most 1,000 characters." in browser.text


def test_what_is_no_longer_offered_says_only_that(world, browser, ids, maria, now):
    """A withdrawn listing leaves its place on the list, without a word of its content; others can't be kept at all."""
    sign_in(browser, "maria.verdi@example.com")
    browser.get("/search")
    browser.submit("/shortlist", technology=ids["Quiet pump"])
    withdraw(world, ids["Quiet pump"], now)
    browser.get("/shortlist")

    assert "No longer offered" in browser.text
    assert "Quiet pump" not in browser.page.text
    token = browser.token()
    for title in ("Secret battery", "Draft battery"):
        kept = browser.post("/shortlist", {"technology": ids[title], "csrf_token": token})
        assert 404 == kept.status_code


# --- side by side


def test_four_technologies_side_by_side(world, browser, ids, now):
    """Facts in rows, each marked as different or the same in words; a fifth does not fit; hidden ones are not told."""
    four = [ids[title] for title in ("Quiet pump", "Photovoltaic roof tile", "Drone for bridges", "Battery of sodium")]
    browser.get("/compare", params={"t": [*four, ids["Heat from waste water"]]})

    assert 4 == browser.page.text.count('<th scope="col"><div')
    assert "Only the first 4 are shown" in browser.text
    assert "Different" in browser.text
    assert "The same" in browser.text
    withdraw(world, ids["Quiet pump"], now)
    browser.get("/compare", params={"t": [*four[:2], ids["Secret battery"], ids["Draft battery"]]})
    assert "3 technologies that you asked for are no longer offered." in browser.text
    assert "Photovoltaic" in browser.text
    for hidden in ("Quiet pump", "Secret battery", "Draft battery"):
        assert hidden not in browser.page.text
    browser.get("/compare?t=nonsense&t=")
    assert "Nothing to compare" in browser.text


# --- saved searches


def test_a_search_is_saved_changed_and_deleted(world, browser, maria):
    """From the results to a name, to the list, to fewer filters and another frequency, and away."""
    browser.get("/search?q=pump&sector=machinery&page=2")
    browser.get("/saved-searches/new?q=pump&sector=machinery")
    assert "/sign-in" in str(browser.page.url)
    browser.submit("/sign-in", email="maria.verdi@example.com", password=PASSWORD)
    assert "pump, Machines and production" in browser.text or "pump, " in browser.text
    browser.submit("/saved-searches/new", name="", frequency="daily")
    assert 422 == browser.page.status_code
    browser.submit("/saved-searches/new", name="Pumps for us", frequency="daily")
    assert "Your search is saved." in browser.text
    assert "Every working morning" in browser.text
    assert 'href="/search?q=pump&amp;sector=machinery"' in browser.page.text

    with world.db.read() as db:
        search_id = db.execute(select(SavedSearch.id)).scalar_one()
    browser.get(f"/saved-searches/{search_id}")
    browser.submit(f"/saved-searches/{search_id}", name="All pumps", filters=None, frequency="off")
    assert "All pumps" in browser.text
    assert "No mail" in browser.text
    with world.db.read() as db:
        assert "q=pump" == db.execute(select(SavedSearch.query)).scalar_one()
    browser.submit(f"/saved-searches/{search_id}/delete")
    assert "You have not saved a search yet" in browser.text
    assert 404 == browser.get(f"/saved-searches/{search_id}").status_code
    with world.db.read() as db:
        tags = set(db.execute(select(AuditEvent.tag).where(AuditEvent.subject_id == maria)).scalars())
    assert {"discovery:search:saved", "discovery:search:changed", "discovery:search:deleted"} <= tags


def test_mails_are_stopped_by_one_click_without_signing_in(world, browser, maria, now):
    """Looking at the link changes nothing; the mail program's POST, without cookie or token, stops them (RFC 8058)."""
    sign_in(browser, "maria.verdi@example.com")
    browser.get("/saved-searches/new?q=centrifuge")
    browser.submit("/saved-searches/new", name="Centrifuges", frequency="at_once")
    with world.db.write() as db:
        publish(db, an_officer(db, now, name="Third", slug="third"), "Gentle centrifuge", now=now)
    world.worker().drain()
    [mail] = [each for _name, each in world.gateways[Outbox].newest(100) if each["List-Unsubscribe"]]

    assert "List-Unsubscribe=One-Click" == mail["List-Unsubscribe-Post"]
    [written] = [
        text
        for path in world.settings.folder("outbox").glob("*.eml")
        if "List-Unsubscribe" in (text := path.read_text())
    ]
    assert "\nList-Unsubscribe: <http://testserver/alerts/stop/" in written
    address = str(mail["List-Unsubscribe"]).strip("<>").removeprefix("http://testserver")
    with another_browser(world) as anybody:
        anybody.get(address)
        assert "Stop these mails" in anybody.text
        assert {"at_once"} == frequencies(world)
        answer = anybody.client.post(address, data={"List-Unsubscribe": "One-Click"})
        assert 200 == answer.status_code
        assert {"off"} == frequencies(world)
        assert 200 == anybody.client.post(address, data={"List-Unsubscribe": "One-Click"}).status_code
        assert 404 == anybody.client.post(address[:-3] + "abc").status_code
        assert 404 == anybody.get("/alerts/stop/nobody.nothing").status_code


def frequencies(world):
    """How often the saved searches write."""
    with world.db.read() as db:
        return set(db.execute(select(SavedSearch.frequency)).scalars())


# --- nothing hidden anywhere


def test_nothing_hidden_is_found_by_anybody_anywhere(world, browser, ids, maria):
    """For a visitor, a company, the institution itself and a stranger's: no draft, no withdrawn listing, in any list."""
    with world.db.write() as db:
        a_person(db, "Opera Tor", operator=True)
        owner = a_person(db, "Own Er")
        from market.accounts.models import Membership, Organisation

        institute = db.execute(select(Organisation.id).where(Organisation.slug == "groesse")).scalar_one()
        db.add(Membership(person_id=owner.id, organisation_id=institute, role="owner", created_at=clock.now()))
        jobs.enqueue(db, "discovery.index", {}, key="discovery.index")
    world.worker().drain()
    hidden = ("Secret battery", "Draft battery")
    pages = [
        "/search", "/search?q=battery", "/feed.xml", "/feed.xml?q=battery", "/sitemap.xml", "/sitemap-1.xml", "/shortlist",
        "/institutions/groesse", "/", f"/technologies/x-{ids['Battery of sodium']}",
        f"/compare?t={ids['Secret battery']}&t={ids['Draft battery']}",
    ]  # fmt: skip
    for who in (None, "maria.verdi@example.com", "own.er@example.com", "opera.tor@example.com"):
        with another_browser(world) as reader:
            if who:
                sign_in(reader, who)
            for path in pages:
                assert 200 == reader.get(path).status_code, (who, path)
                for title in hidden:
                    assert title not in reader.page.text, (who, path)
                    assert f"-{ids[title]}" not in reader.page.text, (who, path)
