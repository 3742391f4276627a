"""Reference models: trees of a stated size on smooth data, so that figures can be compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.sizes import Sizes
from features.operations import Numbers
from models.trees import Trees
from training.growing import TrainingRows, TreeSettings, grow_trees
from training.objective import SQUARED_ERROR

FEATURES = 40
CATEGORIES = 4
CODES = 8
UNKNOWN_SHARE = 0.05
NOISE = 1.0
SEED = 7
NAMES = tuple(f"x{number}" for number in range(FEATURES))
CATEGORICAL = NAMES[FEATURES - CATEGORIES :]
LABELS = {name: tuple(f"{name} {code}" for code in range(CODES)) for name in CATEGORICAL}
"""The label of each code, as a DataFrame would have it."""


@dataclass(frozen=True)
class ReferenceHead:
    """One head's trees, and the rows they were grown from."""

    trees: Trees
    learned: TrainingRows


@dataclass(frozen=True)
class Reference:
    """Reference heads, and other rows of the same kind to explain: matrix (rows, 40)."""

    heads: tuple[ReferenceHead, ...]
    matrix: Numbers


def reference(sizes: Sizes) -> Reference:
    """The reference heads of a run, each with a target of its own."""
    matrix = smooth_matrix(sizes.reference_rows, SEED)
    heads = []
    for number in range(sizes.reference_heads):
        rows = TrainingRows(matrix, smooth_target(matrix, number))
        heads.append(ReferenceHead(grown(rows, sizes.reference), rows))
    return Reference(tuple(heads), smooth_matrix(sizes.fast_rows, SEED + 1))


def grown(rows: TrainingRows, settings: TreeSettings, categorical: bool = True) -> Trees:
    """The project's own trees, grown on reference rows with no declared direction."""
    directions = [0] * FEATURES
    codes = CATEGORICAL if categorical else ()
    return grow_trees(rows, NAMES, codes, directions, SQUARED_ERROR, settings)


def smooth_matrix(rows: int, seed: int, categorical: bool = True) -> Numbers:
    """Rows of 36 numbers, here and there unknown, and 4 codes (or 40 numbers): shape (rows, 40)."""
    chance = np.random.default_rng(seed)
    matrix = chance.normal(size=(rows, FEATURES))
    if categorical:
        codes = chance.integers(0, CODES, (rows, CATEGORIES))
        matrix[:, FEATURES - CATEGORIES :] = codes
    numbers = FEATURES - CATEGORIES if categorical else FEATURES
    matrix[:, :numbers][chance.random((rows, numbers)) < UNKNOWN_SHARE] = np.nan
    return matrix


def smooth_target(matrix: Numbers, head: int, categorical: bool = True) -> Numbers:
    """A smooth non-linear function of a matrix with noise, shape (rows,); one for each head."""
    shape = np.random.default_rng(1_000 + head)
    rows = np.random.default_rng(2_000 + head + len(matrix))
    return smooth_mean(matrix, shape, categorical) + rows.normal(0, NOISE, len(matrix))


def smooth_mean(matrix: Numbers, shape: np.random.Generator, categorical: bool) -> Numbers:
    """The target without its noise: waves, products and, per code, a step; shape (rows,)."""
    numbers = FEATURES - CATEGORIES if categorical else FEATURES
    known = np.nan_to_num(matrix[:, :numbers])
    weight, frequency = shape.normal(size=numbers), shape.uniform(0.5, 2, numbers)
    mean = np.sin(known * frequency) @ weight
    for first, second in shape.integers(0, numbers, (8, 2)):
        mean += 0.5 * np.tanh(known[:, first] * known[:, second])
    if categorical:
        steps = shape.normal(0, 0.7, (CATEGORIES, CODES))
        for place in range(CATEGORIES):
            mean += steps[place][matrix[:, numbers + place].astype(np.int64)]
    return np.asarray(mean, dtype=np.float64)
