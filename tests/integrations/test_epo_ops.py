"""EPO OPS: small answers in its layouts, the recorded ones when PONTE_DATA names their folder, and what goes wrong."""

import os
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from market.catalog.gateway import NoSuchRight, OfficeBusy, OfficeFault
from market.catalog.rules import legal
from market.catalog.rules.ip import parse_number
from market.integrations.epo_ops import EpoOps, read_facts, read_members

NUMBER = parse_number("EP 3000001 A1")
SPACES = 'xmlns="http://www.epo.org/exchange" xmlns:ops="http://ops.epo.org"'


def identity(country, number, kind, day=""):
    dated = f"<date>{day}</date>" if day else ""
    return (
        f'<document-id document-id-type="docdb"><country>{country}</country><doc-number>{number}</doc-number>'
        f"<kind>{kind}</kind>{dated}</document-id>"
    )


BIBLIO = f"""<?xml version="1.0"?><ops:world-patent-data {SPACES}><exchange-documents>
<exchange-document family-id="77000001" country="EP" doc-number="3000001" kind="A1"><bibliographic-data>
<publication-reference>{identity("EP", "3000001", "A1", "20170104")}</publication-reference>
<classifications-ipcr><classification-ipcr><text>F04D  29/    66            A I        </text></classification-ipcr>
</classifications-ipcr>
<application-reference>{identity("EP", "15170001", "A")}<document-id document-id-type="epodoc">
<doc-number>EP20150170001</doc-number><date>20150701</date></document-id></application-reference>
<priority-claims><priority-claim sequence="1"><document-id document-id-type="epodoc"><doc-number>IT2014001</doc-number>
<date>20140701</date></document-id></priority-claim></priority-claims>
<invention-title lang="de">LEISE PUMPE</invention-title><invention-title lang="en">QUIET PUMP</invention-title>
</bibliographic-data></exchange-document></exchange-documents></ops:world-patent-data>""".encode()


def event(code, fields, infl="", desc="", day="2020-05-06"):
    told = "".join(f"<ops:{name}EP>{value}</ops:{name}EP>" for name, value in fields.items())
    return (
        f'<ops:legal code="{code}" desc="{desc}" infl="{infl}"><ops:L001EP>EP</ops:L001EP>'
        f"<ops:L007EP>{day}</ops:L007EP><ops:L500EP>{told}</ops:L500EP></ops:legal>"
    )


EVENTS = (
    event("AK  ", {"L506": "B1", "L507": "DE FR GB IT"}, "+")
    + event("PGFP", {"L501": "DE", "L518": "20260514", "L520": "11"}, "+")
    + event("PG25", {"L501": "IT", "L525": "20200806"}, "-")
    + event("REG ", {"L501": "FR", "L502": "ST"}, day="2022-04-01")
    + event("GBPC", {"L525": "20210701"}, "-", "GB: EUROPEAN PATENT CEASED THROUGH NON-PAYMENT OF RENEWAL FEE")
    + event("RIC1", {"L516": "x"}, day="00010101")
)


def member(publication, application, events=""):
    return (
        f'<ops:family-member family-id="77000001"><publication-reference>{publication}</publication-reference>'
        f"<application-reference>{application}</application-reference>{events}</ops:family-member>"
    )


FILED = identity("EP", "15170001", "A", "20150701")
FAMILY = (
    f'<?xml version="1.0"?><ops:world-patent-data {SPACES}><ops:patent-family legal="true">'
    + member(identity("EP", "3000001", "A1", "20170104"), FILED, EVENTS)
    + member(identity("EP", "3000001", "B1", "20200506"), FILED)
    + member(identity("CN", "107000001", "A", "20170801"), identity("CN", "201510000001", "A", "20150702"))
    + "</ops:patent-family></ops:world-patent-data>"
).encode()


class Answers:
    """What the server beside the test says next: by default two good answers for every question."""

    def __init__(self):
        self.status, self.headers, self.body, self.asked = 200, {}, None, []


@pytest.fixture
def ops() -> Iterator[tuple[EpoOps, Answers]]:
    """A gateway before a server that speaks OPS's protocol."""
    answers = Answers()

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            length = int(self.headers.get("Content-Length", 0))
            answers.asked.append((self.path, self.rfile.read(length).decode()))
            if self.path.endswith("accesstoken"):
                return self.say(200, {}, b'{"access_token": "t", "expires_in": "1200"}')
            good = BIBLIO if "biblio" in self.path else FAMILY
            return self.say(answers.status, answers.headers, good if answers.body is None else answers.body)

        def say(self, status, headers, body):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer  # noqa: N815

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield EpoOps("key", "secret", base=f"http://127.0.0.1:{server.server_port}"), answers
    server.shutdown()
    server.server_close()


