"""The measures of the benchmarks."""

import os

from hypothesis import given
from hypothesis import strategies as st

from market.bench.measuring import Round, cpu_seconds, middle, percentile, pss_mb

numbers = st.lists(st.floats(0, 1e6), min_size=1, max_size=200)


@given(numbers, st.floats(0.01, 1))
def test_a_percentile_is_a_value_that_so_many_do_not_exceed(values: list[float], share: float) -> None:
    """The 99th percentile is one of the times seen; at least 99 of 100 are no longer, and no smaller one will do."""
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9
    assert sum(value < found for value in values) < share * len(values) + 1e-9


@given(numbers)
def test_the_middle_lies_between(values: list[float]) -> None:
    """A median is never outside of what was seen, and half the values lie on each side."""
    assert min(values) <= middle(values) <= max(values)
    assert percentile(values, 0) == min(values)
    assert percentile(values, 1) == max(values)


def test_wrong_answers_are_no_achievement() -> None:
    """A server that answers with errors very quickly is not fast."""
    assert 4.0 == Round(seconds=2.0, times=(0.1,) * 10, errors=2).rate


def test_this_process_takes_memory_and_time() -> None:
    """The machine tells what a process uses."""
    assert pss_mb(os.getpid()) > 1
    assert cpu_seconds(os.getpid()) > 0
