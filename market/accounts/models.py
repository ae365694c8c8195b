"""Tables of people, organisations, memberships and sessions."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from market.accounts.rules import OrganisationKind, Role
from market.kit.db import Table, check_in
from market.kit.ids import new_id


class Person(Table, table=True):
    """Somebody with a sign-in. `email` is kept in its normal form (see rules.normal_email)."""

    __tablename__ = "person"

    id: str = Field(default_factory=new_id, primary_key=True)
    email: str = Field(unique=True)
    name: str
    password_hash: str
    email_verified_at: datetime | None = None
    is_operator: bool = False
    is_sample: bool = False
    locale: str = "en"
    created_at: datetime
    disabled_at: datetime | None = None

    @property
    def audit_subject(self) -> tuple[str, str]:
        """The person's own chain of events."""
        return ("person", self.id)


class Organisation(Table, table=True):
    """A university, institute, company or support institution. `country` is ISO 3166 alpha-2, `timezone` an IANA name."""

    __tablename__ = "organisation"
    __table_args__ = (check_in("kind", [kind.value for kind in OrganisationKind]),)

    id: str = Field(default_factory=new_id, primary_key=True)
    kind: str = Field(index=True)
    name: str
    slug: str = Field(unique=True)
    country: str
    city: str = ""
    timezone: str = "UTC"
    website: str = ""
    registration_number: str = ""
    is_sample: bool = False
    created_at: datetime
    verified_at: datetime | None = None
    second_approver: bool = False
    version: int = 1
    about: str = ""

    @property
    def audit_subject(self) -> tuple[str, str]:
        """The organisation's own chain of events."""
        return ("organisation", self.id)


class Membership(Table, table=True):
    """One role of one person in one organisation."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("person_id", "organisation_id", "role"),
        check_in("role", [role.value for role in Role]),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    role: str
    created_at: datetime


class SignInSession(Table, table=True):
    """A living sign-in. Only the hash of the cookie's token is kept; ending a session deletes its row."""

    __tablename__ = "sign_in_session"

    id: str = Field(default_factory=new_id, primary_key=True)
    token_hash: str = Field(unique=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    organisation_id: str | None = Field(default=None, foreign_key="organisation.id")
    created_at: datetime
    authenticated_at: datetime
    expires_at: datetime = Field(index=True)
    address: str = ""
    user_agent: str = ""


class EmailToken(Table, table=True):
    """A single-use link sent by mail: to verify an address, reset a password or accept an invitation; kept hashed."""

    __tablename__ = "email_token"
    __table_args__ = (check_in("purpose", ("verify", "reset", "invite")),)

    id: str = Field(default_factory=new_id, primary_key=True)
    token_hash: str = Field(unique=True)
    purpose: str
    email: str = Field(index=True)
    person_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    organisation_id: str | None = Field(default=None, foreign_key="organisation.id")
    role: str = ""
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
