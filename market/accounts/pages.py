"""What the templates of accounts see: one frozen dataclass for each page."""

from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from babel import Locale

from market.accounts import rules
from market.accounts.queries import InvitationRow, MembershipRow, OrganisationRow, SamplePerson
from market.kit import i18n
from market.kit.forms import FormState
from market.kit.i18n import _
from market.kit.web import Page

Option = tuple[str, str]
"""A value and its text in the reader's language."""


@dataclass(frozen=True)
class RegisterPage(Page):
    """Open an account."""

    template: ClassVar[str] = "accounts/register.html"
    form: FormState
    password_min: int = rules.PASSWORD_MIN


@dataclass(frozen=True)
class MailSentPage(Page):
    """Look into your mail. The same for known and unknown addresses."""

    template: ClassVar[str] = "accounts/mail_sent.html"
    purpose: str


@dataclass(frozen=True)
class ConfirmEmailPage(Page):
    """The link of the mail: confirm with the password chosen, and be signed in."""

    template: ClassVar[str] = "accounts/confirm_email.html"
    form: FormState
    token: str
    email: str


@dataclass(frozen=True)
class LinkGonePage(Page):
    """The link was used or is too old; `purpose` says how to get a new one."""

    template: ClassVar[str] = "accounts/link_gone.html"
    purpose: str


@dataclass(frozen=True)
class PlayerGroup:
    """Sample people of one role, told by what they do."""

    label: str
    people: tuple["Player", ...]


@dataclass(frozen=True)
class Player:
    """Somebody of the sample world to play; `roles` are msgids."""

    email: str
    name: str
    organisation: str
    roles: tuple[str, ...]


COMPANIES, SUPPORTERS = _("Companies that look for technology"), _("People of chambers and incubators")
OPERATORS, OWNERS = _("Operators, who check organisations"), _("Owners of institutions")
OFFICE_PARTS = {
    rules.Role.OFFICER: _("Licensing officers, who list and negotiate"),
    rules.Role.FINANCE: _("Finance officers, who see the money"),
    rules.Role.APPROVER: _("Approvers, who check agreed terms"),
    rules.Role.SIGNATORY: _("Signatories, who sign for the institution"),
}
"""What somebody in an institution is there for; who has several roles stands under the first."""


def player_groups(people: list[SamplePerson]) -> list[PlayerGroup]:
    """The sample people by what they do: companies first, operators last."""
    groups: dict[str, list[Player]] = {
        label: [] for label in (COMPANIES, *OFFICE_PARTS.values(), OWNERS, SUPPORTERS, OPERATORS)
    }
    for person in people:
        if person.is_operator or person.kind:
            roles = tuple(rules.ROLE_LABELS[rules.Role(role)] for role in person.roles)
            groups[_part(person)].append(Player(person.email, person.name, person.organisation, roles))
    return [PlayerGroup(label, tuple(players)) for label, players in groups.items() if players]


def _part(person: SamplePerson) -> str:
    if person.is_operator:
        return OPERATORS
    if person.kind == rules.OrganisationKind.SME:
        return COMPANIES
    if person.kind == rules.OrganisationKind.SUPPORT:
        return SUPPORTERS
    return next((label for role, label in OFFICE_PARTS.items() if role in person.roles), OWNERS)


@dataclass(frozen=True)
class SignInPage(Page):
    """Sign in; in a sample world also the people to play."""

    template: ClassVar[str] = "accounts/sign_in.html"
    form: FormState
    next: str
    groups: list[PlayerGroup]


@dataclass(frozen=True)
class ForgotPasswordPage(Page):
    """Ask for a link to set a new password."""

    template: ClassVar[str] = "accounts/forgot_password.html"
    form: FormState


@dataclass(frozen=True)
class ResetPasswordPage(Page):
    """Set a new password by the mailed link."""

    template: ClassVar[str] = "accounts/reset_password.html"
    form: FormState
    token: str
    email: str
    password_min: int = rules.PASSWORD_MIN


@dataclass(frozen=True)
class SessionView:
    """A living sign-in in words; `browser` is what the browser says of itself, shortened."""

    id: str
    since: object
    address: str
    browser: str
    current: bool


@dataclass(frozen=True)
class AccountPage(Page):
    """One's own account."""

    template: ClassVar[str] = "accounts/account.html"
    form: FormState
    email: str
    locales: list[Option]
    sessions: list[SessionView]
    memberships: list[MembershipRow]


@dataclass(frozen=True)
class ChangePasswordPage(Page):
    """Change the password."""

    template: ClassVar[str] = "accounts/change_password.html"
    form: FormState
    password_min: int = rules.PASSWORD_MIN


@dataclass(frozen=True)
class ChooseOrganisationPage(Page):
    """For whom to act."""

    template: ClassVar[str] = "accounts/choose_organisation.html"
    form: FormState
    memberships: list["MembershipView"]
    next: str


