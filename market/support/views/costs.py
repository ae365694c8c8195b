"""What a patent costs over its life."""

from datetime import date
from decimal import Decimal

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts.rules import Permission
from market.kit import clock
from market.kit.actor import Actor
from market.kit.errors import Invalid
from market.kit.forms import FormState, parse
from market.kit.i18n import _, format_date, format_money, format_percent, translate
from market.kit.money import Money
from market.kit.web import action, page, redirect, render
from market.support import queries, service
from market.support.forms import FigureForm, PatentCostForm
from market.support.pages import CostLine, CostRoute, FigureRow, FiguresPage, PatentCostPage
from market.support.rules import patent_cost as rules


@page(permission=Permission.PUBLIC)
def show_patent_costs(request: Request, db: Session, _actor: Actor) -> Response:
    """Official fees and estimates year by year, for three ways to protection."""
    today = clock.now().date()
    form = parse(PatentCostForm, request.query_params, {})
    if isinstance(form, FormState):
        return _show(request, form, PatentCostForm(), today, [], status=Invalid.status)
    on = form.on or today
    typed = FormState({"size": form.size, "granted": form.granted, "years": form.years, "on": on.isoformat()})
    return _show(request, typed, form, on, queries.all_figures(db))


def _show(
    request: Request, typed: FormState, form: PatentCostForm, on: date, table: list[rules.Figure], *, status: int = 200
) -> Response:
    routes = [] if typed.failed else [_route(key, form, on, table) for key in rules.ROUTES]
    return render(
        request,
        PatentCostPage(
            title=translate(_("What a patent costs over its life")),
            form=typed,
            sizes=[(key, translate(name)) for key, name in rules.SIZES.items()],
            years=[str(year) for year in range(1, form.years + 1)],
            routes=[route for route in routes if route.lines],
        ),
        status,
    )


def _route(key: str, form: PatentCostForm, on: date, table: list[rules.Figure]) -> CostRoute:
    rows = rules.lines(table, key, form.size, granted=form.granted, years=form.years, on=on)
    running, currency = rules.by_year(rows, form.years), rules.CURRENCIES[key]
    return CostRoute(
        key=key,
        name=translate(rules.ROUTES[key]),
        fees=_money(rules.total(rows, estimates=False), currency),
        estimates=_money(rules.total(rows, estimates=True), currency),
        total=_money(rules.total(rows), currency),
        running=[int(value) for value in running],
        written=[[_money(value, currency)] for value in running],
        lines=[_line(row, currency) for row in rows],
    )


def _line(row: rules.Line, currency: str) -> CostLine:
    figure = row.figure
    return CostLine(
        year=row.year,
        label=translate(figure.label),
        full=_money(figure.value, currency),
        off=format_percent(row.percent / 100) if row.percent else "",
        paid=_money(row.paid, currency),
        source=translate(
            _("{source}, in force from {date}"), source=figure.source, date=format_date(figure.valid_from)
        ),
        estimate=figure.estimate,
    )


def _money(value: Decimal, currency: str) -> str:
    return format_money(Money(int(value * 100), currency))


# --- the operator's table


@page(permission=Permission.OPERATE)
def list_figures(request: Request, db: Session, _actor: Actor, form: FormState | None = None) -> Response:
    """Every version of every figure, and a form for a newer one."""
    table = sorted(
        queries.all_figures(db), key=lambda each: (each.route, each.kind, each.year, each.label, each.valid_from)
    )
    keys = list(dict.fromkeys(each.key for each in table))
    named = {each.key: _named(each) for each in table}
    return render(
        request,
        FiguresPage(
            title=translate(_("Figures of the cost calculator")),
            form=form or FormState(),
            rows=[_figure_row(each) for each in table],
            keys=[(key, f"{key[:2].upper()} – {named[key]}") for key in keys],
        ),
    )


@action(FigureForm, permission=Permission.OPERATE, again=list_figures)
def add_figure(request: Request, db: Session, actor: Actor, form: FigureForm) -> Response:
    """Take a newer figure into the table."""
    service.add_figure(db, actor, form, now=clock.now())
    return redirect(request, "support:list_figures", flash=_("The figure is taken in. Older days keep the older one."))


def _named(figure: rules.Figure) -> str:
    if figure.kind == "reduction":
        return translate(_("Reduction: {size}"), size=translate(rules.SIZES[figure.label]))
    if not figure.year:
        return translate(figure.label)
    return translate(_("{label}, year {year}"), label=translate(figure.label), year=figure.year)


def _figure_row(figure: rules.Figure) -> FigureRow:
    shown = format_percent(figure.value / 100) if figure.unit == "%" else _money(figure.value, figure.unit)
    since = format_date(figure.valid_from)
    return FigureRow(_named(figure), translate(rules.ROUTES[figure.route]), shown, since, figure.source, figure.added)
