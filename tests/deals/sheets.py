"""Term sheets for the tests: a complete one to vary, and a Hypothesis strategy for valid ones."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from market.deals.rules import regions
from market.deals.rules.further import (
    Assignment,
    Audit,
    AuditBasis,
    Combination,
    Credit,
    Deduction,
    DeductionKind,
    DiligenceStep,
    Equity,
    Improvements,
    Indemnity,
    Instalment,
    Insurance,
    InsuranceKind,
    InterestKind,
    LateInterest,
    Liability,
    LiabilityCap,
    Milestone,
    PatentCosts,
    Proration,
    Publication,
    Remedy,
    ReservedRights,
    Stacking,
    Survival,
    Termination,
    Warranties,
    YearMinimum,
)
from market.deals.rules.terms import (
    Basis,
    Disputes,
    FieldOfUse,
    Frequency,
    Grant,
    IpKind,
    LicensedIp,
    MinimumRoyalty,
    OptionTerms,
    Reports,
    Resolution,
    Royalty,
    Sublicence,
    Sublicensing,
    Term,
    TermKind,
    TermSheet,
    Territory,
    Tier,
    UpfrontFee,
)
from market.kit.money import Money, split

TODAY = date(2027, 3, 3)


def eur(amount: str | int) -> Money:
    """Euros, in major units."""
    return Money.of(amount, "EUR")


PLAIN = TermSheet(
    grant=Grant.NON_EXCLUSIVE,
    licensed_ip=(
        LicensedIp(IpKind.PATENT, "Self-healing coating", "EP3456789B1", "EP", "granted"),
        LicensedIp(IpKind.KNOW_HOW, "Recipes and process notes"),
    ),
    field_of_use=FieldOfUse("Coatings for ship hulls", ("C20.3",), "pleasure boats"),
    territory=Territory(("DK", "NO", "SE")),
    term=Term(TermKind.YEARS, years=5),
    currency="EUR",
    valid_until=TODAY + timedelta(days=90),
    disputes=Disputes("CH", seat="Geneva"),
    sublicensing=Sublicensing(Sublicence.CONSENT, Decimal("0.2")),
    upfront=UpfrontFee(eur(15_000), 30),
    royalty=Royalty((Tier(0, Decimal("0.04")), Tier(100_000_000, Decimal("0.03")))),
    minimum=MinimumRoyalty(eur(5_000), 3),
    reports=Reports(),
)


def sheet(**changes: Any) -> TermSheet:
    """The plain sheet with some terms changed."""
    return replace(PLAIN, **changes)


_text = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=3, max_size=60).filter(
    lambda t: len(t.strip()) >= 3
)
_country = st.sampled_from(sorted(regions.countries()))
_money = st.integers(0, 10**11).map(lambda minor: Money(minor, "EUR"))
_rate = st.integers(0, 999_999).map(lambda n: Decimal(n).scaleb(-6))
_right = st.builds(LicensedIp, st.sampled_from(IpKind), _text, _text, _country, st.sampled_from(("", "granted")))


@st.composite
def _royalties(draw: st.DrawFn) -> Royalty:
    bounds = sorted(draw(st.sets(st.integers(1, 10**11), max_size=4)))
    return Royalty(tuple(Tier(over, draw(_rate)) for over in (0, *bounds)), draw(st.sampled_from(Basis)))


@st.composite
def _upfronts(draw: st.DrawFn) -> UpfrontFee:
    amount = draw(_money)
    parts = draw(st.integers(0, 5))
    if not parts or amount.minor < parts:
        return UpfrontFee(amount, draw(st.integers(0, 365)))
    days = sorted(draw(st.sets(st.integers(0, 3650), min_size=parts, max_size=parts)))
    rows = zip(split(amount, parts), days, strict=True)
    return UpfrontFee(amount, instalments=tuple(Instalment(part, day) for part, day in rows))


@st.composite
def _minimums(draw: st.DrawFn) -> MinimumRoyalty:
    years = sorted(draw(st.sets(st.integers(1, 50), min_size=1, max_size=4)))
    rows = tuple(YearMinimum(year, draw(_money)) for year in years[1:])
    how = draw(st.sampled_from(Credit)), draw(st.sampled_from(Proration))
    return MinimumRoyalty(draw(_money), years[0], rows, *how)


def _sampled(kind: Any) -> Any:
    return st.none() | st.sampled_from(kind)


_day = st.dates(TODAY, date(2060, 1, 1))
_milestone = st.builds(Milestone, _text, _text, _money, st.just("") | _text, st.none() | _day)
_step = st.builds(DiligenceStep, _text, _day, st.integers(0, 365), st.sampled_from(Remedy))
_above_zero = st.integers(1, 10**11).map(lambda minor: Money(minor, "EUR"))
_reserved = st.builds(ReservedRights, st.booleans(), st.just(("GH", "KE")), st.none() | _rate)
_limited = st.builds(Liability, st.just(LiabilityCap.AMOUNT), _above_zero)
_insured = st.builds(Insurance, st.just(InsuranceKind.AMOUNT), _above_zero)
_survivals = st.sets(st.sampled_from(Survival)).map(lambda found: tuple(each for each in Survival if each in found))
_costs = st.builds(PatentCosts, st.none() | _money, st.integers(1, 20), _rate)
_audit = st.builds(Audit, st.integers(1, 180), st.integers(1, 10), _rate, st.sampled_from(AuditBasis))


def _further(draw: st.DrawFn, royalty: Royalty | None) -> dict[str, Any]:
    """The further terms; some, all or none."""
    chosen = draw(st.sets(st.sampled_from(DeductionKind))) if royalty else set()
    kinds = [kind for kind in DeductionKind if kind in chosen]
    least = min(tier.rate for tier in royalty.tiers) if royalty else Decimal(0)
    return {
        "milestones": tuple(draw(st.lists(_milestone, max_size=5, unique_by=lambda each: each.key))),
        "deductions": tuple(Deduction(kind, draw(st.none() | _rate)) for kind in kinds),
        "stacking": draw(st.none() | st.builds(Stacking, _rate, st.just(least))) if royalty else None,
        "combination": draw(_sampled(Combination)) if royalty else None,
        "patent_costs": draw(st.none() | _costs),
        "equity": draw(st.none() | st.builds(Equity, _rate, st.just("") | _text)),
        "diligence": tuple(draw(st.lists(_step, max_size=5))),
        "improvements": draw(_sampled(Improvements)),
        "publication": draw(st.none() | st.builds(Publication, st.integers(0, 30), st.integers(0, 90))),
        "reserved": draw(st.none() | _reserved),
        "late_interest": draw(st.none() | st.builds(LateInterest, _rate, st.sampled_from(InterestKind))),
        "audit": draw(st.none() | _audit),
        "warranties": draw(_sampled(Warranties)),
        "indemnity": draw(_sampled(Indemnity)),
        "liability": draw(st.none() | st.just(Liability(LiabilityCap.NONE)) | _limited),
        "insurance": draw(st.none() | st.just(Insurance(InsuranceKind.USUAL)) | _insured),
        "assignment": draw(_sampled(Assignment)),
        "termination": draw(st.none() | st.builds(Termination, st.integers(0, 730), st.integers(1, 365), _survivals)),
    }


@st.composite
def sheets(draw: st.DrawFn) -> TermSheet:
    """Any term sheet that may be offered on TODAY."""
    grant = draw(st.sampled_from(Grant))
    include = draw(st.sets(_country, min_size=1, max_size=5))
    royalty = draw(st.none() | _royalties())
    return TermSheet(
        grant=grant,
        licensed_ip=tuple(draw(st.lists(_right, min_size=1, max_size=4, unique_by=lambda r: r.key))),
        field_of_use=FieldOfUse(draw(_text), draw(st.sampled_from(((), ("C20.3",), ("A61K", "C20")))), draw(_text)),
        territory=draw(
            st.sampled_from((Territory(), Territory(("WORLD",), ("DK",)), Territory(tuple(sorted(include)))))
        ),
        term=Term(TermKind.YEARS, years=draw(st.integers(1, 50))),
        currency="EUR",
        valid_until=TODAY + timedelta(days=draw(st.integers(0, 365))),
        disputes=Disputes(draw(_country), draw(st.sampled_from(Resolution)), seat="Geneva"),
        sublicensing=Sublicensing(draw(st.sampled_from(Sublicence)), draw(st.none() | _rate)),
        option=OptionTerms(draw(st.integers(1, 60)), draw(_money)) if grant == Grant.OPTION else None,
        upfront=draw(st.none() | _upfronts()),
        royalty=royalty,
        minimum=draw(st.none() | _minimums()) if royalty else None,
        reports=Reports(draw(st.sampled_from(Frequency)), 30) if royalty else None,
        **_further(draw, royalty),
    )
