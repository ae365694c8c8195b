"""Pages of royalty reports: the list with its calendar, one report, its form, and what both sides do with it."""

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts.pages import country_options
from market.accounts.rules import Permission
from market.kit import clock
from market.kit.actor import Actor
from market.kit.errors import Forbidden
from market.kit.forms import Form, FormState, NoForm
from market.kit.i18n import _, translate
from market.kit.runtime import runtime
from market.kit.web import action, page, redirect, render
from market.payments import calendar, forms, overview, pages
from market.payments import report_queries as queries
from market.payments.forms import QuestionForm, ReportForm, VersionForm
from market.payments.report_queries import ReportRow
from market.payments.rules import reports
from market.payments.rules.working import Sales, Working
from market.payments.service import feeding, reporting
from market.payments.views.money import deal_url

CURRENCIES = ("EUR", "USD", "GBP", "CHF", "DKK", "SEK", "NOK", "PLN", "JPY", "CNY", "KWD")
SPARE_ROWS = 2


@page(permission=Permission.SEE_MONEY)
def show_money(request: Request, db: Session, actor: Actor) -> Response:
    """What was paid, what is open and overdue, and what signed terms foresee."""
    found = overview.overview(db, actor.organisation_id or "", clock.now().date())
    title = translate(_("Money at a glance"))
    return render(request, pages.MoneyPage(title=title, currencies=found, licensee=actor.may(Permission.PAY)))


@page(permission=Permission.SEE_MONEY)
def list_reports(request: Request, db: Session, actor: Actor) -> Response:
    """The reports of the organisation's licences, and what is due when."""
    today = clock.now().date()
    found = queries.reports_of(db, actor.organisation_id)
    token = queries.feed_of(db, actor.organisation_id)
    run = runtime(request)
    path = run.templates.addresses.path
    return render(
        request,
        pages.RoyaltiesPage(
            title=translate(_("Royalties")),
            reports=[(each, pages.report_state(each, today)) for each in found],
            calendar=calendar.due(db, actor.organisation_id or "", today),
            licensee=actor.may(Permission.PAY),
            feed=run.base_url + path("payments:read_feed", token=token) if token else "",
        ),
    )


