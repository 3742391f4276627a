"""Counts of rows: those that LightGBM keeps on one machine, whatever the text said before."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from training.growing import TrainingRows, TreeSettings, grow_trees, rewritten, rows_per_leaf
from training.joined_text import without_sizes
from training.node_counts import recounted
from training.objective import LOG_LOSS, SQUARED_ERROR, Quantile

SETTINGS = TreeSettings(trees=12, leaves=7, least_rows_per_leaf=10, row_share=1.0)
OBJECTIVES = {"mean": SQUARED_ERROR, "log-odds": LOG_LOSS, "high": Quantile(0.9, 1.0)}


def _rows(objective: object) -> TrainingRows:
    """700 rows of two numbers and a code, some unknown."""
    chance = np.random.default_rng(7)
    matrix = chance.normal(size=(700, 3))
    matrix[:, 2] = chance.integers(0, 5, 700)
    target = matrix[:, 0] + (matrix[:, 2] == 3) + chance.normal(size=700)
    matrix[chance.random((700, 3)) < 0.1] = np.nan
    return TrainingRows(matrix, (target > 0) * 1.0 if objective is LOG_LOSS else target)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_counts_are_those_that_lightgbm_keeps_on_one_machine(name: str) -> None:
    rows = _rows(OBJECTIVES[name])
    text = grow_trees(rows, "abc", ["c"], [0, 0, 0], OBJECTIVES[name], SETTINGS).text
    wrong = re.sub(r"^(leaf|internal)_count=.*$", _all_ones, text, flags=re.MULTILINE)
    wrong = rewritten(without_sizes(wrong))
    assert wrong != text
    counts = rows_per_leaf(wrong, rows.matrix)
    assert (counts.sum(axis=1) == 700).all()
    assert rewritten(recounted(wrong, counts)) == text


def _all_ones(found: re.Match[str]) -> str:
    name, values = found[0].split("=")
    return f"{name}={' '.join('1' for _ in values.split())}"


def test_control_part_of_the_rows_give_other_counts() -> None:
    rows = _rows(SQUARED_ERROR)
    text = grow_trees(rows, "abc", ["c"], [0, 0, 0], SQUARED_ERROR, SETTINGS).text
    counts = rows_per_leaf(text, rows.matrix[:500])
    assert rewritten(recounted(text, counts)) != text
    rest = rows_per_leaf(text, rows.matrix[500:])
    assert rewritten(recounted(text, counts + rest)) == text


def test_a_tree_without_a_split_is_left_as_it_is() -> None:
    rows = replace(_rows(SQUARED_ERROR), target=np.ones(700))
    text = grow_trees(rows, "abc", ["c"], [0, 0, 0], SQUARED_ERROR, SETTINGS).text
    assert "num_leaves=1\n" in text
    counts = rows_per_leaf(text, rows.matrix)
    assert rewritten(recounted(text, counts)) == text
