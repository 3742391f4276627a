"""What chance makes of a calibration metric: the closed form against drawing."""

from __future__ import annotations

import numpy as np
import pytest

from models.release.calibration_chance import chance
from models.release.comparison import Better, ComparedMetric
from training.evaluation import calibration_error

N = 190


def _metric(value: float) -> ComparedMetric:
    return ComparedMetric(challenger=value, n=N, better=Better.LOWER)


@pytest.fixture(scope="module")
def drawn() -> tuple[list[float], list[float], float]:
    """Calibration errors and mean errors of a calibrated model, and its Brier score."""
    random = np.random.default_rng(5)
    errors, biases, briers = [], [], []
    for _ in range(2_000):
        told = random.uniform(0.05, 0.5, N)
        came = (random.random(N) < told).astype(float)
        errors.append(calibration_error(told, came))
        biases.append(float((told - came).mean()))
        briers.append(float(((told - came) ** 2).mean()))
    return errors, biases, float(np.mean(briers))


@pytest.mark.parametrize("name", ["calibration_error", "bias"])
def test_a_calibrated_model_stays_within_it(
    drawn: tuple[list[float], list[float], float], name: str
) -> None:
    errors, biases, brier = drawn
    found = np.abs(errors if name == "calibration_error" else biases)
    metrics = {name: _metric(0.0), "brier": _metric(brier)}
    limit = chance(name, metrics, 0.99)
    assert 0.98 <= float((found <= limit).mean()) <= 1.0
    assert float((found <= limit / 2).mean()) < 0.9  # control: half of it would not do


def test_it_falls_with_the_number_of_projects_and_is_nothing_where_unknown() -> None:
    few = {"bias": _metric(0.0), "rmse": _metric(2.0)}
    many = {name: metric.model_copy(update={"n": 4 * N}) for name, metric in few.items()}
    assert chance("bias", few, 0.99) == pytest.approx(2 * chance("bias", many, 0.99))
    assert chance("bias", few, 0.99) == pytest.approx(2.5758 * 2 / N**0.5, rel=1e-4)
    assert chance("bias", {"bias": _metric(0.0)}, 0.99) == 0.0
