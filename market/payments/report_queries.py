"""Every SELECT of royalty reports. A report is seen by the two sides of its licence, and by the system."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, func, or_, select
from sqlmodel import Session

from market.accounts.models import Organisation
from market.kit.actor import Actor
from market.kit.errors import NotFound
from market.kit.money import Money
from market.payments.models import CalendarFeed, ReportLine, ReportVersion, RoyaltyLicence, RoyaltyReport, YearlyMinimum
from market.payments.queries import INVOICE, OBLIGATION
from market.payments.rules.reports import DUE, QUERIED, SENT, Place
from market.payments.rules.royalty_terms import RoyaltyTerms, from_plain
from market.payments.rules.working import Sale, Sales, Told

LICENCE: Any = RoyaltyLicence.__table__  # type: ignore[attr-defined]
REPORT: Any = RoyaltyReport.__table__  # type: ignore[attr-defined]
VERSION: Any = ReportVersion.__table__  # type: ignore[attr-defined]
LINE: Any = ReportLine.__table__  # type: ignore[attr-defined]
MINIMUM: Any = YearlyMinimum.__table__  # type: ignore[attr-defined]
FEED: Any = CalendarFeed.__table__  # type: ignore[attr-defined]
_LICENSOR: Any = Organisation.__table__.alias("licensor")  # type: ignore[attr-defined]
_LICENSEE: Any = Organisation.__table__.alias("licensee")  # type: ignore[attr-defined]


@dataclass(frozen=True)
class LicenceRow:
    """A running licence with the names of its sides."""

    deal_id: str
    licensor_id: str
    licensee_id: str
    licensor: str
    licensee: str
    number: str
    title: str
    begins_on: date
    ends_on: date | None
    terms: RoyaltyTerms


@dataclass(frozen=True)
class ReportRow:
    """A report with its licence."""

    id: str
    period: str
    starts_on: date
    ends_on: date
    due_on: date
    state: str
    latest: int
    approved: int
    question: str
    licence: LicenceRow

    @property
    def year(self) -> int:
        """The calendar year it counts in."""
        return self.ends_on.year

    def overdue(self, today: date) -> bool:
        """Whether it should have been sent before `today`."""
        return self.state == DUE and self.due_on < today


@dataclass(frozen=True)
class VersionRow:
    """One telling of a report."""

    id: str
    report_id: str
    number: int
    sent_at: datetime
    person_name: str
    royalty: Money
    note: str
    sales: Sales


_LICENCES = (
    select(*LICENCE.c, _LICENSOR.c.name.label("licensor"), _LICENSEE.c.name.label("licensee"))
    .join(_LICENSOR, _LICENSOR.c.id == LICENCE.c.licensor_id)
    .join(_LICENSEE, _LICENSEE.c.id == LICENCE.c.licensee_id)
)
_REPORTS = (
    select(
        *REPORT.c,
        *(column for column in LICENCE.c if column.name not in ("deal_id", "created_at")),
        _LICENSOR.c.name.label("licensor"),
        _LICENSEE.c.name.label("licensee"),
    )
    .join(LICENCE, LICENCE.c.deal_id == REPORT.c.deal_id)
    .join(_LICENSOR, _LICENSOR.c.id == LICENCE.c.licensor_id)
    .join(_LICENSEE, _LICENSEE.c.id == LICENCE.c.licensee_id)
)
_MINE = or_(LICENCE.c.licensor_id == bindparam("organisation"), LICENCE.c.licensee_id == bindparam("organisation"))
_REPORT = _REPORTS.where(REPORT.c.id == bindparam("id"))
_MY_REPORTS = _REPORTS.where(_MINE).order_by(REPORT.c.due_on.desc(), REPORT.c.id.desc())
_MY_LICENCES = _LICENCES.where(_MINE).order_by(LICENCE.c.number)
_OF_DEAL = _REPORTS.where(REPORT.c.deal_id == bindparam("deal")).order_by(REPORT.c.ends_on)
_WAITING = _REPORTS.where(REPORT.c.state.in_((DUE, QUERIED)), REPORT.c.due_on <= bindparam("by")).order_by(REPORT.c.id)
_VERSIONS = (
    select(*VERSION.c)
    .where(VERSION.c.report_id.in_(bindparam("reports", expanding=True)))
    .order_by(VERSION.c.report_id, VERSION.c.number)
)
_LINES = (
    select(*LINE.c)
    .where(LINE.c.version_id.in_(bindparam("versions", expanding=True)))
    .order_by(LINE.c.version_id, LINE.c.position)
)
_PLACES = (
    select(REPORT.c.id, REPORT.c.period, REPORT.c.state, REPORT.c.ends_on)
    .where(REPORT.c.deal_id == bindparam("deal"))
    .order_by(REPORT.c.ends_on)
)
_MINIMUMS = select(*MINIMUM.c).where(MINIMUM.c.deal_id == bindparam("deal"))
_INVOICED = select(func.coalesce(func.sum(OBLIGATION.c.amount_minor), 0)).where(
    OBLIGATION.c.deal_id == bindparam("deal"), OBLIGATION.c.kind.in_(("royalty", "annual_minimum"))
)
_INVOICES = (
    select(INVOICE.c.id, OBLIGATION.c.key)
    .join(OBLIGATION, OBLIGATION.c.id == INVOICE.c.obligation_id)
    .where(OBLIGATION.c.deal_id == bindparam("deal"), OBLIGATION.c.kind == "royalty")
)
_ORGANISATION_OF = select(FEED.c.organisation_id).where(FEED.c.token == bindparam("token"))
_FEED_OF = select(FEED.c.token).where(FEED.c.organisation_id == bindparam("organisation"))
_COUNT_SENT = (
    select(func.count())
    .select_from(REPORT.join(LICENCE, LICENCE.c.deal_id == REPORT.c.deal_id))
    .where(LICENCE.c.licensor_id == bindparam("organisation"), REPORT.c.state == SENT)
)


def _licence(row: Any) -> LicenceRow:
    given = row._mapping
    fields: dict[str, Any] = {name: given[name] for name in LicenceRow.__dataclass_fields__}
    return LicenceRow(**(fields | {"terms": from_plain(given["terms"])}))


def _report(row: Any) -> ReportRow:
    given = row._mapping
    fields: dict[str, Any] = {name: given[name] for name in ReportRow.__dataclass_fields__ if name != "licence"}
    return ReportRow(**fields, licence=_licence(row))


def report(db: Session, actor: Actor, report_id: str) -> ReportRow:
    """A report of one of the actor's licences; NotFound."""
    row = db.execute(_REPORT, {"id": report_id}).first()
    sides = (row.licensor_id, row.licensee_id) if row else ()
    if row is None or not (actor.is_system or (actor.organisation_id and actor.organisation_id in sides)):
        raise NotFound
    return _report(row)


