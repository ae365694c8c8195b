"""What support keeps: how far people have learned, and the operator's newer figures."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Numeric
from sqlmodel import Field

from market.kit.db import Table, append_only
from market.kit.ids import new_id


class GuideProgress(Table, table=True):
    """A person's best answer to a guide's quiz: `score` of `questions` right."""

    __tablename__ = "guide_progress"
    __table_args__ = (CheckConstraint("score >= 0 AND score <= questions", name="score_of_questions"),)

    person_id: str = Field(foreign_key="person.id", primary_key=True)
    guide: str = Field(primary_key=True)
    score: int
    questions: int
    answered_at: datetime


class CostFigure(Table, table=True):
    """A newer version of a figure, by the operator: `key` as in the shipped table; `value` in whole units or per cent."""

    __tablename__ = "cost_figure"
    __table_args__ = (CheckConstraint("value >= 0", name="value_not_negative"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    key: str
    value: Decimal = Field(sa_type=Numeric(12, 2))
    valid_from: date
    source: str
    person_id: str = Field(foreign_key="person.id")
    created_at: datetime


append_only(CostFigure)
