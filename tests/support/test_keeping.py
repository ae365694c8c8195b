"""Progress of people who are signed in, and the operator's newer figures."""

from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import select

from market.kit.audit import AuditEvent
from market.kit.errors import Forbidden, Refused
from market.support import library, queries, service
from market.support.forms import FigureForm
from market.support.rules import guide, patent_cost
from tests.accounts.people import sign_in
from tests.needs import world as making

KEY = "de|filing|1|Examination"
NEWER = FigureForm(key=KEY, value=Decimal(400), valid_from=date(2027, 4, 1), source="A new table of 2027")


@pytest.fixture
def world(wired, now):
    """A company, institutes and an operator."""
    with wired.db.write() as db:
        return making.make_world(db, now)


def test_the_best_answers_are_kept(wired, world, now):
    """Two of three, then three, then one: three of three stay; a visitor's answers are not kept."""
    licence = library.find("what-a-licence-is")
    right = {number: str(each.right) for number, each in enumerate(licence.questions, start=1)}
    wrong = {number: str(int(not each.right)) for number, each in enumerate(licence.questions, start=1)}
    with wired.db.write() as db:
        for chosen in (wrong, right, wrong):
            service.keep_progress(db, world.buyer, licence, guide.marked(licence.questions, chosen), now=now)
        assert {"what-a-licence-is": (3, 3)} == queries.progress(db, world.buyer)
        events = db.exec(select(AuditEvent).where(AuditEvent.tag == "support:guide:answered")).all()
        assert 2 == len(events)


def test_progress_stands_on_the_list(wired, world, browser):
    """Who is signed in sees at the guide how many answers were right."""
    sign_in(browser, world.buyer.email)
    browser.get("/learn/what-a-licence-is")
    browser.submit("/learn/what-a-licence-is", q1="1", q2="0", q3="0")
    browser.get("/learn")
    assert "2 of 3 right" in browser.text


def test_the_operator_lets_a_newer_figure_follow(wired, world, now):
    """14,550 until 31 March 2027, 14,600 from the day of the newer examination fee; nobody else may do it."""
    with wired.db.write() as db:
        service.add_figure(db, world.operator, NEWER, now=now)
    with wired.db.read() as db:
        table = queries.all_figures(db)
    for on, expected in ((date(2027, 3, 31), 14550), (date(2027, 4, 1), 14600)):
        rows = patent_cost.lines(table, "de", "large", granted=4, years=20, on=on)
        assert expected == patent_cost.total(rows, estimates=False)
    with pytest.raises(Forbidden), wired.db.write() as db:
        service.add_figure(db, world.buyer, NEWER, now=now)
    with pytest.raises(Refused), wired.db.write() as db:
        service.add_figure(db, world.operator, NEWER.model_copy(update={"key": "no such"}), now=now)


def test_the_desk_has_the_table(wired, world, browser):
    """The operator types a newer figure; what is wrong is said and stays."""
    sign_in(browser, world.operator.email)
    browser.get("/desk/figures")
    browser.submit("/desk/figures", key=KEY, value="400", valid_from="2027-04-01", source="")
    assert 422 == browser.page.status_code
    browser.submit("/desk/figures", key=KEY, value="400", valid_from="2027-04-01", source="A new table of 2027")
    assert "The figure is taken in" in browser.text
    assert "added here" in browser.text
