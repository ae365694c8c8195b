"""Where rights hold: events become states, dates become estimates, symbols become fields."""

from datetime import date

import pytest

from market.catalog.rights import CountryRow, picture
from market.catalog.rows import RightRow
from market.catalog.rules import legal
from market.catalog.rules.expiry import estimate, years_after
from market.catalog.rules.legal import CountryStatus, LegalEvent, Member
from market.catalog.rules.technology_fields import FILE, read, technology_field, technology_fields

TODAY = date(2027, 3, 3)
STATES = ("DE", "FR", "GB", "IT")


def ep(*events, grant=True):
    """A European patent for four states, filed in 2015 and granted in 2020 (or still being examined)."""
    first = Member("EP", "3000001", "A1", date(2017, 1, 4), date(2015, 7, 1), date(2014, 7, 1), tuple(events))
    named = LegalEvent("EP", "AK", date(2020, 5, 6), "+", states=STATES, of_grant=True)
    granted = Member("EP", "3000001", "B1", date(2020, 5, 6), date(2015, 7, 1), date(2014, 7, 1))
    if not grant:
        return [first]
    return [
        Member(first.office, first.number, "A1", first.published_on, first.filed_on, None, (*events, named)),
        granted,
    ]


def lapse(country, on=date(2021, 2, 1)):
    return LegalEvent("EP", "PG25", on, "-", country)


def fee(country, on=date(2026, 7, 1)):
    return LegalEvent("EP", "PGFP", on, "+", country, 11)


def told(members, today=TODAY):
    return {each.country: each.status for each in legal.derive(members, today)}


def test_a_european_patent_holds_state_by_state():
    """Fee paid: in force; lapsed: free; no word for years: nobody guesses."""
    assert {"DE": "in_force", "FR": "lapsed", "GB": "in_force", "IT": "unclear"} == told(
        ep(fee("DE"), fee("GB"), lapse("FR"))
    )


def test_a_revoked_patent_holds_nowhere():
    """What the EPO revokes is gone in all states, whatever fees were paid."""
    revoked = LegalEvent("EP", "27W", date(2022, 1, 1), "-")
    assert {"lapsed"} == set(told(ep(fee("DE"), revoked)).values())


def test_a_national_code_within_the_european_register_is_the_states_own():
    """Belgium's MM in the register ends the patent in Belgium alone."""
    ended = LegalEvent("BE", "MM", date(2022, 6, 30), "", "BE")
    states = told(ep(fee("DE"), ended))
    assert ("lapsed", "in_force") == (states["BE"], states["DE"])


def test_an_application_is_pending_until_it_is_withdrawn():
    """No grant yet: pending; deemed to be withdrawn: gone; restored: pending again."""
    withdrawn, restored = (
        LegalEvent("EP", "18D", date(2020, 1, 1), "-"),
        LegalEvent("EP", "D18D", date(2020, 6, 1), "+"),
    )
    assert {"EP": "pending"} == told(ep(grant=False), date(2020, 1, 1))
    assert {"EP": "lapsed"} == told(ep(withdrawn, grant=False), date(2021, 1, 1))
    meaning = legal.meaning(restored).category
    assert {"EP": "pending" if meaning == "C" else "lapsed"} == told(
        ep(withdrawn, restored, grant=False), date(2021, 1, 1)
    )


def us(*events, granted=date(2017, 5, 9)):
    return [
        Member("US", "2012000001", "A1", date(2012, 1, 5), date(2011, 6, 23), None, tuple(events)),
        Member("US", "9000001", "B2", granted, date(2011, 6, 23)),
    ]


@pytest.mark.parametrize(
    ("events", "status"),
    [
        ((), "unclear"),
        ((LegalEvent("US", "MAFP", date(2020, 10, 20), "+", paid_year=4),), "unclear"),
        ((LegalEvent("US", "MAFP", date(2024, 10, 29), "+", paid_year=8),), "in_force"),
        ((LegalEvent("US", "LAPS", date(2021, 6, 1), "-"),), "lapsed"),
    ],
)
def test_a_us_patent_lives_by_its_maintenance_fees(events, status):
    """Fees fall due 3.5, 7.5 and 11.5 years after the grant; a lapse is a lapse."""
    assert {"US": status} == told(us(*events), date(2026, 1, 5))


def test_after_its_term_nothing_is_in_force():
    """Twenty years from filing are over."""
    assert {"lapsed"} == set(told(ep(fee("DE")), date(2035, 7, 2)).values())


def test_a_national_patent_keeps_a_country_closed_when_the_european_one_has_lapsed():
    """The stronger right counts."""
    german = Member("DE", "102015000001", "B4", date(2026, 1, 7), date(2015, 7, 1))
    assert "in_force" == told([*ep(lapse("DE")), german])["DE"]


def test_other_countries_are_closed_after_the_last_day_to_file_there():
    """A year of priority and the publication, or 31 months by PCT."""
    assert date(2014, 7, 1) < legal.others_closed_on(ep(grant=False)) < date(2016, 7, 1)
    pct = Member("WO", "2015000001", "A1", date(2016, 1, 7), date(2015, 7, 1), date(2014, 7, 1))
    assert date(2017, 1, 1) < legal.others_closed_on([pct]) < date(2018, 1, 1)
    assert legal.others_closed_on([Member("EP", "1", "A1", None)]) is None


def test_codes_mean_what_the_epo_says():
    """The shipped table knows all codes, and its classes."""
    assert 4397 == len(legal.meanings())
    assert ["H", "U", "F", "B"] == [
        legal.meanings()[key].category for key in (("EP", "PG25"), ("US", "MAFP"), ("GB", "FG4D"), ("EP", "18D"))
    ]


