"""Members of the organisation acted for, and invitations to it."""

from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts import queries, rules
from market.accounts.forms import InviteForm, JoinForm, RolesForm
from market.accounts.pages import (
    InvitationPage,
    InvitationView,
    LinkGonePage,
    MemberPage,
    MembersPage,
    MemberView,
    role_labels,
    role_options,
)
from market.accounts.policy import own_organisation
from market.accounts.rules import Permission
from market.accounts.service import members, sessions
from market.accounts.views.entry import give_session
from market.kit import clock, passwords
from market.kit.actor import Actor
from market.kit.errors import NotFound, refuse
from market.kit.forms import FormState, NoForm
from market.kit.i18n import _
from market.kit.runtime import Work
from market.kit.web import action, page, redirect, render, steps


def _member(actor: Actor, row: queries.PersonRow) -> MemberView:
    return MemberView(row.id, row.name, row.email, role_labels(row.roles), row.id == actor.person_id)


@page(permission=Permission.MANAGE_ORGANISATION)
def list_members(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """Who belongs to the organisation, and who is invited."""
    organisation_id = own_organisation(actor)
    invitations = queries.invitations(db, organisation_id, now=clock.now())
    return render(
        request,
        MembersPage(
            form=form or FormState(),
            organisation=actor.organisation_name,
            members=[_member(actor, row) for row in queries.people(db, organisation_id)],
            invitations=[InvitationView(row, role_labels(row.roles)) for row in invitations],
            roles=role_options(actor.organisation_kind),
        ),
    )


@action(InviteForm, permission=Permission.MANAGE_ORGANISATION, again=list_members)
def invite_member(request: Request, db: Session, actor: Actor, form: InviteForm) -> Response:
    """Send an invitation."""
    members.invite(db, actor, own_organisation(actor), form, now=clock.now())
    return redirect(request, "accounts:list_members", flash=_("The invitation is on its way."))


@action(NoForm, permission=Permission.MANAGE_ORGANISATION)
def withdraw_invitation(request: Request, db: Session, actor: Actor, _form: NoForm) -> Response:
    """Make an invitation worthless."""
    members.withdraw_invitation(db, actor, own_organisation(actor), request.path_params["invitation"], now=clock.now())
    return redirect(request, "accounts:list_members", flash=_("The invitation no longer works."))


@page(permission=Permission.MANAGE_ORGANISATION)
def show_member(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """The roles of one member."""
    wanted = request.path_params["person"]
    found = [row for row in queries.people(db, own_organisation(actor)) if row.id == wanted]
    if not found:
        raise NotFound
    return render(
        request,
        MemberPage(
            form=form or FormState.of(roles=sorted(found[0].roles)),
            organisation=actor.organisation_name,
            member=_member(actor, found[0]),
            roles=role_options(actor.organisation_kind),
        ),
    )


@action(RolesForm, permission=Permission.MANAGE_ORGANISATION, again=show_member)
def change_roles(request: Request, db: Session, actor: Actor, form: RolesForm) -> Response:
    """Give a member exactly the roles ticked."""
    person_id = request.path_params["person"]
    members.change_roles(db, actor, own_organisation(actor), person_id, frozenset(form.roles), now=clock.now())
    return redirect(request, "accounts:list_members" if person_id != actor.person_id else "home:show_home", _("Saved."))


@action(NoForm, permission=Permission.MANAGE_ORGANISATION, again=show_member)
def remove_member(request: Request, db: Session, actor: Actor, _form: NoForm) -> Response:
    """Take a member out; it holds at once."""
    person_id = request.path_params["person"]
    members.remove(db, actor, own_organisation(actor), person_id, now=clock.now())
    if person_id == actor.person_id:
        return redirect(request, "accounts:choose_organisation", flash=_("You are no longer a member there."))
    return redirect(request, "accounts:list_members", flash=_("The member is removed. It holds at once."))


@page(permission=Permission.PUBLIC)
def show_invitation(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """Where the link of an invitation leads: nothing changes until the form is sent."""
    token = request.path_params["token"]
    found = queries.email_token(db, token, "invite", now=clock.now())
    if found is None:
        return render(request, LinkGonePage(purpose="invite"), 404)
    return render(
        request,
        InvitationPage(
            form=form or FormState(),
            token=token,
            email=found.email,
            organisation=queries.organisation(db, found.organisation_id).name,
            roles=role_labels(tuple(found.role.split())),
            way=_way(db, actor, found),
        ),
    )


def _way(db: Session, actor: Actor, invitation: Any) -> str:
    """How the reader can accept: at once, after signing in, not with this account, or by opening one."""
    if actor.signed_in:
        return "accept" if actor.email == invitation.email else "other"
    return "sign_in" if queries.credentials(db, invitation.email) else "join"


@action(NoForm, permission=Permission.SIGNED_IN, again=show_invitation)
def accept_invitation(request: Request, db: Session, actor: Actor, _form: NoForm) -> Response:
    """Accept, and act for the organisation at once."""
    now = clock.now()
    organisation_id = members.accept(db, actor, request.path_params["token"], now=now)
    token = sessions.act_for(db, actor, organisation_id, now=now)
    response = redirect(request, "home:show_home", flash=_("Welcome. You act for this organisation now."))
    give_session(request, response, token)
    return response


@steps(JoinForm, permission=Permission.PUBLIC, again=show_invitation)
def join_organisation(request: Request, work: Work, actor: Actor, form: JoinForm) -> Response:
    """Open an account with the invitation, and be signed in."""
    token, now = request.path_params["token"], clock.now()
    with work.read() as db:
        found = queries.email_token(db, token, "invite", now=now)
    if found is None:
        return render(request, LinkGonePage(purpose="invite"), 404)
    refuse(rules.password_refusal(form.password, found.email, form.name))
    password_hash = passwords.hashed(form.password)
    with work.write() as db:
        person = members.join(db, actor, token, form, password_hash, now=now)
        begun = sessions.begin(db, actor, person.id, person.name, now=now)
    response = redirect(request, "home:show_home", flash=_("Welcome. You act for this organisation now."))
    give_session(request, response, begun.token)
    return response
