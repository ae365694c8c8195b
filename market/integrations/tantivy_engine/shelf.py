"""Where the index lies on disk: a folder for each build, and a small file that names the one in use.

A rebuild fills a new folder and then moves the name over in one step, so that a reader sees the old index or the new one.
"""

import shutil
from pathlib import Path

from market.integrations.tantivy_engine.schema import fingerprint
from market.kit.ids import new_id


class Shelf:
    """The folders of the builds under `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.pointer = root / "current"

    def stamp(self) -> tuple[int, ...]:
        """Changes whenever another build, or another commit of the same build, is to be read."""
        return (*_seen(self.pointer), *(_seen(folder / "meta.json") if (folder := self.current()) else ()))

    def current(self) -> Path | None:
        """The folder of the build in use; None when there is none, or one of another make."""
        try:
            name = self.pointer.read_text().strip()
        except FileNotFoundError:
            return None
        folder = self.root / name
        fits = name.startswith(f"{fingerprint()}-") and "/" not in name and (folder / "meta.json").exists()
        return folder if fits else None

    def fresh(self) -> Path:
        """An empty folder for a new build."""
        folder = self.root / f"{fingerprint()}-{new_id()}"
        folder.mkdir(parents=True)
        return folder

    def use(self, folder: Path) -> None:
        """Let readers turn to `folder`; older builds but the one just left are thrown away."""
        before = self.current()
        waiting = self.root / f"current.{new_id()}"
        waiting.write_text(folder.name)
        waiting.replace(self.pointer)
        for old in self.root.iterdir():
            if old.is_dir() and old not in (folder, before):
                shutil.rmtree(old, ignore_errors=True)

    def discard(self, folder: Path) -> None:
        """Throw away a build that was not finished."""
        shutil.rmtree(folder, ignore_errors=True)

    def size(self) -> int:
        """Bytes of the build in use."""
        folder = self.current()
        return sum(path.stat().st_size for path in folder.iterdir() if path.is_file()) if folder else 0


def _seen(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return (0,)
    return (found.st_ino, found.st_mtime_ns, found.st_size)
