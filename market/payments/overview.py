"""Money seen as a whole: what was paid by month, what is open and overdue, and what signed terms foresee."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import bindparam, select
from sqlmodel import Session

from market.kit.money import Money
from market.payments import calendar
from market.payments.queries import ALLOCATION, INVOICE, MINE, PAID, PAYMENT
from market.payments.rules.invoices import OWED

MONTHS = 12

_RECEIVED = (
    select(PAYMENT.c.received_at, ALLOCATION.c.amount_minor, ALLOCATION.c.currency)
    .join(ALLOCATION, ALLOCATION.c.payment_id == PAYMENT.c.id)
    .join(INVOICE, INVOICE.c.id == ALLOCATION.c.invoice_id)
    .where(MINE, PAYMENT.c.received_at >= bindparam("since"))
)
_OPEN = select(INVOICE.c.due_on, INVOICE.c.currency, (INVOICE.c.total_minor - PAID).label("minor")).where(
    MINE, INVOICE.c.state.in_(OWED)
)


@dataclass(frozen=True)
class Month:
    """A month by its first day, and a sum."""

    first: date
    sum: Money


@dataclass(frozen=True)
class InCurrency:
    """The money of an organisation in one currency. `foreseen` holds open invoices by their day, and agreed minimums."""

    currency: str
    received: tuple[Month, ...]
    foreseen: tuple[Month, ...]
    open: Money
    overdue: Money

    @property
    def received_sum(self) -> Money:
        """What was paid in the months shown."""
        return sum((month.sum for month in self.received), Money(0, self.currency))

    @property
    def foreseen_sum(self) -> Money:
        """What is foreseen in the months shown."""
        return sum((month.sum for month in self.foreseen), Money(0, self.currency))


def overview(db: Session, organisation_id: str, today: date) -> list[InCurrency]:
    """The last twelve months and the next, this one in both, by currency."""
    this = today.replace(day=1)
    back = [_month(this, -number) for number in range(MONTHS - 1, -1, -1)]
    ahead = [_month(this, number) for number in range(MONTHS)]
    mine = {"organisation": organisation_id}
    since = datetime.combine(back[0], time(), UTC)
    received = [
        (row.received_at.date(), Money(int(row.amount_minor), row.currency))
        for row in db.execute(_RECEIVED, mine | {"since": since})
    ]
    still = [(row.due_on, Money(int(row.minor), row.currency)) for row in db.execute(_OPEN, mine)]
    coming = [
        (max(item.on, today), item.amount)
        for item in calendar.due(db, organisation_id, today)
        if item.amount is not None
    ]
    every = sorted({money.currency for _day, money in (*received, *still, *coming)})
    return [
        InCurrency(
            currency,
            tuple(Month(first, _sum(received, currency, first)) for first in back),
            tuple(Month(first, _sum(coming, currency, first)) for first in ahead),
            _sum(still, currency),
            _sum(((day, money) for day, money in still if day < today), currency),
        )
        for currency in every
    ]


def _month(first: date, number: int) -> date:
    years, month = divmod(first.month - 1 + number, 12)
    return date(first.year + years, month + 1, 1)


def _sum(items: Iterable[tuple[date, Money]], currency: str, first: date | None = None) -> Money:
    """The sum of the items in a currency, of one month where its first day is given."""
    return sum(
        (
            money
            for day, money in items
            if money.currency == currency and (first is None or day.replace(day=1) == first)
        ),
        Money(0, currency),
    )