@page(permission=Permission.SEE_MONEY)
def show_report(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """One report with its working, and the next step."""
    report = queries.report(db, actor, request.path_params["report"])
    every = queries.versions(db, [report.id])
    last = every[-1] if every else None
    invoices = queries.invoices_by_key(db, report.licence.deal_id)
    licensee = actor.organisation_id == report.licence.licensee_id
    return render(
        request,
        pages.ReportPage(
            title=translate(_("Royalty report {period}"), period=report.period),
            report=report,
            state=pages.report_state(report, clock.now().date()),
            version=last,
            working=reporting.preview(db, report, last.sales) if last else None,
            versions=[(each, invoices.get(f"{report.period}:v{each.number}", "")) for each in reversed(every)],
            licensee=licensee,
            may_send=licensee and actor.may(Permission.PAY),
            may_decide=not licensee and report.state == reports.SENT,
            deductions=pages.DEDUCTIONS,
            form=form or FormState(),
            deal_url=deal_url(request, actor, report.licence.deal_id),
        ),
    )


@page(permission=Permission.PAY)
def write_report(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """The form of a report, prefilled from this one, or else from the one before."""
    report = queries.report(db, actor, request.path_params["report"])
    if actor.organisation_id != report.licence.licensee_id:
        raise Forbidden
    return _form_page(request, report, form or FormState.of(_start(db, report)))


def _start(db: Session, report: ReportRow) -> dict[str, str]:
    own = queries.versions(db, [report.id])
    if own:
        return forms.filled(own[-1].sales) | {"note": own[-1].note}
    before = [each for each in queries.reports_of_deal(db, report.licence.deal_id) if each.ends_on < report.ends_on]
    told = [each for each in queries.versions(db, [before[-1].id]) if each.sales.lines] if before else []
    return forms.filled(told[-1].sales, amounts=False) if told else {}


def _form_page(request: Request, report: ReportRow, form: FormState, working: Working | None = None) -> Response:
    used = [row for row in range(1, forms.ROWS + 1) if form.value(f"product_{row}") or form.value(f"gross_{row}")]
    terms = report.licence.terms
    return render(
        request,
        pages.ReportFormPage(
            title=translate(_("Report your sales of {period}"), period=report.period),
            report=report,
            form=form,
            rows=min(forms.ROWS, max(used, default=0) + SPARE_ROWS),
            countries=country_options(),
            currencies=[(code, code) for code in dict.fromkeys((terms.currency, *CURRENCIES))],
            deductions=[
                (each.kind, translate(pages.DEDUCTIONS.get(each.kind, each.kind))) for each in terms.deductions
            ],
            working=working,
        ),
    )


@action(ReportForm, permission=Permission.PAY, again=write_report)
def send_report(request: Request, db: Session, actor: Actor, form: Form) -> Response:
    """Work the report out to look at it, or send it."""
    report = queries.report(db, actor, request.path_params["report"])
    sales = forms.sales_of(form, report.licence.terms)
    if getattr(form, "step", "") == "check":
        if actor.organisation_id != report.licence.licensee_id:
            raise Forbidden
        return _form_page(request, report, FormState.of(form), reporting.preview(db, report, sales))
    reporting.send_report(db, actor, report.id, sales, note=getattr(form, "note", ""), now=clock.now())
    return _sent(request, report.id)


@action(NoForm, permission=Permission.PAY, again=show_report)
def send_nothing(request: Request, db: Session, actor: Actor, _form: NoForm) -> Response:
    """Report that nothing was sold."""
    report_id = request.path_params["report"]
    reporting.send_report(db, actor, report_id, Sales(), now=clock.now())
    return _sent(request, report_id)


def _sent(request: Request, report_id: str) -> Response:
    sentence = _("Sent. Your licensor checks it; the invoice follows.")
    return redirect(request, "payments:show_report", flash=sentence, report=report_id)


@action(VersionForm, permission=Permission.SEE_MONEY, again=show_report)
def approve_report(request: Request, db: Session, actor: Actor, form: VersionForm) -> Response:
    """Approve the version on the screen; the invoice goes out."""
    report = reporting.approve_report(db, actor, request.path_params["report"], form.version, now=clock.now())
    return redirect(request, "payments:show_report", flash=_("Approved."), report=report.id)


@action(QuestionForm, permission=Permission.SEE_MONEY, again=show_report)
def query_report(request: Request, db: Session, actor: Actor, form: QuestionForm) -> Response:
    """Ask about the version on the screen."""
    report_id = request.path_params["report"]
    reporting.query_report(db, actor, report_id, form.version, form.question, now=clock.now())
    return redirect(request, "payments:show_report", flash=_("Your question is on its way."), report=report_id)


# --- the calendar for programs


@action(NoForm, permission=Permission.SEE_MONEY, again=list_reports)
def make_feed(request: Request, db: Session, actor: Actor, _form: NoForm) -> Response:
    """Give the calendar a new secret address; the old one ends."""
    feeding.new_address(db, actor, now=clock.now())
    return redirect(request, "payments:list_reports", flash=_("The calendar has a new address."))


@page(permission=Permission.PUBLIC)
def read_feed(request: Request, db: Session, actor: Actor) -> Response:
    """The calendar of an organisation, for whoever knows its address."""
    del actor
    organisation_id = queries.organisation_of_feed(db, request.path_params["token"])
    now = clock.now()
    text = calendar.as_ics(calendar.due(db, organisation_id, now.date()), base_url=runtime(request).base_url, now=now)
    return Response(text, media_type="text/calendar", headers={"Cache-Control": "private, no-store"})
