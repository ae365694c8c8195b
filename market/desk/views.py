"""The operator's console."""

from datetime import timedelta

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from market.accounts import queries as accounts
from market.accounts.rules import KIND_LABELS, OrganisationKind, Permission
from market.accounts.service import organisations, people
from market.desk import pages, queries, service
from market.desk.forms import UnverifyForm
from market.desk.gateway import Outbox
from market.kit import audit, clock, jobs
from market.kit.actor import Actor
from market.kit.errors import Forbidden, NotFound
from market.kit.forms import FormState, NoForm
from market.kit.headers import content_security_policy
from market.kit.i18n import _
from market.kit.runtime import gateway, runtime
from market.kit.web import action, page, query, redirect, render
from market.needs import queries as needs

BEAT_LATE = timedelta(minutes=2)
MAILS = 100
FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-top-navigation-by-user-activation"
)
"""A mail's HTML may show itself and lead on by a click; it runs nothing, loads nothing, and is of no origin."""


@page(permission=Permission.OPERATE)
def show_desk(request: Request, db: Session, actor: Actor) -> Response:
    """What waits for the operator, and how the machine does."""
    counts = jobs.counts(db)
    beat = jobs.last_beat(db)
    return render(
        request,
        pages.DeskPage(
            waiting=[pages.organisation_view(row) for row in queries.waiting_organisations(db)],
            needs=needs.waiting(db, actor),
            jobs=[(state, counts.get(state, 0)) for state in jobs.STATES],
            last_beat=beat,
            late=beat is None or clock.now() - beat > BEAT_LATE,
            dead=queries.dead_jobs(db),
            mails=queries.last_mails(db),
            unsent=queries.unsent_mails(db),
            has_outbox=Outbox in runtime(request).gateways,
        ),
    )


@action(NoForm, permission=Permission.OPERATE)
def retry_job(request: Request, db: Session, actor: Actor, _form: NoForm) -> Response:
    """Queue a job again that was given up."""
    service.retry_job(db, actor, request.path_params["job"], now=clock.now())
    return redirect(request, "desk:show_desk", flash=_("The job is queued again."))


# --- organisations


@page(permission=Permission.OPERATE)
def list_organisations(request: Request, db: Session, _actor: Actor) -> Response:
    """All organisations, those that wait first."""
    rows = [pages.organisation_view(row) for row in accounts.organisations(db)]
    return render(request, pages.OrganisationsPage(organisations=rows))


@page(permission=Permission.OPERATE)
def show_organisation(request: Request, db: Session, _actor: Actor, form: FormState | None = None) -> Response:
    """An organisation, with all that there is to check."""
    row = accounts.organisation(db, request.path_params["organisation"])
    return render(
        request,
        pages.OrganisationPage(
            form=form or FormState(),
            organisation=row,
            kind=KIND_LABELS[OrganisationKind(row.kind)],
            people=[pages.person_view(each) for each in queries.people_at_desk(db, row.id)],
            events=queries.events(db, tag="", subject=row.id, before="")[:20],
        ),
    )


@action(NoForm, permission=Permission.OPERATE)
def verify_organisation(request: Request, db: Session, actor: Actor, _form: NoForm) -> Response:
    """Say that an organisation is what it says it is."""
    row = organisations.verify(db, actor, request.path_params["organisation"], now=clock.now())
    flash = _("The organisation is marked as checked, and its owners get a mail.")
    return redirect(request, "desk:show_organisation", flash=flash, organisation=row.id)


@action(UnverifyForm, permission=Permission.OPERATE, again=show_organisation)
def unverify_organisation(request: Request, db: Session, actor: Actor, form: UnverifyForm) -> Response:
    """Take the check back."""
    row = organisations.unverify(db, actor, request.path_params["organisation"], form.reason, now=clock.now())
    return redirect(request, "desk:show_organisation", flash=_("The check is taken back."), organisation=row.id)


@action(NoForm, permission=Permission.OPERATE)
def disable_person(request: Request, db: Session, actor: Actor, _form: NoForm) -> Response:
    """Shut a person out; it holds with their next request."""
    people.disable(db, actor, _person_of(request, db), now=clock.now())
    return _back(request, _("This person is shut out, in every organisation."))


