"""The benchmarks run and say what they measured; how long anything takes is not tested."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from benchmarks import __main__ as command
from benchmarks.performance import OURS, Figures, Sizes, measure, page
from benchmarks.stages import STAGES, Stages
from benchmarks.timing import Timing, taken_in_turn
from benchmarks.tuning_pays import HeadComparison
from models.model import Model
from models.trees import Trees
from serving import appraisal, explained_score
from training.growing import TreeSettings
from training.tuning import Search

SMALL = TreeSettings(trees=10, leaves=4)
TINY = Sizes(projects=1_500, batch=8, trainings=1, singles=2, batches=2, trees=SMALL)


@pytest.fixture(scope="module")
def figures() -> Figures:
    return measure(TINY, say=lambda line: None)


def test_every_comparison_is_measured(figures: Figures) -> None:
    heads = set(figures.training) - {"all heads"}
    assert {"necessity", "importance", "reasonable_cost"} <= heads
    assert "all heads" in figures.training
    for found in (*figures.training.values(), figures.single, figures.batch):
        assert OURS in found
        assert all((timing.seconds > 0).all() for timing in found.values())
    assert {len(found) for found in (figures.single, figures.batch)} == {3}


def test_shares_of_the_stages_make_the_whole(figures: Figures) -> None:
    for shares in figures.shares.values():
        assert list(shares) == list(STAGES)
        assert sum(shares.values()) == pytest.approx(np.ones(2))
        # Every stage of the path was really passed, so that no watched name has gone stale.
        assert all((share > 0).all() for share in shares.values())


def test_nothing_stays_watched(figures: Figures) -> None:
    watched = (appraisal.parse_project, Model.predict, Trees.predict, explained_score._reason)
    assert all(function.__name__ != "timed" for function in watched)
    # Control: inside, they are.
    with Stages().watched():
        assert appraisal.parse_project.__name__ == "timed"


def test_page_has_a_table_for_each_question(figures: Figures) -> None:
    told = page(figures, "a machine")
    assert re.findall(r"^## (.*)$", told, re.MULTILINE) == [
        "Explained scores",
        "Where the time goes",
        "Training",
    ]
    assert "Machine: a machine." in told
    for line in ("| one project |", "| a batch of 8, per project |", "| all heads |"):
        assert line in told
    rows = [line.count("|") for line in told.splitlines() if line.startswith("| one project")]
    assert rows == [7]
    assert "nan" not in told


def test_median_and_ratio_worked_out_by_hand() -> None:
    ours, bare = Timing(np.array([4.0, 2.0, 9.0])), Timing(np.array([1.0, 1.0, 3.0]))
    assert ours.median == 4
    # turn by turn 4, 2 and 3 times as long; the ratio of the medians would be 4
    assert ours.ratio_to(bare) == "3 (2.5–3.5)"
    assert Timing(np.array([0.002, 0.004, 0.006])).milliseconds(per=2) == "2 (1.5–2.5)"


def test_tasks_are_taken_in_turn() -> None:
    calls: list[str] = []
    tasks = {"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}
    found = taken_in_turn(tasks, repeats=2)
    assert calls == ["a", "b"] * 3  # the first turn warms up
    assert {name: len(timing.seconds) for name, timing in found.items()} == {"a": 2, "b": 2}


@pytest.mark.parametrize(
    ("tuned", "verdict", "gain"),
    [
        ([1.0, 1.0, 1.0, 1.0], "better", 0.5),
        ([3.0, 3.0, 3.0, 3.0], "worse", -0.5),
        ([2.0, 6.0, 0.0, 0.4], "no difference beyond chance", -0.05),
    ],
)
def test_gain_is_judged_by_paired_differences(
    tuned: list[float], verdict: str, gain: float
) -> None:
    search = Search("merit", 2, 1.0, 1.0, SMALL)
    found = HeadComparison(search, "loss", np.full(4, 2.0), np.array(tuned))
    assert found.gain == pytest.approx(gain)
    assert found.verdict == verdict


def test_command_writes_the_page_on_tuning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "tuning.md"
    command.main(["tuning", "--projects", "1500", "--trials", "1", "--out", str(out)])
    told = out.read_text(encoding="utf-8")
    assert "# Does tuning pay?" in told
    # One trial is the default, which differs from itself by nothing.
    assert "+0.0% ± 0.0%" in told
    assert "0 better, 0 worse, 0 no difference beyond chance" in told
    assert "take the defaults" in told
    assert str(out) in capsys.readouterr().out


def test_unknown_benchmark_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        command.main(["nonsense"])
    assert "invalid choice" in capsys.readouterr().err
