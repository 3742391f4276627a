"""Timings that can be compared: taken in turn, in the same run."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.sample import Sample

Task = Callable[[], object]


@dataclass(frozen=True)
class Repeated:
    """The seconds of tasks, once per turn.

    first: called once, when other tasks have just filled the processor's caches. again: the mean
    of the calls that follow it in the same turn, as `timeit` measures.
    """

    first: dict[str, Sample]
    again: dict[str, Sample]


def taken_in_turn(
    tasks: Mapping[str, Task], repeats: int, warmed: bool = True
) -> dict[str, Sample]:
    """The seconds of each task, all of them run once per turn, in `repeats` turns."""
    with _nothing_collected():
        if warmed:
            _warm(tasks)
        found = [[seconds_of(task) for task in tasks.values()] for _ in range(repeats)]
    return _samples(tasks, found)


def repeated_in_turn(tasks: Mapping[str, Task], repeats: int, at_least: float) -> Repeated:
    """The seconds of each task called again and again, in `repeats` turns.

    Args:
        at_least: seconds that a task is repeated for in each turn.
    """
    with _nothing_collected():
        _warm(tasks)
        found = [[_repeated(task, at_least) for task in tasks.values()] for _ in range(repeats)]
    first, again = ([[pair[which] for pair in turn] for turn in found] for which in (0, 1))
    return Repeated(_samples(tasks, first), _samples(tasks, again))


def seconds_of(task: Task) -> float:
    """The seconds that a task takes once."""
    started = time.perf_counter()
    task()
    return time.perf_counter() - started


def _repeated(task: Task, at_least: float) -> tuple[float, float]:
    first, calls, passed = seconds_of(task), 0, 0.0
    started = time.perf_counter()
    while not calls or passed < at_least:
        task()
        calls += 1
        passed = time.perf_counter() - started
    return first, passed / calls


def _warm(tasks: Mapping[str, Task]) -> None:
    for task in tasks.values():
        task()


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """What was alive before is kept from the garbage collector: a server holds no training data."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def _samples(tasks: Mapping[str, Task], turns: list[list[float]]) -> dict[str, Sample]:
    return {
        name: Sample(seconds) for name, seconds in zip(tasks, zip(*turns, strict=True), strict=True)
    }
