"""Royalty reports: opened by the clock, sent by the licensee, approved by the licensor, corrected by new versions.

What an approval costs is what all approved reports owe, with the minimums counted so far, less what was invoiced before:
a correction thus invoices the difference, or leaves a credit for the next report. Nothing that was sent is ever changed.
"""

from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session

from market.accounts import queries as accounts
from market.accounts.rules import Permission
from market.kit import audit, mail
from market.kit.actor import SYSTEM, Actor
from market.kit.errors import Forbidden, NotFound, Refusal, Refused, Stale
from market.kit.i18n import _
from market.kit.money import Money
from market.payments import report_queries as queries
from market.payments.models import ReportLine, ReportVersion, RoyaltyLicence, RoyaltyReport, YearlyMinimum
from market.payments.report_queries import LicenceRow, ReportRow
from market.payments.rules import reports, royalties
from market.payments.rules.periods import periods
from market.payments.rules.royalty_terms import SignedLicence, to_plain
from market.payments.rules.working import Sales, Working, charge, owed_in_all, work_out_all
from market.payments.service.invoicing import open_obligation

# --- by the clock


def begin(db: Session, licence: SignedLicence, *, now: datetime) -> None:
    """Note a licence that runs from now on; told again, nothing happens."""
    if db.get(RoyaltyLicence, licence.deal_id) is not None:
        return
    db.add(
        RoyaltyLicence(
            deal_id=licence.deal_id,
            licensor_id=licence.licensor_id,
            licensee_id=licence.licensee_id,
            number=licence.number,
            title=licence.title,
            begins_on=licence.begins_on,
            ends_on=licence.ends_on,
            created_at=now,
            terms=to_plain(licence.terms),
        )
    )
    db.flush()


def open_reports(db: Session, licence: LicenceRow, *, now: datetime) -> int:
    """Open a report for each period that has ended; give how many are new."""
    terms, today = licence.terms, now.date()
    if not terms.reported:
        return 0
    known = {each.period for each in queries.places(db, licence.deal_id).values()}
    new = 0
    for period in periods(
        licence.begins_on, licence.ends_on, months=terms.months, grace_days=terms.grace_days, until=today
    ):
        if period.ends_on < today and period.key not in known:
            db.add(
                RoyaltyReport(
                    deal_id=licence.deal_id,
                    period=period.key,
                    starts_on=period.starts_on,
                    ends_on=period.ends_on,
                    due_on=max(period.due_on, (licence.begins_on + timedelta(days=terms.grace_days))),
                    created_at=now,
                )
            )
            new += 1
    db.flush()
    return new


def charge_minimums(db: Session, licence: LicenceRow, *, now: datetime) -> int:
    """Count the minimum of each year that is at its day, once, and invoice what is missing; give how many were counted."""
    minimum, today, done = licence.terms.minimum, now.date(), 0
    if minimum is None:
        return 0
    _lock(db, licence.deal_id)
    counted = queries.minimums(db, licence.deal_id)
    for year in range(licence.begins_on.year, today.year + 1):
        amount = royalties.minimum_of(minimum, year, licence.begins_on, ends_on=licence.ends_on)
        day = royalties.minimum_day(minimum, year, licence.begins_on, licence.terms.grace_days)
        if year in counted or not amount or today < day:
            continue
        counted[year] = amount
        told = queries.told(db, queries.reports_of_deal(db, licence.deal_id))
        due = charge(owed_in_all(licence.terms, told, counted), queries.invoiced(db, licence))
        db.add(
            YearlyMinimum(
                deal_id=licence.deal_id,
                year=year,
                minimum_minor=amount.minor,
                charged_minor=due.invoiced.minor,
                currency=amount.currency,
                created_at=now,
            )
        )
        _invoice(
            db,
            licence,
            due.invoiced,
            kind="annual_minimum",
            key=str(year),
            label=str(year),
            now=now,
            due_on=royalties.minimum_due(minimum, year, today),
        )
        done += 1
    return done


