"""The documents say what the code does: every setting, address, permission, job and step."""

import re
from pathlib import Path

from typer.main import get_command

from market import reference
from market.cli import app
from market.config import Settings

ROOT = Path(__file__).parents[2]


def test_the_reference_is_that_of_this_code() -> None:
    """Who reads the reference page reads the truth: `market reference > market/decisions/reference.md` renews it."""
    assert reference.KEPT.read_text(encoding="utf-8") == reference.text()


def test_the_reference_leaves_nothing_unexplained() -> None:
    """Every address, permission, setting, job and step has its words."""
    rows = [line for line in reference.text().splitlines() if line.startswith("| `")]
    assert rows
    steps = re.compile(r"^\| `\w+` \| (licensor|licensee|system|poster|institution|operator) ")
    assert [] == [row for row in rows if re.search(r"\|\s+\|", row) and not steps.match(row)]


def test_the_readme_lists_every_setting() -> None:
    """Names, defaults and meanings of the README are those of the code."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    part = readme.partition("## Settings")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("| `")]
    written = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
    assert list(reference.settings()) == written
    assert len(Settings.model_fields) == len(written)


def test_the_readme_names_every_command() -> None:
    """What `market --help` knows, the README tells."""
    part = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Commands")[2].partition("\n## ")[0]
    told = set(re.findall(r"`([a-z-]+)", part))
    commands = set(get_command(app).commands)  # type: ignore[attr-defined]
    assert set() == commands - told


def test_the_contributing_page_names_files_that_exist() -> None:
    """Nobody is sent to a file that is not there."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = [name for name in re.findall(r"`([\w./-]+)`", text) if "/" in name and "<" not in name]
    named = [name for name in named if not name.startswith((".venv", "rules/", "service/"))]
    assert [] == [name for name in named if not (ROOT / name.rstrip("/")).exists()]
