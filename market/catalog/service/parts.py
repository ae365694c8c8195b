"""The parts of a listing: IP rights, pictures and files, offered terms."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlmodel import Session

from market.accounts.rules import Permission
from market.catalog.forms import RightForm, TermsForm
from market.catalog.models import IpRight, OfferedTerms, TechnologyFile
from market.catalog.rules.ip import IpNumber, kind_and_status, parse_number
from market.catalog.rules.vocabulary import countries
from market.catalog.service.listing import amount, for_update, touch
from market.catalog.service.rights import forget_countries, summarise
from market.kit.actor import Actor
from market.kit.errors import Invalid, NotFound, Refusal, Refused
from market.kit.files import PICTURES, Blob, remember
from market.kit.i18n import _, translate
from market.kit.money import currencies

MOST_FILES = 20
MOST_RIGHTS = 60
FILE_TYPES = PICTURES | {
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}

_R: Any = IpRight.__table__  # type: ignore[attr-defined]
_F: Any = TechnologyFile.__table__  # type: ignore[attr-defined]
_RIGHTS = select(_R.c.kind, _R.c.status, _R.c.office, _R.c.number).where(_R.c.technology_id == bindparam("id"))
_LAST_FILE = select(func.max(_F.c.position), func.count()).where(_F.c.technology_id == bindparam("id"))


def _rights(db: Session, technology_id: str) -> list[Any]:
    return list(db.execute(_RIGHTS, {"id": technology_id}))


def add_right(db: Session, actor: Actor, technology_id: str, form: RightForm, *, now: datetime) -> IpRight:
    """Add a patent, application or other right; refuses a number that stands there already."""
    technology = for_update(db, actor, technology_id, Permission.EDIT_LISTINGS)
    number = parse_number(form.number) or IpNumber("", "", "")
    present = _rights(db, technology_id)
    if len(present) >= MOST_RIGHTS:
        raise Refused(Refusal("too_many", _("A listing can name {n} rights at most."), None, {"n": MOST_RIGHTS}))
    if form.kind in ("patent", "application") and not number.number:
        raise Refused(
            Refusal(
                "no_number", _("Write the office and the number, such as EP 1234567 B1 or US 10,514,454 B1."), "number"
            )
        )
    if number.number and any((row.office, row.number) == (number.office, number.number) for row in present):
        raise Refused(Refusal("known_number", _("This number is on the listing already."), "number"))
    right = IpRight(
        technology_id=technology_id,
        position=len(present),
        kind=form.kind,
        status=_status(form, number),
        office=number.office,
        number=number.number,
        kind_code=number.kind,
        title=form.title,
        filed_on=form.filed_on,
        expires_on=form.expires_on,
        source="manual",
        created_at=now,
    )
    db.add(right)
    db.flush()
    summarise(db, technology)
    touch(db, actor, technology, "catalog:right:added", now=now, number=number.text, kind=form.kind)
    return right


def _status(form: RightForm, number: IpNumber) -> str:
    if form.status != "unknown":
        return form.status
    if not number.number:
        return "unregistered"
    return kind_and_status(number)[1]


def remove_right(db: Session, actor: Actor, technology_id: str, right_id: str, *, now: datetime) -> None:
    """Take a right off the listing; NotFound when it is not on it."""
    technology = for_update(db, actor, technology_id, Permission.EDIT_LISTINGS)
    right = db.get(IpRight, right_id)
    if right is None or right.technology_id != technology_id:
        raise NotFound
    text = IpNumber(right.office, right.number, right.kind_code).text
    forget_countries(db, right.id)
    db.delete(right)
    db.flush()
    summarise(db, technology)
    touch(db, actor, technology, "catalog:right:removed", now=now, number=text)


def add_file(db: Session, actor: Actor, technology_id: str, blob: Blob, alt: str, *, now: datetime) -> TechnologyFile:
    """Put a picture or file on the listing; a picture needs words that say what it shows. Save the blob before."""
    technology = for_update(db, actor, technology_id, Permission.EDIT_LISTINGS)
    kind = "picture" if blob.content_type in PICTURES else "file"
    if kind == "picture" and not alt.strip():
        raise Refused(
            Refusal("no_alt", _("Say in a few words what the picture shows, for people who cannot see it."), "alt")
        )
    last, count = db.execute(_LAST_FILE, {"id": technology_id}).one()
    if count >= MOST_FILES:
        raise Refused(
            Refusal("too_many", _("A listing can have {n} pictures and files at most."), "file", {"n": MOST_FILES})
        )
    stored = remember(db, blob, now=now, organisation_id=technology.organisation_id, person_id=actor.person_id)
    part = TechnologyFile(
        technology_id=technology_id,
        stored_file_id=stored.id,
        kind=kind,
        position=(last or 0) + 1,
        alt=alt.strip() or blob.name,
        created_at=now,
    )
    db.add(part)
    touch(db, actor, technology, "catalog:file:added", now=now, name=blob.name, sha256=blob.sha256)
    return part


def remove_file(db: Session, actor: Actor, technology_id: str, file_id: str, *, now: datetime) -> None:
    """Take a picture or file off the listing; its bytes stay in the store, unreferenced. NotFound when it is not on it."""
    technology = for_update(db, actor, technology_id, Permission.EDIT_LISTINGS)
    part = db.get(TechnologyFile, file_id)
    if part is None or part.technology_id != technology_id:
        raise NotFound
    db.delete(part)
    touch(db, actor, technology, "catalog:file:removed", now=now, file=file_id)


def set_terms(db: Session, actor: Actor, technology_id: str, form: TermsForm, *, now: datetime) -> OfferedTerms:
    """Say at what terms the technology is offered; a term sheet starts from them. Invalid when an amount is none."""
    technology = for_update(db, actor, technology_id, Permission.EDIT_LISTINGS)
    values = {
        "grant_kind": form.grant_kind,
        "field_of_use": form.field_of_use,
        "territory": _territory(form.territory),
        "term_years": form.term_years,
        **_upfront(form),
        "royalty_rate": form.royalty_percent / Decimal(100) if form.royalty_percent is not None else None,
        "valid_days": form.valid_days,
        "updated_at": now,
    }
    terms = db.get(OfferedTerms, technology_id) or OfferedTerms(technology_id=technology_id, **values)
    for name, value in values.items():
        setattr(terms, name, value)
    db.add(terms)
    if form.grant_kind in ("exclusive", "sole", "non_exclusive") and form.grant_kind not in technology.licences:
        technology.licences = [*technology.licences, form.grant_kind]
    touch(
        db,
        actor,
        technology,
        "catalog:terms:set",
        now=now,
        **{name: values[name] for name in values if name != "updated_at"},
    )
    return terms


def _territory(codes: list[str]) -> list[str]:
    unknown = [code for code in codes if code != "WORLD" and code not in countries()]
    if unknown:
        raise Invalid({"territory": translate(_("Choose countries from the list."))})
    return codes or ["WORLD"]


def _upfront(form: TermsForm) -> dict[str, Any]:
    if not form.upfront:
        return {"upfront": None, "currency": ""}
    if form.currency not in currencies():
        raise Invalid({"currency": translate(_("Choose a currency."))})
    return {"upfront": amount(form.upfront, form.currency, "upfront"), "currency": form.currency}


def drop_terms(db: Session, actor: Actor, technology_id: str, *, now: datetime) -> None:
    """Offer no terms any more: they are a matter of talking."""
    technology = for_update(db, actor, technology_id, Permission.EDIT_LISTINGS)
    terms = db.get(OfferedTerms, technology_id)
    if terms is None:
        return
    db.delete(terms)
    touch(db, actor, technology, "catalog:terms:dropped", now=now)
