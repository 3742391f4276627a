"""How many rows a batch may have: as many as take about the seconds that one turn may."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from benchmarks.sizes import Sizes
from benchmarks.timing import seconds_of


def affordable(sizes: Sizes, task: Callable[[int], object]) -> int:
    """The rows for a task whose argument is how many: `slow_rows` at least, `fast_rows` at most.

    Found in steps, so that a constant part does not make a task look slow on many rows.
    """
    task(sizes.slow_rows)  # whatever is done once
    rows = sizes.slow_rows
    while rows < sizes.fast_rows:
        each = seconds_of(partial(task, rows)) / rows
        wanted = min(int(sizes.turn_seconds / each), sizes.fast_rows)
        if wanted < 2 * rows:
            return max(wanted, sizes.slow_rows)
        rows = min(wanted, 8 * rows)
    return rows
