"""Needs over HTTP, as people without JavaScript use them."""

import json
import re
from xml.etree.ElementTree import fromstring

import pytest

from market.kit.db import count_statements
from market.needs.service import posting
from tests.accounts.people import PASSWORD, another_browser, link_in, mails, sign_in
from tests.needs import world as making
from tests.needs.world import TEXT, WORDS

BUYER, OFFICER, OPERATOR = "bianca.bianchi@example.com", "otto.officer@example.com", "olga.operator@example.com"
TYPED = {"title": "Heat out of waste water", "text": TEXT, "sector": "food", "kinds": ["licence"], "anonymous": "on"}
SECRET = "Latteria Bianchi"


def test_a_need_from_the_form_to_the_enquiry(wired, world, browser):
    """The company posts it, the operator opens it, the institute answers, the company marks it and asks."""
    sign_in(browser, BUYER)
    browser.get("/needs/new")
    browser.submit("/needs/new", **TYPED, then="send")
    assert "Being checked" in browser.text
    path = browser.page.url.path
    with another_browser(wired) as desk, another_browser(wired) as institute, another_browser(wired) as visitor:
        assert 404 == visitor.get(path).status_code
        sign_in(desk, OPERATOR)
        assert "Heat out of waste water" in desk.get("/desk").text
        desk.get(link_in(mails(wired, OPERATOR)[0], "desk/needs"))
        assert SECRET in desk.text
        desk.submit("/approve")
        assert "No need waits" in desk.text
        wired.worker().drain()
        assert 200 == visitor.get(path).status_code

        sign_in(institute, OFFICER)
        institute.get("/needs-for-us")
        assert "Words that both have" in institute.text
        assert SECRET not in institute.page.text
        institute.get(path)
        institute.get(f"/needs/{path[-26:]}/answer")
        institute.submit("/answer", message="short")
        assert 422 == institute.page.status_code
        assert "Use at least 20 characters" in institute.text
        assert "short" in institute.page.text
        institute.submit("/answer", message=WORDS)
        assert "Your answer is sent" in institute.text

        browser.get(link_in(mails(wired, BUYER)[0], "needs"))
        assert WORDS in browser.text
        browser.submit("/choose")
        assert "Marked." in browser.text
        assert "Ask Waste Heat Institute" in browser.text
        assert TEXT[:60] in browser.page.text
        browser.submit("/enquire")
        assert "has to answer the enquiry" in browser.text
        browser.get(path)
        assert "Go to the deal" in browser.text
        assert SECRET in institute.get(path).text
        assert 404 == visitor.get(path).status_code


def test_the_form_keeps_what_was_typed_and_says_what_to_mend(wired, world, browser):
    """Sent in with faults: a sentence at each field, nothing lost, nothing kept."""
    sign_in(browser, BUYER)
    browser.get("/needs/new")
    browser.submit(
        "/needs/new", **TYPED | {"text": "Too short.", "deadline": "2020-01-01", "sector": None}, then="send"
    )
    assert 422 == browser.page.status_code
    for sentence in ("Describe it in two or three sentences", "Choose a day after today", "Choose a sector"):
        assert sentence in browser.text
    assert "Too short." in browser.page.text
    assert "No needs yet" in browser.get("/our-needs").text


def test_open_needs_are_filtered_and_paged(wired, world, browser):
    """Twenty a page; sector, country, way of working, stage and words narrow it down; nonsense is passed over."""
    with wired.db.write() as db:
        for number in range(21):
            making.opened(db, world, title=f"Heat exchanger number {number}", anonymous=number == 0)
        making.opened(db, world, title="A quiet 100% bottle valve", sector="machinery", kinds=["option"], country="FR")
    browser.get("/needs")
    assert "22 needs" in browser.text
    assert 20 == browser.page.text.count('<article class="result"')
    assert 2 == browser.get("/needs?page=2").text.count('<article class="result"')
    for query in (
        "sector=machinery",
        "country=fr",
        "kind=option",
        "q=QUIET",
        "q=100%25 bottle",
        "q=quiet&sector=machinery",
    ):
        browser.get(f"/needs?{query}")
        assert "1 need" in browser.text, query
        assert "A quiet 100% bottle valve" in browser.text
    assert "No need fits all of this" in browser.get("/needs?q=_&stage=ready").text
    assert "22 needs" in browser.get("/needs?sector=x&kind=%25&country=<b>&stage=any&page=zz").text


