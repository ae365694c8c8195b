"""The editor over HTTP, without JavaScript: clarity, review, schedule, versions, drafts, several at once, confirming."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from market.accounts.models import Organisation
from market.catalog import editorial
from market.catalog.forms import NewListing, PolicyForm
from market.catalog.models import Technology
from market.catalog.service import gate, review
from market.catalog.service import listing as service
from market.kit import clock
from tests.browserless import Browser
from tests.catalog.samples import institution, officer
from tests.catalog.test_editorial import UNCLEAR, written
from tests.catalog.test_freshness import at, mails, out
from tests.catalog.test_pages import sign_in


@pytest.fixture
def anna(wired, now):
    """A licensing officer of a verified institute."""
    with wired.db.write() as db:
        return officer(db, institution(db, now), now)


@pytest.fixture
def olga(wired, anna, now):
    """The owner of the same institute."""
    with wired.db.write() as db:
        return officer(db, db.get(Organisation, anna.organisation_id), now, role="owner", name="Olga Bianchi")


@pytest.fixture
def desk(browser, anna):
    """Anna's browser."""
    return sign_in(browser, anna)


@pytest.fixture
def visitor(wired):
    """A visitor who is not signed in."""
    with Browser(wired) as other:
        yield other


def draft(wired, actor, now, **given):
    """The id of a draft."""
    with wired.db.write() as db:
        return written(db, actor, now, **given).id


def state(wired, technology):
    """The state of a listing."""
    with wired.db.read() as db:
        return db.get(Technology, technology).state


def test_an_unclear_listing_is_told_what_to_mend(desk, wired, anna, now):
    """Sentence by sentence, with the points; without a reason it does not go out, with one it does."""
    technology = draft(wired, anna, now, **(UNCLEAR | {"advantages": "Much faster than <b>others</b>."}))
    desk.get(f"/listings/{technology}/clarity")
    for words in ("by how much? Add a figure.", "Much faster than &lt;b&gt;others&lt;/b&gt;.", "of 100 points"):
        assert words in desk.page.text
    desk.submit("/publish")
    assert 422 == desk.page.status_code
    assert "say in a sentence why it should go out as it is" in desk.text
    desk.submit("/publish", reason="short")
    assert (422, "draft") == (desk.page.status_code, state(wired, technology))
    desk.submit("/publish", reason="The fair opens tomorrow.")
    assert "Published." in desk.text


def test_an_owner_sets_the_conditions(desk, wired, anna, olga, now):
    """Threshold and four eyes are the owner's to set; officers do not see the page."""
    assert 403 == desk.get("/listings/conditions").status_code
    with Browser(wired) as boss:
        sign_in(boss, olga).get("/listings/conditions")
        boss.submit("/conditions", clarity_threshold="101")
        assert 422 == boss.page.status_code
        boss.submit("/conditions", clarity_threshold="75", review="on")
    with wired.db.read() as db:
        assert editorial.Policy(75, True) == editorial.policy_of(db, anna.organisation_id)


def test_two_people_publish_one_listing(desk, wired, anna, olga, now):
    """Anna submits, cannot approve her own words; Olga sends back, then approves; Anna publishes."""
    with wired.db.write() as db:
        gate.set_policy(db, olga, PolicyForm(review=True), now=now)
    technology = draft(wired, anna, now)
    page = f"/listings/{technology}/clarity"
    desk.get(page)
    desk.submit("/submit")
    assert "Submitted." in desk.text
    assert 'value="approve"' not in desk.page.text
    with Browser(wired) as boss:
        sign_in(boss, olga).get(page)
        boss.submit("/review", verdict="return", comment="Name the <noise>.")
        assert "Sent back" in boss.text
        desk.get(page)
        assert "Name the &lt;noise&gt;." in desk.page.text
        desk.submit("/submit")
        boss.get(page)
        boss.submit("/review", verdict="approve")
    desk.get(page)
    desk.submit("/publish")
    assert ("published", 200) == (state(wired, technology), desk.page.status_code)


