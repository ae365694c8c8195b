"""The pages of the catalogue over HTTP, without JavaScript, as visitor, officer and stranger."""

import json
import re
import struct
import zlib
from datetime import timedelta

import pytest
from sqlmodel import select

from market.accounts.models import Organisation, SignInSession
from market.accounts.queries import token_hash
from market.catalog.forms import ListingForm, NewListing, RightForm, TermsForm
from market.catalog.models import Technology
from market.catalog.service import listing as service
from market.catalog.service import parts
from market.kit import clock, cookies
from tests.browserless import Browser
from tests.catalog.samples import LONG, csv_file, institution, nasa_file, officer, xlsx_file

EVIL = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


def png() -> bytes:
    """The smallest picture there is: one red pixel."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\xff\0\0")) + chunk(b"IEND", b"")
    )


def sign_in(browser, actor):
    """Let the browser be this person's."""
    token = f"token-of-{actor.person_id}"
    with browser.wired.db.write() as db:
        session = SignInSession(
            token_hash=token_hash(token),
            person_id=actor.person_id,
            organisation_id=actor.organisation_id,
            created_at=clock.now(),
            authenticated_at=clock.now(),
            expires_at=clock.now() + timedelta(days=1),
        )
        db.add(session)
    browser.client.cookies.set(cookies.session_cookie(False), token)
    return browser


@pytest.fixture
def anna(wired, now):
    """A licensing officer of a verified institute."""
    with wired.db.write() as db:
        return officer(db, institution(db, now), now)


@pytest.fixture
def desk(browser, anna):
    """Anna's browser."""
    return sign_in(browser, anna)


@pytest.fixture
def visitor(wired):
    """A visitor who is not signed in."""
    with Browser(wired) as other:
        yield other


def complete(actor, **given):
    """The form of a listing that can go out."""
    fields = {
        "title": "Quiet pump",
        "summary": "A pump that you do not hear.",
        "sector": "machinery",
        "description": LONG,
        "offers": ["licence"],
        "contact_id": actor.person_id,
    }
    return ListingForm(**(fields | given))


@pytest.fixture
def published(wired, anna, now):
    """The id of a listing with everything on it."""
    with wired.db.write() as db:
        row = service.create_draft(db, anna, NewListing(title="Quiet pump"), now=now)
        form = complete(
            anna,
            advantages="50 % less noise",
            inventors="Jean Dupré",
            price_kind="fixed",
            price_low="5,000",
            keywords="pump, quiet",
        )
        service.save(db, anna, row.id, form, now=now)
        parts.add_right(db, anna, row.id, RightForm(kind="patent", number="EP1234567B1"), now=now)
        terms = TermsForm(
            grant_kind="exclusive", field_of_use="Drinking water", territory=["IT"], royalty_percent="3.5"
        )
        parts.set_terms(db, anna, row.id, terms, now=now)
        service.publish(db, anna, row.id, now=now)
        return row.id


def test_a_listing_answers_a_busy_owner(visitor, published):
    """What it does, what is better, what it costs, how it is protected, whom to ask: all on one page."""
    visitor.get(f"/technologies/quiet-pump-{published}")

    assert 200 == visitor.page.status_code
    for words in (
        "Quiet pump",
        "A pump that you do not hear.",
        "50 % less noise",
        "€5,000",
        "Exclusive",
        "Drinking water",
        "Italy",
        "3.5% of net sales",
        "EP1234567B1",
        "Granted",
        "Jean Dupré",
        "Anna Rossi",
        "Institute of Pumps",
        "3 March 2027",
        "Ask about this technology",
    ):
        assert words in visitor.text
    assert 'property="og:title"' in visitor.page.text


def test_an_old_address_leads_to_the_new_one(visitor, published):
    """Links with another title, or none, still arrive."""
    visitor.get(f"/technologies/{published}")
    assert visitor.page.url.path.endswith(f"/technologies/quiet-pump-{published}")


