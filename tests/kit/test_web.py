"""The HTTP adapter alone, over a small application without any trade: forms, tokens, cookies, limits, kept pages."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import Field
from sqlalchemy import func, insert, select
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from market.kit import cache, cookies, csrf, runtime, web
from market.kit.actor import Actor
from market.kit.cache import ChangeCounter
from market.kit.db import Database
from market.kit.errors import Forbidden, NotFound, Refusal, Refused, Stale, TooMany, Unavailable
from market.kit.files import Upload
from market.kit.forms import Form, FormState
from market.kit.gateways import Gateways
from market.kit.headers import SecurityHeaders
from market.kit.kept import KeptPage, PageCache
from market.kit.templating import Addresses, Templates

SECRET = "a key of the tests that is long enough"
OURS = {"Sec-Fetch-Site": "same-origin"}
ADA = Actor(person_id="p1", person_name="Ada", permissions=frozenset({"public", "write"}))
BEA = Actor(person_id="p2", person_name="Bea", permissions=frozenset({"public"}))


class NoteForm(Form):
    """A note to leave."""

    topic: str
    pages: int = 1
    papers: list[Upload] = Field(default_factory=list)


ERRORS: dict[str, Exception] = {
    "missing": NotFound(),
    "forbidden": Forbidden(),
    "refused": Refused(Refusal("full", "The book is full.", "topic")),
    "stale": Stale(),
    "often": TooMany(),
    "away": Unavailable(),
}


@web.page()
def show(request: Any, db: Any, actor: Actor, form: FormState | None = None) -> Response:
    """The notes, and the form as it stands."""
    form = form or FormState()
    lines = [form.message, *(f"{key}: {value}" for key, value in form.errors.items()), *form.values_of("topic")]
    request.state.shown = lines
    token = cookies.form_token(request, SECRET)
    number = db.execute(select(func.count()).select_from(ChangeCounter)).scalar()
    return PlainTextResponse("\n".join([token, f"{number} notes", actor.person_name, *lines]))


@web.action(NoteForm, permission="public", again=show)
def leave(request: Any, db: Any, actor: Actor, form: NoteForm) -> Response:
    """Leave a note; some topics go wrong after it was written."""
    db.execute(insert(ChangeCounter).values(topic=form.topic, value=form.pages))
    if form.topic in ERRORS:
        raise ERRORS[form.topic]
    return web.redirect_to(request, "/", flash=f"{form.topic}, {len(form.papers)} papers")


@web.action(NoteForm, permission="write")
def write(request: Any, db: Any, actor: Actor, form: NoteForm) -> Response:
    """Only for who may."""
    return PlainTextResponse("written")


@web.page(permission="write")
def desk(request: Any, db: Any, actor: Actor) -> Response:
    """Only for who may."""
    return PlainTextResponse(actor.person_name)


@web.page(kept=True)
def count(request: Any, db: Any, actor: Actor) -> Response:
    """How many notes there are; kept until there is another."""
    made.append(1)
    return PlainTextResponse(str(db.execute(select(func.count()).select_from(ChangeCounter)).scalar()))


@web.page()
def flash(request: Any, db: Any, actor: Actor) -> Response:
    """The sentence that the page before left."""
    return PlainTextResponse(repr(cookies.flashes(request, SECRET)))


@web.page()
def sign_in(request: Any, db: Any, actor: Actor) -> Response:
    """Where who must sign in is sent."""
    return PlainTextResponse("sign in")


@web.raw
def hook(request: Any, work: runtime.Work, body: bytes) -> Response:
    """A machine's call."""
    return PlainTextResponse(str(len(body)))


made: list[int] = []
ROUTES = [
    Route("/", show, name="show"),
    Route("/leave", leave, methods=["POST"]),
    Route("/write", write, methods=["POST"]),
    Route("/desk", desk),
    Route("/desk/{part}", desk),
    Route("/count", count),
    Route("/flash", flash),
    Route("/sign-in", sign_in, name="sign_in"),
    Route("/hook", hook, methods=["POST"], max_body_size=100),
]


