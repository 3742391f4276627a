"""Pictures of a training run, as SVG without fonts or links."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np

from features.head_declaration import HeadKind
from models.head import Head
from training.evaluation import HeadEvaluation, calibration_bins

_STYLE: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": "lingji", "font.size": 9}
_MOST_BARS = 20
GOOD, BAD, INK = "#2a6f97", "#b23a48", "#333333"


def pictures(heads: Mapping[str, Head], found: Mapping[str, HeadEvaluation]) -> dict[str, str]:
    """File name → SVG text: for every head what moves it, and how well its promise is kept."""
    drawn = {f"{name}_importance.svg": importance_picture(head) for name, head in heads.items()}
    for name, evaluation in found.items():
        if evaluation.declaration.kind is HeadKind.PROBABILITY:
            drawn[f"{name}_calibration.svg"] = calibration_picture(evaluation)
        elif any("band_low" in metrics for metrics in evaluation.groups.values()):
            drawn[f"{name}_coverage.svg"] = coverage_picture(evaluation)
    return drawn


def importance_picture(head: Head) -> str:
    """How far each indicator moves the head on average, greatest first."""
    order = np.argsort(-head.importance, kind="stable")[:_MOST_BARS][::-1]
    figure, axes = new_figure(6.5, 0.24 * len(order) + 1)
    axes.barh([head.terms[i] for i in order], head.importance[order], color=GOOD)
    axes.set_xlabel("mean absolute contribution, on the head's additive scale")
    axes.set_title(f"{head.name}: what moves it", loc="left")
    return as_svg(figure)


def calibration_picture(evaluation: HeadEvaluation) -> str:
    """Predicted probability against the observed share, by tenths of the later projects."""
    bins = calibration_bins(evaluation.predicted, evaluation.outcome)
    figure, axes = new_figure(4.5, 4.2)
    top = max(max(p, o) for p, o, _ in bins) * 1.1
    axes.plot([0, top], [0, top], color="#bbbbbb", linewidth=1)
    axes.plot([p for p, _, _ in bins], [o for _, o, _ in bins], "o-", color=GOOD)
    axes.set_xlabel("predicted probability")
    axes.set_ylabel("observed share")
    axes.set_title(f"{evaluation.declaration.name}: calibration", loc="left")
    return as_svg(figure)


def coverage_picture(evaluation: HeadEvaluation) -> str:
    """The share of later outcomes inside the range, per group, with the 99 % binomial band."""
    groups = {n: m for n, m in evaluation.groups.items() if "band_low" in m}
    figure, axes = new_figure(6.5, 0.24 * len(groups) + 1)
    for place, metrics in enumerate(groups.values()):
        axes.plot(
            [metrics["band_low"], metrics["band_high"]], [place, place], color="#cccccc", lw=6
        )
        color = GOOD if metrics["in_band"] else BAD
        axes.plot([metrics["coverage"]], [place], "o", color=color)
    axes.axvline(evaluation.declaration.level, color=INK, linewidth=0.8)
    names = [f"{name} (n={int(metrics['n'])})" for name, metrics in groups.items()]
    axes.set_yticks(range(len(groups)), names)
    axes.set_xlabel("share of later outcomes inside the range")
    axes.set_title(f"{evaluation.declaration.name}: coverage", loc="left")
    return as_svg(figure)


def new_figure(width: float, height: float) -> tuple[Any, Any]:
    """An empty Matplotlib figure of so many inches, and its axes."""
    import matplotlib  # costs a second, so only where pictures are drawn
    from matplotlib.figure import Figure

    matplotlib.rcParams.update(_STYLE)
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def as_svg(figure: Any) -> str:
    """The figure as SVG text, the same for the same figure."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()
