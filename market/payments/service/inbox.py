"""News from the rail: kept raw, once; handled later by asking the rail for the truth. What the news says is not believed."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from market.kit import jobs
from market.kit.ids import new_id
from market.payments import queries
from market.payments.gateway import GatewayUnknown, PaymentGateway, RailEvent
from market.payments.queries import EVENT
from market.payments.service.paying import Units
from market.payments.service.settling import settle

HANDLE = "payments.handle_event"
GIVE_UP_AFTER = timedelta(days=3)

FOLLOWED = (
    "checkout.session.",
    "payment_intent.",
    "charge.succeeded",
    "charge.failed",
    "charge.pending",
    "charge.updated",
)
# Money that moves in ways which no rule books yet: a human looks at it.
FOR_A_HUMAN = ("charge.refund", "refund.", "charge.dispute.", "payout.")


class NotYet(Exception):
    """The rail does not know the object of an event yet; ask again `after` seconds."""

    def __init__(self, after: float) -> None:
        self.after = after
        super().__init__(f"again in {after:.0f} s")


def take_in(db: Session, gateway: PaymentGateway, event: RailEvent, body: bytes, *, now: datetime) -> str | None:
    """Keep an event and have it handled; None when it is known. One of another mode or account is kept apart."""
    expected = event.livemode == (gateway.mode == "live") and event.account == gateway.account
    mode = gateway.mode if expected else ("live" if event.livemode else "test")
    if queries.event_known(db, mode=mode, account=event.account, event_id=event.id):
        return None
    row_id = new_id()
    values = {
        "id": row_id,
        "mode": mode,
        "account": event.account,
        "event_id": event.id,
        "type": event.type,
        "object_type": event.object_type,
        "object_id": event.object_id,
        "state": "received" if expected else "quarantined",
        "received_at": now,
        "note": "" if expected else "of another mode or account",
        "body": body,
    }
    try:
        with db.begin_nested():
            db.execute(insert(EVENT).values(**values))
    except IntegrityError:  # the same event came in twice at this moment
        return None
    if expected:
        jobs.enqueue(db, HANDLE, {"event": row_id}, key=f"{HANDLE}:{row_id}")
    return row_id


def handle(units: Units, gateway: PaymentGateway, event_row_id: str, *, now: datetime) -> str:
    """Do what an event asks for: look at its object and book what is true. Gives the state; raises NotYet, GatewayError."""
    with units.read() as db:
        event = queries.webhook_event(db, event_row_id)
    if event is None or event.state != "received":
        return event.state if event else "ignored"
    if event.type.startswith(FOR_A_HUMAN):
        return _mark(units, event, "quarantined", "no rule books this by itself", now)
    if not event.type.startswith(FOLLOWED):
        return _mark(units, event, "ignored", "of no interest", now)
    try:
        sighting = gateway.find_session(event.object_type, event.object_id)
    except GatewayUnknown:
        return _not_yet(units, event, now)
    if sighting is None:
        return _mark(units, event, "ignored", "belongs to no page", now)
    with units.write() as db:
        state, note = _apply(db, sighting, now)
        _set(db, event, state, note, now)
    return state


def _apply(db: Session, sighting: Any, now: datetime) -> tuple[str, str]:
    metadata = sighting.seen.metadata
    installation = queries.installation(db)
    if installation is None or metadata.get("installation") != installation.id:
        return "ignored", "of another installation"
    attempt_id = metadata.get("attempt", "")
    if queries.attempt(db, attempt_id) is None:
        return "quarantined", "names an attempt that we do not have"
    settle(db, attempt_id, sighting, now=now)
    return "handled", ""


def _not_yet(units: Units, event: Any, now: datetime) -> str:
    """Wait as long again as it has waited already, for three days."""
    age = now - event.received_at
    if age > GIVE_UP_AFTER:
        return _mark(units, event, "quarantined", "the rail never knew its object", now)
    raise NotYet(min(max(age.total_seconds(), 2), 3600))


def _mark(units: Units, event: Any, state: str, note: str, now: datetime) -> str:
    with units.write() as db:
        _set(db, event, state, note, now)
    return state


def _set(db: Session, event: Any, state: str, note: str, now: datetime) -> None:
    db.execute(
        update(EVENT)
        .where(EVENT.c.id == event.id, EVENT.c.state == "received")
        .values(state=state, note=note, handled_at=now)
    )


def catch_up(units: Units, gateway: PaymentGateway, *, now: datetime) -> int:
    """Ask the rail for the events of the last days and take in those that never came; give their number."""
    with units.read() as db:
        installation, last = queries.installation(db), queries.last_event_at(db)
    if installation is None:
        return 0
    since = max((last or installation.created_at) - GIVE_UP_AFTER, installation.created_at)
    found = 0
    for body in gateway.list_events(since=since):
        with units.write() as db:
            found += take_in(db, gateway, gateway.read_event(body), body, now=now) is not None
    return found