def test_a_time_is_planned_and_dropped(desk, wired, anna, now):
    """The page says when it goes out, by the institution's clock; a time that is over is refused and kept in the form."""
    technology = draft(wired, anna, now)
    desk.get(f"/listings/{technology}/clarity")
    desk.submit("/plan", day="2027-03-01", time="09:00")
    assert 422 == desk.page.status_code
    assert "Choose a time that is still to come." in desk.text
    desk.submit("/plan", day="2027-03-05", time="09:30")
    assert "5 March 2027, 09:30 (UTC)" in desk.text
    desk.submit("/plan/cancel")
    with wired.db.read() as db:
        assert editorial.schedule(db, technology) is None


def test_versions_are_compared_and_brought_back(desk, wired, anna, now):
    """Each field that changed is shown word by word; the older one comes back by one button."""
    technology = draft(wired, anna, now)
    desk.get(f"/listings/{technology}/edit")
    desk.submit("/edit", title="Silent <pump>")
    desk.get(f"/listings/{technology}/versions")
    first, second = sorted({int(n) for n in _numbers(desk.page.text)})
    desk.get(f"/listings/{technology}/versions/{second}")
    assert "gone: Quiet" in desk.text
    assert "new: Silent &lt;" in desk.text
    desk.get(f"/listings/{technology}/versions/{first}")
    desk.submit(f"/versions/{first}")
    assert "The older version is back." in desk.text
    assert 'value="Quiet pump"' in desk.page.text
    for number in ("999", "x", "1" * 40):
        assert 404 == desk.get(f"/listings/{technology}/versions/{number}").status_code


def _numbers(html):
    return re.findall(r'/versions/(\d+)"', html)


def test_typed_words_are_kept_and_previewed(desk, wired, anna, visitor, now):
    """What the script sends is kept for the editor, shown in the preview and in the form, and can be thrown away."""
    technology = draft(wired, anna, now)
    desk.get(f"/listings/{technology}/edit")
    version = desk.page.text.split('name="version" value="')[1].split('"')[0]
    words = {"title": "Half a title", "summary": "<i>Half</i> a sentence", "price_low": "nonsense", "trl": "99"}
    sent = {"csrf_token": desk.token(), "version": version, "price_kind": "fixed", "offers": "licence", **words}
    assert {"kept": True, "changed_meanwhile": False} == desk.post(f"/listings/{technology}/draft", sent).json()

    desk.get(f"/listings/{technology}/preview")
    assert "&lt;i&gt;Half&lt;/i&gt; a sentence" in desk.page.text
    desk.get(f"/listings/{technology}/edit")
    assert "words that you typed and did not save" in desk.text
    assert 'value="Half a title"' in desk.page.text
    desk.submit("/draft/drop")
    assert 'value="Quiet pump"' in desk.page.text
    assert visitor.get(f"/listings/{technology}/preview").url.path == "/sign-in"


def test_the_second_editor_is_told_while_typing(desk, wired, anna, olga, now):
    """A colleague saves meanwhile: the script says so at once, and the form shows both, losing nothing."""
    technology = draft(wired, anna, now)
    desk.get(f"/listings/{technology}/edit")
    version = desk.page.text.split('name="version" value="')[1].split('"')[0]
    sent = {"csrf_token": desk.token(), "version": version, "title": "Anna's title", "offers": "licence"}
    with Browser(wired) as boss:
        sign_in(boss, olga).get(f"/listings/{technology}/edit")
        boss.submit("/edit", title="Olga's title")
    assert desk.post(f"/listings/{technology}/draft", sent).json()["changed_meanwhile"]
    desk.get(f"/listings/{technology}/edit")
    assert "Somebody else saved this listing" in desk.text
    assert "Olga&#39;s title" in desk.page.text
    assert 'value="Anna&#39;s title"' in desk.page.text


def test_several_listings_at_once(desk, wired, anna, now):
    """What can go out goes out; what cannot says why and stays; a stranger's listing is not even named."""
    good, broken = draft(wired, anna, now), draft(wired, anna, now, sector=None)
    desk.get("/listings")
    desk.submit("/several", act="publish", listing=[good, broken])
    assert ("published", "draft") == (state(wired, good), state(wired, broken))
    assert "Choose a sector." in desk.text

    desk.get("/listings")
    desk.submit("/several", act="withdraw", listing=[good])
    assert "Done: one listing." in desk.text
    desk.submit("/several", act="withdraw")
    assert 422 == desk.page.status_code
    desk.submit("/several", act="contact", listing=[good], contact_id="nobody")
    assert 422 == desk.page.status_code

    with wired.db.write() as db:
        stranger = officer(db, institution(db, now, slug="others", name="Others"), now)
        other = service.create_draft(db, stranger, NewListing(title="Secret lamp"), now=now).id
    desk.get("/listings")
    desk.submit("/several", act="withdraw", listing=[good, other])
    assert (404, "draft") == (desk.page.status_code, state(wired, other))
    assert "Secret" not in desk.text


