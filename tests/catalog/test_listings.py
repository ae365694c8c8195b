"""A listing's life: written, completed, published, changed, withdrawn; who may and who may not."""

from datetime import timedelta

import pytest

from market.catalog import queries
from market.catalog.events import TechnologyChanged, TechnologyHidden, TechnologyPublished
from market.catalog.forms import ListingForm, NewListing, RightForm, TermsForm
from market.catalog.service import listing as service
from market.catalog.service import parts
from market.kit import audit
from market.kit.actor import ANONYMOUS
from market.kit.errors import Forbidden, Invalid, NotFound, Refused, Stale
from market.kit.files import Blob
from market.kit.money import Money
from tests.catalog.samples import LONG, institution, officer


@pytest.fixture
def anna(db, now):
    """A licensing officer of a verified institute."""
    return officer(db, institution(db, now), now)


@pytest.fixture
def draft(db, anna, now):
    """A listing of which only the title is written."""
    return service.create_draft(db, anna, NewListing(title="Quiet pump"), now=now)


def complete(version=1, **given):
    """The form of a listing that can go out; `contact_id` must be given."""
    fields = {
        "version": version,
        "title": "Quiet pump",
        "summary": "A pump that you do not hear, for houses and ships.",
        "sector": "machinery",
        "description": LONG,
        "offers": ["licence"],
    }
    return ListingForm(**(fields | given))


@pytest.fixture
def published(db, anna, draft, now):
    """A listing that everybody sees."""
    service.save(db, anna, draft.id, complete(contact_id=anna.person_id), now=now)
    return service.publish(db, anna, draft.id, now=now)


def heard(database, *kinds):
    """Collect the events of these kinds from now on."""
    events = []
    for kind in kinds:
        database.bus.subscribe(kind, lambda _db, event: events.append(event))
    return events


def test_a_draft_is_seen_by_its_institution_alone(db, anna, draft, now):
    """Nobody else can see a draft, or even tell that it is there."""
    assert "Quiet pump" == queries.listing(db, anna, draft.id).title
    stranger = officer(db, institution(db, now, slug="others", name="Others"), now)
    for actor in (ANONYMOUS, stranger):
        with pytest.raises(NotFound):
            queries.listing(db, actor, draft.id)


def test_an_incomplete_listing_does_not_go_out(db, anna, draft, now):
    """Publishing says in sentences what is missing, and changes nothing."""
    with pytest.raises(Refused) as told:
        service.publish(db, anna, draft.id, now=now)

    assert "incomplete" == told.value.refusal.code
    assert "Choose a sector." in told.value.sentence
    assert "draft" == draft.state


def test_a_complete_listing_goes_out(database, db, anna, draft, now):
    """Once published everybody finds it; search hears of it once, and again is no harm."""
    events = heard(database, TechnologyPublished)
    service.save(db, anna, draft.id, complete(contact_id=anna.person_id), now=now)
    service.publish(db, anna, draft.id, now=now)
    service.publish(db, anna, draft.id, now=now)

    assert [TechnologyPublished(draft.id)] == events
    seen = queries.listing(db, ANONYMOUS, draft.id)
    assert ("published", now.date(), "Anna Rossi") == (seen.state, seen.confirmed_on, seen.contact)
    assert [draft.id] == [card.id for card in queries.newest(db)]
    assert {"machinery": 1} == queries.sector_counts(db)


def test_an_unverified_institution_cannot_publish(db, now):
    """Listings wait until the operator has verified the institution; the work is kept."""
    actor = officer(db, institution(db, now, verified=False), now)
    listing = service.create_draft(db, actor, NewListing(title="Quiet pump"), now=now)
    service.save(db, actor, listing.id, complete(contact_id=actor.person_id), now=now)
    with pytest.raises(Refused) as told:
        service.publish(db, actor, listing.id, now=now)
    assert "organisation_not_verified" == told.value.refusal.code


def test_the_second_of_two_editors_is_told(db, anna, draft, now):
    """Who saves over a newer version is told, and the newer version stays."""
    service.save(db, anna, draft.id, complete(title="Very quiet pump"), now=now)
    with pytest.raises(Stale):
        service.save(db, anna, draft.id, complete(title="Loud pump"), now=now)
    assert "Very quiet pump" == draft.title


def test_saving_the_same_again_is_no_change(db, anna, draft, now):
    """A save that changes nothing makes no new version."""
    service.save(db, anna, draft.id, complete(inventors="Anna Rossi\nJean Dupré"), now=now)
    before = draft.version
    service.save(db, anna, draft.id, complete(before, inventors="Anna Rossi\nJean Dupré"), now=now)

    assert before == draft.version
    assert ["Anna Rossi", "Jean Dupré"] == queries.inventors(db, draft.id)


