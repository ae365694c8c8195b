"""The operator's desk: checking organisations, seeing that the machine works, reading mails and the trail."""

from collections.abc import Iterator

import pytest

from market.accounts import queries
from market.desk.pages import linked
from market.kit import clock, jobs, mail
from market.kit.errors import Unavailable
from market.kit.jobs import JobRun
from market.wiring import Wired
from tests.accounts.people import a_person, an_organisation, mails, sign_in
from tests.browserless import Browser
from tests.conftest import MakeWired

OPERATOR = "olga.operator@example.com"


@pytest.fixture
def operator(wired: Wired, browser: Browser) -> Browser:
    """Olga, who runs the site, at her desk."""
    with wired.db.write() as db:
        a_person(db, "Olga Operator", operator=True)
    sign_in(browser, OPERATOR)
    return browser


@pytest.fixture
def pumps(wired: Wired) -> str:
    """Rossi Pumps, not checked yet; its id."""
    with wired.db.write() as db:
        return an_organisation(db, a_person(db).id, verified=False).id


def test_the_operator_checks_an_organisation(wired: Wired, operator: Browser, pumps: str) -> None:
    """I see who waits, look at what there is to check, mark it, and the owner gets a mail."""
    assert "Rossi Pumps" in operator.get("/desk").text
    operator.get(f"/desk/organisations/{pumps}")
    assert "anna.rossi@example.com" in operator.text
    operator.submit("/verify")

    assert "marked as checked" in operator.text
    with wired.db.read() as db:
        assert queries.organisation(db, pumps).verified
    assert mails(wired, "anna.rossi@example.com")[0].startswith("Rossi Pumps is checked")
    assert "Nobody waits" in operator.get("/desk").text


def test_a_check_is_taken_back_with_a_reason(wired: Wired, operator: Browser, pumps: str) -> None:
    """I was deceived: I take the check back, and say why."""
    operator.get(f"/desk/organisations/{pumps}")
    operator.submit("/verify")
    operator.submit("/unverify")
    assert 422 == operator.page.status_code
    operator.submit("/unverify", reason="The register does not know it.")

    with wired.db.read() as db:
        assert not queries.organisation(db, pumps).verified
    assert "The register does not know it." in operator.get(f"/desk/events?subject={pumps}").text


def test_the_operator_shuts_a_person_out_and_lets_them_in(wired: Wired, operator: Browser, pumps: str) -> None:
    """I shut somebody out, who is still in the list, and let them in again."""
    operator.get(f"/desk/organisations/{pumps}")
    operator.submit("/disable")
    with wired.db.read() as db:
        assert [] == queries.people(db, pumps)
    assert "Let in again" in operator.text
    operator.submit("/enable")

    with wired.db.read() as db:
        assert ["Anna Rossi"] == [person.name for person in queries.people(db, pumps)]


def routes_of_the_desk(pumps: str) -> Iterator[str]:
    yield from ("/desk", "/desk/organisations", f"/desk/organisations/{pumps}", "/desk/events", "/desk/outbox")
    yield from ("/desk/outbox/abc", "/desk/outbox/abc/html")


def test_the_desk_is_for_operators_only(wired: Wired, browser: Browser, pumps: str) -> None:
    """Visitors are asked to sign in, members are refused, on every page and action of the desk."""
    for path in routes_of_the_desk(pumps):
        assert "/sign-in" in str(browser.get(path).url), path
    sign_in(browser)
    for path in routes_of_the_desk(pumps):
        assert 403 == browser.get(path).status_code, path
    browser.get("/account")
    token = browser.token()
    for path in ("verify", "unverify", "people/x/disable", "people/x/enable"):
        browser.post(f"/desk/organisations/{pumps}/{path}", {"csrf_token": token, "reason": "x"})
        assert 403 == browser.page.status_code, path
    browser.post("/desk/jobs/x/retry", {"csrf_token": token})
    assert 403 == browser.page.status_code
    with wired.db.read() as db:
        assert not queries.organisation(db, pumps).verified


# --- jobs


def test_a_job_given_up_is_tried_again(wired: Wired, operator: Browser) -> None:
    """The mail server was away for hours: I see what was given up, with the reason, and try it again."""
    done = []

    def deliver(run: JobRun, payload: dict[str, str]) -> None:
        if not payload["works"] and not done:
            done.append("failed")
            raise Unavailable("the server of mails is away")

    wired.registry.handle("test.deliver", deliver)
    with wired.db.write() as db:
        job_id = jobs.enqueue(db, "test.deliver", {"works": ""})
        db.connection().exec_driver_sql(f"UPDATE job SET attempts = {jobs.TRIES - 1} WHERE id = '{job_id}'")
    wired.worker().drain()
    assert "the server of mails is away" in operator.get("/desk").text
    operator.submit("/retry")
    assert "queued again" in operator.text
    wired.worker().drain()

    with wired.db.read() as db:
        assert "dead" not in jobs.counts(db)


def test_the_desk_says_when_nobody_works(wired: Wired, operator: Browser) -> None:
    """No worker runs: I read it in words, with what to do."""
    assert "Nobody works" in operator.get("/desk").text
    worker = wired.worker()
    worker._schedule()

    assert "last sign of life" in operator.get("/desk").text


# --- the outbox


