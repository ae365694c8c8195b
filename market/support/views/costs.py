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
from market.kit.web import page, render
from market.support import figures
from market.support.forms import PatentCostForm
from market.support.pages import CostLine, CostRoute, PatentCostPage
from market.support.rules import patent_cost as rules


@page(permission=Permission.PUBLIC)
def show_patent_costs(request: Request, _db: Session, _actor: Actor) -> Response:
    """Official fees and estimates year by year, for three ways to protection."""
    today = clock.now().date()
    form = parse(PatentCostForm, request.query_params, {})
    if isinstance(form, FormState):
        return _show(request, form, PatentCostForm(), today, status=Invalid.status)
    on = form.on or today
    typed = FormState({"size": form.size, "granted": form.granted, "years": form.years, "on": on.isoformat()})
    return _show(request, typed, form, on)


def _show(request: Request, typed: FormState, form: PatentCostForm, on: date, *, status: int = 200) -> Response:
    routes = [] if typed.failed else [_route(key, form, on) for key in rules.ROUTES]
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


def _route(key: str, form: PatentCostForm, on: date) -> CostRoute:
    rows = rules.lines(figures.shipped(), key, form.size, granted=form.granted, years=form.years, on=on)
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
