"""The EPO's Open Patent Services: implements catalog.gateway.PatentOffice with python-epo-ops-client.

Two questions a right: the publication's bibliographic data, and its INPADOC family with legal events. Answers are XML
of strangers: no DTD, no entities, at most MAX_ANSWER bytes. OPS says in X-Throttling-Control how busy it is, in
X-Rejection-Reason which share is used up; both become OfficeBusy, so that the job waits.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from xml.etree.ElementTree import Element, ParseError

import requests
from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException
from epo_ops import Client
from epo_ops.exceptions import IndividualQuotaPerHourExceeded, RegisteredQuotaPerWeekExceeded
from epo_ops.models import Docdb, Epodoc

from market.catalog.gateway import NoSuchRight, OfficeBusy, OfficeFault, RightFacts
from market.catalog.rules.ip import IpNumber
from market.catalog.rules.legal import LegalEvent, Member

TIMEOUT = 15.0
MAX_ANSWER = 16 * 1024 * 1024
HOUR, WEEK = 3600.0, 7 * 24 * 3600.0
_X = "{http://www.epo.org/exchange}"
_OPS = "{http://ops.epo.org}"
_STATE_IN_NAME = re.compile(r"([A-Z]{2}): ")
_WAIT = {"black": 600.0, "red": 60.0}


class EpoOps:
    """Asks OPS; without key and secret it is not available and is never asked."""

    name = "EPO OPS"

    def __init__(self, key: str, secret: str, *, base: str = "") -> None:
        self.available = bool(key and secret)
        self._client: Client | None = None
        if self.available:
            self._client = Client(key, secret, middlewares=[], timeout=TIMEOUT)
            if base:  # only tests speak with another server
                self._client.__auth_url__ = f"{base}/auth/accesstoken"
                self._client.__service_url_prefix__ = f"{base}/rest-services"

    def facts(self, number: IpNumber) -> RightFacts:
        """Bibliographic data and the family with its legal events."""
        client = self._client
        if client is None:
            raise OfficeFault("no key for OPS")
        asked = (
            Docdb(number.number, number.office, number.kind) if number.kind else Epodoc(number.epodoc.partition(".")[0])
        )
        biblio = _answer(lambda: client.published_data("publication", asked, "biblio"))
        family = _answer(lambda: client.family("publication", asked, None, ["legal"]))
        return read_facts(number, biblio, family)


def _answer(ask: Callable[[], requests.Response]) -> bytes:
    """Ask, and translate what may go wrong."""
    try:
        response = ask()
    except (IndividualQuotaPerHourExceeded, RegisteredQuotaPerWeekExceeded) as error:
        week = isinstance(error, RegisteredQuotaPerWeekExceeded)
        raise OfficeBusy(WEEK / 7 if week else HOUR, "the share of the week or hour is used up") from error
    except requests.HTTPError as error:
        raise _fault(error) from error
    except requests.RequestException as error:
        raise OfficeFault(f"no answer: {type(error).__name__}") from error
    except (ParseError, KeyError, ValueError) as error:
        raise OfficeFault("an answer that is none") from error
    wait = _throttled(response.headers.get("X-Throttling-Control", ""))
    if wait:
        raise OfficeBusy(wait, "the service is overloaded")
    if len(response.content) > MAX_ANSWER:
        raise OfficeFault("an answer that is too large")
    return response.content


def _fault(error: requests.HTTPError) -> OfficeFault:
    response = error.response
    status = response.status_code if response is not None else 0
    if status == 404:
        return NoSuchRight("404")
    if status in (429, 503):
        told = response.headers.get("Retry-After", "") if response is not None else ""
        return OfficeBusy(float(told) if told.isdigit() else 60.0, f"{status}")
    if status == 403 and response is not None and "X-Rejection-Reason" in response.headers:
        return OfficeBusy(HOUR, response.headers["X-Rejection-Reason"])
    return OfficeFault(f"status {status}")


def _throttled(header: str) -> float:
    """Seconds to wait by `overloaded (images=green:50, inpadoc=black:0, ...)`; 0 when the services we use are free."""
    services = dict(re.findall(r"(\w+)=(\w+)(?::\d+)?", header))
    return max((_WAIT.get(services.get(name, ""), 0.0) for name in ("inpadoc", "retrieval")), default=0.0)


# --- reading


def read_facts(number: IpNumber, biblio: bytes, family: bytes) -> RightFacts:
    """Facts of a publication out of OPS's two answers."""
    document = _tree(biblio).find(f".//{_X}exchange-document")
    if document is None:
        raise NoSuchRight("no document in the answer")
    members = tuple(read_members(family))
    own = [member for member in members if member.office == number.office]
    filed = _filed(document)
    same = [member for member in own if filed is None or member.filed_on in (None, filed)]
    grants = [member.published_on for member in same if member.kind[:1] in ("B", "C", "E") and member.published_on]
    return RightFacts(
        number=number,
        family=document.get("family-id") or "",
        title=_title(document),
        filed_on=filed,
        priority_on=_priority(document),
        granted_on=min(grants, default=None),
        ipc=tuple(dict.fromkeys(_ipc(document))),
        members=members,
    )


