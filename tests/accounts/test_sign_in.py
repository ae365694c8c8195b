"""Signing in and out, and what a session is worth."""

import statistics
import time
from datetime import timedelta

import pytest

from market.accounts import queries, rules
from market.accounts.service import members, people, sessions
from market.kit import audit, clock, passwords
from market.kit.actor import SYSTEM
from market.wiring import Wired
from tests.accounts.people import (
    PASSWORD,
    a_member,
    a_person,
    an_organisation,
    another_browser,
    mails,
    sign_in,
)
from tests.browserless import SAME_ORIGIN, Browser
from tests.conftest import MakeWired

EMAIL = "anna.rossi@example.com"
COOKIE = "ponte_session"


@pytest.fixture
def anna(wired: Wired) -> str:
    """Anna, owner of Rossi Pumps; her id."""
    with wired.db.write() as db:
        person = a_person(db)
        an_organisation(db, person.id)
        return person.id


def signed_in(browser: Browser) -> bool:
    return "/sign-in" not in str(browser.get("/account").url)


def test_with_one_organisation_i_act_for_it_at_once(browser: Browser, anna: str) -> None:
    """I sign in and act for my company without being asked."""
    sign_in(browser)

    assert "Rossi Pumps" in browser.get("/organisation").text


@pytest.mark.parametrize(("email", "password"), [(EMAIL, "not this one at all"), ("nobody@example.com", PASSWORD)])
def test_wrong_and_unknown_are_told_alike(browser: Browser, anna: str, email: str, password: str) -> None:
    """Nobody learns from signing in who has an account."""
    browser.get("/sign-in")
    browser.submit("/sign-in", email=email, password=password)

    assert 422 == browser.page.status_code
    assert "E-mail and password do not belong together" in browser.text
    assert not signed_in(browser)


def test_unknown_addresses_take_as_long_as_known_ones(anna: str) -> None:
    """A stopwatch does not tell who has an account: the password is hashed in either case."""
    known_hash = passwords.hashed(PASSWORD)

    def seconds(given: str | None) -> float:
        times = []
        for _try in range(7):
            begin = time.perf_counter()
            assert not passwords.matches(given, "not this one at all")
            times.append(time.perf_counter() - begin)
        return statistics.median(times)

    known, unknown, unusable = seconds(known_hash), seconds(None), seconds(passwords.UNUSABLE)
    assert 0.4 < unknown / known < 2.5
    assert 0.4 < unusable / known < 2.5


def test_a_huge_password_is_refused_cheaply() -> None:
    """A megabyte of password costs no more than any other."""
    begin = time.perf_counter()
    assert not passwords.matches(passwords.hashed(PASSWORD), "x" * 1_000_000)
    assert time.perf_counter() - begin < 1


def test_nobody_signs_in_without_a_usable_password(wired: Wired, browser: Browser) -> None:
    """Somebody without a password cannot be signed in as, whatever is typed."""
    with wired.db.write() as db:
        a_person(db, password=None)
    for typed in ("a password that nobody has", "x", " "):
        browser.get("/sign-in")
        browser.submit("/sign-in", email=EMAIL, password=typed)
        assert 422 == browser.page.status_code


def test_guessing_is_stopped_for_known_and_unknown_alike(browser: Browser, anna: str) -> None:
    """After ten wrong tries from one place even the right password has to wait."""
    for email in (EMAIL, "nobody@example.com"):
        for _try in range(10):
            browser.get("/sign-in")
            browser.submit("/sign-in", email=email, password="not this one at all")
            assert 422 == browser.page.status_code
        browser.get("/sign-in")
        browser.submit("/sign-in", email=email, password=PASSWORD)
        assert 429 == browser.page.status_code

    with clock.frozen(clock.now() + timedelta(minutes=16)):
        sign_in(browser)
        assert signed_in(browser)


def test_tries_without_a_token_count_nothing_and_do_nothing(browser: Browser, anna: str) -> None:
    """A page elsewhere cannot sign me in as somebody else."""
    browser.post("/sign-in", {"email": EMAIL, "password": PASSWORD})

    assert 403 == browser.page.status_code
    assert not signed_in(browser)


def test_a_session_chosen_by_the_client_is_never_adopted(browser: Browser, anna: str) -> None:
    """Somebody who put a session into my browser does not get mine."""
    browser.client.cookies.set(COOKIE, "chosen-by-the-attacker", domain="testserver.local", path="/")
    sign_in(browser)
    mine = browser.client.cookies.get(COOKIE, domain="testserver.local")

    assert mine
    assert mine != "chosen-by-the-attacker"
    with another_browser(browser.wired) as other:
        other.client.cookies.set(COOKIE, "chosen-by-the-attacker", domain="testserver.local", path="/")
        assert not signed_in(other)


def cookie(browser: Browser) -> str:
    return next(each.value or "" for each in browser.client.cookies.jar if each.name == COOKIE)


def works(wired: Wired, token: str) -> bool:
    with wired.db.read() as db:
        return queries.load_actor(db, token).signed_in


