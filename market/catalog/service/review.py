"""The second pair of eyes: submitted by one person, approved or sent back by another."""

from datetime import datetime

from sqlmodel import Session

from market.accounts.rules import Permission
from market.catalog import editorial
from market.catalog.models import ListingReview, Technology
from market.catalog.service import listing
from market.kit import audit
from market.kit.actor import Actor
from market.kit.errors import Forbidden, Refusal, Refused, refuse, stale_unless
from market.kit.i18n import _


def submit(db: Session, actor: Actor, technology_id: str, *, now: datetime) -> ListingReview:
    """Ask a colleague to look at the listing as it stands. Refused while it is incomplete."""
    technology = listing.for_update(db, actor, technology_id, Permission.EDIT_LISTINGS)
    if actor.person_id is None:
        raise Forbidden
    refuse(listing.not_publishable(db, technology))
    review = db.get(ListingReview, technology_id, with_for_update=True) or ListingReview(
        technology_id=technology_id, version=technology.version, submitted_by=actor.person_id, submitted_at=now
    )
    review.state, review.version, review.submitted_by = "submitted", technology.version, actor.person_id
    review.submitted_at, review.decided_by, review.decided_at, review.comment = now, None, None, ""
    db.add(review)
    db.flush()
    audit.record(db, actor, "catalog:review:submitted", technology, now=now, version=technology.version)
    return review


def approve(db: Session, actor: Actor, technology_id: str, *, version: int, now: datetime) -> ListingReview:
    """Say that the `version` shown may go out; by somebody who neither submitted nor wrote it. Refused, Stale."""
    return _decide(db, actor, technology_id, "approved", "", version=version, now=now)


def send_back(
    db: Session, actor: Actor, technology_id: str, comment: str, *, version: int, now: datetime
) -> ListingReview:
    """Say what must change first."""
    if not comment.strip():
        raise Refused(Refusal("no_comment", _("Say what should change."), "comment"))
    return _decide(db, actor, technology_id, "returned", comment.strip(), version=version, now=now)


def _decide(
    db: Session, actor: Actor, technology_id: str, state: str, comment: str, *, version: int, now: datetime
) -> ListingReview:
    technology = listing.for_update(db, actor, technology_id, Permission.PUBLISH_LISTINGS)
    review = db.get(ListingReview, technology_id, with_for_update=True)
    if review is None or review.state != "submitted":
        raise Refused(Refusal("not_submitted", _("Nobody has submitted this listing for review.")))
    stale_unless(technology.version == version == review.version)
    _refuse_own(db, actor, technology, review)
    review.state, review.comment = state, comment
    review.decided_by, review.decided_at = actor.person_id, now
    db.add(review)
    db.flush()
    audit.record(db, actor, f"catalog:review:{state}", technology, now=now, version=version, comment=comment)
    return review


def _refuse_own(db: Session, actor: Actor, technology: Technology, review: ListingReview) -> None:
    last = editorial.newest_version(db, technology.id)
    if actor.person_id is None or actor.person_id in (review.submitted_by, last.person_id if last else None):
        raise Refused(Refusal("own_work", _("You wrote or submitted this. Somebody else must look at it.")))
