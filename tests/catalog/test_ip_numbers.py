"""Numbers of eleven offices: every way of writing them, one way of keeping them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.catalog.rules.ip import IpNumber, kind_and_status, parse_number, parse_numbers
from market.catalog.rules.offices import chinese_check_digit

WRITTEN = [
    ("EP 1 234 567 B1", "EP.1234567.B1"),
    ("EP0123456A2", "EP.0123456.A2"),
    ("EP123456", "EP.0123456"),
    ("EP10167109.3", "EP.10167109"),
    ("EP20100167109", "EP.10167109"),
    ("US 10,514,454 B1", "US.10514454.B1"),
    ("US Patent No. 6,859,910", "US.6859910"),
    ("US06859910", "US.6859910"),
    ("US 2005/0004437 A1", "US.2005004437.A1"),
    ("US20050004437A1", "US.2005004437.A1"),
    ("USD0435854S", "US.D435854.S"),
    ("US RE36,123 E1", "US.RE36123.E1"),
    ("USRE036123", "US.RE36123"),
    ("US PP12,345 P2", "US.PP12345.P2"),
    ("USH001234H1", "US.H1234.H1"),
    ("WO 2020/123456 A1", "WO.2020123456.A1"),
    ("WO 99/12345 A1", "WO.9912345.A1"),
    ("WO1999012345", "WO.9912345"),
    ("WO 02/094321", "WO.02094321"),
    ("WO 02/12345", "WO.0212345"),
    ("WO2003012345A1", "WO.03012345.A1"),
    ("PCT/US2020/012345", "WO.PCTUS2020012345"),
    ("PCT/US99/12345", "WO.PCTUS1999012345"),
    ("WO2020US12345", "WO.PCTUS2020012345"),
    ("JP H06-012345 A", "JP.H0612345.A"),
    ("JP 10-123456 A", "JP.H10123456.A"),
    ("JPS63123456A", "JP.S63123456.A"),
    ("JP Hei 6-12345", "JP.H0612345"),
    ("特開平6-12345", "JP.H0612345"),
    ("特開２００５－１２３４", "JP.2005001234"),
    ("JP 3456789 B2", "JP.3456789.B2"),
    ("特許第3456789号", "JP.3456789"),
    ("CN 101234567 A", "CN.101234567.A"),
    ("CN1234567C", "CN.1234567.C"),
    ("CN 85100001 A", "CN.85100001.A"),
    ("ZL 201010123456.9", "CN.201010123456"),
    ("ZL2010101234569", "CN.201010123456"),
    ("KR 10-2010-0123456 A", "KR.20100123456.A"),
    ("KR 10-0123456 B1", "KR.100123456.B1"),
    ("KR10-1996-0012345 A", "KR.960012345.A"),
    ("GB 2 234 567 A", "GB.2234567.A"),
    ("GB0123456", "GB.123456"),
    ("DE 10 2004 012 345 A1", "DE.102004012345.A1"),
    ("DE 10 2004 012 345.6", "DE.102004012345"),
    ("DE 199 12 345 C2", "DE.19912345.C2"),
    ("FR 2 912 345 A1", "FR.2912345.A1"),
    ("IT 1234567 B", "IT.1234567.B"),
    ("ITMI2010A001234", "IT.MI20101234"),
    ("IT 102015000012345", "IT.102015000012345"),
    ("IN 123456 B", "IN.123456.B"),
    ("1234/DEL/2010", "IN.2010DE01234"),
    ("IN 1234/CHENP/2010 A", "IN.2010CN01234.A"),
    ("IN202017012345A", "IN.202017012345.A"),
]


@pytest.mark.parametrize(("written", "docdb"), WRITTEN)
def test_every_way_of_writing_gives_the_docdb_number(written, docdb):
    """Separators, leading zeros, eras, check digits, provinces: all the same in the end, and again when read again."""
    number = parse_number(written)
    assert number is not None
    assert docdb == number.docdb
    assert number == parse_number(number.docdb) == parse_number(number.text) == parse_number(number.epodoc)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "nonsense",
        "12345",
        "EP",
        "EP0000000",
        "EP12345678901",
        "US.1.2",
        "ZL 201010123456.8",
        "WO 2020/1",
        "JP H6",
        "A-1",
    ],
)
def test_what_is_no_number_is_none(written):
    """A wrong check digit, too many digits or no office at all: nothing is guessed."""
    assert parse_number(written) is None


def test_the_office_of_the_institution_stands_in():
    """Bare digits belong to the office that the caller names."""
    assert "US.10514454" == parse_number("10,514,454", "US").docdb
    assert "JP.2005001234" == parse_number("2005-1234", "JP").docdb


def test_epodoc_writes_applications_with_whole_years():
    """EP 10 167 109 is EP20100167109 in epodoc, PCT/US2020/012345 is WO2020US012345."""
    assert "EP20100167109" == parse_number("EP10167109").epodoc
    assert "WO2020US012345" == parse_number("PCT/US2020/012345").epodoc
    assert "EP2400812.B1" == parse_number("EP 2400812 B1").epodoc


DIGITS = {
    "EP": st.integers(1, 9_999_999).map(lambda n: f"{n:07}"),
    "US": st.one_of(
        st.integers(1, 99_999_999).map(str),
        st.builds("{}{:06}".format, st.integers(2001, 2030), st.integers(1, 999_999)),
        st.builds("{}{}".format, st.sampled_from(["D", "RE", "PP", "H"]), st.integers(1, 999_999)),
    ),
    "WO": st.builds("{}{:06}".format, st.integers(2004, 2030), st.integers(1, 999_999)),
    "JP": st.one_of(
        st.builds("{}{:06}".format, st.integers(2000, 2030), st.integers(1, 999_999)),
        st.builds("H{:02}{}".format, st.integers(1, 11), st.integers(1, 999_999)),
        st.integers(1, 9_999_999).map(str),
    ),
    "CN": st.integers(100_000_000, 130_000_000).map(str),
    "KR": st.builds("{}{:07}".format, st.integers(1998, 2030), st.integers(1, 9_999_999)),
    "GB": st.integers(1, 2_999_999).map(str),
    "DE": st.builds("10{}{:06}".format, st.integers(2004, 2030), st.integers(1, 999_999)),
    "FR": st.integers(1, 3_999_999).map(str),
    "IT": st.builds("MI{}{:04}".format, st.integers(1985, 2015), st.integers(1, 9999)),
    "IN": st.builds(
        "{}{}{:05}".format, st.integers(1995, 2015), st.sampled_from(["DE", "MU", "CN"]), st.integers(1, 99_999)
    ),
}
KINDS = st.sampled_from(["", "A", "A1", "B1", "B2", "C", "U", "T2"])


@st.composite
def numbers(draw):
    """A publication of one of the eleven offices in its normal form."""
    office = draw(st.sampled_from(sorted(DIGITS)))
    return IpNumber(office, draw(DIGITS[office]), draw(KINDS))


@given(numbers(), st.sampled_from(["", " ", ".", "-"]))
def test_normal_forms_survive_every_spelling(number, between):
    """docdb to epodoc and back, with any separator between the parts: the number stays the same."""
    spelled = between.join(part for part in (number.office, number.number, number.kind) if part)
    if number.office == "JP" and between == "-" and not number.kind:
        spelled = number.text
    assert number == parse_number(spelled)
    assert number == parse_number(number.epodoc)
    assert number == parse_number(number.docdb)


@given(st.text(alphabet="EPUSWOJCNKRGBDFIT0123456789 ./-,ABCXHZL平", max_size=24))
def test_reading_twice_is_reading_once(text):
    """Whatever was understood is in normal form: read again it gives itself, in each of its three spellings."""
    number = parse_number(text)
    if number is not None:
        assert number == parse_number(number.text) == parse_number(number.docdb) == parse_number(number.epodoc)


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text):
    """Any cell at all gives numbers and unread pieces."""
    read, unread = parse_numbers(text)
    assert all(number.number for number in read)
    assert all(unread)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("USD435854S1", ("design", "granted")),
        ("US RE36123 E1", ("patent", "granted")),
        ("US PP12345 P2", ("patent", "granted")),
        ("JP 2005123456 A", ("application", "pending")),
        ("CN101234567B", ("patent", "granted")),
        ("WO2020123456A1", ("application", "pending")),
        ("GB2234567A", ("patent", "unknown")),
    ],
)
def test_the_kind_code_tells_kind_and_status(written, told):
    """S is a design, E a reissue, A in Asia an application; where the code does not tell, it is unknown."""
    assert told == kind_and_status(parse_number(written))


def test_the_chinese_check_digit():
    """Modulo 11, ten is an X."""
    assert "9" == chinese_check_digit("201010123456")
