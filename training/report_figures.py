"""Figures of the retraining report: numbers as people read them, verdicts, and small pictures."""

from __future__ import annotations

import math
from typing import Any

from models.release.comparison import Better, ComparedMetric
from training.evidence import worsening

_WIDTH, _HEIGHT = 140, 14
SQUARE = 200
"""The side of a calibration picture, in pixels."""
NOTHING = "–"
Json = dict[str, Any]


def verdict(metric: ComparedMetric) -> str:
    """Whether a metric became better or worse, by its interval."""
    worse = worsening(metric)
    if worse is None:
        return "alone" if metric.champion is None else "untold"
    if metric.low is None or metric.high is None:
        return "untold"
    # Nearer to a nominal value is told only where it is so by more than the interval's reach.
    reach = (metric.high - metric.low) / 2
    if metric.low <= 0 <= metric.high or abs(worse) < reach:
        return "chance"
    return "worse" if worse > 0 else "better"


def figure(value: float | None) -> str:
    """A number with four significant digits; a dash where there is none."""
    if value is None:
        return NOTHING
    if value == 0:
        return "0"
    digits = max(0, 3 - math.floor(math.log10(abs(value))))
    return f"{value:,.{min(digits, 6)}f}"


def signed(value: float | None) -> str:
    """The same with its sign."""
    if value is None:
        return NOTHING
    return ("+" if value > 0 else "−" if value < 0 else "") + figure(abs(value))


def interval_picture(metric: ComparedMetric) -> Json | None:
    """Where the interval lies about zero, in pixels; better is always to the right."""
    if metric.low is None or metric.high is None or metric.difference is None:
        return None
    reach = max(abs(metric.low), abs(metric.high)) or 1.0
    # Better lies to the right, whichever way the metric is better.
    worse = worsening(metric) or 0.0
    sign = -1.0 if metric.better is Better.LOWER or worse * metric.difference > 0 else 1.0
    middle, half = _WIDTH / 2, _WIDTH / 2 - 4
    ends = sorted(middle + half * sign * end / reach for end in (metric.low, metric.high))
    return {
        "low": round(ends[0], 1),
        "high": round(ends[1], 1),
        "point": round(middle + half * sign * metric.difference / reach, 1),
        "middle": middle,
        "width": _WIDTH,
        "height": _HEIGHT,
    }


def curve(bins: list[list[float]]) -> str:
    """The points of a polyline from predicted and observed shares, 0 to 1 over the square."""
    return " ".join(f"{p * SQUARE:.1f},{(1 - o) * SQUARE:.1f}" for p, o, _ in bins)