def _application(database: Database, base_url: str = "http://testserver") -> Starlette:
    templates = Templates(Addresses(ROUTES), base_url, sandbox=True, sample_world=False)
    templates.environment.globals["url"] = lambda name, **_params: f"/{name}"  # the error page links into the real site
    app = Starlette(routes=ROUTES, max_body_size=1024 * 1024)
    app.state.runtime = runtime.Runtime(
        db=database, gateways=Gateways(), templates=templates, secret=SECRET, base_url=base_url, sign_in="sign_in",
        load_actor=lambda _db, token: {"ada": ADA, "bea": BEA}.get(token, Actor()),
        load_marks=lambda _db, actor: frozenset(actor.marks),
    )  # fmt: skip
    return app


@pytest.fixture
def client(database) -> Iterator[TestClient]:
    """A browser before the small application."""
    made.clear()
    app = _application(database)
    yield TestClient(app, follow_redirects=False)
    if app.state.runtime.quick_stamp:
        app.state.runtime.quick_stamp.close()


def _token(client: TestClient) -> str:
    return client.get("/").text.splitlines()[0]


def _notes(client: TestClient) -> str:
    return client.get("/").text.splitlines()[1]


def _leave(client: TestClient, headers: dict[str, str] = OURS, **fields: Any) -> Any:
    return client.post(
        "/leave", data={"csrf_token": _token(client), **fields}, headers={"Accept": "text/html"} | headers
    )


# --- forms


def test_a_form_is_taken_once_and_answered_by_a_redirect(client):
    """What was sent is written, and loading the next page again sends nothing again."""
    answer = _leave(client, topic="pumps")
    assert (303, "/", "1 notes") == (answer.status_code, answer.headers["location"], _notes(client))
    assert "[('success', 'pumps, 0 papers')]" == client.get("/flash").text


def test_a_fault_keeps_what_was_typed_and_says_how_to_mend_it(client):
    """422, the field's sentence, the text still there, nothing written."""
    answer = _leave(client, topic="  pumps  ", pages="many")
    assert 422 == answer.status_code
    assert "Please mend the fields marked below." in answer.text
    assert "pages: Write a whole number, such as 12." in answer.text
    assert "pumps" in answer.text
    assert "0 notes" == _notes(client)


def test_a_missing_field_is_told(client):
    """An empty field is as good as none."""
    assert "topic: Fill in this field." in _leave(client, topic="   ").text


@pytest.mark.parametrize(
    ("topic", "status"),
    [("missing", 404), ("forbidden", 403), ("refused", 422), ("stale", 409), ("often", 429), ("away", 503)],
)
def test_what_goes_wrong_undoes_everything(client, topic, status):
    """Each error has its status, and what was written before it is gone."""
    assert status == _leave(client, topic=topic).status_code
    assert "0 notes" == _notes(client)


def test_a_rule_speaks_at_its_field(client):
    """A rule's refusal stands at the field it is about, and what was typed stays."""
    lines = _leave(client, topic="refused").text.splitlines()
    assert "topic: The book is full." in lines
    assert "refused" in lines


def test_who_asks_for_json_is_answered_in_json(client):
    """A machine gets the sentence without a page around it."""
    answer = _leave(client, OURS | {"Accept": "application/json"}, topic="missing")
    assert {"error": "There is no such page, or it is not open to you."} == answer.json()


def test_unknown_fields_are_ignored(client):
    """A field that the form does not have changes nothing."""
    assert 303 == _leave(client, topic="pumps", is_operator="on", value="99").status_code


def test_control_characters_and_direction_tricks_are_taken_out(client):
    """NUL, bidi overrides and lone surrogates never reach a table."""
    _leave(client, topic="pu\x00mps\u202e\ufeff")
    assert "[('success', 'pumps, 0 papers')]" == client.get("/flash").text


