"""What the pages of the non-disclosure agreement show."""

from dataclasses import dataclass
from typing import ClassVar

from market.deals.queries import DealRow, DocumentRow
from market.deals.standing import StandingNda
from market.kit.forms import FormState
from market.kit.web import Page

Option = tuple[str, str]


@dataclass(frozen=True)
class NdaFormPage(Page):
    """The form of a proposal; what the two have signed before stands above it."""

    template: ClassVar[str] = "deals/nda_form.html"
    title: str
    deal: DealRow
    standing: StandingNda | None
    sides: list[Option]
    form: FormState


@dataclass(frozen=True)
class NdaPage(Page):
    """The agreement: the document or the one of another deal, its signatures, and the form to sign it."""

    template: ClassVar[str] = "deals/nda.html"
    title: str
    deal: DealRow
    document: DocumentRow | None
    signed: StandingNda | None
    running: bool
    parties: list[tuple[str, str, object | None]]
    my_turn: bool
    may_sign: bool
    consent: str
    form: FormState
