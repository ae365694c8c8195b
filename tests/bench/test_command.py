"""`market bench` runs whole and prints what it promises; how fast it was is nobody's business here."""

import json
import subprocess
import sys

import pytest

from market.kit.templating import ROOT

KINDS = {"listing_anonymous", "listing_signed_in", "search", "enquiry_post"}


def bench(*arguments: str) -> dict[str, object]:
    """The last line of output, read as JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "market", "bench", *arguments, "--json"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=170,
    )  # fmt: skip
    assert 0 == done.returncode, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_pages_are_measured_beside_a_bare_reply() -> None:
    """The result names every kind of page, and every answer was a good one."""
    told = bench("pages", "--size", "200", "--rounds", "1", "--seconds", "0.2")
    assert {"size", "hello", "pages", "rss_mb", "anonymous_mb"} == set(told)
    assert {"rps", "p50_ms", "p99_ms"} == set(told["hello"])
    assert KINDS == set(told["pages"])
    for page in told["pages"].values():
        assert {"rps", "p50_ms", "p99_ms", "cpu_ms", "queries", "bytes", "ratio_to_hello", "errors"} == set(page)
        assert 0 == page["errors"]
        assert page["rps"] > 0
    assert told["pages"]["listing_signed_in"]["queries"] <= 8


@pytest.mark.slow
def test_an_import_is_measured_until_it_can_be_found() -> None:
    """The generated catalogue goes in whole and is found."""
    told = bench("import", "--rows", "30")
    assert {"rows", "seconds", "rows_per_s", "searchable_after_s"} == set(told)
    assert 30 == told["rows"]
