"""The technologies of the sample world: written down, illustrated and published as an officer would."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import Session, select

from market.catalog.forms import ListingForm, NewListing, RightForm, TermsForm
from market.catalog.models import Technology
from market.catalog.service import listing as listings
from market.catalog.service import parts
from market.kit import files
from market.kit.actor import Actor
from market.kit.files import Blob, FileStore
from seed import pictures, world
from seed.pictures import Drawing
from seed.stage import Stage
from seed.world import SampleListing, SampleOrganisation, SampleRight

TEXTS = ("summary", "problem", "advantages", "comparison", "applications", "description", "stage")
LONGEST_UNCONFIRMED = 150


def publish(stage: Stage) -> None:
    """Every listing that is not there yet, those of an institution in one unit of work."""
    for facts in world.organisations():
        wanted = [each for each in world.listings() if each.organisation == facts.key]
        with stage.wired.db.read() as db:
            there = _references(db, stage.organisation_id(db, facts.key) or "")
        missing = [each for each in wanted if each.key not in there]
        if missing:
            _publish(stage, facts, missing)
        for _each in wanted:
            stage.step()


def _references(db: Session, organisation_id: str) -> set[str]:
    return set(db.exec(select(Technology.reference).where(Technology.organisation_id == organisation_id)))


def _publish(stage: Stage, facts: SampleOrganisation, missing: list[SampleListing]) -> None:
    illustrated = _illustrations(stage, missing)
    for number, (sample, (drawing, blob)) in enumerate(zip(missing, illustrated, strict=True)):
        days_ago = published_ago(sample, number)
        at = stage.moment(days_ago, number)
        with stage.write(at) as db:
            actor = stage.actor(db, facts.person("officer"))
            technology = _write(db, actor, facts, sample, at)
            parts.add_file(db, actor, technology.id, blob, drawing.alt, now=at)
            listings.publish(db, actor, technology.id, now=at + timedelta(hours=2))
            if days_ago > LONGEST_UNCONFIRMED:
                listings.confirm(db, actor, technology.id, now=stage.moment(40 + number * 9, number))


def published_ago(sample: SampleListing, number: int) -> int:
    """How many days ago a listing went out: well before the first enquiry about it."""
    asked = [int(story["ago"]) for story in world.stories() if story["technology"] == sample.key]
    asked += [int(row[2]) for row in world.questions() if row[0] == sample.key]
    usual = 9 + (sum(sample.key.encode()) * 7 + number * 13) % 130
    return max([usual, *(ago + 12 for ago in asked)])


def _illustrations(stage: Stage, missing: list[SampleListing]) -> list[tuple[Drawing, Blob]]:
    drawings = [pictures.draw(each.facts["sector"], each.key) for each in missing]
    store = stage.wired.gateways[FileStore]
    pngs = pictures.png(drawings)
    blobs = [
        files.save_bytes(store, data, "image/png", f"{each.key}.png") for each, data in zip(missing, pngs, strict=True)
    ]
    return list(zip(drawings, blobs, strict=True))


def _write(db: Session, actor: Actor, facts: SampleOrganisation, sample: SampleListing, at: datetime) -> Technology:
    technology = listings.create_draft(db, actor, NewListing(title=sample.title), now=at)
    form = _form(facts, sample, technology)
    listings.save(db, actor, technology.id, form, now=at + timedelta(minutes=30))
    for right in sample.rights:
        parts.add_right(db, actor, technology.id, _right(right), now=at + timedelta(minutes=40))
    terms = sample.facts.get("terms")
    if terms:
        parts.set_terms(db, actor, technology.id, _terms(terms, facts.currency), now=at + timedelta(minutes=50))
    return technology


def _form(facts: SampleOrganisation, sample: SampleListing, technology: Technology) -> ListingForm:
    kind, low, high = sample.price
    return ListingForm(
        version=technology.version,
        title=sample.title,
        reference=sample.key,
        sector=sample.facts["sector"],
        trl=sample.facts.get("trl"),
        keywords=", ".join(sample.facts["keywords"]),
        inventors="\n".join(sample.facts["inventors"]),
        offers=sample.facts.get("offers", ["licence"]),
        licences=sample.facts["licences"],
        price_kind=kind,
        price_low=low,
        price_high=high,
        currency=facts.currency,
        contact_id=technology.contact_id,
        **{name: sample.text(name) for name in TEXTS},
    )


def _right(right: SampleRight) -> RightForm:
    return RightForm(
        kind=right.kind,
        number=right.number,
        title=right.title,
        filed_on=date.fromisoformat(right.filed_on) if right.filed_on else None,
        expires_on=date.fromisoformat(right.expires_on) if right.expires_on else None,
    )


def _terms(terms: dict[str, Any], currency: str) -> TermsForm:
    return TermsForm(
        grant_kind=terms["grant"],
        field_of_use=terms["field"],
        territory=terms["territory"],
        term_years=terms["years"],
        upfront=terms.get("upfront", ""),
        currency=currency,
        royalty_percent=Decimal(terms["royalty"]) if "royalty" in terms else None,
    )