def test_search_engines_read_the_listing_as_data(visitor, wired, anna, published, now):
    """The JSON-LD holds whatever the texts hold, and cannot be broken out of."""
    with wired.db.write() as db:
        service.save(
            db, anna, published, complete(anna, version=db.get(Technology, published).version, summary=EVIL), now=now
        )
    visitor.get(f"/technologies/{published}")
    block = re.search(r'(?s)<script type="application/ld\+json">(.*?)</script>', visitor.page.text)

    assert EVIL == json.loads(block.group(1))["description"]
    assert "<script>alert" not in visitor.page.text
    assert "<img src=x" not in visitor.page.text


def test_an_unchanged_listing_is_not_sent_again(visitor, wired, anna, published, now):
    """A browser that has the page gets 304 until the listing changes, as long as the search can name similar ones."""
    wired.worker().drain()
    first = visitor.get(f"/technologies/quiet-pump-{published}")
    tag = {"If-None-Match": first.headers["etag"]}
    assert 304 == visitor.client.get(str(first.url), headers=tag).status_code
    with wired.db.write() as db:
        service.save(
            db, anna, published, complete(anna, version=db.get(Technology, published).version, summary="New."), now=now
        )
    again = visitor.client.get(str(first.url), headers=tag)
    assert 200 == again.status_code
    assert "New." in again.text


def test_a_listing_page_asks_little_of_the_database(make_wired, now):
    """A signed-in reader's page costs at most eight statements, session included."""
    wired = make_wired(COUNT_QUERIES=True)
    with wired.db.write() as db:
        anna = officer(db, institution(db, now), now)
        row = service.create_draft(db, anna, NewListing(title="Quiet pump"), now=now)
    with Browser(wired) as browser:
        sign_in(browser, anna).get(f"/technologies/quiet-pump-{row.id}")
        assert 200 == browser.page.status_code
        assert int(browser.page.headers["x-query-count"]) <= 8


def test_the_editor_leads_from_a_title_to_a_published_listing(desk, visitor, wired):
    """By hand, without JavaScript: begin, write, picture, patent, terms, publish, and everybody sees it."""
    desk.get("/listings/new")
    desk.submit("/listings/new", title="Quiet <b>pump</b>")
    technology = desk.page.url.path.split("/")[2]
    assert "Before this can be published" in desk.text
    with wired.db.read() as db:
        contact = db.get(Technology, technology).contact_id
    fields = {"summary": "A pump you do not hear.", "sector": "machinery", "description": LONG, "contact_id": contact}
    desk.submit("/edit", **fields, offers=["licence", "joint_research"])
    assert "Everything needed is here." in desk.text
    desk.get(f"/listings/{technology}/files")
    desk.submit("/files", files={"file": ("pump.png", png(), "image/png")}, alt="The pump on a table")
    desk.get(f"/listings/{technology}/rights")
    desk.submit("/rights", number="EP 1 234 567 B1")
    desk.get(f"/listings/{technology}/terms")
    desk.submit(
        "/terms", field_of_use="Drinking water", territory=["IT", "FR"], upfront="15,000", royalty_percent="3.5"
    )
    desk.submit("/publish")

    visitor.get(str(desk.page.url.path))
    assert 200 == visitor.page.status_code
    for words in ("EP1234567B1", "France, Italy", "€15,000", "Joint research"):
        assert words in visitor.text
    assert "<b>pump" not in visitor.page.text
    picture = re.search(rf'src="(/technologies/{technology}/files/\w+)"', visitor.page.text).group(1)
    answer = visitor.client.get(picture)
    assert (png(), "image/png") == (answer.content, answer.headers["content-type"])
    assert "nosniff" == answer.headers["x-content-type-options"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"title": "ab"}, "Use at least 3 characters."),
        ({"title": "x" * 201}, "Use at most 200 characters."),
        ({"price_kind": "fixed", "price_low": "a lot"}, "Write an amount"),
        ({"trl": "12"}, "This must be 9 or less."),
        ({"trl": "high"}, "Write a whole number"),
        ({"sector": "astrology"}, "Choose one of the options."),
        ({"offers": "everything"}, "Choose one of the options."),
        ({"contact_id": "nobody"}, "Choose somebody of your institution."),
    ],
)
def test_bad_input_is_named_and_nothing_is_lost(desk, published, fields, sentence):
    """Each fault gets its sentence, the answer is 422, and the form still holds what was typed."""
    desk.get(f"/listings/{published}/edit")
    desk.submit("/edit", **({"problem": "Typed for an hour"} | fields))

    assert 422 == desk.page.status_code
    assert sentence in desk.text
    assert "Typed for an hour" in desk.page.text


