"""A forgotten password, and a changed one."""

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts import queries, rules
from market.accounts.forms import ChangePasswordForm, ForgotPasswordForm, ResetPasswordForm
from market.accounts.pages import ChangePasswordPage, ForgotPasswordPage, LinkGonePage, ResetPasswordPage
from market.accounts.rules import Permission
from market.accounts.service import password, throttling
from market.kit import clock, passwords
from market.kit.actor import Actor
from market.kit.errors import Refusal, Refused, refuse
from market.kit.forms import FormState
from market.kit.i18n import _
from market.kit.runtime import Work
from market.kit.web import action, page, redirect, render, steps


@page(permission=Permission.PUBLIC)
def forgot_password(request: Request, _db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """The form to ask for a link."""
    return render(request, ForgotPasswordPage(form=form or FormState.of(email=actor.email)))


@action(ForgotPasswordForm, permission=Permission.PUBLIC, again=forgot_password)
def ask_reset(request: Request, db: Session, actor: Actor, form: ForgotPasswordForm) -> Response:
    """Have a link sent, if the address is known; the answer is the same if it is not."""
    password.ask_reset(db, actor, form.email, now=clock.now())
    return redirect(request, "accounts:show_mail_sent", purpose="reset")


@page(permission=Permission.PUBLIC)
def reset_password(request: Request, db: Session, _actor: Actor, form: FormState | None = None) -> Response:
    """Where the link leads: the form for the new password."""
    token = request.path_params["token"]
    found = queries.email_token(db, token, "reset", now=clock.now())
    if found is None:
        return render(request, LinkGonePage(purpose="reset"), 404)
    return render(request, ResetPasswordPage(form=form or FormState(), token=token, email=found.email))


@steps(ResetPasswordForm, permission=Permission.PUBLIC, again=reset_password)
def set_password(request: Request, work: Work, actor: Actor, form: ResetPasswordForm) -> Response:
    """Set the new password; every session ends, and the person signs in with it."""
    token, now = request.path_params["token"], clock.now()
    with work.read() as db:
        found = queries.email_token(db, token, "reset", now=now)
    if found is None:
        return render(request, LinkGonePage(purpose="reset"), 404)
    refuse(rules.password_refusal(form.password, found.email))
    password_hash = passwords.hashed(form.password)
    with work.write() as db:
        password.reset(db, actor, token, password_hash, now=now)
    return redirect(request, "accounts:sign_in", flash=_("Your new password is set. Sign in with it."))


@page(permission=Permission.SIGNED_IN)
def edit_password(request: Request, _db: Session, _actor: Actor, form: FormState | None = None) -> Response:
    """The form to change the password."""
    return render(request, ChangePasswordPage(form=form or FormState.of(end_others=True)))


@steps(ChangePasswordForm, permission=Permission.SIGNED_IN, again=edit_password)
def change_password(request: Request, work: Work, actor: Actor, form: ChangePasswordForm) -> Response:
    """Change the password, after the present one was given."""
    now = clock.now()
    with work.write() as db:
        throttling.count_sign_in(db, actor, actor.email, now=now)
        known = queries.credentials(db, actor.email)
    if not passwords.matches(known.password_hash if known else None, form.current_password):
        raise Refused(NOT_THE_PRESENT_ONE)
    refuse(rules.password_refusal(form.password, actor.email, actor.person_name))
    password_hash = passwords.hashed(form.password)
    with work.write() as db:
        password.change(db, actor, password_hash, end_others=form.end_others, now=now)
        throttling.forget_sign_in(db, actor, actor.email)
    return redirect(request, "accounts:show_account", flash=_("Your new password is set."))


NOT_THE_PRESENT_ONE = Refusal("wrong_password", _("This is not your present password."), "current_password")
