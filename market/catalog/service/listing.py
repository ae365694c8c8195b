"""The life of a listing: written down, saved, published, confirmed, withdrawn."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlmodel import Session

from market.accounts import queries as accounts
from market.accounts.models import Organisation
from market.accounts.rules import Permission
from market.catalog import policy
from market.catalog.events import TechnologyChanged, TechnologyHidden, TechnologyPublished
from market.catalog.forms import ListingForm, NewListing
from market.catalog.models import ListingDraft, Technology, TechnologyInventor
from market.catalog.rules import vocabulary as words
from market.catalog.rules.listing import Readiness, missing, price_faults
from market.catalog.rules.text import single_spaced, slug
from market.catalog.service import keeping
from market.kit import audit, cache
from market.kit.actor import Actor
from market.kit.errors import Invalid, NotFound, Refusal, Refused, refuse, stale_unless
from market.kit.events import emit
from market.kit.i18n import _, translate
from market.kit.ids import new_id
from market.kit.money import Money, currencies

TOPIC = "catalog"
_I: Any = TechnologyInventor.__table__  # type: ignore[attr-defined]
_INVENTORS = select(_I.c.name).where(_I.c.technology_id == bindparam("id")).order_by(_I.c.position)
_FORGET_INVENTORS = delete(_I).where(_I.c.technology_id == bindparam("id"))
_D: Any = ListingDraft.__table__  # type: ignore[attr-defined]
_FORGET_DRAFT = delete(_D).where(_D.c.technology_id == bindparam("id"), _D.c.person_id == bindparam("person"))
_TEXTS = (
    "summary",
    "reference",
    "department",
    "stage",
    "problem",
    "advantages",
    "comparison",
    "applications",
    "description",
)


def for_update(db: Session, actor: Actor, technology_id: str, permission: Permission) -> Technology:
    """A technology of the actor's institution, to be changed; NotFound for strangers, Forbidden without the right."""
    technology = db.get(Technology, technology_id, with_for_update=True)
    if technology is None:
        raise NotFound
    policy.require(actor, permission, technology.organisation_id)
    return technology


def announce(db: Session, technology: Technology) -> None:
    """Tell search and kept pages that something visible has changed."""
    if technology.state in words.VISIBLE:
        emit(db, TechnologyChanged(technology.id))
        cache.touch(db, TOPIC)


def create_draft(db: Session, actor: Actor, form: NewListing, *, now: datetime) -> Technology:
    """Begin a listing of the actor's institution with a title; the actor is its first contact."""
    organisation_id = actor.organisation_id
    if organisation_id is None:
        raise NotFound
    policy.require(actor, Permission.EDIT_LISTINGS, organisation_id)
    organisation = accounts.organisation(db, organisation_id)
    technology_id = new_id()
    technology = Technology(
        id=technology_id,
        organisation_id=organisation_id,
        source="manual",
        source_id=technology_id,
        slug=slug(form.title),
        title=single_spaced(form.title),
        country=organisation.country,
        offers=["licence"],
        contact_id=actor.person_id,
        created_at=now,
        updated_at=now,
    )
    db.add(technology)
    db.flush()
    audit.record(db, actor, "catalog:listing:created", technology, now=now, title=technology.title)
    return technology


def save(db: Session, actor: Actor, technology_id: str, form: ListingForm, *, now: datetime) -> Technology:
    """Keep what the editor typed; raises Stale when somebody saved in between, Invalid when price or contact is wrong.

    A listing that is out already must stay complete.
    """
    technology = for_update(db, actor, technology_id, Permission.EDIT_LISTINGS)
    stale_unless(technology.version == form.version)
    values = _values(db, technology, form)
    changed = sorted(name for name, value in values.items() if getattr(technology, name) != value)
    names, known = (
        _lines(form.inventors),
        [str(name) for name in db.execute(_INVENTORS, {"id": technology.id}).scalars()],
    )
    if changed or names != known:
        keeping.keep_first(db, technology, known)
    for name in changed:
        setattr(technology, name, values[name])
    if names != known:
        changed.append("inventors")
        set_inventors(db, technology.id, names)
    if technology.state in words.VISIBLE:
        _refuse_incomplete(technology)
    if changed:
        touch(db, actor, technology, "catalog:listing:saved", now=now, fields=changed)
        keeping.keep(db, actor, technology, names, now=now)
    db.execute(_FORGET_DRAFT, {"id": technology.id, "person": actor.person_id})
    return technology


def touch(db: Session, actor: Actor, technology: Technology, tag: str, *, now: datetime, **data: Any) -> None:
    """Note a change of a listing: next version, audit event, news for search."""
    technology.version += 1
    technology.updated_at = now
    db.flush()
    audit.record(db, actor, tag, technology, now=now, version=technology.version, **data)
    announce(db, technology)


def set_inventors(db: Session, technology_id: str, names: list[str]) -> None:
    """Let these be the inventors, in this order."""
    db.execute(_FORGET_INVENTORS, {"id": technology_id})
    db.add_all(
        TechnologyInventor(technology_id=technology_id, position=n, name=name[:200]) for n, name in enumerate(names)
    )


def _lines(text: str) -> list[str]:
    return list(dict.fromkeys(single_spaced(line) for line in text.replace(";", "\n").split("\n") if line.strip()))