def test_the_second_editor_sees_what_the_first_saved(desk, wired, anna, published, now):
    """Another's save in between is shown beside one's own words; saving again is then a choice."""
    desk.get(f"/listings/{published}/edit")
    with wired.db.write() as db:
        version = db.get(Technology, published).version
        service.save(db, anna, published, complete(anna, version=version, title="Silent pump"), now=now)
    desk.submit("/edit", title="Whispering pump")

    assert 409 == desk.page.status_code
    assert "Silent pump" in desk.text
    assert 'value="Whispering pump"' in desk.page.text
    desk.submit("/edit")
    assert 'value="Whispering pump"' in desk.page.text
    assert "Saved." in desk.text


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (("page.png", b"<html><script>alert(1)</script>", "image/png"), "We cannot take this kind of file here."),
        (
            ("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
            "We cannot take this kind of file here.",
        ),
        (("empty.png", b"", "image/png"), "This file is empty."),
        (None, "Choose a file."),
    ],
)
def test_files_are_known_by_their_content(desk, published, file, sentence):
    """A page that calls itself a picture is not taken, nor an empty file, nor none."""
    desk.get(f"/listings/{published}/files")
    desk.submit("/files", files={"file": file} if file else None, alt="A picture")
    assert 422 == desk.page.status_code
    assert sentence in desk.text


def test_withdrawn_is_gone_with_its_picture(desk, visitor, published):
    """After withdrawing, page and picture are 404 for others, and the institution still sees them."""
    desk.get(f"/listings/{published}/files")
    desk.submit("/files", files={"file": ("pump.png", png(), "image/png")}, alt="The pump on a table")
    picture = re.search(rf'src="(/technologies/{published}/files/\w+)"', desk.page.text).group(1)
    assert 200 == visitor.get(picture).status_code
    desk.submit("/withdraw")

    for address in (picture, f"/technologies/quiet-pump-{published}"):
        assert 404 == visitor.get(address).status_code
        assert 200 == desk.get(address).status_code
    assert "Only your institution sees this page" in desk.text


ACTS = ("edit", "publish", "withdraw", "confirm", "rights", "rights/remove", "terms", "terms/drop", "files/remove")


def test_strangers_get_nowhere(wired, visitor, published, now):
    """A visitor is asked to sign in; another institution's officer and an SME learn nothing and change nothing."""
    with wired.db.write() as db:
        stranger = officer(db, institution(db, now, slug="others", name="Others"), now)
        company = Organisation(
            kind="sme", name="Company", slug="company", country="IT", created_at=now, verified_at=now
        )
        db.add(company)
        db.flush()
        owner = officer(db, company, now, role="owner", name="Carla")
    pages = [f"/listings/{published}/{part}" for part in ("edit", "rights", "files", "terms")]
    assert all(visitor.get(page).url.path == "/sign-in" for page in pages)
    for actor, status in ((stranger, 404), (owner, 403)):
        with Browser(wired) as browser:
            sign_in(browser, actor)
            assert [status] * 4 == [browser.get(page).status_code for page in pages]
            browser.get("/search")
            token = browser.token()
            data = {"csrf_token": token, "title": "Mine now", "part": "x", "kind": "know_how"}
            data |= {"grant_kind": "sole", "field_of_use": "All uses"}
            for act in ACTS:
                assert status == browser.post(f"/listings/{published}/{act}", data).status_code, act


