"""Every page of the route table, for every kind of reader: valid HTML, and no barrier that a program can find.

The checker of HTML is vnu: `npm install vnu-jar` and set VNU_JAR to its vnu.jar, or have `vnu` on the PATH.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.filled import filled
from tests.security.test_matrix import ENDPOINTS, GETS, POSTS, known_rows
from tests.town import VISITOR, Town

READERS = (VISITOR, "institution_owner", "company_owner", "operator")


def checker() -> list[str]:
    """How vnu is called on this machine; nothing where it is not."""
    jar = os.environ.get("VNU_JAR", "")
    if jar and shutil.which("java"):
        return ["java", "-Xss4m", "-jar", jar]
    return ["vnu"] if shutil.which("vnu") else []


@pytest.fixture(scope="module")
def pages(townsfolk: Town) -> dict[str, str]:
    """Each page that opens, in its normal and in its error state, told apart by what they are made of."""
    found: dict[str, tuple[str, str]] = {}
    for role in READERS:
        with townsfolk.browser(role) as browser:
            for row in known_rows(townsfolk, [*GETS, *POSTS]):
                for path in townsfolk.paths(row):
                    if not townsfolk.may(role, row["permission"]):
                        answer = None
                    elif row in GETS:
                        answer = browser.get(path)
                    else:
                        townsfolk.enter(browser, role)
                        wrong = dict.fromkeys(filled(ENDPOINTS[row["name"]].form)[0], "%")
                        answer = browser.post(path, wrong | {"csrf_token": townsfolk.form_token(role)})
                        if answer.status_code < 400:
                            townsfolk.restore()
                    if answer is not None and answer.headers.get("content-type", "").startswith("text/html"):
                        name = f"{role} {row['name'].replace(':', '.')} {answer.status_code} {len(found)}"
                        found.setdefault(shape(answer.text), (name, answer.text))
    return dict(value for value in found.values() if value[1].strip())


def shape(html: str) -> str:
    """A page without its words, ids and numbers: two deals in the same situation are one page to a checker."""
    return re.sub(r">[^<]*<", "><", re.sub(r"=\"[^\"]*\d[^\"]*\"", "=", html))


def test_the_pages_are_many(pages: dict[str, str]) -> None:
    """The check below goes over all that there is."""
    assert len(pages) > 80


def test_every_page_is_valid_html(pages: dict[str, str], tmp_path: Path) -> None:
    """The validator finds no error on any page, in normal and in error state."""
    command = checker()
    if not command:
        pytest.skip("vnu is not here: npm install vnu-jar, then VNU_JAR=.../build/dist/vnu.jar")
    for name, html in pages.items():
        (tmp_path / f"{name.replace(' ', '_')}.html").write_text(html, encoding="utf-8")
    told = subprocess.run(
        [*command, "--errors-only", "--format", "json", "--exit-zero-always", str(tmp_path)],
        capture_output=True, text=True, check=True, timeout=170,
    )  # fmt: skip
    faults = {
        (message["message"], message.get("extract", "")[:120]): Path(message["url"]).name
        for message in json.loads(told.stderr)["messages"]
    }
    assert [] == [f"{page}: {said[0]} {said[1]!r}" for said, page in faults.items()]
