"""Deals over HTTP, without JavaScript: the journey of both sides, bad input, and what others must not see."""

import secrets
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from market.accounts.models import SignInSession
from market.accounts.queries import token_hash
from market.kit.actor import Actor
from market.kit.db import Database
from market.wiring import Wired
from tests.browserless import Browser
from tests.deals import world as making
from tests.deals.world import USE, World


def sign_in(browser: Browser, database: Database, who: Actor, world: World) -> Browser:
    """Let the browser be this person."""
    token = secrets.token_hex(16)
    with database.write() as db:
        db.add(
            SignInSession(
                token_hash=token_hash(token),
                person_id=who.person_id or "",
                organisation_id=who.organisation_id,
                created_at=world.now,
                authenticated_at=world.now,
                expires_at=world.now + timedelta(days=14),
            )
        )
    browser.client.cookies.set("ponte_session", token)
    return browser


@pytest.fixture
def world(wired: Wired, now: Any) -> World:
    """The small world in the application's own database."""
    with wired.db.write() as db:
        return making.make_world(db, now)


@pytest.fixture
def people(wired: Wired, world: World) -> Iterator[dict[str, Browser]]:
    """A browser for each person of the world."""
    browsers = {
        name: sign_in(Browser(wired), wired.db, getattr(world, name), world)
        for name in ("officer", "boss", "buyer", "stranger")
    }
    yield browsers
    for browser in browsers.values():
        browser.client.close()


def _ask(people: dict[str, Browser], world: World) -> str:
    buyer = people["buyer"]
    buyer.get(f"/technologies/{world.technology.id}/enquire")
    buyer.submit("/enquire", intended_use=USE, field_of_use="Ship coatings", territory=["DK", "SE"])
    assert 200 == buyer.page.status_code
    return str(buyer.page.url.path)


def test_the_whole_way_from_the_question_to_the_licence(wired: Wired, people: dict[str, Browser], world: World) -> None:
    """Both sides click through: enquiry, answer, offer, change, acceptance, document, two signatures, fee."""
    officer, boss, buyer = people["officer"], people["boss"], people["buyer"]
    path = _ask(people, world)
    assert "Lindenfels University has to answer the enquiry" in buyer.text

    officer.get("/deals")
    assert "One deal waits for you." in officer.text
    officer.get(path)
    assert "Your turn: answer the enquiry" in officer.text
    assert USE in officer.text
    officer.submit("/answer", message="Gladly. Which steel?")
    assert "Gladly. Which steel?" in officer.text

    officer.get(f"{path}/offer")
    officer.submit("/offer", upfront="15,000", tier_1_rate="4", sublicence="consent", note="Our usual terms")
    assert 200 == officer.page.status_code
    assert "Nordhaven Coatings has to answer the offer" in officer.text

    buyer.get(path)
    assert "€15,000.00, due 30 days after the last signature" in buyer.text
    assert "Patent EP3456789B1" in buyer.text
    buyer.get(f"{path}/offer")
    buyer.submit("/offer", upfront="9000", tier_1_rate="3.5")
    assert "Changed since the version before: Upfront fee, Running royalty" in buyer.text

    officer.get(f"{path}/versions")
    assert "2 terms differ:" in officer.text
    officer.get(f"{path}/accept")
    assert "3.5% of net sales" in officer.text
    officer.submit("/accept")
    assert "Your turn: send the agreement for signature" in officer.text
    officer.submit("/agreement")
    assert "Nordhaven Coatings has to sign the agreement" in officer.text

    for signatory, name in ((buyer, "carla jensen"), (boss, "Beat Chef")):
        signatory.get(f"{path}/agreement")
        signatory.submit("/sign", typed_name=name, consent="on")
        assert 200 == signatory.page.status_code
    pdf = next(line for line in boss.get(f"{path}/agreement").text.split('"') if line.endswith("/pdf"))
    assert boss.get(pdf).content.startswith(b"%PDF")
    assert 404 == people["stranger"].get(pdf).status_code

    buyer.get(path)
    assert "Your turn: pay the upfront fee" in buyer.text
    assert "Invoice INV-00001 over €9,000.00" in buyer.text
    with wired.db.write() as db:
        from market.deals.handlers import settle_deal
        from market.payments.events import InvoicePaid

        settle_deal(db, InvoicePaid("invoice", path.rpartition("/")[2], "upfront"))
    buyer.get(path)
    assert "Licence active" in buyer.text
    wired.worker().drain()
    outbox = list((wired.settings.folder("outbox")).rglob("*.eml"))
    assert any("Licence active" in mail.read_text() for mail in outbox)


