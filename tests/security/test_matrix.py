"""Every route by every role: the table of routes says what is open to whom, and the application does as it says."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.routing import Route

from market.accounts.rules import Permission
from market.routes import all_routes, described
from tests.browserless import Browser
from tests.filled import filled
from tests.town import ALONE, COMPANY, INSTITUTION, ROLES, VISITOR, Town

ROWS = described(all_routes())
GETS = [row for row in ROWS if row["methods"] == ["GET"]]
FROM_MACHINES = (
    "/webhooks/",
    "/alerts/stop/",
)  # signed by what they carry; mail programs post to the latter (RFC 8058)
POSTS = [row for row in ROWS if row["methods"] == ["POST"] and not row["path"].startswith(FROM_MACHINES)]
ENDPOINTS = {route.name: route.endpoint for route in all_routes() if isinstance(route, Route)}

BELONGS_TO = {
    "/listings/{technology}": INSTITUTION,
    "/imports/{run}": INSTITUTION,
    "/organisation/": INSTITUTION,
    "/organisations/{organisation}": INSTITUTION,
    "/deals/{deal}": INSTITUTION + COMPANY,
    "/invoices/{invoice}": INSTITUTION + COMPANY,
    "/royalties/{report}": INSTITUTION + COMPANY,
    "/account/sessions/{session}": ("company_owner",),
    "/saved-searches/{search}": ("company_owner",),
    "/needs/{need}/answer": (*INSTITUTION, "other_institution_owner"),
    "/needs/{need}/": COMPANY,
}
OPEN_TO_ALL = (
    "/technologies/{technology}", "/institutions/{slug}", "/confirm/", "/password/new/", "/invitations/{token}",
    "/confirm-listings/", "/alerts/stop/", "/sitemap-", "/needs/{need}", "/exports/", "/shortlist/", "/learn/",
    "/calendar/",
)  # fmt: skip
OPERATORS = ("/desk/",)
MORE_IS_ASKED = {
    "/royalties/{report}": "the licensee reports, the licensor approves",
    "/desk/outbox": "the mails are open to all in a sample world only, else to operators",
    "/deals/{deal}": "whose turn it is decides, and reopening asks for more than seeing",
    "/play": "in a sample world only",
    "/needs/new": "whoever signs in may come here with a description; companies post",
}


def owners(row: dict[str, Any]) -> tuple[str, ...]:
    """The roles whose organisation has the records that a route shows; everybody's where there are none."""
    path = row["path"]
    if "{" not in path:
        return ROLES
    of_somebody = next((roles for prefix, roles in BELONGS_TO.items() if path.startswith(prefix)), None)
    if of_somebody is None and not path.startswith((*OPEN_TO_ALL, *OPERATORS)):
        raise KeyError(path)
    return of_somebody or ROLES


def may_be_refused(row: dict[str, Any]) -> bool:
    """Whether the permission of the route is not all that is asked for."""
    return any(row["path"].startswith(prefix) for prefix in MORE_IS_ASKED)


def expected(there: Town, role: str, row: dict[str, Any]) -> str:
    """What the route table promises: `sign in`, `forbidden`, `unknown` or `open`."""
    if not there.may(role, row["permission"]):
        return "sign in" if role == VISITOR else "forbidden"
    return "open" if role in owners(row) else "unknown"


def told(answer: Any) -> str:
    """The same, of an answer."""
    if answer.status_code == 303 and answer.headers["location"].startswith("/sign-in?next"):
        return "sign in"
    assert "This form is no longer valid" not in answer.text, "the form token of the test is wrong"
    answers = {403: "forbidden", 404: "unknown"} | dict.fromkeys((200, 301, 303, 409, 422), "open")
    if answer.status_code == 503 and answer.url.path.endswith("/pay"):
        return "open"  # no payment rail answers in these tests, and the page says so
    return answers.get(answer.status_code, str(answer.status_code))


def fits(row: dict[str, Any], wanted: str, found: str) -> bool:
    """Whether an answer is what was promised; an open record may lack the part asked for (an agreement not yet made)."""
    if wanted == "open":
        return found in ("open", "unknown") or (may_be_refused(row) and found in ("forbidden", "sign in"))
    return wanted == found


def send(browser: Browser, there: Town, role: str, path: str, row: dict[str, Any]) -> Any:
    """Send the form of a POST route, every field filled in."""
    there.enter(browser, role)
    values, files = filled(ENDPOINTS[row["name"]].form)
    content = dict.fromkeys(files, ("table.csv", b"Title\nPump\n", "text/csv"))
    data = values | {"csrf_token": there.form_token(role)}
    return browser.post(path, data, files=content or None)


