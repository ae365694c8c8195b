"""Every sentence can be translated: in the pseudo-locale whatever escaped stands without its marks."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import update

from market.accounts.models import Person
from market.desk.gateway import Outbox
from market.desk.pages import body_of
from market.kit import cookies, i18n, mail
from market.kit.templating import TEMPLATES
from market.routes import all_routes, described
from market.support import figures, library
from tests.architecture.unmarked import Known, Speech, data_of, outside, texts
from tests.filled import WORDS, filled
from tests.security.test_matrix import ENDPOINTS, GETS, POSTS, known_rows
from tests.town import VISITOR, Town

SPEAKERS = (VISITOR, "institution_owner", "company_owner", "other_institution_owner", "adviser", "operator")
NOT_PAGES = (
    "/healthz",
    "/readyz",
    "/search/suggest",
    "/desk/outbox/{mail}/html",  # the mail itself, see the test of the mails
    "/technologies/{technology}/files/",
)
FROM_FILES = {
    WORDS,
    "somebody@example.com",
    "table.csv",
    "waiting.csv",
    "done.csv",
    "Firefox",
    "Linux",
    "Title",
    "Pump",
}


@pytest.fixture(scope="module")
def pseudo(townsfolk: Town) -> Town:
    """The town, where everybody reads the pseudo-locale."""
    with townsfolk.wired.db.write() as db:
        db.execute(update(Person).values(locale=i18n.PSEUDO))  # type: ignore[arg-type]
    townsfolk.keep(townsfolk.untouched)
    return townsfolk


@pytest.fixture(scope="module")
def known(pseudo: Town) -> Known:
    """What people wrote, and the mails that went out before anybody read the pseudo-locale."""
    sent = pseudo.wired.gateways[Outbox].newest(1000)
    mails = {line for _name, mail in sent for line in texts(f"{mail['Subject']}\n{body_of(mail, 'plain')}")}
    titles = {guide.title for guide in library.guides()}
    return Known(data_of(pseudo.wired.db) | FROM_FILES | mails | titles, guide_texts())


def guide_texts() -> frozenset[str]:
    """Guides are written in English, as listings are in their institution's language."""
    found = {figure.source for figure in figures.shipped()}
    for guide in library.guides():
        found |= {guide.summary, guide.picture.title, *Speech(library.html_of(guide.slug)).found}
        for question in guide.questions:
            found |= {question.text, question.why, *question.answers}
    return frozenset(found)


def walk(there: Town, role: str) -> Iterator[tuple[str, Any]]:
    """Every page that opens to a role, as the pseudo-locale has it."""
    with there.browser(role) as browser:
        browser.client.cookies.set(cookies.LOCALE, i18n.PSEUDO)
        for row in known_rows(there, GETS):
            if row["path"].startswith(NOT_PAGES) or not there.may(role, row["permission"]):
                continue
            for path in there.paths(row):
                answer = browser.get(path)
                if "text/html" in answer.headers.get("content-type", ""):
                    yield path, answer


@pytest.mark.parametrize("role", SPEAKERS)
def test_no_sentence_of_a_page_escapes_translation(pseudo: Town, known: Known, role: str) -> None:
    """Texts, titles, labels and hints of every page, for everybody."""
    told: dict[str, str] = {}
    for path, answer in walk(pseudo, role):
        for text in known.escaped(answer.text):
            told.setdefault(text, path)
    assert [] == [f"{path}: {text!r}" for text, path in told.items()]


@pytest.mark.parametrize("role", (VISITOR, "institution_owner", "company_owner", "operator"))
def test_no_sentence_after_a_form_escapes_translation(pseudo: Town, known: Known, role: str) -> None:
    """What is said at wrong fields and by rules that refuse, and on the page after what was done."""
    told: dict[str, str] = {}
    with pseudo.browser(role) as browser:
        browser.client.follow_redirects = True
        for row in known_rows(pseudo, POSTS):
            values = filled(ENDPOINTS[row["name"]].form)[0]
            for path in pseudo.paths(row) if pseudo.may(role, row["permission"]) else ():
                for sent in (values, dict.fromkeys(values, "%")):
                    pseudo.enter(browser, role)
                    browser.client.cookies.set(cookies.LOCALE, i18n.PSEUDO)
                    answer = browser.post(path, sent | {"csrf_token": pseudo.form_token(role)})
                    here = known
                    if answer.status_code < 400:
                        here = Known(known.data | data_of(pseudo.wired.db), known.whole)
                        pseudo.restore()
                    if "text/html" in answer.headers.get("content-type", ""):
                        for text in here.escaped(answer.text):
                            told.setdefault(text, f"{path} {answer.status_code}")
    assert [] == [f"{path}: {text!r}" for text, path in told.items()]


def test_no_sentence_of_a_mail_escapes_translation(pseudo: Town, known: Known) -> None:
    """Subjects, texts and HTML of the mails that the town sent, made anew in the pseudo-locale."""
    with pseudo.wired.db.write() as db:
        table: Any = mail.Mail.__table__  # type: ignore[attr-defined]
        rows = db.execute(table.select()).all()
    assert len({row.template for row in rows}) >= 3
    told: dict[str, str] = {}
    templates = pseudo.wired.templates
    for row in rows:
        facts = {"token": "1"} | row.context  # the secret of a link is forgotten once it is sent
        with i18n.speaking(i18n.PSEUDO):
            text = templates.render_mail(f"{row.template}.txt", facts)
            html = templates.render_mail(f"{row.template}.html", facts | {"subject": "⟦x⟧"})
        plain = re.sub(r"https?://\S+|^Subject:", " ", "\n".join(outside(text, 0)[0]), flags=re.MULTILINE)
        for sentence in (*known.escaped(html), *known.escaped(plain)):
            told.setdefault(sentence, row.template)
    assert [] == [f"{path}: {text!r}" for text, path in told.items()]
    assert pseudo.wired.gateways[Outbox].newest(1)


def test_templates_hold_no_bare_sentence() -> None:
    """Words between tags go through translation; found in the source, for pages that no walk reaches."""
    code = re.compile(r"{#.*?#}|{%-?\s*trans\b.*?endtrans\s*-?%}|{%.*?%}|{{.*?}}", re.DOTALL)
    tag = re.compile(r"<(script|style)\b.*?</\1>|<!--.*?-->|<[^>]*>", re.DOTALL)
    found = []
    for path in sorted(TEMPLATES.rglob("*.html")):
        if path.name == "gallery.html":
            continue
        for piece in tag.sub("\x00", code.sub("", path.read_text())).split("\x00"):
            if re.search(r"[A-Za-z]{2,} [A-Za-z]{2,}", piece):
                found.append(f"{path.relative_to(TEMPLATES)}: {' '.join(piece.split())}")
    assert [] == found
    assert described(all_routes())
