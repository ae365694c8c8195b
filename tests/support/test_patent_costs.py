"""What a patent costs: examples worked by hand from the offices' tables, and figures that have their day."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from market.support import figures
from market.support.rules import patent_cost as rules

D = Decimal
DAY = date(2026, 3, 1)


def cost(route, size="large", *, granted=4, years=20, on=DAY, table=None, estimates=False):
    """The official fees (or estimates) of a patent."""
    rows = rules.lines(table or figures.shipped(), route, size, granted=granted, years=years, on=on)
    return rules.total(rows, estimates=estimates)


def test_germany_to_the_end():
    """40 filing + 350 examination + renewals 3 to 20: 70+70+100+150+210+280+350+430 = 1,660; 540+680+830+980+1,130 = 4,160;
    1,310+1,490+1,670+1,840+2,030 = 8,340; 14,160 in all. 390 + 14,160 = 14,550.
    """
    assert D(14550) == cost("de")


def test_germany_for_ten_years():
    """40 + 350 + 1,660 (renewals 3 to 10) = 2,050; a micro entity pays the same, for there is no reduction by size."""
    assert D(2050) == cost("de", years=10) == cost("de", "micro", years=10)


def test_the_first_year_in_europe():
    """Filing 135 + search 1,520 + designation 685 + examination 1,915 = 4,255."""
    assert D(4255) == cost("ep", years=1)


def test_a_micro_entity_in_the_first_year_in_europe():
    """30% off 4,255: 4,255 × 0.7 = 2,978.50 (94.50 + 1,064.00 + 479.50 + 1,340.50)."""
    assert D("2978.50") == cost("ep", "micro", years=1)


def test_europe_until_the_grant_in_year_four():
    """4,255 + renewals of the application in years 3 and 4 (690 + 845 = 1,535) + grant 1,080 = 6,870."""
    assert D(6870) == cost("ep", years=4)


def test_a_unitary_patent_for_ten_years():
    """6,870 + unitary renewals 5 to 10: 315 + 475 + 630 + 815 + 990 + 1,175 = 4,400; 11,270 in all."""
    assert D(11270) == cost("ep", years=10)


def test_a_unitary_patent_to_the_end():
    """11,270 + years 11 to 20: 1,460+1,775+2,105+2,455+2,830 = 10,625; 3,240+3,640+4,055+4,455+4,855 = 20,245; 42,140."""
    assert D(42140) == cost("ep")


def test_a_micro_entity_pays_unitary_renewals_in_full():
    """30% off 6,870 = 4,809; the unitary renewals 5 to 10, 4,400, in full: 9,209."""
    assert D(9209) == cost("ep", "micro", years=10)


def test_a_later_grant_in_europe():
    """Grant in year 6: 4,255 + 690 + 845 + 1,000 + 1,155 (years 3 to 6) + 1,080 = 9,025 by the end of year 6."""
    assert D(9025) == cost("ep", granted=6, years=6)


def test_the_united_states_in_full():
    """350 + 770 + 880 = 2,000; issue 1,290; maintenance 2,150 + 4,040 + 8,280 = 14,470; 17,760."""
    assert D(17760) == cost("us")


def test_a_small_company_in_the_united_states():
    """60% off 17,760: 7,104."""
    assert D(7104) == cost("us", "small")


def test_a_micro_entity_in_the_united_states():
    """80% off 17,760: 3,552."""
    assert D(3552) == cost("us", "micro")


def test_maintenance_counts_from_the_grant():
    """Granted in year 4, the first is due by year 8: 2,000 + 1,290 = 3,290 after seven years, 5,440 after eight."""
    assert [D(3290), D(5440)] == [cost("us", years=years) for years in (7, 8)]


def test_estimates_are_apart_and_never_reduced():
    """European patent: 5,500 drafting + 4,500 answering + 1,500 translation = 11,500, for everybody."""
    assert D(11500) == cost("ep", estimates=True) == cost("ep", "micro", estimates=True)


def test_a_new_figure_holds_from_its_day_and_the_old_one_before():
    """The examination in Germany costs 400 from 1 April 2027: 14,600 from that day, 14,550 until the day before."""
    old = next(each for each in figures.shipped() if each.key == "de|filing|1|Examination")
    table = [*figures.shipped(), replace(old, value=D(400), valid_from=date(2027, 4, 1), source="A new table")]
    assert D(14550) == cost("de", table=table, on=date(2027, 3, 31))
    assert D(14600) == cost("de", table=table, on=date(2027, 4, 1))


def test_the_running_sum_ends_at_the_total():
    """The picture and the table say the same."""
    rows = rules.lines(figures.shipped(), "ep", "micro", granted=4, years=20, on=DAY)
    running = rules.by_year(rows, 20)
    assert rules.total(rows) == running[-1]
    assert sorted(running) == running


def test_every_row_of_the_table_is_dated_sourced_and_named():
    """No figure without where it is from; one row for each key and day; every label can be translated."""
    table = figures.shipped()
    assert len(table) == len({(each.key, each.valid_from) for each in table})
    for each in table:
        assert each.source
        assert each.route in rules.ROUTES
        assert each.kind == "reduction" or each.label in rules.LABELS
        assert each.unit in ("%", rules.CURRENCIES[each.route])


@pytest.mark.parametrize("query", ["size=huge", "granted=1", "years=21", "on=yesterday"])
def test_what_cannot_be_counted_is_said(wired, browser, query):
    """A sentence at the field, and what was typed."""
    assert 422 == browser.get(f"/learn/patent-costs?{query}").status_code


def test_the_page_shows_sums_and_working(wired, browser, now):
    """Sums, the reduction, the source with its date."""
    browser.get("/learn/patent-costs?size=micro&granted=4&years=10&on=2026-03-01")
    for words in ("€9,209.00", "30%", "estimate", "EPO: schedule of fees applicable as from 1 April 2024"):
        assert words in browser.text, words
    browser.get("/learn/patent-costs?on=1999-01-01")
    assert "no figures for that day" in browser.text
