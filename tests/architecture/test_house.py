"""The house: what stands where, so that a newcomer finds anything by its name."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from market.kit.templating import TEMPLATES
from market.kit.web import Page

ROOT = Path(__file__).parents[2]
PACKAGES = sorted(path.parent.name for path in (ROOT / "market").glob("*/__init__.py"))
CODE = sorted(path for part in ("market", "seed", "tests") for path in (ROOT / part).rglob("*.py"))
NO_DOMAIN = {"bench", "integrations"}
SCAFFOLDS = {"base.html", "_components/gallery.html"}


def classes(base: type[Any]) -> list[type[Any]]:
    """Every class below `base`."""
    return [found for each in base.__subclasses__() for found in (each, *classes(each))]


def page_classes() -> dict[str, list[str]]:
    """The classes that name each template."""
    found: dict[str, list[str]] = {}
    for each in classes(Page):
        if "template" not in vars(each) or not each.__module__.startswith("market."):
            continue
        found.setdefault(each.template, []).append(f"{each.__module__}.{each.__name__}")
    return found


@pytest.fixture(scope="module")
def contracts() -> list[dict[str, Any]]:
    """The import contracts."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]


def test_every_template_has_one_page_class() -> None:
    """Who changes a page finds all that its template sees in one dataclass."""
    pages = {
        str(path.relative_to(TEMPLATES))
        for path in TEMPLATES.rglob("*.html")
        if "mail" not in path.parts and not any(part.startswith("_") for part in path.relative_to(TEMPLATES).parts)
    } - SCAFFOLDS
    by_template = page_classes()
    own = {path for path in pages if not path.startswith("stripe_sandbox/")}  # an application of its own
    assert own == set(by_template)
    assert {} == {template: names for template, names in by_template.items() if len(names) != 1}


def test_every_template_of_the_sandbox_is_rendered() -> None:
    """No page lies about unused."""
    code = "".join(path.read_text() for path in (ROOT / "market/integrations/stripe_sandbox").glob("*.py"))
    for path in (TEMPLATES / "stripe_sandbox").glob("[a-z]*.html"):
        assert f'"stripe_sandbox/{path.name}"' in code


def test_every_mail_has_both_halves() -> None:
    """A mail is text and HTML, and somebody sends it."""
    halves = {path.relative_to(TEMPLATES).with_suffix("") for path in TEMPLATES.glob("*/mail/*")}
    code = "".join(path.read_text() for path in CODE if path.is_relative_to(ROOT / "market"))
    for half in sorted(halves):
        assert (TEMPLATES / f"{half}.html").exists(), half
        assert (TEMPLATES / f"{half}.txt").exists(), half
        assert f'"{half}"' in code, half


def test_templates_mirror_the_packages() -> None:
    """A page's template lies where its view does."""
    folders = {path.name for path in TEMPLATES.iterdir() if path.is_dir() and not path.name.startswith("_")}
    assert set() == folders - set(PACKAGES) - {"errors", "stripe_sandbox"}


def test_packages_have_no_code_in_their_init() -> None:
    """What is imported from where is said where it is used."""
    assert [] == [str(path.relative_to(ROOT)) for path in (ROOT / "market").rglob("__init__.py") if path.stat().st_size]


def test_no_file_is_too_long() -> None:
    """A file over 500 lines wants a seam; tests, read one by one, may be a little longer."""
    long = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in CODE}
    long |= {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in TEMPLATES.rglob("*.html")}
    assert {} == {name: lines for name, lines in long.items() if lines > (600 if name.startswith("tests/") else 500)}


def test_every_package_is_held_by_the_import_contracts(contracts: list[dict[str, Any]]) -> None:
    """A new package is not outside the rules because nobody thought of them."""
    by_name = {contract["name"].partition(":")[0]: contract for contract in contracts}
    inside = by_name["Inside a package"]["containers"]
    outside = by_name["Only integrations speak with outside services"]["source_modules"]
    domains = {f"market.{name}" for name in PACKAGES} - {f"market.{name}" for name in NO_DOMAIN}
    with_views = {
        f"market.{name}"
        for name in PACKAGES
        if (ROOT / "market" / name / "views.py").exists() or (ROOT / "market" / name / "views").is_dir()
    }
    assert set() == with_views - set(inside)
    assert domains == set(outside)


def test_the_project_has_the_top_level_that_it_should() -> None:
    """Nothing lies about at the top."""
    known = {
        "market", "templates", "migrations", "seed", "tests", "pyproject.toml", "README.md", "Makefile", "LICENSE",
        "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "Dockerfile", "compose.yaml", "constraints.txt",
    }  # fmt: skip
    assert set() == known - {path.name for path in ROOT.iterdir()}
    made = {"build", "var", "dist", "ponte.egg-info", "node_modules"}
    extra = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")} - known - made
    assert set() == extra
