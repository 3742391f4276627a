"""Categories by their labels, as in a DataFrame; the project's own matrices have numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import lightgbm

from features.operations import Numbers
from models.trees import Trees

Codes = Mapping[str, Sequence[str]]
"""The labels of each category, in the order of their numbers in the matrix."""
Record = dict[str, float | str | None]
NO_LABELS: Codes = {}
"""Categories stay the numbers that they are."""


def labelled(trees: Trees, codes: Codes) -> lightgbm.Booster:
    """The trees in LightGBM, as if trained from a DataFrame whose category columns had labels.

    LightGBM keeps the labels of every such column, used by a tree or not, in the columns' order.
    """
    booster = lightgbm.Booster(model_str=trees.text)
    booster.pandas_categorical = [list(codes[name]) for name in trees.features if name in codes]
    return booster


def records(matrices: Iterable[tuple[Sequence[str], Numbers]], codes: Codes) -> list[Record]:
    """Each row's features of all heads by name: labels or numbers, None where unknown.

    matrices: by head, the names of its features and rows of shape (rows, features). A label that
    the training rows lacked has no number, so that it is unknown here as well.
    """
    found: list[Record] = []
    for names, matrix in matrices:
        if not found:
            found = [{} for _ in matrix]
        labels = [codes.get(name) for name in names]
        for record, row in zip(found, matrix.tolist(), strict=True):
            record.update(zip(names, map(_value, row, labels), strict=True))
    return found


def _value(number: float, labels: Sequence[str] | None) -> float | str | None:
    if math.isnan(number):
        return None
    return labels[int(number)] if labels else number