def test_papers_come_with_the_form(client):
    """Several files of one field arrive; a field left empty is no file."""
    token = _token(client)
    files = [("papers", ("a.txt", b"a", "text/plain")), ("papers", ("b.txt", b"b", "text/plain"))]
    client.post("/leave", data={"csrf_token": token, "topic": "x"}, files=files, headers=OURS)
    assert "x, 2 papers" in client.get("/flash").text
    client.post("/leave", data={"csrf_token": token, "topic": "y"}, files=[("papers", ("", b"", ""))], headers=OURS)
    assert "y, 0 papers" in client.get("/flash").text


def test_a_text_without_end_is_refused_at_its_field(client):
    """More than 20,000 characters in one field are told, not kept."""
    answer = _leave(client, topic="x" * 20_001)
    assert 422 == answer.status_code
    assert "topic: Use at most 20,000 characters." in answer.text


def test_a_body_without_end_is_refused_before_it_is_read(client):
    """Over a megabyte is 413, whether the length is told beforehand or not."""
    token = _token(client)
    big = {"csrf_token": token, "topic": "x" * 1_100_000}
    assert 413 == client.post("/leave", data=big, headers=OURS).status_code

    def pieces() -> Iterator[bytes]:
        for _piece in range(20):
            yield b"x" * 100_000

    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert 413 == client.post("/leave", content=pieces(), headers=OURS | kind).status_code
    assert 413 == client.post("/hook", content=b"x" * 101).status_code
    assert "100" == client.post("/hook", content=b"x" * 100).text


@pytest.mark.parametrize("number", [41, 3000])
def test_a_form_of_a_thousand_parts_is_refused(client, number):
    """Neither thousands of fields nor dozens of files."""
    token = _token(client)
    if number == 41:
        files = [("papers", (f"{n}.txt", b"a", "text/plain")) for n in range(number)]
        answer = client.post("/leave", data={"csrf_token": token, "topic": "x"}, files=files, headers=OURS)
    else:
        fields = {f"f{n}": "x" for n in range(number)}
        answer = client.post(
            "/leave", data={"csrf_token": token, **fields}, files=[("papers", ("a", b"a"))], headers=OURS
        )
    assert 400 == answer.status_code
    assert "0 notes" == _notes(client)


@pytest.mark.parametrize("body", [b"\xff\xfe", b"--x\r\nContent-Disposition: form", b""])
def test_a_broken_body_is_no_error_of_ours(client, body):
    """What cannot be read is refused, never a fault."""
    headers = OURS | {"Content-Type": "multipart/form-data; boundary=x"}
    assert client.post("/leave", content=body, headers=headers).status_code in (400, 403)


# --- forged requests


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
        {"Origin": "null"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://testserver.evil.example"},
        {"Origin": "http://testserver:81"},
        {},
    ],
)
def test_a_form_of_another_site_is_refused(client, headers):
    """With our token or without: what does not come from a page of ours is not believed."""
    answer = _leave(client, headers, topic="pumps")
    assert 403 == answer.status_code
    assert "0 notes" == _notes(client)


def test_an_older_browser_is_believed_by_its_origin(client):
    """Where there is no Sec-Fetch-Site, Origin says where a form comes from."""
    assert 303 == _leave(client, {"Origin": "http://testserver"}, topic="pumps").status_code


@pytest.mark.parametrize("forged", ["", "00" * 32, "zz", "00" * 31, "é", "00" * 64])
def test_a_form_without_our_token_is_refused(client, forged):
    """A token that we did not make opens nothing."""
    _token(client)
    assert 403 == client.post("/leave", data={"csrf_token": forged, "topic": "x"}, headers=OURS).status_code


def test_a_token_belongs_to_one_browser(client, database):
    """Another visitor's token, and the one from before signing in, are worth nothing."""
    stranger = TestClient(client.app)
    assert 403 == client.post(
        "/leave", data={"csrf_token": _token(stranger), "topic": "x"}, headers=OURS
    ).status_code  # fmt: skip
    before = _token(client)
    client.cookies.set("ponte_session", "ada")
    assert 403 == client.post("/leave", data={"csrf_token": before, "topic": "x"}, headers=OURS).status_code