def reports_of(db: Session, organisation_id: str | None, *, page: int = 1, size: int = 500) -> list[ReportRow]:
    """The reports that an organisation sends or gets, the latest due first."""
    rows = db.execute(_MY_REPORTS.limit(size).offset((page - 1) * size), {"organisation": organisation_id})
    return [_report(row) for row in rows]


def reports_of_deal(db: Session, deal_id: str) -> list[ReportRow]:
    """All reports of a licence, in the order of their periods."""
    return [_report(row) for row in db.execute(_OF_DEAL, {"deal": deal_id})]


def licences(db: Session, organisation_id: str | None = None) -> list[LicenceRow]:
    """The running licences of an organisation on either side; of everybody without one."""
    if organisation_id is None:
        return [_licence(row) for row in db.execute(_LICENCES)]
    return [_licence(row) for row in db.execute(_MY_LICENCES, {"organisation": organisation_id})]


def waiting(db: Session, *, by: date) -> list[ReportRow]:
    """Reports that their licensees still have to send, due by a day; for reminders."""
    return [_report(row) for row in db.execute(_WAITING, {"by": by})]


def versions(db: Session, reports: Iterable[str]) -> list[VersionRow]:
    """All versions of some reports with their lines, by report and number."""
    heads = db.execute(_VERSIONS, {"reports": list(reports)}).all()
    lines: dict[str, list[Sale]] = {head.id: [] for head in heads}
    for row in db.execute(_LINES, {"versions": list(lines)}) if lines else ():
        lines[row.version_id].append(_sale(row))
    return [
        VersionRow(
            head.id,
            head.report_id,
            head.number,
            head.sent_at,
            head.person_name,
            Money(head.royalty_minor, head.currency),
            head.note,
            Sales(tuple(lines[head.id]), Money(head.third_party_minor, head.currency)),
        )
        for head in heads
    ]


