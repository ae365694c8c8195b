"""What benchmarks measure with: percentiles, medians, and what a process took of the machine (Linux's /proc)."""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

TICK = 1 / os.sysconf("SC_CLK_TCK")


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of `values` that at least `share` (0 to 1) of them do not exceed; 0 for none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def middle(values: Sequence[float]) -> float:
    """The median, 0 for none."""
    return float(median(values)) if values else 0.0


def cpu_seconds(pid: int) -> float:
    """The CPU time that a process has used so far, in all its threads; 0 where the machine does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) * TICK


def pss_mb(pid: int) -> float:
    """The memory of a process in MB: its own, and its share of what it shares with others (PSS).

    Pages of files that it merely looks at through mmap count while they are in memory. 0 where the machine does not tell.
    """
    return _rollup(pid, "Pss:")


def anonymous_pss_mb(pid: int) -> float:
    """The part of `pss_mb` that belongs to no file: what the machine cannot take back."""
    return _rollup(pid, "Pss_Anon:")


def _rollup(pid: int, name: str) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


@dataclass(frozen=True)
class Round:
    """One round of load: how long it took, how long each answer took, and what was wrong with how many.

    Times in seconds; `cpu` is what the server used meanwhile. `queries` and `size` (bytes of a body, as sent) are the
    largest seen. `errors` counts answers that were not as expected, `first_error` describes the first.
    """

    seconds: float
    times: tuple[float, ...]
    cpu: float = 0.0
    queries: int = 0
    size: int = 0
    errors: int = 0
    first_error: str = ""

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return (len(self.times) - self.errors) / self.seconds if self.seconds else 0.0
