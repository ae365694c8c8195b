"""The gate before the market: is the listing clear enough, have two people looked, or is there a reason?"""

from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session

from market.accounts.rules import Permission
from market.catalog import editorial
from market.catalog.editorial import Policy
from market.catalog.forms import PolicyForm
from market.catalog.models import (
    ImportRun,
    ListingClarity,
    ListingPolicy,
    ListingSchedule,
    Technology,
    UnclearPublication,
)
from market.catalog.rules.clarity.score import below, clarity
from market.catalog.rules.letting_out import SHORTEST_REASON, Letting
from market.catalog.service import listing
from market.kit import audit
from market.kit.actor import Actor
from market.kit.errors import Forbidden, NotFound, Refusal, Refused
from market.kit.i18n import _

BATCH = 200


def release(db: Session, actor: Actor, technology_id: str, *, reason: str = "", now: datetime) -> Technology:
    """Open a listing to everybody when its institution's conditions are met.

    Below the institution's threshold of clarity only a stated `reason` lets it out; it is kept and audited. Refused.
    """
    technology = listing.for_update(db, actor, technology_id, Permission.PUBLISH_LISTINGS)
    if technology.state == "published":
        return technology
    policy = editorial.policy_of(db, technology.organisation_id)
    _refuse_unreviewed(db, technology, policy)
    score = clarity(editorial.told(db, technology.id)).score
    unclear = below(score, policy.threshold)
    if unclear and len(reason.strip()) < SHORTEST_REASON:
        raise Refused(_unclear(score, policy.threshold))
    listing.publish(db, actor, technology_id, now=now)
    db.execute(delete(ListingSchedule).where(ListingSchedule.technology_id == technology_id))  # type: ignore[arg-type]
    if unclear:
        _excuse(db, actor, technology, score=score, threshold=policy.threshold, reason=reason.strip(), now=now)
    return technology


def _refuse_unreviewed(db: Session, technology: Technology, policy: Policy) -> None:
    if not policy.review:
        return
    review = editorial.review(db, technology.id)
    if review is None or review.state != "approved" or review.version != technology.version:
        raise Refused(
            Refusal(
                "not_reviewed", _("Your institution wants two people to look. Submit the listing for review first.")
            )
        )


def _unclear(score: int, threshold: int) -> Refusal:
    return Refusal(
        "unclear",
        _(
            "This listing has {score} of 100 points for clarity; your institution asks for {threshold}. "
            "Mend what is named, or say in a sentence why it should go out as it is."
        ),
        "reason",
        {"score": score, "threshold": threshold},
    )


def _excuse(
    db: Session, actor: Actor, technology: Technology, *, score: int, threshold: int, reason: str, now: datetime
) -> None:
    db.add(
        UnclearPublication(
            technology_id=technology.id,
            person_id=actor.person_id,
            version=technology.version,
            score=score,
            threshold=threshold,
            at=now,
            reason=reason,
        )
    )
    audit.record(
        db, actor, "catalog:listing:excused", technology, now=now, score=score, threshold=threshold, reason=reason
    )


def letting(db: Session, run: ImportRun, *, publish: bool, verified: bool) -> Letting:
    """What an import may publish by the conditions of its institution."""
    policy = editorial.policy_of(db, run.organisation_id)
    return Letting(
        publish=publish and verified,
        threshold=policy.threshold,
        reason=run.reason,
        review=policy.review,
        contact=run.person_id is not None,
    )


def stated(reason: str) -> str:
    """A reason for letting out what is unclear, or none; Refused when it says too little."""
    said = reason.strip()
    if said and len(said) < SHORTEST_REASON:
        told = _("Say in a sentence why unclear listings should go out, or leave this empty: then they become drafts.")
        raise Refused(Refusal("reason_too_short", told, "reason"))
    return said


def set_policy(db: Session, actor: Actor, form: PolicyForm, *, now: datetime) -> ListingPolicy:
    """Say what the actor's institution asks of its listings before they go out."""
    if actor.organisation_id is None:
        raise NotFound
    if not actor.may(Permission.MANAGE_ORGANISATION):
        raise Forbidden
    policy = db.get(ListingPolicy, actor.organisation_id, with_for_update=True)
    policy = policy or ListingPolicy(organisation_id=actor.organisation_id)
    policy.clarity_threshold, policy.review = form.clarity_threshold, form.review
    db.add(policy)
    db.flush()
    audit.record(db, actor, "catalog:policy:changed", policy, now=now, **form.model_dump())
    return policy


def score_some(db: Session, *, now: datetime, limit: int = BATCH) -> int:
    """Score listings that have changed since they were scored, imported ones too; give their number."""
    waiting = editorial.unscored(db, limit)
    for technology_id, version, told in waiting:
        kept = db.get(ListingClarity, technology_id)
        kept = kept or ListingClarity(technology_id=technology_id, version=version, score=0, scored_at=now)
        kept.version, kept.score, kept.scored_at = version, clarity(told).score, now
        db.add(kept)
    return len(waiting)