def _values(db: Session, technology: Technology, form: ListingForm) -> dict[str, Any]:
    keywords = [single_spaced(word) for word in form.keywords.replace(";", ",").replace("\n", ",").split(",")]
    return {
        "title": single_spaced(form.title),
        "slug": technology.slug if technology.published_at else slug(form.title),
        **{name: getattr(form, name) for name in _TEXTS},
        "sector": form.sector,
        "trl": form.trl,
        "offers": form.offers,
        "licences": form.licences,
        "keywords": list(dict.fromkeys(word for word in keywords if word)),
        "contact_id": _contact(db, technology.organisation_id, form.contact_id),
        **_price(form),
    }


def _contact(db: Session, organisation_id: str, person_id: str | None) -> str | None:
    if person_id is None:
        return None
    if person_id not in {person.id for person in accounts.people(db, organisation_id)}:
        raise Invalid({"contact_id": translate(_("Choose somebody of your institution."))})
    return person_id


def amount(text: str, currency: str, field: str) -> int | None:
    """An amount as typed, in minor units; None when nothing was typed; Invalid when it is none."""
    if not text:
        return None
    try:
        money = Money.parse(text, currency)
    except ValueError as error:
        raise Invalid({field: translate(_("Write an amount, such as 5,000."))}) from error
    if money.minor < 0:
        raise Invalid({field: translate(_("This must be {ge} or more."), ge=0)})
    return money.minor


def _price(form: ListingForm) -> dict[str, Any]:
    """The columns of the price; Invalid with a sentence for each fault."""
    priced = form.price_kind not in ("on_request", "free")
    known = form.currency in currencies()
    low = amount(form.price_low, form.currency, "price_low") if priced and known else None
    high = amount(form.price_high, form.currency, "price_high") if form.price_kind == "range" and known else None
    faults = price_faults(form.price_kind, low, high, form.currency, currencies())
    if faults:
        raise Invalid({field: translate(sentence) for field, sentence in faults.items()})
    return {
        "price_kind": form.price_kind,
        "price_low": low,
        "price_high": high,
        "currency": form.currency if priced else "",
    }


def readiness(technology: Technology) -> Readiness:
    """What publishing looks at."""
    return Readiness(
        title=technology.title,
        summary=technology.summary,
        description=technology.description,
        sector=technology.sector,
        offers=tuple(technology.offers),
        has_contact=technology.contact_id is not None,
        from_import=technology.source != "manual",
    )


def _refuse_incomplete(technology: Technology) -> None:
    lacking = missing(readiness(technology))
    if lacking:
        raise Invalid({refusal.field or "": refusal.sentence for refusal in lacking})


def publish(db: Session, actor: Actor, technology_id: str, *, now: datetime) -> Technology:
    """Open a listing to everybody; raises Refused with what it lacks. Publishing twice is no harm.

    People publish through `gate.release`, which also asks for clarity and review.
    """
    technology = for_update(db, actor, technology_id, Permission.PUBLISH_LISTINGS)
    if technology.state == "published":
        return technology
    refuse(not_publishable(db, technology))
    technology.state = "published"
    technology.published_at = technology.published_at or now
    technology.confirmed_on = now.date()
    technology.version += 1
    technology.updated_at = now
    db.flush()
    audit.record(db, actor, "catalog:listing:published", technology, now=now, version=technology.version)
    emit(db, TechnologyPublished(technology.id))
    cache.touch(db, TOPIC)
    return technology


def not_publishable(db: Session, technology: Technology) -> Refusal | None:
    """Say why a listing cannot go out at all: its institution is not verified, or something is missing; or None."""
    organisation = db.get(Organisation, technology.organisation_id)
    if organisation is None or organisation.verified_at is None:
        return Refusal(
            "organisation_not_verified",
            _(
                "Your institution has not been verified yet. You can publish as soon as that is done; your work is kept."
            ),
        )
    lacking = missing(readiness(technology))
    if not lacking:
        return None
    return Refusal(
        "incomplete",
        _("This cannot be published yet. {what}"),
        None,
        {"what": " ".join(each.sentence for each in lacking)},
    )


def withdraw(db: Session, actor: Actor, technology_id: str, *, now: datetime) -> Technology:
    """Take a listing off the market; it stays with the institution and can be published again."""
    technology = for_update(db, actor, technology_id, Permission.PUBLISH_LISTINGS)
    if technology.state == "withdrawn":
        return technology
    was_visible = technology.state in words.VISIBLE
    technology.state = "withdrawn"
    technology.version += 1
    technology.updated_at = now
    db.flush()
    audit.record(db, actor, "catalog:listing:withdrawn", technology, now=now, version=technology.version)
    if was_visible:
        emit(db, TechnologyHidden(technology.id))
        cache.touch(db, TOPIC)
    return technology


def confirm(db: Session, actor: Actor, technology_id: str, *, now: datetime) -> Technology:
    """Say that a listing still holds; a stale or hidden one is open again."""
    technology = for_update(db, actor, technology_id, Permission.EDIT_LISTINGS)
    if technology.state not in ("published", "stale", "hidden"):
        raise Refused(Refusal("not_published", _("Only a published listing can be confirmed.")))
    reopened = technology.state == "hidden"
    technology.state = "published"
    technology.confirmed_on = now.date()
    db.flush()
    audit.record(db, actor, "catalog:listing:confirmed", technology, now=now)
    emit(db, TechnologyPublished(technology.id) if reopened else TechnologyChanged(technology.id))
    cache.touch(db, TOPIC)
    return technology


def differences(shown: Mapping[str, str], now_saved: Mapping[str, str]) -> dict[str, str]:
    """What another editor saved meanwhile: field -> saved text, where it differs from what is on the screen."""
    return {name: text for name, text in now_saved.items() if name in shown and shown[name] != text}
