"""The section on explaining a batch."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.explainers import CONTRIB, OURS, OURS_PREDICT, PREDICT, SHAP, XGBOOST
from benchmarks.explaining import OWN, REFERENCE, THREADS, Explaining, Explanations
from benchmarks.markdown import paragraph, table
from benchmarks.told.figures import micro, shown
from models.tree_explainer import kernel_name

_WAYS = (OURS, OURS_PREDICT, PREDICT, CONTRIB, SHAP, XGBOOST)


def told(found: Explaining) -> Iterator[str]:
    """The tables of both sets of models."""
    yield "## Explaining a batch"
    yield ""
    yield from paragraph(
        "Contributions of every feature to every row's prediction, from matrices that are ready; "
        "ours come with the prediction, in one walk through the trees "
        f"({kernel_name()}). "
        "Seconds are per row and head; a batch has as many rows as take about a second or two, "
        "and ratios are taken per row, turn by turn. `shap.TreeExplainer` hands LightGBM's trees "
        "to `pred_contrib`; its explainers are built before. XGBoost's matrix is made before."
    )
    for models in (REFERENCE, OWN):
        for threads in THREADS:
            yield ""
            yield from _table(found.of(models, threads))


def _table(found: Explanations) -> Iterator[str]:
    threads = "one thread" if found.threads == 1 else f"{found.threads} threads"
    yield f"### {found.models.capitalize()}, {threads}"
    yield ""
    yield from paragraph(f"{found.heads} heads, {found.trees:,} trees together.")
    yield ""
    yield from table(
        ("way", "× `predict`", "× ours", "µs per row and head", "p99, µs", "rows"),
        [_row(found, way) for way in found.entered(_WAYS)],
    )


def _row(found: Explanations, way: str) -> tuple[str, ...]:
    if way in found.absent:
        return (way, found.absent[way], "", "", "", "")
    seconds = found.seconds[way]
    return (
        way,
        shown(found.ratio(way, PREDICT)),
        shown(found.ratio(way, OURS)),
        str(micro(seconds)),
        f"{micro(seconds).quantile(0.99):.3g}",
        f"{found.rows[way]:,}",
    )