def test_bad_terms_come_back_with_what_was_typed(people: dict[str, Browser], world: World) -> None:
    """Every field keeps its text and gets its sentence; nothing is sent."""
    path = _ask(people, world)
    officer = people["officer"]
    officer.get(path)
    officer.submit("/answer")
    officer.get(f"{path}/offer")
    officer.submit("/offer", upfront="many", field_text="x", field_codes="20!", territory="countries", years="99")
    assert 422 == officer.page.status_code
    assert 'value="many"' in officer.page.text
    assert "Use at least 3 characters." in officer.text
    officer.submit("/offer", upfront="many", field_text="Ships", years="5")
    assert 422 == officer.page.status_code
    assert "Write an amount such as" in officer.text
    officer.submit("/offer", upfront="100", field_codes="20!", territory="countries", countries=None, years="5")
    assert 422 == officer.page.status_code
    assert "20! is not a NACE or IPC code" in officer.text
    assert "No country is left." in officer.text
    officer.get(path)
    assert "Version 1" not in officer.text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"intended_use": "Boats"}, "Use at least 20 characters."),
        ({"intended_use": USE, "field_of_use": ""}, "Fill in this field."),
        ({"intended_use": "Our trade secret needs a coating.", "field_of_use": "Ships"}, "tick the box"),
        ({"intended_use": USE, "field_of_use": "Ships", "territory": ["XX"]}, "Choose countries from the list."),
    ],
)
def test_a_bad_enquiry_comes_back(
    people: dict[str, Browser], world: World, fields: dict[str, Any], sentence: str
) -> None:
    """The sentence stands at the field, the text is kept."""
    buyer = people["buyer"]
    buyer.get(f"/technologies/{world.technology.id}/enquire")
    buyer.submit("/enquire", **fields)
    assert 422 == buyer.page.status_code
    assert sentence in buyer.text
    assert fields["intended_use"] in buyer.text


def test_the_further_terms_are_typed_shown_and_kept(people: dict[str, Browser], world: World) -> None:
    """Parts of the fee, milestones, duties and limits come through the form; what is wrong comes back as it was typed."""
    path = _ask(people, world)
    officer, buyer = people["officer"], people["buyer"]
    officer.get(path)
    officer.submit("/answer")
    officer.get(f"{path}/offer")
    typed = {
        "upfront": "10,000",
        "tier_1_rate": "4",
        "instalments_1_amount": "6,000",
        "instalments_1_days_due": "30",
        "instalments_2_amount": "3,000",
        "instalments_2_days_due": "365",
        "milestones_1_event": "First sale outside Europe",
        "milestones_1_amount": "2,500",
        "deductions": ["taxes"],
        "deduct_freight": "5",
        "stacking_offset": "50",
        "stacking_floor": "many",
        "audit_notice_days": "20",
        "liability_cap": "amount",
        "termination_notice_days": "90",
        "publication_review_days": "45",
    }
    officer.submit("/offer", **typed)
    assert 422 == officer.page.status_code
    assert "Write a number, such as 3.5." in officer.text
    officer.submit("/offer", stacking_floor="2")
    assert 422 == officer.page.status_code
    for sentence in ("add up to €9,000.00, but the upfront fee is €10,000.00", "from 0 to 30", "needs its number"):
        assert sentence in officer.text
    assert 'value="First sale outside Europe"' in officer.page.text
    officer.submit("/offer", instalments_2_amount="4,000", publication_review_days="30", liability_amount="50,000")
    assert 200 == officer.page.status_code

    buyer.get(f"{path}/versions/1")
    for words in (
        "€4,000.00, due 365 days",
        "First sale outside Europe: €2,500.00",
        "Freight and insurance, at most 5%",
    ):
        assert words in buyer.text
    buyer.get(f"{path}/offer")
    buyer.submit("/offer", milestones_1_event="", milestones_1_amount="")
    assert "Changed since the version before: Milestones" in buyer.text


def test_deal_pages_do_not_exist_for_others(people: dict[str, Browser], world: World, wired: Wired) -> None:
    """A stranger gets 404 on every address of a deal, a visitor is asked to sign in."""
    path = _ask(people, world)
    stranger, visitor = people["stranger"], Browser(wired)
    pages = ("", "/close", "/offer", "/versions", "/versions/1", "/accept", "/approve", "/agreement", "/refuse")
    for page in pages:
        assert 404 == stranger.get(path + page).status_code, page
        assert "/sign-in" in str(visitor.get(path + page).url), page
    stranger.get("/deals")
    token = {"csrf_token": stranger.token()}
    sent = {"digest": "0" * 64, "sha256": "0" * 64, "typed_name": "x", "reason": "price", "body": "x"}
    for action in ("/answer", "/messages", "/close", "/offer/withdraw", "/accept", "/approve", "/agreement", "/sign"):
        assert 404 == stranger.post(path + action, token | sent).status_code, action


