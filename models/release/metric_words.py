"""What the metrics of a comparison are called."""

from __future__ import annotations

METRICS: dict[str, tuple[str, str]] = {
    "mae": ("平均绝对误差", "mean absolute error"),
    "rmse": ("均方根误差", "root mean squared error"),
    "r2": ("决定系数 R²", "R²"),
    "spearman": ("秩相关系数", "rank correlation"),
    "bias": ("平均偏差（应近 0）", "bias (near 0)"),
    "width": ("区间宽度", "width of the range"),
    "coverage": ("区间覆盖率（应近 {nominal}）", "coverage of the range (near {nominal})"),
    "mean_abs_log_error": ("平均绝对对数误差", "mean absolute log error"),
    "log_bias": ("平均对数偏差（应近 0）", "bias of the log (near 0)"),
    "pinball_low": ("下限分位损失", "pinball loss, low end"),
    "pinball_mid": ("中位分位损失", "pinball loss, middle"),
    "pinball_high": ("上限分位损失", "pinball loss, high end"),
    "log_width": ("区间宽度（对数）", "width of the range (log)"),
    "auc": ("AUC", "AUC"),
    "brier": ("布里尔分", "Brier score"),
    "calibration_error": ("校准误差", "calibration error"),
}
"""Metric → its name in Chinese and in English."""