def _tree(answer: bytes) -> Element:
    try:
        tree: Element = ElementTree.fromstring(answer, forbid_dtd=True)
    except (ParseError, DefusedXmlException, UnicodeError, LookupError) as error:
        raise OfficeFault(f"an answer that is no safe XML: {type(error).__name__}") from error
    if tree.tag == f"{_OPS}fault":
        code = tree.findtext(f"{_OPS}code", "")
        raise NoSuchRight(code) if "404" in code or "NotFound" in code else OfficeFault(code)
    return tree


def _day(text: str | None) -> date | None:
    """`20111228` or `2011-12-28`; None where it is no day (OPS writes 00010101 for none)."""
    digits = (text or "").replace("-", "").strip()
    if not re.fullmatch(r"[12]\d{7}", digits):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _days(element: Element, path: str) -> Iterator[date]:
    for found in element.findall(path):
        day = _day(found.text)
        if day is not None:
            yield day


def _filed(document: Element) -> date | None:
    return min(_days(document, f".//{_X}application-reference/{_X}document-id/{_X}date"), default=None)


def _priority(element: Element) -> date | None:
    return min(_days(element, f".//{_X}priority-claim/{_X}document-id/{_X}date"), default=None)


def _title(document: Element) -> str:
    titles = {title.get("lang", ""): "".join(title.itertext()) for title in document.iter(f"{_X}invention-title")}
    chosen = titles.get("en") or next(iter(titles.values()), "")
    return " ".join(chosen.split())[:300]


def _ipc(document: Element) -> Iterator[str]:
    """`H04W  84/    20            A I` becomes `H04W 84/20`."""
    for text in document.findall(f".//{_X}classification-ipcr/{_X}text"):
        match = re.match(r"\s*([A-H]\d\d[A-Z])\s*(\d+)\s*/\s*(\d+)", text.text or "")
        if match:
            yield f"{match.group(1)} {match.group(2)}/{match.group(3)}"


def read_members(family: bytes) -> Iterator[Member]:
    """The publications of a family with their events."""
    for member in _tree(family).iter(f"{_OPS}family-member"):
        identity = member.find(f"{_X}publication-reference/{_X}document-id[@document-id-type='docdb']")
        if identity is None:
            continue
        office = identity.findtext(f"{_X}country") or ""
        yield Member(
            office=office,
            number=identity.findtext(f"{_X}doc-number") or "",
            kind=(identity.findtext(f"{_X}kind") or "").strip(),
            published_on=_day(identity.findtext(f"{_X}date")),
            filed_on=min(_days(member, f"{_X}application-reference/{_X}document-id/{_X}date"), default=None),
            priority_on=_priority(member),
            events=tuple(event for legal in member.findall(f"{_OPS}legal") for event in _event(legal, office)),
        )


def _event(legal: Element, office: str) -> Iterator[LegalEvent]:
    """An event; its coded fields L001 to L525 stand in it and, by later layouts, in L500."""
    fields = {each.tag.removeprefix(_OPS)[:4]: (each.text or "").strip() for each in legal.iter()}
    name = legal.get("desc") or ""
    code = (legal.get("code") or fields.get("L008", "")).strip()
    country = fields.get("L501", "")
    by: str = fields.get("L001") or office
    named = _STATE_IN_NAME.match(name)
    if code == "REG" and country and fields.get("L502"):
        by, code = country, fields["L502"]  # a national office's own code
    elif not country and named:
        country = named.group(1)
    on = next(filter(None, map(_day, (fields.get("L525"), fields.get("L518"), fields.get("L007")))), None)
    if on is None:
        return
    states = fields.get("L507", "")
    yield LegalEvent(
        office=by,
        code=code,
        on=on,
        influence=(legal.get("infl") or "").strip(),
        country=country if re.fullmatch(r"[A-Z]{2}", country) else "",
        paid_year=int(fields["L520"]) if fields.get("L520", "").isdigit() else 0,
        text=f"{name} {fields.get('L510', '')}".strip(),
        states=tuple(re.findall(r"\b[A-Z]{2}\b", states)) if code == "AK" else (),
        of_grant=code == "AK" and fields.get("L506", "").startswith("B"),
    )