def test_the_contact_of_several_changes(desk, wired, anna, olga, now):
    """One choice for all of them, audited on each."""
    first, second = draft(wired, anna, now), draft(wired, anna, now)
    desk.get("/listings")
    desk.submit("/several", act="contact", listing=[first, second], contact_id=olga.person_id)
    with wired.db.read() as db:
        assert {olga.person_id} == {db.get(Technology, each).contact_id for each in (first, second)}


def test_one_button_confirms_without_signing_in(wired, anna, visitor):
    """The link shows what is asked; opening it changes nothing; the button confirms what is ticked; then it is used up."""
    with wired.db.write() as db:
        first, second = out(db, anna, date(2027, 1, 1)), out(db, anna, date(2027, 1, 2), "Old <lamp>")
    moment = datetime(2027, 6, 25, 8, tzinfo=UTC)
    at(wired, moment)
    link = f"/confirm-listings/{mails(wired)[0].context['token']}"
    with clock.frozen(moment + timedelta(hours=1)):
        for _again in range(2):
            assert 200 == visitor.get(link).status_code
        assert "Old &lt;lamp&gt;" in visitor.page.text
        visitor.submit(link, listing=[])
        assert 422 == visitor.page.status_code
        visitor.get(link)
        visitor.submit(link, listing=[first.id])
        assert "Confirmed: one listing." in visitor.text
        assert 410 == visitor.get(link).status_code
    with wired.db.read() as db:
        assert [date(2027, 6, 25), date(2027, 1, 2)] == [
            db.get(Technology, each.id).confirmed_on for each in (first, second)
        ]


def test_the_mail_can_be_read(wired, anna):
    """Both halves name the listings, the day and the link."""
    with wired.db.write() as db:
        out(db, anna, date(2027, 1, 1), "Old <lamp>")
    at(wired, datetime(2027, 6, 25, 8, tzinfo=UTC))
    context = {**mails(wired)[0].context, "base_url": "http://testserver", "subject": "S"}
    text = wired.templates.render_mail("catalog/mail/confirm_listings.txt", context)
    html = wired.templates.render_mail("catalog/mail/confirm_listings.html", context)
    assert text.startswith("Subject: Does your listing still hold?\n\n")
    assert "- Old <lamp> (confirmed until 1 July 2027)" in text
    assert f"http://testserver/confirm-listings/{context['token']}" in text
    assert "Old &lt;lamp&gt;" in html


def test_a_hidden_listing_says_so(desk, wired, anna, visitor):
    """Everybody reads that it is gone; its institution gets the button that shows it again."""
    with wired.db.write() as db:
        row = out(db, anna, date(2027, 1, 1), state="hidden")
    page = f"/technologies/quiet-pump-{row.id}"
    visitor.get(page)
    assert 410 == visitor.page.status_code
    assert "has not confirmed this technology" in visitor.text
    desk.get(page)
    desk.submit("/confirm")
    assert 200 == visitor.get(page).status_code


ACTS = ("submit", "review", "plan", "plan/cancel", "draft", "draft/drop", "versions/2", "publish")


def test_strangers_edit_nothing(wired, anna, now):
    """Another institution's officer gets 404 on every page and act of the editor."""
    technology = draft(wired, anna, now)
    with wired.db.write() as db:
        stranger = officer(db, institution(db, now, slug="others", name="Others"), now)
        review.submit(db, anna, technology, now=now)
    with Browser(wired) as browser:
        sign_in(browser, stranger)
        for part in ("clarity", "versions", "versions/2", "preview"):
            assert 404 == browser.get(f"/listings/{technology}/{part}").status_code, part
        browser.get("/listings/new")
        data = {
            "csrf_token": browser.token(),
            "version": "2",
            "verdict": "approve",
            "day": "2027-04-01",
            "time": "09:00",
        }
        for act in ACTS:
            assert 404 == browser.post(f"/listings/{technology}/{act}", data).status_code, act
