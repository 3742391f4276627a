"""Trees read from text: what LightGBM wrote, or a refusal; never a crash, never a guess."""

from __future__ import annotations

from functools import cache

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.errors import BundleError
from models.tree_explainer import TreeExplainer
from models.tree_program import compiled
from models.tree_text import read_trees


@cache
def _text() -> str:
    chance = np.random.default_rng(5)
    matrix = chance.normal(size=(300, 3))
    matrix[:, 2] = chance.integers(0, 50, 300)
    target = 0.3 * matrix[:, 0] + 3 * np.sin(7 * matrix[:, 2])
    told = {
        "num_leaves": 6,
        "verbosity": -1,
        "num_threads": 1,
        "min_data_per_group": 5,
        "cat_smooth": 1,
    }
    data = lightgbm.Dataset(
        matrix, target, feature_name=["area", "level", "kind"], categorical_feature=[2]
    )
    return str(lightgbm.train(told, data, 4).model_to_string())


def test_it_reads_what_lightgbm_says_of_its_trees() -> None:
    nodes = read_trees(_text())
    told = lightgbm.Booster(model_str=_text()).dump_model()
    assert nodes.names == ("area", "level", "kind")
    leaves = [tree["num_leaves"] for tree in told["tree_info"]]
    assert np.diff(nodes.leaf_starts).tolist() == leaves
    assert np.diff(nodes.split_starts).tolist() == [count - 1 for count in leaves]
    root = told["tree_info"][0]["tree_structure"]
    assert nodes.features[0] == root["split_feature"]
    assert nodes.counts[0] == root["internal_count"] == 300
    assert nodes.categorical.any()
    assert nodes.sets


def _altered(old: str, new: str) -> str:
    assert old in _text()
    return _text().replace(old, new, 1)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("version=v4", "version=v9", "expected LightGBM text of version v4; got v9"),
        ("num_class=1", "num_class=3", "expected num_class=1; got 3"),
        ("num_tree_per_iteration=1", "num_tree_per_iteration=2", "num_tree_per_iteration=1"),
        ("feature_names=area level", "feature_names=area", "expected 2 feature names"),
        ("\nend of trees", "\n", "expected trees up to a line 'end of trees'"),
        ("Tree=1\n", "Tree=7\n", "expected Tree=1; got Tree=7"),
        ("is_linear=0", "is_linear=1", "expected Tree=0 of constant leaves"),
        ("num_leaves=6", "num_leaves=5", "expected 4 words of split_feature in Tree=0; got 5"),
        ("num_leaves=6", "num_leaves=six", "expected whole numbers in num_leaves"),
        ("num_leaves=6", "num_leaves=0", "expected trees of at least one leaf"),
        ("num_cat=", "num_cat=9", "words of cat_boundaries in Tree=0"),
        ("cat_boundaries=0", "cat_boundaries=1", "expected rising cat_boundaries in Tree=0"),
        ("leaf_value=", "leaf_value=nan", "expected numbers in leaf_value"),
        ("leaf_value=", "leaf_value=inf ", "words of leaf_value"),
        ("leaf_value=0.08", "leaf_value=1e9999", "expected finite leaf values and counts"),
        ("threshold=", "threshold=x", "expected numbers in threshold"),
        ("split_feature=", "split_feature=9", "expected splits by the named features"),
        ("left_child=1", "left_child=2", "nodes that are lost or shared"),
        ("left_child=1", "left_child=77", "expected left_child within its tree"),
        ("shrinkage=1\n", "shrinkage=1\nshrinkage=1\n", "expected shrinkage once in Tree=0"),
        ("decision_type=", "decision_type=9", "expected decision types that LightGBM knows"),
    ],
)
def test_what_is_not_as_expected_is_refused(old: str, new: str, said: str) -> None:
    with pytest.raises(BundleError, match=said):
        read_trees(_altered(old, new))


def test_children_that_go_round_in_a_circle_are_refused() -> None:
    """Each node has one parent, and yet no root leads to them."""
    text = _text()
    line = next(line for line in text.splitlines() if line.startswith("left_child="))
    own = [int(child) for child in line.partition("=")[2].split()]
    deepest = max(own)
    circled = " ".join(str(0 if child == deepest else child) for child in own)
    with pytest.raises(BundleError, match="expected"):
        read_trees(text.replace(line, f"left_child={circled}", 1))


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from("0123456789-.e =\nxT"), st.booleans())
def test_damaged_text_is_refused_or_explains(place: int, letter: str, inserted: bool) -> None:
    """LightGBM's own reader ends the process on about half of such texts."""
    text = _text().partition("end of trees")[0] + "end of trees\n"
    place %= len(text)
    damaged = text[:place] + letter + text[place + (not inserted) :]
    try:
        nodes = read_trees(damaged)
    except BundleError:
        return
    found = TreeExplainer(compiled(nodes)).explain(np.ones((3, len(nodes.names))))
    assert found.values.shape == (3,)
