"""Performance targets as they stand in a declared project."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from training.province.nested import integers, list_of_records, numbers, texts
from training.province.rows import Rows
from training.province.target_names import DEFINITE, GENERIC_NAMES, NAMES, UNITS, VAGUE
from training.province.targets import COST, LEVEL1, LEVEL2, SLOTS

_POINTS = 90  # ten of a hundred are for budget execution
AT_LEAST, EQUAL, AT_MOST = 2, 3, 5  # directions of the national form
POSITIVE, NEGATIVE, QUALITATIVE = 1, 2, 3  # natures


def target_column(rows: Rows) -> pa.Array:
    """`kpi` of each project."""
    habits = rows.block.habits
    present = rows.of_series(habits.present)
    kind = rows.of_series(rows.block.series.kind)
    value = rows.of_round(lambda r: r.targets.value)
    figure = ~np.isnan(value)
    generic = rows.of_series(habits.generic)
    names = np.where(generic, np.array(GENERIC_NAMES), np.array(NAMES)[kind])
    words = _words(rows)
    fields = {
        "level1": texts(_slots(LEVEL1, present)),
        "level2": texts(_slots(LEVEL2, present)),
        "name": texts(names[present]),
        "direction": integers(_direction(figure)[present]),
        "nature": integers(_nature(figure)[present]),
        "target": texts(np.where(figure, _whole(value), words)[present]),
        "unit": texts(np.array(UNITS)[kind][present], ~figure[present]),
        "weight": numbers(_weights(rows, present)[present]),
        "last_target": _figures(rows.of_round(lambda r: r.targets.last_target), present),
        "last_actual": _figures(rows.of_round(lambda r: r.targets.last_actual), present),
    }
    return list_of_records(present.sum(axis=1), fields)


def _slots(values: tuple[str, ...], present: np.ndarray) -> np.ndarray:
    repeated: np.ndarray = np.broadcast_to(np.array(values), present.shape)[present]
    return repeated


def _whole(values: np.ndarray) -> np.ndarray:
    written: np.ndarray = np.nan_to_num(values).astype(np.int64).astype(str)
    return written


def _figures(values: np.ndarray, present: np.ndarray) -> pa.Array:
    chosen = values[present]
    return texts(_whole(chosen), np.isnan(chosen))


def _words(rows: Rows) -> np.ndarray:
    habits = rows.block.habits
    wording = rows.of_series(habits.wording)
    vague, definite = np.array(VAGUE), np.array(DEFINITE)
    words: np.ndarray = np.where(
        rows.of_series(habits.concrete),
        definite[wording % len(definite)],
        vague[wording % len(vague)],
    )
    return words


def _direction(figure: np.ndarray) -> np.ndarray:
    wanted = np.where(np.arange(SLOTS) == COST, AT_MOST, AT_LEAST)
    return np.where(figure, wanted, EQUAL)


def _nature(figure: np.ndarray) -> np.ndarray:
    wanted = np.where(np.arange(SLOTS) == COST, NEGATIVE, POSITIVE)
    return np.where(figure, wanted, QUALITATIVE)


def _weights(rows: Rows, present: np.ndarray) -> np.ndarray:
    """Ninety points over the targets, the remainder on the first; wrong where carelessly filed."""
    count = np.maximum(present.sum(axis=1), 1)[:, None]
    weight = np.broadcast_to(_POINTS // count, present.shape).astype(float)
    first = np.cumsum(present, axis=1) == 1
    weight = weight + np.where(first & present, _POINTS % count, 0)
    wrong = rows.of_series(rows.block.habits.weights_wrong)[:, None]
    return weight + np.where(wrong & first, 5, 0)
