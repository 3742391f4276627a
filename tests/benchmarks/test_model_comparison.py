"""The comparison of recipes gives everyone the same rows, and says better only beyond chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from benchmarks.model_comparison import __main__ as command
from benchmarks.model_comparison.answers import Answers, answers
from benchmarks.model_comparison.contestant import Fitted, Searched, Settings, Wanted
from benchmarks.model_comparison.field import FIELD
from benchmarks.model_comparison.head_task import HeadTask
from benchmarks.model_comparison.measures import measures
from benchmarks.model_comparison.ours import LINGJI, OTHER_WAY, Ours
from benchmarks.model_comparison.page import PICTURE, Compared, page
from benchmarks.model_comparison.picture import distances
from benchmarks.model_comparison.scorecard import Scorecard
from benchmarks.model_comparison.sizes import QUICK, Sizes
from benchmarks.model_comparison.standings import Verdict, contest
from benchmarks.model_comparison.worlds import World
from features.head_declaration import HeadKind
from features.operations import Numbers
from models.margin_map import probability
from tests.rulers import catalogue_of, named, ruler
from tests.small_model import SMALL_TREES, small_data
from training.clusters import Clusters
from training.evaluation import auc, evaluate, spearman
from training.paired_metrics import Side
from training.train import TrainingSettings, train

SIZES = Sizes("tiny", (), 0, seeds=(1,), trials=1)


def small_world(tested: int = 2) -> World:
    """The small ruler with two dimensions in every head."""
    raw = ruler()
    for name in ("level", "area", "asked"):
        named(raw, "indicators", name)["dimension"] = "money"
    return World("small", "small", None, 0, 0, tested, small_data(catalogue_of(raw)))


@pytest.fixture(scope="module")
def world() -> World:
    return small_world()


@pytest.fixture(scope="module")
def compared(world: World, tmp_path_factory: pytest.TempPathFactory) -> Compared:
    """Everyone on the small ruler's heads, at two origins."""
    return command.compare(FIELD, SIZES, [world], tmp_path_factory.mktemp("compared"))


def task_of(world: World, head: str) -> HeadTask:
    (_, last) = world.origins()
    return world.tasks(last)[0][head]


def clusters_of(world: World) -> np.ndarray:
    (_, last) = world.origins()
    return world.tasks(last)[1]


# Who takes part, and on what


def test_everyone_installed_answers_every_head(compared: Compared) -> None:
    expected = {each.name for each in FIELD if all(find_spec(name) for name in each.packages)}
    assert {each.name for each in FIELD} - expected == set(compared.absent)
    assert {LINGJI, "linear scorecard", "scikit-learn boosting"} <= expected
    (contests,) = compared.contests.values()
    assert [c.declaration.kind for c in contests] == [
        HeadKind.SCORE,
        HeadKind.SCORE,
        HeadKind.AMOUNT,
        HeadKind.PROBABILITY,
    ]
    for each in contests:
        assert set(each.standings) == expected
        assert len(each.origins) == 2
        for standings in each.standings.values():
            assert np.isfinite(standings[each.main.name].value)


def test_no_tested_round_is_learned_from_or_chosen_by(world: World) -> None:
    for origin in world.origins():
        tasks, _ = world.tasks(origin)
        for task in tasks.values():
            years = task.rows.years
            assert set(years[task.test]) == {origin.tested}
            assert years[task.rows.calibrate].max() < origin.tested
            assert years[task.rows.fit].max() < years[task.rows.calibrate].min()
            seen = task.rows.fit | task.rows.calibrate
            assert len(task.fitted.target) + len(task.later.target) <= seen.sum()


@dataclass(frozen=True)
class Peeks:
    """A contestant that would be perfect if it were shown what is tested."""

    name: str = "peeks"
    packages: tuple[str, ...] = ()

    def chosen(self, task: HeadTask, trials: int, seed: int) -> Settings:
        return {}

    def fit(self, task: HeadTask, settings: Settings, seed: int) -> Fitted:
        known = {row.tobytes(): goal for row, goal in zip(task.matrix, task.goal, strict=True)}
        return Fitted(0.0, lambda matrix: np.array([known[row.tobytes()] for row in matrix]))


