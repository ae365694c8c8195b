"""Tables of needs: what companies look for, what institutions answer, what fits by the system's reckoning, what was chosen."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from market.catalog.rules.vocabulary import SECTORS
from market.kit.db import Table, check_in, json_column
from market.kit.ids import new_id
from market.needs.process import STATES
from market.needs.rules.vocabulary import BUDGETS, OUTCOMES, STAGES


class Need(Table, table=True):
    """A technology that a company (or an agency, where it was imported) looks for.

    `source` and `source_id` say where it came from (`manual` for one typed here), `digest` is what the source told last.
    `on_behalf_of` names who asks where the organisation posts for somebody else. `weights` holds the telling words of the
    text by their rarity in the catalogue, made when it opened. `version` counts saves.
    """

    __tablename__ = "need"
    __table_args__ = (
        UniqueConstraint("organisation_id", "source", "source_id"),
        check_in("state", STATES),
        check_in("stage", STAGES),
        check_in("budget", BUDGETS),
        check_in("outcome", ("", *OUTCOMES)),
        CheckConstraint(
            "sector IS NULL OR sector IN ({})".format(", ".join(f"'{key}'" for key in SECTORS)), name="sector_known"
        ),
        CheckConstraint("technology_field IS NULL OR technology_field BETWEEN 1 AND 35", name="technology_field_known"),
        CheckConstraint("state NOT IN ('open', 'answered', 'matched') OR opened_at IS NOT NULL", name="opened"),
        CheckConstraint("state <> 'closed' OR outcome <> ''", name="closed_with_outcome"),
        Index("ix_need_public", "state", "opened_at", "id"),
        Index("ix_need_due", "state", "deadline"),
        Index("ix_need_own", "organisation_id", "updated_at", "id"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id")
    person_id: str | None = Field(default=None, foreign_key="person.id")
    source: str = "manual"
    source_id: str
    source_url: str = ""
    digest: str = ""
    on_behalf_of: str = ""
    slug: str
    state: str = "draft"
    title: str
    sector: str | None = None
    cluster: str = ""
    technology_field: int | None = None
    country: str = ""
    region: str = ""
    stage: str = "any"
    kinds: list[str] = json_column(list)
    budget: str = "open"
    currency: str = ""
    deadline: date | None = None
    anonymous: bool = False
    refusal: str = ""
    outcome: str = ""
    created_at: datetime
    updated_at: datetime
    submitted_at: datetime | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    version: int = 1
    weights: dict[str, Any] = json_column()
    text: str = ""

    @property
    def audit_subject(self) -> tuple[str, str]:
        """The need's own chain of events."""
        return ("need", self.id)


class NeedAnswer(Table, table=True):
    """An institution's answer: one of its technologies, with a few words. One answer for each technology."""

    __tablename__ = "need_answer"
    __table_args__ = (UniqueConstraint("need_id", "technology_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    need_id: str = Field(foreign_key="need.id")
    technology_id: str = Field(foreign_key="technology.id", index=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    person_id: str = Field(foreign_key="person.id")
    message: str
    created_at: datetime


class NeedMatch(Table, table=True):
    """A technology that fits a need by the system's reckoning: how well, from 0 to 100, and why."""

    __tablename__ = "need_match"
    __table_args__ = (
        CheckConstraint("score BETWEEN 0 AND 100", name="score_range"),
        Index("ix_need_match_best", "need_id", "score"),
        Index("ix_need_match_institution", "organisation_id", "need_id", "score"),
    )

    need_id: str = Field(foreign_key="need.id", primary_key=True)
    technology_id: str = Field(foreign_key="technology.id", primary_key=True, index=True, ondelete="CASCADE")
    organisation_id: str = Field(foreign_key="organisation.id")
    score: int
    same_sector: bool = False
    same_field: bool = False
    words: list[str] = json_column(list)
    kinds: list[str] = json_column(list)
    found_at: datetime


class NeedChoice(Table, table=True):
    """A technology that the company marked as fitting: from now on its institution knows who asks.

    `deal_id` is the deal that came of it, once the company has sent its enquiry.
    """

    __tablename__ = "need_choice"

    need_id: str = Field(foreign_key="need.id", primary_key=True)
    technology_id: str = Field(foreign_key="technology.id", primary_key=True, index=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    person_id: str = Field(foreign_key="person.id")
    chosen_at: datetime
    deal_id: str | None = Field(default=None, foreign_key="deal.id", index=True)


class NeedSketch(Table, table=True):
    """A description on its way into the form of a need, while its writer signs in. Only the hash of its token is kept."""

    __tablename__ = "need_sketch"

    token_hash: str = Field(primary_key=True)
    created_at: datetime
    expires_at: datetime = Field(index=True)
    text: str
