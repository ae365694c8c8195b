"""Pages and actions of money, and the address that the rail writes to."""

from itertools import groupby
from math import ceil

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from market.accounts.rules import Permission
from market.kit import clock
from market.kit.actor import Actor
from market.kit.errors import NotFound
from market.kit.forms import FormState, NoForm
from market.kit.i18n import _, translate
from market.kit.money import Money
from market.kit.runtime import Work, runtime
from market.kit.web import page, page_number, raw, redirect, render, steps
from market.payments import pages, policy, queries
from market.payments.gateway import ForgedWebhook, GatewayError, PaymentGateway
from market.payments.queries import AccountRow
from market.payments.rules import attempts
from market.payments.service import inbox, paying

PAGE_SIZE = 25
MOST_WEBHOOK_BYTES = 1024 * 1024


@page(permission=Permission.SEE_MONEY)
def list_invoices(request: Request, db: Session, actor: Actor) -> Response:
    """What the organisation owes or is owed, newest first."""
    number = page_number(request)
    found, count = queries.invoices_of(db, actor, page=number, size=PAGE_SIZE)
    today = clock.now().date()
    items = [
        pages.InvoiceItem(
            invoice,
            pages.state_of(invoice, today),
            invoice.seller["name"] if invoice.licensee_id == actor.organisation_id else invoice.buyer["name"],
        )
        for invoice in found
    ]
    return render(
        request,
        pages.InvoicesPage(
            title=translate(_("Invoices")),
            items=items,
            open_sums=queries.open_sums(db, actor),
            owes=not _licenses_out(actor),
            has_ledger=_licenses_out(actor),
            number=number,
            last=max(1, ceil(count / PAGE_SIZE)),
        ),
    )


def _licenses_out(actor: Actor) -> bool:
    return actor.organisation_kind in ("university", "institute")


@page(permission=Permission.SEE_MONEY)
def show_invoice(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """One invoice: what is due, what was paid, what to do next."""
    invoice = queries.invoice(db, actor, request.path_params["invoice"])
    tries = queries.attempts_of(db, invoice.id)
    owes = invoice.licensee_id == actor.organisation_id
    on_its_way = any(each.state == attempts.PROCESSING for each in tries)
    shown = pages.InvoicePage(
        title=invoice.label,
        invoice=invoice,
        state=pages.state_of(invoice, clock.now().date()),
        kind=pages.KINDS[invoice.kind],
        lines=queries.lines(db, invoice),
        net=invoice.total - invoice.tax,
        payments=[(each, pages.RAILS[each.rail]) for each in queries.payments_of(db, invoice.id)],
        attempts=[(each, pages.ATTEMPT_STATES[each.state]) for each in tries] if owes else [],
        owes=owes,
        may_pay=owes and bool(invoice.due) and not on_its_way and actor.may(Permission.PAY),
        on_its_way=on_its_way,
        problem=form.message if form else "",
        deal_url=deal_url(request, actor, invoice.deal_id),
    )
    return render(request, shown)


def deal_url(request: Request, actor: Actor, deal_id: str) -> str:
    """The address of the deal, where its pages are there to be seen."""
    if not actor.may(Permission.SEE_DEALS):
        return ""
    try:
        return runtime(request).templates.addresses.path("deals:show_deal", deal=deal_id)
    except KeyError:
        return ""


@steps(NoForm, permission=Permission.PAY, again=show_invoice)
def pay(request: Request, work: Work, actor: Actor, _form: NoForm) -> Response:
    """Send the payer to the hosted page; a second tab gets the page of the first."""
    invoice_id = request.path_params["invoice"]
    url = paying.start_payment(
        work, work.gateway(PaymentGateway), actor, invoice_id, _addresses(request, work), now=clock.now()
    )
    if url is None:
        return redirect(request, "payments:show_invoice", invoice=invoice_id)
    # The sandbox lives on this site: stay at whatever name of it the payer used, where the session is.
    own = url.startswith(work.base_url + "/")
    return RedirectResponse(url.removeprefix(work.base_url) if own else url, status_code=303)


def _addresses(request: Request, work: Work) -> paying.Addresses:
    path = runtime(request).templates.addresses.path
    return paying.Addresses(
        success=lambda invoice: work.base_url + path("payments:return_from_checkout", invoice=invoice),
        cancel=lambda invoice: work.base_url + path("payments:show_invoice", invoice=invoice),
    )


@page(permission=Permission.SEE_MONEY)
def return_from_checkout(request: Request, db: Session, actor: Actor) -> Response:
    """Where the payer comes back to. Asks the rail how it stands; that somebody came back proves nothing."""
    invoice = queries.invoice(db, actor, request.path_params["invoice"])
    living = queries.living_attempt(db, invoice.id)
    state = living.state if living else attempts.SUCCEEDED
    if living is not None:
        work = Work(request)
        try:
            state = paying.sync_attempt(work, work.gateway(PaymentGateway), living.id, now=clock.now())
        except GatewayError:
            state = attempts.PROCESSING
    kind, sentence = _WELCOME.get(state, ("info", _("Nothing was paid.")))
    if state == attempts.SUCCEEDED and queries.invoice(db, actor, invoice.id).due:
        kind, sentence = "info", _("Nothing was paid.")
    return redirect(request, "payments:show_invoice", flash=sentence, kind=kind, invoice=invoice.id)


_WELCOME = {
    attempts.SUCCEEDED: ("success", _("Paid. Thank you. A receipt is on its way to you.")),
    attempts.PROCESSING: ("info", _("Your payment is on its way. This page shows it as soon as the bank confirms it.")),
    attempts.FAILED: ("error", _("The payment did not go through. Nothing was charged.")),
}


@page(permission=Permission.SEE_MONEY)
def show_ledger(request: Request, db: Session, actor: Actor) -> Response:
    """The licensor's own book."""
    book = policy.own_book(actor)
    number = page_number(request)
    entries, count = queries.entries(db, book, page=number, size=PAGE_SIZE)
    return render(
        request,
        pages.LedgerPage(
            title=translate(_("Ledger")),
            currencies=_by_currency(queries.trial_balance(db, book)),
            entries=entries,
            accounts=pages.ACCOUNTS,
            events=pages.EVENTS,
            number=number,
            last=max(1, ceil(count / PAGE_SIZE)),
        ),
    )


def _by_currency(rows: list[AccountRow]) -> list[pages.CurrencySums]:
    sums = []
    for currency, group in groupby(rows, key=lambda row: row.currency):
        accounts = list(group)
        nothing = Money(0, currency)
        sums.append(
            pages.CurrencySums(
                currency,
                [(pages.ACCOUNTS[row.account], row) for row in accounts],
                sum((row.debit for row in accounts), nothing),
                sum((row.credit for row in accounts), nothing),
            )
        )
    return sums


@raw
def receive_webhook(request: Request, work: Work, body: bytes) -> Response:
    """Take in news from the rail: 404 without a secret, 400 for what is not signed by it, 200 once it is kept."""
    gateway = work.gateway(PaymentGateway)
    if not gateway.webhook_secrets:
        raise NotFound
    now = clock.now()
    if len(body) > MOST_WEBHOOK_BYTES:
        return PlainTextResponse("too large\n", 413)
    try:
        event = gateway.verify_webhook(body, request.headers.get("stripe-signature", ""), now=now)
    except ForgedWebhook:
        return PlainTextResponse("not signed by the payment service\n", 400)
    with work.write() as db:
        inbox.take_in(db, gateway, event, body, now=now)
    return PlainTextResponse("taken\n")
