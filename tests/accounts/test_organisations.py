"""Organisations and their members."""

import threading

import pytest

from market.accounts import queries
from market.accounts.forms import InviteForm, OrganisationForm, SettingsForm
from market.accounts.models import Membership, Organisation, Person
from market.accounts.policy import require_verified
from market.accounts.rules import OrganisationKind, Permission, Role
from market.accounts.service import members, organisations, people
from market.kit import clock
from market.kit.actor import SYSTEM
from market.kit.db import Database
from market.kit.errors import Forbidden, NotFound, Refused, Stale
from market.wiring import Wired
from tests.accounts.people import (
    PASSWORD,
    a_member,
    a_person,
    an_organisation,
    another_browser,
    link_in,
    mails,
    sign_in,
)
from tests.browserless import Browser

EMAIL = "anna.rossi@example.com"


@pytest.fixture
def anna(wired: Wired) -> str:
    """Anna; her id."""
    with wired.db.write() as db:
        return a_person(db).id


@pytest.fixture
def pumps(wired: Wired, anna: str) -> str:
    """Rossi Pumps, owned by Anna; its id."""
    with wired.db.write() as db:
        return an_organisation(db, anna).id


# --- registering


def test_who_registers_an_organisation_is_its_owner_and_operators_hear_of_it(
    wired: Wired, browser: Browser, anna: str
) -> None:
    """I register my university; I can prepare at once, and the operator gets a mail with the way to the check."""
    with wired.db.write() as db:
        a_person(db, "Olga Operator", operator=True)
    sign_in(browser)
    browser.get("/organisations/new")
    browser.submit(
        "/organisations/new", kind="university", name="Università di Bari", country="IT", website="www.uniba.example"
    )

    assert "We check it soon" in browser.text
    assert "https://www.uniba.example" in browser.page.text
    text = mails(wired, "olga.operator@example.com")[0]
    assert text.startswith("To check: Università di Bari")
    assert link_in(text, "desk/organisations")
    with wired.db.read() as db:
        mine = queries.organisation_by_slug(db, "universita-di-bari")
        actor = queries.acting(db, anna, mine.id)
    assert "Europe/Rome" == mine.timezone
    assert actor.may(Permission.PUBLISH_LISTINGS)
    with pytest.raises(Refused):
        require_verified(actor)


def test_names_may_be_alike_addresses_are_not(wired: Wired, anna: str) -> None:
    """Two organisations of the same name get addresses of their own."""
    with wired.db.write() as db:
        slugs = [an_organisation(db, anna, "Rossi & Söhne").slug for _again in range(3)]

    assert ["rossi-sohne", "rossi-sohne-2", "rossi-sohne-3"] == slugs