def test_tokens_look_different_each_time():
    """So that compression tells nobody what they are; each is valid."""
    one, other = csrf.token(SECRET, "ada"), csrf.token(SECRET, "ada")
    assert one != other
    assert csrf.valid(SECRET, "ada", one)
    assert csrf.valid(SECRET, "ada", other)
    assert not csrf.valid(SECRET, "bea", one)
    assert not csrf.valid("another secret", "ada", one)
    assert not csrf.valid(SECRET, "", csrf.token(SECRET, ""))


# --- who may


def test_who_is_not_signed_in_is_sent_to_sign_in(client):
    """And comes back to where he wanted to go; after a form, to the start."""
    answer = client.get("/desk?part=2")
    assert (303, "/sign-in?next=%2Fdesk%3Fpart%3D2") == (answer.status_code, answer.headers["location"])
    token = _token(client)
    answer = client.post("/write", data={"csrf_token": token, "topic": "x"}, headers=OURS)
    assert (303, "/sign-in?next=%2F") == (answer.status_code, answer.headers["location"])


def test_who_may_not_is_told_so(client):
    """A signed-in person without the right gets 403, page and form alike."""
    client.cookies.set("ponte_session", "bea")
    assert 403 == client.get("/desk").status_code
    token = _token(client)
    assert 403 == client.post("/write", data={"csrf_token": token, "topic": "x"}, headers=OURS).status_code
    client.cookies.set("ponte_session", "ada")
    assert "Ada" == client.get("/desk").text


def test_an_address_with_nul_is_no_page(client):
    """PostgreSQL is never asked for a name that it cannot hold."""
    client.cookies.set("ponte_session", "ada")
    assert 404 == client.get("/desk/%00").status_code


# --- cookies


@pytest.mark.parametrize(
    ("base_url", "name", "secure"),
    [("http://testserver", "ponte_session", False), ("https://ponte.example", "__Host-ponte_session", True)],
)
def test_the_session_cookie_is_out_of_reach(base_url, name, secure):
    """No script reads it, no other site sends it; under https it is bound to this very host."""
    run: Any = SimpleNamespace(https=base_url.startswith("https:"), secret=SECRET)
    for response in (Response(), Response()):
        cookies.set_session(response, run, "token", 60)
        given = response.headers["set-cookie"].lower()
        assert given.startswith(f"{name.lower()}=token")
        assert "httponly" in given
        assert "samesite=lax" in given
        assert "path=/" in given
        assert secure == ("secure" in given)
        assert "domain" not in given


@pytest.mark.parametrize("value", ["", "x", "x.y", "WyJhIl0=.0000", "WyJzdWNjZXNzIiwiaGkiXQ==." + "0" * 32])
def test_nobody_else_puts_a_sentence_on_our_pages(client, value):
    """A flash that we did not seal is not shown."""
    client.cookies.set("ponte_flash", value)
    assert "[]" == client.get("/flash").text


def test_a_chosen_language_wins_over_the_browsers(client):
    """A cookie with a language that we do not have is as good as none."""
    for chosen, told in (("qps", "qps"), ("xx", "en"), ("../../etc", "en")):
        request: Any = SimpleNamespace(cookies={"ponte_locale": chosen}, headers={})
        assert told == cookies.locale_of(request)


# --- redirects


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example", "https://evil.example",
        "@evil.example", "evil.example", "javascript:alert(1)", "/a\r\nSet-Cookie: x=1", "/a\tb", "/ a", " /a", "/a\\b",
        "", None,
    ],
)  # fmt: skip
def test_nobody_is_led_off_the_site(path):
    """An address that might lead elsewhere leads home."""
    assert "/" == web.safe_path(path)