def test_a_table_is_imported_in_the_browser(desk, visitor):
    """Bring a CSV, check the columns, see every problem by row, import; the same file again doubles nothing."""
    desk.get("/imports/new")
    desk.submit("/imports/new", files={"file": ("catalogue.csv", csv_file(), "text/csv")})
    assert "Which column means what?" in desk.text
    desk.submit("/columns")
    assert "What importing will do" in desk.text
    for words in ("This row has no title.", "The same technology as row 2", "“Astrology” is no sector that we know."):
        assert words in desk.text
    desk.submit(desk.page.url.path, reason="Our whole catalogue, as it stands today.")
    assert "Imported: 3 new, 0 changed, 0 unchanged." in desk.text
    assert 200 == visitor.get("/institutions/pumps").status_code
    assert "Café lamp" in visitor.text
    assert "Clever box" not in visitor.text

    desk.get("/imports/new")
    desk.submit("/imports/new", files={"file": ("catalogue.xlsx", xlsx_file(), "application/octet-stream")})
    desk.submit("/columns")
    desk.submit(desk.page.url.path)
    assert "Imported: 0 new, 0 changed, 3 unchanged." in desk.text


def test_nasas_file_needs_no_columns(desk):
    """NASA's own format goes straight to the preview."""
    desk.get("/imports/new")
    desk.submit("/imports/new", files={"file": ("patent.json.gz", nasa_file(), "application/gzip")})
    assert "What importing will do" in desk.text
    desk.get(f"{desk.page.url.path}?show=problems")
    assert "This row has 2 items; NASA's rows have 12 or 13." in desk.text.replace("&#39;", "'")
    desk.submit(desk.page.url.path)
    assert "Imported: 5 new" in desk.text


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (("c.csv", b'Ref,Title\nA,"Pump', "text/csv"), "Line 2: the file ends too early"),
        (("c.json.gz", nasa_file()[:200], "application/gzip"), "the file ends too early"),
        (("c.xlsx", xlsx_file()[:-500], "x"), "the spreadsheet is damaged"),
        (("c.csv", b"", "text/csv"), "This file is empty."),
        (None, "Choose a file."),
    ],
)
def test_a_broken_upload_gets_a_sentence(desk, file, sentence):
    """A file that cannot be read is refused with the line and the reason; nothing is kept of it."""
    desk.get("/imports/new")
    desk.submit("/imports/new", files={"file": file} if file else None)

    assert 422 == desk.page.status_code
    assert sentence in desk.text
    with desk.wired.db.read() as db:
        assert [] == db.exec(select(Technology)).all()


def test_a_column_is_used_once(desk):
    """The same column for two fields is pointed out; the choice stays on the form."""
    desk.get("/imports/new")
    desk.submit("/imports/new", files={"file": ("catalogue.csv", csv_file(), "text/csv")})
    desk.submit("/columns", summary="Titel")
    assert 422 == desk.page.status_code
    assert "is chosen twice" in desk.text


def test_another_institutions_import_is_unknown(wired, desk, now):
    """An import's pages exist for its own institution only."""
    desk.get("/imports/new")
    desk.submit("/imports/new", files={"file": ("patent.json.gz", nasa_file(), "application/gzip")})
    address = desk.page.url.path
    with wired.db.write() as db:
        stranger = officer(db, institution(db, now, slug="others", name="Others"), now)
    with Browser(wired) as browser:
        sign_in(browser, stranger)
        assert 404 == browser.get(address).status_code
        assert 404 == browser.get(f"{address}/columns").status_code
        browser.get("/imports/new")
        assert 404 == browser.post(address, {"csrf_token": browser.token()}).status_code


def test_the_own_list_finds_and_filters(desk, published):
    """One's listings are found by title and by state; when nothing fits the page says what to do."""
    assert "Quiet pump" in desk.get("/listings?state=published&q=QUIET").text
    desk.get("/listings?state=draft")
    assert "No listing fits" in desk.text
    assert 200 == desk.get("/listings?state='; DROP TABLE technology --&page=-5&q=%00").status_code
    assert 404 == desk.get("/institutions/%00").status_code
    assert 404 == desk.get("/technologies/%00").status_code


def test_an_unverified_institution_has_no_public_page(wired, visitor, now):
    """Until the operator has checked it, an institution's page is open to its own people only."""
    with wired.db.write() as db:
        institution(db, now, slug="new", name="New one", verified=False)
    assert 404 == visitor.get("/institutions/new").status_code
    assert 404 == visitor.get("/institutions/nobody").status_code
