"""What people type into the forms of accounts."""

from typing import Annotated

from pydantic import AfterValidator, Field

from market.accounts import rules
from market.accounts.rules import OrganisationKind
from market.kit import i18n
from market.kit.forms import Form
from market.kit.i18n import _


def _email(value: str) -> str:
    if not rules.email_like(value):
        raise ValueError(_("Write a mail address, such as anna@example.com."))
    return rules.normal_email(value)


def _name(value: str) -> str:
    if not rules.good_name(value):
        raise ValueError(_("Write a name, without addresses of web pages."))
    return value


def _country(value: str) -> str:
    if value not in rules.COUNTRIES:
        raise ValueError(_("Choose one of the options."))
    return value


def _timezone(value: str) -> str:
    if value and value not in rules.timezones():
        raise ValueError(_("Choose one of the options."))
    return value


def _website(value: str) -> str:
    if not value:
        return ""
    address = value if "://" in value else f"https://{value}"
    if not rules.website_like(address):
        raise ValueError(_("Write the address of a web page, such as https://www.example.com."))
    return address


def _locale(value: str) -> str:
    if value not in i18n.available():
        raise ValueError(_("Choose one of the options."))
    return value


Email = Annotated[str, AfterValidator(_email)]
Name = Annotated[str, Field(max_length=100), AfterValidator(_name)]
OrganisationName = Annotated[str, Field(max_length=160), AfterValidator(_name)]
Country = Annotated[str, AfterValidator(_country)]
Timezone = Annotated[str, AfterValidator(_timezone)]
Website = Annotated[str, Field(max_length=300), AfterValidator(_website)]


class RegisterForm(Form):
    """A new person."""

    name: Name
    email: Email
    password: str


class SignInForm(Form):
    """E-mail and password; `next` is where to go then."""

    email: Email
    password: str
    next: str = ""


class ConfirmEmailForm(Form):
    """The password chosen at registration: it proves that the one who confirms is the one who registered."""

    password: str


class ForgotPasswordForm(Form):
    """Where to send the link."""

    email: Email


class ResetPasswordForm(Form):
    """The new password."""

    password: str


class ChangePasswordForm(Form):
    """The old password for proof, the new one, and whether the other sessions end."""

    current_password: str
    password: str
    end_others: bool = False


class DetailsForm(Form):
    """What a person may change of themselves."""

    name: Name
    locale: Annotated[str, AfterValidator(_locale)] = i18n.DEFAULT


class PlayForm(Form):
    """Which person of the sample world to play."""

    email: str
    next: str = ""


class OrganisationForm(Form):
    """A new organisation; without a timezone it gets the main one of its country."""

    kind: OrganisationKind
    name: OrganisationName
    country: Country
    city: str = Field("", max_length=100)
    website: Website = ""
    registration_number: str = Field("", max_length=60)
    timezone: Timezone = ""


class SettingsForm(Form):
    """What an owner may change. Name, country and registration number stay once an operator has checked them."""

    version: int
    name: OrganisationName | None = None
    country: Country | None = None
    registration_number: str | None = Field(None, max_length=60)
    city: str = Field("", max_length=100)
    website: Website = ""
    timezone: Timezone = ""
    about: str = Field("", max_length=4000)
    second_approver: bool = False


class ChooseForm(Form):
    """The organisation to act for from now on."""

    organisation: str
    next: str = ""


class InviteForm(Form):
    """Whom to invite, and for which tasks."""

    email: Email
    roles: list[str] = Field(default_factory=list)


class RolesForm(Form):
    """All the roles that a member has from now on."""

    roles: list[str] = Field(default_factory=list)


class JoinForm(Form):
    """Somebody without an account accepts an invitation."""

    name: Name
    password: str
