"""Who may do what: kinds of organisations, roles in them, and the permissions that a role gives."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from urllib.parse import urlsplit

import pycountry
from babel.core import get_global

from market.kit.errors import Refusal
from market.kit.i18n import _


class OrganisationKind(StrEnum):
    """What an organisation is in a deal: universities and institutes license out, SMEs license in, supporters help."""

    UNIVERSITY = "university"
    INSTITUTE = "institute"
    SME = "sme"
    SUPPORT = "support"


LICENSORS = frozenset({OrganisationKind.UNIVERSITY, OrganisationKind.INSTITUTE})

KIND_LABELS = {
    OrganisationKind.UNIVERSITY: _("University"),
    OrganisationKind.INSTITUTE: _("Research institute"),
    OrganisationKind.SME: _("Small or medium-sized company"),
    OrganisationKind.SUPPORT: _("Support institution"),
}


class Role(StrEnum):
    """A person's task in an organisation; one person may have several."""

    OWNER = "owner"
    MEMBER = "member"
    OFFICER = "officer"
    APPROVER = "approver"
    FINANCE = "finance"
    SIGNATORY = "signatory"
    ADVISER = "adviser"


ROLE_LABELS = {
    Role.OWNER: _("Owner"),
    Role.MEMBER: _("Member"),
    Role.OFFICER: _("Licensing officer"),
    Role.APPROVER: _("Approver"),
    Role.FINANCE: _("Finance"),
    Role.SIGNATORY: _("Signatory"),
    Role.ADVISER: _("Adviser"),
}


KIND_NOTES = {
    OrganisationKind.UNIVERSITY: _("You list technologies and license them out."),
    OrganisationKind.INSTITUTE: _("You list technologies and license them out."),
    OrganisationKind.SME: _("You look for technologies and license them in."),
    OrganisationKind.SUPPORT: _("You help companies: a chamber, an incubator, a science park, an IP office."),
}

ROLE_NOTES = {
    Role.OWNER: _("May do everything, and manages the members."),
    Role.MEMBER: _("Sends enquiries, negotiates and pays invoices."),
    Role.SIGNATORY: _("Signs agreements."),
    Role.ADVISER: _("Helps companies in their deals."),
}
ROLE_NOTES_LICENSOR = {
    Role.OWNER: _("May do everything, and manages the members."),
    Role.OFFICER: _("Edits and publishes listings, answers enquiries and negotiates."),
    Role.APPROVER: _("Approves terms that somebody else has negotiated."),
    Role.FINANCE: _("Sees invoices and payments."),
    Role.SIGNATORY: _("Signs agreements."),
}

ROLES_OF: dict[OrganisationKind, tuple[Role, ...]] = {
    OrganisationKind.UNIVERSITY: (Role.OWNER, Role.OFFICER, Role.APPROVER, Role.FINANCE, Role.SIGNATORY),
    OrganisationKind.INSTITUTE: (Role.OWNER, Role.OFFICER, Role.APPROVER, Role.FINANCE, Role.SIGNATORY),
    OrganisationKind.SME: (Role.OWNER, Role.MEMBER, Role.SIGNATORY),
    OrganisationKind.SUPPORT: (Role.OWNER, Role.ADVISER),
}


