"""Tree settings are searched on the learned rounds only, and size is bought only where it pays."""

from __future__ import annotations

import json
import math
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.catalogue import load_catalogue
from features.errors import TrainingError
from features.head_declaration import HeadKind
from features.operations import Numbers
from models.registry import Registry
from training import cheapest_settings, growing
from training.appraisal_data import AppraisalData, read_appraisal_data
from training.growing import TreeSettings
from training.pipeline import train_and_register
from training.split import TimeSplit
from training.tracking import Tracking
from training.train import TrainingSettings
from training.tuning import SPACE, Search, SearchBudget, forecast_losses, tuned_settings

RULER = """
catalogue: bench
version: "1"
label: {zh: 试验, en: Trial}
columns: {id: [code], time: year}
currency: {code: CNY, unit: 元, unit_en: yuan}
dimensions:
  - {name: facts, label: {zh: 事实, en: Facts}}
indicators:
  - {name: code, kind: text, label: {zh: 编号, en: Code}, dimension: facts, source: declared,
     required: true}
  - {name: year, kind: count, label: {zh: 年度, en: Year}, dimension: facts, source: declared,
     required: true}
  - {name: need, kind: number, label: {zh: 需求, en: Need}, dimension: facts, source: verified,
     use: {merit: "+", late: free}}
  - {name: area, kind: number, label: {zh: 面积, en: Area}, dimension: facts, source: verified,
     use: {merit: free, cost: free, late: free}}
heads:
  - {name: merit, kind: score, label: {zh: 得分, en: Merit},
     outcome: {column: points, clip: [0, 100]}}
  - {name: cost, kind: amount, label: {zh: 成本, en: Cost}, outcome: {column: paid}, level: 0.8,
     relative_to: [area]}
  - {name: late, kind: probability, label: {zh: 迟延, en: Late}, outcome: {column: was_late}}
"""
GIVEN = TreeSettings(trees=100, leaves=7, learning_rate=0.02)
SPLIT = TimeSplit(2021, 2022)
TRIALS = SearchBudget(trials=3)


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> AppraisalData:
    """Five rounds of 260 projects; merit rises with need, cost with area."""
    folder = tmp_path_factory.mktemp("tuning")
    (folder / "ruler.yaml").write_text(RULER, encoding="utf-8")
    chance = np.random.default_rng(3)
    rows = []
    for number in range(1300):
        need, area = chance.uniform(0, 1), chance.uniform(1, 9)
        points = 30 + 40 * need**2 + chance.normal(0, 2)
        paid = 100 * area * np.exp(chance.normal(0, 0.2))
        rows.append(
            {
                "code": f"P{number}",
                "year": 2019 + number % 5,
                "need": round(need, 4),
                "area": round(area, 4),
                "points": round(points, 3),
                "paid": round(paid, 2),
                "was_late": int(chance.uniform() < 0.2 + 0.5 * need),
            }
        )
    file = folder / "past.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return read_appraisal_data(file, load_catalogue(folder / "ruler.yaml"))


Found = tuple[TrainingSettings, list[Search]]


@pytest.fixture(scope="module")
def usual(past: AppraisalData) -> Found:
    """What three trials find."""
    return search(past)


@pytest.fixture(scope="module")
def longer(past: AppraisalData) -> Found:
    """What five trials find."""
    return search(past, budget=SearchBudget(trials=5))


def search(data: AppraisalData, split: TimeSplit = SPLIT, budget: SearchBudget = TRIALS) -> Found:
    found: list[Search] = []
    return tuned_settings(data, TrainingSettings(split, GIVEN), budget, found.append), found


def poisoned(data: AppraisalData, year: int) -> AppraisalData:
    """The same data with nonsense for every outcome and every fact of one round."""

    def nonsense(column: Numbers) -> Numbers:
        return np.where(data.years == year, column[::-1] % 2, column)

    projects = tuple(
        replace(p, values={**p.values, "need": -7.0, "area": 1e6}) if p.year == year else p
        for p in data.projects
    )
    outcomes = {name: nonsense(column) for name, column in data.outcomes.items()}
    return replace(data, projects=projects, outcomes=outcomes)


def test_same_number_of_trials_finds_the_same_settings(past: AppraisalData, usual: Found) -> None:
    assert [found.trials for found in usual[1]] == [3, 3, 3]
    assert search(past) == usual


def test_rounds_kept_for_testing_do_not_matter(past: AppraisalData, usual: Found) -> None:
    assert search(poisoned(past, 2023)) == usual


def test_control_the_same_poison_would_be_noticed_in_a_learned_round(
    past: AppraisalData, usual: Found
) -> None:
    honest, spoilt = usual[1], search(poisoned(past, 2022))[1]
    assert all(
        a.default_loss != b.default_loss and a.loss != b.loss
        for a, b in zip(honest, spoilt, strict=True)
    )
    # … and in the test round, were the test round learned from.
    wider = TimeSplit(2022, 2023)
    assert search(poisoned(past, 2023), wider)[1] != search(past, wider)[1]


def test_never_dearer_unless_better_beyond_the_noise(longer: Found) -> None:
    settings, searches = longer
    for found in searches:
        assert found.settings == settings.of(found.head)
        assert found.given == GIVEN
        assert found.best_loss <= min(found.loss, found.default_loss)
        assert found.loss < found.default_loss or found.price <= found.default_price
    # Control: the given settings are so timid that a search of five finds something better.
    assert any(found.loss < found.default_loss for found in searches)


