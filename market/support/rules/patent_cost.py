"""What a patent costs over its life, from dated figures; no I/O.

A figure's `kind` says when it falls due and whether a smaller firm pays less: filing (year 1), pending (renewals of an
application, up to the year of grant), grant, granted (renewals after it), renewal (whether granted or not), after_grant
(so many years after the grant), advice and translation (estimates, never reduced); reduction is a percentage.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from market.kit.i18n import _

ROUTES = {
    "de": _("Germany, filed at the German office"),
    "ep": _("European patent with unitary effect (18 states of the European Union)"),
    "us": _("United States"),
}
CURRENCIES = {"de": "EUR", "ep": "EUR", "us": "USD"}
SIZES = {"large": _("Larger company"), "small": _("Small company"), "micro": _("Micro entity")}
LABELS = (
    _("Filing online with up to 10 claims"),
    _("Examination"),
    _("Renewal"),
    _("Filing online"),
    _("European search"),
    _("Designation"),
    _("Grant and publication"),
    _("Renewal of the application"),
    _("Renewal of the unitary patent"),
    _("Basic filing"),
    _("Search"),
    _("Issue"),
    _("Maintenance"),
    _("Patent attorney: drafting and filing"),
    _("Patent attorney: answering the office"),
    _("Translation for the unitary patent"),
)
"""What the rows of the table are called, marked for translation."""
REDUCED = ("filing", "pending", "grant", "after_grant")
LIFE = 20
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Figure:
    """One dated figure: an amount in whole units of the currency, or a percentage (`unit`); `added`: by the operator."""

    route: str
    kind: str
    year: int
    label: str
    value: Decimal
    unit: str
    valid_from: date
    estimate: bool
    source: str
    added: bool = False

    @property
    def key(self) -> str:
        """What the figure is about: the same for all its versions."""
        return f"{self.route}|{self.kind}|{self.year}|{self.label}"


@dataclass(frozen=True)
class Line:
    """One cost of the life: in which year, the full figure, the percentage taken off, and what is paid."""

    year: int
    figure: Figure
    percent: Decimal
    paid: Decimal


def in_force(figures: Iterable[Figure], on: date) -> list[Figure]:
    """For each key the newest version that holds on a day; of two from the same day, the one added later in the list."""
    newest: dict[str, Figure] = {}
    for figure in sorted(figures, key=lambda each: each.valid_from):
        if figure.valid_from <= on:
            newest[figure.key] = figure
    return list(newest.values())


def lines(figures: Iterable[Figure], route: str, size: str, *, granted: int, years: int, on: date) -> list[Line]:
    """All costs of `years` years, when the patent is granted in year `granted`, by the figures in force on `on`."""
    ours = [each for each in in_force(figures, on) if each.route == route]
    percent = next((each.value for each in ours if each.kind == "reduction" and each.label == size), Decimal(0))
    found = []
    for figure in ours:
        year = due(figure, granted)
        if year is None or year > years:
            continue
        off = percent if figure.kind in REDUCED else Decimal(0)
        paid = (figure.value * (100 - off) / 100).quantize(CENT, ROUND_HALF_UP)
        found.append(Line(year, figure, off, paid))
    return sorted(found, key=lambda each: (each.year, each.figure.estimate, each.figure.label))


def due(figure: Figure, granted: int) -> int | None:
    """The year of the patent's life in which a figure is paid; None if never."""
    match figure.kind:
        case "filing" | "renewal" | "advice":
            return figure.year
        case "grant" | "translation":
            return granted
        case "pending":
            return figure.year if figure.year <= granted else None
        case "granted":
            return figure.year if figure.year > granted else None
        case "after_grant":
            return granted + figure.year
    return None


def total(rows: Iterable[Line], *, estimates: bool | None = None) -> Decimal:
    """The sum of what is paid; only of official fees (`estimates=False`) or of estimates (True)."""
    return sum((row.paid for row in rows if estimates is None or row.figure.estimate == estimates), Decimal(0))


def by_year(rows: Iterable[Line], years: int) -> list[Decimal]:
    """What has been paid in all by the end of each year, from year 1."""
    found = list(rows)
    return [sum((row.paid for row in found if row.year <= year), Decimal(0)) for year in range(1, years + 1)]