class Permission(StrEnum):
    """What a route may ask for. PUBLIC is everybody's, SIGNED_IN every person's, the others come from roles."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    EDIT_LISTINGS = "edit_listings"
    PUBLISH_LISTINGS = "publish_listings"
    IMPORT_LISTINGS = "import_listings"
    ENQUIRE = "enquire"
    SEE_DEALS = "see_deals"
    NEGOTIATE = "negotiate"
    APPROVE = "approve"
    SIGN = "sign"
    PAY = "pay"
    SEE_MONEY = "see_money"
    MANAGE_ORGANISATION = "manage_organisation"
    OPERATE = "operate"


_P = Permission
_EVERY_OWNER = {_P.MANAGE_ORGANISATION, _P.SEE_DEALS, _P.SEE_MONEY}
_LISTINGS = {_P.EDIT_LISTINGS, _P.PUBLISH_LISTINGS, _P.IMPORT_LISTINGS}
_LICENSOR: dict[Role, set[Permission]] = {
    Role.OWNER: {*_EVERY_OWNER, *_LISTINGS, _P.NEGOTIATE, _P.APPROVE, _P.SIGN},
    Role.OFFICER: {*_LISTINGS, _P.SEE_DEALS, _P.NEGOTIATE, _P.SEE_MONEY},
    Role.APPROVER: {_P.SEE_DEALS, _P.APPROVE},
    Role.FINANCE: {_P.SEE_DEALS, _P.SEE_MONEY},
    Role.SIGNATORY: {_P.SEE_DEALS, _P.SIGN},
}
_SME: dict[Role, set[Permission]] = {
    Role.OWNER: {*_EVERY_OWNER, _P.ENQUIRE, _P.NEGOTIATE, _P.APPROVE, _P.SIGN, _P.PAY},
    Role.MEMBER: {_P.ENQUIRE, _P.SEE_DEALS, _P.NEGOTIATE, _P.SEE_MONEY, _P.PAY},
    Role.SIGNATORY: {_P.SEE_DEALS, _P.SIGN},
}
_SUPPORT: dict[Role, set[Permission]] = {Role.OWNER: {_P.MANAGE_ORGANISATION}, Role.ADVISER: set()}

PERMISSIONS: dict[OrganisationKind, dict[Role, set[Permission]]] = {
    OrganisationKind.UNIVERSITY: _LICENSOR,
    OrganisationKind.INSTITUTE: _LICENSOR,
    OrganisationKind.SME: _SME,
    OrganisationKind.SUPPORT: _SUPPORT,
}


def permissions(kind: str, roles: frozenset[str], *, operator: bool) -> frozenset[str]:
    """What a signed-in person may do: by the roles in the organisation acted for, and by being an operator."""
    given: set[str] = {_P.PUBLIC, _P.SIGNED_IN}
    if kind:
        table = PERMISSIONS[OrganisationKind(kind)]
        for role in roles:
            given |= table.get(Role(role), set())
    if operator:
        given.add(_P.OPERATE)
    return frozenset(given)


# --- passwords and tokens

PASSWORD_MIN = 10
PASSWORD_MAX = 200
SESSION_LENGTH = timedelta(days=14)
VERIFICATION_LENGTH = timedelta(days=3)
RESET_LENGTH = timedelta(hours=1)
INVITATION_LENGTH = timedelta(days=14)

# The head of every published list of leaked passwords that is ten characters or longer.
_COMMON_TEXT = """
1234567890 12345678910 123456789a 1q2w3e4r5t 1qaz2wsx3edc qwertyuiop qwerty1234 qwerty12345 qwerty123456
password12 password123 password1234 passwordpassword iloveyou12 iloveyou123 letmein1234 welcome123 welcome1234
administrator changeme123 football123 princess123 sunshine123 superman123 basketball abcdefghij abc1234567
0123456789 0987654321 1111111111 0000000000 aaaaaaaaaa asdfghjkl1 zxcvbnm123 q1w2e3r4t5 michael123 trustno1234
"""
_COMMON = frozenset(_COMMON_TEXT.split())


def password_refusal(password: str, email: str = "", name: str = "") -> Refusal | None:
    """Say why a password is too weak or unusable, or None. Length in characters, after NFKC."""
    password = unicodedata.normalize("NFKC", password)
    if len(password) < PASSWORD_MIN:
        return Refusal(
            "short", _("Use at least {n} characters. A few words in a row are fine."), "password", {"n": PASSWORD_MIN}
        )
    if len(password) > PASSWORD_MAX:
        return Refusal("long", _("Use at most {n} characters."), "password", {"n": PASSWORD_MAX})
    lowered = password.lower()
    parts = {part for part in re.split(r"[\s@._-]+", f"{email} {name}".lower()) if len(part) > 3}
    if lowered in _COMMON or len(set(lowered)) < 4 or lowered in parts or lowered == email.lower():
        return Refusal(
            "common", _("Too many people use this password, or it is easy to guess. Choose another one."), "password"
        )
    return None


def normal_email(email: str) -> str:
    """The form under which an address is kept and looked up: trimmed, NFC, lower case."""
    return unicodedata.normalize("NFC", email.strip()).lower()


def good_name(name: str) -> bool:
    """Whether a name can stand in a mail: not an address of the web, at least one letter or digit."""
    return any(c.isalnum() for c in name) and not re.search(r"://|www\.|[<>\n]", name, re.IGNORECASE)


_EMAIL = re.compile(r"^[^\s@\"(),:;<>\[\]\\]{1,64}@[^\s@\"(),:;<>\[\]\\.]+(\.[^\s@\"(),:;<>\[\]\\.]+)+$")


def email_like(email: str) -> bool:
    """Whether text looks like a mail address; only a mail that arrives proves it."""
    return len(email) <= 254 and email.isprintable() and bool(_EMAIL.match(email))


def slug(name: str) -> str:
    """A name as a part of an address: ASCII letters, digits and single hyphens, at most 60 characters."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")[:60].strip("-") or "organisation"


