"""How often somebody may try: counted in the database before the trying, so that tries in parallel count too."""

from datetime import datetime

from sqlmodel import Session

from market.accounts import rules
from market.accounts.rules import Limit
from market.kit import ratelimit
from market.kit.actor import Actor


def _count(db: Session, key: str, limit: Limit, now: datetime) -> None:
    ratelimit.count(db, key, limit=limit.times, per=limit.per, now=now)


def count_sign_in(db: Session, actor: Actor, email: str, *, now: datetime) -> None:
    """Count a try to sign in; TooMany for an e-mail tried too often from here or everywhere, or for this address."""
    _count(db, f"sign-in:{email}:{actor.address}", rules.SIGN_IN_HERE, now)
    _count(db, f"sign-in:{email}", rules.SIGN_IN_EMAIL, now)
    _count(db, f"sign-in::{actor.address}", rules.SIGN_IN_ADDRESS, now)


def forget_sign_in(db: Session, actor: Actor, email: str) -> None:
    """Start the count of an e-mail from here anew, after it went well."""
    ratelimit.forget(db, f"sign-in:{email}:{actor.address}")


def count_mail(db: Session, actor: Actor, email: str, *, now: datetime) -> None:
    """Count a mail that somebody not signed in has us send to `email`; TooMany."""
    _count(db, f"mail-to:{email}", rules.MAILS_TO_EMAIL, now)
    _count(db, f"mail-from:{actor.address}", rules.MAILS_FROM_ADDRESS, now)


def count_invitation(db: Session, organisation_id: str, *, now: datetime) -> None:
    """Count an invitation of an organisation; TooMany."""
    _count(db, f"invite:{organisation_id}", rules.INVITATIONS, now)