def remind(db: Session, report: ReportRow, *, now: datetime) -> None:
    """Tell the licensee of a report that is soon due or late; each reminder goes out once."""
    day = reports.reminder(report.due_on, now.date())
    if day is not None:
        kind = "report_due" if day < 0 else "report_late"
        _tell(db, report, report.licence.licensee_id, kind, f"{report.id}:{day}")


# --- by the licensee


def send_report(db: Session, actor: Actor, report_id: str, sales: Sales, *, note: str = "", now: datetime) -> ReportRow:
    """Send what was sold in a period; also in place of what was sent before, or to correct what was approved.

    Raises NotFound, Forbidden, and Refused: an earlier period is missing, or the lines do not fit the licence.
    """
    report = _of(db, actor, report_id, licensee=True)
    places = queries.places(db, report.licence.deal_id)
    refusal = reports.may_send(list(places.values()), report.ends_on) or reports.fault(report.licence.terms, sales)
    if refusal:
        raise Refused(refusal)
    working = preview(db, report, sales)
    row = _to_change(db, report_id)
    row.latest += 1
    row.state, row.question = reports.SENT, ""
    version = ReportVersion(
        report_id=row.id,
        number=row.latest,
        sent_at=now,
        person_id=actor.person_id,
        person_name=actor.person_name,
        third_party_minor=working.third_party.minor,
        royalty_minor=working.royalty.minor,
        currency=working.royalty.currency,
        note=note,
    )
    db.add_all((row, version))
    db.flush()
    db.add_all(_lines(version.id, sales))
    db.flush()
    audit.record(
        db, actor, "payments:report:sent", row, now=now, period=row.period, version=row.latest, royalty=working.royalty
    )
    sent = queries.report(db, SYSTEM, report_id)
    _tell(db, sent, sent.licence.licensor_id, "report_sent", f"{sent.id}:{sent.latest}:sent")
    return sent


def preview(db: Session, report: ReportRow, sales: Sales) -> Working:
    """What a report with these sales would earn, after the latest versions of the earlier reports."""
    all_ = queries.reports_of_deal(db, report.licence.deal_id)
    until = [each for each in all_ if each.ends_on <= report.ends_on]
    told = queries.told(db, until, instead=(report.id, sales), latest=True)
    return work_out_all(report.licence.terms, told)[-1]


def _lines(version_id: str, sales: Sales) -> list[ReportLine]:
    return [
        ReportLine(
            version_id=version_id,
            position=position,
            product=sale.product,
            country=sale.country,
            currency=sale.gross.currency,
            gross_minor=sale.gross.minor,
            humanitarian=sale.humanitarian,
            own="" if sale.own is None else str(sale.own),
            other="" if sale.other is None else str(sale.other),
            rate=str(sale.rate),
            rate_on=sale.rate_on,
            rate_source=sale.rate_source,
            deductions={kind: amount.minor for kind, amount in sale.deductions.items()},
        )
        for position, sale in enumerate(sales.lines, start=1)
    ]


# --- by the licensor


def approve_report(db: Session, actor: Actor, report_id: str, version: int, *, now: datetime) -> ReportRow:
    """Let the version on the screen count, and invoice what it adds; raises NotFound, Forbidden, Stale, Refused."""
    report = _waiting_for(db, actor, report_id, version)
    places = queries.places(db, report.licence.deal_id)
    refusal = reports.may_approve(list(places.values()), report.ends_on, report.state)
    if refusal:
        raise Refused(refusal)
    row = _to_change(db, report_id)
    row.state, row.approved = reports.APPROVED, version
    db.add(row)
    db.flush()
    licence = report.licence
    told = queries.told(db, queries.reports_of_deal(db, licence.deal_id))
    owed = owed_in_all(licence.terms, told, queries.minimums(db, licence.deal_id))
    due = charge(owed, queries.invoiced(db, licence))
    audit.record(
        db,
        actor,
        "payments:report:approved",
        row,
        now=now,
        period=row.period,
        version=version,
        invoiced=due.invoiced,
        credit=due.credit,
    )
    key = f"{report.period}:v{version}"
    _invoice(db, licence, due.invoiced, kind="royalty", key=key, label=report.period, now=now, actor=actor)
    if not due.invoiced:
        _tell(db, report, licence.licensee_id, "report_approved", f"{report.id}:{version}:approved", credit=due.credit)
    return queries.report(db, actor, report_id)