# --- roles in an organisation


def roles_refusal(kind: str, roles: frozenset[str]) -> Refusal | None:
    """Say why `roles` cannot be given in an organisation of `kind`, or None."""
    if not roles:
        return Refusal("no_role", _("Choose at least one role."), "roles")
    if roles - set(ROLES_OF[OrganisationKind(kind)]):
        return Refusal("unknown_role", _("Choose one of the options."), "roles")
    return None


def last_owner_refusal(owners: int, before: frozenset[str], after: frozenset[str]) -> Refusal | None:
    """Say why a member's roles cannot become `after` when the organisation has `owners` owners, or None."""
    if Role.OWNER in before and Role.OWNER not in after and owners <= 1:
        return Refusal("last_owner", _("This is the last owner. Make somebody else an owner first."), "roles")
    return None


# --- how often something may be tried


@dataclass(frozen=True)
class Limit:
    """At most `times` in the window `per`."""

    times: int
    per: timedelta


SIGN_IN_HERE = Limit(10, timedelta(minutes=15))
"""Tries for one e-mail from one network address."""
SIGN_IN_EMAIL = Limit(60, timedelta(hours=1))
"""Tries for one e-mail from everywhere: enough that nobody can lock another person out from one place."""
SIGN_IN_ADDRESS = Limit(100, timedelta(minutes=15))
"""Tries from one network address for whatever e-mail."""
MAILS_TO_EMAIL = Limit(5, timedelta(hours=1))
"""Mails that strangers can have us send to one e-mail."""
MAILS_FROM_ADDRESS = Limit(30, timedelta(hours=1))
"""Mails that one network address can have us send."""
INVITATIONS = Limit(50, timedelta(days=1))
"""Invitations of one organisation."""

# --- where an organisation is

COUNTRIES = frozenset(country.alpha_2 for country in pycountry.countries)
"""ISO 3166 codes."""


@cache
def timezones() -> dict[str, str]:
    """The IANA names of timezones, each with the country it belongs to."""
    zones = get_global("zone_territories")
    return {name: country for name, country in sorted(zones.items()) if country in COUNTRIES} | {"UTC": ""}


def main_timezone(country: str) -> str:
    """The timezone of most people in a country; UTC where nobody lives."""
    zones: dict[str, tuple[str, ...]] = {}
    for name, where in timezones().items():
        zones[where] = (*zones.get(where, ()), name)
    return _CAPITAL_ZONES.get(country) or next(iter(zones.get(country, ())), "UTC")


_CAPITAL_ZONES = {
    "AR": "America/Argentina/Buenos_Aires", "AU": "Australia/Sydney", "BR": "America/Sao_Paulo", "CA": "America/Toronto",
    "CD": "Africa/Kinshasa", "CL": "America/Santiago", "CN": "Asia/Shanghai", "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin", "EC": "America/Guayaquil", "ES": "Europe/Madrid", "ID": "Asia/Jakarta",
    "KZ": "Asia/Almaty", "MN": "Asia/Ulaanbaatar", "MX": "America/Mexico_City", "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland", "PT": "Europe/Lisbon", "RU": "Europe/Moscow", "UA": "Europe/Kyiv",
    "US": "America/New_York", "UZ": "Asia/Tashkent",
}  # fmt: skip
"""Countries with several timezones, of which the first by name is not the one most people mean."""


def website_like(address: str) -> bool:
    """Whether text is an address of a web page: http or https, a host with a dot, nothing that hides another host."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    return (
        parts.scheme in ("http", "https")
        and "." in host.strip(".")
        and "@" not in parts.netloc
        and not re.search(r"[\s\\<>\"']", address)
        and port != 0
    )
