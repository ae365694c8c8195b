"""What only the embedded engine promises: many readers, one writer, no half index."""

import subprocess
import sys
from pathlib import Path

import pytest

from market.discovery.gateway import BatchRefused, IndexMissing, IndexUnavailable, SearchRequest
from market.discovery.rules.question import understand
from market.integrations.tantivy_engine.engine import TantivyIndex
from tests.discovery.documents import document

HOLDER = """
import sys, tantivy
index = tantivy.Index.open(sys.argv[1])
writer = index.writer(15_000_000, 1)
print("held", flush=True)
sys.stdin.readline()
"""

KILLED = """
import os, sys
from pathlib import Path
from market.integrations.tantivy_engine.engine import TantivyIndex
from tests.discovery.documents import document

def batches():
    for number in range(50):
        yield [document(f"n{number}-{i}", "Lathe") for i in range(50)]
        if number == 40:
            os._exit(9)

index = TantivyIndex(Path(sys.argv[1]))
if sys.argv[2] == "rebuild":
    index.rebuild(batches())
else:
    for batch in batches():
        index.apply(batch, [])
"""


def total(index: TantivyIndex, text: str = "") -> int:
    """How many are found."""
    return index.search(SearchRequest(understand(text))).total


@pytest.fixture
def index(tmp_path: Path) -> TantivyIndex:
    """An index with one listing."""
    index = TantivyIndex(tmp_path)
    index.rebuild([[document("one", "Lathe")]])
    return index


def test_another_process_writing_is_told_and_searches_go_on(index: TantivyIndex, tmp_path: Path) -> None:
    """While another process holds the writer, changes are put off; everybody goes on reading."""
    folder = tmp_path / (tmp_path / "current").read_text()
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert "held" == holder.stdout.readline().strip()
        with pytest.raises(IndexUnavailable):
            index.apply([document("two", "Mill")], [])
        assert 1 == total(TantivyIndex(tmp_path))
        holder.communicate("\n")

    index.apply([document("two", "Mill")], [])
    assert 2 == total(index)


def test_readers_see_changes_of_others_at_once(index: TantivyIndex, tmp_path: Path) -> None:
    """A web process sees what the worker wrote, and turns to a rebuilt index, without being told."""
    reader = TantivyIndex(tmp_path)
    assert 1 == total(reader)

    index.apply([document("two", "Mill")], [])
    assert 2 == total(reader)

    index.rebuild([[document("three", "Press")]])
    assert 1 == total(reader, "press")
    assert 0 == total(reader, "mill")


def test_there_is_no_index_before_the_first_build(tmp_path: Path) -> None:
    """Neither searches nor changes make one behind our back."""
    index = TantivyIndex(tmp_path / "nothing")

    with pytest.raises(IndexMissing):
        total(index)
    with pytest.raises(IndexMissing):
        index.apply([document("one", "Lathe")], [])


def test_an_index_of_another_make_is_not_read(index: TantivyIndex, tmp_path: Path) -> None:
    """After an update of the code that changes the fields, the old folder counts as none, until the rebuild."""
    (folder,) = [each for each in tmp_path.iterdir() if each.is_dir()]
    folder.rename(tmp_path / f"00000000-{folder.name.partition('-')[2]}")
    (tmp_path / "current").write_text(f"00000000-{folder.name.partition('-')[2]}")

    assert index.needs_rebuild()
    assert index.health() is not None


@pytest.mark.parametrize("how", ["rebuild", "apply"])
def test_a_process_killed_in_the_middle_leaves_a_whole_index(index: TantivyIndex, tmp_path: Path, how: str) -> None:
    """kill -9 while writing: what was there is there, whole batches only, and writing goes on."""
    ended = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), how], check=False)

    assert 9 == ended.returncode
    found = TantivyIndex(tmp_path)
    assert (1 if how == "rebuild" else 1 + 41 * 50) == total(found)
    found.apply([document("two", "Mill")], [])
    assert 1 == total(found, "mill")
    found.rebuild([[document("three", "Press")]])
    assert 2 >= len([each for each in tmp_path.iterdir() if each.is_dir()])


def test_a_document_that_cannot_be_indexed_is_refused(index: TantivyIndex) -> None:
    """A number beyond all bounds is told as the fault of that listing, and the batch leaves no trace."""
    with pytest.raises(BatchRefused, match="strange"):
        index.apply([document("fine", "Mill"), document("strange", "Mill", version=2**70)], [])

    assert 0 == total(index, "mill")
