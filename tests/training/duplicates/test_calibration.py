"""Points are a logistic regression whose steps never fall."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from features.duplicates.compared_fields import Compared
from features.duplicates.points import STEPS, Points
from features.strict_yaml import read_yaml
from training.duplicates.calibration import calibrated
from training.duplicates.points_file import write_points

AMOUNT = list(STEPS).index("amount")


def pairs(count: int, odds: tuple[float, ...], seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Pairs whose closeness in amount reaches each step as often, related with these log-odds."""
    rng = np.random.default_rng(seed)
    reached = rng.integers(0, 6, count)
    closeness = np.full((count, len(STEPS)), np.nan)
    closeness[:, AMOUNT] = np.array([0.1, *STEPS["amount"]])[reached]
    related = rng.random(count) < 1 / (1 + np.exp(-np.array(odds)[reached]))
    return closeness, related


def test_points_are_the_log_odds_of_the_steps() -> None:
    odds = (-4.0, -3.0, -2.0, 0.0, 1.0, 3.0)
    points = calibrated(*pairs(60_000, odds), names=("amount",))
    told = [points.base + step for step in points.steps["amount"]]
    assert told == pytest.approx(odds, abs=0.25)


def test_a_step_that_would_fall_adds_nothing() -> None:
    falling = (-2.0, 0.0, -3.0, 1.0, 1.0, 2.0)
    points = calibrated(*pairs(20_000, falling), names=("amount",))
    steps = points.steps["amount"]
    assert list(steps) == sorted(steps)
    raw, related = pairs(20_000, falling)
    shares = [related[raw[:, AMOUNT] == value].mean() for value in (0.1, *STEPS["amount"])]
    assert shares != sorted(shares), "control: the pairs themselves do fall"


def test_the_limit_is_where_nearly_all_are_related() -> None:
    closeness, related = pairs(20_000, (-9.0, -6.0, -3.0, 0.0, 4.0, 6.0))
    points = calibrated(closeness, related, names=("amount",))
    score = points.total(closeness)
    assert related[score >= points.limit].mean() >= 0.98
    lower = score[score < points.limit].max()
    assert related[score >= lower].mean() < 0.985  # the control: no lower limit would do


def test_written_points_are_read_again_and_the_rest_stays(tmp_path: Path) -> None:
    file = tmp_path / "zero.yaml"
    file.write_text("# a remark\ncatalogue: x\nfields: {name: n, texts: []}\n", encoding="utf-8")
    points = Points(base=-1.5, steps={"name": (0, 1, 2, 3, 4, 5)}, unknown={"name": 0.5}, limit=2)
    for _ in range(2):
        write_points(file, {"same": points})
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# a remark\n")
    assert text.count("points:") == 1
    assert Compared.model_validate(read_yaml(text)).points == {"same": points}