def test_the_token_is_new_after_every_sign_in(wired: Wired, browser: Browser, anna: str) -> None:
    """What was in the browser before I signed in is worth nothing afterwards."""
    sign_in(browser)
    first = cookie(browser)
    with wired.db.write() as db:
        actor = queries.load_actor(db, first)
        again = sessions.begin(db, actor, anna, "Anna Rossi", now=clock.now())

    assert first != again.token
    assert not works(wired, first)
    assert works(wired, again.token)


def test_the_token_changes_with_the_organisation(wired: Wired, browser: Browser, anna: str) -> None:
    """Acting for another organisation gives the session a new token; the old one is dead."""
    with wired.db.write() as db:
        other = an_organisation(db, anna, "Rossi Valves").id
    sign_in(browser)
    assert "For whom do you act?" in browser.get("/organisations").text
    first = cookie(browser)
    browser.submit("/organisations", organisation=other)

    assert first != cookie(browser)
    assert not works(wired, first)
    assert "Rossi Valves" in browser.get("/organisation").text


def test_nobody_acts_for_an_organisation_of_others(wired: Wired, browser: Browser, anna: str) -> None:
    """An id that is not mine is as good as none."""
    with wired.db.write() as db:
        strange = an_organisation(db, a_person(db, "Bruno Conti").id, "Conti Glass").id
    sign_in(browser)
    browser.get("/account")
    browser.post("/organisations", {"organisation": strange, "csrf_token": browser.token()})

    assert 404 == browser.page.status_code
    assert "Rossi Pumps" in browser.get("/organisation").text


def test_after_signing_out_the_session_is_dead(wired: Wired, browser: Browser, anna: str) -> None:
    """Who copied my cookie has nothing after I signed out; GET signs nobody out."""
    sign_in(browser)
    token = cookie(browser)
    assert 405 == browser.get("/sign-out").status_code
    assert works(wired, token)
    browser.get("/")
    browser.submit("/sign-out")

    assert not works(wired, token)
    assert not signed_in(browser)


def test_a_session_ends_by_itself(wired: Wired, browser: Browser, anna: str) -> None:
    """After two weeks I sign in again."""
    sign_in(browser)
    token = cookie(browser)

    with clock.frozen(clock.now() + rules.SESSION_LENGTH):
        assert not works(wired, token)


def test_a_person_shut_out_is_out_with_the_next_request(wired: Wired, browser: Browser, anna: str) -> None:
    """The operator shuts somebody out: the sessions end, and no new one begins."""
    sign_in(browser)
    with wired.db.write() as db:
        people.disable(db, SYSTEM, anna, now=clock.now())

    assert not signed_in(browser)
    browser.submit("/sign-in", email=EMAIL, password=PASSWORD)
    assert 422 == browser.page.status_code


@pytest.mark.parametrize(
    "evil",
    [
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "https://evil.example",
        "@evil.example",
        "/\tevil",
        "\\/e",
    ],
)
def test_next_leads_nowhere_else(wired: Wired, browser: Browser, anna: str, evil: str) -> None:
    """A link to our sign-in cannot send me on to another site."""
    browser.get("/sign-in", params={"next": evil})
    browser.client.follow_redirects = False
    browser.submit("/sign-in", email=EMAIL, password=PASSWORD, next=evil)

    assert 303 == browser.page.status_code
    assert "/" == browser.page.headers["location"]


def test_next_leads_where_i_wanted_to_go(browser: Browser, anna: str) -> None:
    """I asked for a page, was sent to sign in, and come out where I wanted to be."""
    browser.get("/organisation/members?page=1")
    assert "Please sign in first" in browser.text
    browser.submit("/sign-in", email=EMAIL, password=PASSWORD)

    assert "/organisation/members?page=1" == browser.page.url.raw_path.decode()


def test_the_cookie_is_out_of_reach(make_wired: MakeWired) -> None:
    """Scripts and other sites do not get the session; under https the browser guards its name."""
    wired = make_wired(BASE_URL="https://ponte.example")
    with wired.db.write() as db:
        a_person(db)
    with Browser(wired) as browser:
        browser.client.base_url = "https://ponte.example"  # type: ignore[assignment]
        browser.get("/sign-in")
        browser.client.follow_redirects = False
        token = browser.token()
        answer = browser.post(
            "/sign-in",
            {"email": EMAIL, "password": PASSWORD, "csrf_token": token},
            headers=SAME_ORIGIN | {"Origin": "https://ponte.example"},
        )
        given = next(value for value in answer.headers.get_list("set-cookie") if "ponte_session" in value)

    assert given.startswith("__Host-ponte_session=")
    assert {"httponly", "secure", "samesite=lax", "path=/"} <= {part.strip().lower() for part in given.split(";")}
    assert "domain" not in given.lower()
    assert "no-store" in answer.headers["cache-control"]


