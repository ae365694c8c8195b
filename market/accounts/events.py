"""Facts that accounts publishes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class OrganisationCreated:
    """Somebody registered an organisation; an operator has to verify it."""

    organisation_id: str


@dataclass(frozen=True)
class OrganisationVerified:
    """An operator has checked an organisation."""

    organisation_id: str


@dataclass(frozen=True)
class MemberRemoved:
    """A person lost all roles in an organisation."""

    organisation_id: str
    person_id: str


@dataclass(frozen=True)
class SessionBegun:
    """A person has signed in; `marks` are what the browser had put aside before."""

    person_id: str
    marks: tuple[str, ...] = ()
