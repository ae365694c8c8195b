"""What every route owes whatever the request: no forged action, no change by looking, no crash by what is typed."""

import sqlite3
from typing import Any

import pytest

from tests.filled import filled
from tests.security.test_matrix import ENDPOINTS, GETS, POSTS, known_rows
from tests.town import ROLES, VISITOR, Town

ELSEWHERE = (
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "same-site", "Origin": "https://other.testserver"},
    {"Origin": "null"},
    {"Origin": "http://testserver.evil.example"},
    {"Accept": "text/html"},
)
HOSTILE = {
    "nul": "a\x00b",
    "bidi": "abc\u202egnp.exe\u2066",
    "emoji": "👩‍🔬🏳️‍🌈" * 5,
    "script": "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}%(x)s{x}",
    "long": "x" * 30_000,
    "crlf": "a\r\nSet-Cookie: evil=1\r\n\r\nb",
    "number": "9" * 400,
    "exponent": "1e999999",
    "not a number": "NaN",
    "date": "9999-99-99",
}


def actor_for(there: Town, row: dict[str, Any]) -> str:
    """Somebody who may use the route."""
    wanted = ("company_owner", "institution_owner", "operator", VISITOR)
    return next(role for role in wanted if there.may(role, row["permission"]))


def contents(there: Town) -> list[str]:
    """Everything in the database, but for the throttling of readers and the beats of workers, and the trail of who opened
    a document of a data room: that looking is written down there is the point."""
    with sqlite3.connect(there.wired.db.url.removeprefix("sqlite:///")) as db:
        return [
            line
            for line in db.iterdump()
            if line.startswith("INSERT") and "'deal:room:viewed'" not in line and "'deal:room:downloaded'" not in line
        ]


@pytest.mark.parametrize("headers", ELSEWHERE, ids=lambda given: ",".join(given.values()))
def test_no_action_is_taken_from_elsewhere(townsfolk: Town, headers: dict[str, str]) -> None:
    """A page of somebody else cannot press our buttons, even with a good form token."""
    before = contents(townsfolk)
    done = []
    for row in known_rows(townsfolk, POSTS):
        role = actor_for(townsfolk, row)
        with townsfolk.browser(role) as browser:
            data = filled(ENDPOINTS[row["name"]].form)[0] | {"csrf_token": townsfolk.form_token(role)}
            answer = browser.post(townsfolk.paths(row)[0], data, headers=headers)
            if answer.status_code != 403:
                done.append((row["name"], answer.status_code))
    assert [] == done
    assert before == contents(townsfolk)


def test_no_action_is_taken_without_its_token(townsfolk: Town) -> None:
    """A form without our token, or with another session's, does nothing."""
    before = contents(townsfolk)
    done = []
    for row in known_rows(townsfolk, POSTS):
        role = actor_for(townsfolk, row)
        with townsfolk.browser(role) as browser:
            for token in ("", "00" * 32, townsfolk.form_token("finance")):
                data = filled(ENDPOINTS[row["name"]].form)[0] | {"csrf_token": token}
                answer = browser.post(townsfolk.paths(row)[0], data)
                if answer.status_code != 403:
                    done.append((row["name"], answer.status_code))
    assert [] == done
    assert before == contents(townsfolk)


@pytest.mark.parametrize("role", ["visitor", "institution_owner", "company_owner", "operator"])
def test_looking_changes_nothing(townsfolk: Town, role: str) -> None:
    """Who opens every page has changed nothing; a crawler or a prefetch does no harm."""
    before = contents(townsfolk)
    with townsfolk.browser(role) as browser:
        for row in known_rows(townsfolk, GETS):
            for path in townsfolk.paths(row):
                browser.get(path)
    assert before == contents(townsfolk)


@pytest.mark.parametrize("role", [role for role in ROLES if role in ("institution_owner", "company_owner", "operator")])
def test_pages_of_a_session_stay_nowhere(townsfolk: Town, role: str) -> None:
    """No cache keeps what a signed-in person saw; the policy stands on every answer."""
    with townsfolk.browser(role) as browser:
        for row in known_rows(townsfolk, GETS):
            answer = browser.get(townsfolk.paths(row)[0])
            policy = answer.headers["content-security-policy"]
            framed = row["path"].endswith(("/html", "/pdf"))  # a mail in a frame, a viewer of PDF: neither runs scripts
            assert "default-src 'none'" in policy, row["path"]
            assert framed or "unsafe-inline" not in policy, row["path"]
            assert "nosniff" == answer.headers["x-content-type-options"]
            assert "same-origin" == answer.headers["referrer-policy"]
            if answer.status_code == 200 and answer.headers["content-type"].startswith("text/html"):
                assert "no-store" in answer.headers["cache-control"], row["path"]
                assert "Cookie" in answer.headers["vary"], row["path"]


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_field_breaks_a_page(townsfolk: Town, kind: str) -> None:
    """Whatever stands in the fields of whatever form: it is taken, or refused with a sentence; nothing falls over."""
    broken = []
    for row in known_rows(townsfolk, POSTS):
        role = actor_for(townsfolk, row)
        with townsfolk.browser(role) as browser:
            names = filled(ENDPOINTS[row["name"]].form)[0]
            data = dict.fromkeys(names, HOSTILE[kind]) | {"csrf_token": townsfolk.form_token(role)}
            answer = browser.post(townsfolk.paths(row)[0], data)
            if answer.status_code >= 500 and not row["path"].endswith("/pay"):
                broken.append((row["name"], answer.status_code))
            if "<script>alert" in answer.text or "<img src=x" in answer.text:
                broken.append((row["name"], "script"))
            if answer.status_code < 400:
                townsfolk.restore()
    assert [] == broken