def test_sign_ins_and_refusals_are_recorded(wired: Wired, browser: Browser, anna: str) -> None:
    """Who signed in, from where and when, stands in the trail; so do refusals."""
    browser.get("/sign-in")
    browser.submit("/sign-in", email=EMAIL, password="not this one at all")
    browser.submit("/sign-in", email=EMAIL, password=PASSWORD)

    with wired.db.read() as db:
        tags = [event.tag for event in audit.trail(db, ("person", anna))]
        refused = audit.trail(db, ("sign_in", audit.digest_of(EMAIL)[:26]))
    assert "account:session:begun" == tags[-1]
    assert ["account:session:refused"] == [event.tag for event in refused]
    assert "testclient" == refused[0].address


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
        {"Sec-Fetch-Site": "same-site"},
        {"Referer": "http://testserver/"},
    ],
)
def test_forms_from_elsewhere_change_nothing(browser: Browser, anna: str, headers: dict[str, str]) -> None:
    """Another site cannot use my session, even with a form token of mine."""
    sign_in(browser)
    browser.get("/account")
    browser.post("/account", {"name": "Eve", "csrf_token": browser.token()}, headers=headers)

    assert 403 == browser.page.status_code
    assert "Eve" not in browser.get("/account").text


def test_i_see_my_sessions_and_end_the_others(wired: Wired, browser: Browser, anna: str) -> None:
    """On my account page I see where I am signed in, and end one or all others."""
    sign_in(browser)
    with another_browser(wired) as second, another_browser(wired) as third:
        sign_in(second)
        sign_in(third)
        browser.get("/account")
        browser.submit("/end", form=0)
        assert 1 == [signed_in(second), signed_in(third)].count(True)
        browser.get("/account")
        browser.submit("/account/sessions/end")
        assert not signed_in(second)
        assert not signed_in(third)
    assert signed_in(browser)


def test_nobody_ends_sessions_of_others(wired: Wired, browser: Browser, anna: str) -> None:
    """The id of a stranger's session is as good as none."""
    with wired.db.write() as db:
        a_person(db, "Bruno Conti")
    with another_browser(wired) as other:
        sign_in(other, "bruno.conti@example.com")
        with wired.db.read() as db:
            theirs = queries.load_actor(db, cookie(other)).session_id
        sign_in(browser)
        browser.get("/account")
        browser.post(f"/account/sessions/{theirs}/end", {"csrf_token": browser.token()})
        assert 404 == browser.page.status_code
        assert signed_in(other)


# --- the sample world


def test_in_a_sample_world_one_click_makes_me_somebody(make_wired: MakeWired) -> None:
    """I look at the sample world as its officer, without a password."""
    wired = make_wired(SAMPLE_WORLD=True)
    with wired.db.write() as db:
        owner = people.enrol(db, name="Ada", email="ada@uni.example", is_sample=True, now=clock.now())
        an_organisation(db, owner.id, "Sample University", "university")
        a_person(db, "Real Person")
    with Browser(wired) as browser:
        browser.get("/sign-in")
        assert "Sample University" in browser.text
        assert "Real Person" not in browser.text
        browser.submit("/play", email="ada@uni.example")
        assert "Ada" in browser.text
        assert "Sample University" in browser.get("/organisation").text


def test_in_a_sample_world_real_people_are_not_played(make_wired: MakeWired) -> None:
    """A one-click sign-in is for the fictional people only."""
    wired = make_wired(SAMPLE_WORLD=True)
    with wired.db.write() as db:
        people.enrol(db, name="Ada", email="ada@uni.example", is_sample=True, is_operator=True, now=clock.now())
        a_person(db, "Real Person")
    with Browser(wired) as browser:
        browser.get("/sign-in")
        browser.submit("/play", email="real.person@example.com")
        assert 404 == browser.page.status_code


def test_elsewhere_nobody_is_played(wired: Wired, browser: Browser) -> None:
    """Without the sample world there is no sign-in without a password, even for people of the sample world."""
    with wired.db.write() as db:
        people.enrol(db, name="Ada", email="ada@uni.example", is_sample=True, is_operator=True, now=clock.now())
    browser.get("/sign-in")
    assert "/play" not in browser.page.text
    browser.post("/play", {"email": "ada@uni.example", "csrf_token": browser.token()})

    assert 404 == browser.page.status_code
    assert not signed_in(browser)


def test_a_removed_member_is_out_with_the_next_request(wired: Wired, browser: Browser, anna: str) -> None:
    """A colleague who is removed sees nothing of ours from the next click on, and gets a mail."""
    with wired.db.write() as db:
        organisation = queries.memberships(db, anna)[0].organisation_id
        bruno = a_member(db, organisation, "Bruno Conti", rules.Role.OWNER)
    sign_in(browser, "bruno.conti@example.com")
    assert 200 == browser.get("/organisation/members").status_code
    with wired.db.write() as db:
        members.remove(db, queries.acting(db, anna, organisation), organisation, bruno.id, now=clock.now())

    assert 403 == browser.get("/organisation/members").status_code
    assert mails(wired, "bruno.conti@example.com")[0].startswith("You no longer act for Rossi Pumps")
