"""Every page of the route table as its readers get it, in its normal and in its error state: for checkers of pages."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from tests.filled import filled
from tests.security.test_matrix import ENDPOINTS, GETS, POSTS, known_rows
from tests.town import VISITOR, Town

READERS = (VISITOR, "institution_owner", "company_owner", "operator")


@dataclass(frozen=True)
class Shown:
    """A page of a route as one reader got it; `failed` after a form that was filled in wrongly."""

    role: str
    route: str
    path: str
    status: int
    html: str

    @property
    def name(self) -> str:
        """What a checker calls it."""
        return f"{self.role} {self.route.replace(':', '.')} {self.status}"


def shown(there: Town) -> Iterator[Shown]:
    """Each page that opens to a reader, and each form that comes back."""
    for role in READERS:
        with there.browser(role) as browser:
            for row in known_rows(there, [*GETS, *POSTS]):
                for path in there.paths(row) if there.may(role, row["permission"]) else ():
                    if row in GETS:
                        answer = browser.get(path)
                        if answer.status_code == 301:  # a listing has an address with its title
                            answer = browser.get(answer.headers["location"])
                    else:
                        there.enter(browser, role)
                        wrong = dict.fromkeys(filled(ENDPOINTS[row["name"]].form)[0], "%")
                        answer = browser.post(path, wrong | {"csrf_token": there.form_token(role)})
                        if answer.status_code < 400:
                            there.restore()
                    if answer.headers.get("content-type", "").startswith("text/html") and answer.text.strip():
                        yield Shown(role, row["name"], path, answer.status_code, answer.text)


def shape(html: str) -> str:
    """A page without its words, ids and numbers: two deals in the same situation are one page to a checker."""
    return re.sub(r">[^<]*<", "><", re.sub(r"=\"[^\"]*\d[^\"]*\"", "=", html))


def different(pages: Iterable[Shown]) -> list[Shown]:
    """Each page of a route and each of its failed forms once, each kind of refusal once, and what is new on others."""
    kept, known, seen = [], set(), set[str]()
    for page in pages:
        own = traits(page.html)
        key = (page.route if page.status in (200, 422) else "", page.status)
        if key not in known or len(own - seen) > 8:
            kept.append(page)
        known.add(key)
        seen |= own
    return kept


def traits(html: str) -> frozenset[str]:
    """The kinds of elements that a page is made of: their tags, classes and what they say about themselves."""
    found = []
    for tag, attributes in re.findall(r"<([a-z][\w-]*)([^>]*)>", html):
        css = re.search(r'class="([^"]*)"', attributes)
        names = sorted(set(re.findall(r"\s([\w-]+)(?==|\s|$)", attributes)))
        found.append(f"{tag}.{css[1] if css else ''}[{' '.join(names)}]")
    return frozenset(f"{before}>{after}" for before, after in pairwise(found))