@pytest.mark.parametrize("noise", [0.0, math.inf])
def test_control_the_noise_decides(
    past: AppraisalData, monkeypatch: pytest.MonkeyPatch, noise: float
) -> None:
    """Without noise the best is taken at any price; in endless noise the cheapest, at any loss."""
    monkeypatch.setattr(cheapest_settings, "noise", lambda one, other: noise)
    searches = search(past, budget=SearchBudget(trials=5))[1]
    if noise:
        # Nothing in the space is cheaper than what is given here.
        assert [found.settings for found in searches] == [GIVEN] * 3
        assert any(found.best_loss < found.loss for found in searches)
    else:
        assert all(found.loss == found.best_loss for found in searches)
        assert any(found.price > found.default_price for found in searches)


def test_one_trial_is_the_given_settings(past: AppraisalData) -> None:
    settings, searches = search(past, budget=SearchBudget(trials=1))
    assert all(found.settings == GIVEN for found in searches)
    assert [settings.of(name) for name in ("merit", "cost", "late")] == [GIVEN] * 3


def test_settings_found_lie_in_the_declared_space(longer: Found) -> None:
    for found in longer[1]:
        for name, (low, high) in SPACE.items():
            # The given settings stand in for those outside it.
            assert low <= getattr(found.settings, name) <= high or found.settings == GIVEN


def test_settings_outside_the_space_are_tried_first_all_the_same(past: AppraisalData) -> None:
    tiny = TreeSettings(trees=3, leaves=2)
    found: list[Search] = []
    tuned_settings(past, TrainingSettings(SPLIT, tiny), SearchBudget(2), found.append)
    assert all(f.trials == 2 and f.best_loss <= f.default_loss for f in found)


def test_seconds_end_a_search_after_the_trial_that_has_begun(past: AppraisalData) -> None:
    searches = search(past, budget=SearchBudget(seconds=1e-6))[1]
    assert [found.trials for found in searches] == [1, 1, 1]


def test_heads_with_too_few_past_rounds_keep_their_settings(past: AppraisalData) -> None:
    few = past.where(np.arange(len(past.projects)) % 20 == 0)
    settings, searches = search(few)
    assert [found.trials for found in searches] == [0, 0, 0]
    assert all(math.isnan(found.loss) for found in searches)
    assert settings.of("merit") == GIVEN


@pytest.mark.parametrize(
    ("trials", "seconds"), [(None, None), (0, None), (None, 0.0), (-1, 5.0), (5, -1.0)]
)
def test_a_budget_is_stated_and_positive(trials: int | None, seconds: float | None) -> None:
    with pytest.raises(TrainingError, match="a positive number of trials or of seconds"):
        SearchBudget(trials, seconds)


def test_whichever_limit_comes_first_ends_the_search() -> None:
    both = SearchBudget(trials=4, seconds=10)
    assert both.allows(3, 9.9)
    assert not both.allows(4, 9.9)
    assert not both.allows(3, 10.0)


class _Constant:
    """Trees that always say the same."""

    def __init__(self, value: float) -> None:
        self.value = value

    def predict(self, matrix: Numbers) -> Numbers:
        return np.full(len(matrix), self.value)


@pytest.mark.parametrize(
    ("name", "grown", "goal", "expected"),
    [
        # (1 − 0)² and (1 − 4)²
        ("merit", (1.0, None), [0.0, 4.0], 5.0),
        # log-odds of 0 are a half, whatever happens
        ("late", (0.0, None), [0.0, 1.0], math.log(2)),
        # low end −1 at level 0.1: 0.1·1; middle 0: 0; high end 2 at level 0.9: 0.1·2
        ("cost", (0.0, (-1.0, 2.0)), [0.0], (0.1 + 0.0 + 0.2) / 3),
    ],
)
def test_losses_worked_out_by_hand(
    past: AppraisalData,
    name: str,
    grown: tuple[float, tuple[float, float] | None],
    goal: list[float],
    expected: float,
) -> None:
    declaration = past.catalogue.head(name)
    assert declaration.kind in HeadKind
    middle, ends = grown
    bounds = tuple(_Constant(end) for end in ends) if ends else None
    trees = (_Constant(middle), bounds)
    losses = forecast_losses(declaration, trees, np.zeros((len(goal), 1)), np.array(goal))  # type: ignore[arg-type]
    assert losses.shape == (len(goal),)
    assert losses.mean() == pytest.approx(expected)


def test_each_heads_settings_are_logged(past: AppraisalData, tmp_path: Path) -> None:
    import mlflow

    settings = TrainingSettings(SPLIT, GIVEN, {"merit": replace(GIVEN, leaves=11)})
    registry, tracking = Registry(tmp_path, "bench"), Tracking(tmp_path, "bench")
    result = train_and_register(past, settings, registry, tracking)
    logged = mlflow.MlflowClient(tracking.tracking_uri).get_run(result.version.run).data.params
    assert logged["merit.trees.leaves"] == "11"
    assert logged["cost.trees.leaves"] == logged["late.trees.leaves"] == "7"


@pytest.mark.parametrize("filtered", [False, True])
def test_few_rows_and_great_leaves_leave_a_forecast_and_not_a_crash(
    past: AppraisalData, monkeypatch: pytest.MonkeyPatch, filtered: bool
) -> None:
    """LightGBM of its own drops each feature that such leaves cannot split: none may be left."""
    if filtered:  # the control
        usual = {**growing.DETERMINISTIC, "feature_pre_filter": True}
        monkeypatch.setattr(growing, "DETERMINISTIC", usual)
    wide = TrainingSettings(SPLIT, replace(GIVEN, least_rows_per_leaf=160))
    found: list[Search] = []
    refused = pytest.raises(Exception, match="num_features") if filtered else nullcontext()
    with refused:
        tuned_settings(past, wide, SearchBudget(1), found.append)
    assert [math.isfinite(f.loss) for f in found] == ([True] if filtered else [True] * 3)
