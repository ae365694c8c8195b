"""Input of needs."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, field_validator

from market.catalog.rules.vocabulary import CURRENCIES, OFFERS, SECTORS, countries
from market.discovery.rules.wipo import TECHNOLOGY_FIELDS
from market.kit.forms import Form
from market.kit.i18n import _
from market.needs.rules.posting import LONGEST_TEXT
from market.needs.rules.vocabulary import BUDGETS, OUTCOMES, STAGES

Short = Annotated[str, Field(max_length=120)]


class TextForm(Form):
    """A description that is to become a need."""

    text: Annotated[str, Field(max_length=20_000)] = ""


class NeedForm(Form):
    """A need. Only the title is asked for while it is a draft; the rest must be there before it goes to the desk.

    `version` is what the writer had on the screen; 0 for a new one. `then` is `send` to send it in at once.
    """

    version: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    title: Annotated[str, Field(min_length=3, max_length=160)]
    text: Annotated[str, Field(max_length=LONGEST_TEXT)] = ""
    sector: Literal[tuple(SECTORS)] | None = None  # type: ignore[valid-type]
    cluster: Short = ""
    technology_field: int | None = None
    country: Annotated[str, Field(max_length=2)] = ""
    region: Short = ""
    stage: Literal[tuple(STAGES)] = "any"  # type: ignore[valid-type]
    kinds: Annotated[list[Literal[tuple(OFFERS)]], Field(max_length=10, default_factory=list)]  # type: ignore[valid-type]
    budget: Literal[tuple(BUDGETS)] = "open"  # type: ignore[valid-type]
    currency: Literal["", *CURRENCIES] = ""  # type: ignore[valid-type]
    deadline: date | None = None
    anonymous: bool = False
    then: str = ""

    @field_validator("country")
    @classmethod
    def _country(cls, code: str) -> str:
        if code and code not in countries():
            raise ValueError(_("Choose a country from the list."))
        return code

    @field_validator("technology_field")
    @classmethod
    def _field(cls, number: int | None) -> int | None:
        if number is not None and number not in TECHNOLOGY_FIELDS:
            raise ValueError(_("Choose one of the options."))
        return number


class ReasonForm(Form):
    """Why the operator sends a need back."""

    reason: Annotated[str, Field(min_length=5, max_length=1000)]


class AnswerForm(Form):
    """An institution's answer to a need."""

    technology: Annotated[str, Field(min_length=1, max_length=40)]
    message: Annotated[str, Field(min_length=20, max_length=3000)]


class CloseForm(Form):
    """What became of a need."""

    outcome: Literal[tuple(OUTCOMES)]  # type: ignore[valid-type]


class ChooseForm(Form):
    """The technology that fits."""

    technology: Annotated[str, Field(min_length=1, max_length=40)]
