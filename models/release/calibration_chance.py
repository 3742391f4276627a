"""How far a calibration metric lies from zero by chance alone, though the model is calibrated."""

from __future__ import annotations

import math

from scipy.special import ndtri

from models.release.comparison import ComparedMetric

_BINS = 10
"""The calibration error is over tenths of the projects."""
_MEAN_OF_FOLDED = math.sqrt(2 / math.pi)
_SD_OF_FOLDED = math.sqrt(1 - 2 / math.pi)
_SD_OVER_MEAN_ERROR = math.sqrt(math.pi / 2)
"""Of a normal error: its standard deviation over its mean absolute value."""


def chance(name: str, metrics: dict[str, ComparedMetric], confidence: float) -> float:
    """How large the metric of that name may be by chance with that confidence; 0 if unknown.

    The spread of single errors is told by the metrics beside it. With spread s and n projects, the
    mean error is normal with s/√n; the calibration error is the mean of ten absolute values of
    normal means with s·√(10/n). Source: moments of the normal and the folded normal distribution.
    """
    spread = _spread(metrics)
    n = metrics[name].n
    if spread is None or not n:
        return 0.0
    quantile = float(ndtri((1 + confidence) / 2))
    if name != "calibration_error":
        return quantile * spread / math.sqrt(n)
    one = spread * math.sqrt(_BINS / n)
    return one * (_MEAN_OF_FOLDED + quantile * _SD_OF_FOLDED / math.sqrt(_BINS))


def _spread(metrics: dict[str, ComparedMetric]) -> float | None:
    """The standard deviation of single errors, from what else is measured of the head."""
    for name, told in (
        ("brier", math.sqrt),
        ("rmse", float),
        ("mean_abs_log_error", lambda value: value * _SD_OVER_MEAN_ERROR),
        ("mae", lambda value: value * _SD_OVER_MEAN_ERROR),
    ):
        found = metrics.get(name)
        if found is not None and found.challenger is not None:
            return float(told(max(found.challenger, 0.0)))
    return None
