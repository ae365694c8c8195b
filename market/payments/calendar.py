"""What is due when between the sides of licences: reports, payments, minimums. As a list, and as iCalendar (RFC 5545)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from market.kit.actor import Actor
from market.kit.i18n import _, format_money, translate
from market.kit.money import Money
from market.payments import queries, report_queries
from market.payments.report_queries import LicenceRow
from market.payments.rules import royalties
from market.payments.rules.invoices import OWED
from market.payments.rules.periods import periods
from market.payments.rules.reports import WITH_LICENSEE


@dataclass(frozen=True)
class CalendarItem:
    """Something that is due on a day; `what` is in the reader's language, `path` leads to it where it exists."""

    on: date
    what: str
    title: str
    other: str
    amount: Money | None = None
    path: str = ""
    late: bool = False
    key: str = ""


AHEAD = timedelta(days=400)
MOST_INVOICES = 200


def due(db: Session, organisation_id: str, today: date) -> list[CalendarItem]:
    """What an organisation has to do or to get from `today` on, and what is late, the nearest first."""
    licences = report_queries.licences(db, organisation_id)
    found = [item for licence in licences for item in _to_come(licence, organisation_id, today)]
    known = {item.key for item in found}
    for report in report_queries.reports_of(db, organisation_id):
        if report.state in WITH_LICENSEE:
            key = f"report:{report.licence.deal_id}:{report.period}"
            found = [item for item in found if item.key != key] if key in known else found
            found.append(
                CalendarItem(
                    report.due_on,
                    translate(_("Royalty report {period}"), period=report.period),
                    report.licence.title,
                    _other(report.licence, organisation_id),
                    path=f"/royalties/{report.id}",
                    late=report.due_on < today,
                    key=key,
                )
            )
    actor = Actor(organisation_id=organisation_id)
    for invoice in queries.invoices_of(db, actor, size=MOST_INVOICES)[0]:
        if invoice.state in OWED:
            found.append(
                CalendarItem(
                    invoice.due_on,
                    translate(_("Invoice {number}"), number=invoice.label),
                    invoice.title,
                    invoice.seller["name"] if invoice.licensee_id == organisation_id else invoice.buyer["name"],
                    invoice.due,
                    f"/invoices/{invoice.id}",
                    invoice.overdue(today),
                    f"invoice:{invoice.id}",
                )
            )
    return sorted(found, key=lambda item: (item.on, item.key))


def _other(licence: LicenceRow, organisation_id: str) -> str:
    return licence.licensor if licence.licensee_id == organisation_id else licence.licensee


def _to_come(licence: LicenceRow, organisation_id: str, today: date) -> list[CalendarItem]:
    """Reports and minimums that the terms foresee within a good year."""
    terms, other, found = licence.terms, _other(licence, organisation_id), []
    if terms.reported:
        for period in periods(
            licence.begins_on,
            licence.ends_on,
            months=terms.months,
            grace_days=terms.grace_days,
            until=today + AHEAD,
        ):
            if period.ends_on >= today and period.due_on <= today + AHEAD:
                found.append(
                    CalendarItem(
                        period.due_on,
                        translate(_("Royalty report {period}"), period=period.key),
                        licence.title,
                        other,
                        key=f"report:{licence.deal_id}:{period.key}",
                    )
                )
    return found + _minimums_to_come(licence, other, today)


def _minimums_to_come(licence: LicenceRow, other: str, today: date) -> list[CalendarItem]:
    minimum, found = licence.terms.minimum, []
    for year in range(max(today.year - 1, licence.begins_on.year), today.year + 2):
        if minimum is None:
            break
        amount = royalties.minimum_of(minimum, year, licence.begins_on, ends_on=licence.ends_on)
        day = royalties.minimum_day(minimum, year, licence.begins_on, licence.terms.grace_days)
        if amount and today <= day <= today + AHEAD:
            found.append(
                CalendarItem(
                    day,
                    translate(_("Minimum royalty {year}"), year=year),
                    licence.title,
                    other,
                    amount,
                    key=f"minimum:{licence.deal_id}:{year}",
                )
            )
    return found


def as_ics(items: Sequence[CalendarItem], *, base_url: str, now: datetime) -> str:
    """The items as an iCalendar file of whole days."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Ponte//Royalties//EN", "X-WR-CALNAME:Ponte"]
    for item in items:
        summary = f"{item.what} – {item.other}" + (f" – {format_money(item.amount)}" if item.amount else "")
        lines += [
            "BEGIN:VEVENT",
            f"UID:{item.key}@ponte",
            f"DTSTAMP:{now:%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{item.on:%Y%m%d}",
            f"DTEND;VALUE=DATE:{item.on + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_escaped(summary)}",
            f"DESCRIPTION:{_escaped(item.title)}",
            *([f"URL:{base_url}{item.path}"] if item.path else []),
            "END:VEVENT",
        ]
    return "".join(_folded(line) for line in [*lines, "END:VCALENDAR"])


def _escaped(text: str) -> str:
    for mark in ("\\", ";", ","):
        text = text.replace(mark, "\\" + mark)
    return " ".join(text.split())


def _folded(line: str) -> str:
    """At most 75 octets a line; what is left over follows after a space."""
    parts, size = [""], 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > 74:
            parts.append("")
            size = 0
        parts[-1] += letter
        size += octets
    return "\r\n ".join(parts) + "\r\n"
