"""What an operator does that no other package does for them."""

from datetime import datetime

from sqlmodel import Session, select

from market.accounts.policy import require_operator
from market.kit import audit
from market.kit.actor import Actor
from market.kit.errors import NotFound
from market.kit.jobs import Job


def retry_job(db: Session, actor: Actor, job_id: str, *, now: datetime) -> None:
    """Queue a job again that was given up; where the same work is queued already, it is only marked as done."""
    require_operator(actor)
    job = db.exec(select(Job).where(Job.id == job_id, Job.state == "dead").with_for_update()).first()
    if job is None:
        raise NotFound
    waiting = job.key and db.exec(select(Job.id).where(Job.key == job.key, Job.state == "queued")).first()
    job.state = "done" if waiting else "queued"
    job.run_at, job.attempts, job.finished_at = now, 0, now if waiting else None
    db.add(job)
    audit.record(db, actor, "desk:job:retried", ("job", job.id), now=now, kind=job.kind)