@action(NoForm, permission=Permission.OPERATE)
def enable_person(request: Request, db: Session, actor: Actor, _form: NoForm) -> Response:
    """Let a person in again."""
    people.enable(db, actor, _person_of(request, db), now=clock.now())
    return _back(request, _("This person can sign in again."))


def _person_of(request: Request, db: Session) -> str:
    """The person of the address, if they belong to its organisation; NotFound."""
    wanted = str(request.path_params["person"])
    if all(wanted != each.id for each in queries.people_at_desk(db, request.path_params["organisation"])):
        raise NotFound
    return wanted


def _back(request: Request, flash: str) -> Response:
    organisation = request.path_params["organisation"]
    return redirect(request, "desk:show_organisation", flash=flash, organisation=organisation)


# --- the outbox


@page(permission=Permission.PUBLIC)
def show_outbox(request: Request, _db: Session, actor: Actor) -> Response:
    """The mails of the folder: for operators, and in a sample world for everybody."""
    denied = _denied(request, actor)
    if denied is not None:
        return denied
    outbox = _outbox(request)
    mails = [pages.mail_head(name, message) for name, message in outbox.newest(MAILS)] if outbox else []
    return render(request, pages.OutboxPage(kept=outbox is not None, mails=mails))


@page(permission=Permission.PUBLIC)
def show_mail(request: Request, _db: Session, actor: Actor) -> Response:
    """One mail: the text with links, the HTML half in a frame that can do nothing."""
    denied = _denied(request, actor)
    if denied is not None:
        return denied
    name = request.path_params["mail"]
    outbox = _outbox(request)
    message = outbox.message(name) if outbox else None
    if message is None:
        raise NotFound
    text = pages.linked(pages.body_of(message, "plain"), runtime(request).base_url)
    has_html = bool(pages.body_of(message, "html"))
    response = render(request, pages.MailPage(mail=pages.mail_head(name, message), text=text, has_html=has_html))
    response.headers["Content-Security-Policy"] = content_security_policy() + "; frame-src 'self'"
    return response


@page(permission=Permission.PUBLIC)
def show_mail_html(request: Request, _db: Session, actor: Actor) -> Response:
    """The HTML half of a mail, for the frame."""
    denied = _denied(request, actor)
    if denied is not None:
        return denied
    outbox = _outbox(request)
    message = outbox.message(request.path_params["mail"]) if outbox else None
    if message is None:
        raise NotFound
    html = pages.body_of(message, "html").replace("<head>", '<head><base target="_top">', 1)
    headers = {
        "Content-Security-Policy": FRAME_POLICY,
        "X-Frame-Options": "SAMEORIGIN",
        "Cache-Control": "private, no-store",
    }
    return HTMLResponse(html, headers=headers)


def _outbox(request: Request) -> Outbox | None:
    return gateway(request, Outbox) if Outbox in runtime(request).gateways else None


def _denied(request: Request, actor: Actor) -> Response | None:
    """The mails hold links that sign people in: they are open to everybody only where everybody is fictional."""
    if runtime(request).sample_world or actor.may(Permission.OPERATE):
        return None
    if actor.signed_in:
        raise Forbidden
    return redirect(request, "accounts:sign_in", flash=_("Please sign in first."), kind="info", next=request.url.path)


# --- the audit trail


@page(permission=Permission.OPERATE)
def list_events(request: Request, db: Session, _actor: Actor) -> Response:
    """The audit trail, newest first; with `check` every chain is walked."""
    asked = {name: query(request, name) for name in ("tag", "subject", "before")}
    found = queries.events(db, **asked)
    older = found[queries.PER_PAGE - 1].id if len(found) > queries.PER_PAGE else ""
    return render(
        request,
        pages.EventsPage(
            form=FormState.of(asked),
            events=[pages.event_view(row) for row in found[: queries.PER_PAGE]],
            older=older,
            checked=audit.verify(db) if query(request, "check") else None,
        ),
    )
