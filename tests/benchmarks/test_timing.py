"""Timing in turns: medians, ratios, and tasks that are repeated within a turn."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from benchmarks import timing
from benchmarks.sample import Sample
from benchmarks.timing import repeated_in_turn, taken_in_turn


def test_median_and_ratio_worked_out_by_hand() -> None:
    ours, bare = Sample((4.0, 2.0, 9.0)), Sample((1.0, 1.0, 3.0))
    assert ours.median == 4
    # turn by turn 4, 2 and 3 times as long; the ratio of the medians would be 4
    assert str(ours.ratio_to(bare)) == "3 (2.5–3.5)"
    assert str(Sample((0.002, 0.004, 0.006)).times(500)) == "2 (1.5–2.5)"
    assert Sample((1.0, 2.0, 3.0)).quantile(0.99) == pytest.approx(2.98)


def test_short_tasks_are_repeated_within_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    calls: list[str] = []

    def task(name: str, first: float, again: float) -> Callable[[], None]:
        def called() -> None:
            nonlocal now
            now += again if calls and calls[-1] == name else first
            calls.append(name)

        return called

    monkeypatch.setattr(timing.time, "perf_counter", lambda: now)
    tasks = {"short": task("short", 3.0, 1.0), "long": task("long", 9.0, 5.0)}
    timed = repeated_in_turn(tasks, repeats=2, at_least=4.0)
    assert calls == ["short", "long", *(["short"] * 5 + ["long"] * 2) * 2]
    assert {name: sample.values for name, sample in timed.first.items()} == {
        "short": (3.0, 3.0),
        "long": (9.0, 9.0),
    }
    assert {name: sample.values for name, sample in timed.again.items()} == {
        "short": (1.0, 1.0),
        "long": (5.0, 5.0),
    }
    # Control: called once a turn, each is only ever the first after the other.
    assert taken_in_turn(tasks, repeats=2)["short"].values == (3.0, 3.0)


def test_tasks_are_taken_in_turn() -> None:
    calls: list[str] = []
    tasks = {"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}
    timed = taken_in_turn(tasks, repeats=2)
    assert calls == ["a", "b"] * 3  # the first turn warms up
    assert {name: len(timing.values) for name, timing in timed.items()} == {"a": 2, "b": 2}