def _sale(row: Any) -> Sale:
    return Sale(
        product=row.product,
        country=row.country,
        gross=Money(row.gross_minor, row.currency),
        deductions={kind: Money(minor, row.currency) for kind, minor in row.deductions.items()},
        humanitarian=row.humanitarian,
        own=Decimal(row.own) if row.own else None,
        other=Decimal(row.other) if row.other else None,
        rate=Decimal(row.rate),
        rate_on=row.rate_on,
        rate_source=row.rate_source,
    )


def places(db: Session, deal_id: str) -> dict[str, Place]:
    """Where each report of a licence stands, by its id, in the order of the periods."""
    return {row.id: Place(row.period, row.state, row.ends_on) for row in db.execute(_PLACES, {"deal": deal_id})}


def told(
    db: Session, of: list[ReportRow], *, instead: tuple[str, Sales] | None = None, latest: bool = False
) -> list[Told]:
    """What reports (in order) count with: their approved versions, or the latest ones; `instead` for one of them."""
    every = {(each.report_id, each.number): each.sales for each in versions(db, [each.id for each in of])}
    found = []
    for each in of:
        sales = every.get((each.id, each.latest if latest else each.approved))
        if instead is not None and instead[0] == each.id:
            sales = instead[1]
        if sales is not None:
            found.append(Told(each.year, sales))
    return found


def minimums(db: Session, deal_id: str) -> dict[int, Money]:
    """The yearly minimums that were counted, by year."""
    return {row.year: Money(row.minimum_minor, row.currency) for row in db.execute(_MINIMUMS, {"deal": deal_id})}


def invoiced(db: Session, licence: LicenceRow) -> Money:
    """What was invoiced for royalties and minimums of a licence so far."""
    return Money(int(db.execute(_INVOICED, {"deal": licence.deal_id}).scalar_one()), licence.terms.currency)


def invoices_by_key(db: Session, deal_id: str) -> dict[str, str]:
    """The invoices for royalties of a licence: report version (`2027-Q1:v1`) to invoice."""
    return {row.key: row.id for row in db.execute(_INVOICES, {"deal": deal_id})}


def waiting_for_approval(db: Session, actor: Actor) -> int:
    """How many reports wait for the licensor's approval."""
    return int(db.execute(_COUNT_SENT, {"organisation": actor.organisation_id}).scalar_one())


# --- the calendar's address


def feed_of(db: Session, organisation_id: str | None) -> str | None:
    """The secret part of the address of an organisation's calendar; None before one was made."""
    row = db.execute(_FEED_OF, {"organisation": organisation_id}).first()
    return row.token if row else None


def organisation_of_feed(db: Session, token: str) -> str:
    """Whose calendar an address shows; NotFound."""
    row = db.execute(_ORGANISATION_OF, {"token": token}).first()
    if row is None:
        raise NotFound
    return str(row.organisation_id)
