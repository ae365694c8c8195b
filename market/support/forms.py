"""What the forms of support take."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from market.kit.forms import Form


class QuizForm(Form):
    """The answers to a guide's questions, each the number of an answer."""

    q1: str = ""
    q2: str = ""
    q3: str = ""
    q4: str = ""
    q5: str = ""

    def by_number(self) -> dict[int, str]:
        """The answers by the number of the question."""
        return dict(enumerate((self.q1, self.q2, self.q3, self.q4, self.q5), start=1))


class PatentCostForm(Form):
    """What to count: the size of the owner, the year of grant, how many years, and by the figures of which day."""

    size: Literal["large", "small", "micro"] = "small"
    granted: Annotated[int, Field(ge=2, le=10)] = 4
    years: Annotated[int, Field(ge=1, le=20)] = 20
    on: date | None = None


class FigureForm(Form):
    """A newer figure: which one, how much (whole units, or per cent), from when, and by which source."""

    key: Annotated[str, Field(max_length=200)]
    value: Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=2)]
    valid_from: date
    source: Annotated[str, Field(min_length=5, max_length=300)]
