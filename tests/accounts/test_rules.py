"""The rules of accounts: pure, so without a database."""

import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.accounts import rules
from market.accounts.pages import browser_name
from market.accounts.rules import OrganisationKind, Permission, Role


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("nine char", "short"),
        ("ten chars.", None),
        ("password1234", "common"),
        ("PASSWORD1234", "common"),
        ("aaaaaaaaaaaaaaaa", "common"),
        ("anna.rossi@example.com", "common"),
        ("x" * 201, "long"),
        ("e" * 3 + "lephant" * 8, None),
        ("пароль из слов", None),
    ],
)
def test_passwords_are_judged_by_length_and_commonness(password: str, code: str | None) -> None:
    """Ten characters of anything will do, unless everybody has it."""
    refusal = rules.password_refusal(password, "anna.rossi@example.com", "Anna Rossi")

    assert code == (refusal.code if refusal else None)


@pytest.mark.parametrize(
    "email",
    [
        "",
        "a",
        "a@b",
        "a b@c.de",
        "a@b..de",
        "a@b.de\nBcc: x@y.zz",
        "<a@b.de>",
        "a@b.de,c@d.ee",
        "@b.de",
        "a@.de",
        "a" * 300,
    ],
)
def test_what_is_no_mail_address_is_not_taken(email: str) -> None:
    """Nothing that could reach another mailbox or header passes."""
    assert not rules.email_like(email)


@given(st.text(max_size=80))
def test_a_slug_is_always_a_good_part_of_an_address(name: str) -> None:
    """Whatever an organisation is called, its address is plain."""
    slug = rules.slug(name)

    assert 0 < len(slug) <= 60
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not slug.startswith("-")


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("https://www.example.com", True),
        ("http://example.com:8080/a?b=c", True),
        ("javascript:alert(1)", False),
        ("https://user@evil.example", False),
        ("https://localhost", False),
        ("ftp://example.com", False),
        ('https://example.com/"onload=', False),
        ("https://[::1", False),
    ],
)
def test_web_pages_are_web_pages(address: str, good: bool) -> None:
    """A web page of an organisation is http(s) and hides nothing."""
    assert good == rules.website_like(address)


def test_every_country_has_a_timezone_that_exists() -> None:
    """Deadlines can run by it everywhere."""
    known = zoneinfo.available_timezones()
    for country in rules.COUNTRIES:
        assert rules.main_timezone(country) in known, country
        assert rules.main_timezone(country) in rules.timezones(), country
    assert set(rules.timezones()) <= known


def test_owners_of_both_sides_can_do_the_whole_journey_alone() -> None:
    """A company or institute of one person can do everything of its side."""
    licensor = rules.permissions(OrganisationKind.INSTITUTE, frozenset({Role.OWNER}), operator=False)
    licensee = rules.permissions(OrganisationKind.SME, frozenset({Role.OWNER}), operator=False)

    assert {Permission.PUBLISH_LISTINGS, Permission.NEGOTIATE, Permission.APPROVE, Permission.SIGN} <= licensor
    assert {Permission.ENQUIRE, Permission.NEGOTIATE, Permission.APPROVE, Permission.SIGN, Permission.PAY} <= licensee
    assert Permission.OPERATE not in licensor | licensee
    assert Permission.ENQUIRE not in licensor
    assert Permission.PUBLISH_LISTINGS not in licensee


def test_every_role_is_explained() -> None:
    """Who gives a role reads what it means."""
    for kind, roles in rules.ROLES_OF.items():
        notes = rules.ROLE_NOTES_LICENSOR if kind in rules.LICENSORS else rules.ROLE_NOTES
        assert set(roles) <= set(notes), kind
        assert set(roles) == set(rules.PERMISSIONS[kind]), kind


@pytest.mark.parametrize(
    ("owners", "before", "after", "refused"),
    [
        (1, {"owner"}, set(), True),
        (1, {"owner", "member"}, {"member"}, True),
        (1, {"owner"}, {"owner", "member"}, False),
        (2, {"owner"}, set(), False),
        (1, {"member"}, set(), False),
    ],
)
def test_the_last_owner_stays(owners: int, before: set[str], after: set[str], refused: bool) -> None:
    """Only the last owner is held."""
    assert refused == (rules.last_owner_refusal(owners, frozenset(before), frozenset(after)) is not None)


def test_browsers_are_named_in_two_words() -> None:
    """In the list of sessions I recognise my phone."""
    firefox = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"

    assert "Firefox, Windows" == browser_name(firefox)
    assert "" == browser_name("curl/8")