def test_our_answers_are_those_of_training(world: World) -> None:
    """The comparison's own calibration is the one that ships, seed and trees alike."""
    *_, origin = world.origins()
    settings = TrainingSettings(origin.split, SMALL_TREES)
    model = train(world.data, settings)
    shipped = evaluate(model, world.data.where(origin.split.test(world.data.years)))
    tasks, clusters = world.tasks(origin)
    for name in ("axis", "cost", "risk"):
        ours = Ours(trees=SMALL_TREES)
        found, other = (answers(tasks[name], ours, {}, seed, clusters) for seed in (7, 8))
        np.testing.assert_allclose(found.predicted, shipped[name].predicted, rtol=1e-12)
        np.testing.assert_allclose(found.low, shipped[name].low, rtol=1e-12)
        assert found.outcome.tolist() == pytest.approx(shipped[name].outcome.tolist())
        assert np.abs(other.predicted / shipped[name].predicted - 1).max() > 1e-6  # control


def test_margins_that_point_the_wrong_way_say_everybodys_share(world: World) -> None:
    task, clusters = task_of(world, "risk"), clusters_of(world)
    right = Ours(trees=SMALL_TREES).fit(task, {}, 1)

    @dataclass(frozen=True)
    class Upside(Ours):
        def fit(self, task: HeadTask, settings: Settings, seed: int) -> Fitted:
            return Fitted(0.0, lambda matrix: -right.middle(matrix))

    told = answers(task, Upside(), {}, 1, clusters).predicted
    assert np.ptp(told) == 0
    assert np.ptp(answers(task, Ours(trees=SMALL_TREES), {}, 1, clusters).predicted) > 0.1


# How settings are chosen


def test_the_usual_settings_come_first_and_the_better_ones_win(world: World) -> None:
    task = task_of(world, "axis")
    searched = Searched(Scorecard())
    assert searched.chosen(task, 1, 1) == {"knots": 5, "penalty": 30.0}
    wanted, tried = Wanted(), {}
    for trials in range(1, 5):
        chosen = searched.chosen(task, trials, 1)
        predict = searched.fit(task, chosen, 1).middle
        tried[trials] = wanted.loss(predict(task.later.matrix), task.later.target)
    losses = list(tried.values())
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < losses[0]


def test_each_prediction_has_its_own_loss() -> None:
    goal = np.array([0.0, 1.0, 1.0])
    assert Wanted().loss(np.array([1.0, 1.0, 1.0]), goal) == pytest.approx(1 / 3)
    assert Wanted(event=True).loss(np.zeros(3), goal) == pytest.approx(np.log(2))
    assert Wanted(level=0.9).loss(np.zeros(3), goal) == pytest.approx(0.9 * 2 / 3)


# What is measured


def test_the_measures_are_those_of_the_evaluation(world: World) -> None:
    chance = np.random.default_rng(1)
    outcome = np.round(chance.normal(50, 9, 200), 0)
    side = Side(outcome + chance.normal(0, 5, 200), outcome, outcome - 4, outcome + 4)
    clusters = Clusters.of([f"d{n % 9}" for n in range(200)])
    told = {
        metric.name: float(
            metric.of(world.data.catalogue.head("axis"), side, clusters)(clusters.once)[0]
        )
        for metric in measures(world.data.catalogue.head("axis"))
    }
    assert told["rmse"] == pytest.approx(float(np.sqrt(np.mean((side.predicted - outcome) ** 2))))
    assert told["spearman"] == pytest.approx(spearman(side.predicted, outcome))
    assert told["coverage"] == 1.0
    risk = world.data.catalogue.head("risk")
    event = (outcome > 50).astype(float)
    forecast = probability((side.predicted - 50) / 5)
    side = Side(forecast, event, forecast * np.nan, forecast * np.nan)
    told = {m.name: float(m.of(risk, side, clusters)(clusters.once)[0]) for m in measures(risk)}
    assert told["auc"] == pytest.approx(auc(forecast, event))
    loss = -np.log(np.where(event > 0, forecast, 1 - forecast)).mean()
    assert told["log_loss"] == pytest.approx(float(loss))


def made_up(noise: float, seed: int, truth: Numbers) -> Answers:
    """Answers with an error of their own on two hundred projects of ten departments."""
    chance = np.random.default_rng(seed)
    predicted = truth + chance.normal(0, noise, len(truth))
    outcome = truth + np.random.default_rng(0).normal(0, 5, len(truth))
    names = np.array([f"d{n % 10}" for n in range(len(truth))])
    return Answers(predicted, predicted - 9, predicted + 9, outcome, names, 1.0, "{}")


def test_better_is_said_only_beyond_chance(world: World) -> None:
    head = world.data.catalogue.head("axis")
    truth = np.linspace(20, 80, 400)
    found: Mapping[str, Mapping[str, list[Answers]]] = {
        name: {o: [made_up(noise, seed + apart, truth)] for o, apart in (("o1", 0), ("o2", 50))}
        for name, noise, seed in (
            (LINGJI, 3.0, 1),
            ("as good", 3.0, 2),
            ("far better", 0.1, 3),
            ("far worse", 9.0, 4),
        )
    }
    told = contest(head, found, LINGJI)
    assert told.tested == 800
    assert told.clusters == 10
    assert told.verdict("as good") is Verdict.LEVEL
    assert told.verdict("far better") is Verdict.BETTER
    assert told.verdict("far worse") is Verdict.WORSE
    assert told.verdict(LINGJI) is Verdict.LEVEL
    assert told.best == "far better"