def test_an_unproved_address_registers_nothing(db) -> None:
    """Who has not confirmed the address cannot act for an organisation."""
    person = Person(email="x@example.com", name="X", password_hash="", created_at=clock.now())
    db.add(person)
    db.flush()
    form = OrganisationForm(kind=OrganisationKind.SME, name="X Ltd", country="GB")

    with pytest.raises(Forbidden):
        organisations.create(db, queries.acting(db, person.id), form, now=clock.now())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "operator"),
        ("country", "XX"),
        ("name", ""),
        ("timezone", "Mars/Base"),
        ("website", "javascript:alert(1)"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(browser: Browser, anna: str, field: str, value: str) -> None:
    """A wrong choice is named at its field and nothing is saved."""
    sign_in(browser)
    browser.get("/organisations/new")
    browser.submit("/organisations/new", **({"kind": "sme", "name": "Rossi", "country": "IT"} | {field: value}))

    assert 422 == browser.page.status_code
    assert f'id="f-{field}' in browser.page.text
    assert "has-error" in browser.page.text


def test_fields_that_are_not_mine_to_fill_are_ignored(wired: Wired, browser: Browser, anna: str) -> None:
    """Nobody verifies their own organisation, or makes themselves operator, by adding fields to a form."""
    sign_in(browser)
    browser.get("/organisations/new")
    fields = {"kind": "sme", "name": "Rossi", "country": "IT", "verified_at": "2020-01-01", "is_sample": "on"}
    browser.submit("/organisations/new", **fields)
    browser.get("/account")
    browser.submit("/account", name="Anna", is_operator="on", email="other@example.com")

    with wired.db.read() as db:
        assert queries.organisation_by_slug(db, "rossi").verified_at is None
        assert not queries.organisation_by_slug(db, "rossi").is_sample
        actor = queries.acting(db, anna)
    assert ("Anna", EMAIL, False) == (actor.person_name, actor.email, actor.is_operator)


# --- settings


def settings(version: int, **given: object) -> SettingsForm:
    return SettingsForm.model_validate({"version": version} | given)


def test_what_was_checked_stays(wired: Wired, anna: str, pumps: str) -> None:
    """After the check the name stays; city and the text about us change."""
    with wired.db.write() as db:
        actor = queries.acting(db, anna, pumps)
        form = settings(1, name="Another Ltd", country="FR", city="Lecce", about="Pumps since 1950.")
        changed = organisations.change(db, actor, pumps, form, now=clock.now())
        kept = (changed.name, changed.country, changed.city, changed.about, changed.version)

    assert ("Rossi Pumps", "IT", "Lecce", "Pumps since 1950.", 2) == kept


def test_of_two_editors_the_second_is_told(wired: Wired, anna: str, pumps: str) -> None:
    """Two of us edit the settings: nothing of the first is lost, the second is told."""
    with wired.db.write() as db:
        actor = queries.acting(db, anna, pumps)
        organisations.change(db, actor, pumps, settings(1, city="Lecce"), now=clock.now())
        with pytest.raises(Stale):
            organisations.change(db, actor, pumps, settings(1, city="Taranto"), now=clock.now())


def test_members_without_the_right_and_strangers_change_nothing(wired: Wired, anna: str, pumps: str) -> None:
    """A member is told it is forbidden; a stranger is not told that it exists."""
    with wired.db.write() as db:
        member = a_member(db, pumps, "Bruno Conti", Role.MEMBER)
        stranger = a_person(db, "Carla Neri")
        glass = an_organisation(db, stranger.id, "Neri Glass").id
        with pytest.raises(Forbidden):
            organisations.change(db, queries.acting(db, member.id, pumps), pumps, settings(1), now=clock.now())
        with pytest.raises(NotFound):
            organisations.change(db, queries.acting(db, stranger.id, glass), pumps, settings(1), now=clock.now())


def test_only_institutions_have_two_approvers(wired: Wired, browser: Browser, anna: str) -> None:
    """A university can ask for two approvals; a company is not asked."""
    with wired.db.write() as db:
        university = an_organisation(db, anna, "University of Bari", "university").id
    sign_in(browser)
    browser.get("/organisation")
    browser.submit("/organisation", second_approver="on")

    with wired.db.read() as db:
        assert queries.organisation(db, university).second_approver


# --- members


def test_a_colleague_without_an_account_joins_by_mail(wired: Wired, browser: Browser, anna: str, pumps: str) -> None:
    """I invite a colleague; the link opens an account for the address, with the role, and signs in."""
    sign_in(browser)
    browser.get("/organisation/members")
    browser.submit("/organisation/members", email="Bruno@Example.com", roles=["signatory", "member"])
    assert "bruno@example.com" in browser.text
    path = link_in(mails(wired, "bruno@example.com")[0], "invitations")

    with another_browser(wired) as bruno:
        bruno.get(path)
        assert "Rossi Pumps" in bruno.text
        bruno.submit("/join", name="Bruno Conti", password=PASSWORD)
        assert "Rossi Pumps" in bruno.text
        assert 404 == bruno.get(path).status_code
        assert 403 == bruno.get("/organisation/members").status_code
    browser.get("/organisation/members")
    assert "Member, Signatory" in browser.text
    assert "Open invitations" not in browser.text


def test_a_person_with_an_account_signs_in_and_accepts(wired: Wired, browser: Browser, anna: str, pumps: str) -> None:
    """The invited person has an account: sign in, come back to the invitation, accept."""
    with wired.db.write() as db:
        a_person(db, "Bruno Conti")
        invite(db, anna, pumps, "bruno.conti@example.com")
    path = link_in(mails(wired, "bruno.conti@example.com")[0], "invitations")
    browser.get(path)
    assert "This address has an account" in browser.text
    browser.get("/sign-in", params={"next": path})
    browser.submit("/sign-in", email="bruno.conti@example.com", password=PASSWORD)
    browser.submit(path)

    assert "You act for this organisation now" in browser.text


def invite(db, anna: str, organisation_id: str, email: str, *roles: str) -> None:
    form = InviteForm(email=email, roles=list(roles) or ["member"])
    members.invite(db, queries.acting(db, anna, organisation_id), organisation_id, form, now=clock.now())


def test_somebody_else_cannot_use_the_invitation(wired: Wired, browser: Browser, anna: str, pumps: str) -> None:
    """An invitation that was passed on does not let in another person."""
    with wired.db.write() as db:
        a_person(db, "Eve Black")
        invite(db, anna, pumps, "bruno@example.com", "owner")
    path = link_in(mails(wired, "bruno@example.com")[0], "invitations")
    sign_in(browser, "eve.black@example.com")
    browser.get(path)
    assert "You are signed in with another address" in browser.text
    browser.post(path, {"csrf_token": browser.token()})

    assert 422 == browser.page.status_code
    with wired.db.read() as db:
        assert [EMAIL] == [person.email for person in queries.people(db, pumps)]


def test_a_withdrawn_invitation_is_worth_nothing(wired: Wired, browser: Browser, anna: str, pumps: str) -> None:
    """I invited the wrong person and take it back in time."""
    with wired.db.write() as db:
        invite(db, anna, pumps, "bruno@example.com")
    path = link_in(mails(wired, "bruno@example.com")[0], "invitations")
    sign_in(browser)
    browser.get("/organisation/members")
    browser.submit("/withdraw")

    assert 404 == browser.get(path).status_code


def test_roles_of_another_kind_of_organisation_are_not_given(wired: Wired, anna: str, pumps: str) -> None:
    """A company has no licensing officers, and no member without a role."""
    with wired.db.write() as db:
        for roles in (["officer"], [], ["member", "operator"]):
            with pytest.raises(Refused):
                form = InviteForm(email="bruno@example.com", roles=roles)
                members.invite(db, queries.acting(db, anna, pumps), pumps, form, now=clock.now())


def test_the_last_owner_stays(wired: Wired, browser: Browser, anna: str, pumps: str) -> None:
    """An organisation never stands without an owner: not by removal, not by a changed role, not by leaving."""
    sign_in(browser)
    for action, fields in (("/remove", {}), (f"/members/{anna}", {"roles": ["member"]})):
        browser.get(f"/organisation/members/{anna}")
        browser.submit(action, **fields)
        assert 422 == browser.page.status_code
        assert "This is the last owner" in browser.text
    browser.get("/account")
    browser.post(f"/organisations/{pumps}/leave", {"csrf_token": browser.token()})
    assert 422 == browser.page.status_code


def test_of_two_owners_who_remove_each_other_at_once_one_stays(database: Database) -> None:
    """Even in the same second an organisation keeps an owner."""
    with database.write() as db:
        anna = a_person(db)
        pumps = an_organisation(db, anna.id).id
        bruno = a_member(db, pumps, "Bruno Conti", Role.OWNER)
        actors = [queries.acting(db, person.id, pumps) for person in (anna, bruno)]
    ready = threading.Barrier(2)
    told: list[str] = []

    def remove(actor, other) -> None:
        ready.wait()
        try:
            with database.write() as db:
                members.remove(db, actor, pumps, other.id, now=clock.now())
        except Refused as refused:
            told.append(refused.refusal.code)

    threads = [threading.Thread(target=remove, args=pair) for pair in ((actors[0], bruno), (actors[1], anna))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with database.read() as db:
        owners = queries.people_with_role(db, pumps, Role.OWNER)
    assert ["last_owner"] == told
    assert 1 == len(owners)


def test_an_invitation_used_twice_at_once_counts_once(database: Database) -> None:
    """Two clicks on the same link make one membership."""
    with database.write() as db:
        anna = a_person(db)
        pumps = an_organisation(db, anna.id).id
        bruno = queries.acting(db, a_person(db, "Bruno Conti").id)
        invite(db, anna.id, pumps, bruno.email)
        from market.accounts.service import tokens

        tokens.withdraw(db, "invite", now=clock.now(), email=bruno.email)
        _id, secret = tokens.issue(
            db, "invite", bruno.email, now=clock.now(), lasts=queries.rules.INVITATION_LENGTH,
            organisation_id=pumps, roles=frozenset({"member"}),
        )  # fmt: skip
    ready = threading.Barrier(4)
    outcomes: list[str] = []

    def click() -> None:
        ready.wait()
        try:
            with database.write() as db:
                members.accept(db, bruno, secret, now=clock.now())
            outcomes.append("in")
        except Refused as refused:
            outcomes.append(refused.refusal.code)

    threads = [threading.Thread(target=click) for _click in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ["in", "link_gone", "link_gone", "link_gone"] == sorted(outcomes)


def test_ids_of_another_organisation_are_as_good_as_none(wired: Wired, browser: Browser, anna: str, pumps: str) -> None:
    """Members and invitations of others cannot be seen or touched through mine."""
    with wired.db.write() as db:
        carla = a_person(db, "Carla Neri")
        glass = an_organisation(db, carla.id, "Neri Glass").id
        invite(db, carla.id, glass, "dino@example.com")
        invitation = queries.invitations(db, glass, now=clock.now())[0].id
    sign_in(browser)
    assert 404 == browser.get(f"/organisation/members/{carla.id}").status_code
    browser.get("/account")
    token = browser.token()
    for path in (
        f"/organisation/members/{carla.id}",
        f"/organisation/members/{carla.id}/remove",
        f"/organisation/invitations/{invitation}/withdraw",
        f"/organisations/{glass}/leave",
    ):
        browser.post(path, {"csrf_token": token, "roles": ["member"]})
        assert 404 == browser.page.status_code, path
    with wired.db.read() as db:
        assert 1 == len(queries.invitations(db, glass, now=clock.now()))


def test_scripts_in_names_stay_text(wired: Wired, browser: Browser, anna: str) -> None:
    """A name that is a script is shown as text to owner, visitor and in mails."""
    evil = '"><script>alert(1)</script>{{ 7*7 }}%(x)s'
    with wired.db.write() as db:
        person = db.get(Person, anna)
        person.name = evil
        db.add(person)
        organisation = Organisation(kind="sme", name=evil, slug="evil", country="IT", created_at=clock.now())
        db.add(organisation)
        db.flush()
        db.add(Membership(person_id=anna, organisation_id=organisation.id, role="owner", created_at=clock.now()))
        organisation_id = organisation.id
    with wired.db.write() as db:
        invite(db, anna, organisation_id, "bruno@example.com")
    sign_in(browser)
    path = link_in(mails(wired, "bruno@example.com")[0], "invitations")
    for page in ("/account", "/organisation", "/organisation/members", f"/organisation/members/{anna}", path):
        html = browser.get(page).text
        assert "<script>alert" not in html, page
        assert "&lt;script&gt;" in html, page


def test_disabled_people_do_not_count_as_owners(wired: Wired, anna: str, pumps: str) -> None:
    """An owner who was shut out cannot keep the organisation; the other one must stay."""
    with wired.db.write() as db:
        bruno = a_member(db, pumps, "Bruno Conti", Role.OWNER)
        people.disable(db, SYSTEM, bruno.id, now=clock.now())
        with pytest.raises(Refused):
            members.leave(db, queries.acting(db, anna, pumps), pumps, now=clock.now())
