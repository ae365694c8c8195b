"""The `market` command over an embedded database, as somebody at a terminal meets it."""

import csv
import gzip
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from market.cli import app
from market.config import Settings
from tests.live import ROOT

HEADER = ["title", "summary", "country"]


@pytest.fixture
def market(tmp_path, monkeypatch):
    """Run `market ...` over one folder, its tables made."""
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.alias), raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))

    def run(*arguments: str):
        return CliRunner().invoke(app, list(arguments))

    assert 0 == run("migrate").exit_code
    return run


def _table(folder: Path, *rows: list[str]) -> str:
    path = folder / "list.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return str(path)


def _look(folder: Path, statement: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(folder / "data" / "ponte.sqlite") as books:
        return books.execute(statement).fetchall()


def _import(market, file: str, *more: str):
    return market(
        "import", "csv", file, "--create-organisation", "Lindenfels University", "--country", "ch", "--json", *more
    )


def _numbers(result) -> dict[str, int]:
    assert 0 == result.exit_code, result.output
    last = json.loads(result.stdout.strip().splitlines()[-1])
    assert {"read", "created", "updated", "duplicates", "refused", "problems"} <= set(last)
    return {name: last[name] for name in ("read", "created", "updated")}


def test_migrating_twice_says_the_same(market):
    """The second time is harmless."""
    result = market("migrate")
    assert (0, "The tables are up to date.") == (result.exit_code, result.stderr.strip())


def test_a_catalogue_is_imported_once(market, tmp_path):
    """The institution is made on the spot; the same file again doubles nothing; a changed row is updated."""
    rows = [["Pump", "A quiet pump.", "CH"], ["Valve", "A tight valve.", "CH"]]
    file = _table(tmp_path, *rows)
    first = _import(market, file)
    assert {"read": 2, "created": 2, "updated": 0} == _numbers(first)
    assert "Importing" in first.stderr
    assert 1 == len(first.stdout.strip().splitlines())
    assert {"read": 2, "created": 0, "updated": 0} == _numbers(_import(market, file))
    rows[0][1] = "A very quiet pump."
    assert {"read": 2, "created": 0, "updated": 1} == _numbers(_import(market, _table(tmp_path, *rows)))
    assert [(1,)] == _look(tmp_path, "SELECT count(*) FROM organisation")
    assert [(2,)] == _look(tmp_path, "SELECT count(*) FROM technology")


def test_a_dry_run_writes_nothing(market, tmp_path):
    """The numbers are told, the tables stay empty: no listing, no institution, no event."""
    assert 1 == _numbers(_import(market, _table(tmp_path, ["Pump", "A quiet pump.", "CH"]), "--dry-run"))["created"]
    for table in ("technology", "organisation", "import_run", "audit_event", "job"):
        assert [(0,)] == _look(tmp_path, f"SELECT count(*) FROM {table}")


def test_a_broken_file_brings_in_nothing(market, tmp_path):
    """A truncated archive and a broken JSON are refused with the reason; not even the institution is made."""
    whole = gzip.compress(json.dumps({"results": []}).encode() * 50)
    for name, data in (("cut.json.gz", whole[: len(whole) // 2]), ("broken.json", b'{"results": [\n[1, 2,\n}')):
        path = tmp_path / name
        path.write_bytes(data)
        result = market("import", "nasa-t2", str(path), "--create-organisation", "Lindenfels", "--json")
        assert 1 == result.exit_code
        assert result.stderr.strip()
        assert "Traceback" not in result.output
        assert "" == result.stdout.strip()
    assert "line" in result.stderr.lower()
    assert [(0,)] == _look(tmp_path, "SELECT count(*) FROM organisation")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nonsense", "FILE", "--organisation", "x"], "no kind of file that we know"),
        (["csv", "FILE"], "Say whose listings these are"),
        (["csv", "FILE", "--organisation", "nobody"], "nobody"),
    ],
)
def test_an_import_that_cannot_be_says_why(market, tmp_path, arguments, sentence):
    """The kind of file, the owner: each slip has its sentence."""
    file = _table(tmp_path, ["Pump", "A quiet pump.", "CH"])
    result = market("import", *[file if word == "FILE" else word for word in arguments])
    assert 1 == result.exit_code
    assert sentence in " ".join(result.stderr.split())


def test_what_was_imported_can_be_found(market, tmp_path):
    """`reindex` tells how many technologies can be found."""
    _import(market, _table(tmp_path, ["Pump", "A quiet pump.", "CH"]))
    result = market("reindex")
    assert 0 == result.exit_code
    assert "technologies can be found." in result.stderr


def test_a_planted_break_of_the_audit_trail_is_found(market, tmp_path):
    """Somebody with the file in hand changes an event: the command names it and ends with 1."""
    _import(market, _table(tmp_path, ["Pump", "A quiet pump.", "CH"]))
    whole = market("check-audit")
    assert 0 == whole.exit_code
    assert whole.stdout.strip().endswith(", 0 breaks")
    with sqlite3.connect(tmp_path / "data" / "ponte.sqlite") as books:
        books.execute("DROP TRIGGER audit_event_no_update")
        books.execute("UPDATE audit_event SET tag = 'nothing:happened:here' WHERE rowid = 1")
    broken = market("check-audit")
    assert 1 == broken.exit_code
    assert "was changed" in broken.stdout


def test_empty_books_are_right(market):
    """Before anything was billed the books balance."""
    result = market("check-ledger")
    assert (0, "The books are right.") == (result.exit_code, result.stdout.strip().splitlines()[-1])


def test_every_address_is_listed(market):
    """Name, path, methods and permission of each route, as JSON."""
    rows = json.loads(market("routes", "--json").stdout)
    assert {"name", "path", "methods", "permission"} == set(rows[0])
    assert {"/", "/healthz", "/readyz"} <= {row["path"] for row in rows}
    assert all(row["permission"] for row in rows)
    assert len(rows) == len(market("routes").stdout.strip().splitlines())


def test_the_process_is_drawn(market):
    """The diagram of a deal, and its steps as a list."""
    assert market("process", "--mermaid").stdout.startswith("stateDiagram-v2")
    assert "accept_offer" in market("process").stdout


def test_nobody_unknown_becomes_an_operator(market):
    """An address that has not registered is told so."""
    result = market("make-operator", "nobody@lindenfels.example")
    assert (1, "Nobody has registered as nobody@lindenfels.example.") == (result.exit_code, result.stderr.strip())


def test_the_command_is_a_real_one(tmp_path):
    """As a process of its own: help on standard output, settings from the environment."""
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "PORT": "none"}
    command = [sys.executable, "-m", "market"]
    told = subprocess.run([*command, "migrate"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (2, "", "Ponte does not start: PORT must be a whole number.") == (
        told.returncode, told.stdout, told.stderr.strip(),
    )  # fmt: skip


@pytest.mark.skipif(not os.environ.get("PONTE_DATA"), reason="PONTE_DATA names no folder with real catalogues")
def test_a_real_catalogue_comes_in_whole(market, tmp_path):
    """The 643 listings of a real catalogue: each once, whatever stands in their titles."""
    (file,) = Path(os.environ["PONTE_DATA"]).glob("nasa_technologies/raw/patent.json.gz")
    order = ("import", "nasa-t2", str(file), "--create-organisation", "NASA", "--country", "us", "--json")
    numbers = _numbers(market(*order))
    assert 600 < numbers["created"] <= numbers["read"]
    assert 0 == _numbers(market(*order))["created"]
    assert [(numbers["created"],)] == _look(tmp_path, "SELECT count(*) FROM technology")
