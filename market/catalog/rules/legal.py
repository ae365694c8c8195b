"""Where a family of patents is in force, where it has lapsed, where it was never filed: derived from legal events.

An office's events say what happened; what holds now follows from their classes (`legal_events.txt`, the EPO's grouping by
WIPO ST.27). Where the events do not tell, the answer is `unclear`, never a guess. Not a legal opinion.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import groupby
from pathlib import Path

from market.catalog.rules.expiry import estimate, years_after
from market.kit.i18n import _

FILE = Path(__file__).with_name("legal_events.txt")

COUNTRY_STATUS = {
    "in_force": _("In force"),
    "pending": _("Pending"),
    "unclear": _("Not clear"),
    "lapsed": _("Lapsed"),
    "never_filed": _("Never filed"),
}

_ENDS, _REVIVES, _GRANTS, _PAYS = ("H", "B"), ("K", "C"), ("F",), ("U", "M")
_REGIONS = ("EP", "WO", "EA", "AP", "OA")
_YEARLY = timedelta(days=2 * 365)
_US_GRACE = timedelta(days=183)
_PENDING_AT_MOST = timedelta(days=8 * 365)
_LATE_PUBLICATION = timedelta(days=640)  # 18 months to the publication and three for it to reach the databases
_LATE_ENTRY = timedelta(days=37 * 31)  # 31 months to the national entry by PCT and half a year to be seen


@dataclass(frozen=True)
class Meaning:
    """What an event does to the right: its class (empty when it has none) and its influence (`+`, `-` or empty)."""

    category: str
    influence: str


@dataclass(frozen=True)
class LegalEvent:
    """Something that happened to a right: by an office, with its code; `country` where it tells of a single state.

    `on` is the day that it took effect, or of its gazette; `paid_year` the year of a paid fee; `text` its free words.
    """

    office: str
    code: str
    on: date
    influence: str = ""
    country: str = ""
    paid_year: int = 0
    text: str = ""
    states: tuple[str, ...] = ()
    of_grant: bool = False


@dataclass(frozen=True)
class Member:
    """A publication of the family: office, number, kind code, its dates, and its legal events."""

    office: str
    number: str
    kind: str
    published_on: date | None
    filed_on: date | None = None
    priority_on: date | None = None
    events: tuple[LegalEvent, ...] = ()


@dataclass(frozen=True)
class CountryStatus:
    """What holds in one country since when; `told_by` is the office whose events say so."""

    country: str
    status: str
    since: date | None = None
    told_by: str = ""


@cache
def meanings() -> Mapping[tuple[str, str], Meaning]:
    """What each office's codes mean."""
    found: dict[tuple[str, str], Meaning] = {}
    for line in FILE.read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        office, category, influence, *codes = line.split()
        meaning = Meaning(category.strip("-"), influence.strip("0"))
        found |= {(office, code): meaning for code in codes}
    return found


def meaning(event: LegalEvent) -> Meaning:
    """What an event means: by its code at the state it tells of, else at its office, else by its influence alone."""
    keys = ((event.country, event.code), (event.office, event.code))
    found = next((meanings()[key] for key in keys if key in meanings()), Meaning("", event.influence))
    return found if found.category else Meaning("", found.influence or event.influence)


@dataclass
class _State:
    """What is known of one country while its events are told in order."""

    granted: date | None = None
    ended: date | None = None
    alive: date | None = None
    paid_year: int = 0
    extended: bool = False
    told_by: str = ""

    def hear(self, event: LegalEvent) -> None:
        said = meaning(event)
        self.told_by = event.office
        if said.category in _ENDS or (not said.category and said.influence == "-" and "LAPSE" in event.text.upper()):
            self.ended = event.on
        elif said.category in _REVIVES:
            self.ended, self.alive = None, event.on
        elif said.category in _GRANTS:
            self.granted = self.granted or event.on
        elif said.category in _PAYS and (said.influence == "+" or event.paid_year):
            self.alive = max(self.alive or event.on, event.on)
            self.paid_year = max(self.paid_year, event.paid_year)
        elif said.category == "G" and said.influence == "+":
            self.extended = True


def derive(members: Sequence[Member], today: date) -> list[CountryStatus]:
    """The status of each country that the family names, by country code."""
    found: dict[str, CountryStatus] = {}
    for office, publications in groupby(sorted(members, key=lambda each: each.office), key=lambda each: each.office):
        group = list(publications)
        told = _european(group, today) if office == "EP" else [] if office in _REGIONS else [_national(group, today)]
        for status in told:
            found[status.country] = _stronger(found.get(status.country), status)
    return [found[country] for country in sorted(found)]


_STRENGTH = ("lapsed", "unclear", "pending", "in_force")


def _stronger(one: CountryStatus | None, other: CountryStatus) -> CountryStatus:
    """A country with a national and a European patent is in force while either is."""
    if one is None:
        return other
    return max(one, other, key=lambda each: _STRENGTH.index(each.status))