def a_mail(wired: Wired) -> str:
    """A mail with everything that could do harm; its name in the outbox."""
    with wired.db.write() as db:
        mail.queue(
            db,
            to="bruno@example.com",
            template="accounts/mail/invitation",
            locale="en",
            context={
                "token": "secret-token",
                "organisation": "<script>alert(1)</script>",
                "who": 'Eve\nBcc: all@example.com http://evil.example/"onmouseover=alert(1)',
                "roles": ["Owner"],
            },
            key="one",
        )
    wired.worker().drain()
    from market.desk.gateway import Outbox

    return wired.gateways[Outbox].newest(1)[0][0]


def test_the_operator_reads_a_mail_safely(wired: Wired, operator: Browser) -> None:
    """I read text and picture of a mail; nothing in it runs, and only links to ourselves can be clicked."""
    name = a_mail(wired)
    assert "Invitation to act for" in operator.get("/desk/outbox").text
    page = operator.get(f"/desk/outbox/{name}")
    assert "<script>alert" not in page.text
    assert '<a href="http://testserver/invitations/secret-token">' in page.text
    assert 'href="http://evil.example' not in page.text
    assert "frame-src 'self'" in page.headers["content-security-policy"]
    assert "script-src 'self'" in page.headers["content-security-policy"]

    html = operator.get(f"/desk/outbox/{name}/html")
    assert "<script>alert" not in html.text
    policy = html.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert "SAMEORIGIN" == html.headers["x-frame-options"]


@pytest.mark.parametrize(
    "name", ["..%2f..%2fsecret_key", "%2e%2e", "nothing", ".part", "x" * 200, "a%00b", "secret_key"]
)
def test_only_mails_are_read(operator: Browser, name: str) -> None:
    """No address of the outbox reaches another file."""
    assert operator.get(f"/desk/outbox/{name}").status_code in (404, 405)
    assert operator.get(f"/desk/outbox/{name}/html").status_code in (404, 405)


def test_in_a_sample_world_everybody_reads_the_outbox(make_wired: MakeWired) -> None:
    """Who tries Ponte out finds the link of the mail without a mail server; nowhere else."""
    wired = make_wired(SAMPLE_WORLD=True)
    with Browser(wired) as browser:
        browser.get("/register")
        browser.submit("/register", name="Bruno", email="bruno@example.com", password="horses like quiet stables")
        assert "/desk/outbox" in browser.page.text
        wired.worker().drain()
        page = browser.get("/desk/outbox")
        assert 200 == page.status_code
        assert "Confirm your e-mail address" in browser.text
        assert "/sign-in" in str(browser.get("/desk").url)


def test_where_mails_are_sent_nothing_is_kept(make_wired: MakeWired) -> None:
    """With a mail server the outbox holds nothing, and says so."""
    wired = make_wired(SMTP_URL="smtp://127.0.0.1:2525")
    with wired.db.write() as db:
        a_person(db, "Olga Operator", operator=True)
    with Browser(wired) as browser:
        sign_in(browser, OPERATOR)
        assert "Mails are really sent" in browser.get("/desk/outbox").text
        assert 404 == browser.get("/desk/outbox/abc").status_code


def test_only_addresses_of_ours_become_links() -> None:
    """A mail that quotes a stranger's address does not make it clickable."""
    site = "https://ponte.example"
    text = f"See {site}/invoices/1 or {site}.evil.example/x or https://evil.example {site}"

    links = [href for _text, href in linked(text, site) if href]

    assert [f"{site}/invoices/1", site] == links
    assert text == "".join(piece for piece, _href in linked(text, site))


# --- the trail


def test_the_trail_is_read_filtered_and_proved(wired: Wired, operator: Browser, pumps: str) -> None:
    """I find who did what, page by page, and prove that nothing was touched."""
    found = operator.get("/desk/events?tag=organisation:record").text
    assert "organisation:record:created" in found
    assert "account:session" not in found
    assert "nothing was changed, removed or slipped in" in operator.get("/desk/events?check=1").text

    assert "Nothing found" in operator.get("/desk/events?tag=%25").text


def test_a_touched_trail_is_seen(wired: Wired, operator: Browser, pumps: str) -> None:
    """Somebody with the database in hand slips in an event: the proof names the place."""
    from market.kit import audit

    with wired.db.write() as db:
        false = {"id": "z" * 26, "at": clock.now(), "tag": "organisation:record:verified"}
        db.add(
            audit.AuditEvent(
                **false, subject_kind="organisation", subject_id=pumps, position=99, previous="", digest="", data={}
            )
        )

    assert "touched" in operator.get("/desk/events?check=1").text


def test_old_events_stand_on_further_pages(wired: Wired, operator: Browser, pumps: str) -> None:
    """Hundreds of events are read page by page, each once."""
    from market.kit import audit
    from market.kit.actor import SYSTEM

    with wired.db.write() as db:
        for number in range(120):
            audit.record(db, SYSTEM, "test:number:counted", ("test", "counter"), now=clock.now(), number=number)
    seen: list[str] = []
    address = "/desk/events?subject=counter"
    for _page in range(3):
        operator.get(address)
        seen += [part.split("}")[0] for part in operator.text.split('"number&#34;:')[1:]] or [
            part.split("}")[0] for part in operator.text.split("&#34;number&#34;:")[1:]
        ]
        found = [part for part in operator.page.text.split('href="') if "before=" in part]
        if not found:
            break
        address = found[0].split('"')[0].replace("&amp;", "&")

    assert [str(number) for number in reversed(range(120))] == seen