@dataclass(frozen=True)
class MembershipView:
    """An organisation to act for; `kind` and `roles` are msgids."""

    row: MembershipRow
    kind: str
    roles: tuple[str, ...]


def membership_views(rows: list[MembershipRow]) -> list[MembershipView]:
    """Memberships in words."""
    return [
        MembershipView(row, rules.KIND_LABELS[rules.OrganisationKind(row.kind)], role_labels(row.roles)) for row in rows
    ]


@dataclass(frozen=True)
class CreateOrganisationPage(Page):
    """Register an organisation."""

    template: ClassVar[str] = "accounts/create_organisation.html"
    form: FormState
    kinds: list[tuple[str, str, str]]
    countries: list[Option]
    timezones: list[tuple[str, list[Option]]]


@dataclass(frozen=True)
class OrganisationPage(Page):
    """The settings of the organisation acted for."""

    template: ClassVar[str] = "accounts/organisation.html"
    form: FormState
    organisation: OrganisationRow
    licensor: bool
    countries: list[Option]
    timezones: list[tuple[str, list[Option]]]


@dataclass(frozen=True)
class MemberView:
    """A member in the list; `roles` are msgids."""

    id: str
    name: str
    email: str
    roles: tuple[str, ...]
    me: bool


@dataclass(frozen=True)
class InvitationView:
    """An open invitation; `roles` are msgids."""

    row: InvitationRow
    roles: tuple[str, ...]


@dataclass(frozen=True)
class MembersPage(Page):
    """Who belongs to the organisation, who is invited, and the form to invite."""

    template: ClassVar[str] = "accounts/members.html"
    form: FormState
    organisation: str
    members: list[MemberView]
    invitations: list[InvitationView]
    roles: list[tuple[str, str, str]]


@dataclass(frozen=True)
class MemberPage(Page):
    """The roles of one member, and removing them."""

    template: ClassVar[str] = "accounts/member.html"
    form: FormState
    organisation: str
    member: MemberView
    roles: list[tuple[str, str, str]]


@dataclass(frozen=True)
class InvitationPage(Page):
    """An invitation: accept it, sign in first, or open an account with it. `way` is accept, sign_in, other or join."""

    template: ClassVar[str] = "accounts/invitation.html"
    form: FormState
    token: str
    email: str
    organisation: str
    roles: tuple[str, ...]
    way: str
    password_min: int = rules.PASSWORD_MIN


def role_labels(roles: tuple[str, ...] | frozenset[str]) -> tuple[str, ...]:
    """The msgids of roles, in the order in which we always tell them."""
    return tuple(label for role, label in rules.ROLE_LABELS.items() if role in roles)


def role_options(kind: str) -> list[tuple[str, str, str]]:
    """The roles that an organisation of `kind` can give, each with what it may do."""
    about = rules.ROLE_NOTES_LICENSOR if kind in rules.LICENSORS else rules.ROLE_NOTES
    return [
        (role.value, i18n.translate(rules.ROLE_LABELS[role]), i18n.translate(about[role]))
        for role in rules.ROLES_OF[rules.OrganisationKind(kind)]
    ]


def kind_options() -> list[tuple[str, str, str]]:
    """The kinds of organisation, each with what it does here."""
    return [
        (kind.value, i18n.translate(label), i18n.translate(rules.KIND_NOTES[kind]))
        for kind, label in rules.KIND_LABELS.items()
    ]


def country_options() -> list[Option]:
    """All countries by their names in the reader's language."""
    return _countries(i18n.current_locale())


@cache
def _countries(locale: str) -> list[Option]:
    del locale  # the names follow the locale in force, which is this one
    return sorted(((code, i18n.country_name(code)) for code in rules.COUNTRIES), key=lambda option: option[1])


def timezone_options() -> list[tuple[str, list[Option]]]:
    """Timezones in groups by the part of the world."""
    groups: dict[str, list[Option]] = {}
    for name in rules.timezones():
        area, _slash, city = name.partition("/")
        groups.setdefault(area, []).append((name, (city or area).replace("_", " ").replace("/", ", ")))
    return list(groups.items())


def locale_options() -> list[Option]:
    """The languages there are, each in its own words."""
    return [(locale, (Locale.parse(locale).display_name or locale).capitalize()) for locale in i18n.available()]


_BROWSERS = ("Edg", "OPR", "Firefox", "Chrome", "Safari")
_SYSTEMS = ("Windows", "Android", "iPhone", "iPad", "Mac OS X", "Linux")
_NAMES = {"Edg": "Edge", "OPR": "Opera", "Mac OS X": "macOS"}


def browser_name(user_agent: str) -> str:
    """`Firefox, Windows` from what a browser says of itself; empty when it says nothing that we know."""
    found = [next((name for name in names if name in user_agent), "") for names in (_BROWSERS, _SYSTEMS)]
    return ", ".join(_NAMES.get(name, name) for name in found if name)