def test_a_published_listing_stays_complete(db, anna, published, now):
    """What a published listing needs cannot be emptied; the fields are named."""
    with pytest.raises(Invalid) as told:
        service.save(
            db, anna, published.id, complete(published.version, summary="", contact_id=anna.person_id), now=now
        )
    assert {"summary"} == set(told.value.errors)


@pytest.mark.parametrize(
    "case",
    [
        ({"price_kind": "fixed"}, {"price_low"}),
        ({"price_kind": "fixed", "price_low": "a lot"}, {"price_low"}),
        ({"price_kind": "fixed", "price_low": "-5"}, {"price_low"}),
        ({"price_kind": "fixed", "price_low": "0"}, {"price_low"}),
        ({"price_kind": "fixed", "price_low": "1.5", "currency": "JPY"}, {"price_low"}),
        ({"price_kind": "express", "price_low": "100", "currency": "XXQ"}, {"currency", "price_low"}),
        ({"price_kind": "range", "price_low": "5000", "price_high": "1000"}, {"price_high"}),
    ],
)
def test_a_price_must_make_sense(db, anna, draft, now, case):
    """Each wrong part of a price gets its sentence."""
    price, fields = case
    with pytest.raises(Invalid) as told:
        service.save(db, anna, draft.id, complete(**price), now=now)
    assert fields == set(told.value.errors)


def test_a_price_range_is_kept_in_minor_units(db, anna, draft, now):
    """5,000 to 12,500.50 euros are kept to the cent."""
    service.save(db, anna, draft.id, complete(price_kind="range", price_low="5,000", price_high="12,500.50"), now=now)
    seen = queries.listing(db, anna, draft.id)
    assert (Money(500_000, "EUR"), Money(1_250_050, "EUR")) == (seen.price_low, seen.price_high)


def test_the_contact_is_somebody_of_the_institution(db, anna, draft, now):
    """A stranger cannot be named as contact."""
    stranger = officer(db, institution(db, now, slug="others", name="Others"), now)
    with pytest.raises(Invalid) as told:
        service.save(db, anna, draft.id, complete(contact_id=stranger.person_id), now=now)
    assert {"contact_id"} == set(told.value.errors)


def test_a_withdrawn_listing_is_gone_for_others(database, db, anna, published, now):
    """Withdrawing hides it from everybody else at once; search hears of it."""
    events = heard(database, TechnologyHidden)
    service.withdraw(db, anna, published.id, now=now)

    assert [TechnologyHidden(published.id)] == events
    assert [] == queries.newest(db)
    assert [] == queries.documents(db, [published.id])
    with pytest.raises(NotFound):
        queries.listing(db, ANONYMOUS, published.id)
    service.publish(db, anna, published.id, now=now)
    assert [published.id] == [card.id for card in queries.newest(db)]


def test_confirming_keeps_a_listing_fresh(db, anna, published, now):
    """One click says that it still holds; a hidden one comes back."""
    published.state = "hidden"
    later = now + timedelta(days=200)
    service.confirm(db, anna, published.id, now=later)
    assert ("published", later.date()) == (published.state, published.confirmed_on)


def test_strangers_and_colleagues_without_the_right_change_nothing(db, anna, draft, now):
    """A stranger is told that there is nothing; a colleague of finance that it is not his to do."""
    stranger = officer(db, institution(db, now, slug="others", name="Others"), now)
    finance = officer(
        db, db.get(type(institution(db, now, slug="x")), anna.organisation_id), now, role="finance", name="Carla"
    )
    for actor, error in ((stranger, NotFound), (finance, Forbidden), (ANONYMOUS, NotFound)):
        for act in (service.publish, service.withdraw, service.confirm, parts.drop_terms):
            with pytest.raises(error):
                act(db, actor, draft.id, now=now)
        with pytest.raises(error):
            service.save(db, actor, draft.id, complete(), now=now)


def test_rights_are_added_once_and_summed_up(database, db, anna, published, now):
    """A patent is known by its number however it is written; the listing says what protects it."""
    events = heard(database, TechnologyChanged)
    right = parts.add_right(db, anna, published.id, RightForm(kind="patent", number="EP 1 234 567 B1"), now=now)
    with pytest.raises(Refused) as told:
        parts.add_right(db, anna, published.id, RightForm(kind="patent", number="ep1234567"), now=now)

    assert "known_number" == told.value.refusal.code
    assert ("granted", "EP1234567B1") == (right.status, queries.ip_rights(db, published.id)[0].text)
    assert "granted" == queries.documents(db, [published.id])[0].ip_status
    parts.remove_right(db, anna, published.id, right.id, now=now)
    assert "none" == queries.documents(db, [published.id])[0].ip_status
    assert 2 == len(events)