def query_report(db: Session, actor: Actor, report_id: str, version: int, question: str, *, now: datetime) -> ReportRow:
    """Ask about the version on the screen: the licensee answers with a new one."""
    report = _waiting_for(db, actor, report_id, version)
    if report.state != reports.SENT:
        raise Refused(Refusal("not_waiting", _("This report does not wait for your approval.")))
    row = _to_change(db, report_id)
    row.state, row.question = reports.QUERIED, question
    db.add(row)
    db.flush()
    audit.record(db, actor, "payments:report:queried", row, now=now, version=version, question=question)
    asked = queries.report(db, actor, report_id)
    _tell(db, asked, asked.licence.licensee_id, "report_queried", f"{asked.id}:{version}:queried")
    return asked


# --- parts


def _of(db: Session, actor: Actor, report_id: str, *, licensee: bool) -> ReportRow:
    """The report, if the actor is of the side that does this, its licence locked until the transaction ends."""
    report = queries.report(db, actor, report_id)
    side = report.licence.licensee_id if licensee else report.licence.licensor_id
    if actor.organisation_id != side or not actor.may(Permission.PAY if licensee else Permission.SEE_MONEY):
        raise Forbidden
    _lock(db, report.licence.deal_id)
    return queries.report(db, actor, report_id)


def _waiting_for(db: Session, actor: Actor, report_id: str, version: int) -> ReportRow:
    report = _of(db, actor, report_id, licensee=False)
    if report.latest != version:
        raise Stale
    return report


def _lock(db: Session, deal_id: str) -> None:
    """Reports of a licence are sent and approved one after the other."""
    db.get(RoyaltyLicence, deal_id, with_for_update=True, populate_existing=True)


def _to_change(db: Session, report_id: str) -> RoyaltyReport:
    row = db.get(RoyaltyReport, report_id, populate_existing=True)
    if row is None:
        raise NotFound
    return row


def _invoice(
    db: Session,
    licence: LicenceRow,
    amount: Money,
    *,
    kind: str,
    key: str,
    label: str,
    now: datetime,
    actor: Actor = SYSTEM,
    due_on: date | None = None,
) -> None:
    if amount:
        open_obligation(
            db,
            deal_id=licence.deal_id,
            licensor_id=licence.licensor_id,
            licensee_id=licence.licensee_id,
            kind=kind,
            key=key,
            amount=amount,
            due_on=due_on or now.date() + reports.PAY_WITHIN,
            description=f"{licence.number} – {label} – {licence.title}"[:200],
            now=now,
            actor=actor,
        )


def _tell(db: Session, report: ReportRow, to: str, kind: str, key: str, **more: Any) -> None:
    licence = report.licence
    asked = Permission.PAY if to == licence.licensee_id else Permission.SEE_MONEY
    for person in accounts.people_who_may(db, to, asked):
        mail.queue(
            db,
            to=person.email,
            template="payments/mail/report",
            locale=person.locale,
            key=f"{kind}:{key}:{person.id}",
            context={
                "kind": kind,
                "name": person.name,
                "report": report.id,
                "period": report.period,
                "licence": f"{licence.number} – {licence.title}",
                "licensor": licence.licensor,
                "licensee": licence.licensee,
                "due_on": report.due_on.isoformat(),
                "question": report.question,
            }
            | {name: audit.plain(value) for name, value in more.items()},
        )
