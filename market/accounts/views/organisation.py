"""Organisations: registering one, choosing for which to act, its settings."""

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts import queries
from market.accounts.forms import ChooseForm, OrganisationForm, SettingsForm
from market.accounts.pages import (
    ChooseOrganisationPage,
    CreateOrganisationPage,
    OrganisationPage,
    country_options,
    kind_options,
    membership_views,
    timezone_options,
)
from market.accounts.policy import own_organisation, person_of
from market.accounts.rules import LICENSORS, Permission
from market.accounts.service import members, organisations, sessions
from market.accounts.views.entry import give_session
from market.kit import clock
from market.kit.actor import Actor
from market.kit.forms import FormState, NoForm
from market.kit.i18n import _
from market.kit.incoming import safe_path
from market.kit.web import action, page, query, redirect, redirect_to, render

FIELDS = (
    "name",
    "country",
    "registration_number",
    "city",
    "website",
    "timezone",
    "about",
    "second_approver",
    "version",
)


@page(permission=Permission.SIGNED_IN)
def choose_organisation(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """For whom to act from now on."""
    rows = membership_views(queries.memberships(db, person_of(actor)))
    onward = safe_path(query(request, "next"), "")
    return render(request, ChooseOrganisationPage(form=form or FormState(), memberships=rows, next=onward))


@action(ChooseForm, permission=Permission.SIGNED_IN, again=choose_organisation)
def act_for(request: Request, db: Session, actor: Actor, form: ChooseForm) -> Response:
    """Act for another organisation; the session gets a new token."""
    token = sessions.act_for(db, actor, form.organisation, now=clock.now())
    response = redirect_to(request, form.next)
    give_session(request, response, token)
    return response


@page(permission=Permission.SIGNED_IN)
def create_organisation(request: Request, _db: Session, _actor: Actor, form: FormState | None = None) -> Response:
    """The form to register an organisation."""
    return render(
        request,
        CreateOrganisationPage(
            form=form or FormState(),
            kinds=kind_options(),
            countries=country_options(),
            timezones=timezone_options(),
        ),
    )


@action(OrganisationForm, permission=Permission.SIGNED_IN, again=create_organisation)
def found_organisation(request: Request, db: Session, actor: Actor, form: OrganisationForm) -> Response:
    """Register the organisation and act for it at once."""
    now = clock.now()
    organisation = organisations.create(db, actor, form, now=now)
    token = sessions.act_for(db, actor, organisation.id, now=now)
    response = redirect(
        request,
        "accounts:show_organisation",
        flash=_("Your organisation is registered. We check it soon and write to you; you can prepare everything now."),
    )
    give_session(request, response, token)
    return response


@page(permission=Permission.MANAGE_ORGANISATION)
def show_organisation(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """The settings of the organisation acted for."""
    organisation = queries.organisation(db, own_organisation(actor))
    known = {name: getattr(organisation, name) for name in FIELDS}
    return render(
        request,
        OrganisationPage(
            form=form or FormState.of(known),
            organisation=organisation,
            licensor=organisation.kind in LICENSORS,
            countries=country_options(),
            timezones=timezone_options(),
        ),
    )


@action(SettingsForm, permission=Permission.MANAGE_ORGANISATION, again=show_organisation)
def change_organisation(request: Request, db: Session, actor: Actor, form: SettingsForm) -> Response:
    """Save the settings."""
    organisations.change(db, actor, own_organisation(actor), form, now=clock.now())
    return redirect(request, "accounts:show_organisation", flash=_("Saved."))


@action(NoForm, permission=Permission.SIGNED_IN)
def leave_organisation(request: Request, db: Session, actor: Actor, _form: NoForm) -> Response:
    """Go out of an organisation oneself."""
    members.leave(db, actor, request.path_params["organisation"], now=clock.now())
    return redirect(request, "accounts:choose_organisation", flash=_("You are no longer a member there."))
