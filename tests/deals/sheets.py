"""Term sheets for the tests: a complete one to vary, and a Hypothesis strategy for valid ones."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from market.deals.rules import regions
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
from market.kit.money import Money

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
        upfront=draw(st.none() | st.builds(UpfrontFee, _money, st.integers(0, 365))),
        royalty=royalty,
        minimum=draw(st.none() | st.builds(MinimumRoyalty, _money, st.integers(1, 9))) if royalty else None,
        reports=Reports(draw(st.sampled_from(Frequency)), 30) if royalty else None,
    )
