"""What the templates of needs see: one frozen dataclass for each page."""

from dataclasses import dataclass
from typing import ClassVar

from market.catalog.rules.vocabulary import OFFERS
from market.discovery.rules.wipo import TECHNOLOGY_FIELDS
from market.kit.forms import FormState
from market.kit.i18n import _, country_name, format_date, translate
from market.kit.web import Page
from market.needs.process import PATH, STATE_LABELS
from market.needs.rows import ForUs, NeedRow, OwnNeed, Proposal
from market.needs.rules.matching import STRONG
from market.needs.rules.vocabulary import BUDGETS, OUTCOMES, STAGES

Option = tuple[str, str]
VERY_STRONG = 65

_KINDS = {
    "draft": "plain",
    "submitted": "warn",
    "open": "active",
    "answered": "active",
    "matched": "good",
    "closed": "plain",
    "expired": "danger",
    "withdrawn": "plain",
}


@dataclass(frozen=True)
class State:
    """The situation of a need in words, with the kind of its mark."""

    text: str
    kind: str


def state_of(need: NeedRow) -> State:
    """The situation of a need in words."""
    return State(translate(STATE_LABELS[need.state]), _KINDS[need.state])


def closeness(score: int) -> State:
    """A score in words."""
    if score >= VERY_STRONG:
        return State(translate(_("Very close")), "good")
    return State(translate(_("Close")), "active") if score >= STRONG else State(translate(_("Possible")), "plain")


@dataclass(frozen=True)
class Beside:
    """A technology beside a need, with how close it is and why, in words."""

    row: Proposal
    close: State | None
    reasons: tuple[str, ...]


def beside(row: Proposal) -> Beside:
    """A technology beside a need, in words."""
    if row.score is None:
        return Beside(row, None, ())
    reasons = []
    if row.words:
        reasons.append(translate(_("Words that both have: {words}"), words=", ".join(row.words)))
    if row.same_sector:
        reasons.append(translate(_("The same sector")))
    if row.same_field:
        reasons.append(translate(_("The same technology field")))
    if row.kinds:
        kinds = ", ".join(translate(OFFERS[kind]) for kind in row.kinds if kind in OFFERS)
        reasons.append(translate(_("What both want: {kinds}"), kinds=kinds))
    return Beside(row, closeness(row.score), tuple(reasons))


@dataclass(frozen=True)
class Shown:
    """A need in a list or on its page, in words."""

    row: NeedRow
    state: State
    place: str
    who: str
    facts: tuple[Option, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """Short words for a list: sector and deadline."""
        return tuple(text for _name, text in self.facts[:1])


def shown(need: NeedRow) -> Shown:
    """A need in words; who asks is named only where the actor may know."""
    place = ", ".join(part for part in (need.region, country_name(need.country) if need.country else "") if part)
    who = (
        need.on_behalf_of or need.organisation or translate(_("A company that stays anonymous until a technology fits"))
    )
    budget = translate(BUDGETS[need.budget]) + (f" {need.currency}" if need.currency and need.budget != "open" else "")
    field = TECHNOLOGY_FIELDS.get(need.technology_field or 0, "")
    facts = (
        (translate(_("Sector")), translate(need.sector_label) if need.sector else ""),
        (translate(_("Cluster")), need.cluster),
        (translate(_("Technology field")), translate(field) if field else ""),
        (translate(_("Where")), place),
        (translate(_("Stage wanted")), translate(STAGES[need.stage])),
        (
            translate(_("How to work together")),
            ", ".join(translate(OFFERS[kind]) for kind in need.kinds if kind in OFFERS),
        ),
        (translate(_("Budget")), budget),
        (translate(_("Open until")), format_date(need.deadline) if need.deadline else translate(_("No deadline"))),
    )
    return Shown(need, state_of(need), place, who, tuple(fact for fact in facts if fact[1]))


def path_steps(need: NeedRow) -> tuple[Option, ...]:
    """The way of a need with the state of each step, for the picture."""
    here = next(number for number, (_label, states) in enumerate(PATH) if need.state in states)
    over = need.state in ("expired", "withdrawn")
    return tuple(
        (
            translate(STATE_LABELS[need.state]) if number == here else translate(label),
            ("stopped" if over else "current")
            if number == here
            else "done"
            if number < here and not over
            else "upcoming",
        )
        for number, (label, _states) in enumerate(PATH)
    )


@dataclass(frozen=True)
class NeedsPage(Page):
    """Open needs, with filters. `countries` and `options` are what can be chosen; `pager` ends where the number goes."""

    template: ClassVar[str] = "needs/needs.html"
    title: str
    needs: list[Shown]
    total: int
    form: FormState
    options: dict[str, list[Option]]
    filtered: bool
    number: int
    last: int
    pager: str


@dataclass(frozen=True)
class NeedPage(Page):
    """A need: for visitors what is wanted; for its company what was answered and found; for institutions what of theirs fits.

    `ours` are the institution's technologies beside it; `may_answer` says whether it may answer now.
    """

    template: ClassVar[str] = "needs/need.html"
    title: str
    need: Shown
    path: tuple[Option, ...]
    beside: list[Beside]
    ours: list[Beside]
    may_answer: bool
    may_act: bool
    outcome: str


@dataclass(frozen=True)
class OwnNeedsPage(Page):
    """The company's own needs."""

    template: ClassVar[str] = "needs/own.html"
    title: str
    needs: list[tuple[Shown, OwnNeed]]
    total: int
    number: int
    last: int


@dataclass(frozen=True)
class NeedFormPage(Page):
    """Writing a need, or changing one (`need`)."""

    template: ClassVar[str] = "needs/form.html"
    title: str
    form: FormState
    need: NeedRow | None
    options: dict[str, list[Option]]
    clusters: list[str]
    verified: bool


@dataclass(frozen=True)
class CloseNeedPage(Page):
    """What became of a need."""

    template: ClassVar[str] = "needs/close.html"
    title: str
    need: NeedRow
    form: FormState
    outcomes: list[Option]


@dataclass(frozen=True)
class ForUsPage(Page):
    """The needs that fit technologies of the institution."""

    template: ClassVar[str] = "needs/for_us.html"
    title: str
    needs: list[tuple[Shown, ForUs, list[Beside]]]
    total: int
    answered: bool
    number: int
    last: int


@dataclass(frozen=True)
class AnswerPage(Page):
    """Answering a need with one of the institution's technologies; those that fit stand first."""

    template: ClassVar[str] = "needs/answer.html"
    title: str
    need: Shown
    form: FormState
    listings: list[tuple[str, list[Option]]]


@dataclass(frozen=True)
class ReviewPage(Page):
    """The operator checks a need."""

    template: ClassVar[str] = "needs/review.html"
    title: str
    need: Shown
    form: FormState
    waits: bool


def outcome_text(need: NeedRow) -> str:
    """What became of a need, in words."""
    return translate(OUTCOMES[need.outcome]) if need.outcome else ""
