"""The rules of deals, by example and by property."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.deals.pages.terms import term_groups
from market.deals.rules import codec, completeness, enquiries, offers, signing, wording
from market.deals.rules.clauses import clauses
from market.deals.rules.differences import differences, same_terms
from market.deals.rules.exclusivity import Granted, clash
from market.deals.rules.fields import FIELDS
from market.deals.rules.further import (
    Deduction,
    DeductionKind,
    DiligenceStep,
    Instalment,
    Insurance,
    InsuranceKind,
    Liability,
    LiabilityCap,
    Milestone,
    PatentCosts,
    Publication,
    ReservedRights,
    Stacking,
    Termination,
    YearMinimum,
)
from market.deals.rules.offers import OfferFacts
from market.deals.rules.signing import Signing
from market.deals.rules.terms import (
    FieldOfUse,
    Grant,
    IpKind,
    LicensedIp,
    MinimumRoyalty,
    OptionTerms,
    Royalty,
    Sublicensing,
    Term,
    TermKind,
    TermSheet,
    Territory,
    Tier,
    UpfrontFee,
)
from market.deals.rules.working_days import (
    add_working_days,
    days_off,
    due_on,
    end_of,
    is_working_day,
    working_days_between,
)
from market.kit.errors import Refusal
from market.kit.money import Money
from tests.deals.sheets import PLAIN, TODAY, eur, sheet, sheets

NOON = datetime(2027, 3, 3, 12, tzinfo=UTC)


# --- the sheet as JSON


@given(sheets())
def test_a_sheet_comes_back_from_its_json_as_it_was(terms: TermSheet) -> None:
    """What two sides agreed on is read back without the smallest change, and keeps its hash."""
    assert terms == codec.from_json(codec.to_json(terms))
    assert codec.digest(terms) == codec.digest_of(codec.to_json(codec.from_json(codec.to_json(terms))))


@given(sheets(), sheets())
def test_two_sheets_have_one_hash_only_when_they_are_equal(one: TermSheet, other: TermSheet) -> None:
    """The hash names exactly these terms."""
    assert (one == other) == (codec.digest(one) == codec.digest(other))


def test_the_same_rate_written_in_two_ways_has_one_hash() -> None:
    """4 % and 4.00 % are the same offer."""
    one = sheet(royalty=Royalty((Tier(0, Decimal("0.04")),)))
    other = sheet(royalty=Royalty((Tier(0, Decimal("0.0400")),)))
    assert codec.digest(one) == codec.digest(other)


def test_a_sheet_that_knows_fewer_terms_takes_the_defaults() -> None:
    """Old versions stay readable when new terms are added."""
    data = codec.to_json(PLAIN)
    del data["sublicensing"], data["confidentiality_months"]
    read = codec.from_json(data)
    assert Sublicensing() == read.sublicensing
    assert 60 == read.confidentiality_months


def test_a_sheet_from_before_the_further_terms_keeps_its_hash() -> None:
    """What was signed keeps its name for ever: a term that came later is written only where it was agreed."""
    assert "082e8ebb52941ca3eb16dd86278842a45677e207c1410f9db72757b49d4b1c5f" == codec.digest(PLAIN)


@given(sheets(), sheets())
def test_any_two_sheets_make_an_agreement_and_can_be_compared(one: TermSheet, other: TermSheet) -> None:
    """Whatever the terms are, the clauses say them, and the table of two versions names what differs."""
    assert all(clause.paragraphs and all(clause.paragraphs) for clause in clauses(one))
    assert (differences(one, other) == ()) == (one == other)
    shown = {line.key for group in term_groups(one, other) for line in group.lines if line.changed}
    assert shown <= {each.key for each in differences(one, other)}
    assert all(each.kind in ("added", "removed", "changed") for each in differences(one, other))


def test_past_patent_costs_are_split_to_the_cent() -> None:
    """Three parts of 100.00 add up to 100.00."""
    assert [eur("33.34"), eur("33.33"), eur("33.33")] == list(PatentCosts(eur(100), 3).parts)


def test_the_minimum_follows_its_schedule() -> None:
    """Nothing before it begins, then the amount of the last change."""
    terms = MinimumRoyalty(eur(10), 2, (YearMinimum(4, eur(20)),))
    assert [eur(0), eur(10), eur(10), eur(20), eur(20)] == [terms.of_year(year) for year in range(1, 6)]


# --- completeness


@given(sheets())
def test_a_valid_sheet_has_no_fault_and_every_term_has_words(terms: TermSheet) -> None:
    """What may be offered can be shown line by line."""
    assert () == completeness.faults(terms, today=TODAY)
    for key in FIELDS:
        assert (getattr(terms, key) in (None, ())) == (wording.lines(terms, key) == ())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"licensed_ip": ()}, "no_ip"),
        ({"licensed_ip": (PLAIN.licensed_ip[0], PLAIN.licensed_ip[0])}, "ip_twice"),
        ({"licensed_ip": (LicensedIp(IpKind.PATENT, "A patent"),)}, "ip_number"),
        ({"field_of_use": FieldOfUse("  ")}, "no_field"),
        ({"field_of_use": FieldOfUse("Paint", ("20C!",))}, "bad_code"),
        ({"territory": Territory(("DK",), ("DK",))}, "empty_territory"),
        ({"territory": Territory(("WORLD", "DK"))}, "world_and"),
        ({"territory": Territory(("XX",))}, "no_country"),
        ({"term": Term(TermKind.YEARS, years=0)}, "years"),
        ({"term": Term(TermKind.UNTIL, until=TODAY)}, "until"),
        ({"term": Term(TermKind.LAST_PATENT), "licensed_ip": (PLAIN.licensed_ip[1],)}, "no_patent"),
        ({"grant": Grant.OPTION}, "option"),
        ({"option": OptionTerms(6, eur(500))}, "option"),
        ({"royalty": Royalty((Tier(5, Decimal("0.04")),))}, "first_tier"),
        ({"royalty": Royalty((Tier(0, Decimal("0.04")), Tier(0, Decimal("0.03"))))}, "tiers"),
        ({"royalty": Royalty((Tier(0, Decimal(1)),))}, "rate"),
        ({"royalty": Royalty((Tier(0, Decimal("0.0400001")),))}, "rate"),
        ({"royalty": Royalty((Tier(0, Decimal("-0.01")),))}, "rate"),
        ({"reports": None}, "reports"),
        ({"royalty": None}, "minimum_alone"),
        (
            {"upfront": UpfrontFee(eur(100), instalments=(Instalment(eur(60), 0), Instalment(eur(39), 9)))},
            "instalments",
        ),
        (
            {"upfront": UpfrontFee(eur(2), instalments=(Instalment(eur(1), 9), Instalment(eur(1), 9)))},
            "instalment_days",
        ),
        ({"minimum": MinimumRoyalty(eur(5), 3, (YearMinimum(3, eur(6)),))}, "schedule"),
        ({"milestones": (Milestone("a", "Sale", eur(1)), Milestone("a", "Trial", eur(2)))}, "milestone_twice"),
        ({"milestones": (Milestone("a", " ", eur(1)),)}, "event"),
        ({"deductions": (Deduction(DeductionKind.TAXES), Deduction(DeductionKind.TAXES))}, "deduction_twice"),
        ({"deductions": (Deduction(DeductionKind.TAXES, Decimal("1.1")),)}, "percent"),
        ({"stacking": Stacking(Decimal("0.5"), Decimal("0.035"))}, "floor"),
        ({"publication": Publication(31)}, "range"),
        ({"publication": Publication(30, 91)}, "range"),
        ({"liability": Liability(LiabilityCap.AMOUNT)}, "limit"),
        ({"insurance": Insurance(InsuranceKind.NONE, eur(5))}, "limit"),
        ({"reserved": ReservedRights(rate=Decimal("0.01"))}, "where"),
        ({"diligence": (DiligenceStep("", TODAY),)}, "task"),
        ({"termination": Termination(60, 0)}, "range"),
        ({"currency": "JPY"}, "currency"),
        ({"valid_until": TODAY - timedelta(days=1)}, "over"),
        ({"valid_until": TODAY + timedelta(days=400)}, "too_long"),
    ],
)
def test_an_incomplete_sheet_is_refused_with_a_reason(changes: dict[str, object], code: str) -> None:
    """Nobody can offer terms that do not hold together."""
    assert code in [fault.code for fault in completeness.faults(sheet(**changes), today=TODAY)]


def test_every_fault_is_a_sentence_with_its_values() -> None:
    """The sentence can be shown as it is."""
    broken = sheet(licensed_ip=(), field_of_use=FieldOfUse("", ("!",)), territory=Territory(("XX",)), term=Term())
    for fault in completeness.faults(broken, today=TODAY):
        assert "{" not in fault.sentence
        assert fault.sentence.endswith(".")


# --- differences


@given(sheets(), sheets())
def test_the_differences_are_exactly_the_terms_that_differ(one: TermSheet, other: TermSheet) -> None:
    """Taking over each difference turns one version into the other."""
    changed = {each.key: each.after for each in differences(one, other)}
    assert replace(one, **changed) == other
    assert () == differences(one, one)


def test_a_prolonged_offer_has_the_same_terms() -> None:
    """Only the last day differs."""
    assert same_terms(PLAIN, sheet(valid_until=TODAY))
    assert not same_terms(PLAIN, sheet(upfront=None))


# --- working days


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 30))
def test_working_days_are_added_one_by_one(start: date, days: int) -> None:
    """The day that comes out is a working day, and as many lie between."""
    end = add_working_days(start, days)
    assert is_working_day(end)
    assert working_days_between(start, end) == days or days == 0


def test_five_working_days_jump_weekend_and_holiday() -> None:
    """Asked on Thursday before Easter, an Italian office has its answer due a day later than one without Easter Monday."""
    assert date(2027, 4, 2) == add_working_days(date(2027, 3, 25), 5, days_off("IT"))  # Good Friday is worked in Italy
    assert date(2027, 4, 5) == add_working_days(date(2027, 3, 25), 5, days_off("DE"))
    assert date(2027, 4, 1) == add_working_days(date(2027, 3, 25), 5)


@pytest.mark.parametrize(
    ("country", "day", "works"),
    [
        ("IT", date(2028, 2, 29), True),
        ("IT", date(2027, 8, 15), False),
        ("SA", date(2027, 3, 5), False),  # a Friday
        ("SA", date(2027, 3, 7), True),  # a Sunday
        ("JP", date(2027, 2, 11), False),
        ("AQ", date(2027, 3, 6), False),
        ("AQ", date(2027, 3, 8), True),
        ("", date(2027, 3, 8), True),
    ],
)
def test_the_calendar_is_that_of_the_country(country: str, day: date, works: bool) -> None:
    """Weekends and holidays are those of the place; where we know none, Saturday and Sunday."""
    assert works == is_working_day(day, days_off(country))


def test_the_clock_ends_at_local_midnight_over_daylight_saving() -> None:
    """An institution in Zurich has the whole of its fifth day, also when summer time begins in between."""
    asked = datetime(2027, 3, 24, 10, tzinfo=UTC)
    assert date(2027, 3, 31) == due_on(asked, 5, "Europe/Zurich")
    assert datetime(2027, 3, 31, 22, tzinfo=UTC) == end_of(date(2027, 3, 31), "Europe/Zurich")
    assert date(2027, 3, 30) == due_on(datetime(2027, 3, 24, 2, tzinfo=UTC), 5, "America/Denver")
    assert datetime(2027, 3, 1, 0, tzinfo=UTC) == end_of(date(2027, 2, 28))
    assert datetime(2028, 3, 1, 0, tzinfo=UTC) == end_of(date(2028, 2, 29))


# --- offers, enquiries, signatures


def test_an_offer_is_accepted_only_as_it_was_read_and_in_time() -> None:
    """A newer version must be read first; an ended one can be renewed."""
    offer = OfferFacts("a" * 64, NOON)
    before = NOON - timedelta(microseconds=1)
    assert None is offers.acceptable(offer, shown="a" * 64, now=before)
    assert "offer_changed" == _code(offers.acceptable(offer, shown="b" * 64, now=before))
    assert "offer_expired" == _code(offers.acceptable(offer, shown="a" * 64, now=NOON))
    assert "no_offer" == _code(offers.acceptable(None, shown="", now=NOON))


def _code(refusal: Refusal | None) -> str:
    return refusal.code if refusal else ""


def test_secrets_in_an_enquiry_are_warned_of_but_never_forbidden() -> None:
    """Who says that nothing is secret may send it."""
    texts = ("Our unpublished recipe is strictly private.",)
    assert "confidential" == _code(enquiries.enquiry_refusal(open_deal=False, texts=texts, confirmed=False))
    assert None is enquiries.enquiry_refusal(open_deal=False, texts=texts, confirmed=True)
    assert "already_open" == _code(enquiries.enquiry_refusal(open_deal=True, texts=(), confirmed=True))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, ""),
        ({"typed_name": "  ANA   Muster "}, ""),
        ({"typed_name": "Ana"}, "other_name"),
        ({"consent": False}, "no_consent"),
        ({"shown": "0" * 64}, "document_changed"),
        ({"side": "licensor"}, "not_your_turn"),
        ({"signing": Signing("", signing.ORDER, ())}, "not_ready"),
        ({"signing": None}, "not_ready"),
    ],
)
def test_a_signature_counts_only_with_name_consent_document_and_turn(changes: dict[str, object], code: str) -> None:
    """Everything that makes a signature one is asked for."""
    given = {
        "signing": Signing("d" * 64, signing.ORDER, ()),
        "side": "licensee",
        "shown": "d" * 64,
        "typed_name": "Ana Muster",
        "person_name": "Ana Muster",
        "consent": True,
    }
    assert code == _code(signing.signature_refusal(**(given | changes)))  # type: ignore[arg-type]


# --- exclusivity


def _grant(**changes: object) -> Granted:
    given = {
        "number": "L1",
        "grant": Grant.EXCLUSIVE,
        "field": FieldOfUse("Ships", ("C30",)),
        "territory": Territory(("DK", "SE")),
        "begins_on": date(2027, 1, 1),
        "ends_on": date(2030, 1, 1),
        "rights": frozenset(),
    }
    return Granted(**(given | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("other", "clashes"),
    [
        ({}, True),
        ({"grant": Grant.NON_EXCLUSIVE}, True),
        ({"grant": Grant.SOLE}, True),
        ({"field": FieldOfUse("Boats", ("C30.1",))}, True),
        ({"field": FieldOfUse("All")}, True),
        ({"field": FieldOfUse("Cars", ("C29",))}, False),
        ({"territory": Territory(("WORLD",))}, True),
        ({"territory": Territory(("WORLD",), ("DK", "SE"))}, False),
        ({"territory": Territory(("NO",))}, False),
        ({"begins_on": date(2030, 1, 2), "ends_on": None}, False),
        ({"begins_on": date(2029, 1, 2), "ends_on": None}, True),
        ({"rights": frozenset({"other"})}, True),
    ],
)
def test_an_exclusive_grant_keeps_others_out_of_its_field_place_and_time(
    other: dict[str, object], clashes: bool
) -> None:
    """Two grants clash only where field, territory and time all meet."""
    second = _grant(number="L2", **other)
    assert clashes == (clash(second, (_grant(),)) is not None)
    assert clashes == (clash(_grant(), (second,)) is not None)


def test_two_non_exclusive_grants_live_together() -> None:
    """They may be alike in everything."""
    assert None is clash(_grant(grant=Grant.NON_EXCLUSIVE), (_grant(grant=Grant.NON_EXCLUSIVE),))


_grants = st.builds(
    _grant,
    grant=st.sampled_from(Grant),
    field=st.sampled_from((FieldOfUse("x"), FieldOfUse("x", ("C2",)), FieldOfUse("x", ("C20", "D1")))),
    territory=st.sampled_from((Territory(), Territory(("DK",)), Territory(("WORLD",), ("DK",)))),
    begins_on=st.dates(date(2027, 1, 1), date(2028, 1, 1)),
    ends_on=st.none() | st.dates(date(2028, 1, 1), date(2029, 1, 1)),
)


@given(_grants, _grants)
@settings(max_examples=60)
def test_a_clash_is_mutual(one: Granted, other: Granted) -> None:
    """Which licence was there first makes no difference."""
    assert (clash(one, (other,)) is None) == (clash(other, (one,)) is None)


def test_money_in_the_words_is_written_for_the_reader() -> None:
    """Tiers read as steps."""
    words = wording.lines(PLAIN, "royalty")
    assert "4% of net sales up to €1,000,000.00" == words[0]
    assert "3% of net sales above €1,000,000.00" == words[1]
    assert Money(1_500_000, "EUR") == PLAIN.upfront_amount