def test_script_in_every_field_is_only_text(people: dict[str, Browser], world: World) -> None:
    """What the other side typed is never run."""
    evil = "<script>alert(1)</script> {{ 7*7 }} %(x)s {x}"
    buyer, officer = people["buyer"], people["officer"]
    buyer.get(f"/technologies/{world.technology.id}/enquire")
    buyer.submit("/enquire", intended_use=evil, field_of_use=evil, note=evil)
    path = str(buyer.page.url.path)
    officer.get(path)
    officer.submit("/answer", message=evil)
    officer.get(f"{path}/offer")
    officer.submit("/offer", field_text=evil, field_exclusions=evil, note=evil, other_rights=evil)
    for page in ("", "/offer", "/versions/1", "/accept"):
        buyer.get(path + page)
        assert 200 == buyer.page.status_code
        assert "<script>alert" not in buyer.page.text
        assert "alert(1)" in buyer.page.text


def test_an_offer_page_at_the_wrong_moment_says_so(people: dict[str, Browser], world: World) -> None:
    """Who comes by an old link gets a sentence, not an error."""
    path = _ask(people, world)
    buyer = people["buyer"]
    buyer.get(f"{path}/offer")
    assert 422 == buyer.page.status_code
    assert "No offer can be made now." in buyer.text


def test_closing_needs_a_reason_that_the_other_side_reads(people: dict[str, Browser], world: World) -> None:
    """The institution declines, the company reads why and may ask again."""
    path = _ask(people, world)
    officer, buyer = people["officer"], people["buyer"]
    officer.get(f"{path}/close")
    officer.submit("/close")
    assert 422 == officer.page.status_code
    officer.submit("/close", reason="already_licensed", message="Sorry.")
    assert "It is licensed to somebody else in this field" in officer.text
    buyer.get(path)
    assert "This deal was closed without a licence" in buyer.text
    assert "Sorry." in buyer.text
    buyer.get("/deals?show=closed")
    assert "Closed without a licence" in buyer.text


def test_the_pages_cost_few_queries(wired: Wired, make_wired: Any, now: Any) -> None:
    """A deal's page asks the database at most fifteen times, however long its story is."""
    counted = make_wired(COUNT_QUERIES=True)
    with counted.db.write() as db:
        world = making.make_world(db, now)
        deal_id = making.agreed(db, world).id
    browser = sign_in(Browser(counted), counted.db, world.officer, world)
    for path in (f"/deals/{deal_id}", "/deals", f"/deals/{deal_id}/versions", f"/deals/{deal_id}/offer"):
        answer = browser.get(path)
        assert int(answer.headers["X-Query-Count"]) <= 15, path


def test_both_sides_see_what_an_offer_costs_over_the_years(people: dict[str, Browser], world: World) -> None:
    """Sales and growth give a picture with its numbers; what can't be read is told at its field, and nothing is lost."""
    officer, buyer = people["officer"], people["buyer"]
    path = _ask(people, world)
    officer.get(path)
    officer.submit("/answer", message="Gladly.")
    officer.get(f"{path}/offer")
    officer.submit("/offer", upfront="15,000", tier_1_rate="4", years="5", minimum="", note="")
    cost = f"{path}/versions/1/cost"

    assert "See what it costs over the years" in buyer.get(path).text
    assert "<polyline" not in buyer.get(cost).text
    page = buyer.get(f"{cost}?sales=100%2C000&growth=0").text
    assert "<polyline" in page
    assert all(total in page for total in ("€25,000.00", "€35,000.00", "€55,000.00"))  # 15,000 and five years of 4 %

    wrong = buyer.get(f"{cost}?sales=lots&growth=lots")
    assert 422 == wrong.status_code
    assert "Write a number, such as 3.5." in wrong.text
    wrong = buyer.get(f"{cost}?sales=lots&growth=5")
    assert 422 == wrong.status_code
    assert "Write an amount such as 12,500 or 12,500.00." in wrong.text
    assert 'value="lots"' in wrong.text
    assert 404 == buyer.get(f"{path}/versions/2/cost").status_code
    assert 404 == people["stranger"].get(cost).status_code


def test_notes_stay_on_the_side_that_wrote_them(people: dict[str, Browser], world: World) -> None:
    """Colleagues read each other's notes; the other side sees neither the note nor that there is one."""
    officer, boss, buyer = people["officer"], people["boss"], people["buyer"]
    path = _ask(people, world)
    buyer.get(path)
    before = buyer.text
    officer.get(path)
    officer.submit("/notes", note="")
    assert 422 == officer.page.status_code
    assert "Fill in this field." in officer.text
    officer.submit("/notes", note="They asked <b>us</b> first; do not go below 9,000.")

    assert "do not go below 9,000" in officer.text
    assert "&lt;b&gt;us" in boss.get(path).text
    buyer.get(path)
    assert before == buyer.text
    assert 404 == people["stranger"].get(path).status_code