@pytest.mark.parametrize("path", ["/", "/deals/1", "/search?q=a&page=2", "/a#b", "/é", "/a//b", "/@me"])
def test_addresses_of_ours_are_followed(path):
    """Where somebody wanted to go inside the site, they come to."""
    assert path == web.safe_path(path)


@pytest.mark.parametrize(
    ("asked", "page"),
    [("2", 2), ("0", 1), ("-1", 1), ("x", 1), ("", 1), ("1e3", 1), ("99999999", 1), ("٣", 1), ("20000", 10000)],
)
def test_a_page_number_is_always_a_number(asked, page):
    """Whatever stands in the address."""
    request: Any = SimpleNamespace(query_params={"page": asked})
    assert page == web.page_number(request)


# --- kept pages


def test_a_kept_page_is_made_once_until_something_changes(client, database):
    """Two visitors, one making; after a write, a new one: never a stale page."""
    assert ["0", "0"] == [client.get("/count").text, TestClient(client.app).get("/count").text]
    assert 1 == len(made)
    with database.write() as db:
        cache.touch(db, "catalog")
    assert "1" == client.get("/count").text
    with database.write() as db:
        cache.touch(db, "catalog")
    client.get("/count")
    assert 3 == len(made)


def test_a_browser_that_has_the_page_is_told_so(client, database):
    """304 while nothing has changed; the new page when it has."""
    first = client.get("/count")
    tag = {"If-None-Match": first.headers["etag"]}
    again = client.get("/count", headers=tag)
    assert (304, b"", first.headers["etag"]) == (again.status_code, again.content, again.headers["etag"])
    with database.write() as db:
        cache.touch(db, "catalog")
    assert (200, "1") == (client.get("/count", headers=tag).status_code, client.get("/count", headers=tag).text)


def test_a_signed_in_persons_page_is_never_kept(client):
    """Nobody gets a page that was made for somebody else, nor leaves one behind."""
    client.cookies.set("ponte_session", "ada")
    answer = client.get("/count")
    client.get("/count")
    assert 2 == len(made)
    assert ("private, no-store", "Cookie, Accept-Language") == (answer.headers["cache-control"], answer.headers["vary"])


def test_two_addresses_are_two_pages(client):
    """The query belongs to the address."""
    client.get("/count?page=1")
    client.get("/count?page=2")
    assert 2 == len(made)


def test_the_store_of_kept_pages_has_an_end():
    """The oldest page makes room; one that is too large is not kept at all."""
    pages = PageCache(limit=8_000)
    pages.get(("first",), 1)
    for number in range(20):
        pages.keep((str(number),), 1, KeptPage((b"x" * 900,), "text/html"))
    assert pages.get(("0",), 1) is None
    assert isinstance(pages.get(("19",), 1), KeptPage)
    pages.keep(("huge",), 1, KeptPage((b"x" * 1_000,), "text/html"))
    assert pages.get(("huge",), 1) is None
    assert pages.get(("19",), 2) is None


def test_a_page_made_while_something_changed_is_not_kept():
    """It might show the old things under the new counters."""
    pages = PageCache()
    pages.get(("a",), 1)
    pages.get(("a",), 2)
    pages.keep(("a",), 1, KeptPage((b"old",), "text/html"))
    assert pages.get(("a",), 2) is None


# --- headers


@pytest.mark.parametrize("https", [False, True])
def test_every_answer_carries_the_policy(https):
    """Nothing inline, nothing from elsewhere, nobody's frame; https only where there is https."""

    async def answer(_request: Any) -> Response:
        return PlainTextResponse("x", headers={"Referrer-Policy": "no-referrer"})

    app = SecurityHeaders(Starlette(routes=[Route("/", answer)]), https=https, form_targets=("https://pay.example",))
    headers = TestClient(app).get("/").headers
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://pay.example" in policy
    assert "nosniff" == headers["x-content-type-options"]
    assert "no-referrer" == headers["referrer-policy"]
    assert https == ("strict-transport-security" in headers)
    assert "content-security-policy" in TestClient(app).get("/nowhere").headers
