"""Opening an account: what visitors, owners of known addresses and attackers get."""

import pytest

from market.accounts import queries
from market.kit import clock
from market.wiring import Wired
from tests.accounts.people import PASSWORD, a_person, another_browser, link_in, mails, sign_in
from tests.browserless import Browser

EMAIL = "bruno@example.com"


def register(browser: Browser, email: str = EMAIL, name: str = "Bruno Conti", password: str = PASSWORD) -> None:
    browser.get("/register")
    browser.submit("/register", name=name, email=email, password=password)


def test_a_visitor_registers_confirms_and_is_signed_in(wired: Wired, browser: Browser) -> None:
    """I register, open the link of the mail, give my password, and I am in."""
    register(browser)
    assert "Look into your mail" in browser.text

    browser.get(link_in(mails(wired, EMAIL)[0], "confirm"))
    assert EMAIL in browser.text
    browser.submit(str(browser.page.url.path), password=PASSWORD)

    assert "you are signed in" in browser.text
    assert "Which organisation do you belong to?" in browser.text


def test_opening_the_link_changes_nothing(wired: Wired, browser: Browser) -> None:
    """A mail program that opens links by itself confirms nothing."""
    register(browser)
    path = link_in(mails(wired)[0], "confirm")

    browser.get(path)
    browser.get(path)

    with wired.db.read() as db:
        known = queries.credentials(db, EMAIL)
    assert known is not None
    assert known.email_verified_at is None


def test_known_and_unknown_addresses_are_answered_alike(wired: Wired, browser: Browser) -> None:
    """Nobody learns from the form who has an account: same page, same status; the owner gets a mail."""
    with wired.db.write() as db:
        a_person(db)
    register(browser, "anna.rossi@example.com")
    known = (browser.page.status_code, str(browser.page.url), browser.text)
    register(browser, "nobody@example.com")
    unknown = (browser.page.status_code, str(browser.page.url), browser.text)

    assert known == unknown
    assert mails(wired, "anna.rossi@example.com")[0].startswith("You have an account already")
    assert mails(wired, "nobody@example.com")[0].startswith("Confirm your e-mail address")


def test_registering_again_does_not_change_a_confirmed_account(wired: Wired, browser: Browser) -> None:
    """A stranger who registers with my address does not get my account."""
    with wired.db.write() as db:
        a_person(db)
    register(browser, "anna.rossi@example.com", "Eve", "a stranger's own password")

    sign_in(browser)

    assert "Anna Rossi" in browser.text


def test_the_link_alone_does_not_open_an_account_somebody_else_began(wired: Wired, browser: Browser) -> None:
    """A stranger registers with my address and waits for my click: without the stranger's password it does nothing."""
    register(browser, EMAIL, "Eve", "the password of the stranger")

    browser.get(link_in(mails(wired, EMAIL)[0], "confirm"))
    browser.submit(str(browser.page.url.path), password=PASSWORD)

    assert 422 == browser.page.status_code
    assert "This is not the password chosen at the registration" in browser.text


def test_the_last_registration_counts_until_the_address_is_proved(wired: Wired, browser: Browser) -> None:
    """I lost the first mail and register again with another password: the new one is mine, the old link is dead."""
    register(browser, password="my first idea of one")
    first = link_in(mails(wired, EMAIL)[0], "confirm")
    register(browser)
    second = link_in(mails(wired, EMAIL)[0], "confirm")

    assert 404 == browser.get(first).status_code
    browser.get(second)
    browser.submit(second, password=PASSWORD)

    assert "you are signed in" in browser.text


def test_a_link_works_once(wired: Wired, browser: Browser) -> None:
    """The link of the mail is worth nothing after it was used."""
    register(browser)
    path = link_in(mails(wired)[0], "confirm")
    browser.get(path)
    browser.submit(path, password=PASSWORD)

    with another_browser(wired) as other:
        assert 404 == other.get(path).status_code
        assert "This link no longer works" in other.text


def test_a_link_ends(wired: Wired, browser: Browser) -> None:
    """The link of the mail is worth nothing after three days."""
    register(browser)
    path = link_in(mails(wired)[0], "confirm")

    with clock.frozen(clock.now() + queries.rules.VERIFICATION_LENGTH):
        assert 404 == browser.get(path).status_code


def test_who_is_not_confirmed_is_not_let_in_and_gets_a_new_mail(wired: Wired, browser: Browser) -> None:
    """I sign in before I have confirmed: I am told so, and the link comes again."""
    register(browser)
    mails(wired)
    browser.get("/sign-in")
    browser.submit("/sign-in", email=EMAIL, password=PASSWORD)

    assert 422 == browser.page.status_code
    assert "Confirm your e-mail address first" in browser.text
    browser.get(link_in(mails(wired, EMAIL)[0], "confirm"))
    browser.submit(str(browser.page.url.path), password=PASSWORD)
    assert "you are signed in" in browser.text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("email", "anna@", "Write a mail address"),
        ("email", "anna@example.com\r\nBcc: eve@example.com", "Write a mail address"),
        ("name", "Win at http://evil.example", "Write a name"),
        ("name", "", "Fill in this field"),
        ("password", "short", "Use at least 10 characters"),
        ("password", "password1234", "Too many people use this password"),
        ("password", "x" * 30_000, "Use at most"),
        ("email", "a" * 300 + "@example.com", "Write a mail address"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(browser: Browser, field: str, value: str, sentence: str) -> None:
    """What I typed wrongly is named at its field, the rest stays typed; the password is never shown again."""
    browser.get("/register")
    typed = {"name": "Bruno Conti", "email": EMAIL, "password": PASSWORD} | {field: value}
    browser.submit("/register", **typed)

    assert 422 == browser.page.status_code
    assert sentence in browser.text
    assert PASSWORD not in browser.page.text
    if field == "password":
        assert 'value="Bruno Conti"' in browser.page.text


def test_mails_to_one_address_are_limited(wired: Wired, browser: Browser) -> None:
    """Nobody can fill my mailbox through the form."""
    for _try in range(6):
        register(browser)

    assert 429 == browser.page.status_code
    assert 5 == len(mails(wired, EMAIL))


@pytest.mark.parametrize("password", ["e" * 3 + "lephant" * 8, "пароль из нескольких слов", "🐎🐎🐎 quiet horses 🐎"])
def test_long_and_foreign_passwords_work(wired: Wired, browser: Browser, password: str) -> None:
    """I may use 64 characters, my own script, and pictures."""
    register(browser, password=password)
    browser.get(link_in(mails(wired)[0], "confirm"))
    browser.submit(str(browser.page.url.path), password=password)

    assert "you are signed in" in browser.text


def test_the_secret_of_a_sent_link_is_kept_nowhere(wired: Wired, browser: Browser) -> None:
    """Who reads the database cannot open other people's links."""
    register(browser)
    secret = link_in(mails(wired)[0], "confirm").rpartition("/")[2]

    with wired.db.read() as db:
        tables = ("email_token", "mail", "job", "audit_event")
        kept = [str(row) for table in tables for row in db.connection().exec_driver_sql(f"SELECT * FROM {table}")]

    assert kept
    assert [] == [row for row in kept if secret in row]