def test_an_anonymous_company_is_named_nowhere(wired, world, browser):
    """Not on the page, in the list, in JSON, feed, search, mails or another's lists; nor is the person."""
    with wired.db.write() as db:
        need = making.opened(db, world, anonymous=True)
        named = making.opened(db, world, title="Another need, by name")
    wired.worker().drain()
    places = ["/needs", f"/needs/{need.slug}-{need.id}", "/needs.json", "/needs/feed", "/search?q=bianchi", "/describe"]
    for who in (None, OFFICER, "rita.rival@example.com", "ada.adviser@example.com", "vera.valve@example.com"):
        with another_browser(wired) as reader:
            if who:
                sign_in(reader, who)
            for place in places if who != OFFICER else [*places, "/needs-for-us", f"/needs/{need.id}/answer"]:
                shown = reader.get(place)
                assert 200 == shown.status_code, place
                about_named = named.title in shown.text
                assert "Bianca" not in shown.text, (who, place)
                if not about_named:
                    assert SECRET not in shown.text, (who, place)
                    assert world.buyer.organisation_id not in shown.text, (who, place)
    rows = json.loads(browser.get("/needs.json").text)["needs"]
    assert {need.id: None, named.id: SECRET} == {row["id"]: row["organisation"] for row in rows}
    entries = fromstring(browser.get("/needs/feed").text.encode())
    names = [name.text for name in entries.iter("{http://www.w3.org/2005/Atom}name")]
    assert ["Latteria Bianchi", "A company that stays anonymous until a technology fits"] == names
    for text in mails(wired, OFFICER):
        assert "by name" in text or SECRET not in text


def test_what_is_not_open_is_not_there(wired, world, browser):
    """Drafts and withdrawn needs answer 404 to strangers on every address, and forms of others do nothing."""
    with wired.db.write() as db:
        draft = posting.create(db, world.buyer, making.a_form(then=""), now=world.now)
    for who in ("rita.rival@example.com", OFFICER):
        with another_browser(wired) as reader:
            sign_in(reader, who)
            for path in ("", "/edit", "/close", "/answer", f"/enquire/{world.heat.id}"):
                assert reader.get(f"/needs/{draft.id}{path}").status_code in (403, 404), path
            reader.get("/account")
            for path in ("send", "withdraw", "choose", "close", "answer", "edit"):
                data = {
                    "csrf_token": reader.token(),
                    "technology": world.heat.id,
                    "outcome": "found_here",
                    "title": "Mine now",
                }
                reader.post(f"/needs/{draft.id}/{path}", data | {"message": WORDS, "version": "1"})
                assert reader.page.status_code in (403, 404), path
            reader.post(f"/desk/needs/{draft.id}/approve", {"csrf_token": reader.token()})
            assert 403 == reader.page.status_code
    with wired.db.read() as db:
        assert ("draft", 1) == (db.get_one(type(draft), draft.id).state, db.get_one(type(draft), draft.id).version)


def test_a_description_survives_the_sign_in(wired, world, browser):
    """A visitor describes a need, posts it by one click, signs in: the words stand in the form."""
    browser.get("/describe")
    browser.submit("/describe", text=TEXT)
    assert "Heat from waste water" in browser.text
    assert re.search("<li[^>]*>.*<mark>heat</mark> <mark>exchanger", browser.page.text)
    browser.submit("/needs/carry")
    assert "/sign-in" in str(browser.page.url)
    browser.submit("/sign-in", email=BUYER, password=PASSWORD)
    assert "/needs/new" in str(browser.page.url)
    assert TEXT in browser.page.text
    browser.submit("/needs/new", sector="food", then="send")
    assert "Being checked" in browser.text
    assert TEXT not in browser.get("/needs/new").text


def test_a_description_waits_for_who_has_no_company_yet(wired, world, browser):
    """Somebody without an organisation is led to it; a university person is told that companies post needs."""
    from tests.accounts.people import a_person

    with wired.db.write() as db:
        a_person(db, "Nora Newcomer")
    sign_in(browser, "nora.newcomer@example.com")
    browser.get("/describe")
    browser.submit("/describe", text=TEXT)
    browser.submit("/needs/carry")
    assert "What you wrote is kept" in browser.text
    with another_browser(wired) as officer:
        sign_in(officer, OFFICER)
        assert 403 == officer.get("/needs/new").status_code


@pytest.mark.parametrize("path", ["/needs", "/needs-for-us", "/our-needs"])
def test_the_number_of_queries_does_not_grow(wired, world, browser, path):
    """Two needs or twelve: as many statements."""
    sign_in(browser, BUYER if path == "/our-needs" else OFFICER)

    counted: list[int] = []
    count_statements(wired.db.reader, lambda: counted.append(1))

    def statements():
        counted.clear()
        assert 200 == browser.get(path).status_code
        return len(counted)

    for number in range(2):
        with wired.db.write() as db:
            making.answered(db, world, title=f"Heat need {number} of a dairy")
    wired.worker().drain()
    few = statements()
    for number in range(10):
        with wired.db.write() as db:
            making.answered(db, world, title=f"Heat need more {number} of a dairy")
    wired.worker().drain()
    assert few == statements()
