"""An estimate stands once outcomes come, and nobody makes it better afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.monitoring.forecasts import Estimate, Forecast, Measure, Realised
from models.monitoring.series import Series

DIGEST = f"sha256:{'a' * 64}"


def _told(value: float, came: float | None = None, m: int = 100) -> list[Forecast]:
    estimate = Estimate(value, 0.02, 500)
    realised = None if came is None else Realised(came, m, estimate)
    return [Forecast("cost", 2025, Measure.COVERAGE, 0.8, estimate, realised)]


def _after(series: Series, told: list[Forecast], day: int, digest: str = DIGEST) -> Series:
    made = f"2026-01-{day:02}T00:00:00Z"
    return series.followed_by(told, digest=digest, version=1, made=made)


def test_the_realised_value_comes_beside_the_last_estimate_before_it() -> None:
    series = _after(Series(), _told(0.80), 1)
    series = _after(series, _told(0.78), 2)
    (entry,) = series.entries
    assert (entry.estimate, entry.realised, entry.off) == (0.78, None, None)
    series = _after(series, _told(0.70, came=0.60), 3)
    (entry,) = series.entries
    assert (entry.estimate, entry.estimated[:10], entry.realised) == (0.78, "2026-01-02", 0.60)
    assert entry.off == pytest.approx(-0.18)
    assert entry.standard_errors == pytest.approx(-0.18 / (0.0004 + 0.78 * 0.22 / 100) ** 0.5)
    assert not entry.late
    series = _after(series, _told(0.65, came=0.64, m=300), 4)
    (entry,) = series.entries
    assert (entry.estimate, entry.realised, entry.m) == (0.78, 0.64, 300)


def test_an_estimate_made_after_outcomes_says_so() -> None:
    (entry,) = _after(Series(), _told(0.8, came=0.7), 1).entries
    assert entry.late


def test_another_version_has_an_entry_of_its_own_and_all_are_kept(tmp_path: Path) -> None:
    series = _after(_after(Series(), _told(0.8), 1), _told(0.9), 2, f"sha256:{'b' * 64}")
    series.save(tmp_path)
    assert Series.of(tmp_path) == series
    assert [entry.estimate for entry in Series.of(tmp_path).entries] == [0.8, 0.9]
    assert Series.of(tmp_path / "elsewhere") == Series()
