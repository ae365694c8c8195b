"""What needs tell the others."""

from dataclasses import dataclass


@dataclass(frozen=True)
class NeedOpened:
    """A need is now open to everybody, or again so after a change."""

    need_id: str


@dataclass(frozen=True)
class NeedAnswered:
    """An institution has answered with a technology."""

    need_id: str
    technology_id: str


@dataclass(frozen=True)
class NeedMatched:
    """The company has marked a technology as fitting."""

    need_id: str
    technology_id: str


@dataclass(frozen=True)
class NeedEnded:
    """A need is closed, expired, withdrawn, or back at the desk: nobody can answer it now."""

    need_id: str
