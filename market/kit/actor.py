"""Who acts: a person, for one organisation, with the permissions that this gives; or nobody; or the system itself."""

from dataclasses import dataclass, field, replace
from typing import Self


@dataclass(frozen=True)
class Actor:
    """The one who asks. `permissions` come from the roles in the organisation acted for; kit does not know their meaning.

    `marks` are ids of what the browser has put aside without a sign-in, the newest first.
    """

    person_id: str | None = None
    person_name: str = ""
    email: str = ""
    organisation_id: str | None = None
    organisation_name: str = ""
    organisation_kind: str = ""
    organisation_verified: bool = False
    roles: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset({"public"})
    is_operator: bool = False
    is_system: bool = False
    session_id: str | None = None
    locale: str = "en"
    address: str = ""
    marks: tuple[str, ...] = ()
    user_agent: str = field(default="", repr=False)

    @property
    def signed_in(self) -> bool:
        """True for a person with a living session."""
        return self.person_id is not None

    def may(self, permission: str) -> bool:
        """Whether the actor's roles give `permission`; whose record it is, each package's policy says."""
        return self.is_system or permission in self.permissions

    @property
    def anywhere(self) -> Self:
        """The same actor without what is of this session, browser and request only: alike in all of them."""
        return replace(self, session_id=None, address="", user_agent="", marks=())

    def at(self, address: str, user_agent: str, marks: tuple[str, ...] = ()) -> Self:
        """The same actor, seen at a network address, with what the browser has put aside."""
        return replace(self, address=address, user_agent=user_agent, marks=marks)


ANONYMOUS = Actor()
SYSTEM = Actor(person_name="Ponte", is_system=True)
