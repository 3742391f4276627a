"""Timings that can be compared: taken in turn, in the same run."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping

from benchmarks.sample import Sample

Task = Callable[[], object]


def taken_in_turn(
    tasks: Mapping[str, Task], repeats: int, warmed: bool = True
) -> dict[str, Sample]:
    """The seconds of each task, all of them run once per turn, in `repeats` turns.

    What was alive before is kept from the garbage collector: a server holds no training data.
    """
    gc.collect()
    gc.freeze()
    if warmed:
        for task in tasks.values():
            task()
    found: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(repeats):
        for name, task in tasks.items():
            found[name].append(seconds_of(task))
    gc.unfreeze()
    return {name: Sample(tuple(seconds)) for name, seconds in found.items()}


def seconds_of(task: Task) -> float:
    """The seconds that a task takes once."""
    started = time.perf_counter()
    task()
    return time.perf_counter() - started
