"""The editor of a listing in a real browser: typed words are kept, shown as they will be, compared and published."""

import threading
import time
from datetime import timedelta

import pytest
import uvicorn
from playwright.sync_api import expect

from market.accounts.models import SignInSession
from market.accounts.queries import token_hash
from market.app import create_app
from market.catalog import editorial
from market.catalog.models import Technology
from market.catalog.service import gate
from market.kit import clock
from tests.catalog.samples import institution, officer
from tests.catalog.test_editorial import UNCLEAR, written
from tests.live import free_port
from tests.story.conftest import accessible, picture


@pytest.fixture
def database_url(sqlite_url):
    """One kind of database is enough for a browser."""
    return sqlite_url


@pytest.fixture
def anna(wired):
    """A licensing officer of a verified institute."""
    with wired.db.write() as db:
        return officer(db, institution(db, clock.now()), clock.now())


@pytest.fixture
def technology(wired, anna):
    """A draft that is not clear yet."""
    with wired.db.write() as db:
        made = written(db, anna, clock.now(), **(UNCLEAR | {"advantages": "It is significantly faster."}))
        gate.score_some(db, now=clock.now())
        return made.id


@pytest.fixture
def site(wired):
    """The application over real HTTP."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(create_app(wired), port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def desk(wired, anna, site, visitor):
    """Opens Anna's browser."""

    def new(**options):
        with wired.db.write() as db:
            token = f"{time.monotonic_ns()}"
            db.add(
                SignInSession(
                    token_hash=token_hash(token),
                    person_id=anna.person_id,
                    organisation_id=anna.organisation_id,
                    created_at=clock.now(),
                    authenticated_at=clock.now(),
                    expires_at=clock.now() + timedelta(days=1),
                )
            )
        page = visitor(site, **options)
        page.context.add_cookies([{"name": "ponte_session", "value": token, "url": site}])
        return page

    return new


def test_what_is_typed_is_kept_while_writing(desk, wired, anna, technology):
    """A pause keeps the words without saving them; a crash of the browser loses nothing; the preview follows."""
    page = desk()
    page.goto(f"/listings/{technology}/edit")
    page.get_by_text("Live preview").click()
    page.get_by_label("One-sentence summary").fill("A pump for kitchens that whispers.")
    expect(page.get_by_text("What you typed is kept.")).to_be_visible()
    expect(page.locator("[data-preview-here]")).to_contain_text("A pump for kitchens that whispers.")
    accessible(page)
    picture(page, "editor-autosave")
    with wired.db.read() as db:
        assert "A pump for kitchens that whispers." != db.get(Technology, technology).summary

    again = desk()
    again.goto(f"/listings/{technology}/edit")
    expect(again.get_by_label("One-sentence summary")).to_have_value("A pump for kitchens that whispers.")
    picture(again, "editor-unsaved")
    accessible(again)
    again.get_by_role("button", name="Save", exact=True).click()
    expect(again.get_by_text("Saved.")).to_be_visible()
    with wired.db.read() as db:
        assert "A pump for kitchens that whispers." == db.get(Technology, technology).summary
        assert editorial.draft(db, technology, anna.person_id) is None


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_a_listing_is_mended_compared_and_published(desk, technology, javascript):
    """From the list over what to mend to the versions and out, with and without JavaScript."""
    page = desk(javascript=javascript)
    look = (lambda name: (accessible(page), picture(page, name))) if javascript else (lambda _name: None)
    page.goto("/listings")
    look("own-listings-scored")
    page.goto(f"/listings/{technology}/clarity")
    expect(page.get_by_text("by how much? Add a figure.")).to_be_visible()
    look("clarity")
    page.get_by_role("button", name="Publish now").click()
    expect(page.get_by_text("say in a sentence why it should go out as it is").first).to_be_visible()
    look("clarity-refused")
    page.get_by_role("link", name="Texts and offer").click()
    page.get_by_label("Advantages").fill("Half the noise of the best pump on sale")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Versions", exact=True).click()
    look("versions")
    page.get_by_role("link", name="Version 3").click()
    expect(page.locator("ins").first).to_contain_text("Half the noise")
    look("version")
    page.goto(f"/listings/{technology}/preview")
    look("preview")
    page.goto(f"/listings/{technology}/clarity")
    page.get_by_role("button", name="Publish now").click()
    expect(page.get_by_text("Published. Everybody can find it now.")).to_be_visible()
