"""A forgotten password, and a changed one."""

from datetime import timedelta

import pytest

from market.accounts import queries
from market.kit import clock
from market.wiring import Wired
from tests.accounts.people import PASSWORD, a_person, another_browser, link_in, mails, sign_in
from tests.browserless import Browser

EMAIL = "anna.rossi@example.com"
NEW = "a new one with more words"


@pytest.fixture
def anna(wired: Wired) -> str:
    """Anna; her id."""
    with wired.db.write() as db:
        return a_person(db).id


def ask(browser: Browser, email: str = EMAIL) -> None:
    browser.get("/password/forgotten")
    browser.submit("/password/forgotten", email=email)


def is_in(browser: Browser) -> bool:
    return "/sign-in" not in str(browser.get("/account").url)


def test_i_set_a_new_password_by_mail(wired: Wired, browser: Browser, anna: str) -> None:
    """I ask for a link, choose a new password, and sign in with it; the old one is worth nothing."""
    ask(browser)
    path = link_in(mails(wired, EMAIL)[0], "password/new")
    browser.get(path)
    assert EMAIL in browser.text
    browser.submit(path, password=NEW)
    assert "Your new password is set" in browser.text
    assert mails(wired, EMAIL)[0].startswith("Your password was changed")

    browser.submit("/sign-in", email=EMAIL, password=PASSWORD)
    assert 422 == browser.page.status_code
    browser.submit("/sign-in", email=EMAIL, password=NEW)
    assert is_in(browser)


def test_known_and_unknown_addresses_are_answered_alike(wired: Wired, browser: Browser, anna: str) -> None:
    """The same page and status for both, and the same number of statements; only the known address gets a mail."""
    seen = []
    for email in (EMAIL, "nobody@example.com"):
        browser.get("/password/forgotten")
        browser.submit("/password/forgotten", email=email)
        seen.append((browser.page.status_code, str(browser.page.url), browser.text))

    assert seen[0] == seen[1]
    assert 1 == len(mails(wired))


def test_the_link_leads_to_us_whatever_the_request_says(wired: Wired, browser: Browser, anna: str) -> None:
    """An attacker who asks in my name with a host of their own does not get my link."""
    browser.get("/password/forgotten")
    browser.client.post(
        "/password/forgotten",
        data={"email": EMAIL, "csrf_token": browser.token()},
        headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Sec-Fetch-Site": "same-origin"},
    )

    text = mails(wired, EMAIL)[0]
    assert "evil.example" not in text
    assert "http://testserver/password/new/" in text


def test_a_new_password_ends_every_session(wired: Wired, browser: Browser, anna: str) -> None:
    """Who was in with the old password is out."""
    with another_browser(wired) as thief:
        sign_in(thief)
        ask(browser)
        path = link_in(mails(wired, EMAIL)[0], "password/new")
        browser.get(path)
        browser.submit(path, password=NEW)
        assert not is_in(thief)


def test_a_link_works_once_and_for_an_hour(wired: Wired, browser: Browser, anna: str) -> None:
    """A used, an old and an older link are worth nothing; a look at it does not use it up."""
    ask(browser)
    first = link_in(mails(wired, EMAIL)[0], "password/new")
    ask(browser)
    second = link_in(mails(wired, EMAIL)[0], "password/new")
    assert 404 == browser.get(first).status_code
    with clock.frozen(clock.now() + timedelta(hours=1)):
        assert 404 == browser.get(second).status_code
    browser.get(second)
    browser.get(second)
    browser.submit(second, password=NEW)

    assert 404 == browser.get(second).status_code
    browser.get("/password/forgotten")
    browser.post(second, {"password": "yet another password", "csrf_token": browser.token()})
    assert 404 == browser.page.status_code
    sign_in(browser, password=NEW)


def test_a_weak_new_password_is_refused_and_the_link_stays_good(wired: Wired, browser: Browser, anna: str) -> None:
    """I choose a bad one, am told so, and choose another with the same link."""
    ask(browser)
    path = link_in(mails(wired, EMAIL)[0], "password/new")
    browser.get(path)
    browser.submit(path, password="anna.rossi@example.com")
    assert 422 == browser.page.status_code
    browser.submit(path, password=NEW)

    assert "Your new password is set" in browser.text


def test_the_mailed_link_proves_the_address_too(wired: Wired, browser: Browser) -> None:
    """I never confirmed, then forgot my password: the link of that mail proves that the address is mine."""
    browser.get("/register")
    browser.submit("/register", name="Bruno", email="bruno@example.com", password=PASSWORD)
    ask(browser, "bruno@example.com")
    path = link_in(mails(wired, "bruno@example.com")[0], "password/new")
    browser.get(path)
    browser.submit(path, password=NEW)
    sign_in(browser, "bruno@example.com", NEW)

    assert is_in(browser)


def test_i_change_my_password_with_the_present_one(wired: Wired, browser: Browser, anna: str) -> None:
    """The present password is asked for; my other sessions end if I want it; this one goes on."""
    sign_in(browser)
    with another_browser(wired) as other:
        sign_in(other)
        browser.get("/account/password")
        browser.submit("/account/password", current_password="not this one at all", password=NEW, end_others="on")
        assert "This is not your present password" in browser.text
        assert is_in(other)
        browser.submit("/account/password", current_password=PASSWORD, password=NEW, end_others="on")
        assert "Your new password is set" in browser.text
        assert not is_in(other)
    assert is_in(browser)
    with wired.db.read() as db:
        known = queries.credentials(db, EMAIL)
    assert known is not None
    assert PASSWORD not in known.password_hash


def test_the_other_sessions_stay_if_i_want(wired: Wired, browser: Browser, anna: str) -> None:
    """I untick the box, and my phone stays signed in."""
    sign_in(browser)
    with another_browser(wired) as phone:
        sign_in(phone)
        browser.get("/account/password")
        browser.submit("/account/password", current_password=PASSWORD, password=NEW, end_others=None)
        assert is_in(phone)
