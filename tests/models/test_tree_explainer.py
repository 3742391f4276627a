"""Shapley values of trees: those of LightGBM, of a count by hand, and the same bits everywhere."""

from __future__ import annotations

import itertools
import math
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.operations import Numbers
from models import tree_explainer, tree_layout
from models.numpy_kernel import NumpyKernel
from models.tree_explainer import TreeExplainer, kernel_name
from models.tree_program import TreeProgram, compiled, exact_nodes
from models.tree_text import TreeNodes, read_trees

if tree_explainer.COMPILED:
    from models.compiled_kernel import LAYOUTS, CompiledKernel
else:  # then NumPy alone is compared with LightGBM
    LAYOUTS = ()
compiled_here = pytest.mark.skipif(not tree_explainer.COMPILED, reason="no C compiler here")


@dataclass(frozen=True)
class Case:
    """A model that LightGBM has grown, and rows to explain."""

    booster: lightgbm.Booster
    nodes: TreeNodes
    rows: Numbers

    @property
    def program(self) -> TreeProgram:
        return compiled(self.nodes)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Models of many shapes: any size and depth, categories, every way to be missing."""
    chance = np.random.default_rng(draw(st.integers(0, 2**32)))
    count, width = draw(st.integers(30, 700)), draw(st.integers(1, 9))
    matrix = chance.normal(size=(count, width)).round(draw(st.integers(0, 3)))
    categories = [i for i in range(width) if draw(st.booleans())] if draw(st.booleans()) else []
    most = draw(st.sampled_from([3, 40, 200]))
    matrix[:, categories] = chance.integers(0, most, (count, len(categories)))
    if draw(st.booleans()):
        matrix[:, -1] = 1.0  # a feature that is never used
    target = np.sin(matrix * chance.normal(size=width)).sum(axis=1) + (matrix[:, 0] > 0)
    target += 0.1 * chance.normal(size=count)
    matrix[chance.random(matrix.shape) < draw(st.sampled_from([0.0, 0.2]))] = np.nan
    told = {
        "num_leaves": draw(st.sampled_from([2, 3, 7, 15, 31, 255])),
        "max_depth": draw(st.sampled_from([-1, 1, 2, 4, 12])),
        "min_data_in_leaf": draw(st.sampled_from([1, 5, 20, 400])),
        "learning_rate": draw(st.sampled_from([0.1, 1.0])),
        "use_missing": draw(st.booleans()),
        "zero_as_missing": draw(st.booleans()),
        "max_cat_to_onehot": draw(st.sampled_from([1, 4])),
        "max_cat_threshold": 256,
        "cat_smooth": 0.0,
        "cat_l2": 0.0,
        "min_data_per_group": 1,
        "bagging_fraction": draw(st.sampled_from([0.6, 1.0])),
        "bagging_freq": 1,
        "verbosity": -1,
        "num_threads": 1,
        "feature_pre_filter": False,
    }
    data = lightgbm.Dataset(matrix, label=target, categorical_feature=categories)
    booster = lightgbm.train(told, data, draw(st.integers(1, 8)))
    nodes = read_trees(booster.model_to_string())
    return Case(booster, nodes, _rows(nodes, matrix, chance))


def _rows(nodes: TreeNodes, matrix: Numbers, chance: np.random.Generator) -> Numbers:
    """Rows like the learned ones, on thresholds, and stranger than any."""
    rows = matrix[chance.integers(0, len(matrix), 40)]
    for split in chance.permutation(len(nodes.features))[:40]:
        rows[chance.integers(0, 40), nodes.features[split]] = nodes.thresholds[split]
    strange = [np.nan, 0.0, -0.0, 1e-36, -1e-36, 1e-34, 1e300, -1e300, np.inf, -np.inf, 0.7, -0.7]
    where = chance.random(rows.shape) < 0.1
    rows[where] = chance.choice(strange, int(where.sum()))
    return np.ascontiguousarray(rows)


many = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@many
@given(cases())
def test_they_are_those_of_lightgbm(case: Case) -> None:
    found = TreeExplainer(case.program).explain(case.rows)
    theirs = case.booster.predict(case.rows, pred_contrib=True, num_threads=1)
    size = np.abs(theirs).max(axis=1, keepdims=True)
    assert np.all(np.abs(found.contributions - theirs[:, :-1]) <= 1e-9 * size)
    assert found.base == pytest.approx(theirs[0, -1], rel=1e-9, abs=1e-12)
    raw = case.booster.predict(case.rows, raw_score=True, num_threads=1)
    assert found.values.tobytes() == raw.tobytes()


@compiled_here
def test_layouts_agree_where_trees_need_many_and_few_nodes() -> None:
    chance = np.random.default_rng(7)
    matrix = chance.normal(size=(3_000, 30))
    told = {"num_leaves": 63, "extra_trees": True, "min_data_in_leaf": 3, "verbosity": -1}
    data = lightgbm.Dataset(matrix, np.sin(matrix).sum(axis=1), free_raw_data=False)
    booster = lightgbm.train(told | {"num_threads": 1}, data, 60)
    stumps = lightgbm.train(told | {"num_leaves": 3}, data, 10, init_model=booster)
    program = compiled(read_trees(stumps.model_to_string()))
    assert program.trees[:, tree_layout.NODE_COUNT].min() <= tree_layout.WIDE < program.nodes
    values, contributions = NumpyKernel(program).run(matrix[:20], True)
    for layout in LAYOUTS:
        ours, theirs = CompiledKernel(program, layout).run(matrix[:20], True)
        assert ours.tobytes() == values.tobytes(), layout
        assert theirs.tobytes() == contributions.tobytes(), layout


@many
@given(cases())
def test_they_add_up_to_the_prediction(case: Case) -> None:
    found = TreeExplainer(case.program).explain(case.rows)
    parts = np.column_stack([np.full(len(case.rows), found.base), found.contributions])
    apart = np.array([math.fsum(row) for row in parts]) - found.values
    assert np.all(np.abs(apart) <= 1e-12 * (1 + np.abs(parts).sum(axis=1)))


@compiled_here
@many
@given(cases())
def test_every_layout_and_numpy_give_the_same_bits(case: Case) -> None:
    program = case.program
    values, contributions = NumpyKernel(program).run(case.rows, True)
    for layout in LAYOUTS:
        kernel = CompiledKernel(program, layout)
        ours, theirs = kernel.run(case.rows, True)
        assert ours.tobytes() == values.tobytes(), layout
        assert theirs.tobytes() == contributions.tobytes(), layout
        assert kernel.run(case.rows, False)[0].tobytes() == values.tobytes(), layout
    assert NumpyKernel(program).run(case.rows, False)[0].tobytes() == values.tobytes()


@many
@given(cases(), st.integers(1, 40))
def test_a_row_alone_has_the_bits_that_it_has_among_others(case: Case, count: int) -> None:
    explainer = TreeExplainer(case.program)
    together = explainer.explain(case.rows)
    some = explainer.explain(case.rows[:count])
    assert some.contributions.tobytes() == together.contributions[:count].tobytes()
    alone = explainer.explain(case.rows[count - 1 : count])
    assert alone.contributions.tobytes() == together.contributions[count - 1].tobytes()
    assert alone.values[0] == together.values[count - 1]


@cache
def _large() -> tuple[lightgbm.Booster, Numbers]:
    chance = np.random.default_rng(3)
    matrix = chance.normal(size=(3000, 12))
    target = np.sin(matrix).sum(axis=1) + matrix[:, 0] * matrix[:, 1]
    told = {"num_leaves": 31, "verbosity": -1, "num_threads": 1}
    booster = lightgbm.train(told, lightgbm.Dataset(matrix, label=target), 20)
    return booster, chance.normal(size=(10_000, 12))


def test_ten_thousand_rows_in_one_thread_or_two() -> None:
    booster, rows = _large()
    explainer = TreeExplainer(compiled(read_trees(booster.model_to_string())))
    one, two = explainer.explain(rows, 1), explainer.explain(rows, 2)
    assert one.contributions.tobytes() == two.contributions.tobytes()
    assert one.values.tobytes() == two.values.tobytes()
    some = slice(4000, 4100)
    theirs = booster.predict(rows[some], pred_contrib=True, num_threads=1)
    np.testing.assert_allclose(one.contributions[some], theirs[:, :-1], rtol=1e-9, atol=1e-12)


def test_control_a_quadrature_node_too_few_is_noticed() -> None:
    booster, rows = _large()
    nodes = read_trees(booster.model_to_string())
    theirs = booster.predict(rows[:50], pred_contrib=True, num_threads=1)[:, :-1]
    exact = TreeExplainer(compiled(nodes)).explain(rows[:50]).contributions
    lacking = compiled(nodes, lambda features: max(1, exact_nodes(features) - 1))
    found = TreeExplainer(lacking).explain(rows[:50]).contributions
    size = np.abs(theirs).max()
    assert np.abs(exact - theirs).max() <= 1e-9 * size
    assert np.abs(found - theirs).max() > 1e-6 * size


HAND_MADE = """tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx=1
objective=regression
feature_names=area level
feature_infos=[0:9] [0:9]
tree_sizes=1

