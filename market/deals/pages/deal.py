"""What the templates of deals see: one frozen dataclass for each page."""

from dataclasses import dataclass
from typing import Any, ClassVar

from market.catalog.rows import ListingRow
from market.deals.pages.offer_form import PartView
from market.deals.pages.steps import Next
from market.deals.pages.terms import TermGroup
from market.deals.pages.timeline import Entry, Link
from market.deals.queries import DealLine, DealRow, DocumentRow, OfferRow
from market.kit.forms import FormState
from market.kit.web import Page

Option = tuple[str, str]
"""A value and its text in the reader's language."""


@dataclass(frozen=True)
class AskPage(Page):
    """The first question to an institution."""

    template: ClassVar[str] = "deals/ask.html"
    title: str
    listing: ListingRow
    form: FormState
    countries: list[Option]
    open_deal: str | None


@dataclass(frozen=True)
class ListRow:
    """A deal in the list, in words."""

    deal: DealLine
    state: str
    kind: str
    due: str
    late: bool


@dataclass(frozen=True)
class DealsPage(Page):
    """All deals of the organisation."""

    template: ClassVar[str] = "deals/deals.html"
    title: str
    rows: list[ListRow]
    total: int
    waiting: int
    tabs: list[tuple[str, str, bool, int]]
    number: int
    last: int
    chosen: str


@dataclass(frozen=True)
class DealPage(Page):
    """The one record that both sides see."""

    template: ClassVar[str] = "deals/deal.html"
    title: str
    deal: DealRow
    state: str
    state_kind: str
    path: tuple[tuple[str, str], ...]
    next: Next
    offer: OfferRow | None
    offer_by: str
    terms: tuple[TermGroup, ...]
    changed: tuple[str, ...]
    compare: Link | None
    document: DocumentRow | None
    licence_number: str
    entries: tuple[Entry, ...]
    lost_reason: str
    may_write: bool
    form: FormState
    answer: FormState
    notes: list[Any]
    note: FormState


@dataclass(frozen=True)
class OfferFormPage(Page):
    """The form of an offer, term by term."""

    template: ClassVar[str] = "deals/offer_form.html"
    title: str
    deal: DealRow
    form: FormState
    answers: str
    counters: bool
    hints: dict[str, str]
    rights: list[Option]
    countries: list[Option]
    currencies: list[Option]
    currency: str
    options: dict[str, list[Option]]
    tiers: list[int]
    parts: dict[str, PartView]


@dataclass(frozen=True)
class OfferPage(Page):
    """One version of the terms, alone or beside another."""

    template: ClassVar[str] = "deals/offer.html"
    title: str
    deal: DealRow
    offer: OfferRow
    older: OfferRow | None
    offer_by: str
    terms: tuple[TermGroup, ...]
    changed: tuple[str, ...]
    versions: list[Option]


@dataclass(frozen=True)
class CostRow:
    """A year of the expected sales, in words: what is sold and what it costs."""

    year: str
    sales: str
    fees: str
    royalty: str
    top_up: str
    cost: str


@dataclass(frozen=True)
class CostPage(Page):
    """What an offer costs over the years. `totals` and `written` hold the running total of each scenario by year."""

    template: ClassVar[str] = "deals/cost.html"
    title: str
    deal: DealRow
    offer: OfferRow
    form: FormState
    currency: str
    years: list[str]
    totals: list[tuple[str, list[int]]]
    written: list[list[str]]
    rows: list[CostRow]
    ends: list[tuple[str, str, str]]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class ConfirmPage(Page):
    """What is accepted or approved, with its hash, before the click that counts."""

    template: ClassVar[str] = "deals/confirm.html"
    title: str
    lead: str
    deal: DealRow
    offer: OfferRow
    terms: tuple[TermGroup, ...]
    changed: tuple[str, ...]
    action: str
    button: str
    consequences: tuple[str, ...]
    form: FormState
    with_note: bool = False


@dataclass(frozen=True)
class ReasonPage(Page):
    """Asks why, before something ends."""

    template: ClassVar[str] = "deals/reason.html"
    title: str
    lead: str
    deal: DealRow
    action: str
    button: str
    form: FormState
    reasons: list[Option]


@dataclass(frozen=True)
class AgreementPage(Page):
    """The agreement: the document, its signatures, and the form to sign it."""

    template: ClassVar[str] = "deals/agreement.html"
    title: str
    deal: DealRow
    document: DocumentRow
    parties: list[tuple[str, str, object | None]]
    my_turn: bool
    may_sign: bool
    consent: str
    form: FormState
    licence_number: str
    sealed: bool = False


@dataclass(frozen=True)
class VerifyPage(Page):
    """Checking a document: the form, and what was found of the last one."""

    template: ClassVar[str] = "deals/verify.html"
    title: str
    form: FormState
    verdict: str = ""
    kind: str = "info"
    heading: str = ""
    name: str = ""
    sha256: str = ""
    facts: tuple[tuple[str, str], ...] = ()
