"""An evaluation of the tiny ruler's heads, made up."""

from __future__ import annotations

from models.evaluated import Evaluated

SCORE = {"n": 400.0, "mae": 4.0, "mae_se": 0.5, "spearman": 0.8, "r2": 0.6}
RANGES = {"ranges": 400.0, "coverage": 0.81, "band_low": 0.745, "band_high": 0.85, "in_band": 1.0}
NARROW = {**RANGES, "ranges": 120.0, "coverage": 0.6, "in_band": 0.0}
COST = {"n": 400.0, "mean_abs_log_error": 0.1, "mean_abs_log_error_se": 0.01, **RANGES}
RISK = {"n": 400.0, "brier": 0.12, "brier_se": 0.001, "auc": 0.79, "brier_constant": 0.18}
HEADS = {"necessity": SCORE, "importance": SCORE, "cost": COST, "late": RISK}
WORTH = Evaluated(
    rounds=(2024, 2025),
    projects=412,
    heads=HEADS,
    groups={"cost": {"type=road": {**COST, **NARROW}, "type=service": COST}},
    swaps={
        "declarer": dict.fromkeys(HEADS, 0.0),
        "requested_amount": dict.fromkeys(HEADS, 0.0),
        "last_budget": {**dict.fromkeys(HEADS, 0.0), "late": 9.0},
    },
    climbs={"necessity": 12.5},
)
