"""One act on several listings: each is done whole or not at all, and a no to one hinders no other."""

from datetime import datetime

from sqlmodel import Session

from market.accounts import queries as accounts
from market.accounts.rules import Permission
from market.catalog.forms import BulkForm
from market.catalog.models import Technology
from market.catalog.service import gate, listing
from market.kit.actor import Actor
from market.kit.errors import Invalid, NotFound, PonteError
from market.kit.i18n import _, translate


def act(db: Session, actor: Actor, form: BulkForm, *, now: datetime) -> tuple[int, list[tuple[str, str, str]]]:
    """Do it; give the number of listings done, and id, title and reason of those that were not. Invalid without a contact."""
    if form.act == "contact":
        people = accounts.people(db, actor.organisation_id) if actor.organisation_id else []
        if form.contact_id not in {person.id for person in people}:
            raise Invalid({"contact_id": translate(_("Choose somebody of your institution."))})
    failed: list[tuple[str, str, str]] = []
    wanted = list(dict.fromkeys(form.listing))
    for technology_id in wanted:
        try:
            with db.begin_nested():
                _one(db, actor, technology_id, form, now)
        except NotFound:
            raise
        except PonteError as error:
            technology = db.get(Technology, technology_id)
            failed.append((technology_id, technology.title if technology else "", error.sentence))
    return len(wanted) - len(failed), failed


def _one(db: Session, actor: Actor, technology_id: str, form: BulkForm, now: datetime) -> None:
    if form.act == "publish":
        gate.release(db, actor, technology_id, reason=form.reason, now=now)
    elif form.act == "withdraw":
        listing.withdraw(db, actor, technology_id, now=now)
    elif form.act == "confirm":
        listing.confirm(db, actor, technology_id, now=now)
    else:
        technology = listing.for_update(db, actor, technology_id, Permission.EDIT_LISTINGS)
        if technology.contact_id != form.contact_id:
            technology.contact_id = form.contact_id
            listing.touch(db, actor, technology, "catalog:listing:saved", now=now, fields=["contact_id"])
