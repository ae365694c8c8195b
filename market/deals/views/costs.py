"""What an offer costs over the years, as a picture and as tables."""

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts.rules import Permission
from market.deals import queries
from market.deals.forms import CostForm
from market.deals.pages.deal import CostPage, CostRow
from market.deals.queries import DealRow, OfferRow
from market.deals.rules import costs
from market.deals.rules.costs import Year
from market.deals.rules.terms import Grant, TermKind, TermSheet
from market.kit import clock
from market.kit.actor import Actor
from market.kit.errors import Invalid, NotFound
from market.kit.forms import FormState, parse
from market.kit.i18n import _, format_money, translate
from market.kit.money import Money
from market.kit.web import page, render

Scenarios = dict[str, tuple[Year, ...]]


@page(permission=Permission.SEE_DEALS)
def show_costs(request: Request, db: Session, actor: Actor) -> Response:
    """Fees, royalties and yearly minimum of one version, for sales that the reader names."""
    deal = queries.deal(db, actor, request.path_params["deal"])
    numbered = {str(each.number): each for each in queries.offers(db, deal.id)}
    offer = numbered.get(request.path_params["version"])
    if offer is None:
        raise NotFound
    if "sales" not in request.query_params:
        return _show(request, deal, offer, FormState({"growth": "0"}), {})
    form = parse(CostForm, request.query_params, {})
    if isinstance(form, FormState):
        return _show(request, deal, offer, form, {}, status=Invalid.status)
    typed = FormState({"sales": form.sales, "growth": str(form.growth)})
    sales = _sales(form.sales, offer.terms.currency)
    if sales is None:
        typed.errors["sales"] = translate(_("Write an amount such as 12,500 or 12,500.00."))
        return _show(request, deal, offer, typed, {}, status=Invalid.status)
    return _show(request, deal, offer, typed, _scenarios(offer.terms, sales, form))


def _sales(text: str, currency: str) -> Money | None:
    try:
        amount = Money.parse(text, currency)
    except ValueError:
        return None
    return amount if amount.minor >= 0 else None


def _scenarios(sheet: TermSheet, sales: Money, form: CostForm) -> Scenarios:
    years = costs.years_of(sheet, clock.now().date())
    return {
        key: costs.outlook(sheet, sales * factor, form.growth / 100, years) for key, _label, factor in costs.SCENARIOS
    }


def _show(
    request: Request, deal: DealRow, offer: OfferRow, form: FormState, found: Scenarios, *, status: int = 200
) -> Response:
    labels = {key: translate(label) for key, label, _factor in costs.SCENARIOS}
    totals = {key: costs.running_total(years) for key, years in found.items()}
    expected = found.get("expected", ())
    return render(
        request,
        CostPage(
            title=translate(_("What version {number} costs"), number=offer.number),
            deal=deal,
            offer=offer,
            form=form,
            currency=offer.terms.currency,
            years=[_year(year.number) for year in expected],
            totals=[(labels[key], [money.minor for money in moneys]) for key, moneys in totals.items()],
            written=[[format_money(money) for money in moneys] for moneys in zip(*totals.values(), strict=True)],
            rows=[_row(year) for year in expected],
            ends=[(labels[key], format_money(found[key][0].sales), format_money(totals[key][-1])) for key in found],
            notes=_notes(offer.terms),
        ),
        status,
    )


def _year(number: int) -> str:
    return translate(_("Year {number}"), number=number)


def _row(year: Year) -> CostRow:
    amounts = (year.sales, year.fees, year.royalty, year.top_up, year.cost)
    return CostRow(_year(year.number), *(format_money(money) for money in amounts))


def _notes(sheet: TermSheet) -> tuple[str, ...]:
    """What the picture takes for granted, as far as it matters for these terms."""
    said = [translate(_("Each licence year counts as a whole calendar year. Tax is not in it."))]
    if sheet.term.kind is TermKind.LAST_PATENT:
        said.append(translate(_("The licence ends with the last patent; the picture shows ten years.")))
    if sheet.grant is Grant.OPTION:
        said.append(translate(_("It is counted as if you took the licence at once, with the fee of the option.")))
    return tuple(said)