def test_one_word_for_the_right_as_a_whole():
    """The strongest state speaks for the whole; nothing at all is unknown."""
    assert ["granted", "pending", "lapsed", "unknown"] == [
        legal.overall(each) for each in (["lapsed", "in_force"], ["lapsed", "pending"], ["lapsed"], [])
    ]


# --- estimates


@pytest.mark.parametrize(
    ("right", "ends"),
    [
        (("patent", "EP", date(2015, 7, 1), None, "B1"), date(2035, 7, 1)),
        (("application", "WO", date(2020, 2, 29), None, "A1"), date(2040, 2, 29)),
        (("patent", "US", date(1990, 1, 2), date(1994, 1, 4), "A"), date(2011, 1, 4)),
        (("patent", "DE", date(2020, 2, 29), None, "U1"), date(2030, 2, 28)),
        (("design", "US", date(2016, 2, 29), date(2017, 2, 28), "S1"), date(2032, 2, 28)),
        (("design", "US", date(2010, 1, 1), date(2012, 2, 29), "S1"), date(2026, 2, 28)),
        (("design", "CN", date(2022, 1, 1), None, "S"), date(2037, 1, 1)),
        (("design", "EM", date(2022, 1, 1), None, ""), date(2047, 1, 1)),
        (("plant_variety", "EU", None, date(2020, 5, 5), ""), date(2045, 5, 5)),
        (("know_how", "", date(2020, 5, 5), None, ""), None),
        (("patent", "EP", None, None, ""), None),
    ],
)
def test_the_last_day_is_estimated_by_kind_and_office(right, ends):
    """Twenty years for patents, by their own rules for designs, plants, utility models and old US patents."""
    kind, office, filed, granted, code = right
    assert ends == estimate(kind, office, filed_on=filed, granted_on=granted, kind_code=code)


def test_the_29th_of_february_ends_on_the_28th():
    """Where the day is missing the last day of the month stands in."""
    assert date(2031, 2, 28) == years_after(date(2016, 2, 29), 15)
    assert date(2100, 2, 28) == years_after(date(2080, 2, 29), 20)


# --- fields


@pytest.mark.parametrize(
    ("symbol", "field"),
    [
        ("H04N 3/14", 2),
        ("H04N   1/00", 3),
        ("H04N 21/43", 4),
        ("H04W  84/    20            A I", 4),
        ("A61K 8/02", 14),
        ("A61K 31/00", 16),
        ("G06Q 10/00", 7),
        ("H10K 59/12", 8),
        ("H10N", 8),
        ("A01F 15/04", 29),
        ("nonsense", None),
        ("", None),
    ],
)
def test_the_longest_prefix_gives_the_field(symbol, field):
    """A main group of its own beats its subclass; the new H10 is semiconductors."""
    assert field == technology_field(symbol)


def test_fields_come_the_commonest_first():
    """A listing with three symbols of one field and one of another is in both."""
    assert [4, 2] == technology_fields(["H04N 3/14", "H04W 84/20", "H04L 9/00", "junk"])


def test_every_field_is_in_the_table():
    """All 35 have prefixes, and no prefix stands in two fields."""
    table = read(FILE.read_text("utf-8").splitlines())
    assert set(range(1, 36)) == set(table.values())
    assert len(table) > 700


# --- the picture


def right(right_id="r1", closed=date(2017, 1, 1)):
    """A patent as a page shows it."""
    empty = dict.fromkeys(RightRow.__dataclass_fields__, "")
    days = dict.fromkeys(("filed_on", "granted_on", "expires_on", "checked_on", "priority_on", "fetched_at"))
    return RightRow(
        **(empty | days | {"id": right_id, "kind": "patent", "status": "granted", "others_closed_on": closed})
    )


def row(country, status, right_id="r1"):
    return CountryRow(f"c-{country}", right_id, country, status, None, "EPO OPS", TODAY)


def test_the_world_in_a_few_words():
    """In force: DE, FR. Lapsed: IT. Everywhere else free, for it is too late to file there."""
    shown = picture([right()], [row("IT", "lapsed"), row("FR", "in_force"), row("DE", "in_force")], TODAY)
    assert [("in_force", ("DE", "FR")), ("lapsed", ("IT",))] == [(each.status, each.countries) for each in shown.where]
    assert ("free", None, (("EPO OPS", TODAY),)) == (shown.others, shown.others_from, shown.told)


def test_nothing_is_called_free_too_early():
    """While countries may still be added, or when a second right is unknown, nothing is said to be free."""
    young = picture([right(closed=date(2028, 1, 1))], [row("DE", "pending")], TODAY)
    assert ("may_follow", date(2028, 1, 1)) == (young.others, young.others_from)
    assert "" == picture([right(), right("r2")], [row("DE", "in_force")], TODAY).others
    assert "" == picture([right(closed=None)], [row("DE", "in_force")], TODAY).others


def test_a_country_is_as_closed_as_its_strongest_right():
    """One patent lapsed in Italy, another in force there: Italy is not free."""
    rows = [row("IT", "lapsed"), row("IT", "in_force", "r2")]
    assert [("in_force", ("IT",))] == [
        (each.status, each.countries) for each in picture([right(), right("r2")], rows, TODAY).where
    ]


def test_a_status_is_told_with_its_day():
    """Who asks since when gets the day of the lapse."""
    assert CountryStatus("FR", "lapsed", date(2021, 2, 1), "EP") in legal.derive(ep(lapse("FR")), TODAY)