def test_who_sees_the_tested_outcomes_would_be_found_better(world: World) -> None:
    """The control of the whole comparison: leakage shows."""
    task, clusters = task_of(world, "axis"), clusters_of(world)
    found = {
        each.name: {"o": [answers(task, each, {}, 1, clusters)]}
        for each in (Ours(trees=SMALL_TREES), Peeks())
    }
    told = contest(task.declaration, found, LINGJI)
    assert told.standings["peeks"]["rmse"].value < 1e-9
    assert told.verdict("peeks") is Verdict.BETTER


# What is told


def test_the_page_tells_every_contestant_and_what_is_absent(compared: Compared) -> None:
    told = page(compared)
    (contests,) = compared.contests.values()
    for each in contests:
        assert f"(`{each.declaration.name}`)" in told
        for name in each.standings:
            assert told.count(name) >= len(contests)
    for name in compared.absent:
        assert f"{name} (not installed)" in told
    without = replace(compared, absent={"EBM": "not installed"})
    assert "EBM (not installed)" in page(without)


def test_the_picture_shows_every_rival(compared: Compared) -> None:
    drawn = distances(compared.contests, compared.rivals)
    assert drawn.startswith("<?xml")
    for name in compared.rivals:
        assert (name in drawn) == (name not in compared.absent)


def test_an_interrupted_run_is_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    field = (Ours(trees=SMALL_TREES), FIELD[-1])
    sizes = replace(SIZES, seeds=(1, 2))
    first = command.compare(field, sizes, [small_world(1)], tmp_path)
    monkeypatch.setattr(Ours, "fit", None)  # anyone who learned again would stumble over this
    again = command.compare(field, sizes, [small_world(1)], tmp_path)
    assert page(replace(again, machine="")) == page(replace(first, machine=""))
    (contests,) = again.contests.values()
    luck = {n: contests[0].standings[n]["rmse"].luck for n in (LINGJI, "everybody alike")}
    assert luck["everybody alike"] == 0 < luck[LINGJI]  # chance has no part in a mean
    (tmp_path / "small-2024.axis.Lingji.2.npz").unlink()
    with pytest.raises(TypeError, match="NoneType"):  # control
        command.compare(field, sizes, [small_world(1)], tmp_path)


def test_the_command_writes_the_page_and_its_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Sizes] = []

    def worlds(sizes: Sizes, japan_review: Path | None) -> list[World]:
        asked.append(sizes)
        return [small_world(1)]

    monkeypatch.setattr(command, "worlds", worlds)
    monkeypatch.setattr(command, "FIELD", (Ours(trees=SMALL_TREES), FIELD[-1]))
    out, work = str(tmp_path / "docs"), str(tmp_path / "work")
    command.main(["--quick", "--out", out, "--work", work])
    assert asked == [QUICK]
    told = (tmp_path / "docs" / "model-comparison.md").read_text(encoding="utf-8")
    assert f"]({PICTURE})" in told
    assert (tmp_path / "docs" / PICTURE).is_file()
    kept = tmp_path / "work" / "quick" / "small-2024.axis.Lingji.1.npz"
    first = kept.stat().st_mtime_ns
    command.main(["--quick", "--out", out, "--work", work])
    assert kept.stat().st_mtime_ns == first
    command.main(["--quick", "--afresh", "--out", out, "--work", work])
    assert kept.stat().st_mtime_ns > first


# Additive by dimension


def test_both_ways_of_acting_together_take_part(compared: Compared) -> None:
    (contests,) = compared.contests.values()
    for each in contests:
        value = {name: found[each.main.name].value for name, found in each.standings.items()}
        assert value[OTHER_WAY] != value[LINGJI]


def test_the_other_way_is_the_one_that_is_not_declared(world: World) -> None:
    task = task_of(world, "axis")
    changed = task.declaration.model_copy(update={"additive_by_dimension": True})
    declared = replace(task, declaration=changed)
    ours, other = Ours(trees=SMALL_TREES), Ours(OTHER_WAY, SMALL_TREES, other_way=True)
    said = [
        each.fit(whose, {}, 1).middle(task.matrix).tobytes()
        for each, whose in ((ours, task), (other, declared), (other, task), (ours, declared))
    ]
    assert said[0] == said[1] != said[2] == said[3]
