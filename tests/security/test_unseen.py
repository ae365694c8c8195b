"""Whoever looks, and however: what may not be seen is in no result, count, suggestion, neighbour, feed, sitemap or mail."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlmodel import Session

from market.accounts.models import Organisation
from market.catalog.models import Technology
from market.desk.gateway import Outbox
from market.discovery.forms import SaveSearchForm, asked
from market.discovery.gateway import SearchIndex
from market.discovery.rules.facets import VISIBLE
from market.discovery.service import alerting, finding, outbox, saving
from market.kit import clock
from tests.deals import world as making
from tests.town import ALONE, COMPANY, ELSEWHERE, ROLES, VISITOR, Town

UNSEEN = ("draft", "hidden", "withdrawn")
STRANGERS = (VISITOR, *COMPANY, "other_company_owner", "adviser", "removed_member")
NEED = "We are a small foundry and look for a zirconyx valve that keeps tight at great heat and needs no seal at all."


@dataclass(frozen=True)
class Scene:
    """One institution with a listing in every state; a second one, not verified yet; addresses and titles."""

    slug: str
    pending: str
    seen: str
    ids: dict[str, str]

    @property
    def titles(self) -> list[str]:
        """What nobody may read."""
        return [title(state) for state in self.ids] + ["Institute Of Nowhere"]

    def pages(self) -> Iterator[str]:
        """Everywhere that listings are shown to everybody."""
        yield from ("/", "/search", "/search?sort=newest", "/search?sort=responsive", "/search?page=2", "/shortlist")
        yield from (f"/search?q={words}" for words in ("zirconyx", "secret+zirconyx", "zirconix", "zirc", "nowhere"))
        yield from ("/search?sector=aerospace", "/search?country=FR", "/search?in-sector=air", "/feed.xml")
        yield from (f"/search/suggest?q={words}" for words in ("zirconyx", "secret", "institute+of", "nowhere"))
        yield from ("/feed.xml?q=zirconyx", "/feed.xml?sector=aerospace", "/sitemap.xml", "/sitemap-1.xml")
        yield from (f"/institutions/{self.slug}", f"/technologies/{self.seen}")
        yield "/compare?" + "&".join(f"t={each}" for each in [self.seen, *self.ids.values()][:4])


def title(state: str) -> str:
    """The title of the listing in a state."""
    return f"Zirconyx Secret {state.title()}"


def _technology(db: Session, home: Organisation, name: str, state: str, sector: str) -> Technology:
    listing = Technology(
        organisation_id=home.id, source_id=name, slug=name.lower().replace(" ", "-"), state=state, title=name,
        summary="A valve that keeps tight at great heat.", description="Without any seal. For a foundry.",
        sector=sector, keywords=["zirconyx"], offers=["licence"], country="FR", created_at=clock.now(),
        updated_at=clock.now(), published_at=clock.now(), confirmed_on=clock.now().date(),
    )  # fmt: skip
    db.add(listing)
    db.flush()
    return listing


@pytest.fixture(scope="module")
def scene(townsfolk: Town) -> Scene:
    """The listings, put into the index by the worker, who was called for each of them; and who waits for them."""
    there = townsfolk
    with there.wired.db.write() as db:
        saving.save(
            db,
            there.actors["company_owner"],
            SaveSearchForm(name="Valves", frequency="at_once", query="q=zirconyx"),
            now=clock.now(),
        )
        home = db.get_one(Organisation, there.actors["other_institution_owner"].organisation_id)
        nowhere = making.organisation(db, "institute", "Institute Of Nowhere", "FR", clock.now())
        nowhere.verified_at = None
        seen = _technology(db, home, "Zirconyx Open Valve", "published", "machinery")
        ids = {state: _technology(db, home, title(state), state, "aerospace").id for state in UNSEEN}
        ids["pending"] = _technology(db, nowhere, title("pending"), "draft", "aerospace").id
        outbox.note(db, [seen.id, *ids.values()], now=clock.now())
        alerting.note_new(db, [seen.id, *ids.values()], now=clock.now())
        made = Scene(home.slug, nowhere.slug, f"{seen.slug}-{seen.id}", ids)
    there.wired.worker().drain()
    return made


@pytest.mark.parametrize("role", ROLES)
def test_what_may_not_be_seen_is_shown_nowhere(townsfolk: Town, scene: Scene, role: str) -> None:
    """Not to strangers, nor to its own institution, nor to operators: these pages show the market, the same to all."""
    told = []
    with townsfolk.browser(role) as browser:
        for path in scene.pages():
            answer = browser.get(path)
            assert answer.status_code == 200, (path, answer.status_code)
            text = answer.text.replace("<mark>", "").replace("</mark>", "")
            told += [(path, each) for each in scene.titles if each in text]
            told += [(path, each) for each in scene.ids.values() if f"-{each}" in text]
        described = browser.post("/describe", {"text": NEED, "csrf_token": townsfolk.form_token(role)}).text
        assert "Zirconyx Open" in described.replace("<mark>", "").replace("</mark>", "")
        told += [("/describe", each) for each in scene.titles if each in described]
    assert [] == told


@pytest.mark.parametrize("role", STRANGERS)
def test_its_own_address_tells_a_stranger_nothing(townsfolk: Town, scene: Scene, role: str) -> None:
    """Who knows the address of a draft, or of an institution that waits, learns nothing from it."""
    with townsfolk.browser(role) as browser:
        for state, each in scene.ids.items():
            for path in (f"/technologies/{each}", f"/technologies/x-{each}"):
                answer = browser.get(path)
                assert answer.status_code in (301, 404, 410), (path, answer.status_code)
                assert title(state) not in answer.text
                assert title(state).lower().replace(" ", "-") not in answer.headers.get("location", "")


def test_what_may_not_be_seen_is_counted_nowhere(townsfolk: Town, scene: Scene) -> None:
    """Totals, the counts of all facets, the values of one, words left out since nothing has them."""
    index = townsfolk.wired.gateways[SearchIndex]
    with townsfolk.wired.db.read() as db:
        for query in ("zirconyx", "zirconix", "zirc"):
            result = finding.find(db, index, asked([("q", query)])).result
            assert 1 == result.total
            assert {"machinery": 1} == {**result.facets["sectors"]}
        secret = finding.find(db, index, asked([("q", "zirconyx secret")]))
        assert ("secret",) == secret.dropped
        everything = finding.find(db, index, asked([])).result
        assert "aerospace" not in everything.facets["sectors"]
        assert 0 == finding.find(db, index, asked([("sector", "aerospace")])).result.total
    seen = scene.seen.rpartition("-")[2]
    assert not {hit.id for hit in index.similar(seen, VISIBLE, 20)} & set(scene.ids.values())


def test_nobody_is_written_to_about_what_may_not_be_seen(townsfolk: Town, scene: Scene) -> None:
    """Who waits for `zirconyx` is told of the open listing, and of it only."""
    mails = [mail.as_string() for _name, mail in townsfolk.wired.gateways[Outbox].newest(50)]
    about = [mail for mail in mails if "Zirconyx" in mail]

    assert 1 == len(about)
    assert "Zirconyx Open" in about[0]
    assert [] == [each for each in scene.titles if any(each in mail for mail in mails)]


def test_what_was_hidden_a_moment_ago_is_not_shown(townsfolk: Town, scene: Scene) -> None:
    """The index is behind by a second; titles are of the tables, which say that it is hidden."""
    with townsfolk.wired.db.write() as db:
        home = db.get_one(Organisation, townsfolk.actors["other_institution_owner"].organisation_id)
        late = _technology(db, home, "Zirconyx Latecomer", "published", "machinery")
        outbox.note(db, [late.id], now=clock.now())
    townsfolk.wired.worker().drain()
    with townsfolk.browser(VISITOR) as browser:
        assert "Latecomer" in browser.get("/search/suggest?q=latecomer").text
    with townsfolk.wired.db.write() as db:
        db.get_one(Technology, late.id).state = "hidden"

    for role in (VISITOR, *ELSEWHERE, *ALONE):
        with townsfolk.browser(role) as browser:
            for path in (*scene.pages(), "/search?q=latecomer", "/search/suggest?q=latecom", "/feed.xml?q=latecomer"):
                assert "Zirconyx Latecomer" not in browser.get(path).text.replace("<mark>", ""), (role, path)
