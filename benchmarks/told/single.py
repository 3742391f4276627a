"""The section on one explained score in process."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.explainers import CONTRIB, PREDICT
from benchmarks.markdown import paragraph, table
from benchmarks.single import (
    ANSWER,
    NUMBERS,
    ONE_THREAD,
    SHAP_CATEGORIES,
    SHAP_FRAME,
    SHAP_NUMPY,
    OneRow,
    Single,
)
from benchmarks.told.figures import NOTHING, milli, shown

_WAYS = (NUMBERS, ONE_THREAD, ANSWER, SHAP_CATEGORIES, SHAP_FRAME, SHAP_NUMPY, CONTRIB, PREDICT)


def told(found: Single) -> Iterator[str]:
    """The tables of one row of the bundle and of the reference models."""
    yield "## One explained score, in process"
    yield ""
    yield from paragraph(
        "Prediction and contributions of one row by all heads. Ours as the service asks for them: "
        "all heads begun by one call, and a thread of the kernel takes some of the walks; beside "
        "it, head by head, what they take on one thread. LightGBM and shap share out rows among "
        "threads, and have but one row here. On a DataFrame, the "
        "frame of one row is made from a record first: with categories, the record has labels, "
        "which are cast to the categories of the training, and LightGBM turns them into numbers "
        "in every call; of numbers, that was done before. The whole answer also has what numbers "
        "alone do not: validation, ranges, reasons in two languages, similar past projects."
    )
    yield ""
    yield from paragraph(
        "Each way is called again and again for a moment, as `timeit` does, before the next way's "
        "turn; “first” is the first call of each turn, which finds the caches full of what the "
        "others have read. A service is in between."
    )
    for row in (found.own, found.reference):
        yield ""
        yield f"### {row.models.capitalize()}: {row.heads} heads"
        yield ""
        yield from table(
            ("way", "× our numbers", "× our answer", "ms", "first: × our numbers", "first: ms"),
            [_row(row, way) for way in row.entered(_WAYS)],
        )


def _row(found: OneRow, way: str) -> tuple[str, ...]:
    if way in found.absent:
        return (way, found.absent[way], *(NOTHING,) * 4)
    return (
        way,
        shown(found.ratio(way, NUMBERS)),
        shown(found.ratio(way, ANSWER)),
        str(milli(found.seconds[way])),
        shown(found.first[way].ratio_to(found.first[NUMBERS])),
        str(milli(found.first[way])),
    )
