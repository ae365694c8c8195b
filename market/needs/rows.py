"""What the queries of needs give back: plain rows, as far as their reader may know them."""

from dataclasses import dataclass, field
from datetime import date, datetime

from market.catalog.rules.vocabulary import sector_label
from market.needs.process import PUBLIC
from market.needs.rules.matching import Profile


@dataclass(frozen=True)
class NeedRow:
    """A need as the actor may see it. `organisation` is empty where the actor may not know who asks; so are the fields
    that could tell (`on_behalf_of`, `source_url`, `person_id`)."""

    id: str
    slug: str
    state: str
    title: str
    text: str
    sector: str | None
    cluster: str
    technology_field: int | None
    country: str
    region: str
    stage: str
    kinds: tuple[str, ...]
    budget: str
    currency: str
    deadline: date | None
    anonymous: bool
    opened_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int
    own: bool
    organisation: str = ""
    organisation_id: str = field(default="", repr=False)
    on_behalf_of: str = ""
    source_url: str = ""
    person_id: str | None = None
    refusal: str = ""
    outcome: str = ""

    @property
    def address(self) -> str:
        """The part of its address that names it."""
        return f"{self.slug}-{self.id}"

    @property
    def sector_label(self) -> str:
        """The msgid of its sector."""
        return sector_label(self.sector)

    @property
    def public(self) -> bool:
        """Whether everybody may see it."""
        return self.state in PUBLIC


@dataclass(frozen=True)
class Wanted:
    """What a visitor filters by; empty means anything."""

    text: str = ""
    sector: str = ""
    kind: str = ""
    country: str = ""
    stage: str = ""


@dataclass(frozen=True)
class OwnNeed:
    """A need in the company's list, with how many answers and matches it has."""

    need: NeedRow
    answers: int
    matches: int


@dataclass(frozen=True)
class Proposal:
    """A technology beside a need: answered with (`message`, `answered_at`), found by the system (`score`), chosen."""

    technology_id: str
    slug: str
    title: str
    summary: str
    institution: str
    institution_slug: str
    institution_id: str
    visible: bool
    message: str = ""
    answered_at: datetime | None = None
    score: int | None = None
    words: tuple[str, ...] = ()
    same_sector: bool = False
    same_field: bool = False
    kinds: tuple[str, ...] = ()
    chosen_at: datetime | None = None
    deal_id: str | None = None

    @property
    def address(self) -> str:
        """The part of the technology's address that names it."""
        return f"{self.slug}-{self.technology_id}"


@dataclass(frozen=True)
class ForUs:
    """A need that fits technologies of the institution: the closest ones, and whether it was answered already."""

    need: NeedRow
    proposals: tuple[Proposal, ...]

    @property
    def score(self) -> int:
        """The score of the closest technology."""
        return max((each.score or 0 for each in self.proposals), default=0)


@dataclass(frozen=True)
class Open:
    """An open need as it is compared with technologies."""

    id: str
    organisation_id: str
    profile: Profile