def test_lone_surrogates_and_a_megabyte_are_survived(townsfolk: Town) -> None:
    """Bytes that no browser sends are refused or read as well as can be; a body that is too large is not read."""
    broken = []
    for row in known_rows(townsfolk, POSTS):
        role = actor_for(townsfolk, row)
        names = list(filled(ENDPOINTS[row["name"]].form)[0]) or ["x"]
        token = f"csrf_token={townsfolk.form_token(role)}"
        with townsfolk.browser(role) as browser:
            for value in ("%ED%A0%80", "%FF%FE", "x" * 1_100_000):
                body = "&".join([token, *(f"{name}={value}" for name in names[:3])])
                kind = {"Content-Type": "application/x-www-form-urlencoded"}
                answer = browser.client.post(townsfolk.paths(row)[0], content=body, headers=browser.same_origin | kind)
                large = len(value) > 100
                if (answer.status_code >= 500 and not row["path"].endswith("/pay")) or (
                    large and answer.status_code not in (413, 422, 403, 404)
                ):
                    broken.append((row["name"], value[:9], answer.status_code))
                if answer.status_code < 400:
                    townsfolk.restore()
                townsfolk.enter(browser, role)
    assert [] == broken


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "https://evil.example",
        "/@evil\r\nX: 1",
        "\t//evil",
        "javascript:1",
    ],
)
def test_no_page_leads_away(townsfolk: Town, target: str) -> None:
    """`next` and the like lead to pages of ours only."""
    for role in (VISITOR, "company_owner"):
        with townsfolk.browser(role) as browser:
            for row in known_rows(townsfolk, GETS):
                if "{" not in row["path"]:
                    answer = browser.get(row["path"], params={"next": target, "back": target, "return": target})
                    sent = answer.headers.get("location", "/")
                    assert sent.startswith("/") and not sent.startswith(("//", "/\\")), row["path"]


def test_a_stored_script_is_run_for_nobody(townsfolk: Town) -> None:
    """Script in every text of every table, as the owner typed it, is text on every page of every role."""
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    spoil(townsfolk, evil)
    ran = []
    for role in ("visitor", "institution_owner", "company_owner", "operator"):
        with townsfolk.browser(role) as browser:
            for row in known_rows(townsfolk, GETS):
                for path in townsfolk.paths(row):
                    answer = browser.get(path)
                    if answer.status_code >= 500 and row["path"] != "/readyz":
                        ran.append((path, answer.status_code))
                    html = answer.headers.get("content-type", "").startswith("text/html")
                    if html and ("<script>alert" in answer.text or "<img src=x" in answer.text):
                        ran.append((path, role))
    townsfolk.restore()
    assert [] == ran


def spoil(there: Town, evil: str) -> None:
    """Put `evil` behind the words that people wrote."""
    texts = {
        "technology": ("title", "summary", "description", "problem", "advantages", "comparison", "applications", "stage"),
        "organisation": ("name", "city", "about", "registration_number"),
        "person": ("name",),
        "deal_message": ("body",),
        "enquiry": ("intended_use", "field_of_use", "note"),
        "offer": ("note",),
        "deal": ("title",),
        "technology_file": ("alt",),
        "technology_inventor": ("name",),
        "ip_right": ("title",),
        "offered_terms": ("field_of_use",),
        "invoice_line": ("description",),
        "import_row": ("title",),
        "job": ("error",),
        "need": ("title", "text", "cluster", "region"),
        "need_answer": ("message",),
        "saved_search": ("name",),
        "deal_note": ("body",),
    }  # fmt: skip
    with sqlite3.connect(there.wired.db.url.removeprefix("sqlite:///")) as db:
        triggers = db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            db.execute(f"DROP TRIGGER {name}")
        for table, columns in texts.items():
            for column in columns:
                db.execute(f"UPDATE {table} SET {column} = {column} || ?", (evil,))