def test_facts_come_from_two_questions(ops):
    """Family, English title, dates, class, members: all that the page shows."""
    office, answers = ops
    facts = office.facts(NUMBER)

    assert ("77000001", "QUIET PUMP", ("F04D 29/66",)) == (facts.family, facts.title, facts.ipc)
    assert (date(2015, 7, 1), date(2014, 7, 1), date(2020, 5, 6)) == (
        facts.filed_on,
        facts.priority_on,
        facts.granted_on,
    )
    assert ["EP", "EP", "CN"] == [each.office for each in facts.members]
    assert 3 == len(answers.asked)
    assert "EP" in answers.asked[1][1]


def test_events_become_states(ops):
    """Fee paid, lapsed, struck from the French register, ceased in Britain: each in its own state."""
    told = {each.country: each.status for each in legal.derive(ops[0].facts(NUMBER).members, date(2027, 3, 3))}
    assert {"DE": "in_force", "IT": "lapsed", "FR": "lapsed", "GB": "lapsed", "CN": "unclear"} == told


@pytest.mark.parametrize(
    ("status", "headers", "raised"),
    [
        (404, {}, NoSuchRight),
        (403, {}, OfficeFault),
        (403, {"X-Rejection-Reason": "IndividualQuotaPerHour"}, OfficeBusy),
        (403, {"X-Rejection-Reason": "RegisteredQuotaPerWeek"}, OfficeBusy),
        (403, {"X-Rejection-Reason": "AnonymousQuotaPerMinute"}, OfficeBusy),
        (429, {"Retry-After": "120"}, OfficeBusy),
        (503, {}, OfficeBusy),
        (500, {}, OfficeFault),
        (400, {}, OfficeFault),
        (
            200,
            {"X-Throttling-Control": "overloaded (images=green:200, inpadoc=black:0, retrieval=green:1)"},
            OfficeBusy,
        ),
    ],
)
def test_refusals_are_told_apart(ops, status, headers, raised):
    """Unknown, busy and broken are three things: the first is final, the second waits, the third is tried again."""
    office, answers = ops
    answers.status, answers.headers = status, headers
    answers.body = None if status == 200 else b'<fault xmlns="http://ops.epo.org"><code>x</code></fault>'
    with pytest.raises(raised) as told:
        office.facts(NUMBER)
    assert raised is type(told.value)
    if headers.get("Retry-After"):
        assert 120 == told.value.after


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"<a",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    ],
)
def test_dangerous_or_broken_xml_is_a_fault(ops, body):
    """No DTD, no entities, no guessing."""
    ops[1].body = body
    with pytest.raises(OfficeFault):
        ops[0].facts(NUMBER)


def test_a_server_that_is_not_there_is_a_fault():
    """Cut off from the world, the old facts simply stay."""
    with pytest.raises(OfficeFault):
        EpoOps("key", "secret", base="http://127.0.0.1:9").facts(NUMBER)


def test_without_a_key_there_is_nobody_to_ask():
    """The page offers manual entry instead."""
    assert not EpoOps("", "").available
    with pytest.raises(OfficeFault):
        EpoOps("", "").facts(NUMBER)


# --- the recorded answers

DATA = Path(os.environ.get("PONTE_DATA", "/nowhere")) / "epo_ops"
recorded = pytest.mark.skipif(not DATA.is_dir(), reason="PONTE_DATA names no folder with recorded answers")


@recorded
def test_the_recorded_family_is_read_whole():
    """Five publications, 75 events, 38 European states and more: what holds is what the register says."""
    biblio = (DATA / "patent-dev/get_biblio.xml").read_bytes()
    family = (DATA / "patent-dev/get_family_with_legal.xml").read_bytes()
    facts = read_facts(parse_number("EP2400812A1"), biblio, family)
    told = {each.country: each.status for each in legal.derive(facts.members, date(2026, 1, 5))}

    assert ("43088294", "BLUETOOTH NETWORKING", 5) == (facts.family, facts.title, len(facts.members))
    assert 75 == sum(len(each.events) for each in facts.members)
    assert ["DE", "FI", "GB", "SE", "US"] == sorted(code for code, status in told.items() if status == "in_force")
    assert ["HU"] == [code for code, status in told.items() if status == "unclear"]
    assert "lapsed" == told["CA"]


@recorded
@pytest.mark.parametrize("path", sorted(DATA.glob("*/*.xml")) if DATA.is_dir() else [], ids=lambda path: path.stem)
def test_every_recorded_answer_is_read_or_refused(path):
    """Nothing that was ever recorded makes the reader fall over."""
    for read in (lambda data: list(read_members(data)), lambda data: read_facts(NUMBER, data, FAMILY)):
        try:
            assert read(path.read_bytes()) is not None
        except OfficeFault as fault:
            assert str(fault)