Tree=0
num_leaves=3
num_cat=0
split_feature=0 1
split_gain=1 1
threshold=4.5 2.5
decision_type=2 2
left_child=-1 -2
right_child=1 -3
leaf_value=1 3 8
leaf_weight=6 3 1
leaf_count=6 3 1
internal_value=0 0
internal_weight=10 4
internal_count=10 4
is_linear=0
shrinkage=1


end of trees
"""


def test_a_tree_small_enough_to_count_by_hand() -> None:
    """Six of ten rows have an area up to 4.5: 1. Of the other four, three a level up to 2.5: 3,
    and one beyond: 8.

    Knowing nothing: 0.6 · 1 + 0.3 · 3 + 0.1 · 8 = 2.3. For area 7, level 1: area alone tells
    0.75 · 3 + 0.25 · 8 = 4.25, level alone 0.6 · 1 + 0.4 · 3 = 1.8, both 3. Area moves by
    ½ (4.25 − 2.3) + ½ (3 − 1.8) = 1.575, level by ½ (1.8 − 2.3) + ½ (3 − 4.25) = −0.875.
    """
    found = TreeExplainer(compiled(read_trees(HAND_MADE))).explain(np.array([[7.0, 1.0]]))
    assert found.base == pytest.approx(2.3, rel=1e-15)
    assert found.values.tolist() == [3.0]
    assert found.contributions[0].tolist() == pytest.approx([1.575, -0.875], rel=1e-14)


def _expected(nodes: TreeNodes, split: int, row: Numbers, known: Sequence[int]) -> Fraction:
    """The prediction of one tree where only some features of the row are known."""
    if split < 0:
        return Fraction(float(nodes.values[-1 - split]))
    feature = int(nodes.features[split])
    sides = int(nodes.left[split]), int(nodes.right[split])
    if feature in known:
        turned = sides[0] if row[feature] <= nodes.thresholds[split] else sides[1]
        return _expected(nodes, turned, row, known)
    counts = [nodes.counts[c] if c >= 0 else nodes.leaf_counts[-1 - c] for c in sides]
    return sum(
        (
            Fraction(int(n)) * _expected(nodes, c, row, known)
            for n, c in zip(counts, sides, strict=True)
        ),
        Fraction(0),
    ) / int(nodes.counts[split])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 16))
def test_they_are_the_shapley_values_of_every_subset(seed: int, leaves: int) -> None:
    """An oracle that shares nothing with quadrature: all subsets of features, in fractions."""
    chance = np.random.default_rng(seed)
    matrix = chance.normal(size=(200, 3))
    told = {"num_leaves": leaves, "min_data_in_leaf": 1, "verbosity": -1, "num_threads": 1}
    target = np.sin(3 * matrix).sum(axis=1)
    booster = lightgbm.train(told, lightgbm.Dataset(matrix, label=target), 1)
    nodes = read_trees(booster.model_to_string())
    found = TreeExplainer(compiled(nodes)).explain(matrix[:2])
    for row, contributions in zip(matrix[:2], found.contributions, strict=True):
        for feature in range(3):
            others = [f for f in range(3) if f != feature]
            whole = Fraction(0)
            for size in range(3):
                weight = Fraction(math.factorial(size) * math.factorial(2 - size), 6)
                for known in itertools.combinations(others, size):
                    gain = _expected(nodes, 0, row, (*known, feature))
                    whole += weight * (gain - _expected(nodes, 0, row, known))
            assert contributions[feature] == pytest.approx(float(whole), rel=1e-11, abs=1e-13)


def test_trees_without_splits_are_a_base_alone() -> None:
    data = lightgbm.Dataset(np.ones((50, 2)), label=np.arange(50.0))
    booster = lightgbm.train({"verbosity": -1, "num_threads": 1}, data, 3)
    for kernel in (tree_explainer.kernel_of, NumpyKernel):
        explainer = TreeExplainer(compiled(read_trees(booster.model_to_string())), kernel)
        found = explainer.explain(np.ones((4, 2)))
        assert found.contributions.tolist() == [[0.0, 0.0]] * 4
        assert found.values.tolist() == [found.base] * 4 == [24.5] * 4


_WITHOUT = """
import sys
sys.modules["models._tree_kernel"] = None  # as where there was no C compiler
import numpy as np
from models.tree_explainer import TreeExplainer, kernel_name
from models.tree_program import compiled
from models.tree_text import read_trees
found = TreeExplainer(compiled(read_trees(sys.stdin.read()))).explain(np.load(sys.argv[1]))
print(kernel_name(), found.contributions.tobytes().hex())
"""


def test_without_a_compiler_the_answers_have_the_same_bits(tmp_path: Path) -> None:
    booster, rows = _large()
    np.save(tmp_path / "rows.npy", rows[:20])
    told = subprocess.run(
        [sys.executable, "-c", _WITHOUT, str(tmp_path / "rows.npy")],
        input=booster.model_to_string(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    found = TreeExplainer(compiled(read_trees(booster.model_to_string()))).explain(rows[:20])
    assert told == ["NumPy", found.contributions.tobytes().hex()]


@pytest.mark.parametrize("rows", [np.ones((3, 1)), np.ones(2)])
def test_too_few_columns_are_refused(rows: Numbers) -> None:
    explainer = TreeExplainer(compiled(read_trees(HAND_MADE)))
    with pytest.raises(ValueError, match="expected a matrix of 2 columns or more"):
        explainer.explain(rows)


@compiled_here
def test_a_layout_that_is_not_there_is_refused() -> None:
    kernel = CompiledKernel(compiled(read_trees(HAND_MADE)), "abacus")
    with pytest.raises(ValueError, match="no layout abacus on this processor"):
        kernel.run(np.ones((1, 2)), True)


@compiled_here
def test_trees_that_cannot_be_packed_are_walked_in_lanes() -> None:
    nodes = read_trees(HAND_MADE)
    big = compiled(nodes, lambda features: tree_layout.MOST_NODES_OF_A_ROW + 1)
    rows = np.array([[0.5, 2.0]])
    found, exact = TreeExplainer(big).explain(rows), TreeExplainer(compiled(nodes)).explain(rows)
    assert len(big.packed.turns) == 0
    assert found.values.tobytes() == exact.values.tobytes()
    assert found.contributions == pytest.approx(exact.contributions, rel=1e-12)
    with pytest.raises(ValueError, match="not packed for single rows"):
        CompiledKernel(big, LAYOUTS[0]).run(rows, True)


def test_it_says_what_explains_here(monkeypatch: Any) -> None:
    assert not tree_explainer.COMPILED or kernel_name() == f"C, {LAYOUTS[-1]}"
    monkeypatch.setattr(tree_explainer, "COMPILED", False)
    assert kernel_name() == "NumPy"
    assert isinstance(tree_explainer.kernel_of(compiled(read_trees(HAND_MADE))), NumpyKernel)