def _applications(members: Iterable[Member]) -> list[list[Member]]:
    """The publications of one office by application, as far as their filing dates tell them apart."""
    ordered = sorted(members, key=lambda each: each.filed_on or date.min)
    return [list(group) for _filed, group in groupby(ordered, key=lambda each: each.filed_on)]


def _heard(members: Iterable[Member], *countries: str) -> _State:
    """Let the events be told that are of one of `countries`; an empty text stands for those that name no country."""
    state = _State()
    events = {event for member in members for event in member.events}
    for event in sorted(events, key=lambda each: (each.on, each.code)):
        if event.country in countries:
            state.hear(event)
    return state


def _granted_kind(member: Member) -> bool:
    return member.kind[:1] in ("B", "C", "E", "Y", "S") or (member.office == "US" and member.kind in ("A", "P2", "P3"))


def _national(members: list[Member], today: date) -> CountryStatus:
    office = members[0].office
    each = [_one_national(office, group, today) for group in _applications(members)]
    return max(each, key=lambda status: _STRENGTH.index(status.status))


def _one_national(office: str, members: list[Member], today: date) -> CountryStatus:
    state = _heard(members, "", office)
    grants = [member.published_on for member in members if _granted_kind(member) and member.published_on]
    granted = min(grants, default=None) or state.granted
    filed = min((member.filed_on for member in members if member.filed_on), default=None)
    kind = next((member.kind for member in members if _granted_kind(member)), members[0].kind)
    published = max((member.published_on for member in members if member.published_on), default=None)
    return _judged(office, _Case(office, granted, filed, published, kind), state, today)


@dataclass(frozen=True)
class _Case:
    """What is known of an application besides its events."""

    office: str
    granted: date | None
    filed: date | None
    published: date | None
    kind: str


def _judged(country: str, case: _Case, state: _State, today: date) -> CountryStatus:
    office, granted, filed, published = case.office, case.granted, case.filed, case.published
    told_by = state.told_by or office
    if state.ended is not None:
        return CountryStatus(country, "lapsed", state.ended, told_by)
    over = estimate("patent", office, filed_on=filed, granted_on=granted, kind_code=case.kind)
    if over is not None and over < today:
        return CountryStatus(country, "unclear" if state.extended else "lapsed", over, told_by)
    if granted is None:
        waiting = published is None or today - published <= _PENDING_AT_MOST
        return CountryStatus(country, "pending" if waiting else "unclear", filed or published, told_by)
    if office == "US":
        return CountryStatus(
            country, "in_force" if today <= _us_paid_until(granted, state) else "unclear", granted, told_by
        )
    sign = max(granted, state.alive or granted)
    return CountryStatus(country, "in_force" if today - sign <= _YEARLY else "unclear", granted, told_by)


def _us_paid_until(granted: date, state: _State) -> date:
    """Fees of a US patent are due 3.5, 7.5 and 11.5 years after the grant, with half a year of grace."""
    paid = {4: 8, 8: 12, 12: 20}.get(state.paid_year, 4)
    return years_after(granted, paid) + _US_GRACE


def _european(members: list[Member], today: date) -> list[CountryStatus]:
    found: dict[str, CountryStatus] = {}
    for group in _applications(members):
        for status in _one_european(group, today):
            found[status.country] = _stronger(found.get(status.country), status)
    return list(found.values())


def _one_european(members: list[Member], today: date) -> list[CountryStatus]:
    whole = _heard(members, "")
    grants = [member.published_on for member in members if member.kind.startswith("B") and member.published_on]
    events = [event for member in members for event in member.events]
    granting = [event for event in events if event.of_grant]
    granted = min([*grants, *(event.on for event in granting)], default=None) or whole.granted
    filed = min((member.filed_on for member in members if member.filed_on), default=None)
    published = max((member.published_on for member in members if member.published_on), default=None)
    named = max((event for event in events if event.states), key=lambda each: (each.of_grant, each.on), default=None)
    states = set(named.states if named else ()) | {event.country for event in events if event.country not in ("", "EP")}
    case = _Case("EP", granted, filed, published, members[0].kind)
    if granted is None or not states:
        return [_judged("EP", case, whole, today)]
    told = []
    for country in sorted(states):
        state = _heard(members, country)
        if whole.ended is not None:
            state.ended = min(whole.ended, state.ended or whole.ended)
        state.told_by = "EP"
        told.append(_judged(country, case, state, today))
    return told


# --- the rest of the world


def others_closed_on(members: Sequence[Member]) -> date | None:
    """The day from which a country that the family does not name will stay free: a year for priority, or 31 months by PCT,
    and the time until a publication is seen. None when no date is known."""
    first = min((day for member in members for day in (member.priority_on, member.filed_on) if day), default=None)
    if first is None:
        return None
    by_pct = any(member.office == "WO" for member in members)
    return first + (_LATE_ENTRY if by_pct else _LATE_PUBLICATION)


def overall(statuses: Iterable[str]) -> str:
    """One word of vocabulary.IP_STATUS for the right as a whole."""
    told = set(statuses)
    for status, word in (("in_force", "granted"), ("pending", "pending"), ("unclear", "unknown"), ("lapsed", "lapsed")):
        if status in told:
            return word
    return "unknown"
