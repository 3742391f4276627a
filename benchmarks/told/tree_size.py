"""The section on tree size."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.explainers import CONTRIB, OURS, PREDICT
from benchmarks.markdown import paragraph, table
from benchmarks.told.figures import micro
from benchmarks.tree_size import AUC, RMSE, TreeSize


def told(found: TreeSize) -> Iterator[str]:
    """The table of tree sizes, and which is best."""
    yield "## Tree size is part of the answer"
    yield ""
    yield from paragraph(
        f"The reference task with {found.rows:,} rows to learn from, as many to stop by and as "
        "many to test on; learning rate 0.1, stopped early. Tuning weighs what a size costs "
        "against what it forecasts better (docs/tuning.md)."
    )
    yield ""
    yield from table(
        (
            *("measure", "leaves", "trees", "on other rows", "explain ÷ predict"),
            *("explain, µs per row", "predict, µs per row", "`pred_contrib`, µs per row"),
        ),
        [
            (
                measure,
                str(grown.leaves),
                f"{grown.trees:,}",
                f"{grown.error:.4f}",
                str(grown.seconds[OURS].ratio_to(grown.seconds[PREDICT])),
                *(str(micro(grown.seconds[way])) for way in (OURS, PREDICT, CONTRIB)),
            )
            for measure, sizes in found.found.items()
            for grown in sizes
        ],
    )
    yield ""
    yield from paragraph(_conclusion(found))


def _conclusion(found: TreeSize) -> str:
    """Which size is best, and what the largest costs beside the smallest."""
    rmse = min(found.found[RMSE], key=lambda grown: grown.error)
    auc = max(found.found[AUC], key=lambda grown: grown.error)
    least, most = found.found[RMSE][0], found.found[RMSE][-1]
    explain, predict = (most.seconds[w].ratio_to(least.seconds[w]).median for w in (OURS, PREDICT))
    return (
        f"Best by RMSE: {rmse.leaves} leaves; best by AUC: {auc.leaves} leaves. By RMSE, "
        f"{most.leaves} leaves take {explain:.2g} times as long to explain a row as "
        f"{least.leaves}, and {predict:.2g} times as long to predict it."
    )
