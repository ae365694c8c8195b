"""Registering, confirming the address, signing in and out."""

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts import queries, rules
from market.accounts.forms import ConfirmEmailForm, PlayForm, RegisterForm, SignInForm
from market.accounts.pages import ConfirmEmailPage, LinkGonePage, MailSentPage, RegisterPage, SignInPage, player_groups
from market.accounts.rules import Permission
from market.accounts.service import people, sessions, throttling
from market.accounts.service.sessions import SignedIn
from market.kit import clock, cookies, passwords
from market.kit.actor import Actor
from market.kit.errors import NotFound, Refusal, Refused, refuse
from market.kit.forms import FormState, NoForm
from market.kit.i18n import _
from market.kit.incoming import safe_path
from market.kit.runtime import Work, runtime
from market.kit.web import action, page, query, redirect, redirect_to, render, steps


@page(permission=Permission.PUBLIC)
def register(request: Request, _db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """The form to open an account."""
    if actor.signed_in:
        return redirect(request, "accounts:show_account")
    return render(request, RegisterPage(form=form or FormState()))


@steps(RegisterForm, permission=Permission.PUBLIC, again=register)
def open_account(request: Request, work: Work, actor: Actor, form: RegisterForm) -> Response:
    """Take in a new person; what the answer is, and how long it takes, is the same for a known address."""
    refuse(rules.password_refusal(form.password, form.email, form.name))
    password_hash = passwords.hashed(form.password)
    with work.write() as db:
        people.register(db, actor, form, password_hash, now=clock.now())
    return redirect(request, "accounts:show_mail_sent", purpose="register")


@page(permission=Permission.PUBLIC)
def show_mail_sent(request: Request, _db: Session, _actor: Actor) -> Response:
    """Look into your mail."""
    return render(request, MailSentPage(purpose="reset" if query(request, "purpose") == "reset" else "register"))


@page(permission=Permission.PUBLIC)
def confirm_email(request: Request, db: Session, _actor: Actor, form: FormState | None = None) -> Response:
    """Where the link of the mail leads: nothing changes until the form is sent."""
    token = request.path_params["token"]
    found = queries.email_token(db, token, "verify", now=clock.now())
    if found is None:
        return render(request, LinkGonePage(purpose="register"), 404)
    return render(request, ConfirmEmailPage(form=form or FormState(), token=token, email=found.email))


@steps(ConfirmEmailForm, permission=Permission.PUBLIC, again=confirm_email)
def prove_email(request: Request, work: Work, actor: Actor, form: ConfirmEmailForm) -> Response:
    """Confirm the address and sign in: whoever registered knows the password, whoever reads the mail has the link."""
    token, now = request.path_params["token"], clock.now()
    with work.write() as db:
        found = queries.email_token(db, token, "verify", now=now)
        if found is None:
            return render(request, LinkGonePage(purpose="register"), 404)
        throttling.count_sign_in(db, actor, found.email, now=now)
        known = queries.credentials(db, found.email)
    if not passwords.matches(known.password_hash if known else None, form.password):
        raise Refused(NOT_THE_PASSWORD)
    with work.write() as db:
        person_id = people.confirm_email(db, actor, token, now=now)
        begun = sessions.begin(db, actor, person_id, known.name if known else "", now=now)
    return _welcome(request, begun, "", _("Your address is confirmed, and you are signed in."))


NOT_THE_PASSWORD = Refusal(
    "wrong_password",
    _("This is not the password chosen at the registration. If you forgot it, ask for a new one."),
    "password",
)


@page(permission=Permission.PUBLIC)
def sign_in(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """The form to sign in; in a sample world also its people."""
    onward = safe_path(form.value("next") if form else query(request, "next"), "")
    if actor.signed_in:
        return redirect_to(request, onward or "/")
    groups = player_groups(queries.sample_people(db)) if runtime(request).sample_world else []
    return render(request, SignInPage(form=form or FormState(), next=onward, groups=groups))


@steps(SignInForm, permission=Permission.PUBLIC, again=sign_in)
def begin_session(request: Request, work: Work, actor: Actor, form: SignInForm) -> Response:
    """Sign in. The password is checked between two transactions, so that nobody waits for it."""
    now = clock.now()
    with work.write() as db:
        throttling.count_sign_in(db, actor, form.email, now=now)
        known = queries.credentials(db, form.email)
    right = passwords.matches(known.password_hash if known else None, form.password)
    with work.write() as db:
        outcome = sessions.sign_in(db, actor, form.email, known, right=right, now=now)
    if isinstance(outcome, Refusal):
        raise Refused(outcome)
    return _welcome(request, outcome, form.next)


@action(PlayForm, permission=Permission.PUBLIC)
def play_person(request: Request, db: Session, actor: Actor, form: PlayForm) -> Response:
    """One-click sign-in as somebody of the sample world; elsewhere there is no such address."""
    if not runtime(request).sample_world:
        raise NotFound
    known = queries.credentials(db, form.email)
    if known is None or not known.is_sample or known.disabled_at is not None:
        raise NotFound
    return _welcome(request, sessions.begin(db, actor, known.id, known.name, now=clock.now()), form.next)


def _welcome(request: Request, begun: SignedIn, onward: str, flash: str | None = None) -> Response:
    """Give the browser its session, and send it where it wanted to go, or to choose for whom to act."""
    if safe_path(onward, ""):
        response = redirect_to(request, onward, flash)
    elif begun.organisation_id or begun.is_operator:
        response = redirect(request, "home:show_home", flash)
    else:
        response = redirect(request, "accounts:choose_organisation", flash)
    give_session(request, response, begun.token)
    return response


def give_session(request: Request, response: Response, token: str) -> None:
    """Put a new session's token into the browser; what was put aside before now belongs to the person."""
    if cookies.MARKS in request.cookies:
        cookies.set_marks(response, runtime(request), ())
    cookies.set_session(response, runtime(request), token, int(rules.SESSION_LENGTH.total_seconds()))


@action(NoForm, permission=Permission.SIGNED_IN)
def sign_out(request: Request, db: Session, actor: Actor, _form: NoForm) -> Response:
    """End the session."""
    sessions.sign_out(db, actor, now=clock.now())
    response = redirect(request, "home:show_home", flash=_("You are signed out."), kind="info")
    cookies.clear_session(response, runtime(request))
    return response