def test_every_route_says_what_it_asks_for() -> None:
    """Who adds a page says whose it is; a permission that nobody can have is a slip."""
    known = {permission.value for permission in Permission}
    assert [] == [row["path"] for row in ROWS if row["permission"] not in known]
    assert len(ROWS) == len({(row["path"], *row["methods"]) for row in ROWS})


def test_every_route_leads_to_a_record_of_the_town(townsfolk: Town) -> None:
    """A new kind of record gets its place in tests/town.py, and its owners here."""
    lost = []
    for row in ROWS:
        try:
            assert townsfolk.paths(row)
            owners(row)
        except KeyError:
            lost.append(row["path"])
    assert [] == lost


@pytest.mark.parametrize("role", ROLES)
def test_every_page_opens_to_whom_it_should(townsfolk: Town, role: str) -> None:
    """Not signed in: asked to sign in. Not allowed: told so. Of others: does not exist. Own: opens."""
    wrong = []
    with townsfolk.browser(role) as browser:
        for row in known_rows(townsfolk, GETS):
            wanted = expected(townsfolk, role, row)
            for path in townsfolk.paths(row):
                found = told(browser.get(path))
                if not fits(row, wanted, found) and row["path"] != "/readyz":
                    wrong.append((path, wanted, found))
    assert "" == "\n".join(map(str, wrong))


@pytest.mark.parametrize("role", ROLES)
def test_every_action_is_done_for_whom_it_should(townsfolk: Town, role: str) -> None:
    """The same for every button: nothing of others is even found, nothing that a role may not do is done."""
    wrong = []
    with townsfolk.browser(role) as browser:
        for row in known_rows(townsfolk, POSTS):
            wanted = expected(townsfolk, role, row)
            for path in townsfolk.paths(row):
                answer = send(browser, townsfolk, role, path, row)
                if answer.status_code < 400:
                    townsfolk.restore()
                if not fits(row, wanted, told(answer)):
                    wrong.append((path, row["name"], wanted, answer.status_code))
    assert "" == "\n".join(map(str, wrong))


def test_every_page_opens_to_somebody(townsfolk: Town) -> None:
    """The walk above would prove little if pages opened to nobody."""
    closed = {row["path"] for row in known_rows(townsfolk, GETS)} - {"/readyz"}
    for role in ("visitor", "company_owner", "institution_owner", "operator"):
        with townsfolk.browser(role) as browser:
            for row in GETS:
                if row["path"] in closed and any(
                    browser.get(p).status_code in (200, 301) for p in townsfolk.paths(row)
                ):
                    closed.discard(row["path"])
    assert {"/invoices/{invoice}/return"} == closed  # leads back to the invoice


def test_ids_that_do_not_belong_together_lead_nowhere(townsfolk: Town) -> None:
    """A version, document, file or person of one record is not found under another, even by who may see both."""
    records = townsfolk.records
    other = {
        "deal": records["deal"][0]["deal"],
        "technology": records["technology"][1]["technology"],
        "organisation": townsfolk.actors["other_company_owner"].organisation_id or "",
    }
    found = []
    for role in ("institution_owner", "operator"):
        with townsfolk.browser(role) as browser:
            for row in (row for row in known_rows(townsfolk, ROWS) if row["path"].count("{") > 1):
                outer = next(name for name in other if "{" + name + "}" in row["path"])
                record = next(iter(records[",".join(parameters(row["path"]))])) | {outer: other[outer]}
                path = row["path"].format_map(record)
                answer = browser.get(path) if row in GETS else send(browser, townsfolk, role, path, row)
                townsfolk.restore()
                if townsfolk.may(role, row["permission"]) and answer.status_code != 404:
                    found.append((role, row["path"], answer.status_code))
    assert [] == found


def parameters(path: str) -> Iterator[str]:
    """The names in braces."""
    return (part.strip("{}") for part in path.split("/") if part.startswith("{"))


def known_rows(there: Town, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows whose records the town has; one that it lacks fails a test of its own."""
    kept = []
    for row in rows:
        try:
            there.paths(row)
            owners(row)
        except KeyError:
            continue
        kept.append(row)
    return kept


def test_who_was_removed_is_a_stranger_at_once(townsfolk: Town) -> None:
    """A removed member, still signed in, opens nothing of the organisation; neither does an operator without a role."""
    for role in ALONE:
        assert townsfolk.actors[role].organisation_id is None
        with townsfolk.browser(role) as browser:
            for record in townsfolk.records["deal"]:
                assert 403 == browser.get(f"/deals/{record['deal']}").status_code