def test_a_patent_needs_its_number_and_know_how_has_none(db, anna, draft, now):
    """Only registered rights have numbers."""
    with pytest.raises(Refused) as told:
        parts.add_right(db, anna, draft.id, RightForm(kind="patent"), now=now)
    assert "number" == told.value.refusal.field
    right = parts.add_right(db, anna, draft.id, RightForm(kind="know_how", title="Recipes"), now=now)
    assert "unregistered" == right.status


PICTURE = Blob("a" * 64, 1000, "image/png", "pump.png")


def test_a_picture_is_seen_while_its_listing_is(db, anna, published, now):
    """A picture needs words; it is open to everybody only as long as the listing is."""
    with pytest.raises(Refused) as told:
        parts.add_file(db, anna, published.id, PICTURE, " ", now=now)
    assert "alt" == told.value.refusal.field
    file = parts.add_file(db, anna, published.id, PICTURE, "The pump on a table", now=now)

    assert "picture" == queries.file_of(db, ANONYMOUS, published.id, file.id).kind
    service.withdraw(db, anna, published.id, now=now)
    with pytest.raises(NotFound):
        queries.file_of(db, ANONYMOUS, published.id, file.id)
    assert queries.file_of(db, anna, published.id, file.id)


def test_a_file_of_another_listing_is_not_reached(db, anna, draft, published, now):
    """The address of one listing opens no file of another."""
    other = service.create_draft(db, anna, NewListing(title="Another"), now=now)
    file = parts.add_file(db, anna, published.id, PICTURE, "The pump on a table", now=now)
    with pytest.raises(NotFound):
        queries.file_of(db, anna, other.id, file.id)
    with pytest.raises(NotFound):
        parts.remove_file(db, anna, other.id, file.id, now=now)


def test_offered_terms_start_a_term_sheet(db, anna, draft, now):
    """What the institution would sign today is kept exactly, and can be changed and dropped."""
    form = TermsForm(
        grant_kind="exclusive",
        field_of_use="Drinking water",
        territory=["it", "FR"],
        term_years=5,
        upfront="15,000",
        royalty_percent="3.5",
    )
    parts.set_terms(db, anna, draft.id, form, now=now)
    terms = queries.offered_terms(db, draft.id)

    assert ("exclusive", ("FR", "IT"), 5, Money(1_500_000, "EUR")) == (
        terms.grant_kind,
        terms.territory,
        terms.term_years,
        terms.upfront,
    )
    assert "0.035000" == f"{terms.royalty_rate:.6f}"
    parts.set_terms(db, anna, draft.id, form.model_copy(update={"territory": [], "upfront": ""}), now=now)
    assert (("WORLD",), None) == (
        queries.offered_terms(db, draft.id).territory,
        queries.offered_terms(db, draft.id).upfront,
    )
    parts.drop_terms(db, anna, draft.id, now=now)
    assert queries.offered_terms(db, draft.id) is None


def test_unknown_countries_are_no_territory(db, anna, draft, now):
    """Terms hold for countries that exist."""
    with pytest.raises(Invalid):
        parts.set_terms(
            db, anna, draft.id, TermsForm(grant_kind="sole", field_of_use="Any use", territory=["ZZ"]), now=now
        )


def test_every_change_is_on_record(db, anna, published, now):
    """Who did what to a listing can be read afterwards, in order."""
    tags = [event.tag for event in audit.trail(db, ("technology", published.id))]
    assert ["catalog:listing:created", "catalog:listing:saved", "catalog:listing:published"] == tags


def test_own_listings_are_found_by_title_and_state(db, anna, draft, published, now):
    """The list of one's own listings finds text as it is written, wildcards included."""
    service.create_draft(db, anna, NewListing(title="100% wool"), now=now)

    assert ["100% wool"] == [card.title for card in queries.own(db, anna, state="", text="0% W", page=1)[0]]
    assert 1 == queries.own(db, anna, state="published", text="", page=1)[1]
    assert 0 == queries.own(db, anna, state="", text="%_%", page=1)[1]
    assert {"draft": 1, "published": 1} == queries.state_counts(db, anna.organisation_id)


def test_search_gets_every_visible_listing_in_batches(db, anna, published, now):
    """The index is fed with what everybody may see, a batch at a time."""
    service.create_draft(db, anna, NewListing(title="Still secret"), now=now)
    batches = list(queries.all_documents(db, batch=1))

    assert [[published.id]] == [[document.id for document in batch] for batch in batches]
    document = batches[0][0]
    assert (["machinery"], "Institute of Pumps", "on_request") == (
        document.sectors,
        document.organisation,
        document.price_band,
    )
    assert int(now.timestamp()) == document.published_at
