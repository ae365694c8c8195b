"""Where rights hold: facts of a patent office kept with their day, and the institution's own word by country."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlmodel import Session

from market.accounts.rules import Permission
from market.catalog.forms import CountryForm
from market.catalog.gateway import RightFacts
from market.catalog.models import IpRight, IpRightCountry, Technology
from market.catalog.rights import ASKABLE, MANUAL
from market.catalog.rules import legal
from market.catalog.rules.technology_fields import technology_fields
from market.catalog.rules.vocabulary import countries, ip_summary
from market.catalog.service.listing import announce, for_update, touch
from market.kit import jobs
from market.kit.actor import Actor
from market.kit.errors import Invalid, NotFound, Refusal, Refused
from market.kit.i18n import _, translate

FETCH = "catalog.right.fetch"

_R: Any = IpRight.__table__  # type: ignore[attr-defined]
_C: Any = IpRightCountry.__table__  # type: ignore[attr-defined]
_COUNTRY = select(IpRightCountry).where(
    _C.c.right_id == bindparam("right_id"), _C.c.country == bindparam("country_code")
)
_FORGET = delete(_C).where(_C.c.right_id == bindparam("right_id"))
_ALL = select(_R.c.kind, _R.c.status, _R.c.ipc).where(_R.c.technology_id == bindparam("id")).order_by(_R.c.position)


def right_of(db: Session, technology_id: str, right_id: str) -> IpRight:
    """A right of this listing, to be changed; NotFound when it is not on it."""
    right = db.get(IpRight, right_id, with_for_update=True)
    if right is None or right.technology_id != technology_id:
        raise NotFound
    return right


def askable(right: IpRight) -> bool:
    """Whether a database of patents can know this right."""
    return right.kind in ASKABLE and bool(right.number) and not right.number.startswith("PCT")


# --- the institution's own word


def state_country(
    db: Session, actor: Actor, technology_id: str, right_id: str, form: CountryForm, *, now: datetime
) -> IpRightCountry:
    """Say what holds in a country; what was said of it before is replaced."""
    technology = for_update(db, actor, technology_id, Permission.EDIT_LISTINGS)
    right = right_of(db, technology_id, right_id)
    if form.country not in countries():
        raise Invalid({"country": translate(_("Choose countries from the list."))})
    if form.since is not None and form.since > now.date():
        raise Invalid({"since": translate(_("This day is still to come."))})
    row = db.execute(_COUNTRY, {"right_id": right.id, "country_code": form.country}).scalars().first()
    if row is None:
        row = IpRightCountry(
            right_id=right.id, country=form.country, status=form.status, source=MANUAL, stated_on=now.date()
        )
    row.status, row.since, row.source, row.stated_on = form.status, form.since, MANUAL, now.date()
    db.add(row)
    db.flush()
    _settle(db, right)
    summarise(db, technology)
    touch(
        db, actor, technology, "catalog:right:stated", now=now, right=right.id, country=form.country, status=form.status
    )
    return row


def forget_country(
    db: Session, actor: Actor, technology_id: str, right_id: str, country: str, *, now: datetime
) -> None:
    """Take back what was said of a country; NotFound when nothing was."""
    technology = for_update(db, actor, technology_id, Permission.EDIT_LISTINGS)
    right = right_of(db, technology_id, right_id)
    row = db.execute(_COUNTRY, {"right_id": right.id, "country_code": country}).scalars().first()
    if row is None:
        raise NotFound
    db.delete(row)
    db.flush()
    _settle(db, right)
    summarise(db, technology)
    touch(db, actor, technology, "catalog:right:unsaid", now=now, right=right.id, country=country)


def forget_countries(db: Session, right_id: str) -> None:
    """Take away everything said of a right by country."""
    db.execute(_FORGET, {"right_id": right_id})


# --- the office's word


def ask_office(db: Session, actor: Actor, technology_id: str, right_id: str, *, available: bool) -> None:
    """Let a job ask the office about a right; Refused where there is nobody to ask."""
    for_update(db, actor, technology_id, Permission.EDIT_LISTINGS)
    right = right_of(db, technology_id, right_id)
    if not available:
        raise Refused(Refusal("no_office", _("No patent database is connected here. Write it down by hand.")))
    if not askable(right):
        raise Refused(Refusal("not_askable", _("A patent database knows published patents and applications only.")))
    jobs.enqueue(db, FETCH, {"right": right.id}, key=f"right:{right.id}")


def record_facts(db: Session, right_id: str, facts: RightFacts, source: str, *, now: datetime) -> None:
    """Keep what the office says, with its day. The institution's word stays for countries that the office does not name."""
    right = db.get(IpRight, right_id, with_for_update=True)
    if right is None:
        return
    today = now.date()
    told = legal.derive(facts.members, today)
    kept = {
        row.country: row
        for row in db.execute(select(IpRightCountry).where(_C.c.right_id == right.id)).scalars()
        if row.source == MANUAL and row.country not in {status.country for status in told}
    }
    db.execute(delete(_C).where(_C.c.right_id == right.id, _C.c.country.not_in(list(kept))))
    db.add_all(
        IpRightCountry(
            right_id=right.id,
            country=status.country,
            status=status.status,
            since=status.since,
            source=source,
            stated_on=today,
        )
        for status in told
    )
    right.family = facts.family or right.family
    right.title = right.title or facts.title
    right.filed_on = facts.filed_on or right.filed_on
    right.priority_on = facts.priority_on or right.priority_on
    right.granted_on = facts.granted_on or right.granted_on
    right.ipc = list(facts.ipc) or right.ipc
    right.others_closed_on = legal.others_closed_on(facts.members) or right.others_closed_on
    right.fetched_at, right.fault, right.checked_on, right.source = now, "", today, source
    db.flush()
    _settle(db, right)
    technology = db.get(Technology, right.technology_id)
    if technology is not None:
        summarise(db, technology)
        announce(db, technology)


def note_fault(db: Session, right_id: str, fault: str) -> None:
    """Remember that the office could not tell; everything it said before stays with its day."""
    right = db.get(IpRight, right_id, with_for_update=True)
    if right is not None:
        right.fault = fault


# --- what follows


def _settle(db: Session, right: IpRight) -> None:
    """Let the right's own status follow from its countries."""
    statuses = list(db.execute(select(_C.c.status).where(_C.c.right_id == right.id)).scalars())
    if not statuses:
        return
    word = legal.overall(statuses)
    right.status = word if word != "unknown" or right.status not in ("granted", "pending") else right.status
    if right.status == "granted" and right.kind == "application":
        right.kind = "patent"


def summarise(db: Session, technology: Technology) -> None:
    """Keep on the listing what search needs of its rights: one status, and the technology fields of their classes."""
    db.flush()
    rows = list(db.execute(_ALL, {"id": technology.id}))
    technology.ip_status = ip_summary([row.status for row in rows], [row.kind for row in rows])
    technology.technology_fields = technology_fields(symbol for row in rows for symbol in row.ipc)[:3]
